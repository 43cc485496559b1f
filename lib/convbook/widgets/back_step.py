"""BackStep: gradients of the outputs poured back through the weights, and a learner's own backward beside them."""

from __future__ import annotations

import itertools
import time
from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook.answers import hold
from convbook.answers.backward import Backward, read
from convbook.widgets.base import Numbers, Widget

IMAGE = [[0, 1, 2, 1, 0], [1, 3, 1, 0, 2], [2, 1, 0, 3, 1], [0, 2, 1, 1, 0], [1, 0, 2, 0, 1]]
KERNEL = [[1, 2, 0], [3, -1, 1], [0, 1, -2]]
MOST = {"h": 5, "w": 5, "i": 3, "j": 3}
SETTINGS = {"stride": (1, 2), "padding": (0, 1)}
SECONDS = 5.0  # for all calls of a function


class BackStep(Widget):
    """Pour the gradient of an output back and see it split through the weights into dX; ask a cell of dX who paid.

    `function` is the learner's `conv2d_backward_input(dout, x_shape, w, stride, padding)`. It is read once, with gradients that
    are 0 but for a single 1, for every stride (1, 2) and padding (0, 1). One that fails gives a sentence, never an error.
    `image` has 3 to 5 pixels a side, `kernel` 2 or 3.

    >>> BackStep().words()[:60]
    'Output [0, 0] has the gradient 1. Each weight of its window '
    """

    view: ClassVar[str] = "back_step"
    title: ClassVar[str] = "A step back through a convolution"

    image = Numbers("h w", MOST).tag(sync=True)
    kernel = Numbers("i j", MOST).tag(sync=True)
    stride = traitlets.Enum([1, 2], 1).tag(sync=True)
    padding = traitlets.Enum([0, 1], 0).tag(sync=True)
    poured = traitlets.List([0]).tag(sync=True)  # outputs, counted row by row; [-1]: all of them
    at = traitlets.List(["output", 0]).tag(
        sync=True
    )  # or ["pixel", number], or ["wrong"]: the first wrong pixel
    name = traitlets.Unicode("").tag(sync=True)
    readings = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        function: Any = None,
        *,
        image: Any = None,
        kernel: Any = None,
        stride: int = 1,
        padding: int = 0,
    ):
        """Read `function`, if there is one, and show the way back; raise `ValueError` for sizes that cannot be shown."""
        for setting, value in (("stride", stride), ("padding", padding)):
            if type(value) is not int or value not in SETTINGS[setting]:
                known = " and ".join(map(str, SETTINGS[setting]))
                raise ValueError(f"{setting} is {value!r}; BackStep shows {known}")
        image, kernel = IMAGE if image is None else image, KERNEL if kernel is None else kernel
        super().__init__(image=image, kernel=kernel, stride=stride, padding=padding)
        for what, array, least in (("image", self.image, 3), ("kernel", self.kernel, 2)):
            if min(np.shape(array)) < least:
                raise ValueError(
                    f"the {what} has shape {np.shape(array)}; BackStep shows at least {least} × {least}"
                )
        if function is not None:
            self.name = hold(function).name
            self.readings = _readings(function, np.shape(self.image), np.shape(self.kernel))
            self.poured, self.at = [-1], ["wrong"]


def _readings(function: Any, image: tuple[int, int], kernel: tuple[int, int]) -> dict[str, Any]:
    """Return for each stride and padding what there is to say, and dX's [pixel, output, weight, times] and constants."""
    told, ends = {}, time.monotonic() + SECONDS
    for stride, padding in itertools.product(*SETTINGS.values()):
        said = (
            f"{function!r:.60} is not a function: write BackStep(conv2d_backward_input), without calling it."
        )
        reading = None
        if callable(function):
            backward = Backward(function, (1, 1, *image), stride, padding)
            said, reading = read(backward, kernel, ends - time.monotonic())
        one = told[f"{stride},{padding}"] = {"said": said}
        if reading is not None:
            table = reading.products
            one["products"] = [[*map(int, place), float(table[tuple(place)])] for place in np.argwhere(table)]
            one["constant"] = [float(value) for value in reading.constant]
    return told
