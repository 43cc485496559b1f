"""Set the operations that a learner's module ran beside the graph that is wanted, with the marks of what differs.

What differs comes from the judge: the mistake that it named is an edit of the wanted graph, and the nodes that the edit
touches bear the marks. Where the judge names none, what finds no partner in the other drawing is marked.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.modules.bench import tried
from convbook.checks.engine.modules.cases import built
from convbook.checks.engine.modules.graph import Graph, Node
from convbook.checks.engine.modules.observer import Modules
from convbook.checks.engine.modules.session import Session
from convbook.forms import Exercise, Verdict

MISSING, EXTRA, MISPLACED = "missing", "extra", "misplaced"
SHARED, CHANGED, UNUSED = "shared", "changed", "unused"
ALIKE = {"mean": ("mean", "avgpool"), "amax": ("amax", "max", "maxpool"), "flatten": ("reshape", "flatten"), "total": ("sum",),
         "scale": ("mul", "div", "sub", "add")}  # fmt: skip
PASSING = ("first", "second", "keep")  # what hands on one result as it is: no operation runs
ALSO = {"reshape": "flatten"}
Step = Mapping[str, Any]


@dataclass(frozen=True)
class Beside:
    """Hold the wanted graph, the graph that the learner's module computes as far as the judge knows, and what it is known by.

    `names` are the learner's, for the tensors of the graph that was made. `named` says that the judge's mistakes, or none at
    all, explain what was seen.
    """

    wanted: Graph
    made: Graph
    names: Mapping[str, str] = field(default_factory=dict)
    named: bool = False


def beside(
    exercise: Exercise, answer: Answer, args: Sequence[Any], x: np.ndarray, verdict: Verdict
) -> Beside | None:
    """Return both graphs for what a class is built with; None where the exercise knows none.

    `verdict` is the exercise's own on the answer; its mistakes are tried one way after the other.
    """
    from convbook.checks.engine.question import question_of

    question = question_of(exercise)
    observer = question.observer
    if not isinstance(observer, Modules):
        return None
    case = built(*args, x=x)
    try:
        wanted = observer.of_case(question, case)
    except (TypeError, ValueError):  # not what the exercise's classes are built with
        return None
    session = tried(observer, question, answer, case, 4.0, "").value
    if not isinstance(session, Session):
        return Beside(wanted, wanted)
    chosen = observer.chosen(question, case, session) if observer.free else ()
    wanted = observer.of_case(question, case, chosen)
    if verdict.right:
        return Beside(wanted, wanted, session.names(wanted) or {}, True)
    suspects = {m.name: m.ways for m in question.suspects() if m.ways}
    for ways in itertools.product(*(suspects.get(name, ()) for name in verdict.mistakes)):
        if ways and observer.explains(question, _trial(case, wanted, session), [*ways]) is not False:
            made = observer.of_case(question, case, [*chosen, *ways])
            return Beside(wanted, made, session.names(made) or {}, True)
    return Beside(wanted, wanted, session.names(wanted) or {})


def _trial(case: Any, wanted: Graph, session: Session) -> Any:
    from convbook.checks.engine.observe import Trial
    from convbook.forms import Reply

    return Trial(case, wanted, Reply("returned", session), None)


def marks_of(wanted: Graph, made: Graph) -> tuple[dict[str, str], dict[str, str]]:
    """Return which nodes of the wanted graph, and which of the one that was made of it, are marked, and as what."""
    there, here = ({node.name: node for node in graph.body} for graph in (wanted, made))
    unused = {node.name for node in made.unused}
    mine = {name: UNUSED if name in unused else MISSING for name in there if name not in here}
    theirs = {name: EXTRA for name in here if name not in there}
    both = [name for name in there if name in here]
    moved = _moved(both, [name for name in here if name in there])
    for name in both:
        if here[name].kind in PASSING and there[name].kind != here[name].kind:
            mine[name] = MISSING
            continue
        mark = _changed(there[name], here[name], there, here)
        if mark == MISPLACED and moved and name not in moved:
            mark = ""  # it takes something else only because its neighbours moved
        if name in moved:
            mark = MISPLACED
        if mark:
            mine[name] = theirs[name] = mark
    owners: dict[str, list[str]] = {}
    for node in made.body:
        if node.part:
            owners.setdefault(node.part, []).append(node.name)
    for names in owners.values():
        if len(names) > 1 and len({wanted[n].part for n in names if n in wanted}) > 1:
            for name in names:
                theirs[name] = SHARED
                if name in there:
                    mine[name] = SHARED
    return mine, theirs


def _moved(one: list[str], other: list[str]) -> set[str]:
    """Return the names that stand in another order in two lists of the same names, between the first and the last."""
    differs = [place for place, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
    return set(one[differs[0] : differs[-1] + 1]) if differs else set()


def _changed(there: Node, here: Node, wanted: Mapping[str, Node], made: Mapping[str, Node]) -> str:
    settings = [{k: v for k, v in n.settings.items() if k not in ("place", "taken")} for n in (there, here)]
    if there.kind != here.kind or settings[0] != settings[1]:
        return CHANGED
    taken = [_kept(name, wanted, made) for name in there.sources]
    now = [_kept(name, made, wanted) for name in here.sources]
    return MISPLACED if taken != now else ""


def _kept(name: str, own: Mapping[str, Node], other: Mapping[str, Node]) -> str:
    """Return a source, or the nearest one before it that the other graph has, too."""
    while name in own and name not in other:
        name = own[name].sources[0]
    return name


def paired(steps: Sequence[Step], graph: Graph, names: Mapping[str, str]) -> dict[int, str]:
    """Return which node of a graph each step of a module plays: layers by their weights, the rest by what feeds them."""
    found: dict[int, str] = {}
    for sure in (True, False):  # first what is fed alike, then whatever is left of its kind, in order
        for node in graph.body:
            if node.name in found.values():
                continue
            able = [p for p, step in enumerate(steps) if p not in found and _plays(step, node, names)]
            place = next((p for p in able if not sure or _fed_alike(steps, p, node, found)), None)
            if place is not None:
                found[place] = node.name
    return found


def _plays(step: Step, node: Node, names: Mapping[str, str]) -> bool:
    own = step["tensors"].get("weight")
    if node.part and names:
        return step["kind"] == node.kind and own == names.get(f"{node.part}.weight")
    kind = ALSO.get(step["kind"], step["kind"])
    return kind == node.kind or step["kind"] in ALIKE.get(node.kind, ())


def _fed_alike(steps: Sequence[Step], place: int, node: Node, found: Mapping[int, str]) -> bool:
    return {_source(steps, s, found) for s in steps[place]["sources"]} == set(node.sources)


def _source(steps: Sequence[Step], place: int, found: Mapping[int, str]) -> str:
    """Return the nearest node that a step takes its values from, past what plays no node."""
    while place >= 0 and place not in found:
        place = steps[place]["sources"][0] if steps[place]["sources"] else -1
    return found.get(place, "x")
