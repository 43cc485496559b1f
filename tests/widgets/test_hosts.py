"""Keys, themes and exports: what the places do in which a widget is shown."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from ipywidgets.widgets.widget import _remove_buffers

from convbook.authoring.gallery import EXHIBITS
from convbook.widgets import SlideLab

ROOT = Path(__file__).parent.parent.parent
CELLS = ["from convbook.widgets import SlideLab", "SlideLab()", "1"]
SEEN = """() => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  return {
    cells: document.querySelectorAll('.jp-Cell').length, active: notebook.activeCellIndex,
    said: document.querySelector('.cb-sentence').textContent.slice(0, 13),
    inside: document.querySelector('.convbook').contains(document.activeElement),
  };
}"""


@pytest.fixture(scope="module", params=["lab", "notebook7"])
def opened(request, chromium):
    """Return the page of JupyterLab, or of Notebook 7, with a widget shown."""
    server = request.getfixturevalue(request.param)
    server.write("keys.ipynb", CELLS)
    context = chromium.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    server.open(page, "keys.ipynb")
    server.run_all(page)
    page.wait_for_selector(".slide-lab .cb-output")
    yield page
    context.close()


def test_arrow_keys_and_letters_stay_in_the_widget(opened):
    opened.locator(".cb-output .cb-cell").nth(0).click()
    before = opened.evaluate(SEEN)
    for key in ("ArrowRight", "ArrowDown", "a", "b", "x", "j"):
        opened.keyboard.press(key)
    assert opened.evaluate(SEEN) == {**before, "said": "Output [1, 1]", "inside": True}


def test_letters_on_a_button_and_in_a_field_stay_there_too(opened):
    before = opened.evaluate(SEEN)
    opened.get_by_role("button", name="Predict first").click()
    opened.keyboard.type("1a")
    assert opened.input_value(".cb-input") in ("1a", "")
    after = opened.evaluate(SEEN)
    assert (after["cells"], after["inside"]) == (before["cells"], True)
    opened.get_by_role("button", name="Predict first").click()


def test_control_s_in_a_widget_saves_the_notebook(opened):
    dirty = "() => window.jupyterapp.shell.currentWidget.context.model.dirty"
    opened.locator(".cb-output .cb-cell").nth(0).click()
    opened.keyboard.press("ArrowRight")
    opened.evaluate("() => { window.jupyterapp.shell.currentWidget.context.model.dirty = true; }")
    opened.keyboard.press("Control+s")
    opened.wait_for_function(dirty.replace("window", "!window"))
    assert opened.evaluate(SEEN)["inside"]


def test_the_slider_of_the_timeline_keeps_the_focus_while_keys_scrub(opened):
    opened.locator(".cb-output .cb-cell").nth(0).click()
    before = opened.evaluate(SEEN)
    opened.locator(".cb-scrub").focus()
    for key, said in (
        ("ArrowRight", "[0, 1]"),
        ("End", "[3, 3]"),
        ("ArrowLeft", "[3, 2]"),
        ("ArrowUp", "[3, 3]"),
    ):
        opened.keyboard.press(key)
        assert said in opened.evaluate(SEEN)["said"]
        assert opened.evaluate("() => document.activeElement.classList.contains('cb-scrub')")
    after = opened.evaluate(SEEN)
    assert (after["cells"], after["active"]) == (before["cells"], before["active"])


DARK = "() => document.querySelector('.convbook').classList.contains('cb-dark')"


@pytest.mark.parametrize(
    "code",
    ["document.documentElement.setAttribute('theme', 'dark')",
     "document.documentElement.setAttribute('data-theme', 'dark')",
     "document.documentElement.style.cssText = '--vscode-editor-background:#1e1e1e;--vscode-editor-foreground:#d4d4d4'"],
    ids=["Colab", "a book", "VS Code"],
)  # fmt: skip
def test_a_dark_page_on_a_light_system_has_a_dark_widget(show, code):
    page = show(SlideLab())
    assert not page.evaluate(DARK)
    page.evaluate(f"() => {{ {code}; document.body.className = 'changed'; }}")
    page.wait_for_function(DARK)


def test_a_light_page_on_a_dark_system_has_a_light_widget(show):
    page = show(SlideLab(), dark=True)
    assert page.evaluate(DARK)
    page.evaluate("() => document.documentElement.setAttribute('data-theme', 'light')")
    page.wait_for_function(DARK.replace("document", "!document"))


def test_a_redrawn_part_keeps_the_focus_inside_a_shadow_tree_too(show):
    page = show(SlideLab())
    page.evaluate(
        """async ({ module, css }) => {
          const host = document.createElement("div");
          document.body.append(host);
          const shadow = host.attachShadow({ mode: "open" });
          const [style, el] = [document.createElement("style"), document.createElement("div")];
          style.textContent = css;
          shadow.append(style, el);
          const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
          (await import(url)).default.render({ model: window.model, el });
          window.shadow = shadow;
          shadow.querySelector(".cb-output .cb-cell").focus();
        }""",
        {"module": str(SlideLab._esm), "css": str(SlideLab._css)},
    )
    page.keyboard.press("ArrowRight")
    focused = "() => window.shadow.activeElement?.getAttribute('aria-label') ?? ''"
    assert page.evaluate(focused).startswith("output [0, 1]")
    page.evaluate("() => window.model.arrive({ stride: 2 })")
    assert page.evaluate(focused).startswith("output [0, 1]")


def test_a_page_of_nbconvert_shows_the_picture_also_where_the_state_was_saved(open_page, tmp_path):
    widget = SlideLab()
    data, metadata = widget._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("SlideLab()", outputs=[output])])
    model = data["application/vnd.jupyter.widget-view+json"]["model_id"]
    saved = {
        "state": {model: {"model_name": "AnyModel", "state": {}}},
        "version_major": 2,
        "version_minor": 0,
    }
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": saved}
    nbformat.write(notebook, tmp_path / "n.ipynb")
    program = shutil.which("jupyter-nbconvert")
    command = [program] if program else [sys.executable, "-m", "nbconvert"]
    environment = os.environ | {"JUPYTER_CONFIG_PATH": str(ROOT / "etc" / "jupyter")}  # as installed
    subprocess.run(
        [*command, "--to", "html", "n.ipynb"], cwd=tmp_path, check=True, capture_output=True, env=environment
    )
    page = open_page()
    page.route("**/*.js", lambda route: route.abort())
    body = (tmp_path / "n.html").read_text("utf-8").split("<body", 1)[1]
    page.set_content(f"<body{re.sub(r'<script.*?</script>', '', body, flags=re.DOTALL)}")
    image = page.get_by_role("img", name=widget.words())
    assert image.count() == 1
    assert image.evaluate("(one) => one.naturalWidth") > 400
    assert "application/vnd.jupyter.widget-view+json" not in body


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda one: one.heading)
def test_no_widget_needs_binary_buffers_which_colab_loses(exhibit):
    widget = exhibit.make()
    state, paths, buffers = _remove_buffers(widget.get_state())
    assert (paths, buffers) == ([], [])
    own = json.dumps({name: state[name] for name in widget.state()})
    assert len(own) < 100_000, "it travels as text, and base64 of less than 100 kB costs little"
