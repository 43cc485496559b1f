"""MatrixView: image, kernel and the convolution's matrix linked; transposed, the same picture runs backward."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook.widgets.base import Numbers, Widget

MOST_PIXELS = 16  # a column of the matrix for each, and a row of the transposed one
MOST = {"h": MOST_PIXELS, "w": MOST_PIXELS, "i": 5, "j": 5}
ROW, ROW_KERNEL = [1, 0, 2, 1, 3, 1], [2, 5, 3]
IMAGE = [[1, 0, 2, 1], [3, 1, 0, 2], [0, 2, 1, 1]]
KERNEL = [[2, 5], [3, 1]]
GRADIENTS = [1, -1, 2, 0]  # of the outputs, over and over, where none are given


class MatrixView(Widget):
    """Show a convolution as a matrix: drag a weight and its whole stripe changes; transpose, and it runs backward.

    `image` is a row of pixels (n,) with a kernel (k,), or (h, w) with (kh, kw); at most 16 pixels. `gradient` is that of the
    outputs, (n - k + 1,) or (h', w'), for the way backward. Without an image there are a row and an image to choose from.
    `matrix` is "Toeplitz" (weights stand in the cells) or "im2col" (pixels do); `choose=False` offers that one alone.

    >>> MatrixView([1, 0, 2, 1, 3, 1], [2, 5, 3]).words()[:61]
    'Weight [0] is 2. It stands in 4 of the 4 · 6 cells: once in e'
    """

    view: ClassVar[str] = "matrix_view"
    title: ClassVar[str] = "A convolution is a matrix"

    image = Numbers("h w", MOST).tag(sync=True)
    kernel = Numbers("i j", MOST).tag(sync=True)
    gradient = Numbers("h w", MOST, default_value=[[0.0]]).tag(sync=True)
    matrix = traitlets.Enum(["Toeplitz", "im2col"], "Toeplitz").tag(sync=True)
    transposed = traitlets.Bool(False).tag(sync=True)
    choose = traitlets.Bool(True).tag(sync=True)
    at = traitlets.List(["weight", 0]).tag(sync=True)
    examples = traitlets.List([]).tag(sync=True)

    def __init__(
        self,
        image: Any = None,
        kernel: Any = None,
        gradient: Any = None,
        *,
        matrix: str = "Toeplitz",
        transposed: bool = False,
        choose: bool = True,
    ):
        """Show the matrix of `kernel` on `image`; raise `ValueError` where the two do not fit."""
        if matrix not in ("Toeplitz", "im2col"):
            raise ValueError(f'matrix is {matrix!r}; wanted "Toeplitz" or "im2col"')
        if (image is None) != (kernel is None):
            raise ValueError("give an image and its kernel, or none of them")
        examples = [] if image is not None else [_example("a row", ROW, ROW_KERNEL), _example("an image", IMAGE, KERNEL)]  # fmt: skip
        if examples:
            image, kernel = ROW, ROW_KERNEL
        super().__init__(image=image, kernel=kernel, examples=examples)
        self.gradient = _gradients(self.image, self.kernel) if gradient is None else gradient
        self.matrix, self.transposed, self.choose = matrix, transposed, choose
        wanted = _outputs(self.image, self.kernel)
        if np.shape(self.gradient) != wanted:
            raise ValueError(
                f"gradient has shape {np.shape(self.gradient)}; there are {' × '.join(map(str, wanted))} outputs"
            )


def _outputs(image: list, kernel: list) -> tuple[int, int]:
    """Return how many outputs there are down and across; raise `ValueError` where kernel or image cannot be shown."""
    (height, width), (rows, columns) = np.shape(image), np.shape(kernel)
    if height * width > MOST_PIXELS:
        raise ValueError(f"the image has {height * width} pixels; the widget shows at most {MOST_PIXELS}")
    if rows > height or columns > width:
        raise ValueError(f"the {rows} × {columns} kernel does not fit into the {height} × {width} image")
    return height - rows + 1, width - columns + 1


def _gradients(image: list, kernel: list) -> np.ndarray:
    """Return a gradient for every output, small whole numbers."""
    return np.resize(GRADIENTS, _outputs(image, kernel))


def _example(name: str, image: list, kernel: list) -> dict[str, Any]:
    two = [np.atleast_2d(one).tolist() for one in (image, kernel)]
    return {"name": name, "image": two[0], "kernel": two[1], "gradient": _gradients(*two).tolist()}
