"""Numbers and small words, written exactly as `static/_wording.js` writes them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def number(value: float, decimals: int = 3) -> str:
    """Return a number as a person writes it: few decimals, no trailing zeros, a real minus.

    >>> number(-2.5), number(1 / 3), number(-0.0001), number(7.0)
    ('−2.5', '0.333', '0', '7')
    """
    # Halves are rounded away from 0 on the exact binary value: so does JavaScript's toFixed.
    step = Decimal(1).scaleb(-decimals)
    text = str(Decimal(abs(float(value))).quantize(step, rounding=ROUND_HALF_UP))
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if text == "0" or value >= 0 else f"−{text}"


def count(many: int, one: str) -> str:
    """Return a number with its noun, with an s where there is not exactly one.

    >>> count(1, "product"), count(9, "product")
    ('1 product', '9 products')
    """
    return f"{many} {one}" if many == 1 else f"{many} {one}s"


def index(*places: int) -> str:
    """Return an index as NumPy writes it, with a real minus.

    >>> index(0, -1)
    '[0, −1]'
    """
    return f"[{', '.join(number(place) for place in places)}]"


def spread(name: str, first: int, last: int) -> str:
    """Return "row 2" or "rows −1 to 1".

    >>> spread("row", -1, 1)
    'rows −1 to 1'
    """
    return f"{name} {number(first)}" if first == last else f"{name}s {number(first)} to {number(last)}"


def listed(parts: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c".

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
