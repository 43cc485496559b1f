"""What a report says about a class is what the class did."""

from __future__ import annotations

import json
import random
from collections import Counter

import numpy as np
import pytest

import made_class
import wrong.convolution
from convbook import checks
from convbook.reports import causes, likeness, measures, people, run
from convbook.reports.anonymous import cleaned, example, names_of, tells
from convbook.reports.gradebook import Person
from convbook.reports.stored import ABSENT, OPEN, RIGHT, UNREADABLE, WRONG, Attempt, Item, Results, Student


def student(
    name: str, share: float = 1.0, code: str = "", outcome: str = RIGHT, mistakes=(), **more
) -> Student:
    """Return a student with one exercise."""
    attempt = Attempt(outcome, list(mistakes), code=code)
    return Student(
        Person(name), "graded", score=10 * share, points=10.0, attempts={"check-f": attempt}, **more
    )


def a_class(*students: Student, solution: str = "", **more) -> Results:
    return Results("ps1", list(students), {"check-f": Item("check-f", 10.0, solution)}, **more)


# --- numbers


def test_everyone_who_handed_in_is_in_the_spread_and_nobody_else(results, unit):
    there = [one for one in results.students if one.status not in (ABSENT, UNREADABLE)]
    assert unit["spread"]["students"] == sum(unit["spread"]["bins"]) == len(there) < len(results.students)
    assert unit["spread"]["median"] == pytest.approx(np.median([one.score / one.points for one in there]))


def test_a_late_penalty_counts_as_in_the_gradebook(results):
    late = [one for one in results.students if one.penalty]
    assert late
    for one in late:
        earned = sum(a.score for a in one.attempts.values())
        assert one.score == max(0, earned - one.penalty)


def test_difficulty_is_the_share_right_of_those_who_tried(results, unit):
    for one in unit["exercises"]:
        ended = Counter(s.attempts[one["name"]].outcome for s in results.students if s.attempts)
        assert one["tried"] == sum(ended.values()) - ended[OPEN]
        assert one["difficulty"] == ended[RIGHT] / one["tried"]


def test_discrimination_is_the_correlation_with_the_rest_of_the_points(results, unit):
    rows = [[s.attempts[name].score for name in results.items] for s in results.students if s.attempts]
    points = np.array(rows)
    for place, one in enumerate(unit["exercises"]):
        rest = points.sum(axis=1) - points[:, place]
        assert one["discrimination"] == pytest.approx(np.corrcoef(points[:, place], rest)[0, 1])


def test_with_few_students_no_discrimination_is_shown_but_a_reason():
    few = a_class(*(student(f"s{n}", n % 2) for n in range(measures.ENOUGH - 1)))
    (one,) = measures.exercises(few)
    assert one["discrimination"] is None and "too few" in one["says"]


def test_what_a_third_of_the_class_left_out_is_told_though_nobody_is_wrong_there():
    answers = [student("ada"), student("bob"), student("eve", 0.0, outcome=OPEN)]
    unread = Student(Person("zoe"), UNREADABLE)
    for number, told in ((3, ["check-f"]), (2, [])):
        found = measures.exercises(a_class(*answers[:number], unread))
        assert [one["name"] for one in measures.left_out(found)] == told


@pytest.mark.parametrize(
    ("relation", "word"), [(0.6, "strong"), (0.2, "a little"), (0.0, "next to nothing"), (-0.4, "fault")]
)
def test_a_discrimination_comes_with_what_it_means(relation, word):
    assert word in measures.in_words(relation, 30, 60)


# --- causes


def test_a_name_that_several_lack_is_told_and_one_student_s_own_is_not():
    lacks = [("ada", "pad"), ("bob", "pad"), ("eve", "conv_of_eve")]
    lines = [student(who, 0.0, "def f(): ...", WRONG) for who, _ in lacks]
    for one, (_, name) in zip(lines, lacks, strict=True):
        one.attempts["check-f"].message = f"NameError: name '{name}' is not defined"
    found = {cause.name: len(cause.students) for cause in causes.causes(a_class(*lines))}
    assert found == {"NameError: name 'pad' is not defined": 2, "NameError: name '…' is not defined": 1}


def test_every_student_counts_once_for_a_cause(results, unit):
    for one in unit["causes"]:
        if one["named_by_check"]:
            made = [
                s for s in results.students if any(one["cause"] in a.mistakes for a in s.attempts.values())
            ]
            assert one["students"] == len(made)


