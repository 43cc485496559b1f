"""Does a function commute with a shift: `equivariance_error`, asked of functions that the check brings along.

The functions are NumPy's own and are called by the learner's code; while a class is graded they stay on the check's side,
and only arrays cross.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.checks.engine.oracles import tensor
from convbook.forms import Case


@dataclass(frozen=True)
class Layer:
    """A function of images with words for a reader: `told` completes "f …"."""

    told: str
    function: Callable[[np.ndarray], np.ndarray]

    def __call__(self, x: Any) -> np.ndarray:
        return self.function(np.asarray(x))

    def __repr__(self) -> str:
        return f"“{self.told}”"


def _by_row(x: np.ndarray) -> np.ndarray:
    """Return every pixel times the number of its row, plus its column: nothing about it stays when the image moves."""
    rows, columns = np.indices(x.shape[-2:])
    return x * (rows + 1) + 10 * columns


def _difference(x: np.ndarray) -> np.ndarray:
    """Return each pixel minus its left neighbour, black outside: zero padding is felt at the border."""
    left = np.zeros_like(x)
    left[..., 1:] = x[..., :-1]
    return x - left


same = Layer("leaves x as it is", lambda x: x.copy())
round_trip = Layer("subtracts the left neighbour, round the edge too", lambda x: x - np.roll(x, 1, -1))
by_row = Layer("multiplies by the row's number + 1, adds 10 times the column's", _by_row)
edge = Layer("subtracts the left neighbour, 0 outside", _difference)
negative = Layer("subtracts 10 times the column's number", lambda x: x - 10 * np.arange(x.shape[-1]))
halved = Layer("keeps every second row and column", lambda x: x[..., ::2, ::2].copy())
window = Layer(
    "adds up windows of 2 × 2, only inside",
    lambda x: x[..., 1:, 1:] + x[..., :-1, 1:] + x[..., 1:, :-1] + x[..., :-1, :-1],
)
running = Layer("adds up all pixels above", lambda x: x.cumsum(-2))  # fmt: skip


def shift_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield functions that commute with a shift and functions that do not, on images (h, w) and (n, c, h, w)."""
    yield case(negative, np.zeros((2, 3)), (0, 1))
    yield case(by_row, counting(3, 4), (1, 0))
    yield case(by_row, counting(3, 4), 1)
    yield case(by_row, counting(3, 4), -1)
    yield case(by_row, counting(3, 5), (1, 2))
    yield case(by_row, counting(4, 3), (-1, 0))
    yield case(by_row, counting(4, 5), (2, -1))
    yield case(by_row, counting(4, 5), (-2, 1))
    yield case(by_row, counting(3, 4), 0, about="a shift by nothing")
    yield case(negative, counting(3, 4), -1)
    yield case(same, counting(3, 4), 1)
    yield case(round_trip, counting(3, 4), (1, 2))
    yield case(edge, counting(3, 4), (0, 1))
    yield case(edge, counting(3, 4), (0, -1))
    yield case(window, counting(4, 5), 1)
    yield case(window, counting(4, 5), (-1, 1))
    yield case(halved, counting(6, 8), 1)
    yield case(halved, counting(6, 8), 2)
    yield case(running, counting(4, 3), 1)
    yield case(by_row, counting(2, 3, 4, 5), (1, 2))
    yield case(running, -counting(2, 2, 5, 4), (1, -1))
    yield from every_layout(by_row, counting(3, 4), (1, -1))
    yield case(by_row, counting(3, 4).astype(np.float32), (1, 2), about="float32")
    for number in range(9):
        shape = (5, 6) if number % 3 else (2, 3, 5, 6)
        yield drawn(_mixing(rng), rng.normal(size=shape), tuple(int(s) for s in rng.integers(-3, 4, 2)))
    yield drawn(_mixing(rng), rng.normal(size=(5, 6)), int(rng.integers(1, 4)))


