"""Measure unit 10's experiment: training error of plain and residual networks by depth, for several seeds.

    python benchmarks/degradation.py [--seeds N] [--why] [--solution NOTEBOOK] [--write]

The learner's side is the instructor's own solution, read from the notebook. It prints what the notebook's text may say:
the errors, the spread over seeds, the largest and smallest gradient norms, and the time; about 20 s a seed on one idle core.
`--write` keeps the errors for the notebook's picture of the spread.

`--why` tries what might help the plain network of depth 56, about a minute and a half on one idle core: other learning rates, Adam,
steps that are as long as the layer's weights allow whatever its gradient's size, and forty epochs instead of six.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from fashion_resnet import NOTEBOOK, solution
from torch import nn

from convbook import data, training
from convbook.training.depth import MEASURED

STEP = 0.1  # the length of a normalised gradient, as a part of the length of its layer's weights


def by_depth(plain: Callable, residual: Callable, seeds: int, write: bool) -> None:
    """Train both kinds at every depth for every seed; print errors, gradients and time."""
    started, used = time.perf_counter(), time.process_time()
    runs = training.degradation(plain, residual, seeds=range(seeds), progress=False)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    print("training error at the end, % by seed (mean)")
    kept: dict = {"command": f"python benchmarks/degradation.py --seeds {seeds} --write", "depths": []}
    for kind in ("plain", "residual"):
        depths, errors = training.depth_table(runs, kind)
        kept |= {"depths": depths, kind: [[round(error, 5) for error in row] for row in errors]}
        for depth, column in zip(depths, zip(*errors, strict=True), strict=True):
            cells = "  ".join(f"{100 * error:6.2f}" for error in column)
            print(f"  {kind:<9}{depth:>3}  {cells}   ({100 * sum(column) / len(column):.2f})")
    print("gradient norms before training, largest over smallest layer")
    for run in runs:
        if run.seed == 0:
            print(f"  {run.name:<12}{max(run.norms.gradient) / min(run.norms.gradient):8.1f}")
    print(f"{seeds} seeds in {seconds:.0f} s ({cpu:.0f} s of one core)")
    if write:
        MEASURED.write_text(json.dumps(kept) + "\n", encoding="utf-8")


def normalised(model: nn.Module) -> None:
    """Make every layer's gradient as long as a tenth of the layer's own weights, from now on."""
    for weights in model.parameters():
        if weights.ndim > 1:
            weights.register_hook(
                lambda grad, w=weights: grad * (STEP * w.detach().norm() / (grad.norm() + 1e-12))
            )


def why(plain: Callable) -> None:
    """Train deep plain networks in other ways, and print what comes of it."""
    digits = data.digits()
    train = digits.train_images, digits.train_labels
    slower = {f"SGD, {rate:g}": {"learning_rate": rate} for rate in (0.1, 0.03, 0.01, 0.003, 0.001)}
    adam = {
        f"Adam, {rate:g}": {"learning_rate": rate, "optimizer": "Adam"} for rate in (0.003, 0.001, 0.0003)
    }
    for depth, ways in (
        (56, slower | adam | {"normalised steps": {}, "40 epochs": {"epochs": 40}}),
        (38, {"6 epochs": {}, "40 epochs": {"epochs": 40}}),
    ):
        for name, changes in ways.items():
            torch.manual_seed(0)
            model = plain((depth - 2) // 6)
            if name == "normalised steps":
                normalised(model)
            started = time.process_time()
            training.fit(model, train, recipe=replace(training.DIGITS, **changes), threads=1, progress=False)
            error, seconds = training.evaluate(model, *train).error, time.process_time() - started
            print(
                f"  plain {depth}, {name:<18}{error:7.1%} of the training images are wrong, {seconds:4.0f} s",
                flush=True,
            )


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seeds", type=int, default=3, help="how many seeds, from 0")
    options.add_argument(
        "--why", action="store_true", help="try what might help the deep plain networks, one seed"
    )
    options.add_argument("--write", action="store_true", help="keep the errors by seed for the notebook")
    options.add_argument(
        "--solution", type=Path, default=NOTEBOOK, help="the notebook that defines the answers"
    )
    chosen = options.parse_args()
    plain, block, net = (
        solution(chosen.solution, name) for name in ("PlainNet", "BasicBlock", "ResidualNet")
    )
    if chosen.why:
        why(plain)
    else:
        by_depth(plain, lambda n: net(block, n), chosen.seeds, chosen.write)


if __name__ == "__main__":
    main()
