"""How long from a key press to the new picture: a bare canvas, our widgets, and ipywidgets' `interact`.

    python benchmarks/keypress.py

All run in one notebook in a real JupyterLab, one after the other. A time reaches from the browser's `keydown` event to the
display frame after the one in which the picture is found changed, when it is surely on the screen. Told are the median, the
95th percentile and the slowest of the presses, and the median's share of `interact`'s. Then 40 keys come, one every 33 ms:
told is how many of the 40 states were on the screen in some frame. Needs Chromium and the packages of the `dev` extra.

What is meant is said at the end: our widgets take at most 0.25 of `interact`'s time, a 95th percentile at most twice the
median, and 40 of 40 states; the exit code is 1 where one of these does not hold, as on a machine that does something else.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from browser import FLAGS, Lab, chromium_path

PRESSES = 40
STATES = 40
EVERY_MILLISECONDS = 33
SHARE, SPREAD = 0.25, 2.0  # of interact's median; of the 95th percentile to the median
OURS, THEIRS = ("SlideLab", "FilterPainter"), "interact, one inline panel"
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
    THEIRS: (".widget-slider .noUi-handle", "ArrowRight",
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

PACED = """async ([focus, keys, picture, every]) => {
  const place = document.querySelector(focus);
  let shown = eval(picture);
  let changes = 0;
  let on = true;
  const look = () => {
    const now = eval(picture);
    if (now !== shown) changes += 1;
    shown = now;
    if (on) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  const start = performance.now();
  for (let n = 0; n < keys.length; n++) {
    await new Promise((go) => setTimeout(go, Math.max(0, start + n * every - performance.now())));
    const target = document.querySelector(focus) ?? place;
    target.dispatchEvent(new KeyboardEvent("keydown", { key: keys[n], code: keys[n], bubbles: true, composed: true, cancelable: true }));
  }
  await new Promise((go) => setTimeout(go, 3000)); // what comes late counts too
  on = false;
  return changes;
}"""


def keys_of(focus: str, key: str, many: int) -> list[str]:
    """Return keys of which each changes the picture: the window of SlideLab goes to and fro."""
    return ["ArrowLeft" if focus.startswith(".cb-image") and n % 6 > 2 else key for n in range(many)]


def states(page: Any, focus: str, key: str, picture: str) -> int:
    """Return how many states were seen of as many keys, one every 33 ms."""
    place = page.locator(focus).first
    place.scroll_into_view_if_needed()
    place.focus()
    page.wait_for_timeout(1000)  # the notebook lays itself out anew after a scroll
    return page.evaluate(PACED, [focus, keys_of(focus, key, STATES), picture, EVERY_MILLISECONDS])


def measured(page: Any, focus: str, key: str, picture: str) -> list[float]:
    """Return the milliseconds of each press."""
    place = page.locator(focus).first
    place.scroll_into_view_if_needed()
    page.wait_for_function(f"() => ({picture}) !== null")
    times = []
    for pressed in keys_of(focus, key, PRESSES + 2):
        page.locator(focus).first.focus()
        page.evaluate(WATCH, picture)
        page.keyboard.press(pressed)
        times.append(page.evaluate("() => window.shown"))
        page.wait_for_timeout(50)
    return times[2:]  # the first ones warm up


def report(times: dict[str, list[float]], seen: dict[str, int]) -> bool:
    """Print the table and what is meant; return whether all of it holds."""
    print(
        f"{'':28}{'median':>9}{'p95':>9}{'slowest':>9}{'share':>9}{'states':>12}   milliseconds, of {PRESSES} presses"
    )
    theirs, missed = statistics.median(times[THEIRS]), []
    for name, all_ in times.items():
        median, late = statistics.median(all_), statistics.quantiles(all_, n=20)[-1]
        row = f"{name:28}{median:9.0f}{late:9.0f}{max(all_):9.0f}{median / theirs:9.2f}"
        print(f"{row}{f'{seen[name]} of {STATES}':>12}")
        held = {
            "share": median <= SHARE * theirs,
            "p95": late <= SPREAD * median,
            "states": seen[name] == STATES,
        }
        missed += [f"{name}'s {what}" for what, well in held.items() if name in OURS and not well]
    meant = (
        f"a share of at most {SHARE}, a p95 of at most {SPREAD:g} × the median, {STATES} of {STATES} states"
    )
    print(f"\nmeant: {meant}; {'missed: ' + ', '.join(missed) if missed else 'all of it holds'}")
    return not missed


def main() -> int:
    """Measure every case and print a table; return 1 where what is meant does not hold."""
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
            times = {name: measured(page, *case) for name, case in CASES.items()}
            seen = {name: states(page, *case) for name, case in CASES.items()}
            browser.close()
    finally:
        server.close()
    return 0 if report(times, seen) else 1


if __name__ == "__main__":
    sys.exit(main())
