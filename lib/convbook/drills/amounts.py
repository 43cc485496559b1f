"""Read one amount: a number in any usual writing, with a unit, as a fraction, or as a short calculation."""

from __future__ import annotations

import ast
import re
from fractions import Fraction

POWER = 64  # the highest power that is worked out
NUMBER = r"(?:\d|(?<!\d)\.(?=\d))[\d.,'’_]*"
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
LARGER = re.compile(r"teen$|ty$|hundred|thousand|million|billion|half|halves|third|quarter|point|nan|inf")
SCALES = {"k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "millions": 10**6, "billion": 10**9}


class Unreadable(ValueError):
    """Say in one sentence why something typed is no answer; it counts as neither right nor wrong."""


def values(text: str) -> list[Fraction]:
    """Return the ways to read one number, or a short calculation, the likeliest first.

    >>> values("1,179,648 weights"), values("(75 + 1)*10 = 760")
    ([Fraction(1179648, 1)], [Fraction(760, 1)])
    """
    result = _result(text)
    if not re.search(r"\d", result):
        return [_spoken(result)]
    factors = _scales(result)
    tokens: list[list[Fraction]] = []

    def token(found: re.Match) -> str:
        tokens.append(_number(found[0]))
        return f"n[{len(tokens) - 1}]"

    formula = re.sub(NUMBER, token, _without_words(result)).strip()
    if len(tokens) == 1 and (alone := re.fullmatch(r"[( ]*([-+]?)[( ]*n\[0\][) ]*", formula)):
        sign = -1 if alone[1] == "-" else 1
        return [sign * value * factor for factor in factors for value in tokens[0]]
    worth = _calculated(formula.replace("^", "**"), tokens, text)
    return [worth * factor for factor in factors]


def _result(text: str) -> str:
    """Return the part of a text in which the result stands: behind the last = or :, if there is a number."""
    for mark in "=:":
        before, found, after = text.rpartition(mark)
        if found:
            text = after if re.search(r"\d", after) else before or after
    if text.count(")") > text.count("("):
        text = text.rstrip(" .)") + ")" * text.count("(")  # what a bracket before the = leaves open
    text = re.sub(r"(?i)\bminus\s+(?=\d)", "-", text)
    text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text)  # 1 179 648
    text = re.sub(r"(?i)(?<=\d) (?:out )?of (?=\d)", " / ", text)  # 1 of 4
    text = re.sub(r"(?<=\d)\s*[xX]\s*(?=\d)", "*", text)
    return re.sub(r"(?<=\d)[eE](?=[-+]?\d)", "*10^", text)


def _without_words(text: str) -> str:
    """Return a text without units and other words, and without what they leave behind."""
    text = re.sub(r"[^\W\d_]+(?:\^-?\d+)?\.?", " ", text)  # also px^2 and approx.
    text = re.sub(r"[^\d\s.,'’_()+\-*/^]", " ", text)
    text = re.sub(r"\([ .,]*\)", " ", text)  # a remark was there
    text = re.sub(r"(?<!\d) *[-+*/^] *$|^ *[*/^]+|[-+*/^.,]+ *$", " ", text.strip())
    return re.sub(r"(\d+) (\d+)/(\d+)", r"(\1+\2/\3)", text)  # 3 1/2


def _spoken(text: str) -> Fraction:
    """Return a number up to twelve that is written as a word, alone among words that are no numbers."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    said = [word for word in words if word in SPOKEN]
    if len(said) == 1 and not any(LARGER.search(word) for word in words):
        return Fraction(SPOKEN.index(said[0]))
    raise Unreadable("There is no number in that: type the result in digits.")


def _scales(text: str) -> list[Fraction]:
    """Return what a word behind the number may make of it: 61.7k, 1.2 million, 25 %; a single letter may be a unit, too."""
    if re.search(r"\d\s*%", text):
        return [Fraction(1, 100), Fraction(1)]
    found = re.search(r"\d[.,]?\s*([^\W\d_]+)", text)
    word = found[1] if found else ""
    scale = Fraction(SCALES.get(word.casefold(), 1)) if word != "m" else Fraction(1)
    return [scale, Fraction(1)] if len(word) == 1 and scale != 1 else [scale]


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
