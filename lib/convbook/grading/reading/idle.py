"""Find the instructor's cells that only show something: they need not run to grade.

A unit's figures, timings and "try it" cells take most of a notebook's time and none of its points. Such a cell is left
out if it is as the instructor wrote it and nothing that runs can notice: it binds no name that anything else reads,
changes nothing such a name stands for, sets nothing. Whatever a student wrote or changed always runs.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence

from convbook.grading.reading.sources import SEEDS, binds, bound, is_opaque, parsed, reads, root


def idle(pieces: Sequence[tuple[str, bool]], seeds: bool = True) -> frozenset[int]:
    """Return the positions of the cells that nothing else can notice, of those that may be left out.

    Each piece is a cell's text, and whether it may be left out. With `seeds` a cell that seeds a random generator counts as
    noticed; this course's own checks bring their own seeds.

    >>> sorted(idle([("data = load()", True), ("def f(x): return x + data", False), ("draw(f(2))", True)]))
    [2]
    """
    statements = (node for source, _ in pieces for node in parsed(source).body)
    imports = (node for node in statements if isinstance(node, ast.Import | ast.ImportFrom))
    modules = frozenset(name for node in imports for name in binds(node))
    left = {n: text for n, (text, free) in enumerate(pieces) if free and not _sets_something(text, seeds)}
    wanted = {name for n, (source, _) in enumerate(pieces) if n not in left for name in reads(source)}
    while needed := [n for n in left if _leaves(left[n], modules) & wanted]:
        wanted |= {name for n in needed for name in reads(left.pop(n))}
    return frozenset(left)


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
            found |= root(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= root(node.func) - modules
    return found
