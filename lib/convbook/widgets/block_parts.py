"""What BlockXray asks for: an example input, the runs of a module in both modes, and both graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from convbook.answers import hold
from convbook.answers.anatomy import Anatomy, anatomy
from convbook.checks.engine.declare import question_of
from convbook.checks.engine.modules import Modules, beside
from convbook.checks.engine.modules.graph import Graph
from convbook.forms import Exercise, Verdict

SIDE = 16  # pixels of an image of which the exercise leaves the size open
IMAGES = 2
NO_INPUT = "it has no convolution to tell which input fits: give an example, BlockXray(module, x=…)."
UNSEEN = "Part of it cannot be followed: it leaves PyTorch, for NumPy or plain numbers, and only the rest is drawn."
NO_ARGUMENTS = "Give args=(…), what it is built with, to see the wanted graph beside it."
RESTLESS = (
    "In evaluation, two calls with the same input give two outputs: "
    "it keeps something between calls, or draws random numbers."
)


def wanted_graph(exercise: Exercise | None, args: Sequence[Any]) -> Graph | None:
    """Return the graph that an exercise wants of a class built with `args`; None where it knows none."""
    if exercise is None:
        return None
    question = question_of(exercise)
    if not isinstance(question.observer, Modules):
        return None
    try:
        return question.observer.graph(question.oracle, args)
    except (TypeError, ValueError):
        return None


def example(x: Any, graph: Graph | None, module: Any) -> tuple[Any, str]:
    """Return the example input as an array, and why it cannot be one, in a sentence's words."""
    if x is not None:
        try:
            x = np.asarray(x.detach().cpu() if hasattr(x, "detach") else x)
        except (TypeError, ValueError):
            return None, "x is no array of numbers."
        if x.dtype.kind not in "fiu" or not x.size:
            return None, f"x is no array of numbers: it has shape {x.shape} and type {x.dtype}."
        return (x.astype(np.float32) if x.dtype.kind == "f" else x), ""
    from torch.nn.parameter import is_lazy

    shape: tuple[int, ...] = ()
    if graph is not None and graph.image[0]:
        shape = (graph.image[0], *(side or SIDE for side in graph.image[1:]))
    else:
        first = next(
            (p.shape for p in module.parameters() if not is_lazy(p) and len(p.shape) in (2, 4)), None
        )
        if first is None:
            return None, NO_INPUT
        shape = (first[1], 2 * SIDE, 2 * SIDE) if len(first) == 4 else (first[1],)
    return np.random.default_rng(0).normal(size=(IMAGES, *shape)).astype(np.float32), ""


def run(module: Any, x: np.ndarray, name: str, seconds: float) -> tuple[dict[str, Anatomy], list[str], str]:
    """Return what ran in evaluation and in training, remarks, and why it did not come to its end, or nothing."""
    found, notes, why = {}, [], ""
    again = anatomy(module, x, False, seconds)
    for mode in ("evaluation", "training"):
        found[mode] = again if mode == "evaluation" else anatomy(module, x, True, seconds)
        why = _stopped(found[mode], x, name, mode, seconds)
        if why:
            break
    if found["evaluation"].reply.printed.strip():
        printed = found["evaluation"].reply.printed.strip().split("\n")[0]
        notes.append(f"While it runs, it prints “{printed:.60}”.")
    if found["evaluation"].no_gradient:
        notes.append(f"Its gradient cannot be computed: {found['evaluation'].no_gradient}.")
    if not why:
        twice = anatomy(module, x, False, seconds).reply.value
        if not np.array_equal(again.reply.value, twice, equal_nan=True):
            notes.append(RESTLESS)
        notes += _unseen(found["evaluation"].steps)
    return found, notes, why


def _stopped(seen: Anatomy, x: np.ndarray, name: str, mode: str, seconds: float) -> str:
    reply, where = seen.reply, f" in {mode}" if mode == "training" else ""
    after = f", after {len(seen.steps)} operation{'s'[: len(seen.steps) > 1]}" if seen.steps else ""
    if reply.status == "endless":
        return f"{name} does not return{where} within {seconds:g} seconds{after}."
    if reply.status == "stub":
        return f"{name} is not written yet: its forward is still open."
    if reply.status != "returned":
        told = f"{reply.error_kind}: {reply.error}".split("\n")[0].rstrip(".")
        return f"{name} stops{where} on an input of shape {x.shape}{after}: {told}."
    if isinstance(reply.value, str):
        return f"{name} returns {reply.value} from forward{where}, not a tensor."
    return ""


def _unseen(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a remark where the result cannot be followed back to the input."""
    reached = {-1}
    for place, step in enumerate(steps):
        if reached & set(step["sources"]):
            reached.add(place)
    results = {place for place, step in enumerate(steps) if step["result"]}
    if results and results <= reached:
        return []
    return [UNSEEN]


def sides(
    exercise: Exercise | None,
    graph: Graph | None,
    kind: type,
    args: Sequence[Any],
    x: np.ndarray,
    verdict: Verdict | None,
) -> tuple[beside.Beside | None, list[str]]:
    """Return the wanted graph and what the judge knows of the learner's, or None and why."""
    if exercise is None or verdict is None:
        return None, []
    if graph is None:
        known = isinstance(question_of(exercise).observer, Modules)
        return None, [NO_ARGUMENTS] if known else []
    try:
        return beside.beside(exercise, hold(kind), args, x, verdict), []
    except Exception as error:  # a strange input or module upsets the comparison; what ran is still shown
        told = f"{type(error).__name__}: {error}".split("\n")[0]
        return None, [f"It cannot be set beside the wanted graph: {told}."]