def test_the_first_cause_is_the_one_most_students_met(unit):
    numbers = [one["students"] for one in unit["causes"]]
    assert numbers == sorted(numbers, reverse=True) and numbers[0] > 2


def test_the_explanation_is_the_one_the_check_declares(unit):
    declared = {m.name: m.explanation for e in checks.unit(made_class.UNIT).exercises for m in e.mistakes}
    named = [one for one in unit["causes"] if one["named_by_check"]]
    assert len(named) > 3
    for one in named:
        assert one["explanation"] in declared.values()


def test_the_example_makes_exactly_the_mistake_it_stands_for(unit):
    exercises = {one.name: one for one in checks.unit(made_class.UNIT).exercises}
    shown = [one for one in unit["causes"] if one["named_by_check"] and one["example"]][:4]
    assert len(shown) == 4
    for one in shown:
        name = causes.exercise_of(one["example_of"])
        space = dict(vars(wrong.convolution))
        exec(one["example"], space)
        assert one["cause"] in exercises[name].judge(space[name]).mistakes


def test_an_example_never_names_its_author(results, unit):
    everybody = [names_of(one.person) for one in results.students]
    for one in unit["causes"]:
        assert not any(tells(one["example"], names) for names in everybody)
    assert any("wrote this" in a.code for s in results.students for a in s.attempts.values())


def test_an_answer_whose_code_names_its_author_is_not_the_example():
    ada, bob = Person("ada17", "Ada", "Lovelace"), Person("b2", "Bob", "Li")
    short, long = "def ada_conv(x):\n    return x", "def conv(x):\n    y = x + 1\n    return y"
    assert example([(ada, short), (bob, long)]) == long
    assert example([(ada, short)]) == ""


def test_comments_and_docstrings_go_and_a_hash_in_a_string_stays():
    code = 'def f(x):  # Ada\n    """By Ada."""\n    # Ada\n    return "#Ada" + x'
    assert cleaned(code) == 'def f(x):\n    return "#Ada" + x'


def test_a_cell_that_is_no_python_loses_its_comments_too():
    assert "Ada" not in cleaned("def f(x:\n    return [x  # Ada wrote this\n")


# --- people


def test_who_is_far_below_absent_or_unreadable_needs_a_person(unit, results):
    named = {one["student"] for one in unit["needs"]}
    for one in results.students:
        assert (one.person.id in named) == (not one.handed_in or one.share < people.LOW)


def test_who_falls_below_what_is_usual_for_them_is_named_though_not_low():
    found = people.needs(a_class(student("ada", 0.55), student("bob", 0.55)), {"ada": 0.95, "bob": 0.6})
    assert [one.student.person.id for one in found] == ["ada"] and "usually 95" in found[0].why


def test_nobody_is_low_while_points_by_hand_are_open():
    assert not people.needs(a_class(student("ada", 0.1, waiting=2)))


def test_who_improved_since_the_run_before_is_listed_with_both_shares():
    found = people.moved(
        a_class(student("ada", 0.9), student("bob", 0.2), student("eve"), before={"ada": 0.5, "bob": 0.6})
    )
    assert found["compared"] == 2
    assert [(one["student"], one["before"], one["now"]) for one in found["improved"]] == [("ada", 0.5, 0.9)]
    assert [one["student"] for one in found["fell"]] == ["bob"]


# --- alike

LONG = """def f(x, k):
    rows = len(x) - len(k) + 1
    out = [[0] * rows for _ in range(rows)]
    for r in range(rows):
        for c in range(rows):
            out[r][c] = sum(x[r + i][c + i] * k[i] for i in range(len(k)))
    return out"""


def crowd(number: int) -> list[Student]:
    """Return students who each wrote something else: twelve lines, drawn anew for each."""
    students = []
    for n in range(number):
        rng = random.Random(n)
        lines = [f"    {made_class.own_line(rng)}" for _ in range(12)]
        students.append(student(f"s{n:02}", code="\n".join(["def f(x):", *lines, "    return x"])))
    return students


def with_second(students: list[Student], codes: list[str]) -> Results:
    for one, code in zip(students, codes, strict=True):
        one.attempts["check-g"] = Attempt(RIGHT, code=code)
    items = {name: Item(name, 10.0) for name in ("check-f", "check-g")}
    return Results("ps1", students, items)


