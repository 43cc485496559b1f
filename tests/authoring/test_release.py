"""The release: nbgrader's own, the same bytes every time, and nothing left behind."""

from __future__ import annotations

import json
import stat

import nbformat
import pytest
from nbgrader.utils import compute_checksum

import tiny
from convbook.__main__ import main
from convbook.authoring.canonical import canonical_bytes
from convbook.authoring.release import build, orphans, release, stale
from convbook.authoring.table import readme_is_current, renew_readme
from convbook.nbgrader_course import CourseError


def files_below(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def cells_of(content: bytes):
    return {cell.id: cell for cell in nbformat.reads(content.decode(), as_version=4).cells}


def test_solutions_become_stubs_and_checks_stay(released_files):
    cells = cells_of(released_files[f"{tiny.UNIT}.ipynb"])
    assert cells["twice"].source.endswith(
        '"""Return x times 2."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
    )
    assert cells["check-twice"].source == "check_twice(twice)"
    assert cells["check-twice"].metadata.nbgrader.points == 3


def test_the_release_is_in_its_committed_form(released):
    path = released.released(tiny.UNIT)
    assert canonical_bytes(path) == path.read_bytes()


def test_nbgraders_checksums_fit_what_is_in_the_cells(released_files):
    graded = [c for c in cells_of(released_files[f"{tiny.UNIT}.ipynb"]).values() if "nbgrader" in c.metadata]
    assert len(graded) == 6
    for cell in graded:
        assert cell.metadata.nbgrader.checksum == compute_checksum(cell)


def test_the_same_source_gives_the_same_bytes_and_leaves_nothing_else(course, released_files):
    before = files_below(course.folder)
    assert build(course, [tiny.UNIT])[tiny.UNIT] == released_files
    assert files_below(course.folder) == before


def test_hidden_tests_and_mark_schemes_go(course):
    cells = tiny.cells()
    cells[8]["source"] += "\n\n### BEGIN HIDDEN TESTS\nassert twice(8) == 16\n### END HIDDEN TESTS"
    tiny.write(course.notebook(tiny.UNIT), tiny.notebook(cells))
    made = cells_of(build(course, [tiny.UNIT])[tiny.UNIT][f"{tiny.UNIT}.ipynb"])["check-twice"]
    assert made.source == "check_twice(twice)"
    assert made.metadata.nbgrader.checksum == compute_checksum(made)


def test_figures_are_released_and_nothing_else(course):
    for name in ("a.png", "b.svg", "c.gif", "secret.py", "notes.txt"):
        (course.source / tiny.UNIT / name).write_bytes(name.encode())
    release(course, [tiny.UNIT])
    names = [p.name for p in sorted((course.release / tiny.UNIT).iterdir())]
    assert names == [f"{tiny.UNIT}.ipynb", "a.png", "b.svg", "c.gif"]
    assert stat.S_IMODE((course.release / tiny.UNIT / "a.png").stat().st_mode) & 0o444 == 0o444


def test_a_second_release_changes_nothing_and_a_change_is_noticed(released):
    assert release(released, [tiny.UNIT]) == []
    left_over = released.release / tiny.UNIT / "old.png"
    left_over.write_bytes(b"")
    path = released.released(tiny.UNIT)
    path.write_bytes(path.read_bytes() + b"\n")
    assert stale(released, [tiny.UNIT]) == [path, left_over]
    assert release(released, [tiny.UNIT]) == [path, left_over]
    assert not left_over.exists()


def test_a_folder_without_a_source_is_named(released):
    (released.release / "02_gone").mkdir()
    assert orphans(released) == [released.release / "02_gone"]


def test_what_nbgrader_refuses_is_told_in_one_sentence_and_nothing_is_written(course):
    cells = tiny.cells()
    cells[6]["source"] = cells[6]["source"].replace("### END SOLUTION", "")
    tiny.write(course.notebook(tiny.UNIT), tiny.notebook(cells))
    with pytest.raises(CourseError) as told:
        release(course, [tiny.UNIT])
    assert str(told.value).startswith(
        f"nbgrader could not release {tiny.UNIT}: RuntimeError: no end solution"
    )
    assert "\n" not in str(told.value)
    assert not course.release.exists()


def test_the_readme_gets_its_table_and_keeps_everything_else(released):
    readme = released.folder / "README.md"
    assert not readme_is_current(released)
    assert renew_readme(released)
    assert readme_is_current(released) and not renew_readme(released)
    text = readme.read_text()
    row = f"| [01 Counting](notebooks/{tiny.UNIT}/{tiny.UNIT}.ipynb) | Count things, and you know how many there are. | 2 | 7 | 10 |"
    assert row in text
    assert text.startswith("# Tiny\n") and text.endswith("\n\nThe end.\n")


def test_a_readme_without_markers_is_left_as_it_is(released):
    readme = released.folder / "README.md"
    readme.write_text("<!-- units:end --> and <!-- units:begin -->")
    assert not renew_readme(released)


def test_the_command_releases_and_then_says_it_is_current(course, capsys):
    where = ["--course", str(course.folder)]
    assert main(["release", "--check", *where]) == 1
    assert not course.release.exists()
    assert main(["release", "1", *where]) == 0
    assert main(["release", "--check", *where]) == 0
    assert capsys.readouterr().out.endswith("the release is current\n")
    assert json.loads(course.released(tiny.UNIT).read_text())["nbformat_minor"] == 5
