"""What an X-ray should show: PyTorch's own convolution, asked once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from convbook.answers.probes import Probe

State = dict[str, Any]


def truth(probe: Probe) -> State:
    """Return what a right answer uses, as plain lists (see `xray_facts`).

    One call tells all: an image for every pixel, which is 0 but for a 1 there, and a filter for every weight. Asking
    PyTorch pixel by pixel takes seconds where others use the machine too, as its threads wait for each other.
    """
    import torch

    channels, height, width = (1, 1, *probe.image)[-3:]
    filters, _, *side = (1, 1, *probe.weights)[-4:]
    pixels, count = channels * height * width, channels * math.prod(side)
    images = torch.eye(pixels).reshape(pixels, channels, height, width)
    kernels = torch.eye(count).reshape(count, channels, *side)
    met = torch.nn.functional.conv2d(images, kernels, **probe.options).numpy()
    places = np.argwhere(np.moveaxis(met, (0, 1), (2, 3))).tolist()  # row, column, pixel, weight
    rows, columns = met.shape[2:]
    own: list[list[list[float]]] = [[] for _ in range(rows * columns)]
    for row, column, pixel, weight in places:
        own[row * columns + column].append([pixel, weight, 1.0])
    return {
        "shape": [filters, rows, columns],
        "products": [[[p, f * count + q, t] for p, q, t in one] for f in range(filters) for one in own],
        "bias": [[[f, 1.0]] if probe.filters else [] for f in range(filters) for _ in own],
        "constant": [0.0] * (filters * rows * columns),
    }
