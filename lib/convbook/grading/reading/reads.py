"""Which names a cell reads from outside: not its own arguments, not its own variables."""

from __future__ import annotations

import functools
import re
import symtable

from convbook.grading.reading.sources import LONGEST_READ, understood


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
