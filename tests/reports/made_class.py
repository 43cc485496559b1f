"""Make a graded class without grading one: what `convbook grade` leaves, from the tests' own answers.

    python tests/reports/made_class.py FOLDER [NUMBER]

What a test said to an answer is what the check really says; who gives which answer is drawn from a seed: every
student has a strength, every exercise a difficulty. The same arguments make the same class.
"""

from __future__ import annotations

import inspect
import json
import math
import random
import re
import shutil
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
UNIT = "01_convolution"
FIRST = ["Ada", "Zoë", "Jürgen", "Łukasz", "محمد", "יעל", "Søren", "Noor", "José", "Mei", "Ivan", "Chloé", "Ravi", "Aiko", "Seán", "Björk"]  # fmt: skip
LAST = ["Müller", "O'Brien", "Nguyễn", "García López", "علي", "כהן", "Þórsdóttir", "van der Berg", "Smith, Jr.", "Öztürk", "Kowalski", 'the "Great"', "Li", "Patel", "Ferrari", "Ångström", "Dubois"]  # fmt: skip
WORDS = ["size", "steps", "total", "shape", "scale", "first", "last", "done", "eps", "tmp"]


@dataclass
class Answer:
    """Hold one way to answer an exercise, with what its check said."""

    code: str
    outcome: str  # right, wrong or not attempted
    message: str
    mistakes: list[str] = field(default_factory=list)


@dataclass
class Exercise:
    """Hold one exercise of the made unit and the answers that are drawn from."""

    name: str
    points: int
    right: list[Answer]
    wrong: list[Answer]


STUB = Answer("# YOUR CODE HERE\nraise NotImplementedError()", "not attempted", "")


def exercises(names: list[str] | None = None, ways: int = 6) -> list[Exercise]:
    """Return exercises of unit 01 with some right and wrong answers each, judged by the real checks."""
    from convbook import checks
    from right import WAYS
    from wrong import WRONG

    found = []
    for exercise in checks.unit(UNIT).exercises:
        if names is None or exercise.name in names:
            right = [_judged(exercise, f) for f in WAYS.get(exercise.name, [])[:ways] if _has_source(f)]
            wrong = [_judged(exercise, f) for f in WRONG.get(exercise.name, [])[: 2 * ways] if _has_source(f)]
            right = [one for one in right if one.outcome == "right"]
            wrong = [one for one in wrong if one.outcome == "wrong"]
            if right and wrong:
                found.append(Exercise(exercise.name, exercise.points, right, wrong))
    return found


def _has_source(function: Any) -> bool:
    return inspect.isfunction(function) and "lambda" not in function.__name__


def _judged(exercise: Any, function: Any) -> Answer:
    """Return an answer as a student's cell would hold it, with what its check says to it."""
    lines = inspect.getsource(function).split("\n")
    start = next(n for n, line in enumerate(lines) if line.startswith("def "))
    code = "\n".join(lines[start:]).replace(f"def {function.__name__}(", f"def {exercise.name}(", 1).rstrip()
    space = dict(function.__globals__)
    exec(code, space)
    verdict = exercise.judge(space[exercise.name])
    ended = "right" if verdict.right else "crash" if verdict.error is not None else "wrong"
    return Answer(code, ended, verdict.message, list(verdict.mistakes))


def make(
    folder: Path, number: int = 300, names: list[str] | None = None, seed: int = 17, ways: int = 6
) -> Path:
    """Make the course with one graded unit and return its folder."""
    made = exercises(names, ways)
    rng = random.Random(seed)
    _lay_out(folder, made)
    students = people(number, rng)
    answers = {student["id"]: _answers(made, strength(student["id"]), rng) for student in students}
    _copy_a_neighbour(students, answers, made)
    lines = [_line(student, answers[student["id"]], made, n, number) for n, student in enumerate(students)]
    for line in lines:
        if line["status"] not in ("absent", "unreadable"):
            _write_notebook(folder, line["student"], made, answers[line["student"]])
    write_gradebook(folder, UNIT, students, lines, [(f"check-{one.name}", one.points) for one in made])
    report = {"assignment": UNIT, "lines": lines, "notes": [], "warning": "", "weak": [], "unsolved": [],
              "seconds": 3.1 * number / 2, "ran": number, "complete": True, "class_versions": []}  # fmt: skip
    write_report(folder, report, UNIT)
    earlier = [line | {"score": max(0.0, line["score"] - rng.choice([0, 0, 0, 0, 4, 9]))} for line in lines]
    write_report(folder, report | {"lines": earlier}, "before", UNIT)
    return folder


