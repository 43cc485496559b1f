"""How long building the book takes, from notebooks that were executed before.

    python benchmarks/book.py
    python benchmarks/book.py --solutions hidden

What is not executed yet is executed first, which is not counted. Prints the best of three builds of all units, and what
the site weighs.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
import time
from pathlib import Path

from convbook.authoring.book import MODES, write_book
from convbook.authoring.book.running import executed_notebooks
from convbook.authoring.course import open_course

TRIES = 3


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--solutions", choices=MODES, default="click")
    mode = parser.parse_args().solutions
    course = open_course(Path(__file__).resolve().parent.parent)
    units = course.units()
    path = course.released if mode == "hidden" else course.notebook
    notebooks = dict(zip(units, executed_notebooks(course, [path(unit) for unit in units], 1), strict=True))
    taken = []
    with tempfile.TemporaryDirectory(prefix="convbook-book-") as folder:
        site = Path(folder, "site")
        for _ in range(TRIES):
            started = time.perf_counter()
            with contextlib.redirect_stdout(io.StringIO()):
                write_book(course, notebooks, site, mode)
            taken.append(time.perf_counter() - started)
        size = sum(one.stat().st_size for one in site.rglob("*") if one.is_file())
    print(f"{len(units)} units, solutions {mode}: built in {min(taken):.1f} s, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
