"""The widgets in a real JupyterLab, with kernel and comm: what only the whole can show."""

from __future__ import annotations

import json

import pytest

NOTEBOOK = [
    "import numpy as np\nfrom convbook.widgets import ConvXray, SlideLab",
    "def corr2d(x, k):\n    rows, columns = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1\n"
    "    y = np.zeros((rows, columns))\n    for i in range(rows):\n        for j in range(columns):\n"
    "            y[i, j] = (x[i:i + k.shape[0], j:j + k.shape[1]] * k[::-1, ::-1]).sum()\n    return y",
    "slide = SlideLab()\nslide",
    "xray = ConvXray(corr2d)\nxray",
]


SENTENCE = "document.querySelector('.slide-lab .cb-sentence').textContent"


@pytest.fixture(scope="module")
def worked(chromium, lab):
    """Return JupyterLab's page with the notebook opened and run, and the watch over it."""
    from browser import Watch

    watch = Watch()
    lab.write("widgets.ipynb", NOTEBOOK)
    context = chromium.new_context(viewport={"width": 1200, "height": 1400})
    watch.guard(context)
    page = context.new_page()
    lab.open(page, "widgets.ipynb")
    lab.run_all(page)
    page.wait_for_selector(".conv-xray .cb-output")
    yield page
    context.close()
    assert not watch.leaks, f"a request left the machine: {watch.leaks}"


def run(page, code: str) -> None:
    """Run code in a new cell at the end of the notebook."""
    page.evaluate(
        """async (code) => {
          const { commands, shell } = window.jupyterapp;
          const notebook = shell.currentWidget.content;
          notebook.activeCellIndex = notebook.widgets.length - 1;
          await commands.execute("notebook:insert-cell-below");
          notebook.activeCell.model.sharedModel.setSource(code);
          commands.execute("notebook:run-cell");
        }""",
        code,
    )


def test_arrow_keys_move_the_window_and_not_the_notebook(worked):
    cell = worked.locator(".slide-lab .cb-output .cb-cell[tabindex='0']")
    cell.scroll_into_view_if_needed()
    cell.click()
    before = worked.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    worked.keyboard.press("ArrowRight")
    worked.keyboard.press("ArrowDown")
    worked.wait_for_function(
        "() => document.querySelector('.slide-lab .cb-sentence').textContent.startsWith('Output [1, 1]')"
    )
    assert worked.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex") == before


def test_python_hears_where_the_window_is_and_moves_it(worked):
    worked.locator(".slide-lab .cb-output .cb-cell").nth(6).click()
    heard = worked.locator(".jp-OutputArea-output").get_by_text("at [0, 1, 2]")
    for _ in range(40):  # while the kernel is busy the browser keeps a change back, and code overtakes it
        run(worked, "print('at', slide.at)")
        worked.wait_for_timeout(1000)
        if heard.count():
            break
    assert heard.count()
    run(worked, "slide.at = [0, 3, 3]")
    worked.wait_for_function(f"() => {SENTENCE}.startsWith('Output [3, 3]')")


def test_xray_again_sees_the_function_that_was_mended(worked):
    sentence = worked.locator(".conv-xray .cb-sentence")
    assert "the kernel is flipped" in sentence.inner_text()
    run(worked, NOTEBOOK[1].replace("[::-1, ::-1]", "") + "\nprint('mended')")
    worked.wait_for_selector(".jp-OutputArea-output >> text=mended")
    worked.locator(".conv-xray").get_by_role("button", name="X-ray again").click()
    worked.wait_for_function(
        "() => document.querySelector('.conv-xray .cb-sentence').textContent.startsWith('All 16 outputs')"
    )


def pictures(path) -> list[dict]:
    """Return the outputs of a saved notebook that hold a picture; none before its widgets are saved too."""
    saved = json.loads(path.read_text("utf-8"))
    outputs = [output for cell in saved["cells"] for output in cell["outputs"]]
    return (
        [one for one in outputs if "image/png" in one.get("data", {})]
        if "widgets" in saved["metadata"]
        else []
    )


def test_a_saved_notebook_opens_again_with_living_widgets_and_no_answer_from_a_kernel(worked, lab):
    run(worked, "slide.at = [0, 3, 2]")
    worked.wait_for_function(f"() => {SENTENCE}.startsWith('Output [3, 2]')")
    for _ in range(60):
        lab.command(worked, "docmanager:save")
        worked.wait_for_timeout(1000)
        if found := pictures(lab.root / "widgets.ipynb"):
            break
    assert len(found) == 2
    for output in found:
        assert output["metadata"]["image/png"]["alt"] == "".join(output["data"]["text/plain"])
    lab.command(worked, "kernelmenu:shutdown")
    lab.open(worked, "widgets.ipynb")  # with a new kernel, which knows nothing of the widgets
    worked.wait_for_selector(".slide-lab .cb-output")
    assert worked.inner_text(".slide-lab .cb-sentence").startswith("Output [3, 2]")
    worked.locator(".slide-lab").get_by_role("button", name="Next output").click()
    worked.wait_for_function(f"() => {SENTENCE}.startsWith('Output [3, 3]')")
