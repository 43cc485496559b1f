"""Change the text of a Python file where it must change, and leave the rest as its author wrote it."""

from __future__ import annotations

import ast
import itertools
import sys
from collections.abc import Sequence

WIDTH = 110


def names_at_the_top(source: str) -> set[str]:
    """Return all names that a module binds at its own level.

    >>> sorted(names_at_the_top("import numpy as np\\nfrom a import b\\nc = 1\\ndef d(): ..."))
    ['b', 'c', 'd', 'np']
    """
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        else:
            found |= {
                n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
    return found


def with_imports(source: str, wanted: str) -> str:
    """Return a module's source with some imports besides its own, sorted as ruff sorts them.

    >>> print(with_imports("import numpy as np\\n\\nx = 1\\n", "from numpy import pi\\nimport math"))
    import math
    <BLANKLINE>
    import numpy as np
    from numpy import pi
    <BLANKLINE>
    x = 1
    <BLANKLINE>
    """
    own = _first_imports(source)
    lines = source.splitlines(keepends=True)
    start, end = (own[0].lineno - 1, own[-1].end_lineno) if own else [_after_docstring(source)] * 2
    before, after = "".join(lines[:start]).rstrip("\n"), "".join(lines[end:]).lstrip("\n")
    block = "".join(lines[start:end])
    if "#" in block:  # the author's remarks stay where they are
        there = names_at_the_top(block)
        missing = [n for n in ast.parse(wanted).body if not names_at_the_top(ast.unparse(n)) <= there]
        block += "".join(f"{line}\n" for line in _merged(missing))
    else:
        block = "\n".join(_sections(_merged([*own, *ast.parse(wanted).body]))) + "\n"
    gap = "" if not after else "\n\n" if after.startswith(("def ", "class ", "@")) else "\n"
    return (f"{before}\n\n" if before else "") + block + gap + after


def _first_imports(source: str) -> list[ast.stmt]:
    """Return the imports at the top of a module, up to the first other statement."""
    body = ast.parse(source).body
    rest = body[1:] if ast.get_docstring(ast.parse(source)) is not None else body
    return list(itertools.takewhile(lambda node: isinstance(node, ast.Import | ast.ImportFrom), rest))


def _after_docstring(source: str) -> int:
    """Return how many lines a module's docstring takes."""
    tree = ast.parse(source)
    return tree.body[0].end_lineno if ast.get_docstring(tree) is not None else 0


def members(source: str) -> tuple[ast.Assign, list[str]]:
    """Return the statement that lists a unit's exercises, and their names.

    That is `unit = Unit(folder, title, (a, b))`, or `exercises = (a, b)` where the unit takes `exercises`. Raises
    `ValueError` where it is neither.
    """
    node = assignment(source, "unit")
    call = node.value if node is not None else None
    listed = call.args[2] if isinstance(call, ast.Call) and len(call.args) == 3 else None
    if isinstance(listed, ast.Name) and (node := assignment(source, listed.id)) is not None:
        listed = node.value
    if not isinstance(listed, ast.Tuple) or not all(isinstance(one, ast.Name) for one in listed.elts):
        raise ValueError("it has no `unit = Unit(folder, title, (exercises,))`")
    return node, [one.id for one in listed.elts]


def with_member(source: str, name: str) -> str:
    """Return a unit module's source with one more exercise in its list, and in `__all__` where that names each.

    Raises `ValueError` where there is no list of exercises.
    """
    node, names = members(source)
    comma = "," if not names else ""
    flat = f"({', '.join([*names, name])}{comma})"
    if isinstance(node.value, ast.Tuple):
        text = _call_text(f"{ast.unparse(node.targets[0])} = ", [], flat, [*names, name])
    else:
        first = [ast.get_source_segment(source, part) or "" for part in node.value.args[:2]]
        text = _call_text("unit = Unit", first, flat, [*names, name])
    source = _replaced(source, node, text)
    public = assignment(source, "__all__")
    if public is None or not all(
        isinstance(one, ast.Constant) for one in getattr(public.value, "elts", [None])
    ):
        return source
    return _replaced(source, public, _all_text([*ast.literal_eval(public.value), name]))


def inserted(source: str, block: str, above: ast.stmt | None) -> str:
    """Return source with a block of definitions above a statement, or at the end."""
    if above is None:
        return f"{source.rstrip()}\n\n\n{block}"
    lines = source.splitlines(keepends=True)
    before, after = "".join(lines[: above.lineno - 1]), "".join(lines[above.lineno - 1 :])
    return f"{before.rstrip()}\n\n\n{block}\n\n{after}"


def assignment(source: str, name: str) -> ast.Assign | None:
    """Return the statement that gives a name its value at the module's own level, or None."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            return node
    return None


def quoted(text: str) -> str:
    """Return a string literal as ruff would write it.

    >>> print(quoted("two words"))
    "two words"
    """
    plain = '"' in text and "'" not in text
    return f"'{text}'" if plain else '"' + text.replace('"', '\\"') + '"'


def _replaced(source: str, node: ast.stmt, text: str) -> str:
    lines = source.splitlines(keepends=True)
    return "".join([*lines[: node.lineno - 1], f"{text}\n", *lines[node.end_lineno :]])


def _call_text(start: str, first: list[str], flat: str, names: list[str]) -> str:
    """Return a list of exercises in one line or, where that is too long, a line each; `first` are arguments before it."""
    line = f"{start}({', '.join([*first, flat])})" if first else f"{start}{flat}"
    if len(line) <= WIDTH:
        return line
    indent = "    " * (2 if first else 1)
    rows = "(\n" + "".join(f"{indent}{name},\n" for name in names) + f"{indent[4:]})"
    if not first:
        return f"{start}{rows}"
    return f"{start}(\n" + "".join(f"    {one},\n" for one in first) + f"    {rows},\n)"


def _all_text(names: list[str]) -> str:
    names = sorted(set(names), key=_sort_key)
    line = "__all__ = [" + ", ".join(f'"{name}"' for name in names) + "]"
    return line if len(line) <= WIDTH else "__all__ = [\n" + "".join(f'    "{n}",\n' for n in names) + "]"


def _sort_key(name: str) -> tuple[int, str]:
    """Return how names are sorted: CONSTANTS, then Classes, then the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def _merged(statements: Sequence[ast.stmt]) -> list[str]:
    """Return import statements as text, those from one module as one."""
    plain, names = set(), {}
    for node in statements:
        if isinstance(node, ast.Import):
            plain |= {f"import {ast.unparse(alias)}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names.setdefault(module, set()).update(ast.unparse(alias) for alias in node.names)
    return sorted(plain) + [_from_text(module, names[module]) for module in sorted(names)]


def _from_text(module: str, names: set[str]) -> str:
    ordered = sorted(names, key=_sort_key)
    line = f"from {module} import {', '.join(ordered)}"
    rows = "".join(f"    {name},\n" for name in ordered)
    return line if len(line) <= WIDTH else f"from {module} import (\n{rows})"


def _sections(statements: list[str]) -> list[str]:
    """Return import lines in sections with an empty line between: future, Python's own, others', ours."""

    def section(line: str) -> int:
        root = line.split()[1].split(".")[0]
        if root == "__future__":
            return 0
        return 1 if root in sys.stdlib_module_names else 3 if root in ("convbook", "right") else 2

    lines: list[str] = []
    for number in range(4):
        mine = [line for line in statements if section(line) == number]
        lines += [""] * bool(lines and mine) + mine
    return lines
