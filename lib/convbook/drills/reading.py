"""Read an answer as a person would: spaces, thousands, units, fractions, shapes in any usual writing.

What is typed may have more than one meaning ("1,234"): then all of them are returned, the likeliest first. What has none
raises `Unreadable` with one sentence.
"""

from __future__ import annotations

import ast
import math
import numbers
import re
import unicodedata
from fractions import Fraction
from typing import Any

LONGEST = 200
POWER = 64  # the highest power that is worked out
NUMBER = r"(?:\d|(?<!\d)\.(?=\d))[\d.,'’_]*"
SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "×": "*", "✕": "*", "⋅": "*", "·": "*", "∙": "*", "÷": "/", "⁄": "/",
     "∕": "/", "≈": "=", "~": "=", "≃": "=", "@": "*", "[": "(", "]": ")", "{": "(", "}": ")", "$": " "}
)  # fmt: skip
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
SPOKEN = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
SCALES = {"k": 10**3, "thousand": 10**3, "million": 10**6, "millions": 10**6, "billion": 10**9}


class Unreadable(ValueError):
    """Say in one sentence why something typed is no answer; it counts as neither right nor wrong."""


def meanings(typed: Any, wanted: Any, options: tuple[str, ...] = ()) -> list[Any]:
    """Return what `typed` may mean where an answer like `wanted` is asked for, the likeliest first.

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
    return _values(_text(typed))


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
        raise Unreadable(f"A {type(value).__name__} is no number: give the result as a number or as text.")
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
    plain = re.sub(r"[()]", " ", text)
    bare = re.sub(r"[^\W\d_]\w*\s*=?|=", " ", plain)  # "c = 10, h = 28"
    if ";" in bare:
        splits = [bare.split(";")]
    elif "*" in bare:
        splits = [bare.split("*"), re.split(r"[\s,*]+", bare)]
    else:
        splits = [bare.split(), bare.split(","), re.split(r"[\s,]+", bare)]
    found = []
    for split in splits:
        parts = [part.strip(" ,.") for part in split if part.strip(" ,.")]
        if len(parts) == many:
            try:
                found.append(tuple(_values(part)[0] for part in parts))
            except Unreadable:
                continue
    if not found:
        count = len(re.findall(r"\d+(?:\.\d+)?", bare))
        read = "no number" if count == 0 else "one" if count == 1 else str(count)
        raise Unreadable(f"{many} numbers are wanted, and I read {read}: type them like (10, 28, 28).")
    return found


def _values(text: str) -> list[Fraction]:
    """Return the ways to read one number, or a short calculation."""
    after = text.rsplit("=", 1)[-1] if re.search(r"\d", text.rsplit("=", 1)[-1]) else text.replace("=", " ")
    after = re.sub(r"(?i)\bminus\s+(?=\d)", "-", after)
    if not re.search(r"\d", after):
        return [_spoken(after)]
    after = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", after)  # 1 179 648
    after = re.sub(r"(?<=\d)\s*[xX]\s*(?=\d)", "*", after)
    after = re.sub(r"(?<=\d)[eE](?=[-+]?\d)", "*10^", after)
    factors = _scale(after)
    after = re.sub(
        r"[^\W\d_]\w*(?:\^-?\d+)?|[%?!:;\"]|\( *[?!]* *\)", " ", after
    )  # the unit, and other words
    after = re.sub(r"\( *\)", " ", after)  # a remark was there
    after = re.sub(r"(?<!\d) *[-+*/^] *$|^ *[*/^]+|[-+*/^.,]+ *$", " ", after.strip())
    after = re.sub(r"(\d+) (\d+)/(\d+)", r"(\1+\2/\3)", after)  # 3 1/2
    tokens: list[list[Fraction]] = []

    def token(found: re.Match) -> str:
        tokens.append(_number(found[0]))
        return f"n[{len(tokens) - 1}]"

    formula = re.sub(NUMBER, token, after).strip()
    if len(tokens) == 1 and formula in ("n[0]", "-n[0]", "+n[0]", "(n[0])"):
        sign = -1 if formula.startswith("-") else 1
        return [sign * value * factors for value in tokens[0]]
    return [_calculated(formula.replace("^", "**"), tokens, text) * factors]


def _spoken(text: str) -> Fraction:
    for word in re.findall(r"[^\W\d_]+", text.casefold()):
        if word in SPOKEN:
            return Fraction(SPOKEN.index(word))
        if word in ("nan", "inf", "infinity", "none", "nothing"):
            break
    raise Unreadable("There is no number in that: type the result in digits.")


def _scale(text: str) -> Fraction:
    """Return what a word behind the number makes of it: 61.7k, 1.2 million, 25 %."""
    if re.search(r"\d\s*%", text):
        return Fraction(1, 100)
    found = re.search(r"\d[.,]?\s*([^\W\d_]+)", text)
    word = found[1] if found else ""
    if word in ("M", "m"):
        return Fraction(10**6 if word == "M" else 1)
    return Fraction(SCALES.get(word.casefold(), 1))


def _number(text: str) -> list[Fraction]:
    """Return the values that one number in digits may have: "1,234" is 1234, or 1.234."""
    text = re.sub(r"['’_]", "", text).rstrip(".,")
    marks = [mark for mark in text if mark in ".,"]
    if not marks:
        return [Fraction(text)]
    if len(set(marks)) == 2:
        last = marks[-1]
        if marks.count(last) > 1:
            raise Unreadable(f"{text} has more than one decimal point.")
        return [Fraction(text.replace("," if last == "." else ".", "").replace(",", "."))]
    mark = marks[0]
    groups = text.split(mark)
    grouped = groups[0] not in ("", "0") and len(groups[0]) < 4 and all(len(one) == 3 for one in groups[1:])
    if len(marks) > 1:
        if not grouped:
            raise Unreadable(f"{text} are several numbers: type the result alone.")
        return [Fraction("".join(groups))]
    point, whole = Fraction(".".join(groups)), Fraction("".join(groups))
    if not grouped:
        return [point]
    return [whole, point] if mark == "," else [point, whole]


def _calculated(formula: str, tokens: list[list[Fraction]], text: str) -> Fraction:
    """Return the value of a calculation with + − × / and powers, or raise `Unreadable`."""
    try:
        return _walk(ast.parse(formula, mode="eval").body, tokens)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        count = len(tokens)
        raise Unreadable(
            f"I read {count} numbers in “{text}”, and cannot tell which is the result: type it alone."
            if count > 1
            else f"I cannot read a number in “{text}”: type the result in digits."
        ) from None


def _walk(node: ast.AST, tokens: list[list[Fraction]]) -> Fraction:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return tokens[node.slice.value][0]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = _walk(node.operand, tokens)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp):
        a, b = _walk(node.left, tokens), _walk(node.right, tokens)
        if isinstance(node.op, ast.Pow) and b.denominator == 1 and abs(b) <= POWER and abs(a) < 10**6:
            return a ** int(b)
        simple = {
            ast.Add: Fraction.__add__,
            ast.Sub: Fraction.__sub__,
            ast.Mult: Fraction.__mul__,
            ast.Div: Fraction.__truediv__,
        }
        if type(node.op) in simple:
            return simple[type(node.op)](a, b)
    raise ValueError("no calculation")
