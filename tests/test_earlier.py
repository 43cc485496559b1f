"""Answers of earlier units are taken out of the learner's own notebooks; what is missing, open or wrong is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from convbook import checks
from convbook.checks import convolution as check
from convbook.earlier import Missing, checked, from_unit, taken

UNIT = "01_convolution"
SOURCES = [
    "import numpy as np\nrng = np.random.default_rng(1)",
    "%matplotlib inline\nthis is no Python (",
    "raise RuntimeError('a cell that has nothing to do with it')",
    "def flip180(k):\n    return k",
    "AXES = (0, 1)\ndef turned(k):\n    x = k\n    return np.flip(x, AXES)",
    "x = undefined_elsewhere",
    "def flip180(k):\n    return turned(k)",
    "check.flip180(flip180)",
]


def notebook(folder: Path, *sources: str, unit: str = UNIT) -> Path:
    place = folder / unit / f"{unit}.ipynb"
    place.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"cell_type": "code", "source": source.splitlines(keepends=True)} for source in sources]
    place.write_text(
        json.dumps({"cells": [*cells, {"cell_type": "markdown", "source": "# words"}]}), encoding="utf-8"
    )
    return place


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Stand in the folder of unit 5, beside which the other units' folders lie."""
    here = tmp_path / "05_training"
    here.mkdir()
    monkeypatch.chdir(here)
    return tmp_path


def instead(k):
    return "PyTorch's"


def test_a_function_comes_with_what_it_needs_and_nothing_else_is_run(beside, capsys):
    notebook(beside, *SOURCES)
    function = from_unit(UNIT, "flip180", instead)
    assert np.array_equal(function(np.array([[1.0, 2.0]])), [[2.0, 1.0]])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        (None, "there is no 01_convolution/01_convolution.ipynb beside the folder of this notebook"),
        ([SOURCES[0]], "01_convolution.ipynb does not define it"),
        (
            ["def flip180(k):\n    raise NotImplementedError()"],
            "it is still open in your notebook of 01_convolution",
        ),
        (["def flip180(k):\n    return k"], "does not pass its check yet (the kernel is not turned at all"),
        (["def flip180(k, n=1 / 0):\n    return k"], "stops with ZeroDivisionError"),
    ],
    ids=["missing", "not defined", "open", "wrong", "broken"],
)
def test_what_cannot_be_used_is_told_in_one_sentence_and_the_stand_in_comes(beside, capsys, sources, told):
    if sources is not None:
        notebook(beside, *sources)
    assert from_unit(UNIT, "flip180", instead) is instead
    out = capsys.readouterr().out
    start, _, _ = told.partition(" (")
    assert (
        out.startswith("flip180: ")
        and out.endswith("; PyTorch stands in for it here.\n")
        and out.count("\n") == 1
    )
    assert start in out


def test_what_nothing_stands_in_for_is_none_after_one_sentence(beside, capsys):
    assert from_unit("10_resnet", "BasicBlock") is None
    out = capsys.readouterr().out
    assert out.startswith("BasicBlock: there is no 10_resnet/10_resnet.ipynb beside the folder")
    assert out.endswith("; this notebook goes on without it.\n") and out.count("\n") == 1


def test_the_solution_of_unit_10_gives_its_block(monkeypatch):
    monkeypatch.chdir(Path(__file__).resolve().parents[1] / "solutions" / "11_identity_mappings")
    block = from_unit("10_resnet", "BasicBlock")
    assert block(2, 4, 2)(torch.zeros(1, 2, 5, 6)).shape == (1, 4, 3, 3)


def test_a_unit_without_a_check_is_never_used_unchecked(beside, capsys):
    notebook(beside, "def f(x):\n    return x", unit="99_nowhere")
    assert from_unit("99_nowhere", "f", instead) is instead
    assert "no check of that name" in capsys.readouterr().out


def test_a_damaged_notebook_is_told(tmp_path):
    place = notebook(tmp_path, *SOURCES)
    place.write_text("{ not whole", encoding="utf-8")
    with pytest.raises(Missing, match="cannot be read"):
        taken(place, "flip180")


def test_the_solution_of_unit_1_gives_its_convolution(monkeypatch):
    solutions = Path(__file__).resolve().parents[1] / "solutions"
    monkeypatch.chdir(solutions / "05_training")
    function = from_unit(UNIT, "conv2d_im2col", instead)
    assert function(np.ones((1, 2, 4, 4)), np.ones((3, 2, 3, 3))).shape == (1, 3, 2, 2)
    assert UNIT in {unit.folder for unit in checks.units()}


def test_an_answer_of_this_notebook_is_used_where_it_passes(capsys):
    assert checked(lambda k: k[::-1, ::-1].copy(), check.flip180, instead) is not instead
    assert checked(lambda k: k, check.flip180, instead) is instead
    assert capsys.readouterr().out.startswith("flip180: in this notebook it does not pass its check yet")
