"""What an assignment really is: the instructor's cells, from the gradebook and the source notebook.

The gradebook holds the cells that nbgrader marks (tests with their hidden parts, stubs, points): for those it is
the only reference, here as in nbgrader. The source notebook adds what the gradebook does not keep: the order of
the cells, the ordinary ones between them, and the solutions.
"""

from __future__ import annotations

import ast
import functools
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from convbook.grading.course import Course, GradingError, in_folder
from convbook.grading.job import Cell
from convbook.grading.reading.idle import idle
from convbook.grading.reading.recover import cells_of, claimed
from convbook.grading.reading.sources import binds, parsed, reads


@dataclass(frozen=True, eq=False)
class ReferenceCell:
    """Hold one cell of the instructor's notebook.

    `name` is its `grade_id`, or the cell id of an ordinary one. `source` is what grading puts into a submission,
    `released` what learners were given (without hidden tests), `own` what the source notebook holds (with the solution).
    Of a `locked` cell the instructor's text replaces whatever the submission has there.
    """

    name: str
    cell_type: str
    source: str
    own: str
    released: str
    marked: bool = False
    grade: bool = False
    solution: bool = False
    locked: bool = False
    task: bool = False
    points: float = 0.0
    checksum: str | None = None
    cell_id: str = ""

    @property
    def is_check(self) -> bool:
        """Tell whether the cell is code that earns points by itself."""
        return self.grade and not self.solution and self.cell_type == "code"

    @property
    def hidden(self) -> bool:
        """Tell whether learners did not see all of it."""
        return self.source.strip() != self.released.strip()

    @property
    def role(self) -> str:
        """Return the cell's role in `Job.instructor`."""
        return "check" if self.is_check else "student" if self.solution else "setup"

    def metadata(self) -> dict[str, Any]:
        """Return the cell's nbgrader metadata, as nbgrader's own `autograded/` notebooks have it."""
        points = int(self.points) if float(self.points).is_integer() else self.points
        same = ("cell_type", "checksum", "grade", "locked", "solution", "task")
        marks = {"grade_id": self.name, "schema_version": 3, **{name: getattr(self, name) for name in same}}
        return marks | ({"points": points} if self.grade or self.task else {})


@dataclass(frozen=True)
class Reference:
    """Hold one notebook of an assignment: its name, its cells in the instructor's order, and remarks about them.

    Without its source only the gradebook's cells are known: no solution, and no cell that makes a test's names.
    """

    name: str
    cells: tuple[ReferenceCell, ...]
    kernelspec: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    has_source: bool = True

    @property
    def marked(self) -> dict[str, ReferenceCell]:
        """Return the cells that nbgrader knows, by name."""
        return {cell.name: cell for cell in self.cells if cell.marked}

    @property
    def points(self) -> float:
        """Return the sum of all points."""
        return sum(cell.points for cell in self.cells if cell.grade or cell.task)

    @property
    def by_hand(self) -> bool:
        """Tell whether a person grades something here, and so may want to see every output."""
        return any(cell.task or (cell.grade and not cell.is_check) for cell in self.cells)

    @functools.cached_property
    def ours(self) -> frozenset[str]:
        """Return the tests that are checks of this library, which draws their cases from a seed of its own."""
        imports = [node for cell in self.cells if cell.cell_type == "code" for node in parsed(cell.own).body]
        checks = [n for n in imports if isinstance(n, ast.ImportFrom) and n.module == "convbook.checks"]
        names = {name for node in checks for name in binds(node)}
        return frozenset(cell.name for cell in self.cells if cell.is_check and reads(cell.source) & names)

    @property
    def all_ours(self) -> bool:
        """Tell whether every test is a check of this library."""
        return all(cell.name in self.ours for cell in self.cells if cell.is_check)

    @functools.cached_property
    def seen(self) -> frozenset[str]:
        """Return the tests of which students were given everything: plain ones without hidden lines."""
        tests = (cell for cell in self.cells if cell.is_check and not cell.hidden)
        return frozenset(cell.name for cell in tests) - self.ours

    def instructor(self, everything: bool = True) -> tuple[Cell, ...]:
        """Return the code cells as the engine wants to know them; all, or all that tests can depend on."""
        code = [cell for cell in self.cells if cell.cell_type == "code"]
        cells = [Cell(c.name, c.role, c.source if c.is_check else c.own, c.points) for c in code]
        pieces = [(cell.source, not c.marked) for cell, c in zip(cells, code, strict=True)]
        left_out = frozenset() if everything else idle(pieces, seeds=not self.all_ours)
        return tuple(cell for n, cell in enumerate(cells) if n not in left_out)


