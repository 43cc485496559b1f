"""What Canvas and Moodle get is what nbgrader counts, for everyone, and nobody is dropped or guessed."""

from __future__ import annotations

import csv
import io
import re
import shlex

import pytest

import made_class
from convbook.__main__ import main
from convbook.grading.course import Course
from convbook.nbgrader_course import CourseError
from convbook.reports import export, gradebook, roster, tables
from convbook.reports.gradebook import Person, Total, Unit
from convbook.reports.matching import match

UNIT = made_class.UNIT
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,01 Convolution (4711),Essay (12),Current Score
    Points Possible,,,,,40,10,(read only)
"Müller, Ada",101,u1,ada,A,,9,80
"O'Brien, Zoë",102,u2,zoe,B,,8,70
"علي, محمد",103,u3,moh,B,,7,60
"Student, Test",999,,,A,,,
"""
MOODLE = """\
Vorname;Nachname;ID-Nummer;E-Mail-Adresse;Aufgabe: Convolution (Punkte);Zuletzt von diesem Kurs geladen
Ada;Müller;ada;Ada@uni.example;-;1
Zoë;O'Brien;77;zoe@uni.example;-;1
"""
WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade)
Participant 5,Ada Müller,ada@uni.example,Submitted,,40,-
Participant 6,Someone Else,else@uni.example,No submission,,40,-
"""
PEOPLE = {
    one.id: one
    for one in (
        Person("ada", "Ada", "Müller", "ada@uni.example"),
        Person("moh", "محمد", "علي", "m@uni.example"),
        Person("zo", "Zoë", "O'Brien", "zoe@uni.example"),
    )
}
ONE = {
    UNIT: Unit(
        UNIT, 40.0, {"ada": Total({"a": 30.0}, 4.5), "moh": Total({"a": 12.25}), "zo": Total({"a": 2.0}, 5.0)}
    )
}


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix(tables.EXCEL))))


def to(
    system: str, content: str | None, people=PEOPLE, units=ONE, blank=False
) -> tuple[list[list[str]], export.Exported]:
    found = export.export(system, people, units, roster.parse(content) if content else None, blank)
    return rows_of(tables.text(found.rows)), found


def test_canvas_gets_its_own_ids_its_own_column_and_the_points_possible():
    rows, found = to("canvas", CANVAS)
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01 Convolution (4711)"],
        ["    Points Possible", "", "", "", "", "40"],
        ["Müller, Ada", "101", "u1", "ada", "A", "25.5"],
        ["O'Brien, Zoë", "102", "u2", "zoe", "B", "0"],
        ["علي, محمد", "103", "u3", "moh", "B", "12.25"],
    ]
    assert not found.missing and not found.unknown


def test_without_a_list_canvas_gets_the_number_it_gave_and_the_login():
    rows, _ = to("canvas", None, {"ada": Person("ada", "Ada", "Müller", "", "101")})
    assert rows[0] == [*export.CANVAS_COLUMNS, UNIT]
    assert rows[1][0].strip() == "Points Possible" and rows[1][-1] == "40"
    assert rows[2] == ["Müller, Ada", "101", "", "ada", "", "25.5"]


def test_moodle_gets_its_list_s_own_columns_in_its_own_language():
    people = {name: PEOPLE[name] for name in ("ada", "zo")}
    rows, found = to("moodle", MOODLE, people)
    assert rows == [
        ["Vorname", "Nachname", "ID-Nummer", "E-Mail-Adresse", "Aufgabe: Convolution (Punkte)"],
        ["Ada", "Müller", "ada", "Ada@uni.example", "25.5"],
        ["Zoë", "O'Brien", "77", "zoe@uni.example", "0"],
    ]
    assert not found.missing


def test_moodle_s_grading_worksheet_comes_back_whole_with_its_grades():
    rows, found = to("moodle", WORKSHEET, {"ada": PEOPLE["ada"]})
    assert rows[1] == ["Participant 5", "Ada Müller", "ada@uni.example", "Submitted", "25.5", "40", "'-"]
    assert rows[2][4] == "" and [one.name for one in found.unknown] == ["Someone Else"]
    with pytest.raises(CourseError, match="one assignment"):
        to("moodle", WORKSHEET, units=ONE | {"02_counting": Unit("02_counting", 5.0)})


def test_who_is_not_in_the_list_is_named_with_the_nearest_and_keeps_the_grade():
    people = {"grace": Person("grace", "Grace", "Hopper", "g@x.org"), "ad2": Person("ad2", "Ade", "Muller")}
    units = {UNIT: Unit(UNIT, 40.0, {"grace": Total({"a": 33.0})})}
    _, found = to("canvas", CANVAS, people, units)
    assert set(found.missing) == {"grace", "ad2"} and "nearest: Ada Müller" in found.missing["ad2"]
    beside = rows_of(tables.text(export.missing_rows(found, people, units)))
    assert beside[1][:4] == ["grace", "Grace Hopper", "g@x.org", "33"]
    assert [row[1] for row in beside[3:]] == ["Ada Müller", "Zoë O'Brien", "محمد علي"]


