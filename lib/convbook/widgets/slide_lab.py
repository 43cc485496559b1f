"""SlideLab: window × weights + bias = number, cell by cell; predict the number first."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook.style import Figure
from convbook.widgets.base import Numbers, Widget
from convbook.widgets.wording import count, index, number, spread

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
CLOSE_ENOUGH = 0.005


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
        return self._sums() + np.array(self.bias)[:, None, None]

    def _sums(self) -> np.ndarray:
        """Return the outputs without the bias."""
        import torch

        image, kernels = (torch.tensor(value, dtype=torch.float64) for value in (self.image, self.kernels))
        return torch.nn.functional.conv2d(image[None], kernels, stride=self.stride, padding=self.padding)[
            0
        ].numpy()

    def place(self) -> tuple[int, int, int]:
        """Return the place nearest to `at` that exists: filter, row, column."""
        shape = self._sums().shape
        filter_, row, column = (
            min(most - 1, max(0, int(to))) for to, most in zip(self.at, shape, strict=True)
        )
        return filter_, row, column

    def words(self) -> str:
        """Return one sentence about the output the window is at; the browser says the same."""
        at, sums = self.place(), self._sums()
        total, bias = float(sums[at]), self.bias[at[0]]
        name = f"output {index(*at) if len(self.kernels) > 1 else index(*at[1:])}"
        products = count(int(np.prod(np.shape(self.kernels)[1:])), "product")
        covers = f"the window covers {self._coverage(at)}"
        guess = self._guess(at) if self.predict else [None]
        if not guess:
            then = f", then the bias {number(bias)}" if bias else ""
            return (
                f"Predict {name}: {covers}; multiply each pixel by its weight and add the {products}{then}."
            )
        added = f"its {products} {'adds' if products == '1 product' else 'add'} up to {number(total)}"
        rest = f"{covers}, {added}, and the bias adds {number(bias)}." if bias else f"{covers}, and {added}."
        return f"{_opening(guess[0], name, total + bias)}: {rest}"

    def _guess(self, at: tuple[int, int, int]) -> list[float | None]:
        """Return the first guess for a place in a list, [None] if it was only shown, [] if there is none."""
        return [guess[3] for guess in self.guesses if tuple(guess[:3]) == at][:1]

    def _coverage(self, at: tuple[int, int, int]) -> str:
        (_, height, width), (rows, columns) = np.shape(self.image), np.shape(self.kernels)[2:]
        top, left = (to * self.stride - self.padding for to in at[1:])
        inside = len(range(max(0, top), min(height, top + rows))) * len(
            range(max(0, left), min(width, left + columns))
        )
        pixels = len(self.image) * rows * columns
        outside = pixels - len(self.image) * inside
        padded = f" ({outside} of its {count(pixels, 'pixel')} are padding)" if outside else ""
        return f"{spread('row', top, top + rows - 1)} and {spread('column', left, left + columns - 1)} of the image{padded}"

    def outputs_shown(self) -> np.ndarray:
        """Return all outputs, (f, h', w'), with NaN where a prediction is waited for."""
        outputs = self.outputs()
        hidden = np.full(outputs.shape, self.predict)
        for *at, _ in self.guesses:
            hidden[tuple(at)] = False
        return np.where(hidden, np.nan, outputs)

    def picture(self) -> Figure:
        """Return image, weights, bias and output side by side, the window marked."""
        from convbook.widgets.slide_drawing import slide_figure

        return slide_figure(self)


def _opening(guess: float | None, name: str, value: float) -> str:
    if guess is None:
        return f"{name.capitalize()} is {number(value)}"
    if abs(guess - value) <= CLOSE_ENOUGH:
        return f"Right, {name} is {number(value)}"
    return f"You said {number(guess)}, but {name} is {number(value)}"
