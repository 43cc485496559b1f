"""The ResNet recipe: a random scale, and a patch of fixed size at a random place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from convbook.checks.augmentation_and_transfer.flips_and_crops import always, elsewhere, pixels, whole
from convbook.checks.augmentation_and_transfer.sizes import (
    from_corner,
    long_first,
    resize_short_side,
    scaled,
    sides,
)
from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.patches import Patches
from convbook.forms import Case

SMOOTH = "a patch of the resized image"


def by_short_side(image, short, size):
    return scaled(image, *sides(image, short))


WAYS = {
    SMOOTH: by_short_side,
    "a patch of the resized image, mirrored at times": lambda image, short, size: both_ways(by_short_side(image, short, size), size),
    "a patch of the image, not resized": lambda image, short, size: image,
    "a patch of an image whose long side was drawn": lambda image, short, size: scaled(image, *long_first(image, short)),
    "a patch of an image squeezed to a square": lambda image, short, size: scaled(image, short, short),
    "a patch of an image resized with aligned corners": lambda image, short, size: scaled(image, *sides(image, short), align_corners=True),
    "a patch of an image resized without half-pixel centres": lambda image, short, size: from_corner(image, *sides(image, short)),
    "a patch of an image resized by the nearest pixel": lambda image, short, size: scaled(image, *sides(image, short), "nearest"),
    "the whole resized image, squeezed to the patch's size": lambda image, short, size: scaled(by_short_side(image, short, size), size, size),
    "the whole image, squeezed to the patch's size": lambda image, short, size: scaled(image, size, size),
}  # fmt: skip


def both_ways(full, size):
    """Return an image and its mirror image side by side, with a gap between that fits no patch."""
    gap = torch.full((*full.shape[:2], size), torch.nan)
    return torch.cat([full, gap, full.flip(-1)], 2).nan_to_num(9.0)


def patch_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield a wide and a high image, a square one, one scale only, and float32; `size` fits into every scale."""
    yield case(pixels(1, 5, 6), 4, 6, 3, 3)
    yield case(pixels(2, 7, 5), 3, 5, 2, 4, about="high")
    yield case(pixels(1, 6, 8), 4, 4, 3, 6, about="one scale only")
    yield case(pixels(1, 5, 7).astype(np.float32), 5, 6, 4, 7, about="float32")
    yield drawn(rng.uniform(0.1, 1, (2, 6, 7)), 4, 6, 3, int(rng.integers(2**31)))


def cut_from(resize=by_short_side, scale=lambda low, high: (low, high), place=lambda room, many: (0, room)):
    """Return a rule that resizes in another way, draws from other scales, or cuts at other places (from, to; inclusive)."""

    def rule(image, low, high, size, rng):
        first, last = scale(low, high)
        short = first + int(whole(rng, max(1, last - first + 1), 1))
        full = resize(image, short, size)
        starts = []
        for side in full.shape[1:]:
            start, end = place(side - size, side)
            starts.append(start + int(whole(rng, max(1, end - start + 1), 1)))
        row, column = starts
        return full[:, row : row + size, column : column + size]

    return rule


def diagonal(image, low, high, size, rng):
    """Return a patch whose row and column are one draw."""
    full = by_short_side(image, low + int(whole(rng, high - low + 1, 1)), size)
    start = int(whole(rng, min(full.shape[1:]) - size + 1, 1))
    return full[:, start : start + size, start : start + size]


def mirrored_at_times(image, low, high, size, rng):
    patch = cut_from()(image, low, high, size, rng)
    return patch.flip(-1) if int(whole(rng, 2, 1)) else patch


SCALE = "`rng.integers(low, high + 1)`, the upper bound is left out otherwise"
PLACE = "a side of the resized image has side − size + 1 places"


