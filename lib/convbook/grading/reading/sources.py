"""What can be read off a student's cells without running them: where a name is defined, what it reaches for."""

from __future__ import annotations

import ast
import contextlib
import functools
import re
import symtable
from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
SEEDS = ("seed", "manual_seed", "set_printoptions", "set_default_dtype", "set_num_threads")
DYNAMIC = {"eval", "exec", "compile", "__import__", "import_module", "getattr", "vars", "globals", "modules"}
LONGEST_READ = 50_000  # characters; a longer cell runs like any other, but nobody looks into it
WORTH_KEEPING = 3_000  # characters; a tree takes a hundred times the room of its text
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
MAGIC = re.compile(r"^[ \t]*[!%?,;/].|=[ \t]*[!%]|\?[ \t]*$", re.MULTILINE)


def magic_steps(source: str) -> int:
    """Return how long IPython needs for a cell's magics: it reads the whole cell again for each of them.

    >>> magic_steps("x = !ls\\nx"), magic_steps("x = 1")
    (2, 0)
    """
    return (source.count("\n") + 1) * sum(1 for _ in MAGIC.finditer(source))


def understood(source: str, read: Callable[[str], Any]) -> Any:
    """Return what `read` makes of a cell, magics as calls where there are some; None for what cannot be read."""
    for prepared in (str, lambda text: TransformerManager().transform_cell(text)):
        with contextlib.suppress(*UNREADABLE):
            return read(prepared(source))
    return None


def parsed(source: str) -> ast.Module:
    """Return a cell's tree; magics become calls, and a cell that cannot be read, or is too long, is empty."""
    tree = _kept_tree if len(source) <= WORTH_KEEPING else _kept_tree.__wrapped__
    return tree(source)


@functools.lru_cache(256)
def _kept_tree(source: str) -> ast.Module:
    tree = understood(source, ast.parse) if len(source) <= LONGEST_READ else None
    return tree or ast.Module([], [])


@functools.lru_cache(4096)
def defined(source: str) -> frozenset[str]:
    """Return the names of the functions and classes that a cell defines."""
    return frozenset(node.name for node in parsed(source).body if isinstance(node, Definition))


def definition(sources: Iterable[str], name: str) -> str:
    """Return the source of the last function or class of that name, or an empty string."""
    for source in reversed(list(sources)):
        for node in reversed(parsed(source).body):
            if isinstance(node, Definition) and node.name == name:
                lines = understood(source, lambda text: ast.parse(text) and text).splitlines()
                return "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return ""


@functools.lru_cache(512)
def reaches(sources: tuple[str, ...], name: str, library: str) -> str:
    """Return how `name`, or a function of the cells that it uses, names `library`; empty if it does not.

    A library is a package (`"torch"`) or a part of one (`"torch.nn.functional"`).

    >>> reaches(("import torch.nn.functional as F", "def f(x): return F.relu(x)"), "f", "torch")
    'torch.nn.functional.relu'
    >>> reaches(("import torch; F = torch.relu", "def f(x, F): return F(x)"), "f", "torch")
    ''
    >>> reaches(("from torch import nn", "def f(x): return nn.functional.relu(nn.ReLU()(x))"), "f", "torch.nn.functional")
    'torch.nn.functional.relu'
    """
    last: dict[str, ast.stmt] = {}  # what a name stands for in the end
    for source in sources:
        for node in parsed(source).body:
            last.update(dict.fromkeys(binds(node), node))
    imports = {a: node for a, node in last.items() if isinstance(node, ast.Import | ast.ImportFrom)}
    aliases = {a: full for a, node in imports.items() if (full := _imported(node, library).get(a))}
    for other, node in last.items():  # another name for a module: `nn = torch.nn`
        if isinstance(node, ast.Assign) and (full := _full(node.value, aliases)):
            aliases[other] = full
    seen, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        node = last.get(current)
        if current in seen or node is None or isinstance(node, ast.Import | ast.ImportFrom):
            continue
        seen.add(current)
        outer = outer_names(node)
        if found := _used(node, library, {a: full for a, full in aliases.items() if a in outer}):
            return found
        renames = isinstance(node, ast.Assign | ast.AnnAssign) and _renamed(node) is not None
        waiting += outer if isinstance(node, Definition) or renames else ()
    return ""


def outer_names(node: ast.stmt) -> frozenset[str]:
    """Return the names that a statement takes from the notebook: not its arguments, not its own variables."""
    try:
        return reads(ast.unparse(node))
    except (RecursionError, ValueError):
        return frozenset()


