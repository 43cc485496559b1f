"""The page of all widgets, and the skeleton from which a new one is made."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from browser import violations
from convbook.authoring.gallery import EXHIBITS, write_gallery
from convbook.authoring.new_widget import FILES, new_widget
from convbook.nbgrader_course import CourseError

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def gallery(tmp_path_factory) -> Path:
    return write_gallery(tmp_path_factory.mktemp("gallery") / "gallery.html", ROOT / "notebooks")


def test_all_widgets_live_on_one_page_without_kernel_and_network(open_page, gallery):
    page = open_page()
    page.goto(gallery.as_uri())
    page.wait_for_function(f"() => document.querySelectorAll('.convbook').length === {len(EXHIBITS)}")
    page.locator(".slide-lab").get_by_role("button", name="Next output").click()
    assert "[0, 1]" in page.inner_text(".slide-lab .cb-sentence")
    page.locator(".filter-painter").get_by_role("button", name="outline").click()
    page.wait_for_function(
        "() => /add up to 0: even/.test(document.querySelector('.filter-painter .cb-sentence').textContent)"
    )
    page.locator(".shape-calc .cb-edge").press("ArrowRight")
    assert "You want 3: each of these gives it alone" in page.inner_text(".shape-calc .cb-sentence")
    assert "Half of all influence on it comes from" in page.inner_text(".field-tracer .cb-sentence")
    assert "Of 300 stored images it gets" in page.inner_text(".feature-scope .cb-sentence")
    assert "after epoch 12 of 12" in page.inner_text(".flow-scope .cb-sentence")
    assert "the kernel is flipped" in page.inner_text(".conv-xray .cb-sentence")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_the_page(open_page, gallery, dark):
    page = open_page(dark=dark)
    page.goto(gallery.as_uri())
    page.wait_for_function(f"() => document.querySelectorAll('.convbook').length === {len(EXHIBITS)}")
    assert violations(page, "body") == []


def test_each_widget_has_a_heading_two_sentences_and_its_unit(gallery):
    text = gallery.read_text("utf-8")
    for exhibit in EXHIBITS:
        assert f"<h2>{exhibit.heading}</h2>" in text
        assert len(re.findall(r"\.(?= |$)", exhibit.text)) == 2
    for link in re.findall(r'href="([^"]*\.ipynb)"', text):
        assert (gallery.parent / link).is_file()


def test_the_command_writes_the_page_or_says_why_not(tmp_path):
    command = [
        sys.executable,
        "-m",
        "convbook",
        "gallery",
        str(tmp_path / "no" / "g.html"),
        "--course",
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 2 and "there is no folder" in done.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """Return a copy of the course's library with a new widget in it."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "lib", root / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "tests" / "widgets").mkdir(parents=True)
    assert len(new_widget(root, "tally_marks")) == len(FILES) + 1
    return root


def test_a_new_widget_works_at_once(show, course):
    code = (
        "import json; from convbook.widgets import TallyMarks, __all__ as all_; one = TallyMarks(side=3);"
        "print(json.dumps([all_, one.words(), len(one.picture().png()), str(one._esm), str(one._css), one.state()]))"
    )
    path = os.pathsep.join([str(course / "lib"), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    names, words, size, esm, css, state = json.loads(done.stdout)
    assert "TallyMarks" in names and words == "The square of 3 is 9." and size > 1000
    page = show(SimpleNamespace(_esm=esm, _css=css, state=lambda: state))
    page.focus("input")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".cb-sentence") == "The square of 4 is 16."
    assert page.locator(".cb-cell").count() == 16
    assert page.evaluate("() => document.activeElement.type") == "range"
    assert violations(page) == []


def test_what_is_written_for_a_new_widget_is_clean(course):
    ruff = shutil.which("ruff") or str(Path(sys.executable).parent / "ruff")
    made = [course / pattern.format("tally_marks") for pattern in FILES if pattern.endswith(".py")]
    made.append(course / "lib" / "convbook" / "widgets" / "__init__.py")
    for rule in (["check"], ["format", "--check"]):
        command = [ruff, *rule, "--config", str(ROOT / "pyproject.toml"), *map(str, made)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    checker = ROOT / "node_modules" / ".bin" / "tsc"
    if checker.exists():
        shutil.copy(ROOT / "tsconfig.json", course)
        done = subprocess.run(
            [checker, "-p", "tsconfig.json", "--noEmit"], cwd=course, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "part"), [("Shape", "no name"), ("a-b", "no name"), ("slide_lab", "there already")]
)
def test_a_name_that_cannot_be_is_told(course, name, part):
    with pytest.raises(CourseError, match=part):
        new_widget(course, name)


def test_a_place_that_is_no_course_is_told(tmp_path):
    with pytest.raises(CourseError, match="checkout of the course"):
        new_widget(tmp_path, "shape_calc")
