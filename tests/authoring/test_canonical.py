"""The committed form of a notebook: same content, same bytes, and nothing a person wrote is lost."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny
from convbook.__main__ import main
from convbook.authoring.canonical import MAY_FAIL, as_bytes, canonical, canonical_bytes, clean, tidy
from convbook.nbgrader_course import CourseError

OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["hello\n"]}
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
metadata = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(st.sampled_from(["a", "b"]), max_size=2),
        "collapsed": st.booleans(),
        "editable": st.booleans(),
        "jupyter": st.fixed_dictionaries(
            {}, optional={"source_hidden": st.booleans(), "outputs_hidden": st.booleans()}
        ),
        "nbgrader": st.builds(tiny.nbgrader, st.sampled_from(["one", "two", "three"])),
    },
)
ids = st.none() | st.sampled_from(["one", "x", "not valid!", "c-1", ""])


@st.composite
def notebooks(draw):
    """Draw notebooks of all ages, with outputs, double ids and metadata of every kind."""
    kinds = draw(st.lists(st.sampled_from([tiny.code, tiny.markdown]), max_size=5))
    cells = []
    for make in kinds:
        cell = make(draw(words), **draw(metadata))
        cell["id"] = draw(ids)
        if make is tiny.code:
            cell |= {"outputs": [OUTPUT], "execution_count": 7}
        cells.append(cell)
    minor = draw(st.sampled_from([0, 4, 5]))
    return {"cells": cells, "metadata": {"widgets": {"x": 1}}, "nbformat": 4, "nbformat_minor": minor}


@given(notebooks())
def test_cleaning_twice_changes_nothing_more(notebook):
    once = as_bytes(canonical(notebook))
    assert as_bytes(canonical(json.loads(once))) == once


@given(notebooks())
def test_a_clean_notebook_is_valid_and_its_ids_differ(notebook):
    made = nbformat.reads(as_bytes(canonical(notebook)).decode(), as_version=4)
    nbformat.validate(made)
    assert (made.nbformat, made.nbformat_minor) == (4, 5)
    assert len({cell.id for cell in made.cells}) == len(made.cells)
    assert all(not cell.get("outputs") for cell in made.cells)
    assert "widgets" not in made.metadata


@given(notebooks())
def test_the_words_of_every_cell_stay(notebook):
    made = canonical(notebook)
    assert [c["source"] for c in made["cells"]] == [tidy(c["source"]) for c in notebook["cells"]]


def cleaned(*cells, minor=5):
    return canonical(tiny.notebook(list(cells)) | {"nbformat_minor": minor})["cells"]


def tagged(*cells) -> list[bool]:
    return [MAY_FAIL in cell["metadata"].get("tags", []) for cell in cleaned(*cells)]


def test_from_the_first_answer_on_every_code_cell_may_fail():
    cells = (
        tiny.code("before"),
        tiny.solution("twice", "def twice(x): ..."),
        tiny.markdown("words"),
        tiny.code("twice(3)"),
        tiny.check("twice", 3),
        tiny.code("draw(result)"),
    )
    assert tagged(*cells) == [False, True, False, True, True, True]


def test_the_tag_goes_where_it_does_not_belong_and_other_tags_stay():
    cells = cleaned(tiny.code("1", tags=[MAY_FAIL, "mine"]), tiny.markdown("a", tags=[MAY_FAIL]))
    assert [cell["metadata"] for cell in cells] == [{"tags": ["mine"]}, {}]


def test_the_tag_is_set_once():
    (cell,) = cleaned(
        tiny.solution("twice", "1")
        | {"metadata": {"nbgrader": tiny.nbgrader("twice"), "tags": [MAY_FAIL] * 2}}
    )
    assert cell["metadata"]["tags"] == [MAY_FAIL]


def test_a_graded_cell_is_called_as_nbgrader_calls_it():
    (cell,) = cleaned(tiny.solution("twice", "def twice(x): ...") | {"id": "3f9a77c2"})
    assert cell["id"] == "twice"


def test_an_id_that_a_cell_has_stays():
    (cell,) = cleaned(tiny.code("1") | {"id": "3f9a77c2"})
    assert cell["id"] == "3f9a77c2"


def test_a_made_id_depends_on_the_content_only():
    before, after = cleaned(tiny.code("a"), tiny.code("b"), minor=4), cleaned(tiny.code("b"), minor=4)
    assert before[1]["id"] == after[0]["id"]


def test_cells_of_equal_content_get_different_ids():
    first, second = cleaned(tiny.code("a"), tiny.code("a"), minor=4)
    assert first["id"] != second["id"]


def test_only_metadata_that_the_course_uses_stays():
    grading = tiny.nbgrader("check-a", 2) | {"strange": 1}
    (cell,) = cleaned(
        tiny.code(
            "1",
            nbgrader=grading,
            tags=["t"],
            editable=False,
            deletable=True,
            scrolled=True,
            jupyter={"source_hidden": True, "outputs_hidden": True},
            execution={"iopub": 1},
        )
    )
    assert cell["metadata"] == {
        "nbgrader": tiny.nbgrader("check-a", 2),
        "tags": ["t", "raises-exception"],
        "editable": False,
        "jupyter": {"source_hidden": True},
    }


def test_nbgrader_metadata_without_a_role_goes():
    grading = tiny.nbgrader("left-over") | {"solution": False}
    assert cleaned(tiny.code("1", nbgrader=grading))[0]["metadata"] == {}


def test_a_picture_pasted_into_a_cell_stays():
    picture = {"a.png": {"image/png": "AAAA"}}
    assert (
        cleaned(tiny.markdown("![](attachment:a.png)") | {"attachments": picture})[0]["attachments"]
        == picture
    )


def test_the_file_has_the_form_that_diffs_well(tmp_path):
    path = tiny.write(tmp_path / "a.ipynb", tiny.notebook([tiny.markdown("×  \r\ny\n\n")]))
    text = canonical_bytes(path).decode()
    assert text.endswith("}\n") and "\r" not in text
    assert '"source": [\n    "×\\n",\n    "y"\n   ]' in text


def test_a_notebook_of_format_3_is_brought_up(tmp_path):
    old = nbformat.v3.new_notebook(
        worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("a = 1")])]
    )
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(old))
    first = canonical_bytes(path)
    assert canonical_bytes(path) == first
    assert json.loads(first)["cells"][0]["source"] == ["a = 1"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"cells": 3, "nbformat": 4}', '{"cells": [{}], "nbformat": 4}']
)
def test_what_is_no_notebook_gives_one_clear_sentence(tmp_path, text):
    path = tmp_path / "broken.ipynb"
    path.write_text(text)
    with pytest.raises(CourseError) as told:
        clean([path])
    assert "broken.ipynb" in str(told.value) and "\n" not in str(told.value)
    assert path.read_text() == text


def test_the_command_cleans_and_then_finds_nothing(tmp_path, capsys):
    folder = tiny.make_course(tmp_path)
    notebook = folder / "solutions" / tiny.UNIT / f"{tiny.UNIT}.ipynb"
    before = notebook.read_bytes()
    assert main(["clean", "--check", "--course", str(folder)]) == 1
    assert notebook.read_bytes() == before
    assert main(["clean", "--course", str(folder)]) == 0
    assert main(["clean", "--check", str(notebook)]) == 0
    assert "committed form" in capsys.readouterr().out


def test_checkpoints_of_jupyter_are_left_alone(tmp_path):
    checkpoint = tiny.write(tmp_path / ".ipynb_checkpoints" / "a.ipynb", tiny.notebook())
    assert clean([tmp_path]) == []
    assert json.loads(checkpoint.read_text())["nbformat_minor"] == 4


def test_a_clean_file_is_not_written_again(tmp_path):
    path = tiny.write(tmp_path / "a.ipynb", tiny.notebook())
    clean([path])
    moment = path.stat().st_mtime_ns
    assert clean([path]) == []
    assert path.stat().st_mtime_ns == moment
    assert [p.name for p in tmp_path.iterdir()] == ["a.ipynb"]
