"""The progress within a notebook: the same as in the terminal, as a page on a light or a dark ground."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from convbook.authoring.course import units_in
from convbook.authoring.progress.kept import Kept, Met, Surprise, all_kept
from convbook.authoring.progress.lines import numbers, overview
from convbook.authoring.progress.next_step import minutes_left, next_exercise, next_step
from convbook.authoring.progress.states import WORDS, UnitState, all_units
from convbook.records import COPY, folder

# Colours that stand out on white and on black; everything else takes the page's own.
DONE, TRACK, NEXT = "#2b8cc4", "#80808040", "#009e73"
LEFT = "text-align:left;vertical-align:top"
NOWHERE = (
    "No notebooks of the course lie beside this one, so nothing is known of the other units. "
    "`convbook lab` makes your own copy of all of them, and keeps there what your checks say."
)
NO_COPY = (
    "These notebooks are not in a copy that `convbook lab` made: points are counted as saved, "
    "mistakes and guesses are not kept."
)


class Page:
    """Show a learner's progress over all units: a page in a notebook, lines elsewhere. `work` is None where there is none."""

    def __init__(self, work: Path | None):
        self.work = work

    def _read(self) -> tuple[list[UnitState], Kept, list[str]]:
        """Return units, what is kept, and the sentences that are to be told besides."""
        if self.work is None:
            return [], Kept({}), [NOWHERE]
        kept = all_kept(self.work)
        units, faults = all_units(self.work, kept.checks)
        return units, kept, faults if (self.work / COPY).is_file() else [*faults, NO_COPY]

    def __repr__(self) -> str:
        units, kept, told = self._read()
        return "\n\n".join([*([overview(units, kept)] if units else []), *told])

    def _repr_html_(self) -> str:
        units, kept, told = self._read()
        parts = [_head(units), _step(units), _table(units), *_kept(units, kept)] if units else []
        notes = [f"<p><small>{_words(sentence)}</small></p>" for sentence in told]
        return f'<div style="max-width:46em">{"".join([*parts, *notes])}</div>'


def page() -> Page:
    """Return the progress of the learner whose notebook calls this; all that is known is read when it is shown."""
    beside = Path.cwd().parent
    return Page(folder() or (beside if units_in(beside) else None))


def _head(units: list[UnitState]) -> str:
    earned, points = sum(u.earned for u in units), sum(u.points for u in units)
    checks = [state for unit in units for state in unit.states]
    green = sum(state.sign == "✓" for state in checks)
    hours = round(minutes_left(units) / 60)
    left = f" · about {hours} hours of exercises ahead" if hours > 1 else ""
    return (
        f'<p style="font-size:1.15em"><strong>{earned:g} of {points:g} points</strong> · '
        f"{green} of {len(checks)} checks are green{left}</p>"
    )


def _step(units: list[UnitState]) -> str:
    """Return the next step, with a link to its notebook."""
    words, found = _words(next_step(units)), next_exercise(units)
    if found is not None:
        path = f"{found[0].folder}/{found[0].folder}.ipynb"
        words = words.replace(path, f'<a href="../{path}">{path}</a>')
    style = f"border-left:4px solid {NEXT};padding:0.3em 0.8em;margin:0.6em 0"
    return f'<p style="{style}"><strong>Next.</strong> {words}</p>'


def _table(units: list[UnitState]) -> str:
    head = "".join(
        f'<th scope="col" style="{LEFT}">{name}</th>' for name in ("Unit", "Points", "Done", "Checks")
    )
    rows = "".join(_row(unit) for unit in units)
    legend = " &nbsp; ".join(f"{sign} {word}" for sign, word in WORDS.items())
    caption = f'<caption style="caption-side:bottom;text-align:left">{legend}</caption>'
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(unit: UnitState) -> str:
    share = 100 * unit.earned / unit.points if unit.points else 0
    done = f'<div style="width:{share:.0f}%;height:0.7em;background:{DONE};border-radius:3px"></div>'
    bar = f'<div aria-hidden="true" style="width:9em;background:{TRACK};border-radius:3px;margin-top:0.25em">{done}</div>'
    signs = "".join(
        f'<span title="{html.escape(f"{s.number} {s.title or s.name}: {WORDS[s.sign]}", quote=True)}">{s.sign}</span>'
        for s in unit.states
    )
    counts = Counter(WORDS[state.sign] for state in unit.states)
    counted = ", ".join(f"{count} {word}" for word, count in counts.items())
    name = f'<a href="../{unit.folder}/{unit.folder}.ipynb">{html.escape(unit.name)}</a>'
    cells = (
        name,
        f"{unit.earned:g} of {unit.points:g}",
        bar,
        f'<span role="img" aria-label="{counted}" style="letter-spacing:0.15em">{signs}</span>',
    )
    return "<tr>" + "".join(f'<td style="{LEFT}">{cell}</td>' for cell in cells) + "</tr>"


def _kept(units: list[UnitState], kept: Kept) -> Iterator[str]:
    """Yield what is kept beside the notebooks, each folded under the sentence that counts it."""
    numbered = numbers(units)
    if kept.mistakes:
        count = f"Mistakes: {len(kept.mistakes)} met, {len(kept.mended)} mended"
        rows = [_mistake(met, numbered) for met in [*kept.open, *kept.mended]]
        yield _folded(count, ("State", "Exercise", "Mistake", "Met"), rows, unfolded=bool(kept.open))
    if kept.guessed:
        count = f"Predictions: {kept.guessed} with an answer, {len(kept.surprises)} surprised you"
        yield _folded(count, ("Unit", "Question", "Your guess", "The answer"), map(_surprise, kept.surprises))
    if kept.drills_answered:
        due = kept.drills_due
        ask = (
            f"{due} kind{'s are' if due > 1 else ' is'} due: <code>convbook drill</code>"
            if due
            else "none is due"
        )
        yield f"<p><strong>Drills: {kept.drills_answered} answered</strong>, {ask}.</p>"


def _mistake(met: Met, numbered: dict[tuple[str, str], str]) -> list[str]:
    state = "✓ mended" if met.mended else "<strong>✗ open</strong>"
    where = f"{numbered.get((met.unit, met.exercise)) or met.unit[:2]} · {met.exercise}"
    times = "once" if met.times == 1 else f"{met.times} times"
    return [state, html.escape(where), html.escape(met.name), times]


def _surprise(one: Surprise) -> list[str]:
    return [html.escape(part) for part in (one.unit[:2], one.question, one.guess, one.truth)]


def _folded(count: str, names: Iterable[str], rows: Iterable[list[str]], unfolded: bool = False) -> str:
    """Return a table under a sentence that opens it; without rows the sentence alone."""
    body = "".join(
        "<tr>" + "".join(f'<td style="{LEFT}">{cell}</td>' for cell in row) + "</tr>" for row in rows
    )
    if not body:
        return f"<p><strong>{count}.</strong></p>"
    head = "".join(f'<th scope="col" style="{LEFT}">{name}</th>' for name in names)
    return (
        f'<details{" open" if unfolded else ""} style="margin:0.4em 0"><summary><strong>{count}</strong></summary>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details>"
    )


def _words(sentence: str) -> str:
    """Return a sentence as HTML, its `commands` in the type of code."""
    parts = html.escape(sentence).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
