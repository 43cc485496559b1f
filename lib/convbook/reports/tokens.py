"""Code as a sequence of tokens in which comments, docstrings, layout and own names make no difference."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType

GIVEN = re.compile(r"^(?:\s*(?:def|class)\s+(\w+)|(\w+)\s*=[^=])", re.MULTILINE)
NEWLINE, INDENT, DEDENT = LAYOUT = ("newline", "indent", "dedent")
TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>[bfruBFRU]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<newline>\n)
  | (?P<space>[ \t\r\f]+|\\\n)
  | (?P<word>\w+(?:\.\d+)?)
  | (?P<sign>\*\*=?|//=?|->|:=|[-+*/<>=!%@&|^]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@lru_cache(4096)
def form(code: str) -> str:
    """Return code as a string, one character a token, alike for all ways to name and lay out the same.

    >>> form("def f(a): return a + 1  # one") == form("def f(x): return  x+1")
    True
    >>> form("a + b") == form("a - b")
    False
    """
    own, numbers, words = _own_names(code), {}, []
    for word in _tokens(code):
        words.append(f"own {numbers.setdefault(word, len(numbers))}" if word in own else word)
    return "".join(map(_character, words))


def _tokens(code: str) -> Iterator[str]:
    """Yield the tokens of a source, faulty or not, without comments, docstrings and blank lines.

    Python's own `tokenize` stops at a fault, and a class of 300 waits for it twice as long.
    """
    depth, indent, before = 0, 0, NEWLINE
    code = code.strip() + "\n"
    for found in TOKEN.finditer(code):
        kind, text = found.lastgroup, found[0]
        if kind == "newline":
            if depth == 0 and before not in LAYOUT:
                yield NEWLINE
                before = NEWLINE
            continue
        if kind in ("comment", "space") or (kind == "string" and before in LAYOUT):
            continue  # a string that is a line of its own is a docstring, or as good as one
        if before == NEWLINE:
            here = found.start() - code.rfind("\n", 0, found.start()) - 1
            if here != indent:
                yield INDENT if here > indent else DEDENT
            indent = here
        depth = max(0, depth + (text in "([{") - (text in ")]}"))
        yield text
        before = text


def _own_names(code: str) -> set[str]:
    """Return the names that a source itself gives to functions, arguments and variables."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            todo = [compile(code, "answer", "exec", dont_inherit=True)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    found = {name for pair in GIVEN.findall(code) for name in pair if name}
    while todo:
        one = todo.pop()
        found.update(one.co_varnames, one.co_cellvars)
        todo += [part for part in one.co_consts if isinstance(part, CodeType)]
    return found


_CHARACTERS: dict[str, str] = {}


def _character(word: str) -> str:
    return _CHARACTERS.setdefault(word, chr(0x100 + len(_CHARACTERS)))