def _used(node: ast.stmt, library: str, aliases: dict[str, str]) -> str:
    """Return the dotted name under which a function, or another name for one, uses the library.

    Data that the library made once, in a cell, is no use of it.
    """
    parts = list(ast.walk(node))
    words = {getattr(part, "id", getattr(part, "attr", "")) for part in parts}
    for part in parts:
        if isinstance(part, ast.Import | ast.ImportFrom):
            aliases = aliases | _imported(part, library)
        is_word = isinstance(part, ast.Constant) and isinstance(part.value, str)
        if is_word and _lies_in(part.value, library) and words & DYNAMIC:
            return part.value
    named = (
        _full(part, aliases) for part in (parts if isinstance(node, Definition) else _renamed(node) or ())
    )
    return next((full for full in named if _lies_in(full, library)), "")


def _lies_in(name: str, library: str) -> bool:
    return name == library or name.startswith(library + ".")


def _renamed(node: ast.stmt) -> list[ast.AST] | None:
    """Return what a name becomes another name for: `f = g`, `f = partial(g, 1)`, a lambda; None where it is data."""
    value = getattr(node, "value", None)
    if isinstance(value, ast.Lambda):
        return list(ast.walk(value))
    if isinstance(value, ast.Call):
        return list(value.args) if "partial" in (getattr(value.func, n, "") for n in ("id", "attr")) else []
    return [value] if isinstance(value, ast.Name | ast.Attribute) else None


def _imported(node: ast.Import | ast.ImportFrom, library: str) -> dict[str, str]:
    """Return the names that a statement gives to a library's package, and to parts of it."""
    if isinstance(node, ast.ImportFrom):
        found = {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    else:
        found = {a.asname or _package(a.name): a.name if a.asname else _package(a.name) for a in node.names}
    return {name: full for name, full in found.items() if _lies_in(full, _package(library))}


def _package(name: str) -> str:
    return name.partition(".")[0]


def _full(node: ast.AST, aliases: dict[str, str]) -> str:
    """Return the whole name of `F.relu` where `F` is an alias; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    known = isinstance(node, ast.Name) and node.id in aliases
    return ".".join([aliases[node.id], *reversed(parts)]) if known else ""


def is_opaque(node: ast.stmt) -> bool:
    """Tell whether a statement defines names that cannot be read off it: `from x import *`, `%run x`, `exec(…)`."""
    if isinstance(node, ast.ImportFrom):
        return any(alias.name == "*" for alias in node.names)
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    magic = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else ""
    by_magic = getattr(call.func, "attr", "") == "run_line_magic" and magic in ("run", "pylab")
    return by_magic or getattr(call.func, "id", "") == "exec"


def modules_named(sources: Iterable[str]) -> list[str]:
    """Return the modules that some sources import by name, and what may be modules in them.

    >>> modules_named(["import numpy as np", "from convbook.checks import convolution"])
    ['convbook.checks', 'convbook.checks.convolution', 'numpy']
    """
    found: set[str] = set()
    for node in (node for source in sources for node in ast.walk(parsed(source))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return sorted(found)


def binds(node: ast.AST) -> set[str]:
    """Return the names that a top-level statement defines."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Definition):
            found.add(part.name)
            continue
        if isinstance(part, ast.Import | ast.ImportFrom):
            found |= {a.asname or a.name.partition(".")[0] for a in part.names}
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.add(part.id)
        elif isinstance(part, ast.ExceptHandler) and part.name:
            found.add(part.name)
        waiting += [c for c in ast.iter_child_nodes(part) if not isinstance(c, ast.Lambda | Comprehension)]
    return found


@functools.lru_cache(4096)
def bound(source: str) -> frozenset[str]:
    """Return the names that a cell defines.

    >>> sorted(bound("import numpy as np\\nx, y = f(2)"))
    ['np', 'x', 'y']
    """
    return frozenset(name for node in parsed(source).body for name in binds(node))


@functools.lru_cache(4096)
def reads(source: str) -> frozenset[str]:
    """Return the global names that a cell reads, also inside its functions; none for a cell that cannot be read.

    A cell that is too long to be looked into may read every word in it.

    >>> sorted(reads("def f(x):\\n    y = x + k\\n    return np.sum(y)"))
    ['k', 'np']
    """
    if len(source) > LONGEST_READ:
        return frozenset(re.findall(r"[^\W\d]\w*", source))
    table = understood(source, lambda text: symtable.symtable(text, "<cell>", "exec"))
    found: set[str] = set()
    waiting = [] if table is None else [table]
    while waiting:
        scope = waiting.pop()
        top = scope.get_type() == "module"
        found |= {s.get_name() for s in scope.get_symbols() if s.is_referenced() and (top or s.is_global())}
        waiting += scope.get_children()
    return frozenset(found)


def root(node: ast.AST) -> set[str]:
    """Return the name that `x[0].y` begins with; nothing where it begins with no name."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def needs(node: ast.AST) -> set[str]:
    """Return all names that a statement reads, also those it only may read."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load | ast.Del)}
