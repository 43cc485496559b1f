"""How right numbers are spoilt at the end: rounded, brought to another scale, added on and on."""

from __future__ import annotations

from convbook.checks.engine.declare import Draft, mistake


def rounded(here: str = "") -> tuple[Draft, ...]:
    """Return the ways to lose the digits of a result; `here` says what gives a fraction in this case."""
    return (
        mistake("it is cut to a whole number", "neither `int` nor `//` may touch a fraction", here,
                result=lambda y: y.trunc()),
        mistake("it is rounded", "return all digits: rounding is for people who read a number", here,
                result=lambda y: y.round(decimals=2)),
    )  # fmt: skip


def rescaled(here: str = "") -> tuple[Draft, ...]:
    """Return the ways to take pixels in 0–1 for bytes; `here` has this case's pixels."""
    return (
        mistake("it is divided by 255", "the pixels lie in 0–1 already", here, result=lambda y: y / 255),
        mistake("it is multiplied by 255", "the result lies in 0–1, as the pixels do", here,
                result=lambda y: y * 255),
    )  # fmt: skip


def running_sums(here: str = "") -> tuple[Draft, ...]:
    """Return the ways to let a sum run on from one place of a result (rows, columns) to the next."""
    fresh = "every window starts again from 0"
    return (
        mistake("the sum goes on from window to window", fresh, here,
                result=lambda y: y.flatten().cumsum(0).reshape(y.shape)),
        mistake("the sum goes on along a row", fresh + ", not every row", here, result=lambda y: y.cumsum(1)),
    )  # fmt: skip
