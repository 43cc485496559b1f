"""Imports go down the floors only, and `import convbook` stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FLOORS = (
    ("markup",),
    ("forms", "style", "bar", "nbgrader_course", "records"),
    ("answers", "data", "figures", "unread"),
    ("training",),
    ("checks",),
    ("drills",),
    ("widgets", "stand_in", "earlier"),
    ("authoring", "grading"),
    ("reports",),
    ("__main__",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
LIBRARY = Path(__file__).resolve().parent.parent / "lib" / "convbook"
HEAVY = ("torch", "matplotlib", "nbgrader", "numpy")


class Imports(ast.NodeVisitor):
    """Collect what a module imports, also inside functions, but not what only a type checker reads."""

    def __init__(self, package: list[str]):
        self.package = package  # the dotted name, in parts, of the package the module lies in
        self.found: list[tuple[int, str]] = []

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                self.visit(other)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.found += [(node.lineno, alias.name) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        above = self.package[: len(self.package) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        self.found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]


def rooms_imported(source: str, package: list[str]) -> Iterator[tuple[int, str]]:
    """Yield `(line, room)` for every room of convbook that a module's source imports."""
    imports = Imports(package)
    imports.visit(ast.parse(source))
    for line, name in imports.found:
        parts = name.split(".")
        if parts[0] == "convbook" and len(parts) > 1 and parts[1] in FLOOR:
            yield line, parts[1]


def broken_rules(source: str, room: str, package: list[str], place: str) -> list[str]:
    """Return a sentence for every import that does not go down."""
    return [
        f"{place}:{line}: {room} (floor {FLOOR[room]}) imports {other} (floor {FLOOR[other]})"
        for line, other in rooms_imported(source, package)
        if other != room and FLOOR[other] >= FLOOR[room]
    ]


def modules() -> list[Path]:
    return sorted(LIBRARY.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


GRADING = (
    "reading",
    "rpc",
    "running",
    "recording",
)  # in this order, and none imports what lies beside them


def test_the_rooms_of_grading_import_down_only():
    faults = []
    for path in sorted((LIBRARY / "grading").glob("*/*.py")):
        source, room = path.read_text(encoding="utf-8"), path.parent.name
        above = [
            *GRADING[GRADING.index(room) + 1 :],
            "command",
            "conduct",
            "plan",
            "cluster",
            "arrivals",
            "stock",
        ]
        faults += [f"{path}: {name}" for name in above if f"convbook.grading.{name}" in source]
    assert not faults, "\n".join(faults)


def test_every_room_has_its_floor():
    rooms = {room_of(path) for path in modules()} - {"__init__"}
    assert rooms <= FLOOR.keys(), f"give these a floor in DESIGN's list: {sorted(rooms - FLOOR.keys())}"


def test_imports_go_down_only():
    faults = []
    for path in modules():
        room = room_of(path)
        if room in FLOOR:
            package = ["convbook", *path.relative_to(LIBRARY).parts[:-1]]
            source = path.read_text(encoding="utf-8")
            faults += broken_rules(source, room, package, str(path.relative_to(LIBRARY)))
    assert not faults, "\n".join(faults)


def module_name(path: Path, root: Path) -> str:
    """Return a file's dotted name; a package is named by its folder."""
    parts = [root.name, *path.relative_to(root).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph(root: Path) -> dict[str, set[str]]:
    """Return for every module of the package `root` the package's modules that it imports, also inside functions."""
    files = {module_name(path, root): path for path in sorted(root.rglob("*.py"))}
    graph = {}
    for name, path in files.items():
        package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
        imports = Imports(package)
        imports.visit(ast.parse(path.read_text(encoding="utf-8")))
        found = {_module_meant(imported, files) for _, imported in imports.found}
        graph[name] = found - {"", name}
    return graph


def _module_meant(imported: str, files: dict[str, Path]) -> str:
    """Return the module that an imported dotted name is, or lies in; "" for what is not of this package."""
    while imported and imported not in files:
        imported = imported.rpartition(".")[0]
    return imported


def circles(graph: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """Return every set of modules that can all reach each other, sorted."""
    reached = {name: _reachable(name, graph) for name in graph}
    together = {tuple(sorted({other for other in reached[name] if name in reached[other]})) for name in graph}
    return sorted(circle for circle in together if len(circle) > 1)


def _reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    found, todo = set(), [start]
    while todo:
        for name in graph[todo.pop()] - found:
            found.add(name)
            todo.append(name)
    return found


def test_no_modules_import_each_other_in_a_circle():
    found = circles(import_graph(LIBRARY))
    assert not found, "\n".join(" <-> ".join(circle) for circle in found)


MADE_UP = {
    "__init__.py": "",
    "room/__init__.py": "from house.room.a import f",
    "room/a.py": "def f():\n    from house.room import b",  # inside a function
    "room/b.py": "from . import c",
    "room/c.py": "from .a import f",
    "room/d.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.room.e import E",
    "room/e.py": "import house.room.d, json",
}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, [("house.room.a", "house.room.b", "house.room.c")]),
        ({"room/a.py": "def f(): pass"}, []),
        ({"room/b.py": ""}, []),
        ({"room/b.py": "", "room/d.py": "from house.room.e import E"}, [("house.room.d", "house.room.e")]),
    ],
)
def test_a_circle_is_seen_also_inside_functions_but_not_for_type_checkers(tmp_path, changed, found):
    root = tmp_path / "house"
    for name, source in (MADE_UP | changed).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source, encoding="utf-8")
    assert circles(import_graph(root)) == found


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("from convbook.drills import draw", True),  # sideways
        ("import convbook.grading.job", True),  # up
        ("def f():\n    from convbook import widgets", True),  # up, inside a function
        ("from ..authoring import release", True),  # up, relative
        ("from . import judge", False),  # its own room
        ("from convbook.answers import hold", False),  # down
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import convbook.grading", False),
        ("import torch, grading", False),
    ],
)
def test_the_rule_tells_a_good_import_from_a_bad_one(source, wrong):
    assert bool(broken_rules(source, "checks", ["convbook", "checks"], "here")) == wrong


def test_importing_the_package_loads_nothing_heavy():
    code = f"import convbook, sys; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def strings_outside_docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield the string constants of a module that are not docstrings."""
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, described) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def test_nothing_reads_the_sources_by_a_fixed_path():
    faults = []
    for path in modules():
        for node in strings_outside_docstrings(ast.parse(path.read_text(encoding="utf-8"))):
            words = node.value.strip()
            # a path is short and bare; a help text speaks in sentences
            if "solutions" in words.replace("\\", "/").split("/") and " " not in words:
                faults.append(f"{path.relative_to(LIBRARY)}:{node.lineno}: {words!r}")
    assert not faults, "\n".join(faults)
