"""Packages that are not here: an import that fails costs what uses the package, and `pip install` is answered at once."""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib.metadata
import importlib.util
import re
import sys
from typing import Any

STAND_IN = "__stand_in_for_what_is_not_here__"
INSTALL = re.compile(
    r"^(\s*)[!%]+\s*(?:sudo\s+)?(?:\S*python\S*\s+-m\s+|\{sys\.executable\}\s+-m\s+)?"
    r"(?:pip3?|conda|mamba|uv|apt|apt-get)\s+(?:pip\s+)?install\b(.*)$"
)
# Where it is run all the same.
NO_INDEX = {"PIP_NO_INDEX": "1", "PIP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
NOT_HERE = re.compile(r"No module named '([\w.]+)'")


class Missing:
    """Stand for what could not be imported: whatever is done with it raises the error of the import."""

    def __init__(self, error: ImportError):
        self._error = (type(error), str(error), error.name)

    def _fail(self, *args: Any, **kwargs: Any) -> Any:
        kind, said, name = self._error
        raise kind(said, name=name)

    __call__ = __getitem__ = __iter__ = __enter__ = __mro_entries__ = _fail

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._fail()


class ImportsOneByOne(ast.NodeTransformer):
    """Let a cell go on behind an import that fails, with a stand-in under each of its names."""

    def __init__(self, shell: Any):
        self.shell = shell
        setattr(builtins, STAND_IN, self.stand_in)

    def stand_in(self, name: str) -> Any:
        """Return what a name is to stand for when its import has just failed."""
        error = sys.exc_info()[1]
        print(f"{type(error).__name__}: {error}; the cell goes on, what uses {name} fails", file=sys.stderr)
        return self.shell.user_ns.get(name, Missing(error))

    def visit_Module(self, tree: ast.Module) -> ast.Module:
        """Guard the imports at the top level of a cell; those in functions and in `try` are left as they are."""
        if self.shell.lenient:
            tree.body = [one for node in tree.body for one in _guarded(node)]
        return tree


def _guarded(node: ast.stmt) -> list[ast.stmt]:
    """Return an import as one attempt for each of its names, and every other statement as it is."""
    if not isinstance(node, ast.Import | ast.ImportFrom) or getattr(node, "module", "") == "__future__":
        return [node]
    if any(alias.name == "*" for alias in node.names):
        return [node]
    guarded: list[ast.stmt] = []
    for alias in node.names:
        node.names, name = [alias], alias.asname or alias.name.partition(".")[0]
        text = f"try:\n    {ast.unparse(node)}\nexcept ImportError:\n    {name} = {STAND_IN}({name!r})"
        guarded += ast.parse(text).body
        for part in ast.walk(guarded[-1]):
            ast.copy_location(part, node)
    return guarded


def without_installing(lines: list[str]) -> list[str]:
    """Return a cell's lines, with what installs a package answered at once: there is no network.

    >>> print("".join(without_installing(["!pip install numpy no-such-package\\n", "x = 1\\n"])))  # doctest: +ELLIPSIS
    print('There is no network ... nothing was installed. Here already: numpy ... Not here: no-such-package.')
    x = 1
    <BLANKLINE>
    """
    found, swallowed = [], False
    for line in lines:
        goes_on = line.rstrip().endswith("\\")
        mark = INSTALL.match(line.rstrip("\n"))
        if mark:
            found.append(f"{mark[1]}print({_answer(mark[2])!r})\n")
        elif not swallowed:
            found.append(line)
        swallowed = goes_on and (bool(mark) or swallowed)
    return found


def _answer(words: str) -> str:
    names = [match[0] for word in words.split() if (match := re.match(r"[A-Za-z][\w.-]*", word.strip("'\"")))]
    there = {name: version for name in names if (version := _version(name)) is not None}
    said = "There is no network while a notebook is graded: nothing was installed."
    if there:
        said += f" Here already: {', '.join(' '.join(item).strip() for item in there.items())}."
    absent = [name for name in names if name not in there]
    return said + (f" Not here: {', '.join(absent)}." if absent else "")


def _version(name: str) -> str | None:
    """Return the version of what is installed, empty where it tells none; None where nothing of that name is here."""
    with contextlib.suppress(Exception):
        return importlib.metadata.version(name)
    with contextlib.suppress(ImportError, ValueError):
        return "" if importlib.util.find_spec(name.replace("-", "_").partition(".")[0]) else None


def named_in(outputs: list[dict[str, Any]]) -> str:
    """Return the package that an error among some outputs misses, or nothing."""
    errors = [output for output in outputs if output["output_type"] == "error"]
    said = ("\n".join([error["evalue"], *error["traceback"]])[:20_000] for error in errors)
    return next((found[1].partition(".")[0] for found in map(NOT_HERE.search, said) if found), "")
