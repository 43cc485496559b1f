"""An engine that runs everything in one namespace here: for tests of what happens before and after a run."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Iterable, Iterator

from convbook.grading.job import Cell, CellResult, Job, Result, Tried


class PretendEngine:
    """Run jobs without processes; `ran` lists what ran, as `(student, cell)`."""

    warning = ""

    def __init__(self, stop_after: int | None = None):
        self.ran: list[tuple[str, str]] = []
        self.opened, self.stop_after = 0, stop_after

    def __call__(self) -> PretendEngine:
        return self

    def __enter__(self) -> PretendEngine:
        self.opened += 1
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def tried(self, job: Job) -> Tried:
        return Tried()

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        for number, job in enumerate(jobs):
            if number == self.stop_after:
                raise KeyboardInterrupt
            yield self.result(job)

    def result(self, job: Job) -> Result:
        space: dict = {}
        cells = [self._cell(cell, job, space) for cell in job.cells]
        return Result(job.key, job.student, job.notebook, cells, sandboxed=True, seconds=0.01)

    def _cell(self, cell: Cell, job: Job, space: dict) -> CellResult:
        self.ran.append((job.student, cell.id))
        printed, outputs, status = io.StringIO(), [], "ok"
        try:
            with contextlib.redirect_stdout(printed):
                value = _value(cell.source, space)
            if value is not None:
                data = {"text/plain": repr(value)}
                outputs.append(
                    {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}
                )
        except Exception as error:
            name, said = type(error).__name__, str(error)
            outputs.append(
                {"output_type": "error", "ename": name, "evalue": said, "traceback": [f"{name}: {said}"]}
            )
            status = "error"
        if printed.getvalue():
            outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": printed.getvalue()})
        return CellResult(cell.id, status, outputs, 0.01)


def _value(source: str, space: dict) -> object:
    """Run a cell and return the value of its last line, if that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), space)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), space) if last is not None else None
