"""What tests of widgets do with a page: drag by mouse and by finger, show fifty times; and ask a pure part in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from convbook.widgets import bundle

Point = tuple[float, float]

COUNT = """() => {
  const open = (window.open_ = { listeners: 0, timers: new Set(), frames: new Set(), observers: new Set() });
  const targets = new Set([window, document, document.documentElement, document.body, document.head]);
  for (const [name, by] of [["addEventListener", 1], ["removeEventListener", -1]]) {
    const real = EventTarget.prototype[name];
    EventTarget.prototype[name] = function (...all) {
      // What hangs on an element of the widget goes with it; what hangs on the page stays.
      if (targets.has(this ?? window) || this instanceof MediaQueryList) open.listeners += by;
      return real.apply(this ?? window, all);
    };
  }
  for (const [start, stop, kept] of [["setInterval", "clearInterval", open.timers], ["setTimeout", "clearTimeout", open.timers],
                                     ["requestAnimationFrame", "cancelAnimationFrame", open.frames]]) {
    const [begin, end] = [window[start], window[stop]];
    window[start] = (act, ...rest) => {
      const ours = (...all) => { if (start !== "setInterval") kept.delete(one); return act(...all); };
      const one = begin(ours, ...rest);
      kept.add(one);
      return one;
    };
    window[stop] = (one) => { kept.delete(one); end(one); };
  }
  for (const name of ["ResizeObserver", "MutationObserver", "IntersectionObserver"]) {
    const Real = window[name];
    window[name] = class extends Real {
      observe(...all) { open.observers.add(this); super.observe(...all); }
      disconnect() { open.observers.delete(this); super.disconnect(); }
    };
  }
}"""
SHOW = """async (module) => {
  const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  const here = document.getElementById("here");
  for (let n = 0; n < 50; n++) {
    const end = await widget.render({ model: window.model, el: here });
    for (const one of here.querySelectorAll("button")) if (/^(Play|X-ray again)/.test(one.textContent)) one.click();
    here.querySelector("[tabindex='0']")?.focus();
    end();
  }
  const { listeners, timers, frames, observers } = window.open_;
  return { elements: here.childElementCount, listeners, timers: timers.size, frames: frames.size,
           observers: observers.size, model: window.model.listening() };
}"""
NOTHING = {"elements": 0, "listeners": 0, "timers": 0, "frames": 0, "observers": 0, "model": 0}


def spoken(page: Any) -> str:
    return page.inner_text(".cb-sentence")


def trait(page: Any, name: str) -> Any:
    return page.evaluate("name => window.model.get(name)", name)


def point(page: Any, selector: str, across: float = 0.5, down: float = 0.5) -> Point:
    """Return a point of an element, given by parts of its width and height."""
    box = page.locator(selector).first.bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def drag_mouse(page: Any, start: Point, end: Point) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=6)
    page.mouse.up()


def middle(page: Any, selector: str, nth: int = 0) -> Point:
    """Return the middle of an element, in pixels of the page."""
    box = page.locator(selector).nth(nth).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class Fingers:
    """Touch a page by the browser's own protocol, so that scrolling, clicks and captures come as from a screen."""

    def __init__(self, page: Any):
        self._session = page.context.new_cdp_session(page)
        self._session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

    def _send(self, kind: str, *points: Point) -> None:
        touches = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def tap(self, point: Point) -> None:
        """Touch a point and lift the finger."""
        self._send("touchStart", point)
        self._send("touchEnd")

    def press(self, point: Point) -> None:
        """Touch a point and stay there, until `lift`."""
        self._send("touchStart", point)

    def lift(self) -> None:
        self._send("touchEnd")

    def drag(self, *ways: tuple[Point, Point], steps: int = 8) -> None:
        """Drag a finger from one point to another; two of them at once where two ways are given."""
        self._send("touchStart", *(start for start, _ in ways))
        for n in range(1, steps + 1):
            part = n / steps
            self._send(
                "touchMove", *((a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part) for a, b in ways)
            )
        self._send("touchEnd")


def drag_finger(page: Any, start: Point, end: Point) -> None:
    """Drag as a touch screen does: where the browser may scroll instead, the widget sees the drag cancelled."""
    Fingers(page).drag((start, end), steps=6)


def keys_that_leave(page: Any, selector: str, *keys: str) -> list[str]:
    """Press keys on an element and return those that the document hears."""
    page.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', (e) => window.heard.push(e.key)); }"
    )
    page.focus(selector)
    for key in keys:
        page.keyboard.press(key)
    return page.evaluate("() => window.heard")


def shown_fifty_times(show: Any, widget: Any) -> dict[str, int]:
    """Return what fifty shows of a widget leave behind on a page and its model; `NOTHING` is what is wanted."""
    page = show(widget)
    page.evaluate("() => window.end()")
    page.evaluate(COUNT)
    return page.evaluate(SHOW, str(widget._esm))


def in_node(module: str, code: str, **values: Any) -> Any:
    """Return what JavaScript makes of plain values, with everything that `static/<module>.js` exports as `part`."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine (Debian: apt-get install nodejs)")
    text = (
        f"import * as part from {(bundle.STATIC / f'{module}.js').as_uri()!r};"
        f"const {{ {', '.join(values)} }} = {json.dumps(values)};"
        "const plain = (_, value) => (ArrayBuffer.isView(value) || value instanceof Set ? [...value] : value);"
        f"console.log(JSON.stringify({code}, plain));"
    )
    # By its input, not as an argument: a network's weights are longer than an argument may be.
    done = subprocess.run([node, "--input-type=module", "-"], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)
