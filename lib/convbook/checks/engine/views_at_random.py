"""Observers of images that are mirrored or moved at random: which way, how often, and by whose draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from convbook.checks.engine.chance import FROZEN, SIGMAS
from convbook.checks.engine.views import ALONE, BATCH, Views, key
from convbook.forms import Case


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
        ways = {"left–right, with its channels reversed": image[::-1, :, ::-1], "channels reversed": image[::-1], "left–right and upside down": image[:, ::-1, ::-1],
                "upside down": image[:, ::-1], "left–right": image[..., ::-1], "as it was": image}  # fmt: skip
        return {key(goal): name for name, goal in ways.items()}

    def told(self, part: str, value: Any) -> str:
        if part == "share":
            return f"a share of {value:.3g} is mirrored"
        return f"an image is {value}" if part == "ways" else super().told(part, value)


BORDERS = {"zeros": "constant", "the other side's pixels": "wrap", "mirrored pixels": "reflect", "the edge's pixels again": "edge"}  # fmt: skip

APART = "zeros, and channels that lie apart"


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
            return {
                "border": APART if _apart(x, padding, seen) else "no piece of the padded image",
                "random": False,
            }
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


def _apart(x: np.ndarray, padding: int, values: np.ndarray) -> bool:
    """Tell whether every channel alone is a piece of its own padded one."""
    one_by_one = (np.s_[:, k : k + 1] for k in range(x.shape[1]))
    return all(offsets_of(x[k], padding, values[:, *k], "constant") is not None for k in one_by_one)


def _evenly(offsets: np.ndarray, places: int) -> str:
    """Return whether all offsets come alike often, up to `SIGMAS` standard deviations."""
    many = offsets[..., 0].size
    reach = SIGMAS * (many / places * (1 - 1 / places)) ** 0.5
    for axis in (0, 1):
        counts = np.bincount(offsets[..., axis].ravel(), minlength=places)[:places]
        if (np.abs(counts - many / places) > reach).any():
            return "some more often than others"
    return "all alike often"


def _snapped(share: float, p: float, decisions: int) -> float:
    """Return p, 1 − p or one half, the first that chance explains, or else the share in tenths."""
    for goal in (*sorted((p, 1 - p), key=lambda goal: abs(share - goal)), 0.5):
        if abs(share - goal) <= SIGMAS * (goal * (1 - goal) / decisions) ** 0.5:
            return float(goal)
    return round(share, 1)
