"""Print papers: A4 pages in HTML that need nothing else, and the keys on pages of their own."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path

from convbook.drills.papers import DrillError, Paper, clean_name, keyed

LONGEST = 100
STYLE = """
@page { size: A4; margin: 11mm 18mm; }
:root { color-scheme: light; }
body { font: 10.5pt/1.35 Georgia, "Times New Roman", serif; color: #111; background: #fff; max-width: 174mm; margin: 0 auto; }
article { break-after: page; }
article:last-of-type { break-after: auto; }
header { display: flex; justify-content: space-between; gap: 8mm; border-bottom: 0.4mm solid #111; padding-bottom: 2mm; }
h1 { font-size: 15pt; margin: 0; overflow-wrap: anywhere; }
p.paper { margin: 0; text-align: right; white-space: nowrap; font-size: 9pt; }
ol { padding-left: 7mm; margin: 3mm 0 0; } li { break-inside: avoid; margin: 0 0 2.4mm; padding-left: 1mm; }
.title { font-size: 8.5pt; color: #444; display: block; } .way { white-space: pre-line; margin: 0; font-size: 10pt; }
.line { display: block; border-bottom: 0.2mm solid #666; margin-top: 6.5mm; width: 60%; }
.key li { margin-bottom: 3mm; }
"""


def names_in(text: str) -> tuple[list[str], list[str]]:
    """Return the names in a list, one a line, each once, and a sentence for each line that was left out.

    Names that differ in blanks, in upper and lower case or in how an umlaut is made are one name.
    Raises `DrillError` where no name is there, or one is no name.
    """
    names: dict[str, str] = {}
    told: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        name = clean_name(line)
        if not name:
            continue
        if len(name) > LONGEST:
            raise DrillError(
                f"line {number} has {len(name)} characters; a name has at most {LONGEST}, one name a line"
            )
        if name.casefold() in names:
            told.append(f"line {number}: {name} is on the list twice; there is one paper for that name")
        names.setdefault(name.casefold(), name)
    if not names:
        raise DrillError("the list has no names: write one name on each line")
    return list(names.values()), told


def read_names(path: Path) -> tuple[list[str], list[str]]:
    """Return the names in a text file, and what is to be told of it; see `names_in`."""
    try:
        return names_in(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise DrillError(
            f"{path} is no text in UTF-8: save the list of names as UTF-8 (a text file, not a table)"
        ) from None


def pages(papers: Iterable[Paper], title: str, keys: bool = False) -> str:
    """Return one HTML page with a paper, or with its key, on a sheet for each name."""
    sheets = "\n".join(_key(paper) if keys else _sheet(paper) for paper in papers)
    return (f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
            f"<body><main>\n{sheets}\n</main></body></html>\n")  # fmt: skip


def write_papers(papers: list[Paper], folder: Path, each: bool = False) -> list[Path]:
    """Write the papers and their keys into a folder and return the files.

    Without `each` all papers are in one file, `papers.html`, a sheet for each name; with it every name has a file of its own. The
    keys are in `keys.html`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    if each:
        taken: set[str] = set()
        for paper in papers:
            written.append(
                _written(folder / f"{_file_name(paper.name, taken)}.html", [paper], paper.name or "Drills")
            )
    else:
        written.append(_written(folder / "papers.html", papers, "Drills"))
    written.append(_written(folder / "keys.html", papers, "Keys", keys=True))
    return written


def _written(path: Path, papers: list[Paper], title: str, keys: bool = False) -> Path:
    path.write_text(pages(papers, title, keys), encoding="utf-8")
    return path


def _file_name(name: str, taken: set[str]) -> str:
    """Return a name that every file system takes, and that no other paper has."""
    plain = re.sub(r"[^\w\- ]+", "", name).strip().replace(" ", "_")[:60] or "paper"
    free, number = plain, 1
    while free.casefold() in {*taken, "keys", "papers"}:
        number += 1
        free = f"{plain}_{number}"
    taken.add(free.casefold())
    return free


def _head(paper: Paper, what: str, also: str = "") -> str:
    return (f"<header><h1>{html.escape(paper.name) or '&nbsp;'}</h1>"
            f'<p class="paper">{what}<br>{also}seed {paper.seed}</p></header>')  # fmt: skip


def _sheet(paper: Paper) -> str:
    items = "".join(
        f'<li><span class="title">Unit {drill.kind.unit} · {html.escape(drill.kind.title)}</span>{html.escape(drill.text)}'
        '<span class="line"></span></li>'
        for drill in paper.questions
    )
    many = f"____ of {len(paper.questions)} right"
    return f"<article>{_head(paper, many, 'the way to each answer on the back · ')}<ol>{items}</ol></article>"


def _key(paper: Paper) -> str:
    items = "".join(
        f'<li><strong>{html.escape(answer)}</strong><p class="way">{html.escape(way)}</p></li>'
        for answer, way in keyed(paper)
    )
    return f'<article class="key">{_head(paper, "Key")}<ol>{items}</ol></article>'
