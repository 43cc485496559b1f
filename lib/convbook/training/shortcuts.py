"""Networks that differ in one thing, their shortcuts, trained side by side: He et al. (2016), on a laptop's scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from convbook.training.depth import DepthRun, Maker, NothingTrained, listed, trained
from convbook.training.guard import tensors
from convbook.training.recipe import DIGITS, Recipe


def one_stage_net(
    make_block: Callable[[], nn.Module], blocks: int, width: int = 8, n_classes: int = 10
) -> nn.Module:
    """Return a network of `blocks` blocks of one width for one-channel images, (n, 1, h, w) -> (n, n_classes).

    A 3×3 convolution with stride 2 comes first; behind the last block stand one batch norm and one ReLU, which blocks with
    nothing after their addition need once; then the mean of every map and a linear layer. Two weighted layers a block, and two more.
    """
    return nn.Sequential(
        nn.Conv2d(1, width, 3, 2, 1, bias=False), *(make_block() for _ in range(blocks)),
        nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, n_classes),
    )  # fmt: skip


def race(
    makers: Mapping[str, Maker],
    depth: int,
    train: tuple[Any, Any],
    *,
    seeds: Sequence[int] = (0, 1, 2),
    recipe: Recipe = DIGITS,
    threads: int | str | None = 1,
    watch: Callable[..., Any] | None = None,
    progress: bool = True,
) -> list[DepthRun]:
    """Train a network of every kind for every seed on the same images, and return one `DepthRun` each.

    `makers[kind](n)` builds a network with n blocks, of depth 2n + 2. What was trained until Ctrl-C, or until `watch` asked to
    stop, comes back. Raises `ValueError` for a depth that is not even or below 4.
    """
    if depth < 4 or depth % 2:
        raise ValueError(f"depth {depth} is not 2n + 2 with n from 1: choose an even number from 4 up")
    data, runs = tensors(train, "training"), []
    for seed in listed(seeds):
        for kind, make in makers.items():
            run = trained(
                kind,
                lambda _, make=make: make(depth // 2 - 1),
                depth,
                seed,
                data,
                recipe,
                threads,
                watch,
                progress,
            )
            runs.append(run)
            if run.history.reason in ("interrupted", "asked"):
                return runs
    return runs


def ranking(runs: Sequence[DepthRun]) -> list[tuple[str, list[float]]]:
    """Return every kind with its training errors (0–1), one a seed: the lowest mean error first.

    Raises `NothingTrained` where no network was trained to its end.
    """
    found: dict[str, list[float]] = {}
    for run in runs:
        if run.error is not None:
            found.setdefault(run.kind, []).append(run.error)
    if not found:
        raise NothingTrained("No network was trained: this ranking waits for the training above.")
    return sorted(found.items(), key=lambda pair: sum(pair[1]) / len(pair[1]))
