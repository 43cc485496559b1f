"""The checks of classes, stages and loaders judge in the sandbox as they do beside a notebook."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from convbook.grading.job import Cell
from convbook.grading.running.engine import Engine
from hand_in import LIMITS, job, last, said

NOTEBOOK = Path(__file__).resolve().parents[2] / "solutions" / "10_resnet" / "10_resnet.ipynb"
IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
CHECK = Cell("checks", "setup", "from convbook.checks import resnet as check\nimport convbook.answers.module")
WRONG = """
class Late(BasicBlock):
    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        f = self.conv2(F.relu(self.bn1(self.conv1(x))))
        return F.relu(self.bn2(f + shortcut))


def sorted_names(model, state_dict):
    return load_by_order(model, dict(sorted(state_dict.items())))


def averaged(x, c_out, stride):
    return shortcut_a(F.avg_pool2d(x, stride, ceil_mode=True), c_out, 1)


def too_long(block, c_in, c, blocks, stride):
    return make_stage(block, c_in, c, blocks + 1, stride)
"""
CASES = {
    "BasicBlock(Late)": "bn2 comes after the addition",
    "load_by_order(sorted_names)": "the names are sorted",
    "shortcut_a(averaged)": "pixels are averaged, at the edge too",
    "make_stage(too_long)": "one block too many",
}


def solution() -> str:
    """Return what the solution's own cells define."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    solved = [
        c for c in cells if c["metadata"].get("nbgrader", {}).get("solution") and c["cell_type"] == "code"
    ]
    return IMPORTS + "\n\n".join("".join(cell["source"]) for cell in solved)


@pytest.fixture(scope="module")
def engine():
    with Engine(workers=1) as running:
        yield running


def judged(engine, test: str):
    answer = solution() + WRONG
    limits = replace(LIMITS, cell_seconds=30.0, memory_bytes=2 * 1024**3)
    handed = job(answer, setup=IMPORTS, test=test, instructor=(CHECK,), limits=limits)
    return engine.submit(handed).result()


def test_what_is_right_in_a_notebook_is_right_in_the_sandbox(engine):
    names = ("PlainNet", "BasicBlock", "shortcut_a", "Bottleneck", "make_stage", "ResNet", "load_by_order")
    result = judged(engine, "\n".join(f"check.{name}({name})" for name in names))
    assert last(result).status == "ok", said(result)
    assert said(result).count("✓") == len(names)


@pytest.mark.parametrize(("call", "name"), CASES.items(), ids=CASES)
def test_a_mistake_is_told_by_its_name_in_the_sandbox(engine, call, name):
    result = judged(engine, f"check.{call}")
    assert last(result).mistakes == [name], said(result)
