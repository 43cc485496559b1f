"""Where the names of a check cell come from: the instructor's own cells, or the student."""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from convbook.grading.job import Cell
from convbook.grading.reading.sources import SEEDS, binds, bound, is_opaque, needs, parsed, reads, root
from convbook.grading.rpc.remote import RemoteAnswer
from convbook.grading.rpc.transport import Refused


class Statement(NamedTuple):
    """Hold one top-level statement of the instructor's notebook."""

    cell: int
    role: str
    node: ast.stmt
    binds: frozenset[str]
    touches: frozenset[str]

    @property
    def imports(self) -> bool:
        return isinstance(self.node, ast.Import | ast.ImportFrom)


@functools.lru_cache(1024)
def known(source: str) -> list[tuple[ast.stmt, frozenset[str], frozenset[str]]]:
    """Return a cell's statements, each with the names that it defines and those whose objects it changes."""
    return [(n, frozenset(binds(n)), frozenset(_touches(n))) for n in parsed(source).body]


def _touches(node: ast.AST) -> set[str]:
    """Return the names whose objects a statement changes: `x[0] = …`, `x.append(…)`, `np.random.seed(…)`."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript | ast.Attribute) and isinstance(part.ctx, ast.Store | ast.Del):
            found |= root(part)
        called = part.value.func if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) else None
        if isinstance(called, ast.Attribute):
            found |= root(called)
    return found


class Names:
    """Fill the trusted namespace with what a check cell needs, no more.

    A name that the instructor's ordinary cells define last before the check is made here by running just the
    statements that make it; one that a solution cell defines is asked of the student's process (`look`).
    Imports are the instructor's in either kind of cell. A name that none is seen to define may come from what cannot
    be read (`from helpers import *`): that is run here, before the student is asked.
    """

    def __init__(self, cells: tuple[Cell, ...], space: dict[str, Any], look: Callable[[str], Any]):
        self.space, self.look = space, look
        self.positions = {cell.id: number for number, cell in enumerate(cells)}
        self.statements = [Statement(n, c.role, *one) for n, c in enumerate(cells) for one in known(c.source)]
        self.ran: set[int] = set()
        self.mine: set[str] = set()  # names that check cells defined, or that were made here
        self.asked: set[str] = set()  # names that were the student's when last looked at

    def provide(self, source: str, cell_id: str) -> None:
        """Define the names that a check cell reads."""
        place = self.positions.get(cell_id, len(self.positions))
        end = next((i for i, s in enumerate(self.statements) if s.cell >= place), len(self.statements))
        tree = parsed(source)
        for name in sorted(needs(tree)):
            self._define(name, end, frozenset())
        self.mine |= binds(tree)

    def _define(self, name: str, end: int, waiting: frozenset[str]) -> None:
        if name in waiting:
            return
        last = next((s for s in reversed(self.statements[:end]) if name in s.binds), None)
        if last is not None and last.role == "check":
            return
        if last is None and (name in self.mine or name in HERE or self._was_opaque(name, end, waiting)):
            return
        if last is None and hasattr(builtins, name):
            return
        if last is not None and (last.role != "student" or last.imports):
            self._run(lambda statement: self._makes(statement, name, last), end, waiting | {name})
            return
        self._ask(name)
        if last is not None and isinstance(last.node, ast.ClassDef):
            answer = self.space.get(name)
            if isinstance(answer, RemoteAnswer):
                # A test may ask an object that it makes of this class anything: the class is what it tests.
                answer._makes_objects = True

    def _run(self, chosen: Callable[[Statement], bool], end: int, waiting: frozenset[str]) -> None:
        """Run those of the chosen statements that have not run, with what they need."""
        for number, statement in enumerate(self.statements[:end]):
            if number not in self.ran and chosen(statement):
                self.ran.add(number)
                for needed in sorted(needs(statement.node)):
                    self._define(needed, number, waiting)
                # What other names mean was chosen by their own statements.
                before = dict(self.space) if is_opaque(statement.node) else {}
                exec(compile(ast.Module([statement.node], []), "<setup>", "exec"), self.space)
                self.space.update(before)

    def _was_opaque(self, name: str, end: int, waiting: frozenset[str]) -> bool:
        """Run what defines names that cannot be read off it; True if it has defined this one."""

        def chosen(statement: Statement) -> bool:
            theirs = statement.role == "setup" or (statement.role == "student" and statement.imports)
            return theirs and is_opaque(statement.node)

        self._run(chosen, end, waiting | {name})
        return name in self.space and name not in self.asked

    def _makes(self, statement: Statement, name: str, last: Statement) -> bool:
        if statement.imports:
            return name in statement.binds and statement.role != "check"
        if statement.role != "setup":
            return False
        touched = name in statement.touches
        if last.imports:  # of what is done with a module, only its seeds and settings matter
            called = statement.node.value if isinstance(statement.node, ast.Expr) else None
            touched &= isinstance(called, ast.Call) and getattr(called.func, "attr", "") in SEEDS
        return name in statement.binds or touched

    def _ask(self, name: str) -> None:
        self.asked.add(name)
        try:
            self.space[name] = self.look(name)
        except Refused:
            self.space.pop(name, None)  # the cell will say that the name is not defined


HERE = {"get_ipython", "display", "In", "Out", "_", "__", "___", "exit", "quit", "__name__"}


def builds_on(cell: Cell, checks: list[Cell]) -> list[Cell]:
    """Return the earlier tests that define names which a test reads, directly or through another; the nearest first."""
    before = checks[: checks.index(cell)]
    wanted, found = set(reads(cell.source)), []
    for other in reversed(before):
        if wanted & bound(other.source):
            found.append(other)
            wanted |= reads(other.source)
    return found
