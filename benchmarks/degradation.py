"""Measure unit 10's experiment: training error of plain and residual networks by depth, for several seeds.

    python benchmarks/degradation.py [--seeds N] [--solution NOTEBOOK]

The learner's side is the instructor's own solution, read from the notebook. It prints what the notebook's text may say:
the errors, the spread over seeds, the largest and smallest gradient norms, and the time.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from fashion_resnet import NOTEBOOK, solution

from convbook import training


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seeds", type=int, default=3, help="how many seeds, from 0")
    options.add_argument(
        "--solution", type=Path, default=NOTEBOOK, help="the notebook that defines the answers"
    )
    chosen = options.parse_args()
    plain, block, stage = (
        solution(chosen.solution, name) for name in ("PlainNet", "BasicBlock", "make_stage")
    )
    started, used = time.perf_counter(), time.process_time()
    runs = training.degradation(
        plain, lambda n: training.residual_net(block, stage, n), seeds=range(chosen.seeds)
    )
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    print("training error at the end, % by seed (mean)")
    for kind in ("plain", "residual"):
        depths, errors = training.depth_table(runs, kind)
        for depth, column in zip(depths, zip(*errors, strict=True), strict=True):
            cells = "  ".join(f"{100 * error:6.2f}" for error in column)
            print(f"  {kind:<9}{depth:>3}  {cells}   ({100 * sum(column) / len(column):.2f})")
    print("gradient norms before training, largest over smallest layer")
    for run in runs:
        if run.seed == 0:
            print(f"  {run.name:<12}{max(run.norms.gradient) / min(run.norms.gradient):8.1f}")
    print(f"{chosen.seeds} seeds in {seconds:.0f} s ({cpu:.0f} s of one core)")


if __name__ == "__main__":
    main()
