"""Make one ES module out of a widget's file and the shared files it imports, without a build chain.

A widget travels as one module: the notebook, the standalone page and the saved state all hold its text.
So every `import { … } from "./_shared.js";` is replaced by the shared file itself, wrapped in a function that
returns what it exports:

    const $grid = (() => { … return { numberGrid }; })();
    const { numberGrid } = $grid;

Comments that stand on lines of their own, indentation and empty lines stay behind: every saved notebook holds the text
once for each widget.

The rule is small on purpose. Imports stand at the start of a line, name what they take, and lead to a file
beside; shared files export with `export function`, `export const` or `export class`; a text between backticks ends
on its line. Anything else is refused, so the files stay plain modules that Node and the TypeScript checker read as they are.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?(?:function|const|class)) (\w+)", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/)[\s\S])*\*/|//.*)[ \t]*\n", re.MULTILINE)
SPACE = re.compile(r"^[ \t]+|^[ \t]*\n", re.MULTILINE)
LEFT_OVER = re.compile(r"^\s*(?:import\b(?!\()|export\b(?! default)).*$", re.MULTILINE)


@functools.cache
def es_module(name: str, folder: Path = STATIC) -> str:
    """Return the text of `static/<name>.js` as one module that imports nothing.

    Raises `ValueError` where a file imports or exports in a way the rule does not know.

    >>> "import {" in es_module("slide_lab")
    False
    """
    order: list[str] = []
    entry = _read(name, folder)
    _collect(entry, folder, order, (name,))
    parts = [_wrapped(shared, folder) for shared in order]
    body = EXPORT.sub(r"\1 \2", _bound(entry, name))
    _refuse_left_overs(body, name)
    return "\n".join([*parts, body])


@functools.cache
def stylesheet(name: str) -> str:
    """Return the shared styles followed by those of one widget, if it has its own."""
    own = STATIC / f"{name}.css"
    shared = (STATIC / "_shared.css").read_text("utf-8")
    return shared + (own.read_text("utf-8") if own.exists() else "")


def _read(name: str, folder: Path) -> str:
    """Return the code of a file, without comments that fill lines of their own, indentation and empty lines."""
    text = COMMENT.sub("", (folder / f"{name}.js").read_text("utf-8"))
    for line in text.splitlines():
        if line.count("`") % 2:  # its further lines would lose their first spaces
            raise ValueError(f"{name}.js: a text between backticks must end on its line: {line.strip()!r}")
    return SPACE.sub("", text)


def _collect(text: str, folder: Path, order: list[str], path: tuple[str, ...]) -> None:
    """Append to `order` every file that `text` needs, each after those it needs itself."""
    for _, name in IMPORT.findall(text):
        if name in path:
            raise ValueError(f"{name}.js imports itself by way of {' → '.join(path)}")
        if name not in order:
            _collect(_read(name, folder), folder, order, (*path, name))
            order.append(name)


def _bound(text: str, name: str) -> str:
    def destructured(found: re.Match[str]) -> str:
        names = re.sub(r"(\w+) as (\w+)", r"\1: \2", found[1])
        return f"const {{{names}}} = ${found[2]};"

    return IMPORT.sub(destructured, text)


def _wrapped(name: str, folder: Path) -> str:
    text = _bound(_read(name, folder), name)
    exported = ", ".join(found[1] for found in EXPORT.findall(text))
    text = EXPORT.sub(r"\1 \2", text)
    _refuse_left_overs(text, name, default=False)
    return f"const ${name} = (() => {{\n{text}\nreturn {{ {exported} }};\n}})();"


def _refuse_left_overs(text: str, name: str, default: bool = True) -> None:
    strange = LEFT_OVER.search(text)
    if strange is None and not default:
        strange = re.search(r"^export default.*$", text, re.MULTILINE)
    if strange:
        raise ValueError(
            f"{name}.js: cannot inline {strange[0].strip()!r}; "
            'write `import { a } from "./_b.js";` and `export function`, `export const` or `export class`'
        )
