"""BlockXray: a learner's own module as the graph that really ran, beside the wanted one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, ClassVar

import traitlets

from convbook.answers import hold
from convbook.answers.questions import NOBODY_ANSWERS, no_questions
from convbook.forms import Exercise, Unread, Verdict
from convbook.widgets.base import Widget

SECONDS = 5.0  # for one run of the module
MOST_STEPS = 300
FOLDED = 24  # from so many operations on, parts are folded
UNWRITTEN = "is not written yet. Write it, then run this cell again to see what it runs."
MODES = ("evaluation", "training")
NOT_A_MODULE = "{}: give BlockXray an nn.Module, as in BlockXray(MyBlock()), or its class with args=(…)."


class BlockXray(Widget):
    """Show the graph that ran in a module: `BlockXray(block)`, or `BlockXray(BasicBlock, check.BasicBlock, args=(4, 8, 2))`.

    `module` is an `nn.Module`, or its class; then `args` is what it is built with. `exercise` is its check: its verdict is shown
    word for word, and the wanted graph stands beside the learner's, where `args` tells what is wanted. `x` is an example input,
    an array or a tensor; without it, one is drawn that fits. The module is run when the widget is made and by `refresh()`,
    and put back to what it was. Whatever cannot be run gives one sentence in the widget, never an error.
    """

    view: ClassVar[str] = "block_xray"
    title: ClassVar[str] = "X-ray of a module"

    name = traitlets.Unicode("").tag(sync=True)
    yours = traitlets.Dict().tag(sync=True)  # by mode: boxes and their numbers
    wanted = traitlets.List([]).tag(sync=True)
    verdict = traitlets.Dict().tag(sync=True)
    notes = traitlets.List([]).tag(sync=True)
    blocked = traitlets.Unicode("").tag(sync=True)
    mode = traitlets.Enum(MODES, "evaluation").tag(sync=True)
    unfolded = traitlets.List([]).tag(sync=True)  # parts of a long module that are unfolded
    at = traitlets.List(["yours", 0]).tag(sync=True)
    stamp = traitlets.Int(0).tag(sync=True)

    def __init__(
        self, module: Any, exercise: Exercise | None = None, x: Any = None, *, args: Sequence[Any] = ()
    ):
        """Run `module`, or the class built with `args`, and show what ran."""
        self._looked_at = (module, exercise, x, tuple(args) if isinstance(args, (tuple, list)) else (args,))
        super().__init__()
        self.on_msg(self._heard)
        self.refresh()

    def refresh(self) -> None:
        """Run the module anew: a class is the one that bears its name now, where its cell was run again."""
        module, exercise, x, args = self._looked_at
        with self._lock, self.hold_sync(), no_questions(NOBODY_ANSWERS):
            try:
                seen = _seen(_newest(module), exercise, x, args)
            except Exception as error:  # a picture must appear whatever a strange module does
                told = f"{type(error).__name__}: {error}".split("\n")[0]
                seen = {"blocked": f"{type(module).__name__} cannot be X-rayed: {told}"}
            for name in ("name", "yours", "wanted", "verdict", "notes", "blocked"):
                setattr(self, name, seen.get(name, self.traits()[name].default()))
            self.unfolded, self.at = [], seen.get("at", ["yours", 0])
            self.stamp += 1

    def _heard(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and content.get("again"):
            self.refresh()


def _newest(module: Any) -> Any:
    """Return the class that bears a class's name now in its notebook; anything else as it is."""
    space = getattr(sys.modules.get(getattr(module, "__module__", "")), "__dict__", {})
    newest = space.get(getattr(module, "__name__", ""), module) if isinstance(module, type) else module
    return newest if isinstance(newest, type) else module


