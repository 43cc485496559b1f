"""What makes a hand-in cheap to start changes nothing that it sees: the compiler, the pictures, the processor."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.pylabtools import print_figure
from PIL import Image

from convbook.grading.running import template
from convbook.grading.running.pictures import picture
from convbook.grading.running.run import processor

OPTIMIZERS = """
import inspect, sys, torch
from convbook.grading.running import compiler
compiler.keep_out()
weight = torch.tensor([3.0], requires_grad=True)
for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.RMSprop):
    steps = kind([weight], 0.1)
    schedule = torch.optim.lr_scheduler.StepLR(steps, 1)
    steps.zero_grad()
    (weight**2).sum().backward()
    steps.step()
    schedule.step()
assert weight.item() < 3
inspect.getmodule(weight)
assert not any(name.startswith("torch._dynamo.") for name in sys.modules), "an optimizer loaded the compiler"
"""


def run(source: str) -> None:
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_optimizers_step_without_the_compiler_in_memory():
    run(OPTIMIZERS)


def test_who_compiles_gets_the_compiler():
    run(
        OPTIMIZERS
        + "import torch._dynamo.config\n"
        + "assert torch._dynamo is sys.modules['torch._dynamo'] and torch._dynamo.config.cache_size_limit > 0\n"
        + "double = torch.compile(lambda x: 2 * x, backend='eager')\n"
        + "assert double(torch.ones(2)).tolist() == [2, 2]\n"
        + "steps.step()\n"
    )


def test_without_pytorch_nothing_stands_for_its_compiler():
    run(
        "import sys; from convbook.grading.running import compiler; compiler.keep_out()\n"
        "assert 'torch' not in sys.modules and 'torch._dynamo' not in sys.modules"
    )


def pixels(data: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"), dtype=float)


def plain() -> None:
    plt.imshow(np.arange(12.0).reshape(3, 4))
    plt.title("a title")
    plt.xlabel("a label")


def beyond() -> None:
    plt.figure(figsize=(3, 2))
    plt.plot([1, 3], label="far away")
    plt.legend(bbox_to_anchor=(1.8, 1.2))


@pytest.mark.parametrize("draw", [plain, beyond])
def test_a_picture_shows_what_jupyter_shows(draw):
    draw()
    theirs = pixels(print_figure(plt.gcf(), base64=True))
    plt.close("all")
    draw()
    ours = pixels(picture(plt.gcf()))
    plt.close("all")
    assert np.abs(np.subtract(ours.shape, theirs.shape)).max() <= 2
    assert abs((ours < 128).mean() - (theirs < 128).mean()) < 0.01


def test_an_empty_figure_is_no_picture():
    figure = plt.figure()
    assert picture(figure) is None
    plt.close("all")


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not let us choose")
def test_neighbours_get_different_processors():
    ours = os.sched_getaffinity(0)
    assert {processor(slot) for slot in range(len(ours))} == ours


def test_the_instructors_tests_run_once_and_after_the_first_results(monkeypatch):
    ran = []
    monkeypatch.setattr(template, "warm", lambda role, cells, modules, *seconds: ran.append(cells) or [])
    monkeypatch.setattr(template.pages, "gather", lambda: ran.append("gathered"))
    trusted = template.Template("trusted", None, sandboxed=False)
    trusted.warm(["def relu(x): ..."], [], ["assert relu(1) == 1"])
    for asked in (*["fork"] * 9, *["end"] * (template.FIRST_ENDS - 1)):
        trusted._gather_after(asked)
    assert ran == [["def relu(x): ..."]]
    for _ in range(9):
        trusted._gather_after("end")
    assert ran == [["def relu(x): ..."], ["assert relu(1) == 1"], "gathered"]
