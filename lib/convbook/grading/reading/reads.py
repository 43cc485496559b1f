"""Which names a cell reads from outside: not its own arguments, not its own variables."""

from __future__ import annotations

import functools
import symtable

from IPython.core.inputtransformer2 import TransformerManager


@functools.lru_cache(4096)
def reads(source: str) -> frozenset[str]:
    """Return the global names that a cell reads, also inside its functions; none for a cell that cannot be read.

    >>> sorted(reads("def f(x):\\n    y = x + k\\n    return np.sum(y)"))
    ['k', 'np']
    """
    try:
        table = symtable.symtable(TransformerManager().transform_cell(source), "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    found: set[str] = set()
    waiting = [table]
    while waiting:
        scope = waiting.pop()
        top = scope.get_type() == "module"
        found |= {s.get_name() for s in scope.get_symbols() if s.is_referenced() and (top or s.is_global())}
        waiting += scope.get_children()
    return frozenset(found)
