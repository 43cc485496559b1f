"""FlowScope in many states, for the words that Python and JavaScript must share."""

from __future__ import annotations

from typing import Any

from convbook.training import DepthRun, History, LayerNorms, Moment
from convbook.training.history import Epoch
from convbook.widgets import FlowScope


def history(*errors: float, validation: tuple[float, ...] = ()) -> History:
    """Return a history with these training errors, and validation errors where given."""
    rows = [
        Epoch(1.0, 1 - error, 0.5, *((0.7, 1 - validation[i]) if validation else ()))
        for i, error in enumerate(errors)
    ]
    return History(rows)


def run(
    kind: str, depth: int, *errors: float, final: float | None = None, seed: int = 0, steep: float = 1.1
) -> DepthRun:
    """Return a run whose gradients shrink by `steep` from layer to layer."""
    gradients = tuple(0.3 * steep ** (depth - layer) for layer in range(depth))
    norms = LayerNorms(tuple(map(str, range(depth))), (0.7,) * depth, gradients)
    return DepthRun(kind, depth, seed, norms, history(*errors), final)


def moment(name: str, epoch: int, batch: int, past: History, epochs: int = 3, batches: int = 4) -> Moment:
    return Moment(name, epoch, epochs, batch, batches, 1.25, 0.6, 0.1, 2.0, past)


def experiment() -> FlowScope:
    """Return the scope after two depths and two seeds."""
    runs = []
    for seed in (0, 1):
        for depth, plain in ((8, 0.01), (56, 0.7)):
            runs.append(
                run("plain", depth, 0.9, 0.8, plain + 0.02 * seed, final=plain, seed=seed, steep=1.13)
            )
            runs.append(run("residual", depth, 0.6, 0.1, 0.01, final=0.002, seed=seed, steep=1.01))
    return FlowScope(runs)


def at(scope: FlowScope, **traits: Any) -> FlowScope:
    for name, value in traits.items():
        setattr(scope, name, value)
    return scope


def running(*errors: float) -> FlowScope:
    """Return the scope while a plain network trains."""
    scope = FlowScope(
        [run("plain", 8, 0.5, 0.2, 0.1, final=0.05), run("residual", 8, 0.4, 0.2, 0.1, final=0.01)]
    )
    scope.watch(run("plain", 20, *errors), moment("plain 20", len(errors) + 1, 2, history(*errors)))
    if errors:
        scope.watch(run("plain", 20, *errors), moment("plain 20", len(errors), 4, history(*errors)))
        scope._sent_at = 0.0  # as if time had passed: a state must not depend on how fast this machine is
        scope.watch(run("plain", 20, *errors), moment("plain 20", len(errors) + 1, 2, history(*errors)))
    return scope


def followed(*errors: float, ended: bool = False) -> FlowScope:
    """Return the scope while, or after, one network trains that is no part of an experiment."""
    scope = FlowScope()
    hook = scope.follow("small ResNet")
    for epoch in range(1, len(errors) + 1):
        hook(
            moment("", epoch, 4, history(*errors[:epoch], validation=tuple(e + 0.03 for e in errors[:epoch])))
        )
    if ended:
        scope.end()
    return scope


def broken() -> FlowScope:
    """Return the scope after a network whose norms were no numbers."""
    norms = LayerNorms(("a", "b"), (float("nan"), 1.0), (float("inf"), float("nan")))
    return FlowScope([DepthRun("plain", 8, 0, norms, history(0.5), 0.4)])


STATES = {
    "nothing yet": FlowScope,
    "experiment, deep": experiment,
    "experiment, shallow": lambda: at(experiment(), depth=8, seed=0),
    "experiment, signal": lambda: at(experiment(), layer_view="signal"),
    "first epoch": running,
    "second epoch": lambda: running(0.8333),
    "one training": lambda: followed(0.4, 0.25),
    "one training, ended": lambda: followed(0.4, 0.25, ended=True),
    "stopped in the first epoch": lambda: FlowScope([run("plain", 8)]),
    "stopped later": lambda: FlowScope([run("plain", 8, 0.8, 0.345)]),
    "no numbers": broken,
}


def golden() -> list[dict[str, Any]]:
    """Return every state with its words."""
    made = [(about, make()) for about, make in STATES.items()]
    return [{"about": about, "state": scope.state(), "words": scope.words()} for about, scope in made]
