"""Images of any size brought to one size, and the ten crops of test time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.augmentation_and_transfer.flips_and_crops import pixels
from convbook.checks.engine.declare import case, counting, drawn, every_form, exercise, mistake
from convbook.checks.engine.views import Places
from convbook.forms import Case


def resize_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield wide, high and square images, made larger and smaller; sizes whose long side has a rest first."""
    yield case(counting(1, 2, 3), 4)
    yield case(counting(1, 3, 2), 4, about="the height is the long side")
    yield case(counting(2, 3, 5), 2, about="smaller, and a rest is left")
    yield case(pixels(3, 9, 14), 4, about="much smaller")
    yield case(counting(1, 4, 4), 6, about="a square")
    yield case(counting(2, 3, 4), 3, about="the size that it has")
    yield case(counting(1, 1, 3), 2, about="one row of pixels")
    yield case(pixels(1, 11, 22), 15, about="11 · (15 / 11) is less than 15 in floating point")
    yield from every_form(counting(2, 4, 7), 5)
    for _ in range(6):
        c, h, w, size = (int(v) for v in rng.integers([1, 2, 2, 2], [4, 12, 12, 12]))
        yield drawn(rng.normal(size=(c, h, w)), size)


def scaled(image, rows, columns, mode="bilinear", **options):
    """Return an image with so many rows and columns, as PyTorch makes it."""
    if mode != "nearest":
        options = {"align_corners": False} | options
    return functional.interpolate(image[None], (rows, columns), mode=mode, **options)[0]