def people(number: int, rng: random.Random) -> list[dict[str, str]]:
    """Return students with names of many scripts, sorted by id."""
    found = []
    for n in range(number):
        first, last = FIRST[n % len(FIRST)], LAST[(n * 7 + n // len(FIRST)) % len(LAST)]
        found.append(
            {
                "id": f"s{4000 + n * 13}",
                "first_name": first,
                "last_name": last,
                "email": f"s{4000 + n * 13}@example.edu",
            }
        )
    rng.shuffle(found)
    return sorted(found, key=lambda one: one["id"])


def strength(student: str) -> float:
    """Return how strong a student is, in every unit alike."""
    return random.Random(student).gauss(0.9, 1.3)


def _answers(made: list[Exercise], strong: float, rng: random.Random) -> list[Answer]:
    found = []
    for number, one in enumerate(made):
        chance = 1 / (1 + math.exp(-1.4 * (strong - 0.25 * (number % 5) + 0.2)))
        if rng.random() < chance:
            found.append(_own_way(rng.choice(one.right), rng))
        elif rng.random() < 0.06 * number:
            found.append(STUB)
        else:
            weights = [1 / (1 + place) ** 1.3 for place in range(len(one.wrong))]
            found.append(_own_way(rng.choices(one.wrong, weights)[0], rng))
    return found


def _own_way(answer: Answer, rng: random.Random) -> Answer:
    """Return an answer as another hand would write it: some lines more, in some order."""
    lines = answer.code.split("\n")
    at = next((n for n, line in enumerate(lines) if line.rstrip().endswith(":")), 0) + 1
    more = [
        f"    {own_line(rng)}"
        for _ in range(
            0 if rng.random() < (0.02 if answer.outcome == "right" else 0.08) else rng.randint(2, 6)
        )
    ]
    code = "\n".join([*lines[:at], *more, *lines[at:], f"    # {rng.choice(FIRST)} wrote this"])
    return Answer(code, answer.outcome, answer.message, answer.mistakes)


def own_line(rng: random.Random) -> str:
    """Return a line that does nothing, as people leave them behind."""
    value = rng.choice(
        [
            "{a}",
            "{a} {o} {b}",
            "[{a}, {b}]",
            "max({a}, {b})",
            "({a} {o} {b}) {o} {a}",
            "range({a}, {b})",
            "{a}.0",
        ]
    )
    return f"{rng.choice(WORDS)} = " + value.format(
        a=rng.randint(0, 9), b=rng.randint(1, 9), o=rng.choice("+-*")
    )


def _copy_a_neighbour(students: list[dict], answers: dict[str, list[Answer]], made: list[Exercise]) -> None:
    """Let one student hand in what another wrote, with the names changed, in the longest three."""
    if len(students) < 8:
        return
    giver, taker = students[2]["id"], students[5]["id"]
    longest = sorted(range(len(made)), key=lambda n: -len(made[n].wrong[0].code))[:3]
    for n in longest:
        one = _own_way(made[n].wrong[-1], random.Random(n))
        body = (
            one.code
            + "\n    extra = [row for row in range(3) if row]\n    while extra:\n        extra.pop()\n    size = sum(extra, 0) - 1"
        )
        answers[giver][n] = Answer(body, one.outcome, one.message, one.mistakes)
        answers[taker][n] = Answer(
            re.sub(r"\bextra\b", "rest", re.sub(r"\brow\b", "i", body)),
            one.outcome,
            one.message,
            one.mistakes,
        )


def _line(
    student: dict, answers: list[Answer], made: list[Exercise], place: int, number: int
) -> dict[str, Any]:
    line = {"student": student["id"], "status": "graded", "reason": "", "score": 0.0, "points": 0.0, "penalty": 0.0,
            "waiting": 0, "again": False, "seconds": 0.0, "remarks": [], "cells": []}  # fmt: skip
    if number >= 8 and place % 23 == 7:
        return line | {"status": "absent", "reason": "nothing was handed in"}
    if number >= 8 and place % 97 == 11:
        return line | {"status": "unreadable", "reason": "unit.ipynb is empty"}
    for answer, one in zip(answers, made, strict=True):
        cell = {"cell": f"check-{one.name}", "status": "ok" if answer.outcome == "right" else "error", "seconds": 0.05 + place % 7 / 50,
                "mistakes": answer.mistakes, "timed": False, "attempted": answer is not STUB, "check": True}  # fmt: skip
        line["cells"].append(cell)
        line["points"] += one.points
        line["score"] += one.points * (answer.outcome == "right")
    if number >= 8 and place % 41 == 5:
        line["cells"][-1] |= {"status": "time-out", "timed": True, "seconds": 30.2, "mistakes": []}
        line["score"] -= made[-1].points * (answers[-1].outcome == "right")
    if number >= 8 and place % 61 == 9:
        line["remarks"].append(
            {
                "kind": "tamper",
                "sentence": "the test check-corr2d was changed; the gradebook's was run",
                "cell": "check-corr2d",
                "version": "",
            }
        )
    if number >= 8 and place % 89 == 13:
        line["remarks"].append(
            {
                "kind": "network",
                "sentence": "the notebook asked the network for example.org",
                "cell": "imports",
                "version": "",
            }
        )
    if place % 31 == 3:
        line |= {"status": "graded with repairs"}
        line["remarks"].append(
            {
                "kind": "repair",
                "sentence": "the notebook was called unit (1).ipynb",
                "cell": "",
                "version": "",
            }
        )
    if place % 37 == 4:
        line["penalty"] = min(4.0, line["score"])
    return line | {"seconds": round(sum(cell["seconds"] for cell in line["cells"]), 3)}


def code_cell(name: str, source: str, outputs: list | None = None, **marks: Any) -> dict[str, Any]:
    """Return a cell as `convbook grade` writes it into `autograded/`."""
    marks = {
        "grade_id": name,
        "schema_version": 3,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    } | marks
    return {
        "cell_type": "code",
        "execution_count": 1,
        "id": name,
        "metadata": {"nbgrader": marks},
        "outputs": outputs or [],
        "source": source,
    }


def notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a notebook of these cells."""
    return {
        "cells": cells,
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _write_notebook(folder: Path, student: str, made: list[Exercise], answers: list[Answer]) -> None:
    cells = []
    for answer, one in zip(answers, made, strict=True):
        ename, text = ("NotAttempted" if answer is STUB else "CheckFailed"), answer.message
        right = answer.outcome == "right"
        outputs = [{"output_type": "stream", "name": "stdout", "text": text}] if right else [
            {"output_type": "error", "ename": ename, "evalue": text, "traceback": [text]}]  # fmt: skip
        cells.append(code_cell(one.name, answer.code, solution=True))
        cells.append(
            code_cell(
                f"check-{one.name}", f"check.{one.name}({one.name})", outputs, grade=True, points=one.points
            )
        )
    target = folder / "grading" / "autograded" / student / UNIT
    target.mkdir(parents=True)
    (target / f"{UNIT}.ipynb").write_text(json.dumps(notebook(cells)), encoding="utf-8")


def _lay_out(folder: Path, made: list[Exercise]) -> None:
    """Write the course's configuration and its source: the tests, and a right answer of each."""
    (folder / "solutions" / UNIT).mkdir(parents=True)
    shutil.copy(REPOSITORY / "nbgrader_config.py", folder)
    cells = []
    for one in made:
        cells.append(code_cell(one.name, one.right[0].code, solution=True))
        cells.append(
            code_cell(f"check-{one.name}", f"check.{one.name}({one.name})", grade=True, points=one.points)
        )
    (folder / "solutions" / UNIT / f"{UNIT}.ipynb").write_text(json.dumps(notebook(cells)), encoding="utf-8")


def write_report(folder: Path, report: dict[str, Any], *names: str) -> None:
    """Write a run's report where grading keeps it."""
    path = folder.joinpath("grading", ".convbook", "reports", *names)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(path.name + ".json").write_text(
        json.dumps({"format": 1, "kept": report}), encoding="utf-8"
    )


def write_gradebook(
    folder: Path, unit: str, students: list[dict], lines: list[dict], tests: list[tuple[str, float]]
) -> None:
    """Write students, one unit and its points into the gradebook, as grading would."""
    from nbgrader import api

    from convbook.grading.course import Course

    def new() -> str:
        return uuid.uuid4().hex

    with Course(folder).gradebook() as book:
        for student in students:
            about = dict(student)
            book.update_or_create_student(about.pop("id"), **about)
        book.add_assignment(unit)
        book.add_notebook(unit, unit)
        ids = {
            name: book.add_grade_cell(name, unit, unit, max_score=points, cell_type="code").id
            for name, points in tests
        }
        assignment, sheet_of = book.find_assignment(unit), book.find_notebook(unit, unit).id
        tables = {
            name: getattr(api, name).__table__
            for name in ("SubmittedAssignment", "SubmittedNotebook", "Grade")
        }
        for line in lines:
            if line["status"] == "absent":
                continue
            hand_in, sheet = new(), new()
            book.db.execute(
                tables["SubmittedAssignment"]
                .insert()
                .values(id=hand_in, assignment_id=assignment.id, student_id=line["student"])
            )
            book.db.execute(tables["SubmittedNotebook"].insert().values(
                id=sheet, notebook_id=sheet_of, assignment_id=hand_in, late_submission_penalty=line["penalty"] or None, flagged=False))  # fmt: skip
            ended = {cell["cell"]: cell["status"] for cell in line["cells"]}
            rows = [{"id": new(), "cell_id": ids[name], "notebook_id": sheet, "auto_score": points if ended.get(name) == "ok" else 0.0,
                     "needs_manual_grade": False} for name, points in tests]  # fmt: skip
            book.db.execute(tables["Grade"].insert(), rows)
        book.db.commit()


def make_units(folder: Path, seed: int = 5) -> None:
    """Add other units to a made class, without notebooks: only what a report about the course reads."""
    from convbook import checks
    from convbook.grading.course import Course
    from convbook.reports import gradebook

    rng = random.Random(seed)
    roll = sorted(gradebook.persons(Course(folder)))
    for place, unit in enumerate(checks.units()[2:9]):
        tests = [(f"check-{one.name}", float(one.points)) for one in unit.exercises]
        lines = [
            _short_line(name, unit, strength(name) + rng.gauss(0.1, 0.4) - 0.12 * place, rng) for name in roll
        ]
        write_gradebook(folder, unit.folder, [], lines, tests)
        warning = "NOT SANDBOXED: students' code ran with your own rights." if place == 4 else ""
        write_report(
            folder,
            {
                "assignment": unit.folder,
                "lines": lines,
                "warning": warning,
                "seconds": 400.0,
                "ran": len(lines),
            },
            unit.folder,
        )


def _short_line(name: str, unit: Any, strong: float, rng: random.Random) -> dict[str, Any]:
    points = float(sum(one.points for one in unit.exercises))
    line = {
        "student": name,
        "status": "graded",
        "reason": "",
        "score": 0.0,
        "points": points,
        "penalty": 0.0,
        "seconds": 1.0,
        "cells": [],
    }
    if rng.random() < 0.02 + 0.1 * (strong < -0.5):
        return line | {"status": "absent", "points": 0.0}
    for one in unit.exercises:
        right = rng.random() < 1 / (1 + math.exp(-1.3 * strong - rng.gauss(0, 0.4)))
        weights = [1 / (1 + n) ** 1.4 for n in range(len(one.mistakes))]
        mistakes = [] if right or not one.mistakes else [rng.choices(one.mistakes, weights)[0].name]
        line["cells"].append({"cell": f"check-{one.name}", "status": "ok" if right else "error", "seconds": 0.1, "mistakes": mistakes,
                              "timed": False, "attempted": True, "check": True})  # fmt: skip
        line["score"] += one.points * right
    return line


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300)
    make_units(Path(sys.argv[1]))
