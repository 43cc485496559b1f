"""Keys, themes and exports: what the places do in which a widget is shown."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from ipywidgets.widgets.widget import _remove_buffers
from PIL import Image

from convbook.authoring.gallery import EXHIBITS
from convbook.style import themed
from convbook.widgets import SlideLab

FIGURE = "import numpy as np\nfrom convbook.figures import pictures\npictures.grids({'seen': np.eye(3)})"
CELLS = ["from convbook.widgets import SlideLab", "SlideLab()", "1", FIGURE]
THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
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


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda one: one.heading)
def test_no_widget_needs_binary_buffers_which_colab_loses(exhibit):
    widget = exhibit.make()
    state, paths, buffers = _remove_buffers(widget.get_state())
    assert (paths, buffers) == ([], [])
    own = json.dumps({name: state[name] for name in widget.state()})
    assert len(own) < 100_000, "it travels as text, and base64 of less than 100 kB costs little"


def ink_and_paper(image) -> tuple[str, str]:
    """Return the colours of a figure's title and of what is behind it."""
    picture = np.asarray(Image.open(io.BytesIO(image.screenshot())).convert("RGB"))[2:20].reshape(-1, 3)
    colours, counts = np.unique(picture, axis=0, return_counts=True)
    paper = hexed(colours[counts.argmax()])
    return max((hexed(colour) for colour in colours), key=lambda one: themed.contrast(one, paper)), paper


def hexed(colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def test_a_figure_has_its_sentence_and_follows_the_theme(opened):
    image = opened.get_by_role("img", name="Tables of numbers. seen: 1 0 0; 0 1 0; 0 0 1.")
    image.scroll_into_view_if_needed()
    assert image.evaluate("(one) => one.naturalWidth") > 100
    try:
        for theme, behind in (("JupyterLab Dark", "#111111"), ("JupyterLab Light", "#ffffff")):
            opened.evaluate(THEME, theme)
            opened.wait_for_timeout(1500)  # the theme's styles come later than its name
            ink, paper = ink_and_paper(image)
            assert paper == behind and themed.contrast(ink, paper) > 7
    finally:
        opened.evaluate(THEME, "JupyterLab Light")
