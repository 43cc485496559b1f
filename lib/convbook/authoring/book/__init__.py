"""The course as a book: a site of all units, made of executed notebooks, with every widget alive and no kernel.

`running.py` has the executed notebooks, `page.py` makes a page of each, `outputs.py` and `alive.py` what its cells
show, `predrawn.py` drills, `front.py` the first page, `site.py` the site, and `links.py` looks at every link.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from convbook.authoring.book.front import front_page, opening
from convbook.authoring.book.links import broken_links
from convbook.authoring.book.page import MODES, NOTEBOOKS, Page, stubs_of, unit_page
from convbook.authoring.book.site import STATIC, build, need_generator, settings
from convbook.authoring.course import Course
from convbook.nbgrader_course import CourseError

SIGNS = (".nojekyll", "searchindex.js")  # by which a book is known again

__all__ = ["MODES", "make_book", "write_book"]


def make_book(course: Course, units: list[str], target: Path, mode: str = "click", jobs: int = 1) -> int:
    """Execute what has changed, build the site of some units into `target`, and return the exit code.

    Raises `CourseError` in one sentence where it cannot be built; then `target` is as it was.
    """
    from convbook.authoring.book.running import executed_notebooks

    need_generator()
    _may_be_replaced(target)
    if not units:
        raise CourseError(f"{course.source} has no units to make a book of")
    if missing := [unit for unit in units if mode == "hidden" and not course.released(unit).is_file()]:
        raise CourseError(f"{missing[0]} has no released notebook; run `convbook release` first")
    path = course.released if mode == "hidden" else course.notebook
    notebooks = executed_notebooks(course, [path(unit) for unit in units], jobs)
    started = time.perf_counter()
    faults = write_book(course, dict(zip(units, notebooks, strict=True)), target, mode)
    if faults:
        print("\n".join(faults))
        print(f"the book was not written; links that lead nowhere: {len(faults)}")
        return 1
    seconds = time.perf_counter() - started
    many = f"{len(units)} unit{'' if len(units) == 1 else 's'}"
    print(f"{many} built in {seconds:.1f} s: {target / 'index.html'}")
    return 0


def write_book(course: Course, notebooks: dict[str, Any], target: Path, mode: str = "click") -> list[str]:
    """Build the site of executed notebooks, by unit, and put it in place of `target`.

    Returns what is wrong with its links; then nothing is written. Sphinx' own warnings are printed.
    """
    parent = target.resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=parent) as folder:
        source, site = Path(folder, "source"), Path(folder, "site")
        title, scripts = _lay_out(course, notebooks, source, mode)
        for warning in build(source, site, settings(title, scripts)):
            print(f"warning  {warning}")
        faults = list(broken_links(site))
        if not faults:
            _swap(site, target, Path(folder, "before"))
    return faults


def _lay_out(
    course: Course, notebooks: dict[str, Any], source: Path, mode: str
) -> tuple[str, dict[str, list[str]]]:
    """Write the Sphinx project of the book; return its title and the scripts of each page."""
    from convbook.authoring.book.alive import write_scripts
    from convbook.authoring.book.outputs import Figures

    static = source / "_static"
    figures, pages = Figures(static / "figures"), []
    for unit, executed in notebooks.items():
        page = unit_page(unit, executed, stubs_of(course.released(unit)), mode, figures, notebooks)
        (source / f"{unit}.md").write_text(page.text, "utf-8")
        pages.append(page)
        _copy_released(course, unit, source / NOTEBOOKS)
    opened = opening(course)
    (source / "index.md").write_text(front_page(opened, pages, mode, static), "utf-8")
    write_scripts(static, {view for page in pages for view in page.alive.views})
    for file in STATIC.iterdir():
        shutil.copyfile(file, static / file.name)
    return opened.title, {page.unit: _scripts(page, static) for page in pages}


def _scripts(page: Page, static: Path) -> list[str]:
    """Write the states of a page's widgets and return the names of the scripts it loads."""
    (static / f"shown-{page.unit}.js").write_text(page.alive.script(), "utf-8")
    return [*(f"widget-{view}.js" for view in page.alive.views), f"shown-{page.unit}.js", "book.js"]


def _copy_released(course: Course, unit: str, folder: Path) -> None:
    if course.released(unit).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(course.released(unit), folder / f"{unit}.ipynb")


def _may_be_replaced(target: Path) -> None:
    """Raise `CourseError` where something else than a book stands in the way."""
    if target.is_dir() and any(target.iterdir()) and not all((target / sign).is_file() for sign in SIGNS):
        raise CourseError(
            f"{target} holds something else than a book; name another folder with --out, or empty it"
        )
    if target.exists() and not target.is_dir():
        raise CourseError(f"{target} is a file; the book needs a folder: name another with --out")


def _swap(site: Path, target: Path, before: Path) -> None:
    """Put a whole site in the place of the last one."""
    if target.exists():
        os.replace(target, before)
    os.replace(site, target)
