"""How long from a key press to the new picture: a bare canvas, our widgets, and ipywidgets' `interact`.

    python benchmarks/keypress.py

All run in one notebook in a real JupyterLab, one after the other. A time reaches from the browser's `keydown` event to the
display frame after the one in which the picture is found changed, when it is surely on the screen. Told are the median and the
slowest of the presses. Needs Chromium and the packages of the `dev` extra.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from browser import FLAGS, Lab, chromium_path

PRESSES = 20
CANVAS = """
from IPython.display import HTML
HTML('''<canvas id="bare" tabindex="0" width="300" height="100"></canvas><script>
  const bare = document.getElementById("bare"), pen = bare.getContext("2d");
  let n = 0;
  bare.addEventListener("keydown", (event) => {
    event.stopPropagation();
    pen.clearRect(0, 0, 300, 100);
    pen.fillRect(n++, 20, 60, 60);
    bare.dataset.shown = n;
  });
</script>''')
"""
INTERACT = """
import numpy as np, ipywidgets, matplotlib.pyplot as plt
%matplotlib inline
image = np.random.default_rng(0).random((64, 64))
def show(k):
    plt.imshow(np.roll(image, k, 1), cmap="gray")
    plt.show()
ipywidgets.interact(show, k=ipywidgets.IntSlider(0, 0, 60));
"""
CELLS = [
    CANVAS,
    "from convbook.widgets import FilterPainter, SlideLab\nSlideLab()",
    "FilterPainter()",
    INTERACT,
]
# What has the focus, the key, and what tells that another picture is there.
CASES = {
    "a bare canvas": ("#bare", "ArrowRight", "document.getElementById('bare').dataset.shown"),
    "SlideLab": (".cb-image .cb-cell[tabindex='0']", "ArrowRight",
                 "document.querySelector('.slide-lab .cb-sentence').textContent"),
    "FilterPainter": (".filter-painter .cb-kernel .cb-cell[tabindex='0']", "+",
                      "document.querySelector('.filter-painter .cb-kernel .cb-cell').textContent"),
    "interact, one inline panel": (".widget-slider .noUi-handle", "ArrowRight",
                                   "document.querySelector('.widget-output img, .jupyter-widgets img')?.src"),
}  # fmt: skip
PREPARE = """() => {
  window.addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
}"""
WATCH = """(picture) => {
  const now = () => eval(picture);
  const frame = () => new Promise((go) => requestAnimationFrame(go));
  const before = now();
  const deadline = performance.now() + 10000;
  window.shown = (async () => {
    while (now() === before && performance.now() < deadline) await frame();
    if (now() === before) throw new Error("the picture did not change");
    await frame();
    return performance.now() - window.pressed;
  })();
}"""


def measured(page: Any, focus: str, key: str, picture: str) -> list[float]:
    """Return the milliseconds of each press."""
    place = page.locator(focus).first
    place.scroll_into_view_if_needed()
    page.wait_for_function(f"() => ({picture}) !== null")
    times = []
    for press in range(PRESSES + 2):
        keys = key if not (focus.startswith(".cb-image") and press % 6 > 2) else "ArrowLeft"  # to and fro
        page.locator(focus).first.focus()
        page.evaluate(WATCH, picture)
        page.keyboard.press(keys)
        times.append(page.evaluate("() => window.shown"))
        page.wait_for_timeout(50)
    return times[2:]  # the first ones warm up


def main() -> None:
    """Measure every case and print a table."""
    from playwright.sync_api import sync_playwright

    server = Lab(Path(tempfile.mkdtemp(prefix="convbook-keypress-")))
    try:
        server.write("keys.ipynb", CELLS)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
            page = browser.new_page(viewport={"width": 1100, "height": 2400})
            server.open(page, "keys.ipynb")
            server.run_all(page)
            page.wait_for_selector(".noUi-handle")
            page.wait_for_selector(".jupyter-widgets img, .widget-output img")
            page.evaluate(PREPARE)
            print(f"{'':28}{'median':>9}{'slowest':>9}   milliseconds, of {PRESSES} presses")
            for name, case in CASES.items():
                times = measured(page, *case)
                print(f"{name:28}{statistics.median(times):9.0f}{max(times):9.0f}")
            browser.close()
    finally:
        server.close()


if __name__ == "__main__":
    main()
