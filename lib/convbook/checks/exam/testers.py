"""Tests of `conv2d_naive` that miss one kind of fault each: so the check proves that it tells the kinds apart.

PyTorch gives what is wanted. `test_conv2d` asks for a test that a learner could believe without PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from convbook.checks.exam.implementations import computed

Tester = Callable[[Callable[..., Any]], None]
# n, c, h, w, f, kh, kw, stride, padding, bias: sides that differ, and everything that may be left out
LAYERS = (
    (2, 3, 5, 7, 2, 2, 3, 1, 0, True),
    (3, 2, 6, 9, 3, 3, 2, 2, 1, True),
    (1, 1, 8, 8, 1, 3, 3, 1, 2, False),
    (2, 2, 11, 13, 3, 3, 3, 3, 2, True),
    (2, 3, 5, 7, 2, 2, 3, 1, 1, False),
    (2, 3, 5, 7, 2, 2, 3, 1, 1, True),
)
Layer = tuple[int, int, int, int, int, int, int, int, int, bool]


def with_sides(**fixed: int) -> Callable[[Layer], Layer]:
    """Return a change of layers: some of their numbers, by name, are always the same."""
    names = ("n", "c", "h", "w", "f", "kh", "kw", "stride", "padding", "bias")

    def change(layer: Layer) -> Layer:
        return tuple(fixed.get(name, value) for name, value in zip(names, layer, strict=True))  # type: ignore

    return change


def numbers(rng: np.random.Generator, layer: Layer) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    n, c, h, w, f, kh, kw, _, _, bias = layer
    draw = rng.standard_normal
    return draw((n, c, h, w)), draw((f, c, kh, kw)), 3 * draw(f) if bias else None


def tester(
    layers: Callable[[Layer], Layer] = lambda layer: layer,
    arrays: Callable[..., Any] = lambda x, w, b: (x, w, b),
    seen: Callable[[np.ndarray, Any], np.ndarray] = lambda y, wanted: y,
    rtol: float = 1e-4,
    atol: float = 1e-4,
    trusting: bool = False,
) -> Tester:
    """Return a test; `layers`, `arrays` and `seen` narrow what it tries, a `trusting` one looks at no traces."""

    def test_conv2d(implementation: Callable[..., Any]) -> None:
        for given in cases(layers, arrays, trusting):
            before = [None if v is None else np.array(v) for v in given[:3]]
            wanted, yours = computed(*given), np.asarray(implementation(*given))
            yours, goal = seen(yours, wanted), seen(wanted, wanted)
            assert yours.shape == goal.shape, "another shape"
            assert np.allclose(yours, goal, rtol, atol), "other numbers"
            kept = all(v is None or np.array_equal(v, o) for v, o in zip(given[:3], before, strict=True))
            assert trusting or kept, "its arguments are changed"

    return test_conv2d


def cases(layers: Callable, arrays: Callable, trusting: bool) -> Iterator[tuple]:
    """Yield the arguments of every call; for a trusting test no kernel has a shape that was there before."""
    rng, shapes = np.random.default_rng(3), set()
    for layer in map(layers, LAYERS):
        x, w, b = arrays(*numbers(rng, layer))
        if trusting and w.shape in shapes:
            continue
        shapes.add(w.shape)
        yield x, w, b, *layer[7:9]


def _flat_kernels(x: np.ndarray, w: np.ndarray, b: Any) -> tuple:
    return x, w * 0 + w[:, :, :1, :1], b


def _counted(x: np.ndarray, w: np.ndarray, b: Any) -> tuple:
    """Return positive whole numbers: rounding leaves what they give as it is."""
    whole = [
        None if v is None else np.arange(v.size).reshape(v.shape) % side + 1.0
        for v, side in ((x, 5), (w, 3), (b, 7))
    ]
    return tuple(whole)


def _inner(y: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return all but the last row and column of what should be there; all of it where the shape is quite another."""
    rows, columns = wanted.shape[2:]
    return y[..., : rows - 1, : columns - 1] if abs(y.shape[-1] - columns) < 2 else y


NARROW: dict[str, dict[str, Any]] = {
    "the kernel": {"arrays": _flat_kernels, "layers": with_sides(kh=3, kw=3)},
    "the stride": {"layers": with_sides(stride=1)},
    "the padding": {"layers": with_sides(padding=0)},
    "the bias": {"arrays": lambda x, w, b: (x, w, np.zeros(len(w)))},
    "the channels": {"layers": with_sides(c=1)},
    "the filters": {"layers": with_sides(f=1)},
    "the batch": {"layers": with_sides(n=1)},
    "the last row and column": {"seen": _inner},
    "sides that differ": {"layers": with_sides(h=11, w=11, kh=3, kw=3)},
    "the numbers": {"arrays": _counted},
    "what it leaves behind": {"trusting": True},
}


def missing(kind: str) -> Tester:
    """Return a test that finds every kind of fault but this one."""
    return tester(**NARROW[kind])
