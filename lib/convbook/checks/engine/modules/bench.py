"""Put one class on the bench: build it, run it once and read off all that a comparison needs, or say why that cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from convbook.answers import Answer, Built
from convbook.answers.values import Opaque
from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.modules.drawn import drawn_weights
from convbook.checks.engine.modules.graph import WEIGHTED, Graph
from convbook.checks.engine.modules.matching import Signatures, layers_of
from convbook.checks.engine.modules.naming import LAYERS, remarks
from convbook.checks.engine.modules.running import run
from convbook.checks.engine.modules.session import Difference, Session
from convbook.forms import Case, Reply

NO_MODULE = "builds no module: does the class derive from nn.Module?"
OWNING = (
    "a layer belongs to a module when it is set as an attribute in __init__, or sits in an nn.Sequential or nn.ModuleList; "
    "one in a plain list, or made anew in forward, is never trained or saved"
)
LAZY = "an `nn.Lazy…` layer has no sizes before its first input: give it its sizes"


KEPT = "`pop`, `append` and `reverse` change the caller's own list: make a new one, or only read it"


class Clock:
    """Count the seconds of an answer's own calls."""

    def __init__(self, seconds: float):
        self.seconds, self.spent = seconds, 0.0

    @property
    def left(self) -> float:
        return max(0.05, self.seconds - self.spent)

    def timed(self, reply: Reply) -> Reply:
        self.spent += reply.seconds
        return reply


