"""How places along a side are counted wrongly: n pixels, a window of k, stride, padding, dilation.

An exercise that uses these has the facts `SIDE`, and its result is a number of places.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.oracles import Named

SIDE: dict[str, Callable[..., Any]] = {
    "span": lambda k, dilation: dilation * (k - 1) + 1,
    "framed": lambda n, padding: n + 2 * padding,
    "room": lambda framed, span: framed - span,
}
COUNT = "⌊({framed} − {span}) / {stride}⌋"
STEPS = "{room} pixels of room in steps of {stride}: {wanted} places"
HOLD = "{n} + 2 · {padding} = {framed} pixels hold a window of {span}"
DOWN = "a step that does not fit is not taken: "


def refuse(condition: bool, otherwise: Any) -> Any:
    """Raise ValueError if `condition`, else return `otherwise`."""
    if condition:
        raise ValueError("refused")
    return otherwise


def miscounted_places() -> tuple[Draft, ...]:
    """Return the ways to count one place too few or too many."""
    return (
        mistake("the + 1 is missing", "the first place counts too, before any step is taken",
                COUNT + " counts the steps; the places are one more: {wanted}", result=lambda y: y - 1),
        mistake("the first place is counted twice", "one place more than there are steps, not two",
                COUNT + " + 1 = {wanted}", result=lambda y: y + 1),
        mistake("the + 1 stands inside the division", "divide the room first, round down, and then add the "
                "first place", "⌊{room} / {stride}⌋ + 1 = {wanted}",
                result=lambda room, stride: (room + 1) // stride),
        mistake("the window is taken one pixel too short", "the window covers dilation · (k − 1) + 1 pixels; "
                "the + 1 of the first place comes after the division, and once",
                "the window covers {span}, and " + COUNT + " + 1 = {wanted}",
                result=lambda room, stride: (room + 1) // stride + 1,
                ways=({"n": lambda n: n + 1 if n > 0 else n},)),
    )  # fmt: skip


def rounded_places() -> tuple[Draft, ...]:
    """Return the ways to treat a last step that does not fit wrongly."""
    return (
        mistake("it rounds up", DOWN + "the division rounds down", STEPS,
                result=lambda room, stride: -(-room // stride) + 1),
        mistake("it rounds to the nearest", DOWN + "the division rounds down", STEPS,
                result=lambda room, stride: round(room / stride) + 1),
        mistake("it does not round down", DOWN + "use `//`", STEPS,
                result=lambda room, stride: room / stride + 1),
        mistake("it is the side over the stride, rounded up", "that is TensorFlow's rule for padding 'same'; "
                "here the window and the padding count", COUNT + " + 1 = {wanted}",
                result=lambda n, stride: -(-n // stride)),
        mistake("a step that does not fit is refused", "what is left at the end is not visited: round down, "
                "raise nothing", STEPS, result=lambda y, room, stride: refuse(room % stride > 0, y)),
    )  # fmt: skip


def dilations() -> tuple[Draft, ...]:
    """Return the ways to take a dilated window for shorter or longer than it is."""

    def spanning(name: str, why: str, window: Callable[[int, int], int]) -> Draft:
        return mistake(
            name,
            why,
            "{dilation} · ({k} − 1) + 1 = {span}",
            result=lambda framed, k, dilation, stride: (framed - window(k, dilation)) // stride + 1,
        )

    return (
        mistake("the dilation is ignored", "dilation spreads the kernel: it covers dilation · (k − 1) + 1 "
                "pixels", "{dilation} · ({k} − 1) + 1 = {span}", dilation=lambda: 1,
                ways=({"result": lambda framed, k, stride: (framed - k) // stride + 1},)),
        spanning("the dilated window is taken as dilation · k", "the gaps lie between the weights only: "
                 "dilation · (k − 1) + 1", lambda k, dilation: dilation * k),
        spanning("the gaps are counted on top of dilation 1", "dilation 1 has no gaps: a gap has dilation − "
                 "1 pixels, and the window covers dilation · (k − 1) + 1",
                 lambda k, dilation: k + (k - 1) * dilation),
        spanning("the dilation is added once", "there is a gap between each weight and the next: dilation · "
                 "(k − 1) + 1", lambda k, dilation: k + dilation - 1),
    )  # fmt: skip


def misjudged_fits() -> tuple[Draft, ...]:
    """Return the ways to judge wrongly whether a window fits at all."""
    return (
        mistake("the test whether it fits forgets the padding", "a window fits if the side with its padding "
                "is long enough", HOLD, result=lambda y, n, span: refuse(span > n, y)),
        mistake("the test whether it fits compares k and n alone", "a dilated window covers more than k "
                "pixels, and a padded side has more than n", HOLD, result=lambda y, n, k: refuse(k > n, y),
                ways=({"n": _judged_by_k_alone},)),
        mistake("the test whether it fits counts the padding once", "a window fits if the side with the "
                "padding of both ends is long enough", HOLD,
                result=lambda y, n, padding, span: refuse(span > n + padding, y)),
        mistake("a window that just fits is refused", "a window as long as the side has one place: only a "
                "longer one does not fit", "{span} pixels fit into {framed}",
                result=lambda y, room: refuse(room == 0, y)),
        mistake("a large padding is refused", "padding may be as large as the kernel, or larger: PyTorch "
                "computes it", "k {k} with padding {padding} has {wanted} places",
                result=lambda y, k, padding: refuse(padding >= k, y)),
    )  # fmt: skip


def _long_enough(n: int, k: int, padding: int, dilation: int) -> int:
    """Return a side that the window fits into: `n` itself where it does."""
    return n if n < 1 else max(n, dilation * (k - 1) + 1 - 2 * padding)


def _judged_by_k_alone(n: int, k: int, padding: int, dilation: int) -> int:
    return refuse(k > n, _long_enough(n, k, padding, dilation))


def unguarded(**least: tuple[int, str, str]) -> tuple[Draft, ...]:
    """Return the ways to accept numbers that no window can have.

    Each keyword is an argument with its least value, what it is called, and why less is impossible:
    `stride=(1, "a stride below 1", "a window that does not move forward never ends")`. The last way, the bare formula,
    changes no argument: so it can be told beside a mistake in the formula, which is what learners write first.
    """
    lifted = {name: Named(name, _at_least(low)) for name, (low, _, _) in least.items()}
    refused = tuple(
        mistake(
            f"{told} is not refused",
            f"{why}: raise ValueError for {name} below {low}",
            **{name: lifted[name]},
        )
        for name, (low, told, why) in least.items()
    )
    every = ", ".join(f"{name} at least {low}" for name, (low, _, _) in least.items())
    return (
        *refused,
        mistake("a window that does not fit is not refused", "where no window fits there is no output: raise "
                "ValueError", "{span} pixels do not fit into {framed}", n=_long_enough),
        mistake("impossible arguments are not refused", every + ": raise ValueError otherwise", **lifted),
        mistake("nothing is refused", "where no window fits, or an argument is impossible, raise ValueError "
                "instead of giving a number", instead=lambda room, stride: room // stride + 1),
    )  # fmt: skip


def _at_least(low: int) -> Callable[[int], int]:
    return lambda value: max(value, low)
