"""Show a student's code without the student: comments, docstrings and names go, the answer stays."""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import re
import tokenize

from convbook.reports.gradebook import Person

SHORTEST = 3  # letters of a name worth looking for
MOST_LINES = 40
LOOKED_AT = 6  # of the shortest answers: comments and docstrings may have made one of them long


def cleaned(code: str) -> str:
    """Return code without comments, docstrings and blank lines, written as it was otherwise.

    >>> cleaned('def f(x):\\n    "by Ada"\\n    return x  # Ada wrote this')
    'def f(x):\\n    return x'
    """
    spans = _comments(code) + _docstrings(code)
    lines = code.split("\n")
    for (row, column), (last, end) in sorted(spans, reverse=True):
        rest = lines[last - 1][end:]
        lines[row - 1 : last] = [lines[row - 1][:column] + rest]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _comments(code: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                found.append((token.start, token.end))
    except (tokenize.TokenError, SyntaxError):  # no Python: whatever looks like a comment goes
        for row, line in enumerate(code.split("\n"), 1):
            if "#" in line:
                found.append(((row, line.index("#")), (row, len(line))))
    return list(dict.fromkeys(_apart(found)))


def _apart(
    spans: list[tuple[tuple[int, int], tuple[int, int]]],
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return at most one span a line: the one that begins first."""
    first: dict[int, tuple[tuple[int, int], tuple[int, int]]] = {}
    for span in sorted(spans):
        first.setdefault(span[0][0], span)
    return list(first.values())


def _docstrings(code: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return []
    lines, found = code.split("\n"), []
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) and len(body) > 1 else ():
            if _is_text(statement):
                start = lines[statement.lineno - 1].encode()[: statement.col_offset].decode()
                end = lines[statement.end_lineno - 1].encode()[: statement.end_col_offset].decode()
                found.append(((statement.lineno, len(start)), (statement.end_lineno, len(end))))
    return found


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def names_of(person: Person) -> set[str]:
    """Return the words by which somebody could be recognised, in lower case."""
    words = [*re.split(r"[\W_]+", f"{person.first} {person.last}"), person.id, person.lms_id]
    words += [*re.split(r"[\W_]+", person.email.partition("@")[0]), *re.split(r"[\W_\d]+", person.id)]
    ours = {name.lower() for name in (*dir(builtins), *keyword.kwlist)}
    return {word.lower() for word in words if len(word) >= SHORTEST} - ours


def tells(text: str, names: set[str]) -> bool:
    """Tell whether a text contains one of these words, also inside a name such as `conv_ada`.

    >>> tells("conv_ada(x)", {"ada"}), tells("adaptive(x)", {"ada"})
    (True, False)
    """
    lower = text.lower()
    return any(re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", lower) for name in names)


def example(candidates: list[tuple[Person, str]]) -> str:
    """Return the shortest of these answers that says nothing about its author; "" if there is none."""
    by_length = sorted((code, person.id, person) for person, code in candidates if code.strip())
    by_length.sort(key=lambda one: len(one[0]))
    shown = sorted(
        ((cleaned(code), person) for code, _, person in by_length[:LOOKED_AT]), key=lambda one: len(one[0])
    )
    for code, person in shown:
        if code and not tells(code, names_of(person)):
            lines = code.split("\n")
            more = len(lines) - MOST_LINES
            return "\n".join([*lines[:MOST_LINES], f"… {more} more lines"]) if more > 0 else code
    return ""
