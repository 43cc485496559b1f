"""All that a report tells, as plain data: the page, the tables and the JSON are made of it."""

from __future__ import annotations

import statistics
from collections import defaultdict
from datetime import datetime
from typing import Any

from convbook.grading.course import Course
from convbook.reports import causes, gradebook, likeness, measures, people, run, stored
from convbook.reports.stored import ABSENT, Results, Student
from convbook.reports.words import percent, short


def of_unit(course: Course, unit: str) -> dict[str, Any]:
    """Return what there is to tell of one unit's last run."""
    results = stored.read(course, unit)
    titles = {name: exercise.title for name, exercise in causes.exercises(unit).items()}
    exercises = [
        one | {"title": titles.get(causes.exercise_of(one["name"]), "")}
        for one in measures.exercises(results)
    ]
    found = causes.causes(results)
    return {
        "unit": unit,
        "title": causes.title(unit),
        "when": datetime.fromtimestamp(results.when).isoformat(sep=" ", timespec="minutes"),
        "points": max((student.points for student in results.students), default=0.0),
        "statuses": run.statuses(results),
        "spread": measures.spread(results.students),
        "exercises": [one | {"first_cause": _first_cause(found, one["name"])} for one in exercises],
        "left_out": measures.left_out(exercises),
        "causes": [cause.plain() for cause in found],
        "needs": [need.plain() for need in people.needs(results, _usual(course, unit))],
        "moved": people.moved(results),
        "hints": [hint.plain() for hint in likeness.hints(results)],
        "run": {"faults": run.faults(results), "times": run.times(results)},
        "tampering": run.touched(results),
        "remarks": run.remarks(results),
        "students": [_row(student, results.before.get(student.person.id)) for student in results.students],
    }


def _first_cause(found: list[causes.Cause], exercise: str) -> str:
    """Return what most students met in one exercise."""
    here = [cause for cause in found if exercise in cause.exercises]
    return max(here, key=lambda cause: cause.exercises[exercise]).name if here else ""


def _row(student: Student, before: float | None) -> dict[str, Any]:
    """Return one student's line for tables; `before` is the share of the points in the run before."""
    person = student.person
    return {
        "student": person.id,
        "name": person.name,
        "status": student.status,
        "reason": student.reason,
        "score": student.score,
        "points": student.points,
        "by_hand": student.by_hand,
        "before": before,
        "penalty": student.penalty,
        "waiting": student.waiting,
        "exercises": {name: attempt.outcome for name, attempt in student.attempts.items()},
        "mistakes": {
            name: attempt.mistakes for name, attempt in student.attempts.items() if attempt.mistakes
        },
    }


def _usual(course: Course, unit: str) -> dict[str, float]:
    """Return the share of points that each student has on average in all other units."""
    shares = _shares(gradebook.units(course))
    others = {name: one for name, one in shares.items() if name != unit}
    met = defaultdict(list)
    for one in others.values():
        for student, share in one.items():
            met[student].append(share)
    return {student: statistics.fmean(found) for student, found in met.items()}


def _shares(units: dict[str, gradebook.Unit]) -> dict[str, dict[str, float]]:
    """Return unit → student → share of the points, of the hand-ins that no person has yet to judge."""
    return {
        name: {s: total.score / unit.points for s, total in unit.totals.items() if not total.waiting}
        for name, unit in units.items()
        if unit.points > 0
    }


def of_course(course: Course) -> dict[str, Any]:
    """Return what there is to tell of all units that were graded.

    A unit whose record is damaged is named under `faults` and left out of the rest.
    """
    units, faults, shares = [], [], {}
    roll = gradebook.persons(course)
    for name in stored.graded(course):
        try:
            results = stored.read(course, name, answers=False)
        except stored.GradingError as error:
            faults.append({"level": run.BAD, "unit": name, "sentence": str(error)})
            continue
        units.append(_unit(results))
        faults += [fault | {"unit": name} for fault in run.faults(results) if fault["level"] == run.BAD]
        shares[name] = {s.person.id: s.share for s in results.students if s.handed_in}
        roll |= {s.person.id: s.person for s in results.students if s.person.id not in roll}
    rows = [_course_row(person, shares) for _, person in sorted(roll.items())]
    return {
        "units": units,
        "students": rows,
        "needs": _course_needs(rows, list(shares)),
        "causes": _together(units),
        "faults": faults,
    }


def _unit(results: Results) -> dict[str, Any]:
    found = [cause for cause in causes.causes(results) if cause.known]
    return {
        "unit": results.unit,
        "title": causes.title(results.unit),
        "spread": measures.spread(results.students),
        "statuses": run.statuses(results),
        "absent": sum(student.status == ABSENT for student in results.students),
        "exercises": measures.exercises(results),
        "causes": [cause.plain() for cause in found],
        "faults": run.faults(results),
        "needs": len(people.needs(results)),
    }


def _course_row(person: gradebook.Person, shares: dict[str, dict[str, float]]) -> dict[str, Any]:
    found = {unit: share[person.id] for unit, share in shares.items() if person.id in share}
    mean = statistics.fmean(found.values()) if found else None
    return {"student": person.id, "name": person.name, "shares": found, "mean": mean}


def _course_needs(rows: list[dict[str, Any]], units: list[str]) -> list[dict[str, Any]]:
    """Return who missed the last units, is low on average, or fell in the last one; the most urgent first."""
    found = []
    for row in rows:
        why, urgency = _course_need(row, units)
        if why:
            found.append(
                (-urgency, row["student"], {"student": row["student"], "name": row["name"], "why": why})
            )
    return [one for _, _, one in sorted(found, key=lambda one: one[:2])]


def _course_need(row: dict[str, Any], units: list[str]) -> tuple[str, float]:
    there, mean = row["shares"], row["mean"]
    if not units:
        return "", 0.0
    missed = [unit for unit in units if unit not in there]
    if mean is None:
        return "nothing was handed in for any unit", 2.0
    if len(missed) >= 2 and units[-1] in missed:
        return (
            f"nothing handed in for {', '.join(map(short, missed[-3:]))}; {percent(mean)} on average before",
            3.0 + len(missed) / 100,
        )
    if mean < people.LOW:
        of = "in the one unit handed in" if len(there) == 1 else f"on average of {len(there)} units"
        return f"{percent(mean)} {of}", 2.5 - mean
    earlier = [share for unit, share in there.items() if unit != units[-1]]
    last = there.get(units[-1])
    if last is not None and earlier and statistics.fmean(earlier) - last >= people.FALL:
        return (
            f"{percent(last)} in {short(units[-1])}, {percent(statistics.fmean(earlier))} on average before",
            2.2,
        )
    return "", 0.0


def _together(units: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the named causes of all units with the units where they stand, of most students first."""
    found: dict[str, dict[str, Any]] = {}
    for unit in units:
        for cause in unit["causes"]:
            one = found.setdefault(cause["cause"], {"cause": cause["cause"], "units": {}, "explanation": ""})
            one["units"][unit["unit"]] = cause["students"]
            one["explanation"] = one["explanation"] or cause["explanation"]
    return sorted(found.values(), key=lambda one: (-sum(one["units"].values()), one["cause"]))