def _mixing(rng: np.random.Generator) -> Layer:
    across = rng.normal(size=(6, 6))
    return Layer("multiplies by a matrix of random numbers", lambda x: np.tanh(x) @ across)


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
    help=("zero-size array to reduction operation", "cannot unpack non-iterable int", "not supported between instances"),
    mistakes=(
        wrong("what wrapped is compared too", ROOM, "that is {dy} rows and {dx} columns", lambda f, x, s: gap(f, x, s, s)),
        wrong("only the rows that wrapped are left out", ROOM, "{dx} columns wrapped as well", lambda f, x, s: inside(gap(f, x, s, s), (s[0], 0))),
        wrong("only the columns that wrapped are left out", ROOM, "{dy} rows wrapped as well", lambda f, x, s: inside(gap(f, x, s, s), (0, s[1]))),
        wrong("the wrong end is left out", "a shift to the right wraps at the left, a negative one at the right", "the shift is ({dy}, {dx})",
              lambda f, x, s: inside(gap(f, x, s, s), (-s[0], -s[1]))),
        wrong("a negative shift leaves the wrong rows and columns out", "`[dy:]` with dy = −1 is the last row alone: a negative shift keeps `[:dy]`",
              "the shift is ({dy}, {dx})", lambda f, x, s: gap(f, x, s, s)[..., s[0] :, s[1] :]),
        wrong("both ends are left out", "only one end wrapped: the top for a shift down, the bottom for a shift up", "the shift is ({dy}, {dx})",
              lambda f, x, s: inside(kept(f, x, s), (-s[0], -s[1]))),
        wrong("the output is not moved", BOTH, "by ({dy}, {dx})", lambda f, x, s: inside(gap(f, x, s, (0, 0)), s)),
        wrong("the input is not moved", BOTH, "by ({dy}, {dx})", lambda f, x, s: inside(gap(f, x, (0, 0), s), s)),
        wrong("the output is moved the other way", BOTH + ", in the same direction", "by ({dy}, {dx})", lambda f, x, s: inside(gap(f, x, s, (-s[0], -s[1])), s)),
        wrong("both are moved the other way", "`np.roll` with a positive number moves down and to the right", "by ({dy}, {dx})",
              lambda f, x, s: inside(gap(f, x, (-s[0], -s[1]), (-s[0], -s[1])), s)),
        wrong("dy and dx are exchanged", LAST + ": `axis=(-2, -1)`", "dy = {dy} moves rows, dx = {dx} columns", lambda f, x, s: kept(f, x, s[::-1])),
        wrong("only the rows are moved", LAST, "dx = {dx} columns as well", lambda f, x, s: inside(gap(f, x, (s[0], 0), (s[0], 0)), s)),
        wrong("only the columns are moved", LAST, "dy = {dy} rows as well", lambda f, x, s: inside(gap(f, x, (0, s[1]), (0, s[1])), s)),
        wrong("the first two axes are moved", "height and width are the last two axes: `axis=(-2, -1)`", "x has its rows on axis −2",
              lambda f, x, s: inside(_along(f, x, s, (0, 1)), s)),
        wrong("the image is rolled as one long row", "without `axis`, `np.roll` flattens the image first", "give `axis=(-2, -1)`",
              lambda f, x, s: inside(_along(f, x, sum(s), None), s)),
        wrong("the sign of the difference is kept", "a difference of −5 is as bad as one of 5: take the absolute value", "the shift is ({dy}, {dx})",
              lambda f, x, s: kept(f, x, s).max(), largest=False),
        wrong("it is the largest difference of absolute values", "take the absolute value after the difference, not before", "the shift is ({dy}, {dx})",
              lambda f, x, s: inside(apply(f, moved(x, s)).abs() - moved(apply(f, x), s).abs(), s)),
        wrong("it is the mean of the differences", "the largest one is asked for", "yours is {yours:.4g}", lambda f, x, s: kept(f, x, s).abs().mean(), largest=False),
        wrong("it is the sum of the differences", "the largest one is asked for", "yours is {yours:.4g}", lambda f, x, s: kept(f, x, s).abs().sum(), largest=False),
        wrong("it is the largest squared difference", "the difference itself is asked for", "yours is {yours:.4g}", lambda f, x, s: kept(f, x, s) ** 2),
        wrong("it is the mean squared difference", "the largest difference is asked for", "yours is {yours:.4g}", lambda f, x, s: (kept(f, x, s) ** 2).mean(), largest=False),
        wrong("it is the root of the sum of squares", "the largest difference is asked for", "yours is {yours:.4g}", lambda f, x, s: (kept(f, x, s) ** 2).sum() ** 0.5, largest=False),
        wrong("it is relative to the output", "the difference itself is asked for", "yours is {yours:.4g}",
              lambda f, x, s: kept(f, x, s).abs().max() / apply(f, x).abs().max(), largest=False),
        wrong("f is never called", "compare what f makes of the two images", "f of the moved image, and f of x, moved", lambda f, x, s: inside(moved(x, s) - x, s)),
        wrong("all differences are returned", "one number is asked for, the largest", "take `.max()`", lambda f, x, s: kept(f, x, s).abs(), largest=False),
        wrong("it tells whether they are equal", "a number is asked for: how large the difference is", "the shift is ({dy}, {dx})",
              lambda f, x, s: kept(f, x, s).abs().max().le(1e-9), largest=False),
        wrong("a shift of 0 leaves nothing to compare", "with dy = 0, `[:dy]` is empty: keep everything in that case", "the shift is ({dy}, {dx})",
              lambda f, x, s: gap(f, x, s, s)[..., _nothing(s[0]), _nothing(s[1])]),
    ),
)  # fmt: skip
def equivariance_error(f, x, shift):
    return kept(f, x, shift).abs().max()


def _along(f, x, shift, axes):
    return apply(f, torch.roll(x, shift, axes)) - torch.roll(apply(f, x), shift, axes)


def _nothing(step):
    return slice(step, None) if step > 0 else slice(None, step)
