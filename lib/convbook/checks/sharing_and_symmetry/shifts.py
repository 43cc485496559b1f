"""Does a function commute with a shift: `equivariance_error`, asked of functions that the check brings along.

The functions are NumPy's own and are called by the learner's code; while a class is graded they stay on the check's side,
and only arrays cross.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from convbook.checks.engine import given
from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.checks.engine.oracles import tensor
from convbook.forms import Case

SMALL = (
    (given.negative, (3, 4), (0, 1)), (given.by_row, (3, 4), (1, 0)), (given.by_row, (3, 4), 1), (given.by_row, (3, 4), -1),
    (given.by_row, (3, 5), (1, 2)), (given.by_row, (4, 3), (-1, 0)), (given.by_row, (4, 5), (2, -1)), (given.by_row, (4, 5), (-2, 1)),
    (given.by_row, (3, 4), 0), (given.negative, (3, 4), -1), (given.same, (3, 4), 1), (given.round_trip, (3, 4), (1, 2)),
    (given.edge, (3, 4), (0, 1)), (given.edge, (3, 4), (0, -1)), (given.window, (4, 5), 1), (given.window, (4, 5), (-1, 1)),
    (given.halved, (6, 8), 1), (given.halved, (6, 8), 2), (given.running, (4, 3), 1), (given.by_row, (2, 3, 4, 5), (1, 2)),
)  # fmt: skip


def shift_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield functions that commute with a shift and functions that do not, on images (h, w) and (n, c, h, w)."""
    for f, shape, shift in SMALL:
        yield case(f, counting(*shape), shift)
    yield case(given.running, -counting(2, 2, 5, 4), (1, -1))
    yield from every_layout(given.by_row, counting(3, 4), (1, -1))
    yield case(given.by_row, counting(3, 4).astype(np.float32), (1, 2), about="float32")
    for number in range(9):
        shape = (5, 6) if number % 3 else (2, 3, 5, 6)
        yield drawn(
            given.mixing(rng, 6), rng.normal(size=shape), tuple(int(s) for s in rng.integers(-3, 4, 2))
        )
    yield drawn(given.mixing(rng, 6), rng.normal(size=(5, 6)), int(rng.integers(1, 4)))


def pair(shift: Any) -> tuple[int, int]:
    """Return a shift as (dy, dx)."""
    return tuple(shift) if isinstance(shift, tuple) else (shift, shift)


def moved(a: Any, shift: Any) -> Any:
    return torch.roll(a, pair(shift), (-2, -1))


def apply(f: Callable[..., Any], x: Any) -> Any:
    return tensor(f(x.numpy()))


def gap(f: Callable[..., Any], x: Any, inner: Any, outer: Any) -> Any:
    """Return how f of the moved image differs from the moved output."""
    return apply(f, moved(x, inner)) - moved(apply(f, x), outer)


def inside(difference: Any, shift: Any) -> Any:
    """Return the part of a difference that did not wrap."""
    dy, dx = (slice(step, None) if step >= 0 else slice(None, step) for step in pair(shift))
    return difference[..., dy, dx]


def wrong(
    name: str, why: str, here: str, difference: Callable[[Any, Any, Any], Any], largest: bool = True
) -> Any:
    """Return the mistake that compares in another way: `difference` of f, x and (dy, dx) takes the right one's place."""

    def instead(f: Any, x: Any, shift: Any) -> Any:
        found = difference(f, x, pair(shift))
        return found.abs().max() if largest else found

    return mistake(name, why, here, instead=instead)  # fmt: skip


def kept(f: Any, x: Any, s: Any) -> Any:
    return inside(gap(f, x, s, s), s)


BOTH = "both are moved: the input before f, and the output of f"
ROOM = "`np.roll` brings what leaves at one end back at the other: leave those rows and columns out"
LAST = "height and width are the last two axes, in this order"


