"""What a learner's checks say is kept beside their notebooks, and the progress tells it: mistakes, guesses, drills, next step."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

import tiny
from browser import violations
from convbook.__main__ import main
from convbook.authoring.progress import page
from convbook.authoring.progress.kept import all_kept
from convbook.authoring.work import MANIFEST, bring_up_to_date
from convbook.checks.engine import diary
from convbook.forms import CheckFailed, Exercise, NotAttempted, Verdict
from convbook.records import COPY

FLIPPED = "the kernel is flipped"
RIGHT = Verdict("twice", "right", "✓ twice: right")
WRONG = Verdict("twice", "wrong", "✗ twice: the kernel is flipped", (FLIPPED,))
SAYS_RIGHT = {"output_type": "stream", "name": "stdout", "text": ["✓ twice: right\n"]}


@pytest.fixture
def work(released, monkeypatch) -> Path:
    """Return a learner's folder; the working folder is its first unit, and somebody works there."""
    place = released.folder / "work"
    bring_up_to_date(released, place)
    monkeypatch.chdir(place / tiny.UNIT)
    monkeypatch.setattr(diary, "somebody_is_there", lambda: True)
    return place


def run(*verdicts: Verdict) -> None:
    """Call the check once for each verdict, as a cell does."""
    for verdict in verdicts:
        exercise = Exercise("twice", "Twice", 3, (), lambda answer, v=verdict: v, diary.keep)
        if verdict.right:
            exercise(None)
        else:
            with pytest.raises(CheckFailed):
                exercise(None)


def kept(work: Path) -> dict:
    return json.loads((work / "progress.json").read_text("utf-8"))[tiny.UNIT]["twice"]


def said(course, capsys, *words: str) -> str:
    assert main(["progress", *words, "--course", str(course.folder)]) == 0
    return capsys.readouterr().out


def test_a_mistake_is_met_then_mended_and_met_again(work):
    run(WRONG, WRONG)
    assert kept(work)["tries"] == 2 and kept(work)["state"] == "wrong"
    assert kept(work)["mistakes"][FLIPPED]["met"] == 2 and kept(work)["mistakes"][FLIPPED]["mended"] is None
    run(RIGHT)
    assert (
        kept(work)["state"] == "right"
        and kept(work)["mistakes"][FLIPPED]["mended"] >= kept(work)["mistakes"][FLIPPED]["first"]
    )
    run(WRONG)
    assert kept(work)["mistakes"][FLIPPED]["met"] == 3 and kept(work)["mistakes"][FLIPPED]["mended"] is None


def test_an_untouched_stub_is_no_try(work):
    with pytest.raises(NotAttempted):
        Exercise("twice", "", 3, (), lambda a: Verdict("twice", "not attempted", "•"), diary.keep)(None)
    assert not (work / "progress.json").exists()


def test_parts_of_an_answer_are_a_try_too(work):
    partly = Verdict("twice", "wrong", "half of it", (FLIPPED,), share=0.5)
    assert Exercise("twice", "", 3, (), lambda a: partly, diary.keep).credit(None) == 1.5
    assert kept(work)["tries"] == 1 and FLIPPED in kept(work)["mistakes"]


def test_nothing_is_kept_without_a_person_or_outside_a_learners_copy(work, monkeypatch, tmp_path):
    (work / MANIFEST).unlink()
    run(WRONG)
    (work / MANIFEST).write_text("{}")
    monkeypatch.undo()
    monkeypatch.chdir(work / tiny.UNIT)
    run(WRONG)  # no kernel runs this test
    assert not list(tmp_path.rglob("progress.json"))
    assert COPY == MANIFEST


def test_an_exercise_as_units_declare_it_keeps_what_its_check_says():
    from convbook.checks import unit

    assert all(exercise.told is diary.keep for exercise in unit("00_start_here").exercises)


def test_a_check_says_what_it_says_where_nothing_can_be_kept(work, monkeypatch, capsys):
    def fails(*args):
        raise RuntimeError("no disk")

    monkeypatch.setattr(diary.PROGRESS.__class__, "change", fails)
    run(WRONG, RIGHT)
    assert capsys.readouterr().out == "✓ twice: right\n"


