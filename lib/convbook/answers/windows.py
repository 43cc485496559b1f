"""Where the windows of a convolution stand, and how the kernel lies in them, read off its products.

A right one takes the pixel row `step × output row + spread × weight row + start`, and the same for columns: the step
is the stride, the spread 1 (−1 where the kernel is flipped), the start minus the padding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convbook.answers.probes import Reading

MOST_STEP, MOST_SPREAD = 9, 4
AXES = (("row", "rows"), ("column", "columns"))


@dataclass(frozen=True)
class Terms:
    """Hold every product of a reading as columns: output f r c, weight g d i j, pixel p y x, and how many times.

    `d` is the channel of the weight, `p` that of the pixel.
    """

    f: np.ndarray
    r: np.ndarray
    c: np.ndarray
    g: np.ndarray
    d: np.ndarray
    i: np.ndarray
    j: np.ndarray
    p: np.ndarray
    y: np.ndarray
    x: np.ndarray
    times: np.ndarray
    side: tuple[int, int]

    @classmethod
    def of(cls, reading: Reading) -> Terms:
        image, weights = (1, *reading.image)[-3:], (1, 1, *reading.weights)[-4:]
        output, pixel, weight = np.nonzero(reading.products)
        places = (
            np.unravel_index(output, reading.shape), np.unravel_index(weight, weights),
            np.unravel_index(pixel, image),
        )  # fmt: skip
        columns = [column for place in places for column in place]
        return cls(*columns, reading.products[output, pixel, weight], image[1:])


def misplaced(yours: Terms, right: Terms, reading: Reading) -> list[str]:
    """Return where the windows stand and how the kernel lies in them, rows and columns apart."""
    kernel = (1, 1, *reading.weights)[-2:]
    wanted = (_fit(right.r, right.i, right.y), _fit(right.c, right.j, right.x))
    straight = ((yours.r, yours.i, yours.y), (yours.c, yours.j, yours.x))
    turned = ((yours.r, yours.j, yours.y), (yours.c, yours.i, yours.x))
    found = [_fit(*axis, like=like) for axis, like in zip(straight, wanted, strict=True)]
    transposed = []
    if None in found:
        crossed = [_fit(*axis, like=like) for axis, like in zip(turned, wanted, strict=True)]
        if None not in crossed:
            found, transposed = crossed, ["the kernel is transposed: its rows run along the image's columns"]
    wraps = []
    for axis, (sides, like) in enumerate(zip(straight, wanted, strict=True)):
        if found[axis] is None:
            found[axis] = _fit(*sides, like=like, wrap=yours.side[axis])
            if found[axis] is not None:
                edge = ("lower", "right")[axis]
                wraps.append(f"the window wraps around: past the {edge} edge it goes on at the opposite one")
    if None in found or None in wanted:
        return transposed + wraps
    return transposed + wraps + _placed(found, wanted, kernel)


def _placed(found: list, wanted: tuple, kernel: tuple[int, ...]) -> list[str]:
    """Return what differs between two pairs of (step, spread, start), for rows and columns."""
    said = []
    flips = [mine[1] == -theirs[1] and side > 1 for mine, theirs, side in zip(found, wanted, kernel, strict=True)]  # fmt: skip
    if any(flips):
        only = "" if all(flips) or 1 in kernel else f" in its {AXES[flips.index(True)][1]} only"
        said.append(f"the kernel is flipped{only}")
    for (one, many), mine, theirs, side in zip(AXES, found, wanted, kernel, strict=True):
        if side > 1 and abs(mine[1]) != abs(theirs[1]):
            if mine[1] == 0:
                said.append(
                    f"all weights of a kernel's {'column' if one == 'row' else 'row'} meet the same pixel"
                )
            else:
                said.append(f"neighbouring weights meet pixels {_apart(abs(mine[1]), one, many)} apart, "
                            f"wanted {abs(theirs[1])}: the kernel is dilated")  # fmt: skip
        if mine[0] != theirs[0]:
            said.append(f"the window moves by {_apart(mine[0], one, many)}, wanted {theirs[0]}")
        first, right = (fit[2] + min(0, fit[1] * (side - 1)) for fit in (mine, theirs))
        if first != right:
            said.append(
                f"the first window starts at {one} {_signed(first)} of the image, wanted {_signed(right)}"
            )
    return said


def _apart(many: int, one: str, several: str) -> str:
    return f"{many} {one if many == 1 else several}"


def _fit(
    out: np.ndarray, weight: np.ndarray, pixel: np.ndarray, like: tuple | None = None, wrap: int = 0
) -> tuple[int, int, int] | None:
    """Return (step, spread, start) with pixel = step × out + spread × weight + start, or None.

    Where several fit (one output, one weight), the one nearest to `like` is returned. With `wrap` the pixels count
    only up to multiples of it.
    """
    if not pixel.size:
        return None
    near = like or (1, 1, 0)
    pairs = [(s, d) for s in range(MOST_STEP + 1) for d in range(-MOST_SPREAD, MOST_SPREAD + 1)]
    pairs.sort(key=lambda pair: abs(pair[0] - near[0]) + abs(pair[1] - near[1]))
    for step, spread in pairs:
        rest = pixel - step * out - spread * weight
        if wrap:
            rest = (rest - rest[0]) % wrap + _nearest(int(rest[0]), wrap, near[2])
        if (rest == rest[0]).all():
            return step, spread, int(rest[0])
    return None


def _nearest(value: int, side: int, to: int) -> int:
    """Return the number nearest to `to` that equals `value` up to multiples of `side`."""
    return to + (value - to + side // 2) % side - side // 2


def _signed(value: int) -> str:
    return f"−{-value}" if value < 0 else str(value)
