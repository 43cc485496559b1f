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
from convbook.checks.engine.chance import ELSEWHERE, FRESH, FROZEN, SIGMAS, wrong_kind
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


class Flips(Views):
    """See a function (x, p, rng) that mirrors some of the images (n, c, h, w)."""

    calls, calls_alone = 16, 40
    words: Mapping[str, str] = {**Views.words, "ways": "mirrors in the wrong direction", "share": "mirrors the wrong share",
             "number": "always mirrors the same number of images"}  # fmt: skip

    def record(self, case: Case, values: Sequence[np.ndarray]) -> dict[str, Any]:
        x, p = case.args[0], case.args[1]
        known = [self._ways(image) for image in x]
        seen = np.array(
            [
                [known[i].get(key(image), "something else") for i, image in enumerate(value)]
                for value in values
            ]
        )
        flipped, constant = seen != "as it was", bool((seen == seen[0]).all())
        if len(x) == 1:  # one image tells little of the draws
            return {"ways": FROZEN if constant and 0 < p < 1 else _or(seen), "random": False}
        told: dict[str, Any] = {"ways": _or(seen), "random": 0 < flipped.mean() < 1}
        if not told["random"]:
            return told | {"share": float(flipped.mean())}
        if constant:
            return told
        together = bool((flipped == flipped[:, :1]).all())
        told["each"] = BATCH if together else ALONE
        told["number"] = "varies" if together or len(set(flipped.sum(1))) > 1 else "is fixed"
        decisions = len(seen) * (1 if together else len(x))
        return told | {"share": _snapped(float(flipped.mean()), p, decisions)}

    @staticmethod
    def _ways(image: np.ndarray) -> dict[bytes, str]:
        ways = {"channels reversed": image[::-1], "left–right and upside down": image[:, ::-1, ::-1],
                "upside down": image[:, ::-1], "left–right": image[..., ::-1], "as it was": image}  # fmt: skip
        return {key(goal): name for name, goal in ways.items()}

    def told(self, part: str, value: Any) -> str:
        if part == "share":
            return f"a share of {value:.3g} is mirrored"
        return f"an image is {value}" if part == "ways" else super().told(part, value)


BORDERS = {"zeros": "constant", "the other side's pixels": "wrap", "mirrored pixels": "reflect", "the edge's pixels again": "edge"}  # fmt: skip


class Crops(Views):
    """See a function (x, padding, rng) that pads images (n, c, h, w) and cuts each out at an offset of its own."""

    calls, calls_alone = 20, 60
    words: Mapping[str, str] = {**Views.words, "border": "lets something else than zeros in", "rows": "does not use all offsets of the rows",
             "columns": "does not use all offsets of the columns", "axes": "couples rows and columns",
             "often": "does not use all offsets alike often"}  # fmt: skip

    def record(self, case: Case, values: Sequence[np.ndarray]) -> dict[str, Any]:
        x, padding = case.args[:2]
        seen = np.stack(values)
        tried = ((border, offsets_of(x, padding, seen, mode)) for border, mode in BORDERS.items())
        border, offsets = next((pair for pair in tried if pair[1] is not None), ("", None))
        if offsets is None:
            return {"border": "no piece of the padded image", "random": False}
        told: dict[str, Any] = {
            "border": border if padding else "nothing",
            "random": padding > 0 and len(x) > 1,
        }
        constant, together = (bool((offsets == offsets[part]).all()) for part in (np.s_[:1], np.s_[:, :1]))
        if told["random"] and not constant:
            told["each"] = BATCH if together else ALONE
            if together:  # that many draws are too few to tell more of them
                return told
        if padding and constant and (len(x) == 1 or not together):
            return told if len(x) > 1 else told | {"rows": FROZEN}
        for axis, letter in enumerate(("rows", "columns")):
            told[letter] = " ".join(str(v) for v in sorted(set(offsets[..., axis].flat)))
        if not told["random"] or constant:
            return told
        told["axes"] = "alike" if (offsets[..., 0] == offsets[..., 1]).all() else "each by itself"
        return told | {"often": _evenly(offsets, 2 * padding + 1)}

    def told(self, part: str, value: Any) -> str:
        if part == "axes":
            return f"rows and columns move {value}"
        return f"offsets {value}" if part in ("rows", "columns") else super().told(part, value)


def _or(seen: np.ndarray) -> str:
    return " or ".join(sorted(set(seen.flat)))


def offsets_of(x: np.ndarray, padding: int, values: np.ndarray, mode: str) -> np.ndarray | None:
    """Return the offsets (calls, n, 2) of pieces of a padded image; None where one is found nowhere."""
    h, w = x.shape[-2:]
    if padding and mode == "reflect" and padding >= min(h, w):
        return None
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode=mode)
    places = range(2 * padding + 1)
    known = [
        {key(image[:, r : r + h, q : q + w]): (r, q) for r in places for q in places} for image in padded
    ]
    found = []
    for images in values:
        row = [known[i].get(key(image)) for i, image in enumerate(images)]
        if None in row:
            return None
        found.append(row)
    return np.array(found)


def key(image: np.ndarray) -> bytes:
    """Return what two images share that have the same pixels, up to float32's precision."""
    return (np.asarray(image, np.float32) + 0.0).tobytes()  # + 0.0: there is no negative zero


def _evenly(offsets: np.ndarray, places: int) -> str:
    """Return whether all offsets come alike often, up to `SIGMAS` standard deviations."""
    many = offsets[..., 0].size
    reach = SIGMAS * (many / places * (1 - 1 / places)) ** 0.5
    for axis in (0, 1):
        counts = np.bincount(offsets[..., axis].ravel(), minlength=places)[:places]
        if (np.abs(counts - many / places) > reach).any():
            return "some more often than others"
    return "all alike often"


def drawn_from(values: Sequence[np.ndarray], twins: int) -> str:
    """Return where draws come from: the last values are those of the first calls once more, from the same state of rng."""
    if all(np.array_equal(values[0], value) for value in values):
        return FROZEN
    again = zip(values[:twins], values[-twins:], strict=True)
    return FRESH if all(np.array_equal(*pair) for pair in again) else ELSEWHERE


def _snapped(share: float, p: float, decisions: int) -> float:
    nearest = min((p, 1 - p), key=lambda goal: abs(share - goal))
    reach = SIGMAS * (p * (1 - p) / decisions) ** 0.5
    return float(nearest) if abs(share - nearest) <= reach else round(share, 1)


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
