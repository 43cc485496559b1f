"""The README's table of units, written from the notebooks themselves."""

from __future__ import annotations

import html

from convbook.authoring.canonical import read
from convbook.authoring.course import Course
from convbook.authoring.files import write_whole
from convbook.authoring.headings import exercises_of, points_of, title_of

WIDTH = 160  # pixels of a picture in the table
BEGIN, END = "<!-- units:begin -->", "<!-- units:end -->"


def table(course: Course) -> str:
    """Return the table of the course's units as Markdown: unit, what you build, exercises, points, minutes.

    Where a unit has a picture `docs/units/NN.png`, the table has a column for it.
    """
    rows = [_row(course, unit) for unit in course.units()]
    totals = [sum(row[n] for row in rows) for n in (2, 3, 4)]
    pictured = [_picture(course, unit) for unit in course.units()]
    first = [f" {picture} |" for picture in pictured] if any(pictured) else [""] * len(rows)
    more = (" picture |", "---|", " |") if any(pictured) else ("", "", "")
    lines = [
        f"|{more[0]} unit | what you build | exercises | points | minutes |",
        f"|{more[1]}---|---|--:|--:|--:|",
    ]
    lines += [f"|{cell} {' | '.join(map(str, row))} |" for cell, row in zip(first, rows, strict=True)]
    if len(rows) > 1:
        lines.append(f"|{more[2]} | **all {len(rows)} units** | {totals[0]} | {totals[1]} | {totals[2]} |")
    return "\n".join(lines)


def _picture(course: Course, unit: str) -> str:
    """Return a unit's picture as HTML, with the sentence that it carries for those who cannot see it; "" without one."""
    path = course.folder / "docs" / "units" / f"{unit[:2]}.png"
    if not path.is_file():
        return ""
    from PIL import Image

    with Image.open(path) as picture:
        words = html.escape(picture.info.get("Description", ""), quote=True).replace("|", "&#124;")
    source, target = course.short(path), course.short(course.released(unit))
    return f'<a href="{target}"><img src="{source}" width="{WIDTH}" alt="{words}"></a>'


def _row(course: Course, unit: str) -> tuple[str, str, int, int, int]:
    notebook = read(course.notebook(unit))
    title, exercises = title_of(notebook), exercises_of(notebook)
    points = sum(points_of(cell) for cell in notebook["cells"])
    name = f"{unit[:2]} {title.topic}" if title else unit
    link = f"[{name}]({course.short(course.released(unit))})"
    minutes = (title.minutes if title else None) or 0
    return link, title.promise.replace("|", "\\|") if title else "", len(exercises), int(points), minutes


def with_table(course: Course, text: str) -> str:
    """Return a README's text with the table between its markers renewed; without markers as it is."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(course)}\n{END}{after}" if begin and end else text


def readme_is_current(course: Course) -> bool:
    """Tell whether the README's table, if it has one, agrees with the notebooks."""
    readme = course.folder / "README.md"
    if not readme.is_file():
        return True
    text = readme.read_text(encoding="utf-8")
    return with_table(course, text) == text


def renew_readme(course: Course) -> bool:
    """Renew the README's table and return whether anything changed."""
    readme = course.folder / "README.md"
    if not readme.is_file():
        return False
    return write_whole(readme, with_table(course, readme.read_text(encoding="utf-8")).encode())
