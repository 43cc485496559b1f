"""Read an answer as a person would: spaces, thousands, units, fractions, shapes in any usual writing.

What is typed may have more than one meaning ("1,234"): then all of them are returned, the likeliest first. What has none
raises `Unreadable` with one sentence.
"""

from __future__ import annotations

import contextlib
import math
import numbers
import re
import unicodedata
from fractions import Fraction
from typing import Any

from convbook.drills.amounts import Unreadable, values

LONGEST = 200
SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "×": "*", "✕": "*", "⋅": "*", "·": "*", "∙": "*", "÷": "/", "⁄": "/",
     "∕": "/", "≈": "=", "~": "=", "≃": "=", "@": "*", "[": "(", "]": ")", "{": "(", "}": ")", "$": " "}
)  # fmt: skip
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def meanings(typed: Any, wanted: Any, options: tuple[str, ...] = (), square: bool = False) -> list[Any]:
    """Return what `typed` may mean where an answer like `wanted` is asked for, the likeliest first.

    `square` says that the side of a square is asked for: "28 × 28" is the side 28, and no product.

    >>> meanings("760 parameters", 1), meanings("1,5", 0.5), meanings("28 × 28 x 10", (1, 1, 1))
    ([Fraction(760, 1)], [Fraction(3, 2)], [(Fraction(28, 1), Fraction(28, 1), Fraction(10, 1))])
    """
    if options:
        return [_option(_text(typed), options)]
    if isinstance(wanted, tuple):
        if isinstance(typed, (tuple, list)) or hasattr(typed, "tolist"):
            return [tuple(_exact(one) for one in _flat(typed))]
        return _rows(_text(typed) if isinstance(typed, str) else str(_exact(typed)), len(wanted))
    if not isinstance(typed, str):
        return [_exact(typed)]
    text = _text(typed)
    side = re.match(r"(?i)[( ]*(\d+) ?(?:\*|x|by) ?(\d+)(?![\d.,]* ?[-+*/^=])", text) if square else None
    return [Fraction(side[1])] if side and side[1] == side[2] else values(text)


def same(value: Any, wanted: Any, decimals: int | None = None) -> bool:
    """Tell whether a value is the wanted answer; shapes of maps also with the channels last."""
    if value is None or wanted is None:
        return False
    if isinstance(value, str) or isinstance(wanted, str):
        return value == wanted
    if isinstance(wanted, tuple) or isinstance(value, tuple):
        if not (isinstance(wanted, tuple) and isinstance(value, tuple) and len(value) == len(wanted)):
            return False
        orders = [tuple(wanted)] + ([(*wanted[1:], wanted[0])] if hasattr(wanted, "_fields") else [])
        return any(all(same(a, b, decimals) for a, b in zip(value, order, strict=True)) for order in orders)
    if isinstance(value, float) and not math.isfinite(value):
        return False
    # one unit of the last decimal asked for: whoever rounds on the way, or cuts off, is right
    room = Fraction(1, 10**9) if decimals is None else Fraction(10000001, 10 ** (7 + decimals))
    return abs(Fraction(value) - Fraction(wanted)) <= room


def _text(typed: Any) -> str:
    """Return what was typed in one plain writing of signs and spaces, or raise `Unreadable`."""
    if not isinstance(typed, str):
        typed = str(_exact(typed))
    if len(typed) > LONGEST:
        raise Unreadable(f"That is longer than {LONGEST} characters: type the result alone.")
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda found: "^" + found[0].translate(RAISED), typed)
    text = re.sub(r"(?<=\d)(?=[¼½¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘])", " ", text)
    text = unicodedata.normalize("NFKC", text).translate(SIGNS).replace("**", "^")
    text = " ".join(text.split())
    if not text.strip(" .?!"):
        raise Unreadable("Nothing is typed: type a result, or leave the question for later.")
    return text


def _exact(value: Any) -> Fraction:
    """Return a number of any type exactly, or raise `Unreadable`."""
    if hasattr(value, "tolist"):  # NumPy and PyTorch: a number of theirs as one of Python's
        value = value.tolist()
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        kind = type(value).__name__
        article = "An" if kind[0] in "aeiou" else "A"
        raise Unreadable(f"{article} {kind} is no number: give the result as a number or as text.")
    if not math.isfinite(value):
        raise Unreadable(f"{value} is no number that could be the answer: give a finite one.")
    return Fraction(value)


def _flat(values: Any) -> list[Any]:
    values = values.tolist() if hasattr(values, "tolist") else values
    return [
        one for value in values for one in (_flat(value) if isinstance(value, (tuple, list)) else [value])
    ]


def _option(text: str, options: tuple[str, ...]) -> str:
    """Return the option that a text means: by its letter, its words, or its first word."""
    said = re.sub(r"[^\w\s/×*-]", " ", text.casefold())
    said = {"y": "yes", "n": "no", "true": "yes", "false": "no"}.get(said.strip(), " ".join(said.split()))
    plain = [" ".join(re.sub(r"[^\w\s/×*-]", " ", _text(one).casefold()).split()) for one in options]
    for letter, words, option in zip("abcdefgh", plain, options, strict=False):
        if said in (words, letter, f"{letter} {words}"):
            return option
    begun = [
        option for words, option in zip(plain, options, strict=True) if said.split()[:1] == words.split()[:1]
    ]
    if said and len(begun) == 1:
        return begun[0]
    raise Unreadable(f"Choose one of these: {' · '.join(options)}.")


def _rows(text: str, many: int) -> list[tuple[Fraction, ...]]:
    """Return the ways to read several numbers in a row, each `many` long."""
    text = re.sub(r"(?i)(?<=\d)\s*(?:x|by)\s*(?=\d)", "*", text)
    if found := _split(text, many) or ("=" in text and _split(text.rsplit("=", 1)[0], many)):
        return found
    count = len(re.findall(r"\d+(?:\.\d+)?", text))
    example = "(10, 28, 28)" if many == 3 else f"({', '.join(map(str, range(1, many + 1)))})"
    read = "no number is there" if count == 0 else "one is there" if count == 1 else f"I read {count}"
    if count == many:
        read = "I cannot tell them apart"
    raise Unreadable(f"{many} numbers are wanted, and {read}: type them like {example}.")


def _split(text: str, many: int) -> list[tuple[Fraction, ...]]:
    """Return the ways to cut a text into `many` numbers."""
    bare = re.sub(r"[()]|[^\W\d_]+\s*=?|=", " ", text)  # "c = 10, h = 28"
    if ";" in bare:
        splits = [bare.split(";")]
    elif "*" in bare:
        splits = [bare.split("*"), re.split(r"[\s,*]+", bare)]
    else:
        splits = [bare.split(), bare.split(","), re.split(r"[\s,]+", bare), re.split(r"[\s,|:/]+", bare)]
    found = []
    for split in splits:
        parts = [part.strip(" ,").rstrip(".") for part in split if part.strip(" ,.")]
        if len(parts) == many:
            with contextlib.suppress(Unreadable):
                found.append(tuple(values(part)[0] for part in parts))
    return list(dict.fromkeys(found))