@exercise(
    "Random scale and crop", points=4, cases=patch_cases, observe=Patches(WAYS), shapes="image (c, h, w) -> (c, size, size)",
    why="a short side from {low} to {high}, both included and drawn anew in each call; resize to it; then {size} × {size} pixels at a random place, no flip",
    uses=(resize_short_side,), help=("high <= 0", "low >= high", "operands could not be broadcast together"),
    mistakes=(
        mistake("the largest scale never comes", SCALE, "{low} … {high}", instead=cut_from(scale=lambda low, high: (low, high - (low < high)))),
        mistake("the smallest scale never comes", "the short side may be `low` itself", "{low} … {high}", instead=cut_from(scale=lambda low, high: (low + (low < high), high))),
        mistake("the scale is always the smallest", "the short side is drawn", "{low} … {high}", instead=cut_from(scale=lambda low, high: (low, low))),
        mistake("the scale is always the largest", "the short side is drawn", "{low} … {high}", instead=cut_from(scale=lambda low, high: (high, high))),
        mistake("only the smallest and the largest scale come", "every whole number from low to high may come", "{low} … {high}",
                instead=lambda image, low, high, size, rng: cut_from(scale=lambda a, b: (a, a) if int(whole(rng, 2, 1)) else (b, b))(image, low, high, size, rng)),
        mistake("the scale goes one too far", "high is the largest short side, and included already", "{low} … {high}", instead=cut_from(scale=lambda low, high: (low, high + 1))),
        mistake("the last place never comes", PLACE + ": `rng.integers(0, side - size + 1)`", "{size} × {size} pixels", instead=cut_from(place=lambda room, side: (0, max(0, room - 1)))),
        mistake("the patch is always cut in the middle", "its row and its column are drawn", "{size} × {size} pixels", instead=cut_from(place=lambda room, side: (room // 2, room // 2)),
                ways=({"instead": cut_from(place=lambda room, side: ((room + 1) // 2,) * 2)},)),
        mistake("the patch is always the first corner", "its row and its column are drawn", "{size} × {size} pixels", instead=cut_from(place=lambda room, side: (0, 0))),
        mistake("row and column are one draw", "draw twice: patches would lie on the diagonal only", "{size} × {size} pixels", instead=diagonal),
        mistake("the image is not resized", "first the scale, then the patch", "short side {low} … {high}", instead=cut_from(lambda image, short, size: image)),
        mistake("the image is resized to the patch's size", "its short side becomes what was drawn from low to high, and the patch is a part of it", "short side {low} … {high}",
                instead=cut_from(lambda image, short, size: by_short_side(image, size, size))),
        mistake("the long side is drawn", "the *short* side becomes what was drawn", "{low} … {high}",
                instead=cut_from(lambda image, short, size: scaled(image, *long_first(image, max(short, -(-size * max(image.shape[1:]) // min(image.shape[1:]))))))),
        mistake("the image is squeezed to a square", "its proportions are kept", "short side {low} … {high}", instead=cut_from(lambda image, short, size: scaled(image, short, short))),
        mistake("the whole image is squeezed to the patch's size", "the patch is cut out: it shows a part", "{size} × {size} pixels",
                instead=lambda image, low, high, size, rng: WAYS["the whole resized image, squeezed to the patch's size"](image, low + int(whole(rng, high - low + 1, 1)), size),
                ways=({"instead": lambda image, size: scaled(image, size, size)},)),
        mistake("the corners are aligned", "use your `resize_short_side`, with the pixels' centres at half", "short side {low} … {high}",
                instead=cut_from(WAYS["a patch of an image resized with aligned corners"])),
        mistake("the nearest pixel is taken", "use your `resize_short_side`, which is bilinear", "short side {low} … {high}", instead=cut_from(WAYS["a patch of an image resized by the nearest pixel"])),
        mistake("patches are mirrored as well", "no flip is asked for here: `random_flip` is a step of its own", "", instead=mirrored_at_times),
        mistake("the draws come from another generator than rng", "draw from the generator that you are given", "`rng.integers(…)`", rng=elsewhere),
        mistake("the draws are the same in every call", "a generator that is made anew from one seed begins anew as well", "use rng as it is", rng=always),
    ),
)  # fmt: skip
def random_resized_patch(image, low, high, size, rng):
    return cut_from()(image, low, high, size, rng)
