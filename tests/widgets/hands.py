"""Fingers on a page: real touches, sent the way a screen sends them."""

from __future__ import annotations

from typing import Any

Point = tuple[float, float]


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

    def drag(self, *ways: tuple[Point, Point], steps: int = 8) -> None:
        """Drag a finger from one point to another; two of them at once where two ways are given."""
        self._send("touchStart", *(start for start, _ in ways))
        for n in range(1, steps + 1):
            part = n / steps
            self._send(
                "touchMove", *((a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part) for a, b in ways)
            )
        self._send("touchEnd")