def test_two_who_share_renamed_code_in_two_exercises_are_a_hint():
    students = crowd(24)
    copied = "def f(a, b):\n    total = {}\n    for key in sorted(a):\n        total[key] = b.get(key, 0) ** 2 + a[key]\n    while total and not b:\n        total.popitem()\n    return [total[key] for key in b if key]"
    renamed = copied.replace("total", "wert").replace("key", "name").replace("(a, b):", "(a, b):  # mine")
    students[3].attempts["check-f"].code, students[9].attempts["check-f"].code = copied, renamed
    codes = [one.attempts["check-f"].code for one in crowd(24)]
    codes[3], codes[9] = copied.replace("** 2", "- 7"), renamed.replace("** 2", "- 7")
    (hint,) = likeness.hints(with_second(students, codes))
    assert hint.students == ("s03", "s09") and set(hint.alike) == {"check-f", "check-g"}
    assert min(hint.alike.values()) == 1 > 0.8 > max(hint.usual.values())


def test_a_function_of_three_lines_that_all_share_is_no_hint():
    same = [student(f"s{n}", code="def f(k):\n    return k[::-1, ::-1]") for n in range(30)]
    assert likeness.hints(with_second(same, ["def g(k):\n    return k.T"] * 30)) == []


def test_long_code_that_most_of_the_class_writes_alike_is_no_hint():
    students = crowd(24)
    for one in students[:18]:
        one.attempts["check-f"].code = LONG
    assert likeness.hints(with_second(students, [one.attempts["check-f"].code for one in students])) == []


def test_the_instructors_own_answer_is_no_hint():
    students = crowd(12)
    for one in students[:2]:
        one.attempts["check-f"].code = LONG.replace("rows", "n")
    results = with_second(students, [one.attempts["check-f"].code for one in students])
    for item in results.items.values():
        item.solution = LONG
    assert likeness.hints(results) == []


def test_of_a_made_class_only_the_two_who_copied_are_a_hint(results):
    copied = sorted(one.person.id for one in results.students if "extra.pop" in json.dumps([a.code for a in one.attempts.values()])
                    or "rest.pop" in json.dumps([a.code for a in one.attempts.values()]))  # fmt: skip
    assert [list(hint.students) for hint in likeness.hints(results)] == [copied] and len(copied) == 2


def test_the_same_two_rare_mistakes_are_a_hint_and_one_is_none():
    students = [student(f"s{n:02}") for n in range(likeness.LARGE)]
    for n in (4, 7):
        students[n].attempts["check-f"].mistakes = ["a rare one"]
    results = with_second(students, [""] * len(students))
    assert likeness.hints(results) == []
    for n in (4, 7):
        students[n].attempts["check-g"].mistakes = ["another"]
    (hint,) = likeness.hints(results)
    assert hint.students == ("s04", "s07") and hint.mistakes == {"check-f: a rare one", "check-g: another"}


# --- the run


def test_an_exercise_in_which_nobody_of_many_is_right_is_to_be_looked_at():
    wrong_all = [student(f"s{n}", 0.0, outcome=WRONG) for n in range(run.SUSPECT)]
    (fault,) = run.faults(a_class(*wrong_all))
    assert "check-f" in fault["sentence"] and fault["level"] == run.LOOK
    assert not run.faults(a_class(*wrong_all[1:]))
    assert not run.faults(a_class(*wrong_all, student("ada")))
    partly = student("bob", 0.5, outcome=WRONG)
    partly.attempts["check-f"].score = 5.0
    assert not run.faults(a_class(*wrong_all, partly))


def test_a_clean_run_has_no_faults_and_every_fault_is_a_sentence():
    assert run.faults(a_class(student("ada"), run={"complete": True})) == []
    broken = {"warning": "NOT SANDBOXED: …", "complete": False, "unsolved": ["check-f"], "weak": ["check-g"]}
    touched = [{"kind": "tamper", "sentence": "the test was changed", "cell": "check-f"}]
    found = run.faults(a_class(student("ada", remarks=touched), run=broken))
    assert [one["level"] for one in found] == ["bad", "bad", "bad", "look", "look"]
    assert all(one["sentence"].endswith((".", "…", ":")) or "pass" in one["sentence"] for one in found)


def test_the_tamper_report_says_each_thing_once_with_everyone_of_whom_it_is_true(results, unit):
    (changed,) = [one for one in unit["tampering"] if one["kind"] == "tamper"]
    said = [s.person.id for s in results.students if any(r["kind"] == "tamper" for r in s.remarks)]
    assert changed["students"] == said