def read_references(course: Course, assignment: str, renew: bool = False) -> tuple[Reference, ...]:
    """Return the notebooks of an assignment, sorted by name.

    An assignment that the gradebook does not know yet is entered from its source, and with `renew` one that it knows
    as well; the release stays as it is.
    """
    with course.gradebook() as gradebook:
        known = any(one.name == assignment and one.notebooks for one in gradebook.assignments)
    if renew or not known:
        register(course, assignment)
    with course.gradebook() as gradebook:
        notebooks = gradebook.find_assignment(assignment).notebooks
        return tuple(_reference(course, assignment, notebook) for notebook in notebooks)


def register(course: Course, assignment: str) -> None:
    """Enter an assignment's cells into the gradebook, as `nbgrader generate_assignment` does; write no release."""
    from nbgrader.converters import GenerateAssignment, NbGraderException
    from nbgrader.utils import temp_attrs

    source = course.source_folder(assignment)
    if not list(source.glob("*.ipynb")):
        raise GradingError(f"{source} holds no notebook to take the tests of {assignment} from")
    with (
        tempfile.TemporaryDirectory(prefix="convbook-register-") as scratch,
        in_folder(course.root),
        temp_attrs(course.directory, assignment_id=assignment, notebook_id="*", release_directory=scratch),
    ):
        try:
            GenerateAssignment(coursedir=course.directory, parent=course.app, force=True).start()
        except (NbGraderException, SystemExit) as error:
            raise GradingError(
                f"the source of {assignment} could not be entered into the gradebook: cells were added or removed "
                f"after the first submission, or the notebook is faulty ({error}); "
                f"`nbgrader generate_assignment {assignment}` says more"
            ) from error


def _released(source: str, course: Course) -> str:
    """Return a text without hidden tests and mark scheme; as it is where its delimiters do not match."""
    from nbformat import NotebookNode
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme

    cell = NotebookNode(source=source, metadata={})
    try:  # nbgrader's own steps, with the delimiters that this course uses
        ClearHiddenTests(parent=course.app)._remove_hidden_test_region(cell)
        ClearMarkScheme(parent=course.app)._remove_mark_scheme_region(cell)
    except RuntimeError:
        return source
    return cell.source


NO_SOURCE = (
    "{} cannot be read, or is not there: the tests are the gradebook's, and as the instructor's other cells are not known, "
    "they run beside the student's code, as in nbgrader"
)


def _reference(course: Course, assignment: str, notebook: Any) -> Reference:
    points = {cell.name: float(cell.max_score) for cell in (*notebook.grade_cells, *notebook.task_cells)}
    graded, solutions, tasks = (
        {cell.name for cell in cells}
        for cells in (notebook.grade_cells, notebook.solution_cells, notebook.task_cells)
    )
    marked = {
        cell.name: ReferenceCell(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source or "",
            own=cell.source or "",
            released=_released(cell.source or "", course),
            marked=True,
            grade=cell.name in graded,
            solution=cell.name in solutions,
            locked=bool(cell.locked),
            task=cell.name in tasks,
            points=points.get(cell.name, 0.0),
            checksum=cell.checksum,
        )
        for cell in notebook.source_cells
    }
    path = course.source_folder(assignment) / f"{notebook.name}.ipynb"
    source = cells_of(path)
    cells = tuple(_in_order(source, marked))
    return Reference(
        notebook.name,
        cells,
        json.loads(notebook.kernelspec or "{}"),
        tuple(_differences(cells, source, notebook.name) if source else [NO_SOURCE.format(path)]),
        bool(source),
    )


def _in_order(source: list[dict[str, Any]], marked: dict[str, ReferenceCell]) -> Iterator[ReferenceCell]:
    """Yield all cells as the source notebook orders them; only the marked ones where it cannot be read."""
    left = dict(marked)
    for cell in source:
        name, text = claimed(cell).get("grade_id"), cell["source"]
        if name in left:
            yield replace(left.pop(name), own=text, cell_id=cell["id"])
        elif name not in marked:
            yield ReferenceCell(cell["id"], cell["cell_type"], text, text, text, cell_id=cell["id"])
    yield from left.values()


def _differences(cells: tuple[ReferenceCell, ...], source: list[dict[str, Any]], name: str) -> Iterator[str]:
    tests = [cell for cell in cells if cell.is_check and "AUTOTEST" not in cell.own]
    newer = [cell.name for cell in tests if cell.own.strip() != cell.source.strip()]
    if newer:
        yield (
            f"{name}: the source has other tests than the gradebook in {', '.join(newer)}; the gradebook's were used. "
            "`--renew` takes the source's"
        )
    given = {marks.get("grade_id"): marks.get("points") for marks in map(claimed, source)}
    told = [c for c in cells if (c.grade or c.task) and isinstance(given.get(c.name), int | float)]
    changed = [f"{c.name} ({c.points:g}, now {given[c.name]:g})" for c in told if given[c.name] != c.points]
    if changed:
        yield (
            f"{name}: the source gives other points than the gradebook for {', '.join(changed)}; the gradebook's were "
            "used. `--renew` takes the source's"
        )
