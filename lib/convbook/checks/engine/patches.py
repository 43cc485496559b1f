"""An observer of patches (c, size, size) that are cut at random from an image resized at random.

Every patch that there could be, of every scale and of some wrong ways to resize, lies in a bank; what an answer gives is
looked up there. So its scales and its places are known, and no sequence of draws is ever asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from convbook.checks.engine.chance import FROZEN
from convbook.checks.engine.compare import Fault
from convbook.checks.engine.oracles import tensor
from convbook.checks.engine.views import Views
from convbook.forms import Case, Reply

NEAR = 1e-4  # of pixels from 0.1 to 1: a right patch in float32 is nearer, and another patch is not
NONE = "no patch of the resized image"
Resize = Callable[[Any, int, int], Any]  # (image, short side, patch size) -> what patches are cut from


class Patches(Views):
    """See a function (image, low, high, size, rng) that resizes and cuts; `ways` name the ways to resize, the right one first."""

    calls = calls_alone = 60
    twins = 6  # small images have few places: two draws may well be alike
    words: Mapping[str, str] = {
        **Views.words, "kind": "returns something else than a patch of the resized image", "scales": "does not use all short sides",
        "rows": "does not use all rows to cut at", "columns": "does not use all columns to cut at", "axes": "couples rows and columns",
    }  # fmt: skip

    def __init__(self, ways: Mapping[str, Resize]):
        self.ways = ways

    def shape(self, case: Case) -> tuple[int, ...]:
        image, _, _, size, _ = case.args
        return (len(image), size, size)

    def type_fault(self, reply: Reply, case: Case) -> Fault | None:
        found, size = np.shape(reply.value), case.args[3]
        wanted = self.shape(case)
        if len(found) == 3 and found != wanted and min(found[1:]) >= size:
            why = f"the resized image is {found[1]} × {found[2]}: cut {size} × {size} pixels out of it"
            return Fault(
                "wrong type", "returns more than the patch", f"shape {found}", f"shape {wanted}", why, True
            )
        if found[1:] == wanted:
            return Fault("wrong type", "returns a batch", f"shape {found}", f"shape {wanted}", "one image comes in, and one patch goes out", True)  # fmt: skip
        return super().type_fault(reply, case)

    def record(self, case: Case, values: Sequence[np.ndarray]) -> dict[str, Any]:
        seen = np.stack(values).reshape(len(values), -1)
        for kind, resize in self.ways.items():
            patches, places = bank(resize, case)
            nearest = np.abs(seen[:, None] - patches[None]).max(2)
            if len(patches) and (nearest.min(1) < NEAR).all():
                return self._told(kind, case, places[nearest.argmin(1)])
        return {"kind": NONE, "random": False}

    @staticmethod
    def _told(kind: str, case: Case, places: np.ndarray) -> dict[str, Any]:
        _, low, high, _, _ = case.args
        scales, rows, columns, room_down, room_right = places.T
        told: dict[str, Any] = {
            "kind": kind,
            "scales": " ".join(str(s) for s in sorted(set(scales.tolist()))),
        }
        if (places == places[0]).all() and (low < high or room_down.any() or room_right.any()):
            return told | {"scales": FROZEN, "random": False}
        told["rows"], told["columns"] = _cut_at(scales, rows, room_down), _cut_at(scales, columns, room_right)
        moving = "first to last" in (told["rows"], told["columns"])
        told["axes"] = "alike" if moving and (rows == columns).all() else "each by itself"
        return told | {"random": True}

    def told(self, part: str, value: Any) -> str:
        said = {"kind": "{}", "scales": "short sides {}", "rows": "rows: {}", "columns": "columns: {}", "axes": "rows and columns move {}"}  # fmt: skip
        return said[part].format(value) if part in said and value is not None else super().told(part, value)


def _cut_at(scales: np.ndarray, starts: np.ndarray, room: np.ndarray) -> str:
    """Return in words at which places along one axis patches are cut, where the last place is `room`."""
    free = room > 0
    if not free.any():
        return "there is only one place"
    scales, starts, room = scales[free], starts[free], room[free]
    if all(len(set(starts[scales == scale].tolist())) == 1 for scale in set(scales.tolist())):
        middle = (starts == room // 2).all() or (starts == (room + 1) // 2).all()
        return (
            "always the first place"
            if not starts.any()
            else "always the middle"
            if middle
            else "always the same place"
        )
    first, last = bool((starts == 0).any()), bool((starts == room).any())
    return "first to last" if first and last else "never the last place" if first else "never the first place"


def bank(resize: Resize, case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Return all patches, flat, and where each is from: (short side, row, column, last row, last column)."""
    image, low, high, size, _ = case.args
    patches, places = [], []
    for short in range(max(1, low - 1), high + 2):
        full = resize(tensor(image), short, size).numpy()
        down, right = full.shape[1] - size, full.shape[2] - size
        for row in range(down + 1):
            for column in range(right + 1):
                patches.append(full[:, row : row + size, column : column + size].ravel())
                places.append((short, row, column, down, right))
    return np.array(patches), np.array(places)
