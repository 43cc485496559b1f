"""One example of every figure of units 4 and 5."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convbook.figures import gradients, pooling_and_backprop, training
from convbook.style import Figure

RNG = np.random.default_rng(45)
IMAGE, SLOPES = RNG.uniform(size=(28, 28)), RNG.normal(size=(28, 28))
TABLE = np.arange(16.0).reshape(4, 4)
PEAK = np.array([[1.0, 2, 3], [4, 9, 5], [0, 6, 7]])
DOUT = np.array([[1.0, 10], [100, 1000]])
LAYERS = ("convolution", "ReLU", "max pool", "convolution\nstride 2", "ReLU", "linear")
SHAPES = ((1, 8, 8), (8, 8, 8), (8, 8, 8), (8, 4, 4), (16, 2, 2), (16, 2, 2), (10,))
X = np.linspace(-3.0, 3.0, 61)
LENET = [("Input", (1, 32, 32)), ("C1", (6, 28, 28)), ("S2", (6, 14, 14)), ("C3", (16, 10, 10)), ("S4", (16, 5, 5)),
         ("C5", (120, 1, 1)), ("F6", (84,)), ("output", (10, 1, 1))]  # fmt: skip


def bowl(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (first - 1) ** 2 + (second - 1) ** 2


MADE: dict[str, Callable[[], Figure]] = {
    "pooling_and_backprop.nudge": lambda: pooling_and_backprop.nudge(IMAGE, SLOPES, IMAGE, "sneaker", "ankle boot"),
    "pooling_and_backprop.chain": lambda: pooling_and_backprop.chain(LAYERS, SHAPES, mark=["max pool"]),
    "pooling_and_backprop.pooled_windows": lambda: pooling_and_backprop.pooled_windows(
        TABLE, 2, {"largest": np.array([[5.0, 7], [13, 15]]), "mean": np.array([[2.5, 4.5], [10.5, 12.5]])}
    ),
    "pooling_and_backprop.routes_back": lambda: pooling_and_backprop.routes_back(
        PEAK, DOUT, {"max": np.where(PEAK == 9, 1111.0, 0), "mean": PEAK / 4}, 2, 1
    ),
    "pooling_and_backprop.pooled_on_the_move": lambda: pooling_and_backprop.pooled_on_the_move(
        np.eye(4, 8), np.eye(4, 8).reshape(4, 4, 2).max(2), 2
    ),
    "gradients.gradient_checks": lambda: gradients.gradient_checks(PEAK, {"right": PEAK + 1e-9, "wrong": -PEAK}),
    "gradients.compared": lambda: gradients.compared({"ReLU": 1e-11, "max pooling": 3e-9, "the convolution's biases": 2.0}),
    "gradients.errors_by_step": lambda: gradients.errors_by_step(
        [1e-9, 1e-5, 1e-1], {"one-sided": [1e-7, 1e-5, 1e-1], "central": [1e-7, 1e-11, 1e-3]}
    ),
    "gradients.windows_of_a_pixel": lambda: gradients.windows_of_a_pixel(3),
    "gradients.slices_regrouped": lambda: gradients.slices_regrouped(20, 3),
    "training.walks": lambda: training.walks(
        {"good": np.array([[-1.0, 3], [0, 2], [1, 1]]), "away": np.array([[-1.0, 3], [9, 9]])}, {"good": bowl, "away": bowl}
    ),
    "training.rate_map": lambda: training.rate_map(np.array([[0.5, 1e-9, 0.1], [2, np.nan, 1e-3]]), (1, 3), (0.1, 0.3, 1)),
    "training.curves": lambda: training.curves(
        {"train": [0.5, 0.8, 0.95], "held back": [0.5, 0.75, 0.8], "test": [0.5, 0.7, 0.81]}, "epoch", "accuracy", share=True
    ),
    "training.activations": lambda: training.activations(
        X, {"tanh": np.tanh(X), "ReLU": np.maximum(X, 0), "leaky ReLU": np.maximum(X, X / 10)},
        {"tanh": 1 - np.tanh(X) ** 2, "ReLU": 1.0 * (X > 0), "leaky ReLU": np.where(X > 0, 1, 0.1)},
    ),
    "training.units_over_time": lambda: training.units_over_time(np.clip(RNG.normal(size=(30, 40)), 0, 1), every=5),
    "training.network": lambda: training.network(LENET),
    "training.filters_and_maps": lambda: training.filters_and_maps(
        IMAGE, RNG.normal(size=(6, 5, 5)), np.maximum(RNG.normal(size=(6, 24, 24)), 0)
    ),
    "training.verdicts": lambda: training.verdicts(
        {"as it is": IMAGE, "shifted": IMAGE, "darker": 0.5 * IMAGE},
        np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.4, 0.35, 0.25]]), ("Ankle boot", "Bag", "Coat"),
    ),
    "training.bars": lambda: training.bars({"all": {"LeNet": 0.98, "an MLP": 0.95}, "shifted": {"LeNet": 0.7, "an MLP": 0.3}}, "share"),
    "training.two_curves": lambda: training.two_curves(np.geomspace(2, 0.1, 50), np.geomspace(2, 0.1, 50) + 1e-9),
}  # fmt: skip
