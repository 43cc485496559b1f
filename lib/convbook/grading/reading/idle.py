"""Find the instructor's cells that only show something: they need not run to grade.

A unit's figures, timings and "try it" cells take most of a notebook's time and none of its points. Such a cell is left
out if it is as the instructor wrote it and nothing that runs can notice: it binds no name that anything else reads,
changes nothing such a name stands for, sets nothing. Whatever a student wrote or changed always runs.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence
from dataclasses import dataclass

from convbook.grading.reading.sources import SEEDS, binds, bound, is_opaque, parsed, reads


@dataclass(frozen=True)
class Piece:
    """Hold the text of one code cell; a `free` one may be left out."""

    source: str
    free: bool


def idle(pieces: Sequence[Piece], seeds: bool = True) -> frozenset[int]:
    """Return the positions of the free cells that nothing else can notice.

    With `seeds` a cell that seeds a random generator counts as noticed; this course's own checks bring their own seeds.

    >>> shows, makes = Piece("draw(f(2))", True), Piece("data = load()", True)
    >>> sorted(idle([makes, Piece("def f(x): return x + data", False), shows]))
    [2]
    """
    statements = (node for piece in pieces for node in parsed(piece.source).body)
    imports = (node for node in statements if isinstance(node, ast.Import | ast.ImportFrom))
    modules = frozenset(name for node in imports for name in binds(node))
    left = {n for n, piece in enumerate(pieces) if piece.free and not _sets_something(piece.source, seeds)}
    wanted = {name for n, piece in enumerate(pieces) if n not in left for name in reads(piece.source)}
    while True:
        needed = {n for n in left if _leaves(pieces[n].source, modules) & wanted}
        if not needed:
            return frozenset(left)
        left -= needed
        wanted |= {name for n in needed for name in reads(pieces[n].source)}


@functools.lru_cache(4096)
def _sets_something(source: str, seeds: bool) -> bool:
    """Tell whether a cell seeds, uses a magic or a shell command, defines what cannot be told, or cannot be read."""
    tree = parsed(source)
    if not tree.body or any(line.lstrip().startswith(("%", "!")) for line in source.splitlines()):
        return bool(source.strip())
    if any(is_opaque(node) for node in tree.body):
        return True
    setters = {name for name in SEEDS if seeds or "seed" not in name}
    return any(
        isinstance(node, ast.Global | ast.Delete)
        or (isinstance(node, ast.Call) and getattr(node.func, "attr", "") in setters)
        for node in ast.walk(tree)
    )


@functools.lru_cache(4096)
def _leaves(source: str, modules: frozenset[str]) -> set[str]:
    """Return the names that a cell binds, or whose objects it may change: `x[0] = …`, `x.y = …`, `x.method(…)`."""
    found = set(bound(source))
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            found |= _root(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= _root(node.func) - modules
    return found


def _root(node: ast.AST) -> set[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
