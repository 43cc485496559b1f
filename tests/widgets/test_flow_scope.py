"""FlowScope: what it keeps and says in Python, the same words in JavaScript, a real browser, a real JupyterLab."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import threading
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from torch import nn

from browser import violations
from convbook import training
from convbook.widgets import FlowScope, flow_scope
from flow_cases import STATES, at, experiment, followed, golden, history, moment, running

HERE = Path(__file__).parent
VECTORS = HERE / "flow_golden.json"


def text() -> str:
    lines = [json.dumps(case, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for case in golden()]
    return "[\n" + ",\n".join(lines) + "\n]\n"


# ── in Python ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_committed_vectors_are_what_python_says_now():
    assert json.loads(VECTORS.read_text("utf-8")) == json.loads(text())


def test_the_sentence_puts_both_networks_side_by_side():
    assert experiment().words() == (
        "At depth 56, the training error is 70\xa0% for the plain network and 0.2\xa0% for the residual network. "
        "Before training, the gradients of its layers differ by a factor of 830 in the plain one and 1.7 in the residual one."
    )


def test_a_whole_experiment_is_watched_and_its_ends_are_kept():
    images = np.random.default_rng(0).normal(size=(64, 1, 8, 8)).astype("float32")
    labels = (images.mean(axis=(1, 2, 3)) > 0).astype("int64")

    def make(n: int) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2)
        )

    scope = FlowScope()
    runs = training.degradation(
        make, make, (images, labels), depths=(8,), epochs=2, watch=scope.watch, progress=False
    )
    assert [one["final"] for one in scope.runs] == [one.error for one in runs]
    assert [one["errors"] for one in scope.runs] == [[1 - a for a in one.history.accuracies] for one in runs]
    assert [len(one["gradient"]) for one in scope.norms] == [2, 2]
    assert not scope.running, "where no cell can end it, each training ends by itself"
    assert scope.session == 2 and "training error is" in scope.words()


def fit_and_stop(scope: FlowScope, on_batch) -> training.History:
    images = np.random.default_rng(0).normal(size=(64, 1, 4, 4)).astype("float32")
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    return training.fit(model, (images, np.arange(64) % 2), epochs=500, on_batch=on_batch, progress=False)


def test_a_stop_from_another_thread_stops_fit_and_keeps_the_best_weights():
    scope = FlowScope()
    hook = scope.follow("one")

    def clicked_in_epoch_3(now):
        if now.epoch == 3:
            click = threading.Thread(
                target=scope._on_message, args=(scope, {"kind": "stop", "session": 1}, [])
            )
            click.start()
            click.join(5)
        return hook(now)

    done = fit_and_stop(scope, clicked_in_epoch_3)
    assert done.reason == "asked" and 2 <= done.epochs <= 3
    assert scope.heard == scope.session == 1


def test_a_click_meant_for_an_old_training_stops_no_new_one():
    scope = FlowScope()
    scope.follow("one")(moment("", 1, 4, history(0.5)))
    scope.end()
    scope._on_message(scope, {"kind": "stop", "session": 1}, [])  # came in after the cell had ended
    assert scope.follow("two")(moment("", 1, 1, history())) is False and scope.session == 2
    scope._on_message(scope, {"kind": "stop", "session": 1}, [])
    assert scope.follow("two")(moment("", 1, 2, history())) is False
    scope._on_message(scope, {"kind": "stop", "session": 2}, [])
    assert scope.follow("two")(moment("", 1, 3, history())) is True


def test_where_no_cell_can_end_it_a_training_that_crashes_does_not_stay_running(monkeypatch):
    monkeypatch.setattr(flow_scope, "SECONDS_OF_SILENCE", 0.1)
    scope = FlowScope()
    hook = scope.follow("one")

    def crash_in_epoch_2(now):
        hook(now)
        if now.epoch == 2:
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        fit_and_stop(scope, crash_in_epoch_2)
    assert scope.running
    deadline = time.monotonic() + 5
    while scope.running and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not scope.running and scope.live == {}
    assert "after epoch 1 of 500" in scope.words()


@pytest.mark.parametrize("content", [None, "stop", 7, {}, {"kind": "stop"}, {"kind": "stop", "session": "1"}])
def test_a_strange_message_does_nothing(content):
    scope = FlowScope()
    hook = scope.follow("one")
    hook(moment("", 1, 1, history()))
    scope._on_message(scope, content, [])
    assert hook(moment("", 1, 2, history())) is False and scope.heard == 0


def test_norms_that_are_no_numbers_never_reach_the_browser():
    assert "NaN" not in json.dumps(STATES["no numbers"]().state())
    assert "Infinity" not in json.dumps(STATES["no numbers"]().state())


@pytest.mark.parametrize("name", STATES)
def test_every_state_leaves_a_picture_and_a_page(name, tmp_path):
    scope = STATES[name]()
    data, metadata = scope._repr_mimebundle_()
    assert data["text/plain"] == scope.words() == metadata["image/png"]["alt"]
    assert scope.picture().png().startswith(b"\x89PNG")
    assert scope.words().split(":")[0] in scope.save_page(tmp_path / "flow.html").read_text("utf-8")


# ── the pure JavaScript ─────────────────────────────────────────────────────────────────────────────────


def test_the_pure_javascript_agrees():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine (Debian: apt-get install nodejs)")
    done = subprocess.run(
        [node, "--test", str(HERE / "flow_scope.test.mjs")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


# ── a bare page ─────────────────────────────────────────────────────────────────────────────────────────


def spoken(page) -> str:
    return page.text_content(".cb-sentence")


def ink(page, panel: str) -> int:
    """Return how many pixels of a canvas are drawn in a strong colour."""
    script = """(canvas) => { const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let n = 0; for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 200 && Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 90) n++;
      return n; }"""
    return page.eval_on_selector(f".cb-{panel} canvas", script)


@pytest.mark.parametrize("name", STATES)
def test_the_browser_says_what_python_says(show, name):
    scope = STATES[name]()
    assert spoken(show(scope)) == scope.words()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["nothing yet", "experiment, deep", "second epoch", "one training"])
def test_axe_finds_nothing(show, name, dark):
    assert violations(show(STATES[name](), dark=dark)) == []


@pytest.mark.parametrize("name", ["experiment, deep", "second epoch", "one training"])
def test_nothing_sticks_out_of_a_narrow_page(show, name):
    page = show(STATES[name](), width=380)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


def test_the_slider_changes_depth_sentence_and_pictures_by_keyboard(show):
    page = show(experiment())
    page.evaluate("() => { window.leaked = 0; document.addEventListener('keydown', () => window.leaked++); }")
    before = ink(page, "by-layer")
    page.focus(".cb-slider")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "() => document.querySelector('.cb-sentence').textContent.startsWith('At depth 8,')"
    )
    assert spoken(page) == at(experiment(), depth=8).words()
    assert page.evaluate("() => [window.model.get('depth'), window.model.saved, window.leaked]") == [8, 1, 0]
    assert page.get_attribute(".cb-slider", "aria-valuetext") == "8 layers"
    assert ink(page, "by-layer") != before


def test_a_click_on_the_chart_chooses_the_nearest_depth(show):
    page = show(experiment())
    box = page.query_selector(".cb-error-by-depth canvas").bounding_box()
    page.mouse.click(box["x"] + 90, box["y"] + box["height"] / 2)
    assert page.evaluate("() => window.model.get('depth')") == 8


def test_signal_and_seed_are_chosen_by_buttons(show):
    page = show(experiment())
    page.click("text=signal")
    assert page.evaluate("() => window.model.get('layer_view')") == "signal"
    page.click("text=seed 0")
    page.wait_for_selector(".cb-button[aria-pressed=true]:text('seed 0')")
    assert page.get_attribute(".cb-button:text('signal')", "aria-pressed") == "true"


def test_the_numbers_stand_in_a_table_too(show):
    page = show(experiment())
    page.click("summary")
    assert page.inner_text("table").split() == [
        "Training",
        "error",
        "at",
        "the",
        "end,",
        "mean",
        "of",
        "2",
        "seeds",
        "depth",
        "plain",
        "residual",
        "8",
        "1",
        "%",
        "0.2",
        "%",
        "56",
        "70",
        "%",
        "0.2",
        "%",
    ]


def test_curves_grow_while_the_training_runs(show):
    page = show(running())
    assert "first of 3 epochs" in spoken(page)
    first = ink(page, "errors-by-epoch")
    page.evaluate("(news) => window.model.arrive(news)", running(0.83, 0.6).state())
    page.wait_for_function(
        "() => document.querySelector('.cb-sentence').textContent.includes('epoch 2 of 3')"
    )
    assert ink(page, "errors-by-epoch") > first
    assert "plain 20 · epoch 3 of 3" in page.inner_text(".cb-stop")
    page.evaluate("() => window.model.arrive({ running: false, live: {} })")
    page.wait_for_selector(".cb-stop", state="hidden")


def test_the_stop_button_says_stop_for_this_training(show):
    page = show(running(0.83))
    assert page.evaluate("() => window.model.sent[0]") == {"kind": "ping", "session": 1}
    page.click("text=Stop training")
    assert {"kind": "stop", "session": 1} in page.evaluate("() => window.model.sent")
    assert page.inner_text(".cb-stop .cb-button") == "Stopping…"


def test_where_clicks_wait_for_the_cell_the_widget_says_what_to_press(show):
    page = show(running(0.83))
    page.wait_for_function(
        "() => document.querySelector('.cb-note').textContent.includes('press ■ in the toolbar')"
    )
    page.evaluate("() => window.model.arrive({ heard: 1 })")
    page.wait_for_function("() => document.querySelector('.cb-note').textContent === ''")


def test_a_training_that_falls_silent_is_told_until_news_come(show):
    page = show(running(0.83))
    page.evaluate("() => window.model.arrive({ heard: 1 })")
    page.clock.install()
    page.evaluate("() => window.model.arrive({ live: { ...window.model.get('live'), done: 0.5 } })")
    page.clock.fast_forward(16_000)
    assert "Nothing has come from Python for a while" in page.inner_text(".cb-note")
    page.evaluate("() => window.model.arrive({ live: { ...window.model.get('live'), done: 0.6 } })")
    assert page.inner_text(".cb-note") == ""


def test_a_training_is_not_read_aloud_at_every_epoch_but_at_its_end(show):
    page = show(running())
    live = "() => document.querySelector('.cb-sentence').getAttribute('aria-live')"
    assert page.evaluate(live) == "polite"
    page.evaluate("(news) => window.model.arrive(news)", running(0.83).state())
    page.wait_for_function(
        "() => document.querySelector('.cb-sentence').textContent.includes('epoch 1 of 3')"
    )
    assert page.evaluate(live) == "off"
    page.evaluate("() => window.model.arrive({ running: false, live: {} })")
    page.wait_for_function("() => document.querySelector('.cb-sentence').textContent.startsWith('At depth')")
    assert page.evaluate(live) == "polite"


def test_the_ring_of_a_running_training_has_its_entry_in_the_legend(show):
    assert "now, in this epoch" in show(running(0.83)).inner_text(".cb-legend")
    assert "now" not in show(experiment()).inner_text(".cb-legend")


def test_a_message_is_repeated_a_few_times_and_never_after_the_training(show):
    page = show(running(0.83))
    page.wait_for_function("() => window.model.sent.length === 5")
    page.wait_for_timeout(700)
    assert page.evaluate("() => window.model.sent.length") == 5, "then it gives up"
    page.click("text=Stop training")
    page.evaluate("() => window.model.arrive({ running: false, live: {} })")
    sent = page.evaluate("() => window.model.sent.length")
    page.wait_for_timeout(700)
    assert page.evaluate("() => window.model.sent.length") == sent


def test_without_a_kernel_there_is_nothing_to_stop(show):
    assert not show(running(0.83), sends=False).is_visible(".cb-stop")


def test_one_training_shows_its_curves_alone(show):
    page = show(followed(0.4, 0.25, ended=True))
    assert page.is_visible(".cb-errors-by-epoch") and not page.is_visible(".cb-by-layer")
    assert not page.is_visible(".cb-labelled") and "validation" in page.inner_text(".cb-legend")
    assert ink(page, "errors-by-epoch") > 100


def test_the_end_leaves_nothing_behind(show):
    page = show(running(0.83))
    page.evaluate("() => window.end()")
    assert page.inner_html("#here") == "" and page.evaluate("() => window.model.listening()") == 0


def test_nothing_jumps_from_the_first_cell_to_the_last_network_and_it_fits_a_screen(show):
    page = show(FlowScope())
    height = "() => document.querySelector('.convbook').offsetHeight"
    before = page.evaluate(height)
    assert before <= 600
    for scope in (running(), running(0.83), running(0.83, 0.6), at(experiment(), session=2)):
        page.evaluate("(news) => window.model.arrive(news)", scope.state())
        said = scope.words()
        page.wait_for_function(
            "(said) => document.querySelector('.cb-sentence').textContent === said", arg=said
        )
        assert page.evaluate(height) == before, said


def test_the_axis_of_depths_stays_where_it_is_while_networks_are_added(show):
    page = show(running(0.83))
    left = "() => document.querySelector('.cb-error-by-depth canvas').getBoundingClientRect().left"
    before = page.evaluate(left)
    box = page.query_selector(".cb-error-by-depth canvas").bounding_box()
    page.evaluate("(news) => window.model.arrive(news)", experiment().state())
    page.wait_for_function("() => document.querySelector('.cb-sentence').textContent.startsWith('At depth')")
    assert page.evaluate(left) == before
    page.mouse.click(
        box["x"] + 52 + (box["width"] - 68) * 8 / 60, box["y"] + 40
    )  # 8 of 60 layers along the axis
    assert page.evaluate("() => window.model.get('depth')") == 8


def test_the_focus_stays_in_the_widget_when_stop_goes(show):
    page = show(running(0.83))
    page.focus(".cb-stop .cb-button")
    page.evaluate("() => window.model.arrive({ running: false, live: {} })")
    page.wait_for_selector(".cb-stop", state="hidden")
    assert page.evaluate("() => document.querySelector('.convbook').contains(document.activeElement)")


def test_pointing_at_a_chart_shows_the_values_there(show):
    page = show(experiment())
    box = page.query_selector(".cb-by-layer canvas").bounding_box()
    shot = "() => document.querySelector('.cb-by-layer canvas').toDataURL()"
    before = page.evaluate(shot)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.wait_for_function(f"(before) => ({shot})() !== before", arg=before)
    page.mouse.move(0, 0)
    page.wait_for_function(f"(before) => ({shot})() === before", arg=before)


# ── a real JupyterLab ───────────────────────────────────────────────────────────────────────────────────

SHOW = """
import numpy as np, torch
from torch import nn
from convbook import training
from convbook.widgets import FlowScope, flow_scope
images = np.random.default_rng(0).normal(size=(256, 1, 8, 8)).astype("float32")
labels = np.arange(256) % 2
scope = FlowScope()
scope
"""
TRAIN = """
model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 2))
history = training.fit(model, (images, labels), epochs=100_000, on_batch=scope.follow("small net"), progress=False)
print("reason:", history.reason, "| epochs:", 0 < history.epochs < 100_000, "| running:", scope.running)
print(history.stopped)
"""

TRAIN_BRIEFLY = TRAIN.replace("100_000, on", "2, on")


def printed(page) -> str:
    return " ".join(
        page.eval_on_selector_all(".jp-OutputArea-output", "all => all.map((one) => one.innerText)")
    )


def opened(open_page, lab, name: str, *cells: str):
    lab.write(name, list(cells))
    page = open_page(width=1200)
    lab.open(page, name)
    lab.run_all(page)
    page.wait_for_selector(".flow-scope .cb-stop:visible")
    return page


def test_a_saved_notebook_holds_the_picture_from_after_the_training(tmp_path):
    cells = [SHOW, TRAIN_BRIEFLY, "scope.words()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = notebook.cells[0].outputs[-1]
    assert shown.data["text/plain"] == ast.literal_eval(notebook.cells[2].outputs[-1].data["text/plain"])
    assert shown.metadata["image/png"]["alt"] == shown.data["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in shown.data
    assert not [output for output in notebook.cells[1].outputs if output.output_type != "stream"]


def test_in_jupyterlab_the_stop_button_stops_fit_while_the_cell_runs(open_page, lab):
    page = opened(
        open_page, lab, "flow.ipynb", SHOW, TRAIN, "print('running after the cell:', scope.running)"
    )
    page.wait_for_function(
        "() => /epoch \\d+ of 100000 is done/.test(document.querySelector('.cb-sentence').textContent)"
    )
    assert page.inner_text(".cb-note") == ""
    page.click("text=Stop training")
    page.wait_for_function(
        "() => document.querySelector('.jp-Notebook').innerText.includes('running after the cell: False')"
    )
    said = printed(page)
    assert "reason: asked | epochs: True" in said and "small net" in page.inner_text(".flow-scope")
    assert "stopped as asked; the weights are those of epoch" in said
    page.wait_for_selector(".cb-stop", state="hidden")


def test_in_jupyterlab_the_square_in_the_toolbar_keeps_the_best_weights(open_page, lab):
    page = opened(open_page, lab, "square.ipynb", SHOW, TRAIN)
    page.wait_for_function(
        "() => /epoch \\d+ of 100000 is done/.test(document.querySelector('.cb-sentence').textContent)"
    )
    lab.command(page, "notebook:interrupt-kernel")
    page.wait_for_function(
        "() => document.querySelector('.jp-Notebook').innerText.includes('reason: interrupted')"
    )
    assert "interrupted; the weights are those of epoch" in printed(page)
    page.wait_for_selector(".cb-stop", state="hidden")
    deadline = time.monotonic() + 5
    while "Traceback" in printed(page) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "Traceback" not in printed(page)


if __name__ == "__main__":
    VECTORS.write_text(text(), encoding="utf-8")
