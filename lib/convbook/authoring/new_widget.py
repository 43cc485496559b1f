"""`convbook new widget NAME`: a widget that works already, to be changed into the one that is wanted."""

from __future__ import annotations

import re
from pathlib import Path

from convbook.nbgrader_course import CourseError

PYTHON = '''"""@Class@: say in one line what a person can do here."""

from __future__ import annotations

from typing import ClassVar

import traitlets

from convbook.widgets.base import Widget


class @Class@(Widget):
    """Show a number and its square, to be replaced by what this widget is about.

    >>> @Class@(side=3).words()
    'The square of 3 is 9.'
    """

    view: ClassVar[str] = "@name@"
    title: ClassVar[str] = "@Title@"

    side = traitlets.Int(2, min=1, max=12).tag(sync=True)
'''
WORDS = """// @Class@'s pure part: what it says and how its grid looks. Browser and still picture share it.

import { signed } from "./_colour.js";

/** @typedef {{ side: number }} State */

/** @param {State} state */
export function words({ side }) {
  return `The square of ${side} is ${side * side}.`;
}

/**
 * @param {State} state
 * @param {boolean} dark
 * @returns {(row: number, column: number) => import("./_grid.js").Cell}
 */
export function look({ side }, dark) {
  return (row, column) => {
    const value = row * side + column + 1;
    return { text: String(value), label: `cell ${value}`, fill: signed(value, side * side, dark) };
  };
}
"""
LIVE = """// @Class@: say in one line what a person can do here.

import { slider } from "./_controls.js";
import { fitCells } from "./_fit.js";
import { numberGrid } from "./_grid.js";
import { openStage } from "./_stage.js";
import { look, words } from "./_@name@.js";

/**
 * @param {import("./_stage.js").RenderArguments} arguments_
 */
function render({ model, el }) {
  const stage = openStage(el, "@kebab@", "@Title@");
  stage.controls.append(slider(stage, model, "side", { name: "side", min: 1, max: 12 }));
  const draw = () => stage.keepFocus(() => {
    const state = { side: model.get("side") };
    const grid = numberGrid({ label: "square", rows: state.side, columns: state.side });
    grid.paint(look(state, stage.dark()));
    stage.body.replaceChildren(grid.element);
    fitCells(stage.body, { columns: state.side, letters: 3, rows: state.side });
    stage.say(words(state));
  });
  stage.watch(model, ["side"], draw);
  stage.onTheme(draw);
  draw();
  return () => stage.close();
}

export default { render };
"""
STILL = """// @Class@ where nothing can move.

import { look, words } from "./_@name@.js";
import { boardStill } from "./_still.js";

/**
 * @param {import("./_@name@.js").State} state
 * @param {boolean} dark
 */
function still(state, dark) {
  return boardStill([[{ caption: "square", rows: state.side, columns: state.side, look: look(state, dark) }]], words(state), dark);
}

export default { words, still };
"""
TEST = '''"""@Class@: what a person does, sees and hears."""

from __future__ import annotations

from browser import violations
from convbook.widgets import @Class@


def test_a_key_on_the_slider_changes_the_sentence(show):
    page = show(@Class@())
    page.focus("input")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".cb-sentence") == @Class@(side=3).words()


def test_axe_finds_nothing(show):
    assert violations(show(@Class@())) == []


def test_a_still_picture_is_left():
    data, _ = @Class@()._repr_mimebundle_()
    assert data["text/plain"] == @Class@().words() and len(data["image/png"]) > 1000
'''
FILES = {
    "lib/convbook/widgets/{}.py": PYTHON,
    "lib/convbook/widgets/static/_{}.js": WORDS,
    "lib/convbook/widgets/static/{}.js": LIVE,
    "lib/convbook/widgets/static/{}_still.js": STILL,
    "tests/widgets/test_{}.py": TEST,
}
ROOM = "lib/convbook/widgets/__init__.py"
LINE = 110  # letters in a line, as ruff has it


def new_widget(root: Path, name: str) -> list[Path]:
    """Write the files of a new widget into the course at `root`, enter it into the room, and return the paths.

    `name` is as in `pixel_walk`. Raises `CourseError` where it is no such name, or a file is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise CourseError(
            f"{name!r} is no name for a widget: write small letters with _ between, as in pixel_walk"
        )
    room = root / ROOM
    if not room.is_file():
        raise CourseError(f"{root} holds no {ROOM}: a widget is written in a checkout of the course")
    paths = {root / pattern.format(name): text for pattern, text in FILES.items()}
    for path in paths:
        if path.exists():
            raise CourseError(f"{path} is there already; choose another name, or delete it first")
    parts = name.split("_")
    words = {"Class": "".join(part.capitalize() for part in parts), "name": name, "kebab": "-".join(parts),
             "Title": " ".join(parts).capitalize()}  # fmt: skip
    entered = _entered(room.read_text("utf-8"), name, words["Class"])
    for path, text in paths.items():
        path.write_text(re.sub(r"@(\w+)@", lambda found: words[found[1]], text), "utf-8")
    room.write_text(entered, "utf-8")
    return [*paths, room]


def _entered(text: str, name: str, title: str) -> str:
    """Return the room's text with the new class in its three lists, each in the order of the alphabet."""
    imports, entries = r"    from convbook\.widgets\.\w+ import \w+\n", r"    \"\w+\": \"\w+\",\n"
    for line, new in (
        (imports, f"    from convbook.widgets.{name} import {title}\n"),
        (entries, f'    "{title}": "{name}",\n'),
    ):
        lines = "".join(sorted([*re.findall(line, text), new]))
        text = re.sub(f"(?:{line})+", lambda _, lines=lines: lines, text, count=1)
    names = sorted([*re.findall(r'"(\w+)"', re.search(r"__all__ = \[([^\]]*)\]", text)[1]), title])
    shown = "__all__ = [" + ", ".join(f'"{one}"' for one in names) + "]"
    if len(shown) > LINE:
        shown = "__all__ = [\n" + "".join(f'    "{one}",\n' for one in names) + "]"
    return re.sub(r"__all__ = \[[^\]]*\]", shown, text, count=1)
