"""ShapeCalc: a ribbon of pixels, a bracket for every place of the window, and the output whose edge can be dragged."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar

import traitlets

from convbook.widgets.base import Widget

# The same limits stand in static/_shape_calc.js; a test compares them.
LIMITS = {"size": (1, 32), "kernel": (1, 11), "stride": (1, 6), "padding": (0, 5), "dilation": (1, 4)}
MOST_PLACES = 42  # of a kernel of 1 on 32 pixels with 5 zeros at each end


def _setting(name: str, default: int) -> traitlets.Int:
    low, high = LIMITS[name]
    return traitlets.Int(default, min=low, max=high).tag(sync=True)


class ShapeCalc(Widget):
    """Drag the edge of the output and see which size, kernel, stride, padding or dilation gives that length.

    All numbers are those of one side of a square layer; `wanted` is the length to be reached, 0 for none. A window that
    does not fit is shown with the sentence in which `nn.Conv2d` refuses it. Raises `ValueError` for a number that is
    not whole, or beyond what can be drawn.

    >>> ShapeCalc(7, 3, stride=3).words()[:43]
    'A window of 3 pixels goes along 7 pixels in'
    """

    view: ClassVar[str] = "shape_calc"
    title: ClassVar[str] = "Which settings give this size?"

    size = _setting("size", 7)
    kernel = _setting("kernel", 3)
    stride = _setting("stride", 1)
    padding = _setting("padding", 0)
    dilation = _setting("dilation", 1)
    wanted = traitlets.Int(0, min=0, max=MOST_PLACES).tag(sync=True)

    def __init__(self, size: int = 7, kernel: int = 3, stride: int = 1, padding: int = 0, dilation: int = 1,
                 wanted: int = 0):  # fmt: skip
        settings = dict(zip(LIMITS, (size, kernel, stride, padding, dilation), strict=True))
        for name, value in settings.items():
            _refuse(name, value, *LIMITS[name])
        _refuse("wanted", wanted, 0, MOST_PLACES)
        super().__init__(**{name: int(value) for name, value in settings.items()}, wanted=int(wanted))


def _refuse(name: str, value: Any, low: int, high: int) -> None:
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}; ShapeCalc takes a whole number from {low} to {high}")
