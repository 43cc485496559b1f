"""One example of every figure of the course: by the function's module and name.

A unit's figures come in a dictionary of their own; a test finds every public function that returns a figure and has none.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator

import numpy as np

from convbook import figures
from convbook.checks import resnet as resnet_check
from convbook.figures import blocks, convolution, counting, pictures, resnet, sharing_and_symmetry, stacks
from convbook.style import Figure
from drawn_04_05 import MADE as POOLING_AND_TRAINING
from drawn_06_07 import MADE as NORMS_AND_DROPOUT
from drawn_08 import MADE as TRANSFER
from drawn_09 import MADE as ARCHITECTURES
from drawn_11 import MADE as IDENTITY_MAPPINGS
from drawn_12 import MADE as EXAM

RNG = np.random.default_rng(0)
PHOTO, MAP = RNG.uniform(size=(24, 36)), RNG.normal(size=(22, 34))
SOBEL = np.array([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]])
ROW, WEIGHTS = np.array([1.0, 0, 2, 1, 3, 1]), np.array([2.0, 5, 3])
MATRIX = np.array([[2.0, 5, 3, 0, 0, 0], [0, 2, 5, 3, 0, 0], [0, 0, 2, 5, 3, 0], [0, 0, 0, 2, 5, 3]])
LAYERS = (("conv", 8, 3, 2, 1), ("pool", 2, 2), ("conv", 16, 3, 1, 1), ("flatten",), ("linear", 10))
SHAPES = ((8, 32, 32), (8, 16, 16), (16, 16, 16), (4096,), (10,))
BILL = stacks.Bill(
    LAYERS, (3, 64, 64), SHAPES, (224, 0, 1168, 0, 40970), (221184, 0, 294912, 0, 40960), 19, (19, 19)
)

MADE: dict[str, Callable[[], Figure]] = {
    "pictures.gallery": lambda: pictures.gallery({"colour": RNG.uniform(size=(3, 24, 36)), "gray": PHOTO, "signed": MAP}),
    "pictures.grids": lambda: pictures.grids({"amounts": np.arange(25.0).reshape(5, 5), "image": np.eye(5)}, pixels=["image"]),
    "convolution.filter_and_photo": lambda: convolution.filter_and_photo(RNG.uniform(size=(3, 24, 36)), SOBEL, MAP, (9, 20)),
    "convolution.filter_zoo": lambda: convolution.filter_zoo(
        PHOTO, {"A": SOBEL, "B": np.ones((3, 3)), "C": SOBEL.T}, {"A": MAP, "B": PHOTO, "C": 2 * MAP}
    ),
    "convolution.places": lambda: convolution.places(7, 3, stride=3, padding=1, dilation=2),
    "convolution.coverage": lambda: convolution.coverage({"padding 0": np.outer([1.0, 2, 3, 2, 1], [1.0, 2, 3, 2, 1])}),
    "convolution.channels_to_map": lambda: convolution.channels_to_map(
        RNG.uniform(size=(3, 24, 36)), np.stack([SOBEL, 0 * SOBEL, -SOBEL]), RNG.normal(size=(3, 22, 34)), MAP
    ),
    "windows.windows_as_columns": lambda: convolution.windows_as_columns(
        np.arange(18.0).reshape(2, 3, 3), np.arange(32.0).reshape(8, 4), 2
    ),
    "windows.filter_times_columns": lambda: convolution.filter_times_columns(
        np.arange(-4.0, 4).reshape(2, 2, 2), np.arange(32.0).reshape(8, 4)
    ),
    "kernels.half_turn": lambda: convolution.half_turn(np.arange(1.0, 10).reshape(3, 3)),
    "kernels.kernel_forming": lambda: convolution.kernel_forming(
        {"step 0": SOBEL / 9, "step 100": SOBEL / 2}, [0.2, 0.1, 0.01, 0.001], SOBEL
    ),
    "convolution.timings": lambda: convolution.timings({"loops": 2.0, "im2col": 0.02, "PyTorch": 0.002}),
    "counting.two_layers": lambda: counting.two_layers(PHOTO, {"fully connected": MAP, "convolution": MAP}),
    "counting.bars": lambda: counting.bars({"as it was": 760, "the kernel's side": 3010}, "parameters", marked="as it was"),
    "counting.growth": lambda: counting.growth([16, 32, 64], {"fully connected": [10**5, 10**6, 10**7], "convolution": [10] * 3}),
    "counting.costs": lambda: counting.costs(BILL),
    "counting.units_below": lambda: counting.units_below([(3, 2), (3, 1)]),
    "counting.fields": lambda: counting.fields(np.pad(np.outer(np.hanning(14)[1:-1], np.hanning(14)[1:-1]), 8), 12),
    "counting.squeezed": lambda: counting.squeezed([8, 16, 32], [5120, 10240, 20480], 15000),
    "stacks.tower": lambda: stacks.tower(BILL, 40_000, 1_000_000, RNG.uniform(size=(3, 16, 16))),
    "sharing_and_symmetry.answers_on_the_move": lambda: sharing_and_symmetry.answers_on_the_move(
        RNG.uniform(size=(4, 12, 12)), {"MLP": [5, 9, 3, 9], "CNN": [5, 5, 5, 5]}, 5
    ),
    "sharing_and_symmetry.shares": lambda: sharing_and_symmetry.shares([0, 1, 2], {"MLP": [1, 0.4, 0.1], "CNN": [1, 0.99, 0.98]}),
    "sharing_and_symmetry.convolution_matrix": lambda: sharing_and_symmetry.convolution_matrix(ROW, WEIGHTS, MATRIX, place=1),
    "sharing_and_symmetry.places_of_a_matrix": lambda: sharing_and_symmetry.places_of_a_matrix(6, 3),
    "sharing_and_symmetry.maps_on_the_move": lambda: sharing_and_symmetry.maps_on_the_move(
        {"as it is": {"image": PHOTO, "map": MAP}, "moved by 2": {"image": PHOTO, "map": MAP}}
    ),
    "sharing_and_symmetry.error_bars": lambda: sharing_and_symmetry.error_bars({"stride 1": [0, 0], "stride 2": [0.4, 0.0]}, (1, 2)),
    "resnet.error_by_depth": lambda: resnet.error_by_depth([8, 20, 56], [[0.01, 0.1, 0.7]], [[0.0, 0.01, 0.02]]),
    "resnet.training_curves": lambda: resnet.training_curves([0.7, 0.8, 0.9], [0.75, 0.82, 0.85]),
    "resnet.gradient_by_layer": lambda: resnet.gradient_by_layer(np.geomspace(200, 0.2, 20), np.geomspace(8, 1, 20)),
    "resnet.signal_by_layer": lambda: resnet.signal_by_layer(np.full(20, 0.7), np.linspace(0.5, 3, 20)),
    "resnet.zero_branch": lambda: resnet.zero_branch(MAP[:8, :8], np.maximum(MAP[:8, :8], 0)),
    "resnet.evidence": lambda: resnet.evidence(RNG.uniform(size=(3, 12, 12)), RNG.normal(size=(3, 4, 4)), ["Coat", "Bag", "Dress"]),
    "blocks.blocks": lambda: blocks.blocks({"plain": resnet_check.drawing("plain", 8, 8), "residual": resnet_check.drawing("BasicBlock", 8, 16, 2)}),
    "blocks.networks": lambda: blocks.networks({"ResNet-50": resnet_check.network_drawing(50)}),
    "resnet.predictions": lambda: resnet.predictions(
        RNG.uniform(size=(6, 1, 12, 12)), [0, 1, 1, 0, 1, 0], [0, 1, 0, 1, 1, 0], ["Ankle boot", "T-shirt/top"]
    ),
}  # fmt: skip
MADE |= NORMS_AND_DROPOUT | TRANSFER
MADE |= NORMS_AND_DROPOUT | EXAM
MADE |= POOLING_AND_TRAINING
MADE |= IDENTITY_MAPPINGS
MADE |= ARCHITECTURES


def functions() -> Iterator[str]:
    """Yield the name of every public function of a figures' module that returns a figure and stands there."""
    for found in pkgutil.iter_modules(figures.__path__):
        module = importlib.import_module(f"convbook.figures.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            returned = str(function.__annotations__.get("return", ""))
            if function.__module__ == module.__name__ and not name.startswith("_") and returned == "Figure":
                yield f"{found.name}.{name}"