def _seen(target: Any, exercise: Exercise | None, x: Any, args: tuple) -> dict[str, Any]:
    """Return the widget's traits for a module; where its numbers show no fault, those of the smallest case that failed."""
    from torch import nn

    from convbook.answers.steady import one_thread

    if isinstance(target, Unread):
        return {"blocked": str(target)}
    is_class = isinstance(target, type)
    if not isinstance(target, nn.Module) and not is_class:
        return {"blocked": NOT_A_MODULE.format(f"{target!r:.60} is no nn.Module")}
    kind = target if is_class else type(target)
    with one_thread():
        module, why = (target, "") if not is_class else _built(kind, args)
        if why:
            return {"name": kind.__name__, "blocked": why}
        verdict = _judged(exercise, kind)
        found = _looked_into(module, kind, exercise, x, args, verdict)
        case = verdict.case if verdict and not verdict.right else None
        if case is None or not is_class or not found.get("wanted") or _marked(found) or found["stopped"]:
            return found
        module, why = _built(kind, case.args[1:])
        other = {} if why else _looked_into(module, kind, exercise, case.args[0], case.args[1:], verdict)
    if not (other.get("wanted") and (_marked(other) or other["stopped"])):
        return found
    told = ", ".join(map(str, case.args[1:]))
    return other | {
        "notes": [f"It is built with ({told}) here: other numbers do not show the fault.", *other["notes"]]
    }


def _looked_into(
    module: Any, kind: type, exercise: Exercise | None, x: Any, args: tuple, verdict: Verdict | None
) -> dict[str, Any]:
    """Return the traits for a module that was built; `blocked` says in one sentence why there is nothing to see."""
    from convbook.checks.engine.modules import drawing
    from convbook.widgets import block_parts

    found: dict[str, Any] = {"name": kind.__name__, "verdict": _told(verdict) if verdict else {}}
    graph = block_parts.wanted_graph(exercise, args)
    x, why = block_parts.example(x, graph, module)
    if why:
        return found | {"blocked": f"{kind.__name__}: {why}"}
    runs, notes, why = block_parts.run(module, x, kind.__name__, SECONDS)
    steps = runs["evaluation"].steps
    if len(steps) > MOST_STEPS:
        why = f"{kind.__name__} runs {len(steps)} operations; BlockXray shows at most {MOST_STEPS}."
    if not steps or len(steps) > MOST_STEPS:
        return found | {"blocked": why or f"{kind.__name__} runs no operation of PyTorch on its input."}
    sides, more = block_parts.sides(exercise, graph, kind, args, x, verdict)
    found["yours"], found["wanted"] = drawing.drawn(module, x, runs, sides, FOLDED)
    return found | {
        "notes": [*([why] if why else []), *notes, *more],
        "at": _first(found),
        "stopped": bool(why),
    }


def _marked(found: dict[str, Any]) -> bool:
    return any(
        node["mark"] for nodes in (found["wanted"], found["yours"]["evaluation"]["nodes"]) for node in nodes
    )


def _first(found: dict[str, Any]) -> list[Any]:
    """Return the node to look at first: a marked one, or the first operation."""
    for side, nodes in (("wanted", found["wanted"]), ("yours", found["yours"]["evaluation"]["nodes"])):
        for place, node in enumerate(nodes):
            if node["mark"]:
                return [side, place]
    return ["yours", 1]


def _built(kind: type, args: tuple) -> tuple[Any, str]:
    """Return the module that a class builds, or why there is none, in a sentence."""
    reply = hold(kind).build(*args, seconds=SECONDS)
    if reply.status == "stub":
        return None, f"{kind.__name__} {UNWRITTEN}"
    if reply.status == "endless":
        return None, f"{kind.__name__} is not built within {SECONDS:g} seconds."
    if reply.status != "returned":
        told = f"{reply.error_kind}: {reply.error}".split("\n")[0]
        more = "" if args else f" Build it first, as in BlockXray({kind.__name__}(…)), or give args=(…)."
        return None, f"{kind.__name__} is a class, and building it stops with {told}.{more}"
    if not hasattr(reply.value, "module"):
        return None, NOT_A_MODULE.format(f"the class {kind.__name__} makes no nn.Module")
    return reply.value.module, ""


def _judged(exercise: Exercise | None, kind: type) -> Verdict | None:
    if exercise is None:
        return None
    try:
        return exercise.judge(hold(kind))
    except Exception as error:  # a picture must appear whatever a strange answer does to its judge
        told = f"{kind.__name__} stopped its check with {type(error).__name__}: {error}"
        return Verdict(exercise.name, "crash", told)


def _told(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain values: its first line without the mark, and the whole message."""
    message = verdict.message.strip()
    return {"kind": verdict.kind, "title": message.split("\n")[0].lstrip("✗✓• "), "message": message}
