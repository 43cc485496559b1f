"""Predict: what Python decides and keeps, and what a person does, sees and hears in the browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from browser import violations
from convbook.authoring.work import MANIFEST
from convbook.widgets import Predict, predict, predict_guesses
from convbook.widgets.predict_rule import Question
from convbook.widgets.predict_view import PredictView

CASES = json.loads((Path(__file__).parent / "predict_cases.json").read_text("utf-8"))
VIEW = "application/vnd.jupyter.widget-view+json"
NOTHING = {
    "choices": [], "table": [], "x": [], "curves": [""], "between": (0.0, 1.0), "labels": ("", ""),
    "unit": "", "within": 0.0, "factor": 1.0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch, tmp_path):
    """Start with no question asked, in a folder where nothing is kept."""
    monkeypatch.setattr(predict, "_asked", {})
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def work(monkeypatch, tmp_path):
    """Return a learner's folder; the notebook lies in a unit of it."""
    (tmp_path / MANIFEST).write_text("{}")
    (tmp_path / "01_convolution").mkdir()
    monkeypatch.chdir(tmp_path / "01_convolution")
    return tmp_path


def guessed(question: Predict, guess) -> Predict:
    """Let the browser send a guess."""
    question._live().guess = guess
    return question


# --- what Python decides


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_a_guess_is_judged_and_said_as_in_the_browser(case):
    about = {name: case.get(name, value) for name, value in NOTHING.items()}
    question = Question("?", case["kind"], **about)
    assert question.right(case["guess"], case["truth"]) == case["right"]
    if "said" in case:
        assert question.said(case["guess"]) == case["said"]


def test_nothing_says_the_answer_before_its_cell_has_run():
    question = Predict("How many places?", unit="places")
    shown = json.dumps(
        [repr(question), question._repr_mimebundle_()[0], question._live().state()], default=str
    )
    assert "28" not in shown and question._live().truth is None
    question.truth(28)
    assert "The answer: 28 places." in repr(question)


def test_the_static_text_folds_the_answer_away():
    question = Predict("Which <b>?", choices=["red", "blue"])
    assert "details" not in question._repr_mimebundle_()[0]["text/html"]
    html = question.truth("red", why="It is.")._repr_mimebundle_()[0]["text/html"]
    assert "Which &lt;b&gt;?" in html
    assert "<details><summary>The answer</summary><p>red. It is.</p></details>" in html


def test_an_answer_that_could_not_be_computed_leaves_the_question_open():
    question = Predict("How many times faster?")
    question.truth(float("nan"))
    question.truth(None)
    assert question.answer is None and question._live().truth is None


@pytest.mark.parametrize(
    ("arguments", "truth", "words"),
    [
        ({"choices": ["red", "blue"]}, "green", "one of its choices"),
        ({"place": np.zeros((2, 3))}, (2, 0), r"\(row, column\) in a table of 2 rows"),
        ({"sketch": [1, 2]}, [1, 2, 3], "1 × 2 numbers"),
        ({}, "many", "a finite number"),
        ({}, float("inf"), "a finite number"),
    ],
)
def test_a_truth_of_the_wrong_kind_gives_one_clear_sentence(arguments, truth, words):
    with pytest.raises(ValueError, match=words):
        Predict("What?", **arguments).truth(truth)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"choices": ["one"]}, "two or more different texts"),
        ({"choices": ["a", "b"], "place": [[1]]}, "ask two questions"),
        ({"place": [1, 2]}, r"shape \(2,\)"),
        ({"sketch": [1], "between": (1, 1)}, "from low to high"),
    ],
)
def test_arguments_that_make_no_question_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        Predict("What?", **arguments)


def test_numpy_and_torch_numbers_are_truths():
    import torch

    assert Predict("a").truth(np.int64(9)).question.answer == 9
    assert Predict("b", place=np.zeros((2, 2))).truth(np.array([1, 0])).question.answer == [1, 0]
    curves = Predict("c", sketch=[1, 2], curves=("p", "q")).truth(torch.tensor([[0.5, 1.0], [0.0, 0.25]]))
    assert curves.question.answer == [[0.5, 1.0], [0.0, 0.25]]


def test_the_recap_names_what_surprised():
    guessed(Predict("How many?"), 27).truth(28)
    guessed(Predict("Which?", choices=["red", "blue"]), "red").truth("red")
    Predict("Skipped?").truth(3)
    recap = Predict.recap()
    assert [one.asked.text for one in recap.surprises] == ["How many?"]
    assert "guessed 2 of 3 answers, and were surprised once" in repr(recap)
    assert "How many? You: 27. The answer: 28." in repr(recap)
    assert "<td" in recap._repr_html_() and "Which?" not in recap._repr_html_()


