"""A unit as a page: the text of an executed notebook as MyST Markdown, with outputs and living widgets as HTML."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convbook.authoring.book.alive import Alive
from convbook.authoring.book.outputs import Figures, MakeAlive, outputs_html
from convbook.authoring.headings import Title, name_of, role, title_of
from convbook.widgets.export import LIVE

MODES = ("click", "shown", "hidden")
BETWEEN_UNITS = re.compile(r"\[([^\]]+)\]\(\.\./(\d\d_\w+)/\2\.ipynb(#[^)\s]*)?\)")
MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)
SECRETS = re.compile(
    r"^[ \t]*### BEGIN (HIDDEN TESTS|MARK SCHEME).*?### END \1[^\n]*\n?", re.MULTILINE | re.DOTALL
)
ASKING = re.compile(r"\w+ = Predict\(|Predict\.recap\(|check\.drill\(")  # what is asked says more than how
FORMULA = re.compile(r"^(\$\$[^$\n]+\$\$)$", re.MULTILINE)
RECAP = "Predict.recap()"
TRUTH = ".truth("
PROGRESS = 'check.progress("all")'
NO_PROGRESS = (
    '<div class="cb-out"><p class="cb-take">This book counts no points. In the notebook, which runs your own answers, '
    "your progress in all units stands here.</p></div>"
)
FIGURE = re.compile(r'<img class="cb-figure" alt="[^"]*" src="([^"]+)"')
NOTEBOOKS = "_static/notebooks"


@dataclass
class Page:
    """Hold a unit's page: its Markdown, what it says about itself, its widgets, and its first picture."""

    unit: str
    title: Title | None
    parts: list[str] = field(default_factory=list)
    alive: Alive | None = None
    picture: str = ""

    @property
    def text(self) -> str:
        return "\n\n".join(self.parts) + "\n"


def unit_page(
    unit: str, executed: Any, stubs: dict[str, str], mode: str, figures: Figures, units: Collection[str]
) -> Page:
    """Return the page of an executed notebook in a book of these `units`.

    `stubs` are the sources of the released notebook's cells by name, what a learner starts from. `mode` says what of
    a solution is shown: "shown" all, "click" the stub and the solution behind a click; "hidden" is for a released
    notebook that was executed, and has nothing to hide.
    """
    page = Page(unit, title_of(executed), alive=Alive(executed))
    for number, cell in enumerate(executed["cells"]):
        page.parts += _cell(cell, stubs.get(name_of(cell), ""), mode, units)
        if cell["cell_type"] == "code":
            shown = outputs_html(cell, figures, page.alive.place)
            if RECAP in cell["source"]:  # what the reader guessed here, not what nobody guessed when it ran
                shown = shown.replace("cb-out", "cb-out cb-recap")
            if TRUTH in cell["source"]:
                shown = _answered(cell, figures, page.alive.place)
            if PROGRESS in cell["source"]:  # the executed notebook was nobody's
                shown = NO_PROGRESS
            page.parts += [raw(shown)] if shown else []
            first = FIGURE.search(shown)
            page.picture = page.picture or (first[1] if first else "")
        if number == 0 and stubs:
            page.parts.append(raw(_download(unit)))
    return page


def _answered(cell: Any, figures: Figures, alive: MakeAlive) -> str:
    """Return the outputs of a cell that answers a question: what it printed and drew waits for a click, like the answer."""
    living = [LIVE in output.get("data", ()) for output in cell["outputs"]]
    told, asked = (
        outputs_html({"outputs": [o for o, lives in zip(cell["outputs"], living, strict=True) if lives is kind]}, figures, alive)
        for kind in (False, True)
    )  # fmt: skip
    folded = f'<details class="cb-later"><summary>What came out</summary>{told}</details>' if told else ""
    return folded + asked


def _cell(cell: Any, stub: str, mode: str, units: Collection[str]) -> list[str]:
    """Return the blocks of a cell without its outputs."""
    source = SECRETS.sub("", cell["source"]).strip("\n")
    is_answer = role(cell) in ("solution", "text") and "BEGIN SOLUTION" in source
    source = MARKS.sub("", source).strip("\n")
    if not source:
        return []
    if cell["cell_type"] == "code" and ASKING.match(source):
        return [raw('<details class="cb-code"><summary>Code</summary>'), _code(source), raw("</details>")]
    show = _code if cell["cell_type"] == "code" else functools.partial(_markdown, units=units)
    if not is_answer:
        return [show(source)]
    if mode == "click":
        opened = raw('<details class="cb-solution"><summary>A solution</summary>')
        return [*([show(stub)] if stub else []), opened, show(source), raw("</details>")]
    return [raw('<div class="cb-solution"><p>A solution</p>'), show(source), raw("</div>")]


def _markdown(source: str, units: Collection[str]) -> str:
    """Return a cell's text with links that lead to the book's own pages; a unit that is not in it is only named."""

    def link(found: re.Match[str]) -> str:
        words, unit, place = found[1], found[2], found[3] or ""
        return f"[{words}]({unit}.md{place})" if unit in units else words

    # MyST knows a formula on a line of its own as one only where the paragraph ends before it.
    return BETWEEN_UNITS.sub(link, FORMULA.sub(r"\n\1\n", source))


def _code(source: str) -> str:
    return _fenced("{code-block} ipython3", f":class: cb-in\n\n{source}")


def raw(html: str) -> str:
    """Return HTML that goes into the page as it is."""
    return _fenced("{raw} html", html)


def _fenced(kind: str, body: str) -> str:
    longest = max((len(found) for found in re.findall(r"`{3,}", body)), default=2)
    fence = "`" * max(4, longest + 1)
    return f"{fence}{kind}\n{body}\n{fence}"


def _download(unit: str) -> str:
    return (
        f'<p class="cb-take"><a href="{NOTEBOOKS}/{unit}.ipynb" download>Take this notebook</a>'
        " and solve its exercises yourself; every answer is checked there.</p>"
    )


def stubs_of(released: Path) -> dict[str, str]:
    """Return the sources of a released notebook's cells by name; none where there is no such notebook."""
    from convbook.authoring.canonical import read

    return {name_of(cell): cell["source"] for cell in read(released)["cells"]} if released.is_file() else {}
