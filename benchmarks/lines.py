"""Print how many lines a check costs, by unit and exercise.

    python benchmarks/lines.py                                  all units
    python benchmarks/lines.py convolution                      one unit
    python benchmarks/lines.py --limit 100 --average 60         exit code 1 where these are exceeded

Counted is what a check is made of (oracle, cases, mistakes, words): the lines of `lib/convbook/checks/<topic>` that are not
blank, docstrings and comments included. To an exercise belong its oracle with the whole declaration above it, and what
these need from the unit's own files; what several exercises need is shared evenly among them. The rest of the files
(imports, a file's first docstring, the unit's list) stands in a row of its own. The engine and its families are not counted:
they serve all units.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from convbook import checks
from convbook.forms import Unit
from convbook.nbgrader_course import CourseError

Key = tuple[Path, str]  # a name at the top of a file


@dataclass(eq=False)
class Piece:
    """One statement at the top of a file: its lines, the names it gives, and the names it needs."""

    path: Path
    lines: int
    gives: set[str]
    needs: set[str]
    users: set[str] = field(default_factory=set)


def cost(unit: Unit, files: list[Path]) -> dict[str, float]:
    """Return the lines that each exercise of a unit costs, by its name."""
    names = [exercise.name for exercise in unit.exercises]
    pieces, brought, total = [], {}, {}
    for path in files:
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        full = [bool(line.strip()) for line in source.splitlines()]
        total[path] = sum(full)
        pieces += list(_pieces(tree, path, full))
        brought |= _brought(tree, path, files)
    home = {(piece.path, name): piece for piece in pieces for name in piece.gives}
    for name in names:
        owners = [piece for (_, given), piece in home.items() if given == name]
        if not owners:
            raise CourseError(f"{unit.folder}: no file of its checks defines {name} at its top")
        _mark(
            owners[0], name, {k: p for k, p in home.items() if not p.gives & (set(names) - {name})}, brought
        )
    return _shared(names, pieces, sum(total.values()))


REST = "imports, the unit's list"


def _shared(names: list[str], pieces: list[Piece], total: int) -> dict[str, float]:
    """Share the lines of pieces among the exercises that use them; what no exercise uses is the rest."""
    found: dict[str, float] = defaultdict(float)
    for piece in pieces:
        for name in piece.users:
            found[name] += piece.lines / len(piece.users)
    rest = total - sum(piece.lines for piece in pieces if piece.users)
    return {name: found[name] for name in names} | {REST: rest}


def _pieces(tree: ast.Module, path: Path, full: list[bool]) -> Iterator[Piece]:
    """Yield the definitions and assignments of a file; imports and the unit's own list are left to its rest."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            gives = {node.name}
        else:
            stored = (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            gives = {n.id for n in stored}
        if not gives or gives & {"unit", "progress", "__all__"}:
            continue
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        yield Piece(path, sum(full[first - 1 : node.end_lineno]), gives, _needed(node))


def _needed(node: ast.AST) -> set[str]:
    """Return the names that a statement reads; `module.name` counts as both `module` and `module.name`."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    dotted = (n for n in ast.walk(node) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name))
    return names | {f"{n.value.id}.{n.attr}" for n in dotted}


def _brought(tree: ast.Module, path: Path, files: list[Path]) -> dict[Key, Key | Path]:
    """Return what a file takes from others of its unit: a name of another file, or that file itself."""
    pages = {file.stem: file for file in files}
    found: dict[Key, Key | Path] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            page = (node.module or "").rpartition(".")[2]
            for alias in node.names:
                here = (path, alias.asname or alias.name)
                if page in pages and (node.level or (node.module or "").startswith("convbook.checks.")):
                    found[here] = (pages[page], alias.name)
                elif alias.name in pages and (node.level or page == path.parent.name):
                    found[here] = pages[alias.name]
    return found


def _mark(piece: Piece, user: str, home: dict[Key, Piece], brought: dict[Key, Key | Path]) -> None:
    """Note that an exercise uses a piece, and all that the piece needs; another exercise stays its own."""
    if user in piece.users:
        return
    piece.users.add(user)
    for name in piece.needs:
        stem, _, attribute = name.partition(".")
        target = brought.get((piece.path, stem), (piece.path, stem))
        key = (target, attribute) if isinstance(target, Path) else target
        if key in home:
            _mark(home[key], user, home, brought)


def files_of(unit: Unit) -> list[Path]:
    """Return the Python files that hold a unit's checks."""
    topic, folder = unit.folder.partition("_")[2], Path(checks.__path__[0])
    return sorted((folder / topic).rglob("*.py")) if (folder / topic).is_dir() else [folder / f"{topic}.py"]


def table(costs: dict[str, dict[str, float]]) -> str:
    """Return the costs as text: every exercise, the sum of every unit, average and maximum over all."""
    rows = []
    for unit, of_unit in costs.items():
        rows += [f"{unit:<24}{name:<28}{lines:>6.0f}" for name, lines in of_unit.items()]
        rows.append(f"{unit:<24}{f'all {len(of_unit.keys() - {REST})}':<28}{sum(of_unit.values()):>6.0f}\n")
    average, most, name = summary(costs)
    return "\n".join(
        [
            f"{'unit':<24}{'exercise':<28}{'lines':>6}",
            "",
            *rows,
            f"average {average:.0f}, most {most:.0f} ({name})",
        ]
    )


def summary(costs: dict[str, dict[str, float]]) -> tuple[float, float, str]:
    """Return the average over all exercises, the maximum, and the exercise that has it."""
    every = [(lines, name) for of_unit in costs.values() for name, lines in of_unit.items() if name != REST]
    most, name = max(every)
    return sum(lines for lines, _ in every) / len(every), most, name


def exceeded(costs: dict[str, dict[str, float]], limit: float | None, average: float | None) -> list[str]:
    """Return a sentence for every exercise above the limit, and for an average that is too high."""
    said = [
        f"{unit}: {name} costs {lines:.0f} lines; at most {limit:g} are meant"
        for unit, of_unit in costs.items()
        for name, lines in of_unit.items()
        if limit is not None and lines > limit and name != REST
    ]
    found = summary(costs)[0]
    if average is not None and found > average:
        said.append(f"the average is {found:.0f} lines; at most {average:g} are meant")
    return said


def main(words: list[str] | None = None) -> int:
    """Print the table; return 1 where a limit is exceeded, 2 where a unit cannot be read."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "units", nargs="*", metavar="UNIT", help="folders, topics or numbers of units (default: all)"
    )
    parser.add_argument("--limit", type=float, help="lines that one exercise may cost")
    parser.add_argument("--average", type=float, help="lines that exercises may cost on average")
    asked = parser.parse_args(words)
    try:
        units = [checks.unit(word) for word in asked.units] or checks.units()
        costs = {unit.folder: cost(unit, files_of(unit)) for unit in units if unit.exercises}
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2
    if not costs:
        print("no exercises there", file=sys.stderr)
        return 2
    print(table(costs))
    said = exceeded(costs, asked.limit, asked.average)
    print("\n".join(["", *said]) if said else "", end="\n" if said else "")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
