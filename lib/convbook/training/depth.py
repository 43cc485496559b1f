"""Plain against residual networks by depth: He et al. (2015), section 4.2, on a scale that a laptop does in seconds."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from torch import nn

from convbook.training.fitting import evaluate, fit
from convbook.training.guard import tensors
from convbook.training.history import History, Moment
from convbook.training.norms import LayerNorms, layer_norms
from convbook.training.recipe import DIGITS, Recipe

MEASURED = Path(
    str(files("convbook.data").joinpath("degradation.json"))
)  # benchmarks/degradation.py writes it
IMAGES_PROBED = 256  # the batch on which signal and gradient norms are taken
Maker = Callable[[int], nn.Module]


@dataclass(frozen=True)
class DepthRun:
    """Hold one trained network: which it was, how it learned, and how signal and gradient flowed in it.

    `error` is the share of *training* images it gets wrong at the end (0–1); it is None while the network is still
    training, and for one that was stopped before its end. `norms` are taken before the first step.
    """

    kind: str
    depth: int
    seed: int
    norms: LayerNorms
    history: History
    error: float | None = None

    @property
    def name(self) -> str:
        return f"{self.kind} {self.depth}"

    def __str__(self) -> str:
        if self.error is None:
            return f"{self.name:>11}: not trained to its end"
        return f"{self.name:>11}: {self.error:6.1%} of the training images are wrong"


class NothingTrained(ValueError):
    """Say that an experiment has to run first. A notebook shows only the sentence."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def degradation(
    make_plain: Maker,
    make_residual: Maker,
    train: tuple[Any, Any] | None = None,
    *,
    depths: Sequence[int] = (8, 20, 38, 56),
    seeds: Sequence[int] = (0,),
    recipe: Recipe | None = None,
    threads: int | str | None = 1,
    watch: Callable[[DepthRun, Moment], Any] | None = None,
    progress: bool = True,
    **changes: Any,
) -> list[DepthRun]:
    """Train a plain and a residual network of every depth for every seed; return one `DepthRun` each.

    `make_plain(n)` and `make_residual(n)` build a network of depth 6n + 2. `train` is a pair of images and labels, by default
    the handwritten digits of 8×8 pixels. The same images are used to train and to count the errors: what is asked
    is whether a network can be *trained*, not whether it generalises. `watch` is called after each batch, and once more when
    a network is done and its error known; it stops everything by returning True. Ctrl-C does too, at any moment.
    What was trained until then comes back, and one sentence says how much that is.

    Small networks on small images are trained fastest by one thread, so that is the default.
    Raises `ValueError` for a depth that is not 6n + 2, and for data that cannot be trained on.
    """
    depths, seeds = listed(depths), listed(seeds)
    for depth in depths:
        if depth < 8 or depth % 6 != 2:
            raise ValueError(f"depth {depth} is not 6n + 2 with n from 1; near it are {_near(depth)}")
    data = tensors(train if train is not None else _digits(), "training")
    recipe = replace(recipe or DIGITS, **changes)
    makers = (("plain", make_plain), ("residual", make_residual))
    todo = [(kind, make, depth, seed) for seed in seeds for depth in depths for kind, make in makers]
    runs: list[DepthRun] = []
    try:
        for kind, make, depth, seed in todo:
            run = trained(kind, make, depth, seed, data, recipe, threads, watch, progress)
            runs.append(run)
            if run.history.reason in ("interrupted", "asked"):
                break
    except KeyboardInterrupt:  # between two trainings: what was to begin is left out
        pass
    done = sum(run.error is not None for run in runs)
    if done < len(todo):
        print(f"stopped: {done} of {len(todo)} networks were trained to their end")
    return runs


def listed(values: Sequence[int] | int) -> Sequence[int]:
    """Return a single number as a list of one: `seeds=(0)` is no tuple in Python."""
    return (values,) if isinstance(values, int) else values


def trained(kind: str, make: Maker, depth: int, seed: int, train: tuple[Any, Any], recipe: Recipe,
             threads: int | str | None, watch: Any, progress: bool) -> DepthRun:  # fmt: skip
    """Return one network, trained from its seed on, with its norms before the first step and its training error."""
    model = _made(kind, make, depth, seed)
    probe = tuple(part[:IMAGES_PROBED] for part in train)
    run = DepthRun(kind, depth, seed, layer_norms(model, *probe), History())
    last: list[Moment] = []

    def hook(now: Moment) -> Any:
        last[:] = [now]
        return watch(replace(run, history=now.history), now)

    history = fit(model, train, recipe=recipe, seed=seed, threads=threads, on_batch=hook if watch else None, progress=progress,
                  name=run.name)  # fmt: skip
    run = replace(run, history=history)
    if history.reason in ("interrupted", "asked"):
        return run
    done = replace(run, error=evaluate(model, *train).error)
    if last and watch(done, last[0]) in (True,):
        history.reason, history.stopped = "asked", f"{run.name}: the experiment was stopped as asked after it"
    return done


def _made(kind: str, make: Maker, depth: int, seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = make((depth - 2) // 6)
    if not isinstance(model, nn.Module):
        raise ValueError(
            f"the function that makes {kind} networks gave {type(model).__name__} and no nn.Module: "
            "is its `return` missing?"
        )
    return model


def depth_table(runs: Sequence[DepthRun], kind: str) -> tuple[list[int], list[list[float]]]:
    """Return the depths, and one kind's training errors (0–1) by seed: one list per seed, one number per depth.

    After a stop only the depths count that every kind has finished, so that kinds can be compared, and only the
    seeds that have all of them. Raises `ValueError` where there is no such depth, or no such kind.
    """
    _need(runs)
    kinds = sorted({run.kind for run in runs})
    if kind not in kinds:
        raise ValueError(
            f"no network of the kind {kind!r} was trained; there are {', '.join(kinds) or 'none'}"
        )
    errors = {(run.kind, run.seed, run.depth): run.error for run in runs if run.error is not None}
    finished = {
        seed: {
            depth for _, s, depth in errors if s == seed and all((k, seed, depth) in errors for k in kinds)
        }
        for seed in dict.fromkeys(run.seed for run in runs)
    }
    depths = sorted(max(finished.values(), key=len))
    if not depths:
        raise ValueError("no depth was trained to its end by every kind of network: run the experiment again")
    seeds = [seed for seed, there in finished.items() if there >= set(depths)]
    return depths, [[errors[kind, seed, depth] for depth in depths] for seed in seeds]


def measured_spread() -> dict[str, Any]:
    """Return what was measured with several seeds: `depths`, errors (0–1) of `plain` and `residual` by seed, and the `command`."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))


def deepest(runs: Sequence[DepthRun], kind: str) -> DepthRun:
    """Return the deepest network of one kind; raises `ValueError` where none was trained."""
    _need(runs)
    found = [run for run in runs if run.kind == kind]
    if not found:
        raise ValueError(f"no network of the kind {kind!r} was trained")
    return max(found, key=lambda run: run.depth)


def _need(runs: Sequence[DepthRun]) -> None:
    if not runs:
        raise NothingTrained("No network was trained: this picture waits for the experiment above.")


def _near(depth: int) -> str:
    below = max(8, (depth - 2) // 6 * 6 + 2)
    return f"{below} and {below + 6}"


def _digits() -> tuple[Any, Any]:
    from convbook import data

    digits = data.digits()
    return digits.train_images, digits.train_labels
