"""The checks of unit 11 judge blocks and chains of blocks in the sandbox as they do beside a notebook."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from convbook.grading.job import Cell
from convbook.grading.running.engine import Engine
from hand_in import LIMITS, job, last, said

NOTEBOOK = (
    Path(__file__).resolve().parents[2] / "solutions" / "11_identity_mappings" / "11_identity_mappings.ipynb"
)
NAMES = ("PreActBlock", "path_gain", "residual_sum", "ShortcutBlock", "gradient_at_input")
IMPORTS = "import torch\nfrom torch import nn\n"
CHECK = Cell(
    "checks",
    "setup",
    "from convbook.checks import identity_mappings as check\nimport convbook.answers.module",
)
WRONG = """
def twice(blocks, x):
    added = []
    for block in blocks:
        added.append(block(x) - x)
        x = block(x)
    return x, added


def with_backward(blocks, x):
    start = x.detach().clone().requires_grad_()
    nn.Sequential(*blocks)(start).sum().backward()
    return start.grad.norm().item()


class Cut(PreActBlock):
    def forward(self, x):
        return torch.relu(super().forward(x))
"""
CASES = {
    "residual_sum(twice)": "every block is called twice",
    "gradient_at_input(with_backward)": "the parameters' gradients are changed",
    "PreActBlock(Cut)": "a ReLU after the addition",
}


@pytest.fixture(scope="module")
def judged():
    """Return a function that runs a test cell after the solution's answers and the wrong ones, in the sandbox."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    solved = ["".join(c["source"]) for c in cells if c["metadata"].get("nbgrader", {}).get("solution")]
    answer = IMPORTS + "\n\n".join(solved) + WRONG
    limits = replace(LIMITS, cell_seconds=30.0, memory_bytes=2 * 1024**3)
    with Engine(workers=1) as engine:
        yield lambda test: engine.submit(
            job(answer, setup=IMPORTS, test=test, instructor=(CHECK,), limits=limits)
        ).result()


def test_what_is_right_in_a_notebook_is_right_in_the_sandbox(judged):
    result = judged("\n".join(f"check.{name}({name})" for name in NAMES))
    assert last(result).status == "ok", said(result)
    assert said(result).count("✓") == len(NAMES)


@pytest.mark.parametrize(("call", "name"), CASES.items(), ids=CASES)
def test_a_mistake_is_told_by_its_name_in_the_sandbox(judged, call, name):
    result = judged(f"check.{call}")
    assert last(result).mistakes == [name], said(result)
