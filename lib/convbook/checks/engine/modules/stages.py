"""Observe a function that builds a module of blocks: it is given the course's own, which tell how they were built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from convbook.answers import Answer, Built
from convbook.answers.values import Reference
from convbook.checks.engine.compare import Fault
from convbook.checks.engine.modules.observer import offered
from convbook.checks.engine.modules.seen import ALL, FIRST, OTHER, Row, stage
from convbook.checks.engine.observe import Records
from convbook.checks.engine.oracles import Oracle
from convbook.checks.engine.seed import secret
from convbook.forms import Case, Reply


class Stages(Records):
    """Build stages with the course's own blocks and compare what they turned out to be with what `stage` says."""

    library = "PyTorch"

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        reply = answer.build(*case.args, seconds=seconds, forbid="torchvision" if forbid else "")
        if reply.status != "returned":
            return reply
        if not isinstance(reply.value, Built):
            value = stage((), kept=reply.value.kind)
            return Reply("returned", value, (), None, reply.printed, reply.seconds)
        built = reply.value
        kept = "Sequential" if "Sequential" in built.kinds else built.kinds[0]
        state = built.state().value
        rows = [tuple(int(v) for v in row) for name, row in state.items() if name.endswith("built_with")]
        seen = stage(rows, _different(built, [n for n in state if n.endswith("gain")]), kept)
        seen["trained"] = not rows or any(name.endswith("gain") for name in built.parameters().value)
        if _runnable(seen, case):
            seen["runs"] = _run(built, case, rows)
        return Reply("returned", seen, (), None, reply.printed, reply.seconds)

    def alike(self, part: str, yours: Any, goal: Any, case: Case) -> bool:
        return bool(yours == goal)

    def _same(self, one: Mapping[str, Any], other: Mapping[str, Any], case: Case) -> bool:
        if one["kept"] != "Sequential" or other["kept"] != "Sequential":
            return one["kept"] == other["kept"] and (
                one["kept"] == "list" or one["blocks"] == other["blocks"]
            )
        if not _runnable(one, case):
            return {**one, "runs": ""} == {**other, "runs": ""}
        return dict(one) == dict(other)

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if reply.status != "returned" or reply.value == wanted:
            return None
        seen = reply.value
        if seen["kept"] == "NoneType":
            return Fault(
                "wrong", "returns nothing: is the `return` missing?", "nothing", told(wanted), final=True
            )
        if {**seen, "runs": ""} != {**wanted, "runs": ""}:
            return Fault("wrong", "builds another stage than asked for", told(seen), told(wanted))
        hint = "the nn.Sequential holds the blocks and nothing else, in the order in which they were built"
        sentence = "builds a stage that does something else than run its blocks one after the other"
        return Fault("wrong", sentence, f"it runs {seen['runs']}", f"it runs {ALL}", hint)

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        """Return a function that builds the stage of a bent record."""
        if not ways:
            raise ValueError("only a bent record becomes a function: the straight one is the exercise")

        def mutant(block: Any, *args: Any) -> Any:
            from convbook.checks.engine.modules.staging import made

            return made(block, oracle.run((offered(block), *args), {}, ways))

        mutant.__name__ = mutant.__qualname__ = oracle.function.__name__
        return mutant

    def case_text(self, question: Any, case: Case) -> str:
        if case.drawn and secret():
            return "one drawn for grading"
        arguments = zip(question.oracle.signature.parameters, case.args, strict=False)
        text = ", ".join(f"{n}={v}" if not isinstance(v, Reference) else _block(v) for n, v in arguments)
        return f"{question.name}({text})" + (f" ({case.about})" if case.about else "")


def _block(reference: Reference) -> str:
    return f"a block of expansion {reference.options['expansion']}"


def _runnable(seen: Mapping[str, Any], case: Case) -> bool:
    """Tell whether a stage can be run: its blocks fit together, and the first fits the input."""
    maps, expansion = case.args[1], case.args[0].options["expansion"]
    for c_in, c, _ in seen["blocks"]:
        if c_in != maps:
            return False
        maps = c * expansion
    return seen["kept"] == "Sequential" and bool(seen["blocks"])


def _different(built: Built, gains: list[str]) -> int:
    """Return how many blocks there are behind these names: what is written into one is then found in its others."""
    shapes = built.shapes().value
    built.load_state({name: np.full(shapes[name], 2.0 + i) for i, name in enumerate(gains)})
    state = built.state().value
    return len({float(state[name].flat[0]) for name in gains})


def _run(built: Built, case: Case, rows: Sequence[Row]) -> str:
    """Return what a stage runs, in words: seen from what it gives for a random input."""
    built.double()
    rng = np.random.default_rng(0)
    shapes = built.shapes().value
    built.load_state({n: rng.normal(size=s) for n, s in shapes.items() if not n.endswith("built_with")})
    state = built.state().value
    x = passed = rng.normal(size=(2, case.args[1], 7, 9))
    through = []
    for name, (_, _, stride) in zip(
        [n.removesuffix("gain") for n in shapes if n.endswith("gain")], rows, strict=False
    ):
        maps = np.arange(len(state[name + "gain"])) % passed.shape[1]
        passed = (
            passed[:, maps, ::stride, ::stride] * state[name + "gain"][:, None, None]
            + state[name + "shift"][:, None, None]
        )
        through.append(passed)
    reply = built.call(x)
    for words, wanted in ((ALL, through[-1]), (FIRST, through[0])):
        if (
            reply.status == "returned"
            and np.shape(reply.value) == wanted.shape
            and np.allclose(reply.value, wanted)
        ):
            return words
    return OTHER


def told(seen: Mapping[str, Any]) -> str:
    """Return a stage in words."""
    if seen["kept"] != "Sequential":
        return "nothing" if seen["kept"] == "NoneType" else f"a {seen['kept']}"
    if not seen["blocks"]:
        return "an nn.Sequential without any `block`"
    text = f"an nn.Sequential of {', '.join(f'block{row}' for row in seen['blocks'])}"
    if seen["different"] < len(seen["blocks"]):
        text += (
            ", all one object" if seen["different"] == 1 else f", only {seen['different']} of them different"
        )
    return text if seen["trained"] else f"{text}, with weights that are not trained"
