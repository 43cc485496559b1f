"""Read what a learner's dropout really does from a few hundred of its masks: how often, how strongly, for whom."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from convbook.answers.answer import Answer
from convbook.answers.questions import no_questions

P = 0.25  # not a half, so that keep and drop cannot be mistaken for each other
CALLS, BATCH = 50, (8, 12)  # 400 masks of 12 units
MAPS, MAP_CALLS = (2, 3, 4, 4), 4
SURE = 6  # standard deviations: one right function in many millions is suspected
SECONDS = 5.0


class Unreadable(Exception):
    """Say in one sentence why a dropout cannot be read."""


@dataclass(frozen=True)
class Masks:
    """Hold what was read: `batch` (n, units) is the mask of one batch, `rates` (units,) how often each unit was kept.

    `faults` are sentences, none where all is as it should be; `whole_maps` tells that it drops whole channels.
    """

    batch: np.ndarray
    rates: np.ndarray
    faults: tuple[str, ...]
    whole_maps: bool
    printed: bool


def read(dropout: Answer, seconds: float = SECONDS) -> Masks:
    """Return what some hundred masks of `dropout(x, p, training, rng)` tell; raise `Unreadable` where it gives none.

    >>> from convbook.answers import hold
    >>> keeps_all = hold(lambda x, p, training, rng: (x, np.ones_like(x)))
    >>> read(keeps_all).faults[0]
    'it keeps 100 % of the units for p = 0.25, wanted about 75 %'
    """
    reader = _Reader(dropout, time.monotonic() + seconds)
    with no_questions():
        masks = np.stack([reader.mask(BATCH, True) for _ in range(CALLS)])
        maps = np.stack([reader.mask(MAPS, True) for _ in range(MAP_CALLS)])
        evaluation = reader.mask(BATCH, False)
    flat = maps.reshape(*maps.shape[:3], -1)
    whole = bool((flat == flat[..., :1]).all() and np.ptp(maps))
    kept = masks != 0
    faults = (*_drawn(kept), *_strength(masks[kept]), *_at_rest(evaluation), *reader.faults)
    return Masks(masks[0], kept.mean((0, 1)), faults, whole, reader.printed)


class _Reader:
    """Ask one dropout for masks, all with random numbers of one seed."""

    def __init__(self, dropout: Answer, ends: float):
        self.dropout, self.ends, self.rng = dropout, ends, np.random.default_rng(0)
        self.printed, self.faults = False, []

    def mask(self, shape: tuple[int, ...], training: bool) -> np.ndarray:
        """Return the mask for an x without zeros; note where y is not x times the mask."""
        x = self.rng.uniform(1, 2, shape)
        left = self.ends - time.monotonic()
        if left <= 0:
            raise Unreadable("takes too long to be read.")
        reply = self.dropout.call(x.copy(), P, training, self.rng, seconds=left)
        self.printed |= bool(reply.printed)
        if reply.status != "returned":
            raise Unreadable(_what_happened(reply))
        y, mask = _two(reply.value, shape)
        if not np.allclose(y, x * mask) and not self.faults:
            self.faults.append(f"its y is not x * mask{'' if training else ' in evaluation'}")
        return mask


def _drawn(kept: np.ndarray) -> Iterator[str]:
    """Yield what is wrong with who is kept (calls, n, units)."""
    if (kept == kept[:1]).all() and not kept.all():
        yield "it draws the same mask in every call: take the numbers from rng"
        return
    shared = bool((kept == kept[:, :1]).all() and not kept.all())
    if shared:
        yield "all images of a batch have one mask"
    share, rates, wanted = kept.mean(), kept.mean((0, 1)), 1 - P
    deviation = np.sqrt(P * (1 - P) / (len(kept) if shared else kept.shape[0] * kept.shape[1]))
    if abs(share - wanted) > SURE * deviation / np.sqrt(kept.shape[2]):
        exchanged = ": keep and drop are exchanged" if abs(share - P) < 0.05 else ""
        yield f"it keeps {_percent(share)} of the units for p = {P}, wanted about {_percent(wanted)}{exchanged}"
    elif np.abs(rates - wanted).max() > SURE * deviation:
        unit = int(np.abs(rates - wanted).argmax())
        yield f"unit {unit} is kept in {_percent(rates[unit])} of its masks, wanted about {_percent(wanted)}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _strength(held: np.ndarray) -> Iterator[str]:
    """Yield what is wrong with the numbers that stand where a unit is kept."""
    wanted = 1 / (1 - P)
    if held.size and not np.allclose(held, wanted, rtol=1e-3):
        values = np.unique(np.round(held, 3))
        found = f"{values[0]:.3g}" if len(values) == 1 else f"{values[0]:.3g} to {values[-1]:.3g}"
        yield f"a kept unit holds {found} in the mask, wanted 1 / (1 − p) = {wanted:.3g}"


def _at_rest(evaluation: np.ndarray) -> Iterator[str]:
    if not np.allclose(evaluation, 1):
        least, most = evaluation.min(), evaluation.max()
        found = f"{least:.3g}" if least == most else f"{least:.3g} to {most:.3g}"
        yield f"in evaluation its mask holds {found}, wanted 1 everywhere"


def _two(value: Any, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return y and the mask as arrays of `shape`; raise `Unreadable` where there are no such two."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        found = "None (is there a return?)" if value is None else f"a {type(value).__name__}"
        found = "one array" if isinstance(value, np.ndarray) else found
        found = f"{len(value)} things" if isinstance(value, (tuple, list)) else found
        raise Unreadable(f"returned {found}; wanted two arrays, y and the mask.")
    arrays = []
    for name, one in zip(("y", "a mask"), value, strict=True):
        try:
            array = np.asarray(one)
        except Exception:  # ragged lists, objects with a broken __array__
            array = np.array(None)
        if array.dtype.kind not in "biuf":
            raise Unreadable(f"returned {name} that is not an array of numbers.")
        if array.shape != shape:
            raise Unreadable(
                f"returned {name} with shape {array.shape} for an x with shape {shape}; the two must be equal."
            )
        if not np.isfinite(array).all():
            raise Unreadable(f"returned {name} with numbers that are not finite (NaN or infinity).")
        arrays.append(array.astype(np.float64))
    return arrays[0], arrays[1]


def _what_happened(reply: Any) -> str:
    sentences = {
        "stub": "is not attempted yet: write it, then run this cell again to see its masks.",
        "endless": "did not finish in time.",
    }
    message = str(reply.error).strip().split("\n")[0] if reply.error else ""
    raised = f"stopped with {reply.error_kind}: {message}" if message else f"stopped with {reply.error_kind}"
    return sentences.get(reply.status, f"{raised.rstrip('.')}.")
