"""How long a thousand papers take: drawn, printed with their keys, and written to the disk.

python benchmarks/drills.py                    1,000 papers of 10 questions
python benchmarks/drills.py --papers 50
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from pathlib import Path


def main() -> None:
    """Print the seconds of each part, and the kinds that take longest to draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int, default=1000, metavar="N")
    parser.add_argument("--count", type=int, default=10, metavar="N", help="questions a paper (10)")
    asked = parser.parse_args()

    started = time.perf_counter()
    from convbook import drills
    from convbook.drills import printed

    loaded = time.perf_counter()
    papers = [drills.paper(f"Learner {number}", 1, asked.count) for number in range(asked.papers)]
    drawn = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        size = sum(path.stat().st_size for path in printed.write_papers(papers, Path(folder)))
    written = time.perf_counter()
    print(f"{len(drills.KINDS)} kinds; loading {loaded - started:.1f} s")
    print(f"{asked.papers} papers of {asked.count} questions: drawn in {drawn - loaded:.1f} s, written with their keys in "
          f"{written - drawn:.1f} s ({size / 1e6:.1f} MB); together {written - started:.1f} s")  # fmt: skip
    print("slowest kinds:", ", ".join(f"{name} {1000 * taken:.0f} ms" for name, taken in slowest()[:5]))


def slowest(tries: int = 20) -> list[tuple[str, float]]:
    """Return the kinds with the seconds that a draw takes on average, the slowest first."""
    from convbook import drills
    from convbook.drills.papers import generator

    taken: dict[str, float] = defaultdict(float)
    for kind in drills.KINDS.values():
        started = time.perf_counter()
        for number in range(tries):
            kind.draw(generator("benchmark", kind.name, number))
        taken[kind.name] = (time.perf_counter() - started) / tries
    return sorted(taken.items(), key=lambda pair: -pair[1])


if __name__ == "__main__":
    main()
