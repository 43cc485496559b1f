"""Observe a class of `torch.nn.Module`: build it, trace it, find which of its tensors plays which part, compare it with a graph."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.answers.values import Reference
from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.modules import graph as graphs
from convbook.checks.engine.modules.edits import Edit
from convbook.checks.engine.modules.graph import Graph, GraphError
from convbook.checks.engine.observe import Observer, Trial
from convbook.checks.engine.oracles import Change, Oracle, call_by_name
from convbook.checks.engine.seed import generator, secret
from convbook.forms import Case, Mistake, Reply

Cases = Callable[[np.random.Generator], Iterable[Case]]
KEPT = 200  # graphs of cases that are remembered: every check draws cases of its own
STRAIGHT = "only a bent graph becomes a class: the straight one is the exercise"


@dataclass(frozen=True)
class Modules(Observer):
    """Compare classes with the graph that an exercise's function writes down.

    `attributes` must stand on the class. `by_name` wants tensors of exactly the graph's names. `published` names what relies
    on the graph's names and their order: whoever uses these names is held to their parts and their order, whoever
    uses others in another order is told so. `image` is the (h, w) that a class is written for, where that matters. `facts`
    are the graph's labels, for messages. `free` are choices that the exercise leaves open, each a group of edits of which
    none or one may be made: `free=((into("kind:tanh", "relu"), into("kind:tanh", "sigmoid")),)`.
    """

    attributes: Mapping[str, Any] = field(default_factory=dict)
    by_name: bool = False
    published: str = ""
    image: tuple[int, int] = (0, 0)
    facts: tuple[str, ...] = ()
    free: tuple[tuple[Edit, ...], ...] = ()
    cases: Cases | None = None
    memory: dict[Any, Any] = field(default_factory=dict, compare=False)
    made: list[Mistake] = field(default_factory=list, compare=False)

    wants = "the class"
    library = "PyTorch"
    pairing_seconds = 2.0  # a graph takes its time to run

    def holds(self, target: Any) -> bool:
        return callable(target) and (isinstance(target, type) or not hasattr(target, "state_dict"))

    def declared(self, cases: Cases) -> Observer:
        return replace(self, cases=cases, facts=("place", *self.facts), memory={}, made=[])

    # ---- graphs

    def graph(
        self,
        oracle: Oracle,
        args: Sequence[Any],
        ways: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Graph:
        """Return the graph for what a class is built with, with mistakes made in it."""
        bound = oracle.bound((None, *args), kwargs or {})
        name, *rest = bound
        for way in ways:
            if isinstance(way, Change):
                known = dict(bound)
                bound.update({argument: call_by_name(f, known) for argument, f in way.arguments.items()})
        maps = (oracle.axes.get(name) or ("", "3"))[1]
        maps = int(maps) if maps.isdigit() else oracle.bound((None, *args), kwargs or {}).get(maps, 0)
        function = next((w.instead for w in ways if isinstance(w, Change) and w.instead), oracle.function)
        made = graphs.traced(function, (maps, *self.image), *(bound[n] for n in rest))
        for way in ways:
            made = made if isinstance(way, Change) else way(made)
        return made

    def of_case(self, question: Any, case: Case, ways: Sequence[Any] = ()) -> Graph:
        """Return the graph that is wanted in a case, or what mistakes make of it."""
        if any(isinstance(way, Change) for way in ways):
            return self.graph(question.oracle, case.args[1:], ways)
        if id(case) not in self.memory:
            for old in list(self.memory)[:-KEPT]:
                del self.memory[old]
            self.memory[id(case)] = (
                self.graph(question.oracle, case.args[1:]),
                case,
            )  # kept: an id is not used again
        made = self.memory[id(case)][0]
        for way in ways:
            made = way(made)
        return made

    def chosen(self, question: Any, case: Case, session: Any) -> tuple[Edit, ...]:
        """Return the choices that an answer made where the exercise leaves them open: those that fit, or come nearest."""
        ways = [
            tuple(e for e in some if e)
            for some in itertools.product(*((None, *group) for group in self.free))
        ]
        graphs_of = {way: self.of_case(question, case, way) for way in ways}
        ways.sort(key=lambda way: _distance(session.kinds, graphs_of[way]))
        return next((way for way in ways if session.difference(graphs_of[way]) is None), ways[0])

    # ---- the observer

    def observe(self, question: Any, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        from convbook.checks.engine.modules.bench import tried

        return tried(self, question, answer, case, seconds, "torchvision" if forbid else "")

    def wanted(self, question: Any, case: Case) -> Graph:
        return self.of_case(question, case)

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Graph) -> Fault | None:
        from convbook.checks.engine.modules import bench

        if reply.status != "returned" or isinstance(reply.value, Fault):
            return reply.value if reply.status == "returned" else None
        session = reply.value
        if self.free and not case.tensors:
            session.chosen = self.chosen(question, case, session)
            wanted = self.of_case(question, case, session.chosen)
        if (difference := session.difference(wanted)) is not None:
            session.numbers = difference.numbers
            return bench.told(difference)
        names = session.names(wanted) if self.published and not self.by_name else None
        return bench.misnamed(session, wanted, names, self.published) if names else None

    def explains(self, question: Any, trial: Trial, ways: Sequence[Any]) -> bool | None:
        from convbook.checks.engine.modules import bench

        try:
            chosen = getattr(trial.reply.value, "chosen", ())
            made = self.of_case(question, trial.case, [*chosen, *ways])
            if trial.reply.status == "raised":
                error = trial.reply.error
                return bench.same_words(bench.breaks(made, trial.case), str(getattr(error, "message", error)))
            if trial.reply.status != "returned":
                return None
            if isinstance(trial.reply.value, Fault):
                return False
            if trial.fault is not None and made == self.of_case(question, trial.case, chosen):
                return False
            return trial.reply.value.difference(made, strict=False) is None
        except (ValueError, RuntimeError, IndexError, KeyError):  # it cannot be built, or not be run
            return False  # (a KeyError: two edits at once may put a node before one that it takes)

    def same_error(self, question: Any, trial: Trial, ways: Sequence[Any]) -> bool:
        return bool(self.explains(question, trial, ways))

    def matters(self, question: Any, case: Case, ways: Sequence[Any]) -> bool:
        try:
            return self.of_case(question, case, ways) != self.of_case(question, case)
        except GraphError:
            return True

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        """Return a class that makes mistakes; it refuses to be built if no case is bent by them."""

        bends: list[bool] = []

        def edited(*args: Any, **kwargs: Any) -> Graph:
            if not bends:
                cases = self.cases(np.random.default_rng(0)) if self.cases else ()
                bends.append(any(self._bent(oracle, case, ways) for case in cases))
            if not bends[0]:
                raise ValueError(STRAIGHT)
            own = {name: offered(value) for name, value in kwargs.items()}
            return self.graph(oracle, [offered(a) for a in args], ways, own)

        return _lazy_class(oracle.function.__name__, edited, self.attributes)

    def _bent(self, oracle: Oracle, case: Case, ways: Sequence[Any]) -> bool:
        try:
            return self.graph(oracle, case.args[1:], ways) != self.graph(oracle, case.args[1:])
        except GraphError:
            return True

    def compares(self, case: Case) -> bool:
        return not case.tensors

    def combine(self, one: Any, other: Any) -> bool:
        return one != other

    def automatic(self, question: Any) -> tuple[Mistake, ...]:
        """Return every single edit of the exercise's graphs as a mistake, worded by itself."""
        from convbook.checks.engine.modules.automatic import mistakes_of

        if not self.made:
            cases = [case for case in question.cases(generator(question.name)) if not case.drawn]
            found = mistakes_of([self.of_case(question, case) for case in cases])
            self.made[:] = [
                Mistake(m.name, m.explanation, self.mutant(question.oracle, m.ways[:1]), "", m.ways)
                for m in found
            ]
        return tuple(self.made)

    # ---- words

    def shown(self, wanted: Graph) -> str:
        return "a result"

    def facts_of(self, question: Any, trial: Trial) -> Mapping[str, Any]:
        case = trial.case
        x, *rest = case.args
        facts = question.oracle.facts((None if case.tensors else x, *rest), case.kwargs)
        if case.tensors:
            return facts
        if len(question.oracle.result_axes) == case.args[0].ndim:
            image = case.args[0].shape[1:]
            made = graphs.traced(question.oracle.function, image, *case.args[1:])
            facts.add_axes(question.oracle.result_axes, (len(case.args[0]), *made.sizes()[made.output]))
        facts.known |= getattr(trial.reply.value, "numbers", {})
        return facts

    def case_text(self, question: Any, case: Case) -> str:
        """Return how the class is built, and its input."""
        if case.drawn and secret():
            return "one drawn for grading"
        x, *rest = case.args
        _, *names = question.oracle.signature.parameters
        told = ", ".join(f"{name}={_argument(value)}" for name, value in zip(names, rest, strict=False))
        text = f"{question.name}({told})"
        if not case.tensors:
            text += f", x {x.shape}" + (f", the weights of {case.zero} are 0" if case.zero else "")
        text += f" ({case.about})" if case.about else ""
        if x.size <= 24 and not case.tensors:
            text += "\nx = " + shown(x).replace("\n\n", "\n").replace("\n", "\n    ")
        return text

    def remarks(self, question: Any, answer: Answer, trial: Trial) -> list[str]:
        from convbook.checks.engine.modules.bench import restless

        session = trial.reply.value
        if trial.reply.status != "returned" or isinstance(session, Fault) or trial.case.tensors:
            return []
        if trial.case.drawn and secret():
            return session.remarks
        return [*session.said(trial.wanted), *restless(session)]

    def note(self, question: Any, answer: Answer) -> str:
        from convbook.checks.engine.modules.bench import out_of_order

        if not self.published:
            return ""
        cases = [case for case in question.cases(generator(question.name)) if not case.drawn]
        case = max(cases, key=lambda case: len(list(self.of_case(question, case).entries())))
        session = self.observe(question, answer, case, 2.0, "").value
        if isinstance(session, Fault) or session is None:
            return ""
        graph = self.of_case(question, case)
        names = {n: n for n, _, _ in graph.entries()} if case.tensors else session.names(graph)
        if not out_of_order(session, graph, names or {}):
            return ""
        return (
            f"your tensors lie in another order than the published ones, so `{self.published}` would not fit"
        )


def _distance(kinds: Counter[str], graph: Graph) -> int:
    """Return how many operations of a trace and of a graph have no like in the other."""
    wanted = Counter(node.kind for node in graph.body)
    return sum(((kinds - wanted) + (wanted - kinds)).values())


def offered(value: Any) -> Any:
    """Return the reference behind one of the course's own block classes, anything else as it is."""
    if isinstance(value, type) and hasattr(value, "layout") and hasattr(value, "expansion"):
        return Reference("relay", {"expansion": value.expansion, "layout": value.layout})
    return value


def _argument(value: Any) -> str:
    return "the check's own block" if isinstance(value, Reference) else repr(value)


def _lazy_class(name: str, edited: Callable[..., Graph], attributes: Mapping[str, Any]) -> type:
    """Return a stand-in that becomes a module class when it is first called: torch is loaded then, not when a unit is declared."""

    class Lazy:
        made: Any = None

        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            from convbook.checks.engine.modules.running import bent_class

            cls.made = cls.made or bent_class(name, edited, attributes)
            return cls.made(*args, **kwargs)

    Lazy.__name__ = Lazy.__qualname__ = name
    for attribute, value in attributes.items():
        setattr(Lazy, attribute, value)
    return Lazy