def test_a_question_that_is_asked_again_remembers_the_guess():
    guessed(Predict("How many?"), 27)
    assert Predict("How many?").guess == 27
    assert Predict("How many?", choices=["a", "b"]).guess is None  # it asks for something else now


def test_a_guess_that_a_busy_kernel_hears_late_is_still_the_guess():
    question = Predict("How many?")
    question._live()
    question.truth(28)
    guessed(question, 27)  # it was made before the truth had reached the browser
    assert question.guess == 27 and question.surprised and question.tries == []


# --- what is kept


def test_guesses_lie_beside_the_progress_as_readable_json(work):
    question = guessed(Predict("How many places?"), 27)
    question.truth(28)
    question._live().tried = 28
    kept = json.loads((work / "guesses.json").read_text("utf-8"))
    about = {"guess": 27, "truth": 28, "surprised": True, "tries": [28]}
    assert kept == {"01_convolution": {"How many places?": about}}


def test_a_guess_of_an_earlier_day_is_there_again_and_nothing_is_written(work, monkeypatch):
    guessed(Predict("How many places?"), 27)
    before = (work / "guesses.json").read_bytes()
    monkeypatch.setattr(predict, "_asked", {})
    question = Predict("How many places?")
    question.truth(28)
    assert question.surprised and (work / "guesses.json").read_bytes() == before


def test_nothing_is_written_where_nobody_guesses_or_no_learners_folder_is(work, monkeypatch, tmp_path):
    Predict("How many?").truth(3)
    assert not (work / "guesses.json").exists()
    (work / MANIFEST).unlink()
    guessed(Predict("And now?"), 3)
    assert not list(tmp_path.rglob("guesses.json"))


@pytest.mark.parametrize(
    "damage", ["", "[]", '{"01_convolution": 3}', '{"01_convolution": {"How?": 3}}', "\x00"]
)
def test_a_damaged_file_disturbs_nobody(work, damage):
    (work / "guesses.json").write_text(damage)
    assert guessed(Predict("How?"), 3).truth(3).question.right


def test_a_damaged_file_is_kept_aside_and_told_in_one_sentence_once(work, capsys):
    good = '{"02_counting": {"How many?": {"guess": 3}}, "01_convolution": 3}'
    (work / "guesses.json").write_text(good)
    guessed(Predict("How?"), 4)
    guessed(Predict("And now?"), 5)
    told = capsys.readouterr().out
    assert told == (
        "Your file guesses.json is damaged: it is kept as guesses-damaged.json, and a new guesses.json takes your next guesses.\n"
    )
    assert (work / "guesses-damaged.json").read_text() == good
    kept = json.loads((work / "guesses.json").read_text("utf-8"))
    assert kept["02_counting"] == {"How many?": {"guess": 3}} and len(kept["01_convolution"]) == 2
    (work / "guesses.json").write_text('{"02_cou')
    guessed(Predict("Again?"), 6)
    assert (work / "guesses-damaged.json").read_text() == good
    assert (work / "guesses-damaged-2.json").read_text() == '{"02_cou'


def test_two_notebooks_that_are_open_at_once_lose_no_guess(work):
    code = (
        "import sys\nfrom convbook.widgets import predict_guesses as guesses\n"
        "for number in range(60):\n    assert guesses.write(f'{sys.argv[1]} {number}?', {'guess': number})"
    )
    (work / "02_counting").mkdir()
    folders = (work / "01_convolution", work / "02_counting")
    running = [subprocess.Popen([sys.executable, "-c", code, name], cwd=folder)
               for folder, name in zip((*folders, folders[0]), ("a", "b", "c"), strict=True)]  # fmt: skip
    assert [one.wait(60) for one in running] == [0, 0, 0]
    kept = json.loads((work / "guesses.json").read_text("utf-8"))
    assert (len(kept["01_convolution"]), len(kept["02_counting"])) == (120, 60)
    assert sorted(one.name for one in work.glob(".guesses*")) == []


def test_the_lock_of_a_kernel_that_was_killed_is_taken_away(work):
    (work / ".guesses.json.lock").touch()
    os.utime(work / ".guesses.json.lock", (0, 0))
    assert predict_guesses.write("How?", {"guess": 3})
    assert not (work / ".guesses.json.lock").exists()


def test_a_folder_that_cannot_be_written_disturbs_nobody(work, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert guessed(Predict("How?"), 3).truth(3).question.right
    assert predict_guesses.write("How?", {"guess": 3}) is False


def test_while_nbgrader_grades_no_widget_is_made(monkeypatch):
    monkeypatch.setattr(predict, "PredictView", None, raising=False)

    class Shell:
        kernel = object()

    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: Shell())
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    question = Predict("How?")
    assert set(question._repr_mimebundle_()[0]) == {"text/plain", "text/html"}
    assert question._view is None
    monkeypatch.delenv("NBGRADER_EXECUTION")
    question._repr_mimebundle_()
    assert question._view is not None


