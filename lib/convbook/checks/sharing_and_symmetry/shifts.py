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
    name: str, why: str, here: str, *differences: Callable[[Any, Any, Any], Any], largest: bool = True
) -> Any:
    """Return the mistake that compares in another way: a `difference` of f, x and (dy, dx) takes the right one's place."""

    def instead(difference: Callable[[Any, Any, Any], Any]) -> Callable[[Any, Any, Any], Any]:
        def compare(f: Any, x: Any, shift: Any) -> Any:
            found = difference(f, x, pair(shift))
            return found.abs().max() if largest else found

        return compare

    first, *others = map(instead, differences)
    return mistake(name, why, here, instead=first, ways=tuple({"instead": other} for other in others))


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
        wrong("only the rows that wrapped are left out", ROOM, "{dx} columns wrapped as well", lambda f, x, s: inside(gap(f, x, s, s), (s[0], 0)),
              lambda f, x, s: inside(gap(f, x, s, s), (s[0], 0 if s[0] else s[1]))),
        wrong("only the columns that wrapped are left out", ROOM, "{dy} rows wrapped as well", lambda f, x, s: inside(gap(f, x, s, s), (0, s[1])),
              lambda f, x, s: inside(gap(f, x, s, s), (0 if s[1] else s[0], s[1]))),
        wrong("rows and columns are left out at the top and on the left, for a negative shift too", "a negative shift wraps at the other end: it keeps `[:dy]`",
              "the shift is ({dy}, {dx})", lambda f, x, s: inside(gap(f, x, s, s), (abs(s[0]), abs(s[1])))),
        mistake("one number is taken for the columns only", "an int is for both axes", "the shift is ({dy}, {dx})", shift=lambda shift: (0, shift) if isinstance(shift, int) else shift),
        mistake("one number is taken for the rows only", "an int is for both axes", "the shift is ({dy}, {dx})", shift=lambda shift: (shift, 0) if isinstance(shift, int) else shift),
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
        wrong("only the rows are moved", LAST, "dx = {dx} columns as well", lambda f, x, s: inside(gap(f, x, (s[0], 0), (s[0], 0)), s),
              lambda f, x, s: kept(f, x, (s[0], 0))),
        wrong("only the columns are moved", LAST, "dy = {dy} rows as well", lambda f, x, s: inside(gap(f, x, (0, s[1]), (0, s[1])), s),
              lambda f, x, s: kept(f, x, (0, s[1]))),
        wrong("the first two axes are moved", "height and width are the last two axes: `axis=(-2, -1)`", "x has its rows on axis −2",
              lambda f, x, s: inside(_along(f, x, s, (0, 1)), s)),
        wrong("the image is rolled as one long row", "without `axis`, `np.roll` flattens the image first", "give `axis=(-2, -1)`",
              lambda f, x, s: inside(_along(f, x, sum(s), None), s)),
        wrong("the sign of the difference is kept", "a difference of −5 is as bad as one of 5: take the absolute value", "the shift is ({dy}, {dx})",
              lambda f, x, s: kept(f, x, s).max(), largest=False),
        wrong("it is the mean of the differences", "the largest one is asked for", "yours is {yours:.4g}", lambda f, x, s: kept(f, x, s).abs().mean(), largest=False),
        wrong("it is the sum of the differences", "the largest one is asked for", "yours is {yours:.4g}", lambda f, x, s: kept(f, x, s).abs().sum(), largest=False),
        wrong("it is the largest squared difference", "the difference itself is asked for", "yours is {yours:.4g}", lambda f, x, s: kept(f, x, s) ** 2),
        wrong("it is the sum of the squared differences", "the largest one is asked for, and nothing is squared", "yours is {yours:.4g}", lambda f, x, s: (kept(f, x, s) ** 2).sum(), largest=False),
        wrong("it is the root of the mean squared difference", "the largest one is asked for", "yours is {yours:.4g}", lambda f, x, s: (kept(f, x, s) ** 2).mean().sqrt(), largest=False),
        wrong("it is a part of the largest output", "the difference itself is asked for: nothing is divided", "yours is {yours:.4g}",
              lambda f, x, s: kept(f, x, s) / apply(f, x).abs().max(),
              lambda f, x, s: kept(f, x, s) / apply(f, moved(x, s)).abs().max()),
        wrong("the largest values are compared, not pixel by pixel", "subtract first, then take the largest", "the shift is ({dy}, {dx})",
              lambda f, x, s: inside(apply(f, moved(x, s)), s).max() - inside(moved(apply(f, x), s), s).max()),
        wrong("the image is moved where the output of f is asked for", "f is called twice: on the moved image, and on the image; the second output is moved", "by ({dy}, {dx})",
              lambda f, x, s: inside(apply(f, moved(x, s)) - moved(x, s), s)),
        wrong("the image is cut before f is called", "f sees the whole image; only the difference is cut", "the shift is ({dy}, {dx})",
              lambda f, x, s: gap(f, inside(x, s), s, s), lambda f, x, s: apply(f, inside(moved(x, s), s)) - inside(moved(apply(f, x), s), s)),
        wrong("zeros move in, and not what left at the other end", "`np.roll` is asked for: f may look at what wrapped, and only the difference is cut", "the shift is ({dy}, {dx})",
              lambda f, x, s: inside(apply(f, _with_zeros(x, s)) - _with_zeros(apply(f, x), s), s)),
        wrong("only the first image and channel count", "the largest difference of all images and channels is asked for", "the shift is ({dy}, {dx})",
              lambda f, x, s: kept(f, x, s).flatten(0, -3)[0] if x.ndim > 2 else kept(f, x, s)),
        wrong("all differences are returned", "one number is asked for, the largest", "take `.max()`", lambda f, x, s: kept(f, x, s).abs(), largest=False),
        wrong("it tells whether they are equal", "a number is asked for: how large the difference is", "the shift is ({dy}, {dx})",
              lambda f, x, s: kept(f, x, s).abs().max().le(1e-9),
              lambda f, x, s: kept(f, x, s).abs().max().gt(1e-9).double(), largest=False),
    ),
)  # fmt: skip
def equivariance_error(f, x, shift):
    return kept(f, x, shift).abs().max()


def _with_zeros(a: Any, shift: Any) -> Any:
    inner = inside(torch.ones_like(a), shift)
    dy, dx = pair(shift)
    room = (max(dx, 0), max(-dx, 0), max(dy, 0), max(-dy, 0))
    return moved(a, shift) * torch.nn.functional.pad(inner, room)


def _along(f, x, shift, axes):
    return apply(f, torch.roll(x, shift, axes)) - torch.roll(apply(f, x), shift, axes)
