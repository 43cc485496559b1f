"""The progress a learner sees is what the checks said when the notebooks were last saved."""

from __future__ import annotations

import json

import pytest

import tiny
from convbook.__main__ import main
from convbook.authoring.progress import heard
from convbook.authoring.work import bring_up_to_date

RIGHT = {"output_type": "stream", "name": "stdout", "text": ["✓ twice: right\n"]}
WRONG = {
    "output_type": "error",
    "ename": "CheckFailed",
    "evalue": "✗ thrice has the wrong shape\n  case",
    "traceback": [],
}
STUB = {
    "output_type": "error",
    "ename": "NotAttempted",
    "evalue": "• half_of: not attempted yet",
    "traceback": [],
}
CRASH = {"output_type": "error", "ename": "IndexError", "evalue": "list index out of range", "traceback": []}


def save(course, **outputs):
    """Save the learner's notebook with what its checks said."""
    work = course.folder / "work"
    bring_up_to_date(course, work)
    path = work / tiny.UNIT / f"{tiny.UNIT}.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["outputs"] = outputs.get(
            cell["id"].removeprefix("check-").replace("-", "_"), cell.get("outputs")
        )
        if cell["cell_type"] != "code":
            del cell["outputs"]
    path.write_text(json.dumps(notebook))


@pytest.mark.parametrize(
    ("outputs", "sign", "said"),
    [
        ([], "·", ""),
        ([RIGHT], "✓", "✓ twice: right"),
        ([WRONG], "✗", "✗ thrice has the wrong shape"),
        ([STUB], "•", "• half_of: not attempted yet"),
        ([CRASH], "✗", "list index out of range"),
        ([RIGHT, CRASH], "✗", "list index out of range"),
        ([{"output_type": "stream", "name": "stdout", "text": "hello\n"}], "·", "hello"),
        ([{"output_type": "execute_result", "data": {}}], "·", ""),
    ],
)
def test_a_saved_output_is_heard_rightly(outputs, sign, said):
    assert heard({"outputs": outputs}) == (sign, said)


def test_all_units_at_a_glance(released, capsys):
    save(released, twice=[RIGHT], thrice=[WRONG])
    assert main(["progress", "--course", str(released.folder)]) == 0
    said = capsys.readouterr().out
    assert "01 Counting    3/7     ✓✗·" in said
    assert "all            3/7" in said


def test_one_unit_exercise_by_exercise(released, capsys):
    save(released, twice=[RIGHT], thrice=[WRONG], half_of=[STUB])
    assert main(["progress", "1", "--course", str(released.folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "01 Counting",
        "✓  Twice · twice            3  ✓ twice: right",
        "✗  Two at once · thrice     2  ✗ thrice has the wrong shape",
        "•  Two at once · half_of    2  • half_of: not attempted yet",
        "3 of 7 points",
    ]


def test_before_the_first_lab_it_says_what_to_do(released, capsys):
    assert main(["progress", "--course", str(released.folder)]) == 2
    assert "`convbook lab` puts them there" in capsys.readouterr().err


def test_a_broken_notebook_is_named(released, capsys):
    save(released)
    (released.folder / "work" / tiny.UNIT / f"{tiny.UNIT}.ipynb").write_text("{")
    assert main(["progress", "--course", str(released.folder)]) == 2
    assert "is not a whole notebook" in capsys.readouterr().err