def tried(observer: Any, question: Any, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
    """Return a reply whose value is a `Session`, or a `Fault` where there is nothing to compare."""
    clock = Clock(seconds)
    reply = clock.timed(answer.build(*case.args[1:], seconds=clock.left, forbid=forbid))
    if reply.status != "returned":
        return replace(reply, arguments=())
    if (fault := _changed_list(case.args[1:], reply.arguments)) is not None:
        return replace(reply, value=fault, arguments=())
    built = reply.value
    if not isinstance(built, Built):
        fault = Fault("wrong type", NO_MODULE, f"a {built.kind}", "a torch.nn.Module", final=True)
        return replace(reply, value=fault, arguments=())
    for name, wanted in observer.attributes.items():
        if (fault := _wrong_attribute(answer, name, wanted)) is not None:
            return replace(reply, value=fault, arguments=())
    told = _read(observer, observer.of_case(question, case), built, case, clock)
    return replace(told, seconds=clock.spent, printed=reply.printed + told.printed)


def _changed_list(before: Sequence[Any], after: Sequence[Any]) -> Fault | None:
    """Return what is wrong with an answer that changed a list it was built with, or None."""
    for one, other in zip(before, after, strict=False):
        if isinstance(one, list) and other is not one and other != one:
            sentence = "changes the list that it is given"
            return Fault("changed input", sentence, repr(other), repr(one), KEPT, final=True)
    return None


def _wrong_attribute(answer: Answer, name: str, wanted: Any) -> Fault | None:
    reply = answer.attribute(name)
    if reply.status == "returned" and reply.value == wanted:
        return None
    yours = "no such attribute" if reply.status != "returned" else repr(reply.value)
    hint = f"write `{name} = {wanted}` in the class body, above __init__: whoever stacks blocks asks the class for it"
    return Fault(
        "wrong", f"has a class attribute `{name}` that is not {wanted}", yours, repr(wanted), hint, final=True
    )


def _read(observer: Any, graph: Graph, built: Built, case: Any, clock: Clock) -> Reply:
    if case.tensors:
        shapes = built.shapes()
        if shapes.status != "returned":
            fault = Fault(
                "wrong",
                "leaves the size of a layer open",
                "",
                "all tensors, once it is built",
                LAZY,
                final=True,
            )
            return Reply("returned", fault)
        return Reply("returned", Session(case, built, shapes.value, by_name=True))
    x = case.args[0]
    built.train(False)
    traced = clock.timed(built.trace(x.astype(np.float32), seconds=clock.left))
    shapes = built.shapes()  # after a first run: a lazy layer has its sizes from then on
    for one in (traced, shapes):
        if one.status != "returned":
            return replace(one, arguments=())
    loose = [e for e in traced.value if e["kind"] in WEIGHTED and "" in e["tensors"].values()]
    if loose:
        sentence = f"uses a {LAYERS[loose[0]['kind']]} that it does not own"
        return Reply("returned", Fault("wrong", sentence, hint=OWNING, final=True))
    signatures = Signatures()
    layers = layers_of(traced.value, shapes.value, signatures)
    noted = built_with(built) if observer.by_name else {}
    said = remarks(traced.value, graph)
    session = Session(case, built, shapes.value, layers, signatures, observer.by_name, said, noted)
    session.kinds = Counter(entry["kind"] for entry in traced.value)
    built.double()
    return _run_once(session, x.astype(np.float64), clock)


def _run_once(session: Session, x: np.ndarray, clock: Clock) -> Reply:
    reply = Reply("returned", session)
    for training in (False, True):
        session.built.train(training)
        reply = clock.timed(session.built.call(x, seconds=clock.left))
        if reply.status != "returned":
            return replace(reply, arguments=())
        if (fault := _not_an_array(reply)) is not None:
            return replace(reply, value=fault, arguments=())
        if not np.array_equal(reply.arguments[0], x):
            break
    return replace(reply, value=session, arguments=reply.arguments[:1])


def built_with(built: Built) -> dict[str, tuple[int, ...]]:
    """Return what the course's own blocks in a module noted down when they were built."""
    state = built.state().value
    return {n: tuple(int(v) for v in array) for n, array in state.items() if n.endswith(".built_with")}


def _not_an_array(reply: Reply) -> Fault | None:
    value = reply.value
    if isinstance(value, np.ndarray):
        return None
    if value is None:
        sentence = "returns nothing from `forward`: is the `return` missing?"
        return Fault("wrong type", sentence, "None", "a tensor", final=True)
    told = (
        f"a {value.kind}"
        if isinstance(value, Opaque)
        else f"a tuple of {len(value)}"
        if isinstance(value, tuple)
        else shown(value)
    )
    return Fault(
        "wrong type", "returns something else than a tensor from `forward`", told, "a tensor", final=True
    )


def told(difference: Difference) -> Fault:
    """Return a difference as a fault whose sentence says where it shows."""
    fault, aspect = difference.fault, difference.aspect
    if not aspect:
        return fault
    subject = "running mean or variance" if aspect == "running statistics" else aspect
    if aspect.endswith("mode"):
        subject = f"output in {aspect}" if not aspect.startswith("dropout") else aspect
    yours = f"{fault.yours}   ({aspect})" if "\n" not in fault.yours else f"{fault.yours}\n({aspect})"
    return replace(fault, sentence=f"goes wrong: its {subject} {fault.sentence}", yours=yours)


def breaks(graph: Graph, case: Any) -> str:
    """Return what PyTorch says where a graph cannot be run on a case's image; nothing where it can."""
    if case.tensors:
        return ""
    names = {name: name for name, _, _ in (*graph.entries(), *graph.entries(False))}
    weights = drawn_weights(graph, names, case.zero, {})
    try:
        for training in (False, True):
            with torch.no_grad():
                run(graph, weights, torch.from_numpy(case.args[0].astype(np.float64)), training)
    except (RuntimeError, ValueError, IndexError) as error:
        return str(error)
    return ""


def same_words(one: str, other: str) -> bool:
    """Tell whether two errors speak of the same sizes, in whatever order: `f + x` and `x + f` fail alike."""
    return (
        sorted(one.splitlines()[0].split()) == sorted(other.splitlines()[0].split())
        if one and other
        else False
    )


def restless(session: Session) -> list[str]:
    """Return a remark if two calls with one input give two outputs."""
    x = session.case.args[0].astype(np.float64)
    for mode in (False, True):
        session.built.train(mode)
        one, other = (session.built.call(x).value for _ in range(2))
        if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
            return []
        if not np.array_equal(one, other, equal_nan=True):
            where = "training" if mode else "evaluation"
            return [f"in {where} mode two calls with the same input give two outputs: what differs?"]
    return []


def misnamed(session: Session, graph: Graph, names: dict[str, str], relies: str) -> Fault | None:
    """Return a fault if a published name is borne by another part, or if published names stand in another order."""
    parts = {name.rpartition(".")[0]: own.rpartition(".")[0] for name, own in names.items()}
    for part, own in parts.items():
        if own != part and own in parts:
            hint = f"either the published names with their own parts, or names of your own: `{relies}` goes by the order of definition"
            sentence = f"uses the name {own} where the published block has {part}"
            return Fault(
                "wrong", sentence, f"{own} does the work of {part}", f"{part} does it", hint, final=True
            )
    if any(own not in parts for own in parts.values()):
        return None
    yours = [own for own in dict.fromkeys(n.rpartition(".")[0] for n in session.shapes) if own in parts]
    wanted = list(graph.tensors())
    if yours == wanted:
        return None
    hint = f"a state-dict has its tensors in the order of definition in __init__, and `{relies}` goes by that order alone"
    return Fault(
        "wrong",
        "defines its parts in another order than the published one",
        ", ".join(yours),
        ", ".join(wanted),
        hint,
        final=True,
    )


def out_of_order(session: Session, graph: Graph, names: dict[str, str]) -> bool:
    """Tell whether the learner's tensors lie in another order than the graph's."""
    wanted = [names.get(name) for name, _, kind in graph.entries() if kind != "count"]
    return wanted != [name for name in session.shapes if not name.endswith("num_batches_tracked")]
