"""An observer of what becomes of images: flipped, cropped, scaled; seen in many calls and told in words.

An answer is called `many` times with one generator, then `twins` times with the generator as it was at first. A case holds a seed
in the generator's place. What came out is compared with what the same image gives in every way there is (`views_found`);
no sequence of draws is ever asked for. `false_alarm` in the tests bounds how often a right answer would be refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.chance import ELSEWHERE, FRESH, FROZEN, wrong_kind
from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.observe import Records, fresh
from convbook.checks.engine.oracles import Oracle
from convbook.forms import Case, Reply

ALONE, BATCH = "each image by itself", "all images of a batch alike"


class Views(Records):
    """Call a function of images many times. A subclass says which shape is wanted, and makes the record."""

    calls = calls_alone = 1
    twins = 2  # calls that are made once more from the same state of rng
    words: Mapping[str, str] = {
        "each": "does not decide for each image by itself",
        "draws": "takes its draws from the wrong place",
    }

    def shape(self, case: Case) -> tuple[int, ...]:
        """Return the shape that is wanted."""
        return case.args[0].shape

    def many(self, case: Case) -> int:
        """Return how many calls a case takes: an image alone tells little in each of them."""
        return self.calls if len(case.args[0]) > 1 else self.calls_alone

    def record(self, case: Case, values: Sequence[np.ndarray]) -> dict[str, Any]:
        """Return what several calls show, in words."""
        raise NotImplementedError

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        values, spent = [], 0.0
        for rng in self._generators(case):
            args = [fresh(a) for a in case.args]
            if rng is not None:
                args[-1] = rng
            reply = answer.call(*args, seconds=max(0.1, seconds - spent), forbid=forbid, **case.kwargs)
            spent += reply.seconds
            changed = not np.array_equal(case.args[0], reply.arguments[0])
            if reply.status != "returned" or changed or self.type_fault(reply, case):
                return reply
            values.append(reply.value)
        return Reply("returned", self.seen(case, values), case.args, None, reply.printed, spent)

    def _generators(self, case: Case) -> list[Any]:
        if self.calls == 1:
            return [None]
        first = np.random.default_rng(case.args[-1])
        return [first] * self.many(case) + [np.random.default_rng(case.args[-1])] * self.twins

    def seen(self, case: Case, values: Sequence[Any]) -> dict[str, Any]:
        if any(
            np.shape(value) != self.shape(case) for value in values
        ):  # of a mistake: it has a shape of its own
            return {"shape": np.shape(values[0])}
        values = [np.asarray(value, float) for value in values]
        if self.calls == 1:
            return self.record(case, values)
        told = self.record(case, values[: -self.twins])
        if told.pop("random", True):
            told["draws"] = drawn_from(values, self.twins)
        return told

    def type_fault(self, reply: Reply, case: Case) -> Fault | None:
        """Return what is wrong with a result of the wrong kind or shape, or None."""
        return wrong_kind(reply, np.zeros(self.shape(case), case.args[0].dtype))

    def wanted(self, question: Any, case: Case) -> Any:
        return self.predicted(question, case, ())

    def predicted(self, question: Any, case: Case, ways: Sequence[Any]) -> dict[str, Any] | None:
        try:
            runs = []
            for rng in self._generators(case):
                args = case.args if rng is None else (*case.args[:-1], rng)
                runs.append(question.oracle.run(args, case.kwargs, ways))
            return self.seen(case, runs)
        except (RuntimeError, ValueError, IndexError):
            return None

    def explains(self, question: Any, trial: Any, ways: Sequence[Any]) -> bool | None:
        """Tell whether mistakes give what was seen; a result of another shape is compared by its shape."""
        reply = trial.reply
        if reply.status != "returned" or isinstance(reply.value, dict):
            return super().explains(question, trial, ways)
        made = self.predicted(question, trial.case, ways)
        return made is not None and made == {"shape": np.shape(reply.value)} and np.ndim(reply.value) > 0

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if reply.status == "returned" and not isinstance(reply.value, dict):
            return self.type_fault(reply, case)
        return super().fault(question, case, reply, wanted)

    def told(self, part: str, value: Any) -> str:
        return value if isinstance(value, str) else shown(value)

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Any:
        return oracle.mutant(*ways)

    def stand_in(self, question: Any) -> Any:
        """Return what PyTorch makes of images, for a demonstration whose answer is still open; a check refuses it as an answer."""
        return lambda *args: question.oracle.run(args, {})

    def combine(self, one: Any, other: Any) -> bool:
        if "rng" in (*one.arguments, *other.arguments):
            return False  # of draws from elsewhere nothing else can be said
        twice = set(one.arguments) & set(other.arguments)
        return not twice and not (one.instead and other.instead) and one != other

    def case_text(self, question: Any, case: Case) -> str:
        names = list(question.oracle.signature.parameters)
        rest = ", ".join(
            f"{name} {value:.3g}" for name, value in zip(names, case.args, strict=False) if np.ndim(value) == 0 and name != "rng"
        )  # fmt: skip
        text = f"{names[0]} {case.args[0].shape}" + (f", {rest}" if rest else "")
        return text + (f" ({case.about})" if case.about else "")


def key(image: np.ndarray) -> bytes:
    """Return what two images share that have the same pixels, up to float32's precision."""
    return (np.asarray(image, np.float32) + 0.0).tobytes()  # + 0.0: there is no negative zero


def drawn_from(values: Sequence[np.ndarray], twins: int) -> str:
    """Return where draws come from: the last values are those of the first calls once more, from the same state of rng."""
    if all(np.array_equal(values[0], value) for value in values):
        return FROZEN
    again = zip(values[:twins], values[-twins:], strict=True)
    return FRESH if all(np.array_equal(*pair) for pair in again) else ELSEWHERE


class Places(Views):
    """See a function (image, size) that returns ten crops of an image (c, h, w), in any order."""

    words: Mapping[str, str] = {**Views.words, "crops": "returns other crops"}

    def shape(self, case: Case) -> tuple[int, ...]:
        image, size = case.args
        return (10, len(image), size, size)

    def record(self, case: Case, values: Sequence[np.ndarray]) -> dict[str, Any]:
        known = placed(*case.args)
        return {"crops": sorted(known.get(key(crop), "something else") for crop in values[0])}

    def part_fault(self, part: str, yours: Any, goal: Any, case: Case) -> Fault | None:
        if yours == goal or part not in ("crops",) or yours is None:
            return super().part_fault(part, yours, goal, case)
        missing, more = list(goal), []
        for name in yours:
            if name in missing:
                missing.remove(name)
            else:
                more.append(name)
        return Fault("wrong", self.words[part], "; ".join(more) + " in their place", "; ".join(missing))


def placed(image: np.ndarray, size: int) -> dict[bytes, str]:
    """Return every window of an image, as it is, mirrored and turned, with words for where it lies."""
    h, w = image.shape[1:]
    turned = {"as it is": np.s_[:], "mirrored": np.s_[..., ::-1], "upside down": np.s_[:, ::-1],
              "mirrored and upside down": np.s_[:, ::-1, ::-1]}  # fmt: skip
    known = {}
    for row in range(h - size + 1):
        for column in range(w - size + 1):
            window = image[:, row : row + size, column : column + size]
            known[key(window.swapaxes(1, 2))] = f"row {row}, column {column}, turned over its diagonal"
    for name, way in reversed(turned.items()):
        for row in range(h - size + 1):
            for column in range(w - size + 1):
                window = image[:, row : row + size, column : column + size]
                known[key(window[way])] = f"row {row}, column {column}, {name}"
    return known
