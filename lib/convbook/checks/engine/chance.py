"""An observer of what is left to chance: dropout is judged by its behaviour over many calls, never by a sequence of draws.

An answer is called `CALLS` times on one array, with one generator. What came out is boiled down to a record of plain
parts: by what kept units are multiplied, which share is dropped, along which axes one draw decides for several units,
where the draws come from, and whether their number varies. All numbers are snapped to the rule they obey.

How often would a right answer be refused? Each part has a bound, and `false_alarm` adds them up for a case. The share may lie
`SIGMAS` standard deviations from p; the tests compute the exact binomial tails. One check has at most eight such cases,
and for all of them together the rate stays below `RATE`, one in ten million.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.compare import Fault, fault_of
from convbook.checks.engine.observe import Records, fresh
from convbook.checks.engine.oracles import Oracle
from convbook.checks.engine.seed import generator
from convbook.forms import Case, Reply

CALLS = 25
ENOUGH = 200  # units: where so many were kept, and none was dropped, nothing is left to chance
SIGMAS = 6.0
RATE = 1e-7
CLOSE = {np.dtype(np.float32): 1e-4, np.dtype(np.float64): 1e-9}
FRESH, ELSEWHERE, FROZEN = (
    "a new draw from rng",
    "a new draw from another generator",
    "the same draw each time",
)
NOTHING = {"shared": (), "draws": "", "number": ""}


def seen(record: Mapping[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """Return a record with some parts replaced; where nothing or everything is dropped, nothing is said of the draws.

    >>> seen(kept=1.0, share=0.0)["draws"]
    ''
    """
    random = {"shared": (), "draws": FRESH, "number": "varies"}
    full = {"kept": 1.0, "share": 0.0, **random, **(record or {}), **parts}
    if full["share"] in (0.0, 1.0):
        return full | NOTHING | ({"kept": 0.0} if full["share"] == 1.0 else {})
    for part, value in random.items():  # a record that had nothing to tell of the draws may have now
        full[part] = full[part] or value
    return full


def false_alarm(shape: Sequence[int], p: float, calls: int = CALLS) -> float:
    """Return an upper bound of the probability that one case with such an array refuses a right answer.

    >>> false_alarm((4, 15), 0.25) < 1e-8
    True
    """
    units = math.prod(shape)
    share = tail(units * calls, p, SIGMAS)
    along = sum((p**side + (1 - p) ** side) ** (units // side * calls) for side in shape if side > 1)
    twins = (p**2 + (1 - p) ** 2) ** units  # two calls that happen to be alike
    fixed = _mode(units, p) ** (calls - 1)
    return share + along + twins + fixed


def tail(n: int, p: float, sigmas: float) -> float:
    """Return the exact probability that a binomial count lies further than so many deviations from its mean."""
    reach = sigmas * math.sqrt(n * p * (1 - p))
    return math.fsum(_binomial(n, k, p) for k in range(n + 1) if abs(k - n * p) > reach)


def _binomial(n: int, k: int, p: float) -> float:
    logs = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(logs + k * math.log(p) + (n - k) * math.log1p(-p))


def _mode(n: int, p: float) -> float:
    return max(_binomial(n, k, p) for k in range(n + 1))


def pattern(kept: np.ndarray, twin: np.ndarray, p: float) -> dict[str, Any]:
    """Return the share, the axes along which one draw decides, where the draws come from, and whether their number varies.

    Shapes: kept (calls, …) of 0 and 1, twin (…) what the first call gives once more from the same state of rng.
    """
    frozen = bool((kept == kept[0]).all())
    axes = range(1, kept.ndim)
    shared = tuple(a - 1 for a in axes if kept.shape[a] > 1 and bool((kept == kept.take([0], a)).all()))
    decisions = (1 if frozen else len(kept)) * math.prod(
        side for a, side in enumerate(kept.shape[1:]) if a not in shared
    )
    counts = kept.reshape(len(kept), -1).sum(1)
    number = "is fixed" if not frozen and not shared and (counts == counts[0]).all() else "varies"
    draws = FROZEN if frozen else FRESH if np.array_equal(kept[0], twin) else ELSEWHERE
    return {
        "share": _snapped(1 - float(kept.mean()), p, decisions),
        "shared": shared,
        "draws": draws,
        "number": number,
    }


def _snapped(share: float, p: float, decisions: int) -> float:
    """Return p or 1 − p if a share agrees with it, else the share itself."""
    nearest = min((p, 1 - p), key=lambda goal: abs(share - goal))
    reach = SIGMAS * math.sqrt(p * (1 - p) / decisions)
    return nearest if 0 < share < 1 and abs(share - nearest) <= reach else round(share, 3)


def factor(values: np.ndarray, x: np.ndarray) -> float:
    """Return the one number by which all of x was multiplied, NaN where there is none, 0 for nothing at all."""
    if values.size == 0:
        return 0.0
    ratios = np.asarray(values / x, dtype=float)
    middle = float(np.median(ratios))
    close = CLOSE.get(x.dtype, 1e-9)
    return middle if np.allclose(ratios, middle, rtol=close, atol=close) else math.nan


class Chance(Records):
    """Call an answer with the arguments of a case and a generator of the check's, many times over.

    The arguments of a case are all but `rng`. A subclass says how calls become a record.
    """

    words: Mapping[str, str] = {
        "kept": "multiplies what it keeps by the wrong number",
        "share": "drops the wrong share",
        "shared": "does not decide for each unit alone",
        "draws": "takes its draws from the wrong place",
        "number": "always drops the same number of units",
    }
    things = "units"

    def call(self, answer: Answer, case: Case, rng: Any, seconds: float, forbid: str) -> Reply:
        return answer.call(*map(fresh, case.args), rng, seconds=seconds, forbid=forbid, **case.kwargs)

    def type_fault(self, reply: Reply, case: Case) -> Fault | None:
        """Return what is wrong with a result of the wrong kind or shape, or None."""
        return wrong_kind(reply, case.args[0])

    def record(self, case: Case, values: list[Any], twin: Any) -> dict[str, Any]:
        """Return what several calls, and the twin of the first, show."""
        raise NotImplementedError

    def steady(self, case: Case, values: list[Any]) -> bool:
        """Tell whether nothing at all was dropped in several calls, so that more of them would tell nothing new."""
        return self.record(case, values, values[0])["share"] == 0.0

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        seed = int(generator("chance").integers(2**32)) + sum(map(len, map(str, case.args)))
        rng, values, spent = np.random.default_rng(seed), [], 0.0
        for number in range(CALLS + 1):
            source = np.random.default_rng(seed) if number == CALLS else rng
            reply = self.call(answer, case, source, max(0.05, seconds - spent), forbid)
            spent += reply.seconds
            changed = any(
                isinstance(a, np.ndarray) and not np.array_equal(a, b)
                for a, b in zip(case.args, reply.arguments, strict=False)
            )
            if reply.status != "returned" or changed or self.type_fault(reply, case):
                return reply
            values.append(reply.value)
            if number > 1 and number * case.args[0].size > ENOUGH and self.steady(case, values):
                values.append(reply.value)
                break
        found = self.record(case, values[:-1], values[-1])
        return Reply("returned", found, reply.arguments, None, reply.printed, spent)

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if reply.status == "returned" and not isinstance(reply.value, dict):
            return self.type_fault(reply, case)
        return super().fault(question, case, reply, wanted)

    def _same(self, one: Any, other: Any, case: Case) -> bool:
        return isinstance(one, dict) and super()._same(one, other, case)

    def alike(self, part: str, yours: Any, goal: Any, case: Case) -> bool:
        if isinstance(goal, float) and isinstance(yours, float):
            return math.isclose(yours, goal, rel_tol=1e-4, abs_tol=1e-6) or (
                math.isnan(yours) and math.isnan(goal)
            )
        return super().alike(part, yours, goal, case)

    def part_fault(self, part: str, yours: Any, goal: Any, case: Case) -> Fault | None:
        if isinstance(goal, np.ndarray) or self.alike(part, yours, goal, case):
            return super().part_fault(part, yours, goal, case)
        return Fault("wrong", self.words[part], self.told(part, yours), self.told(part, goal))

    def told(self, part: str, value: Any) -> str:
        if part == "kept":
            number = "different numbers" if math.isnan(value) else f"{value:.4g}"
            return f"what is kept is multiplied by {number}"
        if part == "share":
            return f"a share of {value:.3g} is dropped" if value else "nothing is dropped"
        if part == "shared":
            axes = f" {' and '.join(str(a) for a in value)}"
            return f"one draw for all along axis{axes}" if value else f"a draw for each of the {self.things}"
        if part == "number":
            return f"the number of dropped {self.things} {value}"
        return str(value)

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        """Return a function that does what a bent record says."""
        if not ways:
            raise ValueError("only a bent record becomes a function: the straight one is the exercise")
        return self.performer(lambda *args: oracle.run(args, {}, ways))

    def stand_in(self, question: Any) -> Callable[..., Any]:
        """Return what PyTorch draws, for a demonstration whose answer is still open; a check refuses it as an answer."""
        draw = self.performer(lambda *args: question.oracle.run(args, {}))

        def drawn(*args: Any, **kwargs: Any) -> Any:
            p = question.oracle.bound(args, kwargs)["p"]
            if not 0 <= p < 1:
                raise ValueError(
                    f"p is the probability to drop one of the {self.things}, at least 0 and below 1; it is {p}"
                )
            return draw(*args, **kwargs)

        return drawn

    def performer(self, told: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
        """Return a function that behaves as the record `told(…)` of its arguments says."""
        raise NotImplementedError


def wrong_kind(reply: Reply, like: np.ndarray, counts: bool = False) -> Fault | None:
    """Return what is wrong with a value that should be an array like `like`, apart from its numbers."""
    precision = "float32" if like.dtype == np.float32 else "float64"
    fault = fault_of(reply, np.zeros(like.shape), precision, counts)
    return fault if fault is not None and fault.kind not in ("wrong", "not finite") else None


def drawn_mask(record: Mapping[str, Any], shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Return a mask of 0 and 1 that PyTorch draws as a record says."""
    import torch

    source = {ELSEWHERE: np.random.default_rng(), FROZEN: np.random.default_rng(7)}.get(record["draws"], rng)
    torch_source = torch.Generator().manual_seed(int(source.integers(2**62)))
    sides = [1 if axis in record["shared"] else side for axis, side in enumerate(shape)]
    if record["number"] == "is fixed" and not record["shared"]:
        order = torch.randperm(math.prod(shape), generator=torch_source).reshape(tuple(shape))
        kept = order >= max(1, round(record["share"] * math.prod(shape)))
    else:
        kept = torch.bernoulli(torch.full(sides, 1 - record["share"]), generator=torch_source)
    return kept.expand(tuple(shape)).numpy().astype(float)
