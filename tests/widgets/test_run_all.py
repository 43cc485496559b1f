"""Run All in a real JupyterLab goes through to the last cell, whatever state the answers are in; Predict there too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convbook.authoring.work import MANIFEST

REPOSITORY = Path(__file__).resolve().parents[2]
UNIT = "01_convolution"
NAME = f"{UNIT}/{UNIT}.ipynb"
ONE_TOO_FEW = (
    "def conv_out_size(n, k, stride=1, padding=0, dilation=1):\n    return (n + 2 * padding - k) // stride"
)
NO_PYTHON = "def flip180(k)\n    return k"


def handed_out_and_half_done() -> dict:
    """Return the released unit: `corr2d` open, `conv_out_size` wrong, `flip180` no Python, the rest solved."""
    released, solved = (
        json.loads((REPOSITORY / folder / NAME).read_text("utf-8")) for folder in ("notebooks", "solutions")
    )
    answers = {cell["id"]: cell["source"] for cell in solved["cells"] if is_answer(cell)}
    answers |= {"conv_out_size": ONE_TOO_FEW, "flip180": NO_PYTHON}
    del answers["corr2d"]
    for cell in released["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    return released


def is_answer(cell: dict) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


@pytest.fixture(scope="module")
def page(chromium, lab):
    """Return JupyterLab's page after Run All, with a guess made before."""
    from browser import Watch

    watch = Watch()
    (lab.root / UNIT).mkdir()
    (lab.root / MANIFEST).write_text("{}")
    (lab.root / NAME).write_text(json.dumps(handed_out_and_half_done()))
    context = chromium.new_context(viewport={"width": 1200, "height": 1400})
    watch.guard(context)
    page = context.new_page()
    lab.open(page, NAME)
    run_cells(page, "imports", "ask-edges")
    edges = page.locator(".predict").filter(has_text="Which edges turn red?")
    edges.get_by_text("brighter downwards").click()
    edges.get_by_role("button", name="That is my guess").click()
    page.wait_for_function(
        "() => document.querySelector('.predict .cb-sentence').textContent.startsWith('Your guess')"
    )
    lab.run_all(page)
    page.wait_for_function(f"() => {{ const c = {CELLS}; return c[c.length - 1].executionCount !== null; }}")
    yield page
    context.close()
    assert not watch.leaks, f"a request left the machine: {watch.leaks}"


CELLS = (
    "window.jupyterapp.shell.currentWidget.content.widgets.map(w => w.model).filter(m => m.type === 'code')"
)


def run_cells(page, *names: str) -> None:
    """Run single cells by their ids, one after the other."""
    page.evaluate(
        """async (names) => {
          const notebook = window.jupyterapp.shell.currentWidget.content;
          for (const name of names) {
            notebook.activeCellIndex = notebook.widgets.findIndex((one) => one.model.id === name);
            await window.jupyterapp.commands.execute("notebook:run-cell");
          }
        }""",
        list(names),
    )


def outputs(page) -> dict[str, list[dict]]:
    """Return the outputs of every code cell that ran, by its id."""
    code = f"() => {CELLS}.map(m => [m.id, m.executionCount, m.outputs.toJSON()])"
    return {name: told for name, count, told in page.evaluate(code) if count is not None}


def text(told: list[dict]) -> str:
    return "".join("".join(one.get("text", [])) for one in told if one["output_type"] == "stream")


def test_every_cell_ran(page):
    cells = [cell["id"] for cell in handed_out_and_half_done()["cells"] if cell["cell_type"] == "code"]
    assert list(outputs(page)) == cells


def test_the_open_the_wrong_and_the_broken_answer_are_told_each_at_its_check(page):
    told = outputs(page)
    assert told["check-corr2d"][0]["ename"] == "NotAttempted"
    assert told["check-conv_out_size"][0]["ename"] == "CheckFailed"
    assert told["flip180"][0]["ename"] == "SyntaxError"
    assert (
        "flip180 does not exist yet: its cell has a syntax error in line 1"
        in told["check-flip180"][0]["evalue"]
    )
    assert "✓ conv2d_im2col" in text(told["check-conv2d_im2col"])


def test_what_the_checks_said_is_kept_beside_the_notebooks(page, lab):
    kept = json.loads((lab.root / "progress.json").read_text("utf-8"))[UNIT]
    assert "corr2d" not in kept  # an untouched stub is no try
    assert kept["conv_out_size"]["state"] == "wrong" and kept["conv2d_im2col"]["state"] == "right"
    assert kept["conv2d_im2col"]["tries"] == kept["conv_out_size"]["tries"] == 1


def test_pictures_of_open_and_wrong_answers_are_shown_with_pytorchs_result(page):
    told = outputs(page)
    assert "corr2d is not done yet: this cell uses PyTorch's result." in text(told["impulse"])
    assert any("<img" in "".join(one.get("data", {}).get("text/html", "")) for one in told["impulse"])
    waits = "flip180 does not exist yet: its cell has a syntax error in line 1 (expected ':')."
    assert (
        text(told["impulse-again"]).startswith(waits)
        and "<img" in told["impulse-again"][-1]["data"]["text/html"]
    )
    assert "conv_out_size gives another result here than PyTorch" in text(told["padding-does-not-keep"])
    assert "padding 1: 32 -> 30" in text(told["padding-does-not-keep"])


def test_the_guess_is_compared_in_the_cell_that_computes_the_answer(page, lab):
    page.wait_for_function(
        "() => [...document.querySelectorAll('.predict .cb-sentence')].filter("
        "s => s.textContent.includes('Your guess was')).length === 2"  # the asking and the answering cell
    )
    kept = json.loads((lab.root / "guesses.json").read_text("utf-8"))[UNIT]
    (about,) = kept.values()
    assert about["guess"] == "gets brighter downwards" and about["surprised"] is True
    assert "were surprised once" in "".join(outputs(page)["surprises"][0]["data"]["text/plain"])


def test_a_drill_is_marked_by_the_kernel_and_kept_and_other_numbers_come(page, lab):
    drill = page.locator(".drill .cb-drill").first
    drill.scroll_into_view_if_needed()
    before = drill.locator(".cb-asked").inner_text()
    drill.get_by_role("textbox").fill("no idea")
    drill.get_by_role("textbox").press("Enter")
    page.wait_for_function(
        "() => document.querySelector('.drill .cb-said').textContent.includes('no number')"
    )
    drill.get_by_role("textbox").fill(drill.locator(".cb-answer").text_content())
    drill.get_by_role("button", name="Check").click()
    page.wait_for_function("() => document.querySelector('.drill .cb-said').textContent === '✓ Right.'")
    kept = json.loads((lab.root / "drills.json").read_text("utf-8"))
    assert kept.pop("questions") == {"asked": 1} and [about["right"] for about in kept.values()] == [1]
    page.get_by_role("button", name="Other numbers").click()
    asked = "() => document.querySelector('.drill .cb-asked').textContent"
    page.wait_for_function(f"(before) => ({asked})() !== before", arg=before)


def test_the_edge_of_an_output_is_moved_by_keys_that_do_not_move_the_notebook(page):
    edge = page.locator(".shape-calc .cb-edge")
    edge.scroll_into_view_if_needed()
    edge.focus()
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = page.evaluate(active)
    page.keyboard.press("ArrowLeft")
    sentence = page.locator(".shape-calc .cb-sentence").inner_text()
    assert sentence.endswith("You want 9: each of these gives it alone: size 29 to 31, kernel 6 to 8.")
    assert page.evaluate(active) == before
