"""SlideLab: window × weights + bias = number, cell by cell; predict the number first."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook.widgets.base import Numbers, Widget

IMAGE = [
    [0, 0, 1, 2, 1, 0],
    [0, 1, 3, 3, 2, 0],
    [1, 3, 1, 0, 3, 1],
    [1, 3, 0, 1, 3, 1],
    [0, 2, 3, 3, 1, 0],
    [0, 0, 1, 1, 0, 0],
]
KERNEL = [[1, 0, 0], [0, 2, 1], [0, 0, -1]]
MOST = {"c": 3, "h": 12, "w": 12, "f": 4, "i": 7, "j": 7}


class SlideLab(Widget):
    """Slide kernels over a small image and see each product, their sum and the bias.

    `image` is (h, w) or (c, h, w), at most 3 channels of 12 × 12 pixels; `kernels` (kh, kw), (c, kh, kw) or
    (f, c, kh, kw), at most 4 filters of 7 × 7; `bias` a number for all filters or one each. With `predict=True` every
    output is hidden until the learner has typed a number; the guesses are in `guesses`, as
    [filter, row, column, guess].

    >>> SlideLab().words()[:37]
    'Output [0, 0] is 4: the window covers'
    """

    view: ClassVar[str] = "slide_lab"
    title: ClassVar[str] = "Slide a window"

    image = Numbers("c h w", MOST).tag(sync=True)
    kernels = Numbers("f c i j", MOST).tag(sync=True)
    bias = Numbers("f", MOST).tag(sync=True)
    stride = traitlets.Int(1, min=1).tag(sync=True)
    padding = traitlets.Int(0, min=0, max=4).tag(sync=True)
    at = traitlets.List([0, 0, 0]).tag(sync=True)
    predict = traitlets.Bool(False).tag(sync=True)
    guesses = traitlets.List([]).tag(sync=True)

    def __init__(
        self,
        image: Any = None,
        kernels: Any = None,
        bias: Any = 0.0,
        *,
        stride: int = 1,
        padding: int = 0,
        predict: bool = False,
    ):
        """Show `image` under `kernels`; without them a small ring under a slanted kernel."""
        image = IMAGE if image is None else image
        kernels = KERNEL if kernels is None else kernels
        filters = np.shape(kernels)[0] if np.ndim(kernels) == 4 else 1
        bias = np.broadcast_to(bias, filters) if np.ndim(bias) == 0 else bias
        super().__init__(
            image=image, kernels=kernels, bias=bias, stride=stride, padding=padding, predict=predict
        )
        self._agree()

    def _agree(self) -> None:
        """Raise `ValueError` where image, kernels and bias do not fit together."""
        channels, height, width = np.shape(self.image)
        filters, depth, rows, columns = np.shape(self.kernels)
        if depth != channels:
            raise ValueError(f"the image has {channels} channels and the kernels {depth}; they must be equal")
        if len(self.bias) != filters:
            raise ValueError(
                f"there are {filters} kernels and {len(self.bias)} biases; give one bias for each"
            )
        if rows > height + 2 * self.padding or columns > width + 2 * self.padding:
            raise ValueError(
                f"the {rows} × {columns} window does not fit into the {height} × {width} image "
                f"with padding {self.padding}"
            )

    def outputs(self) -> np.ndarray:
        """Return all outputs, (f, h', w'), as PyTorch computes them in float64."""
        import torch

        image, kernels = (torch.tensor(value, dtype=torch.float64) for value in (self.image, self.kernels))
        sums = torch.nn.functional.conv2d(image[None], kernels, stride=self.stride, padding=self.padding)[0]
        return sums.numpy() + np.array(self.bias)[:, None, None]
