"""Measure unit 01's three convolutions side by side: loops, one matrix product, PyTorch.

    python benchmarks/convolution.py

The learner's side is the instructor's own solution, read from the notebook. One thread for all, the best of several
runs, everything in one process; only the ratios say something about another machine.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from timeit import repeat

import numpy as np
import torch
import torch.nn.functional as functional

NOTEBOOK = Path(__file__).resolve().parent.parent / "solutions" / "01_convolution" / "01_convolution.ipynb"
LAYERS = {  # images, channels, side, filters, kernel
    "one gray photograph": (1, 1, 120, 6, 3),
    "the notebook's example": (1, 3, 64, 8, 3),
    "a batch of small maps": (16, 16, 16, 32, 3),
    "a wide kernel": (1, 3, 64, 8, 7),
}


def solutions(notebook: Path) -> dict:
    """Return the functions that a notebook's solution cells define."""
    names: dict = {"np": np}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            exec("".join(cell["source"]), names)
    return names


def seconds(run, times: int) -> float:
    """Return the shortest of several runs."""
    return min(repeat(run, number=1, repeat=times))


def main() -> None:
    torch.set_num_threads(1)
    answers = solutions(Path(sys.argv[1]) if len(sys.argv) > 1 else NOTEBOOK)
    rng = np.random.default_rng(0)
    print(f"{'layer':<24}{'loops / im2col':>16}{'im2col / PyTorch':>18}")
    for name, (n, c, side, f, k) in LAYERS.items():
        x, w = rng.normal(size=(n, c, side, side)), rng.normal(size=(f, c, k, k))
        tensors = torch.tensor(x), torch.tensor(w)
        wanted = functional.conv2d(*tensors).numpy()
        for answer in ("conv2d_naive", "conv2d_im2col"):
            assert np.allclose(answers[answer](x, w), wanted), f"{answer} is wrong for {name}"
        loops = seconds(lambda: answers["conv2d_naive"](x, w), 2)  # noqa: B023
        matrix = seconds(lambda: answers["conv2d_im2col"](x, w), 10)  # noqa: B023
        library = seconds(lambda: functional.conv2d(*tensors), 30)  # noqa: B023
        print(f"{name:<24}{loops / matrix:>14.0f} ×{matrix / library:>16.1f} ×")


if __name__ == "__main__":
    main()
