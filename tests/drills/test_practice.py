"""Practice in a terminal: what went wrong comes back, nothing that was answered is lost, leaving is easy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from convbook import drills
from convbook.drills.papers import chosen
from convbook.drills.practice import CLOCK, PAUSES, RECORDS, Practice
from convbook.drills.session import Session

TWO = chosen(
    drills.KINDS, kinds=["stack_field", "resnet_depth", "frozen_body", "units_kept", "stride_that_fits"]
)


def practice(place=None, **options):
    return Practice(TWO, "Ada", 1, place, **options)


def test_what_went_wrong_comes_again_after_three_questions_and_what_was_right_later(tmp_path):
    one, order = practice(tmp_path), []
    for number in range(9):
        drill = one.next()
        order.append(drill.kind.name)
        one.heard(drill, right=number != 0)
    wrong = order[0]
    assert wrong not in order[1:3] and order.index(wrong, 1) == PAUSES[0] + 1, order
    assert set(order[:4] + order[5:6]) == {kind.name for kind in TWO}, (
        "every kind comes before one comes again that was right"
    )


def test_a_kind_that_comes_again_has_other_numbers_also_in_the_next_session(tmp_path):
    first = practice(tmp_path)
    drill = first.next()
    first.heard(drill, right=False)
    for name in ("stack_field", "resnet_depth", "frozen_body", "units_kept", "stride_that_fits"):
        assert practice(tmp_path).another(drills.KINDS[name]).kind.name == name
    assert practice(tmp_path).another(drill.kind).facts != drill.facts


def test_no_question_is_asked_twice_in_one_practice_while_its_kind_has_others():
    practice = Practice([drills.KINDS["bottleneck_weights"]], "Sam", 4)
    texts = [practice.next().text for _ in range(9)]
    assert len(set(texts)) == 9
    stays = Practice([drills.KINDS["same_padding"]], "Sam", 4)  # it has six questions
    assert len({stays.next().text for _ in range(8)}) >= 5


def test_records_are_readable_and_two_sessions_at_once_lose_nothing(tmp_path):
    code = (
        "import sys; from pathlib import Path; from convbook import drills\n"
        "from convbook.drills.practice import Practice\n"
        "kind = drills.KINDS['stack_field']; p = Practice([kind], place=Path(sys.argv[1]))\n"
        "for _ in range(40): p.heard(p.another(kind), True)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    assert [one.wait() for one in running] == [0, 0]
    kept = json.loads((tmp_path / RECORDS.file).read_text("utf-8"))
    assert kept["stack_field"]["asked"] == kept["stack_field"]["right"] == kept[CLOCK]["asked"] == 80
    assert [path.name for path in tmp_path.iterdir()] == [RECORDS.file], "no lock and no half file stays"


@pytest.mark.parametrize("text", ["{", "[1]", '{"stack_field": 7}', "\udcff"])
def test_a_damaged_file_is_put_aside_and_told_once(tmp_path, capsys, text):
    (tmp_path / RECORDS.file).write_bytes(text.encode("utf-8", "surrogateescape"))
    one = practice(tmp_path)
    one.heard(one.next(), right=True)
    assert capsys.readouterr().out.count("is damaged: it is kept as drills-damaged.json") == 1
    assert (tmp_path / "drills-damaged.json").exists() and json.loads(
        (tmp_path / RECORDS.file).read_text("utf-8")
    )


def test_records_with_nonsense_in_them_are_read_as_nothing(tmp_path):
    (tmp_path / RECORDS.file).write_text(
        '{"stack_field": {"asked": "many", "due": -3, "row": true}}', "utf-8"
    )
    assert practice(tmp_path).next().kind in TWO


def test_a_folder_that_cannot_be_written_disturbs_nobody(tmp_path):
    one = practice(tmp_path / "gone")
    assert one.heard(one.next(), right=True) is False and one.kept[CLOCK]["asked"] == 1


def session(*typed, count=2, place=None):
    """Run a session in which these lines are typed; a class of exception is raised in its turn."""
    lines = iter(typed)

    def read(prompt):
        line = next(lines, EOFError)
        if isinstance(line, type):
            raise line
        return line

    one = Session(Practice(chosen(drills.KINDS, kinds="stack_field"), "Ada", 1, place), count, read)
    return one, one.run()


def answers(many=2):
    one = Practice(chosen(drills.KINDS, kinds="stack_field"), "Ada", 1)
    return [str(one.next().answer) for _ in range(many)]


def test_right_answers_are_counted(capsys):
    assert session(*answers())[1] == 0
    said = capsys.readouterr().out
    assert said.count("✓ right") == 2 and "2 of 2 right at the first try." in said and "\033[" not in said


def test_a_wrong_answer_is_explained_and_may_be_tried_again(capsys, tmp_path):
    first, _ = answers()
    session("1", first, "q", place=tmp_path)
    said = capsys.readouterr().out
    assert "✗ 1 is not right" in said and "✓ right" in said
    assert "0 of 1 right at the first try." in said and "These come back soon: What a stack sees." in said


def test_what_cannot_be_read_is_asked_again_and_counts_as_nothing(capsys):
    first, second = answers()
    session("no idea", "", first, second)
    said = capsys.readouterr().out
    assert "There is no number in that" in said and "Nothing is typed" in said and "2 of 2 right" in said


def test_the_way_is_shown_for_a_question_mark_and_after_two_wrong_answers(capsys):
    session("?", "0", "0")
    said = capsys.readouterr().out
    assert said.count("The answer is ") == 2 and said.count("1 + ") >= 2 and "0 of 2 right" in said


@pytest.mark.parametrize("end", ["q", "Q", " quit ", EOFError, KeyboardInterrupt])
def test_a_session_ends_at_any_time_with_a_summary(capsys, end):
    first, _ = answers()
    assert session(first, end)[1] == 0
    assert "1 of 1 right at the first try." in capsys.readouterr().out
    assert session(end)[1] == 0
    assert "Nothing was answered." in capsys.readouterr().out
    assert session("0", end)[1] == 0, "also when it is asked again"
    assert "0 of 1 right" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("terminal", "no_colour", "coloured"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_colours_only_in_a_terminal_that_wants_them(monkeypatch, capsys, terminal, no_colour, coloured):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    monkeypatch.setenv("NO_COLOR", no_colour)
    monkeypatch.setenv("TERM", "xterm")
    session("0", "0")
    assert ("\033[" in capsys.readouterr().out) == coloured
