"""The page can be read by anyone, anywhere, asks for nothing, and stands whatever a class is like."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil

import pytest

import made_class
from browser import violations
from class_of_200 import Made, hand_in, hand_out, make_course, packed, solved
from convbook import style
from convbook.__main__ import main
from convbook.grading.course import Course
from convbook.reports import analysis, pages, text
from plain_course import grade
from pretend import PretendEngine

UNIT = made_class.UNIT


@pytest.fixture(scope="module")
def page_of_unit(unit):
    return pages.unit_page(unit)


@pytest.fixture(scope="module")
def page_of_course(made):
    return pages.course_page(analysis.of_course(Course(made)))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("which", ["unit", "course"])
def test_axe_finds_nothing(open_page, page_of_unit, page_of_course, which, dark):
    page = open_page(dark=dark, width=1280)
    page.set_content({"unit": page_of_unit, "course": page_of_course}[which])
    assert violations(page, "html") == []


def test_the_first_screen_answers_the_four_questions(open_page, page_of_unit):
    page = open_page(width=1280)
    page.set_content(page_of_unit)
    for question in (
        "How did they do?",
        "What do I re-teach?",
        "Whom do I talk to?",
        "Is anything wrong with the run?",
    ):
        box = page.get_by_role("heading", name=question).bounding_box()
        assert box["y"] < 500
    assert page.locator(".cards").bounding_box()["y"] + page.locator(".cards").bounding_box()["height"] < 900


def test_a_phone_does_not_scroll_sideways_and_names_can_be_hidden(open_page, page_of_unit):
    page = open_page(width=390)
    page.set_content(page_of_unit)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("hide names").check()
    assert "blur" in page.locator(".who").first.evaluate("one => getComputedStyle(one).filter")


def test_a_column_s_head_sorts_by_number_in_both_directions(open_page, page_of_unit):
    page = open_page(width=1280)
    page.set_content(page_of_unit)
    table = page.get_by_role("region", name="all students").locator("table")
    read = "t => [...t.tBodies[0].rows].map(row => +row.cells[2].dataset.sort)"
    table.get_by_role("button", name="points").click()
    falling = table.evaluate(read)
    table.get_by_role("button", name="points").click()
    assert falling == sorted(falling, reverse=True) and table.evaluate(read) == sorted(falling)


def test_paper_shows_all_of_it(open_page, page_of_unit):
    page = open_page(dark=True)
    page.set_content(page_of_unit)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(page.pdf(format="A4")) > 20_000


def test_nothing_in_the_page_leads_out_of_it(page_of_unit, page_of_course):
    for page in (page_of_unit, page_of_course):
        assert "default-src 'none'" in page
        assert (
            not re.findall(r"(?:src|href)=[\"'](?!#)[^\"']*", page)
            and "@import" not in page
            and "url(" not in page
        )


def test_the_page_s_colours_are_the_course_s():
    css = (pages.FOLDER / "page.css").read_text("utf-8")
    for theme in style.THEMES.values():
        for name in ("ink", "paper", "faint", "line"):
            assert f"--{name}: {theme[name]};" in css
    for colour in (style.BLUE, style.SKY, style.WRONG, style.PURPLE, style.ORANGE, style.GREEN):
        assert colour in css


def test_every_cause_stands_with_its_explanation_and_its_example(unit, page_of_unit):
    for one in unit["causes"][: pages.TOLD_CAUSES]:
        assert pages.ticks(one["explanation"]) in page_of_unit
    assert page_of_unit.count("One anonymous answer to") > 5


# --- names and code that would like to be more than text

NASTY = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"


def test_names_and_code_are_only_text(course, open_page, monkeypatch):
    path = course / "grading" / ".convbook" / "reports" / f"{UNIT}.json"
    kept = json.loads(path.read_text("utf-8"))
    line = next(
        one for one in kept["kept"]["lines"] if one["cells"] and any(c["mistakes"] for c in one["cells"])
    )
    line["remarks"] = [{"kind": "tamper", "sentence": NASTY, "cell": NASTY}]
    line["status"], line["reason"] = "unreadable", NASTY
    next(one for one in kept["kept"]["lines"] if one["status"] == "graded")["cells"][0] |= {
        "status": "error",
        "mistakes": [NASTY],
    }
    path.write_text(json.dumps(kept), encoding="utf-8")
    with Course(course).gradebook() as book:
        book.update_or_create_student(line["student"], first_name=NASTY, last_name="=cmd()")
    content = pages.unit_page(analysis.of_unit(Course(course), UNIT))
    assert NASTY not in content
    page = open_page()
    page.set_content(content)
    assert page.title() != "owned" and page.locator("img").count() == 0


def test_a_name_from_right_to_left_does_not_turn_its_line(page_of_unit):
    assert "<bdi>محمد" in page_of_unit


# --- classes of every kind


def report_json(course, unit=UNIT):
    return course / "grading" / ".convbook" / "reports" / f"{unit}.json"


def rewrite(course, change):
    kept = json.loads(report_json(course).read_text("utf-8"))
    change(kept["kept"])
    report_json(course).write_text(json.dumps(kept), encoding="utf-8")


def page_by_command(course, tmp_path, *words):
    target = tmp_path / "page.html"
    code = main(["report", *words, "--html", str(target), "--course", str(course)])
    return code, target.read_text("utf-8") if target.exists() else ""


def test_an_empty_class_is_a_page(course, tmp_path):
    rewrite(course, lambda kept: kept.update(lines=[]))
    code, page = page_by_command(course, tmp_path, "1")
    assert code == 0 and "Nobody has handed in anything" in page


def test_one_student_is_a_page(course, tmp_path):
    rewrite(
        course,
        lambda kept: kept.update(lines=[one for one in kept["lines"] if one["status"] == "graded"][:1]),
    )
    code, page = page_by_command(course, tmp_path, "1")
    assert code == 0 and "The one student who handed in has" in page and "too few" in page


def test_a_unit_nobody_handed_in_is_a_page(course, tmp_path):
    absent = {
        "status": "absent",
        "reason": "nothing was handed in",
        "score": 0.0,
        "points": 0.0,
        "cells": [],
        "remarks": [],
    }
    rewrite(course, lambda kept: kept.update(lines=[one | absent for one in kept["lines"]]))
    with Course(course).gradebook() as book:
        for one in list(book.assignment_submissions(UNIT)):
            book.remove_submission(UNIT, one.student.id)
    code, page = page_by_command(course, tmp_path, "1")
    assert code == 0 and "Nobody has handed in anything" in page and "nothing was handed in" in page


def test_a_half_written_record_is_one_sentence_and_the_course_s_page_stands(course, tmp_path, capsys):
    text = report_json(course).read_text("utf-8")
    report_json(course).write_text(text[: len(text) // 2], encoding="utf-8")
    code, page = page_by_command(course, tmp_path, "1")
    said = capsys.readouterr().err
    assert (
        (code, page) == (2, "")
        and "is damaged" in said
        and f"convbook grade {UNIT}" in said
        and said.count("\n") == 1
    )
    code, page = page_by_command(course, tmp_path)
    assert code == 0 and "is damaged" in page


def test_a_record_without_what_is_read_of_it_is_one_sentence(course, tmp_path, capsys):
    rewrite(course, lambda kept: kept["lines"][0].update(cells=[{"check": True}]))
    assert page_by_command(course, tmp_path, "1") == (2, "")
    assert "writes it anew" in capsys.readouterr().err


def test_a_notebook_that_is_cut_off_costs_only_its_example(course, tmp_path):
    for path in (course / "grading" / "autograded").rglob("*.ipynb"):
        path.write_text(path.read_text("utf-8")[:200], encoding="utf-8")
    code, page = page_by_command(course, tmp_path, "1")
    assert code == 0 and "the kernel is flipped" in page and "No answer can be shown" in page


def test_a_unit_not_graded_yet_is_one_sentence(course, capsys):
    shutil.copytree(course / "solutions" / UNIT, course / "solutions" / "02_counting")
    (course / "solutions" / "02_counting" / f"{UNIT}.ipynb").rename(
        course / "solutions" / "02_counting" / "02_counting.ipynb"
    )
    assert main(["report", "2", "--html", "never.html", "--course", str(course)]) == 2
    said = capsys.readouterr().err
    assert "has not been graded yet" in said and said.count("\n") == 1


def test_a_gradebook_that_is_none_is_one_sentence(course, capsys):
    (course / "grading" / "gradebook.db").write_bytes(b"not a database" * 100)
    assert main(["report", "1", "--html", "never.html", "--course", str(course)]) == 2
    said = capsys.readouterr().err
    assert "the gradebook" in said and "cannot be used" in said and said.count("\n") == 1


def test_a_gradebook_of_another_course_is_a_page_by_the_run_s_own_points(course, tmp_path):
    (course / "grading" / "gradebook.db").unlink()
    code, page = page_by_command(course, tmp_path, UNIT)
    assert code == 0 and "students have" in page


def test_any_nbgrader_course_has_its_page_and_an_earlier_run_to_compare_with(tmp_path):
    """Through the whole grading, twice: plain asserts, no mistake has a name, one answer is mended."""
    course = make_course(tmp_path / "plain")
    wrong = "def square(x):\n    return 2 * x  # bob"
    for name, answers in (
        ("ada", {}),
        ("bob", {"square": wrong}),
        ("eve", {"square": wrong, "primes": "def primes(n):\n    return [2]"}),
    ):
        hand_in(
            course, Made(name, "honest", {"unit.ipynb": packed(solved(hand_out(course), **answers))}, None)
        )
    grade(course, PretendEngine())
    found = analysis.of_unit(Course(course), "unit")
    cause, part = found["causes"]
    assert (part["cause"], part["exercises"]) == ("only a part of it is right", {"test-partial": 1})
    assert (cause["cause"], cause["students"], cause["named_by_check"]) == ("three times three", 2, False)
    assert cause["example"] == "def square(x):\n    return 2 * x" and found["moved"]["compared"] == 0
    hand_in(course, Made("bob", "honest", {"unit.ipynb": packed(solved(hand_out(course)))}, None))
    grade(course, PretendEngine())
    grade(course, PretendEngine())  # nothing new: the comparison stays
    found = analysis.of_unit(Course(course), "unit")
    assert [one["student"] for one in found["moved"]["improved"]] == ["bob"]
    assert "three times three" in pages.unit_page(found)


def test_the_page_of_the_course_claims_nothing_about_what_it_does_not_show(made):
    course = analysis.of_course(Course(made))
    assert any("touched" in fault["sentence"] for unit in course["units"] for fault in unit["faults"])
    page = pages.course_page(course | {"faults": []})
    assert "Nothing is wrong with the runs." in page and "nothing was touched" not in page


def test_every_cause_to_re_teach_leads_to_what_to_say_about_it(page_of_unit, page_of_course):
    for page in (page_of_unit, page_of_course):
        led = re.findall(r'href="#(cause-\d+)"', page)
        assert led and all(f'id="{one}"' in page for one in led)


# --- the command


def test_json_holds_the_run_as_before_and_the_analysis(made, capsys):
    assert main(["report", "1", "--json", "--course", str(made)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"lines", "assignment", "analysis"} <= told.keys() and told["analysis"]["causes"][0][
        "students"
    ] > 2


def test_csv_has_a_line_for_every_student_and_no_formula(course, tmp_path, capsys):
    with Course(course).gradebook() as book:
        book.update_or_create_student("s4000", first_name="=HYPERLINK(1)", last_name="Li")
    assert main(["report", "1", "--csv", str(tmp_path / "unit.csv"), "--course", str(course)]) == 0
    students = (tmp_path / "unit.csv").read_text("utf-8-sig")
    assert students.count("s4") >= 40 and "'=HYPERLINK(1) Li" in students
    assert "the kernel is flipped" in (tmp_path / "unit-causes.csv").read_text("utf-8-sig")
    assert "difficulty" in (tmp_path / "unit-exercises.csv").read_text("utf-8-sig")


def test_csv_says_of_everyone_in_both_runs_what_they_had_before(made, unit, tmp_path):
    assert main(["report", "1", "--csv", str(tmp_path / "unit.csv"), "--course", str(made)]) == 0
    rows = csv.DictReader(io.StringIO((tmp_path / "unit.csv").read_text("utf-8-sig")))
    told = sum(row["points before in %"] != "" for row in rows)
    moved = len(unit["moved"]["improved"]) + len(unit["moved"]["fell"])
    assert told == unit["moved"]["compared"] > moved > 0


def test_without_a_unit_the_terminal_shows_the_course(made, capsys):
    assert main(["report", "--course", str(made)]) == 0
    said = capsys.readouterr().out
    assert UNIT in said and "Who needs a person:" in said and "--html" in said
    assert "in the one unit handed in" in said and "1 units" not in said


def test_in_the_terminal_a_student_without_a_name_has_the_id_once():
    needs = [{"student": "ben", "name": "ben", "why": "…"}, {"student": "s1", "name": "Ada Li", "why": "…"}]
    said = text.course({"units": [], "needs": needs, "faults": []})
    assert "  ben: …" in said and "  Ada Li (s1): …" in said


def test_the_text_of_a_unit_is_the_grader_s(made, capsys):
    assert main(["report", "1", "--course", str(made)]) == 0
    assert capsys.readouterr().out.startswith(f"{UNIT}: ")
