"""Time the report and the export of a made class, side by side with `nbgrader export`, in one run.

    python benchmarks/report.py                     a class of 300 in unit 1
    python benchmarks/report.py --students 1000

`nbgrader export` writes a table of points; it stands here because it reads the same gradebook and starts the same
libraries. What is printed is the time of one core, from start to exit, the best of three: what else the machine
does then counts for little. The ratio is what to look at.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TRIES = 3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=300, metavar="N", help="how many (300)")
    number = parser.parse_args().students
    sys.path.insert(0, str(HERE.parent / "tests"))
    from reports import made_class

    with tempfile.TemporaryDirectory(prefix="convbook-benchmark-") as folder:
        course = made_class.make(Path(folder) / "course", number)
        theirs = seconds(course, "nbgrader", "export")
        print(f"{number} students, one unit\nnbgrader export                    {theirs:6.2f} s")
        for words in (
            ["report", "1", "--html", "page.html"],
            ["report", "--html", "course.html"],
            ["export", "1", "--to", "canvas"],
        ):
            ours = seconds(course, "convbook", *words)
            print(f"convbook {' '.join(words):<25} {ours:6.2f} s   {ours / theirs:5.2f} x nbgrader export")
        print(f"page.html: {(course / 'page.html').stat().st_size / 1024:.0f} kB")


def seconds(course: Path, *words: str) -> float:
    """Return the least time of one core that a command took in a course's folder, from start to exit."""
    taken = []
    for _ in range(TRIES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", *words], cwd=course, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


if __name__ == "__main__":
    main()
