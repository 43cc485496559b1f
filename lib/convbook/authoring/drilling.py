"""What `convbook drill` does: list the kinds of questions, ask them, or print papers."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from convbook import drills
from convbook.authoring.course import open_course
from convbook.authoring.lab import work_folder
from convbook.drills import papers, printed
from convbook.drills.practice import Practice
from convbook.drills.session import Session
from convbook.nbgrader_course import CourseError


def list_kinds(units: list[str] | None) -> int:
    """Print the kinds of questions, unit by unit."""
    for kind in papers.chosen(drills.KINDS, units):
        print(f"{kind.unit}  {kind.name:<26}{kind.title}")
    return 0


def practise(arguments: argparse.Namespace) -> int:
    """Ask questions in the terminal; what is answered is kept in the learner's folder, where there is one."""
    count = papers.clean_count(arguments.count)
    seed = (
        papers.clean_seed(arguments.seed)
        if arguments.seed is not None
        else int.from_bytes(os.urandom(4), "big")
    )
    kinds = papers.chosen(drills.KINDS, arguments.unit, arguments.kind)
    practice = Practice(kinds, papers.clean_name(arguments.name), seed, _place(arguments))
    return Session(practice, count).run()


def _place(arguments: argparse.Namespace) -> Path | None:
    """Return the learner's folder; None where there is none, and none was asked for."""
    try:
        place = work_folder(open_course(arguments.course), arguments.work)
    except CourseError:
        if arguments.course or arguments.work:
            raise
        return None
    if arguments.work and not place.is_dir():
        raise CourseError(f"{place} is no folder; `convbook lab --work {arguments.work}` makes it your copy")
    return place if place.is_dir() else None


def print_papers(arguments: argparse.Namespace) -> int:
    """Write a paper for each name in a list, and the keys."""
    seed = papers.clean_seed(arguments.seed if arguments.seed is not None else 0)
    names, told = printed.read_names(arguments.paper)
    made = [drills.paper(name, seed, arguments.count, arguments.unit, arguments.kind) for name in names]
    for line in told:
        print(line)
    written = printed.write_papers(made, arguments.out, arguments.each)
    sheets = f"{len(written) - 1} files" if arguments.each else str(written[0])
    print(
        f"{len(made)} papers of {arguments.count} questions (seed {seed}): {sheets}, and the keys in {written[-1]}"
    )
    return 0