def sides(image, size, long=lambda size, long, short: size * long // short):
    """Return both sides, where the short one becomes `size`; `long` says what becomes of the other."""
    h, w = image.shape[1:]
    other = max(1, int(long(size, max(h, w), min(h, w))))
    return (size, other) if h <= w else (other, size)


def other_long(long):
    return lambda image, size: scaled(image, *sides(image, size, long))


def from_corner(image, rows, columns):
    """Return an image whose pixel i comes from i · scale: the corner's centres meet, and no others."""
    for axis, many in ((1, rows), (2, columns)):
        side = image.shape[axis]
        places = (torch.arange(many) * (side / many)).clamp(0, side - 1)
        low = places.floor().long()
        high = (low + 1).clamp(max=side - 1)
        shape = [-1 if a == axis else 1 for a in range(3)]
        image = image.index_select(axis, low).lerp(
            image.index_select(axis, high), (places - low).to(image.dtype).reshape(shape)
        )
    return image


def by_weights(place=None, low=None, share=lambda t: t, outside=None):
    """Return a rule that mixes two neighbours along each axis: `place` (new, scale, scale of the other axis) says where an
    output pixel comes from, `low` (place, side) which pixel is the first, `share` how much the second one counts, and
    `outside` (image, axis) what lies before and behind the image.
    """

    def rule(image, size):
        h, w = image.shape[1:]
        scales = {
            axis: side / many for axis, side, many in zip((1, 2), (h, w), sides(image, size), strict=True)
        }
        for axis, many in zip((1, 2), sides(image, size), strict=True):
            side = image.shape[axis]
            at = (place or centred)(torch.arange(many, dtype=torch.float64), scales[axis], scales[3 - axis])
            at = at if low or outside else at.clamp(0, side - 1)
            first = (low or (lambda at, side: at.floor().long()))(at, side)
            t = share(at - first).to(image.dtype).reshape([-1 if a == axis else 1 for a in range(3)])
            full, shift = (outside(image, axis), 1) if outside else (image, 0)
            one, other = (
                full.index_select(axis, (first + k + shift).clamp(0, full.shape[axis] - 1)) for k in (0, 1)
            )
            image = one * (1 - t) + other * t
        return image

    return rule


def centred(new, scale, other):
    return (new + 0.5) * scale - 0.5


def black_around(image, axis):
    return functional.pad(image, (1, 1) if axis == 2 else (0, 0, 1, 1))


def last_pixel_first(image, axis, behind=-1):
    """Return an image with its last pixel in front of it, and behind it the last one too, or the first (`behind` 0)."""
    ends = (image.select(axis, place).unsqueeze(axis) for place in (-1, behind))
    return torch.cat([next(ends), image, next(ends)], axis)


EDGE = "a place before the first centre or behind the last one shows the pixel at the edge: `np.clip(place, 0, side - 1)`"
CENTRES = "the centre of output pixel i lies at (i + 0.5) · scale − 0.5 of the input: pixels have a width"
ASPECT = "the short side becomes size, and the long one keeps the image's proportions"


@exercise(
    "Resize", points=4, cases=resize_cases, shapes="image (c, h, w)",
    facts={"short": lambda h, w: min(h, w), "long": lambda h, w: max(h, w), "longer": lambda h, w, size: size * max(h, w) // min(h, w)},
    why=CENTRES + "; the short side {short} becomes {size}, the long side {long} becomes {longer}",
    shape="the short side {short} becomes {size}, the long side {size} · {long} / {short}, rounded down: {longer}",
    help=("index … is out of bounds", "operands could not be broadcast together"),
    mistakes=(
        mistake("the corners are aligned", CENTRES + "; with the corners' centres on top of each other the scale would be another", "output {size}, input {short}",
                instead=lambda image, size: scaled(image, *sides(image, size), align_corners=True)),
        mistake("the pixels' centres are forgotten", CENTRES, "without the halves the image moves by half a pixel", instead=lambda image, size: from_corner(image, *sides(image, size))),
        mistake("half a pixel is added and not taken off again", CENTRES, "first + 0.5, then · scale, then − 0.5", instead=by_weights(lambda new, scale, other: (new + 0.5) * scale)),
        mistake("both axes have one scale", "the long side is rounded down: each axis has a scale of its own, old / new", "{short} / {size} and {long} / {longer}",
                instead=by_weights(lambda new, scale, other: (new + 0.5) * min(scale, other) - 0.5), ways=({"instead": by_weights(lambda new, scale, other: (new + 0.5) * max(scale, other) - 0.5)},)),
        mistake("the two weights are exchanged", "the nearer pixel counts more: at `low + t` the first one counts 1 − t, the second one t", "t is the distance to the first", instead=by_weights(share=lambda t: 1 - t)),
        mistake("the image is black outside", EDGE, "0 and {short} − 1", instead=by_weights(outside=black_around)),
        mistake("an index before the first pixel counts from the end", EDGE, "index −1 is the last pixel", instead=by_weights(outside=last_pixel_first),
                ways=({"instead": by_weights(outside=lambda image, axis: last_pixel_first(image, axis, 0))},)),
        mistake("the edge is continued in a straight line", EDGE, "no weight is below 0", instead=by_weights(low=lambda at, side: at.floor().clamp(0, max(side - 2, 0)).long())),
        mistake("the scale is a rounded float", "`int(11 * (15 / 11))` is 14: multiply first, then divide with `//`", "{size} · {long} // {short}", instead=lambda image, size, h, w, short: scaled(image, max(1, int(h * (size / short))), max(1, int(w * (size / short))))),
        mistake("the long side becomes size", ASPECT, "the short side is {short}", instead=lambda image, size: scaled(image, *long_first(image, size))),
        mistake("the long side is rounded up", "it is rounded down, with `//`", "{size} · {long} / {short} gives {longer}", instead=other_long(lambda size, long, short: -(-size * long // short))),
        mistake("the long side is rounded to the nearest", "it is rounded down, with `//`", "{size} · {long} / {short} gives {longer}", instead=other_long(lambda size, long, short: round(size * long / short))),
        mistake("the scale is rounded before the long side is computed", "multiply first, then divide with `//`", "{size} · {long} // {short}", instead=other_long(lambda size, long, short: size * (long // short)),
                ways=({"instead": other_long(lambda size, long, short: (size // short) * long)},)),
        mistake("the image becomes a square", ASPECT, "the long side becomes {longer}", instead=lambda image, size: scaled(image, size, size)),
        mistake("the height always becomes size", "the short side may be the width", "here it is {h} × {w}", instead=lambda image, size, h, w: scaled(image, size, max(1, size * w // h))),
        mistake("the width always becomes size", "the short side may be the height", "here it is {h} × {w}", instead=lambda image, size, h, w: scaled(image, max(1, size * h // w), size)),
        mistake("each pixel is its nearest neighbour's", "bilinear: the four nearest pixels, each by how near it is", "{h} × {w} pixels", instead=lambda image, size: scaled(image, *sides(image, size), mode="nearest")),
        mistake("it is antialiased", "bilinear looks at four pixels only, however small the result is", "from {short} to {size}", instead=lambda image, size: scaled(image, *sides(image, size), antialias=True)),
        mistake("it is bicubic", "bilinear looks at four pixels, two in each direction", "{h} × {w} pixels", instead=lambda image, size: scaled(image, *sides(image, size), mode="bicubic")),
        mistake("rows and columns are exchanged", "the axes are (c, h, w)", "{h} rows stay rows", result=lambda y: y.transpose(1, 2),
                ways=({"instead": lambda image, size: scaled(image, *sides(image, size)[::-1])},)),
    ),
)  # fmt: skip
def resize_short_side(image, size):
    return scaled(image, *sides(image, size))


def long_first(image, size):
    h, w = image.shape[1:]
    other = max(1, size * min(h, w) // max(h, w))
    return (size, other) if h > w else (other, size)


def ten_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images with even margins: small first, wide and high ones, and one without a margin in one direction."""
    yield case(pixels(1, 4, 6), 2)
    yield case(pixels(2, 7, 5), 3)
    yield case(pixels(3, 5, 5), 3, about="a square")
    yield case(pixels(1, 3, 7), 3, about="no margin above and below")
    yield from every_form(pixels(2, 6, 8), 4)
    for _ in range(4):
        size, above, aside = (int(v) for v in rng.integers([2, 1, 1], [5, 4, 4]))
        yield drawn(rng.uniform(0.1, 1, (2, size + 2 * above, size + 2 * aside)), size)


def five(image, size, rows=None, columns=None):
    """Return the corners and the centre; `rows` and `columns` say where the last corner's window starts."""
    h, w = image.shape[1:]
    below, right = h - size if rows is None else rows, w - size if columns is None else columns
    r, q = (h - size) // 2, (w - size) // 2
    places = ((0, 0), (0, right), (below, 0), (below, right), (r, q))
    return torch.stack([image[:, a : a + size, b : b + size] for a, b in places])


def nudged(image, size, by):
    """Return the five with the centre a pixel further down and right, as far as there is room."""
    h, w = image.shape[1:]
    r, q = (min(max((side - size) // 2 + by, 0), side - size) for side in (h, w))
    return torch.cat([five(image, size)[:4], image[None, :, r : r + size, q : q + size]])


def ten(crops, *axes):
    return torch.cat([crops, crops.flip(axes or (-1,))])


FIVE = "the five are the four corners and the centre, which starts at half the margin"
FLIPS = "each of the five also comes mirrored left–right"


@exercise(
    "Ten crops", points=5, cases=ten_cases, observe=Places(), shapes="image (c, h, w)",
    facts={"below": lambda h, size: h - size, "right": lambda w, size: w - size, "top": lambda below: below // 2, "left": lambda right: right // 2},
    why="corners at rows 0 and {below}, columns 0 and {right}; the centre at row {top}, column {left}; and each of the five mirrored left–right",
    help=("all input array dimensions", "inhomogeneous shape"),
    mistakes=(
        mistake("the centre is off by one", FIVE, "row {top}, column {left}", instead=lambda image, size: ten(nudged(image, size, 1)),
                ways=({"instead": lambda image, size: ten(nudged(image, size, -1))},)),
        mistake("one corner is off by one", "the last window of a side starts at side − size: `image[:, -size:, -size:]`", "row {below}, column {right}",
                instead=lambda image, size, below, right: ten(torch.cat([five(image, size)[[0, 1, 2, 4]], five(image, size, max(0, below - 1), max(0, right - 1))[3:4]]))),
        mistake("one corner comes twice, and another is missing", FIVE, "rows 0 and {below}, columns 0 and {right}", instead=lambda image, size: ten(five(image, size)[[0, 1, 2, 2, 4]]),
                ways=tuple({"instead": lambda image, size, order=order: ten(five(image, size)[order])} for order in ([0, 1, 1, 3, 4], [0, 0, 2, 3, 4], [0, 1, 0, 3, 4]))),
        mistake("the centre is not mirrored", FLIPS, "five and five", instead=lambda image, size: ten(five(image, size))[[0, 1, 2, 3, 4, 4, 5, 6, 7, 8]]),
        mistake("the channels are reversed", FLIPS + ": the columns are the last axis", "axis 2 of (c, h, w), not axis 0", instead=lambda image, size: ten(five(image, size), 1)),
        mistake("the crops are turned upside down", FLIPS, "the last axis, not the rows", instead=lambda image, size: ten(five(image, size), 2)),
        mistake("the crops are mirrored both ways", FLIPS, "the last axis alone", instead=lambda image, size: ten(five(image, size), 2, 3)),
        mistake("nothing is mirrored", FLIPS, "five and five", instead=lambda image, size: ten(five(image, size))[[0, 1, 2, 3, 4] * 2]),
        mistake("the flips are missing", FLIPS, "ten crops, not five", instead=lambda image, size: five(image, size)),
        mistake("the corners lie one pixel inside", "the last window starts at side − size", "row {below}, column {right}",
                instead=lambda image, size, below, right: ten(five(image, size, max(0, below - 1), max(0, right - 1)))),
        mistake("the centre comes from the whole margin, not half of it", FIVE, "row {top}, column {left}",
                instead=lambda image, size: ten(five(image, size)[[0, 1, 2, 3, 3]])),
        mistake("the centre is missing", FIVE, "row {top}, column {left}", instead=lambda image, size: ten(five(image, size)[:4])),
        mistake("the four corners are all the first one", FIVE, "columns 0 and {right}, rows 0 and {below}", instead=lambda image, size: ten(five(image, size)[[0, 0, 0, 0, 4]])),
        mistake("rows and columns are exchanged", "`image[:, row : row + size, column : column + size]`", "{h} rows, {w} columns", instead=lambda image, size: ten(five(image, size).transpose(2, 3))),
    ),
)  # fmt: skip
def ten_crop(image, size):
    return ten(five(image, size))