def test_a_damaged_file_is_put_aside_in_one_sentence_after_the_checks_own_line(work, capsys):
    (work / "progress.json").write_text('{"01_counting": {"tw')
    run(RIGHT)
    first, second, *more = capsys.readouterr().out.splitlines()
    assert first == "✓ twice: right" and "is kept as progress-damaged.json" in second and not more
    assert kept(work)["tries"] == 1


@pytest.mark.parametrize(
    "edited", [3, [], {"tries": "many", "mistakes": {FLIPPED: 3}}, {"mistakes": "none"}], ids=str
)
def test_a_file_that_a_hand_has_edited_is_read_as_far_as_it_goes(work, released, edited, capsys):
    (work / "progress.json").write_text(
        json.dumps({tiny.UNIT: {"twice": edited}, "umlaut_ü": {"größe": {"mistakes": {"zu groß": {}}}}})
    )
    assert "Next: " in said(released, capsys)
    assert "zu groß" in page()._repr_html_()
    run(WRONG, RIGHT)
    assert kept(work)["tries"] == 2 and kept(work)["mistakes"][FLIPPED]["mended"]


def test_two_notebooks_at_once_lose_nothing(work):
    both = [
        threading.Thread(target=lambda: [diary.keep("twice", WRONG) for _ in range(10)]) for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert kept(work)["tries"] == 20


def test_a_check_counts_before_the_notebook_is_saved_and_the_notebook_after(work, released, capsys):
    notebook = work / tiny.UNIT / f"{tiny.UNIT}.ipynb"
    os.utime(notebook, (1, 1))
    run(RIGHT)
    assert "01 Counting    3/7     ✓··" in said(released, capsys)
    os.utime(notebook)  # saved again, without an output: the learner has begun again
    assert "01 Counting    0/7     ···" in said(released, capsys)


def test_mistakes_are_told_the_open_ones_first(work, released, capsys):
    run(Verdict("twice", "wrong", "✗", ("it is the sum",)), RIGHT, WRONG)
    lines = said(released, capsys).splitlines()
    at = lines.index("Mistakes: 2 met, 1 mended.")
    assert lines[at + 1 : at + 3] == [f"  open    1.1 twice: {FLIPPED}", "  mended  1.1 twice: it is the sum"]
    assert f"open    1.1 twice: {FLIPPED}" in said(released, capsys, "1")


def test_predictions_and_drills_are_told_with_what_is_due(work, released, capsys):
    guesses = {"How many?": {"guess": 27, "truth": 28, "surprised": True}, "Why?": {"guess": "a", "truth": "a", "surprised": False},
               "Later?": {"guess": 3}}  # fmt: skip
    (work / "guesses.json").write_text(json.dumps({tiny.UNIT: guesses}))
    drills = {"questions": {"asked": 9}, "again": {"asked": 2, "row": 0, "due": 12}, "known": {"asked": 1, "row": 1, "due": 30},
              "over": {"asked": 1, "row": 1, "due": 9}}  # fmt: skip
    (work / "drills.json").write_text(json.dumps(drills))
    text = said(released, capsys)
    assert "Predictions: 2 with an answer, 1 surprised you.\n  01  How many? You: 27. The answer: 28." in text
    assert "Drills: 9 answered, 2 kinds are due: `convbook drill`." in text


def test_the_next_step_is_the_first_open_exercise_with_its_minutes(work, released, capsys):
    assert (
        said(released, capsys).splitlines()[-1]
        == f"Next: Begin with exercise 1.1, Twice: {tiny.UNIT}/{tiny.UNIT}.ipynb, about 4 minutes."
    )
    os.utime(work / tiny.UNIT / f"{tiny.UNIT}.ipynb", (1, 1))
    run(RIGHT)
    assert said(released, capsys).splitlines()[-1].startswith("Next: Go on with exercise 1.2, Two at once: ")


def test_a_notebook_that_cannot_be_read_hides_no_other(work, released, capsys):
    other = work / "02_größe"
    for folder in (other, work / "02_bad"):
        folder.mkdir()
        (folder / f"{folder.name}.ipynb").write_text('{"nbformat": 4, "cells": ["no cell"]}')
    assert main(["progress", "--course", str(released.folder)]) == 2
    told = capsys.readouterr()
    assert "01 Counting" in told.out and told.err.count("\n") == 1
    assert "02_bad.ipynb is not a whole notebook" in told.err and "Traceback" not in told.err
    assert "02_bad.ipynb is not a whole notebook" in page()._repr_html_()


def test_units_that_came_later_are_announced(work, released, capsys):
    later = released.release / "02_later"
    later.mkdir()
    (later / "02_later.ipynb").write_text("{}")
    assert (
        said(released, capsys).splitlines()[-1]
        == "1 unit of the course is not in your copy yet: `convbook lab` adds what is new."
    )


def test_a_folder_and_answers_with_umlauts_are_read(released, tmp_path, capsys):
    place = tmp_path / "Übungen für Jörg"
    bring_up_to_date(released, place)
    guess = {"Wie groß?": {"guess": "größer", "truth": "gleich groß", "surprised": True}}
    (place / "guesses.json").write_text(json.dumps({tiny.UNIT: guess}, ensure_ascii=False), encoding="utf-8")
    assert "01  Wie groß? You: größer. The answer: gleich groß." in said(
        released, capsys, "--work", str(place)
    )


def test_the_page_says_in_a_notebook_what_the_command_says(work, released, capsys):
    os.utime(work / tiny.UNIT / f"{tiny.UNIT}.ipynb", (1, 1))
    run(WRONG, RIGHT)
    shown, text = page()._repr_html_(), repr(page())
    capsys.readouterr()
    assert text == said(released, capsys).rstrip("\n")
    for words in (
        "3 of 7 points",
        "1 of 3 checks are green",
        f'<a href="../{tiny.UNIT}/{tiny.UNIT}.ipynb">',
        "✓ mended",
        FLIPPED,
    ):
        assert words in shown


def test_the_page_shows_a_fresh_download_where_to_begin(released, monkeypatch):
    monkeypatch.chdir(released.release / tiny.UNIT)
    shown = page()._repr_html_()
    assert "0 of 7 points" in shown and "Begin with exercise 1.1" in shown and "not in a copy" in shown


def test_the_page_alone_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "convbook lab" in repr(page()) and "<table>" not in page()._repr_html_()


@pytest.mark.parametrize(
    ("dark", "ground", "ink", "link"), [(False, "white", "black", "#00e"), (True, "#111", "#eee", "#8ab4f8")]
)
def test_the_page_reads_on_a_light_and_a_dark_ground_and_for_a_screen_reader(
    work, open_page, dark, ground, ink, link
):
    os.utime(work / tiny.UNIT / f"{tiny.UNIT}.ipynb", (1, 1))
    run(WRONG)
    (work / "guesses.json").write_text(
        json.dumps({tiny.UNIT: {"How many?": {"guess": 2, "truth": 3, "surprised": True}}})
    )
    shown = open_page(dark=dark, width=500)
    style = f"<style>body {{ background: {ground}; color: {ink} }} a {{ color: {link} }}</style>"
    shown.set_content(
        f'<html lang="en"><title>x</title>{style}<main class="convbook">{page()._repr_html_()}</main></html>'
    )
    shown.locator("summary").last.click()
    assert shown.get_by_role("img", name="1 not yet, 2 never run").is_visible()
    assert shown.get_by_text("How many?").is_visible() and shown.get_by_text("✗ open").is_visible()
    assert shown.evaluate("document.documentElement.scrollWidth") <= 500
    assert violations(shown) == []


def test_a_real_notebook_keeps_the_mistake_of_a_real_check(work):
    from jupyter_client.manager import start_new_kernel

    folder = work / "00_start_here"
    folder.mkdir()
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder))
    try:
        for code in (
            "from convbook.checks import start_here as check\ncheck.brightness(lambda image: image.sum())",
            "check.brightness(lambda image: image.mean())",
        ):
            client.execute_interactive(code, timeout=60, output_hook=lambda message: None)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    (met,) = all_kept(work).mistakes
    assert met.name == "it is the sum, not the mean" and met.mended