def test_a_line_nobody_belongs_to_gets_no_zero():
    rows, found = to("canvas", CANVAS, {"ada": PEOPLE["ada"]})
    assert [row[-1] for row in rows[2:]] == ["25.5", "", ""] and len(found.unknown) == 2


def test_nothing_handed_in_is_0_as_in_nbgrader_or_empty_if_asked():
    units = {UNIT: Unit(UNIT, 40.0, {"ada": Total({"a": 30.0})})}
    zero, _ = to("csv", None, units=units)
    blank, _ = to("csv", None, units=units, blank=True)
    assert [row[4] for row in zero[1:]] == ["30", "0", "0"] and [row[4] for row in blank[1:]] == [
        "30",
        "",
        "",
    ]


def test_no_cell_of_a_file_is_a_formula():
    evil = Person("=cmd|' /C calc'!A0", "=1+1", "@SUM(A1)", "+x(1)")
    rows, _ = to("csv", None, {evil.id: evil}, {UNIT: Unit(UNIT, 40.0, {})})
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


# --- who is who


@pytest.mark.parametrize(
    ("person", "line"),
    [
        (Person("x", lms_id="101"), "ID,Student\n"),
        (Person("ADA"), "Username,Name\nada,Someone\n"),
        (Person("77"), "ID number,Name\n77,Someone\n"),
        (Person("x", email="Ada@Uni.Example"), "Email address,Name\nada@uni.example,Someone\n"),
        (Person("ada"), "Email address,Name\nada@uni.example,Someone\n"),
        (Person("x", "Jürgen", "Weiß"), "Name,Username\nWeiss Juergen,q\n"),
        (Person("x", "Łukasz", "Öztürk"), "First name,Last name\nLUKASZ,Ozturk\n"),
        (Person("x", "محمد", "علي"), "Name,Username\nمحمد علي,q\n"),
        (Person("x", "Ada", "Smith, Jr."), 'First name,Last name\nAda,"Smith, Jr."\n'),
    ],
)
def test_a_person_is_found_by_id_login_address_or_name(person, line):
    line = "Student,ID,SIS Login ID,Section\nSomeone,101,q,A\n" if line.startswith("ID,Student") else line
    found = match([person], roster.parse(line).entries)
    assert list(found.found) == [person.id] and not found.missing and not found.left


def test_two_of_one_name_are_not_guessed():
    entries = roster.parse("Name,Username\nAda Li,q\nAda Li,r\n").entries
    found = match([Person("x", "Ada", "Li")], entries)
    assert not found.found and "2 of the list are called Ada Li" in found.missing["x"]


def test_an_id_goes_before_a_name():
    entries = roster.parse("Name,Username\nBob Li,ada\nAda Li,q\n").entries
    found = match([Person("ada", "Ada", "Li")], entries)
    assert found.found["ada"].get("login") == "ada"


# --- lists of every kind


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04...", "Excel"),
        (b"\x00\x01\x02", "no text"),
        (b"<html><body>Log in</body></html>", "no class list"),
        (b'{"half": ', "no class list"),
        (b"colour,shape\nred,round\n", "no class list"),
    ],
)
def test_a_file_that_is_no_class_list_is_one_sentence(made, tmp_path, capsys, content, words):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    assert main(["export", "--to", "canvas", "--roster", str(path), "--course", str(made)]) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_may_come_in_any_usual_encoding(tmp_path, encoding):
    (tmp_path / "list.csv").write_bytes(MOODLE.encode(encoding))
    found = roster.read(tmp_path / "list.csv")
    assert found.kind == roster.MOODLE and found.entries[0].name == "Ada Müller"


def test_a_list_of_another_system_is_refused():
    with pytest.raises(CourseError, match="comes from moodle"):
        to("canvas", MOODLE)


# --- with a real gradebook


def test_points_are_those_of_nbgrader_export_late_penalties_too(made, tmp_path, monkeypatch):
    from nbgrader.plugins import CsvExportPlugin

    with Course(made).gradebook() as book:
        plugin = CsvExportPlugin()
        plugin.to = str(tmp_path / "theirs.csv")
        for name in ("student", "assignment"):
            monkeypatch.setattr(plugin, name, [], raising=False)
        names = {one.id: (one.first_name, one.last_name) for one in book.students}
        for one in book.students:
            one.first_name = one.last_name = "x"  # nbgrader's own export does not quote a comma in a name
        with book.db.no_autoflush:
            plugin.export(book)
        book.db.rollback()
        assert names
    with open(tmp_path / "theirs.csv", encoding="utf-8") as file:
        theirs = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    out = tmp_path / "ours.csv"
    assert main(["export", "1", "--to", "csv", "--out", str(out), "--course", str(made)]) == 0
    ours = {row[0]: float(row[4]) for row in rows_of(out.read_text("utf-8"))[1:]}
    assert ours == pytest.approx(theirs) and len(ours) == 40
    late = [t for t in gradebook.units(Course(made))[UNIT].totals.values() if t.penalty]
    assert late and all(t.score == max(0, t.raw - t.penalty) for t in late)