def test_a_converted_notebook_shows_the_question_and_folds_the_answer_away():
    import nbformat
    from nbconvert import HTMLExporter

    question = Predict("How many places?", unit="places")
    question._live()
    shown = [question._repr_mimebundle_()[0], question.truth(28)._repr_mimebundle_()[0]]
    cells = [
        nbformat.v4.new_code_cell(
            "guess", outputs=[nbformat.v4.new_output("display_data", data={**one, VIEW: {"model_id": "a"}})]
        )
        for one in shown
    ]  # the view is there, but no state, as in every released or exported notebook
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells))
    assert page.count("<strong>Predict.</strong> How many places?") == 2
    assert page.count("<details><summary>The answer</summary><p>28 places.</p></details>") == 1


def test_predict_is_light_and_speaks_without_a_notebook():
    code = (
        "import sys\nfrom convbook.widgets import Predict\nask = Predict('How many?')\n"
        "print(ask)\nprint(ask.truth(3))\nprint([m for m in ('torch', 'matplotlib', 'anywidget') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "How many?\nHow many? The answer: 3.\n[]\n" and not done.stderr


# --- in the browser


def view(kind: str) -> PredictView:
    """Return the live side of a question of each kind."""
    questions = {
        "number": lambda: Predict("How many places?", unit="places"),
        "choice": lambda: Predict("Which edges?", choices=["darker", "brighter", "both"]),
        "place": lambda: Predict("Where?", place=np.arange(6).reshape(2, 3)),
        "sketch": lambda: Predict(
            "Draw it.", sketch=[8, 20, 38], curves=("plain", "residual"), labels=("depth", "error")
        ),
    }
    return questions[kind]()._live()


GUESS = {"number": 27, "choice": "both", "place": [0, 1], "sketch": [[0.1, 0.2, 0.3], [0.6, 0.6, 0.6]]}
TRUTH = {"number": 28, "choice": "darker", "place": [1, 2], "sketch": [[0.1, 0.2, 0.9], [0.1, 0.1, 0.1]]}


def model(page, name: str):
    return page.evaluate("name => window.model.get(name)", name)


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def spoken(page) -> str:
    return page.inner_text(".cb-sentence")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("state", ["asked", "guessed", "wrong", "told"])
@pytest.mark.parametrize("kind", GUESS)
def test_axe_finds_nothing(show, kind, state, dark):
    page = show(view(kind), dark=dark)
    if state != "asked":
        page.evaluate("news => window.model.arrive(news)", {"guess": GUESS[kind]})
    if state in ("wrong", "told"):
        page.evaluate("news => window.model.arrive(news)", {"truth": TRUTH[kind], "why": "So it is."})
    if state == "told":
        press(page, "Show the answer")
    assert violations(page) == []


def test_a_number_is_typed_and_enter_sends_it(show):
    page = show(view("number"))
    page.get_by_label("How many places?").last.fill("1/4")
    page.keyboard.press("Enter")
    assert model(page, "guess") == 0.25
    assert spoken(page) == "Your guess: 0.25 places. Go on: a cell below computes the answer."


def test_what_is_no_number_is_told_and_not_sent(show):
    page = show(view("number"))
    page.get_by_label("How many places?").last.fill("many")
    press(page, "That is my guess")
    assert model(page, "guess") is None and "Type a number" in spoken(page)


def test_a_choice_is_made_with_the_keyboard_alone(show):
    page = show(view("choice"))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert model(page, "guess") == "brighter"


def test_a_place_is_chosen_by_arrow_keys(show):
    page = show(view("place"))
    page.keyboard.press("Tab")
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    press(page, "That is my guess")
    assert model(page, "guess") == [1, 1]


def test_a_curve_is_drawn_with_the_pointer_and_trimmed_with_the_keys(show):
    page = show(view("sketch"))
    box = page.locator(".cb-sketch").bounding_box()
    handles = page.get_by_role("slider")
    start, end = handles.nth(0).bounding_box(), handles.nth(2).bounding_box()
    page.mouse.move(start["x"] + 14, start["y"] + 14)
    page.mouse.down()
    page.mouse.move(end["x"] + 14, box["y"] + 14, steps=8)
    page.mouse.up()
    assert float(handles.nth(2).get_attribute("aria-valuenow")) == pytest.approx(1, abs=0.03)
    handles.nth(0).focus()
    page.keyboard.press("Home")
    press(page, "That is my guess")
    assert model(page, "guess")[0][0] == 0 and model(page, "guess")[0][2] == pytest.approx(1, abs=0.03)
    assert handles.nth(0).get_attribute("aria-label") == "plain at depth 8"


def test_no_curve_has_the_colour_of_what_is_wrong_and_none_is_told_by_colour_alone(show):
    page = show(view("sketch"))
    style = """(n) => {
      const css = getComputedStyle(document.querySelector(`polyline.cb-curve-${n}`));
      return [css.stroke, css.strokeDasharray];
    }"""
    mark = "() => getComputedStyle(document.querySelector('.convbook')).getPropertyValue('--mark').trim()"
    (first, solid), (second, dashed) = page.evaluate(style, 0), page.evaluate(style, 1)
    assert page.evaluate(mark) == "#d55e00" and "rgb(213, 94, 0)" not in (first, second)
    assert first != second and solid == "none" != dashed
    assert page.locator(".cb-handle.cb-curve-0 rect").count() == 0
    assert page.locator(".cb-handle.cb-curve-1 rect").count() == 3
    page.evaluate("news => window.model.arrive(news)", {"guess": GUESS["sketch"], "truth": TRUTH["sketch"]})
    press(page, "Show the answer")
    told = "(n) => document.querySelector(`polyline.cb-told.cb-curve-${n}`).getAttribute('stroke-dasharray')"
    assert page.evaluate(told, 0) != page.evaluate(told, 1)


def test_a_finger_draws_too(chromium):
    from browser import HOST, START

    context = chromium.new_context(viewport={"width": 380, "height": 800}, has_touch=True)
    page, widget = context.new_page(), view("choice")
    page.set_content(HOST)
    about = {"module": str(widget._esm), "css": str(widget._css), "state": widget.state(), "sends": True}
    page.evaluate(START, about)
    page.get_by_text("both").tap()
    page.get_by_role("button", name="That is my guess").tap()
    assert model(page, "guess") == "both"
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('button, label')].map(e => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    context.close()


def test_skipping_is_one_press_and_can_be_taken_back(show):
    page = show(view("number"))
    press(page, "Skip")
    assert model(page, "skipped") is True and spoken(page) == "Skipped."
    press(page, "Guess after all")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    assert model(page, "guess") == 3 and model(page, "skipped") is False


@pytest.mark.parametrize("kind", GUESS)
def test_a_wrong_guess_may_be_tried_again_before_the_truth_is_shown(show, kind):
    page = show(view(kind))
    page.evaluate(
        "news => window.model.arrive(news)", {"guess": GUESS[kind], "truth": TRUTH[kind], "why": "So it is."}
    )
    assert "The answer:" not in page.inner_text(".convbook") and "So it is" not in page.inner_text(
        ".convbook"
    )
    press(page, "Try again")  # the same again is wrong again
    assert model(page, "guess") == GUESS[kind] and model(page, "tried") == GUESS[kind]
    assert "The answer:" not in spoken(page)
    press(page, "Show the answer")
    assert spoken(page).startswith("✗ Your guess:") and spoken(page).endswith("So it is.")


def test_a_second_try_that_is_right_shows_the_answer_and_leaves_the_first_guess(show):
    page = show(view("number"))
    page.evaluate("news => window.model.arrive(news)", {"guess": 27, "truth": 28})
    page.get_by_label("How many places?").last.fill("28")
    press(page, "Try again")
    assert spoken(page).startswith("✗ Your guess: 27 places. The answer: 28 places.")
    assert model(page, "guess") == 27


def test_whoever_did_not_guess_sees_the_truth_at_once(show):
    page = show(view("choice"))
    page.evaluate("news => window.model.arrive(news)", {"truth": "darker", "why": "So it is."})
    assert spoken(page) == "The answer: “darker”. So it is."
    assert page.get_by_role("button").count() == 0
    assert "✓ the answer" in page.inner_text(".cb-true")


def test_keys_stay_inside_and_the_end_undoes_everything(show):
    page = show(view("number"))
    page.evaluate(
        "() => { window.heard = 0; document.addEventListener('keydown', () => (window.heard += 1)); }"
    )
    page.get_by_label("How many places?").last.press("a")
    assert page.evaluate("() => window.heard") == 0
    page.evaluate("() => window.end()")
    assert page.evaluate("() => window.model.listening()") == 0 and page.locator(".convbook").count() == 0


@pytest.mark.parametrize("width", [320, 900])
@pytest.mark.parametrize("kind", GUESS)
def test_nothing_is_wider_than_the_page(show, kind, width):
    page = show(view(kind), width=width)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