@exercise(
    "Does it commute with a shift", points=6, cases=shift_cases, facts={"dy": lambda shift: pair(shift)[0], "dx": lambda shift: pair(shift)[1]},
    why="f of the image moved by ({dy}, {dx}) is compared with f of the image, moved by ({dy}, {dx}), where nothing wrapped",
    help=("zero-size array to reduction operation", "cannot unpack non-iterable int"),
    mistakes=(
        wrong("what wrapped is compared too", ROOM, "that is {dy} rows and {dx} columns", lambda f, x, s: gap(f, x, s, s)),
        wrong("only the rows that wrapped are left out", ROOM, "{dx} columns wrapped as well", lambda f, x, s: inside(gap(f, x, s, s), (s[0], 0))),
        wrong("the wrong end is left out", "a shift to the right wraps at the left, a negative one at the right", "the shift is ({dy}, {dx})",
              lambda f, x, s: inside(gap(f, x, s, s), (-s[0], -s[1]))),
        wrong("a negative shift leaves the wrong rows and columns out", "`[dy:]` with dy = −1 is the last row alone: a negative shift keeps `[:dy]`",
              "the shift is ({dy}, {dx})", lambda f, x, s: gap(f, x, s, s)[..., s[0] :, s[1] :]),
        wrong("both ends are left out", "only one end wrapped: the top for a shift down, the bottom for a shift up", "the shift is ({dy}, {dx})",
              lambda f, x, s: inside(kept(f, x, s), (-s[0], -s[1]))),
        wrong("the output is not moved", BOTH, "by ({dy}, {dx})", lambda f, x, s: inside(gap(f, x, s, (0, 0)), s)),
        wrong("the input is not moved", BOTH, "by ({dy}, {dx})", lambda f, x, s: inside(gap(f, x, (0, 0), s), s)),
        wrong("the output is moved the other way", BOTH + ", in the same direction", "by ({dy}, {dx})", lambda f, x, s: inside(gap(f, x, s, (-s[0], -s[1])), s)),
        wrong("dy and dx are exchanged", LAST + ": `axis=(-2, -1)`", "dy = {dy} moves rows, dx = {dx} columns", lambda f, x, s: kept(f, x, s[::-1])),
        wrong("only the rows are moved", LAST, "dx = {dx} columns as well", lambda f, x, s: inside(gap(f, x, (s[0], 0), (s[0], 0)), s)),
        wrong("only the columns are moved", LAST, "dy = {dy} rows as well", lambda f, x, s: inside(gap(f, x, (0, s[1]), (0, s[1])), s)),
        wrong("the first two axes are moved", "height and width are the last two axes: `axis=(-2, -1)`", "x has its rows on axis −2",
              lambda f, x, s: inside(_along(f, x, s, (0, 1)), s)),
        wrong("the image is rolled as one long row", "without `axis`, `np.roll` flattens the image first", "give `axis=(-2, -1)`",
              lambda f, x, s: inside(_along(f, x, sum(s), None), s)),
        wrong("the sign of the difference is kept", "a difference of −5 is as bad as one of 5: take the absolute value", "the shift is ({dy}, {dx})",
              lambda f, x, s: kept(f, x, s).max(), largest=False),
        wrong("it is the mean of the differences", "the largest one is asked for", "yours is {yours:.4g}", lambda f, x, s: kept(f, x, s).abs().mean(), largest=False),
        wrong("it is the sum of the differences", "the largest one is asked for", "yours is {yours:.4g}", lambda f, x, s: kept(f, x, s).abs().sum(), largest=False),
        wrong("it is the largest squared difference", "the difference itself is asked for", "yours is {yours:.4g}", lambda f, x, s: kept(f, x, s) ** 2),
        wrong("all differences are returned", "one number is asked for, the largest", "take `.max()`", lambda f, x, s: kept(f, x, s).abs(), largest=False),
        wrong("it tells whether they are equal", "a number is asked for: how large the difference is", "the shift is ({dy}, {dx})",
              lambda f, x, s: kept(f, x, s).abs().max().le(1e-9), largest=False),
    ),
)  # fmt: skip
def equivariance_error(f, x, shift):
    return kept(f, x, shift).abs().max()


def _along(f, x, shift, axes):
    return apply(f, torch.roll(x, shift, axes)) - torch.roll(apply(f, x), shift, axes)