def test_a_list_is_entered_and_used_by_the_next_export(course, tmp_path, capsys):
    people = gradebook.persons(Course(course))
    known = sorted(people)[:39]
    lines = [
        f'"{people[name].last}, {people[name].first}",{n},,{name},A' for n, name in enumerate(known, 100)
    ]
    lines = [line.replace('the "Great"', 'the ""Great""') for line in lines]
    path = tmp_path / "canvas.csv"
    path.write_text(
        "\n".join(["Student,ID,SIS User ID,SIS Login ID,Section", *lines, '"New, Nora",7,,nora,A']),
        encoding="utf-8",
    )
    assert main(["roster", str(path), "--check", "--course", str(course)]) == 1
    assert "1 student would be added" in capsys.readouterr().out and "nora" not in gradebook.persons(
        Course(course)
    )
    assert main(["roster", str(path), "--course", str(course)]) == 1
    said = capsys.readouterr()
    assert "1 student added, 39 renewed" in said.out and sorted(people)[39] in said.err
    assert gradebook.persons(Course(course))["nora"] == Person("nora", "Nora", "New", "", "7")
    out = tmp_path / "grades.csv"
    assert main(["export", "1", "--to", "canvas", "--out", str(out), "--course", str(course)]) == 1
    said = capsys.readouterr().err
    assert "1 student of the gradebook is not in the class list" in said
    with Course(course).gradebook() as book:
        book.update_or_create_student("zz9")  # entered by hand, has handed in nothing
    assert main(["export", "1", "--to", "canvas", "--out", str(out), "--course", str(course)]) == 1
    said = capsys.readouterr().err
    assert "zz9 (has no grades here):" in said and said.count("(has no grades here)") == 1
    rows = rows_of(out.read_text("utf-8"))
    assert len(rows) == 42 and rows[2][1] == "100" and rows[-1][:2] == ["New, Nora", "7"]
    beside = rows_of((tmp_path / "grades-unmatched.csv").read_text("utf-8"))[1:]
    assert [row[0] for row in beside] == [sorted(people)[39], "zz9"] and beside[1][3] == ""


def test_a_new_student_s_id_must_be_able_to_be_a_folder(course, tmp_path, capsys):
    (tmp_path / "list.csv").write_text("Name,Username\nEve Li,../eve\n", encoding="utf-8")
    assert main(["roster", str(tmp_path / "list.csv"), "--course", str(course)]) == 2
    assert "--id COLUMN" in capsys.readouterr().err


def test_a_unit_nobody_handed_in_is_one_sentence(course, tmp_path, capsys):
    made_class.write_gradebook(course, "02_counting", [], [], [("check-conv_params", 3.0)])
    assert main(["export", "2", "--to", "csv", "--course", str(course)]) == 2
    assert "no hand-in of 02_counting" in capsys.readouterr().err
    assert main(["export", "--to", "csv", "--out", str(tmp_path / "all.csv"), "--course", str(course)]) == 0
    said = capsys.readouterr().err
    assert "left out" in said and "02_counting" in said
    assert "02_counting" not in (tmp_path / "all.csv").read_text("utf-8")


def test_every_command_of_the_page_for_instructors_works(course, repository, monkeypatch):
    """Run the commands of docs/reports.md in order, with class lists as Canvas and Moodle export them."""
    people = gradebook.persons(Course(course)).values()
    canvas = [[f"{one.last}, {one.first}", n, "", one.id, "A"] for n, one in enumerate(people)]
    moodle = [[one.first, one.last, one.id, one.email] for one in people]
    (course / "canvas.csv").write_text(tables.text([export.CANVAS_COLUMNS, *canvas]), encoding="utf-8")
    (course / "moodle.csv").write_text(tables.text([export.MOODLE_COLUMNS, *moodle]), encoding="utf-8")
    page = (repository / "docs" / "reports.md").read_text(encoding="utf-8")
    commands = [re.split(r"\s{2,}", line)[0] for line in re.findall(r"^    (\S.*)$", page, re.MULTILINE)]
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.chdir(course)
    for command in commands:
        if command.startswith("convbook "):
            assert main(shlex.split(command)[1:]) == 0, command
        else:
            assert (repository / command.removeprefix("python ")).is_file(), command
    assert len(commands) == 8 and opened[0].endswith(f"report-{UNIT}.html")
    made = ("course.html", f"report-{UNIT}.html", f"grades-canvas-{UNIT}.csv", f"grades-moodle-{UNIT}.csv")
    assert all((course / name).stat().st_size > 1000 for name in made)
