"""What is left to chance, and objects that watch a training, are judged in the sandbox as they are beside a notebook."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from convbook.grading.job import Cell
from convbook.grading.running.engine import Engine
from hand_in import LIMITS, job, last, said

FOLDER = "07_dropout_and_early_stopping"
NOTEBOOK = Path(__file__).resolve().parents[2] / "solutions" / FOLDER / f"{FOLDER}.ipynb"
IMPORTS = "import copy, math\nimport numpy as np\nimport torch\nfrom torch import nn\n"
CHECK = Cell(
    "checks",
    "setup",
    "from convbook.checks import dropout_and_early_stopping as check\nimport convbook.answers.module",
)
NAMES = ("dropout_classic", "dropout", "dropout_backward", "number_of_masks", "log10_masks", "subnetwork_average",
         "dropconnect_linear", "mc_predict", "EarlyStopper")  # fmt: skip
WRONG = """
def at_random(x, p, training, rng):
    return dropout(x, p, training, np.random.default_rng())


def left_on(model, x, passes):
    return mc_predict(model.eval(), x, passes)


class Late(EarlyStopper):
    def __init__(self, patience, min_delta=0.0):
        super().__init__(patience + 1, min_delta)
"""
CASES = {
    "dropout(at_random)": "the draws come from another generator than rng",
    "mc_predict(left_on)": "the model is left in evaluation mode",
    "EarlyStopper(Late)": "it stops one update too late",
}


@pytest.fixture(scope="module")
def judged():
    """Return a function that runs a test cell in the sandbox, after the solution's own answers and some wrong ones."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    solved = ["".join(c["source"]) for c in cells if c["metadata"].get("nbgrader", {}).get("solution")]
    answer = IMPORTS + "\n\n".join(solved) + WRONG
    limits = replace(LIMITS, cell_seconds=60.0, memory_bytes=2 * 1024**3)
    with Engine(workers=1) as engine:

        def run(test: str):
            handed = job(answer, setup=IMPORTS, test=test, instructor=(CHECK,), limits=limits)
            return engine.submit(handed).result()

        yield run


def test_all_nine_exercises_are_right_in_the_sandbox(judged):
    result = judged("\n".join(f"check.{name}({name})" for name in NAMES))
    assert last(result).status == "ok", said(result)
    assert said(result).count("✓") == len(NAMES)


@pytest.mark.parametrize(("call", "name"), CASES.items(), ids=CASES)
def test_a_mistake_is_told_by_its_name_in_the_sandbox(judged, call, name):
    result = judged(f"check.{call}")
    assert last(result).status == "error", said(result)
    assert name in said(result)
