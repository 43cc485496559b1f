"""The check of `shortcut_a`: the free shortcut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convbook.checks.engine.declare import case, counting, drawn, exercise, mistake
from convbook.checks.engine.families_pixels import strided_pixels
from convbook.checks.engine.modules.tensors import Gradient, Tensors
from convbook.forms import Case

ROWS = "with stride {stride} rows {kept} of {h} are kept"
MAPS = "{c} maps come in, so {more} of zeros follow them to make {c_out}"
ZERO = "the new maps are zeros: they add nothing"
BACK = "the pixels that are kept pass their gradient back unchanged"


def shortcut_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images whose every pixel can be told by its number, then random ones."""
    yield case(counting(1, 1, 4, 4), 2, 2)
    yield case(counting(1, 1, 4, 4), 1, 2, about="no new channels")
    yield case(counting(1, 1, 2, 2), 4, 1, about="stride 1")
    yield case(counting(1, 2, 3, 5), 4, 2, about="odd sides")
    yield case(counting(1, 2, 3, 3), 5, 2, about="an odd number of new channels")
    yield case(counting(1, 1, 7, 7), 2, 3)
    yield case(counting(2, 2, 4, 4), 4, 2, about="two images")
    yield case(counting(1, 1, 4, 4).astype(np.float32), 3, 2, about="float32")
    for _ in range(4):
        n, c, more, stride = (int(v) for v in rng.integers([1, 1, 0, 1], [4, 5, 6, 4]))
        yield drawn(rng.normal(size=(n, c, *rng.integers(3, 9, 2))), c + more, stride)


def widened(kept, c_out):
    """Return maps with maps of zeros behind them, until there are c_out."""
    return np.pad(kept, ((0, 0), (0, max(c_out - kept.shape[1], 0)), (0, 0), (0, 0)))[:, :c_out]


def filled(x, y, copies):
    """Return the result with copies of the input's maps, or ones, in the place of its zeros."""
    kept = y[:, : x.shape[1]]
    extra = kept[:, np.arange(y.shape[1] - x.shape[1]) % x.shape[1]]
    return np.concatenate([kept, extra if copies else np.ones_like(extra)], 1)


@exercise(
    "The free shortcut", points=4, cases=shortcut_cases, observe=Tensors(), forbid="",
    shapes="x (n, c, h, w) -> (n, c_out, h_out, w_out)",
    facts={"more": lambda c, c_out: c_out - c, "kept": lambda h, stride: ", ".join(str(i) for i in range(0, h, stride))},
    why="rows {kept} and the columns likewise: {h_out}×{w_out} pixels; then maps of zeros after the {c}, until there are {c_out}",
    mistakes=(
        *strided_pixels(ROWS, widened),
        mistake("the zeros stand in front", "the input's maps come first, the maps of zeros after them", MAPS,
                result=lambda y, more: np.roll(y, more, 1)),
        mistake("half of the zeros stand in front", "all the maps of zeros come after the input's", MAPS,
                result=lambda y, more: np.roll(y, more // 2, 1)),
        mistake("no maps are appended", "the result has `c_out` maps", MAPS, c_out=lambda c: c),
        mistake("c_out maps are appended", "the result has `c_out` maps in all", MAPS, c_out=lambda c, c_out: c + c_out),
        mistake("as many maps are appended as come in", "the result has `c_out` maps, which need not be twice as many", MAPS,
                c_out=lambda c: 2 * c),
        mistake("the zeros are appended to another axis", "new maps lengthen axis 1; `F.pad` counts its pairs from the last axis "
                "on: left, right, top, bottom, then the maps", MAPS,
                result=lambda y, c, more: np.pad(y[:, :c], ((0, 0), (0, 0), (0, 0), (0, more)))),
        mistake("the input's maps are repeated", ZERO, MAPS, result=lambda y, x: filled(x, y, copies=True)),
        mistake("the new maps are ones", ZERO, MAPS, result=lambda y, x: filled(x, y, copies=False)),
        mistake("no gradient flows through it", f"{BACK}: no `detach`, no `no_grad`, no `.data`, no NumPy", edit=Gradient(0.0)),
        mistake("the gradient is changed on its way", f"{BACK}, and the others get none", edit=Gradient(2.0)),
    ),
)  # fmt: skip
def shortcut_a(x, c_out, stride):
    return widened(x.detach().numpy()[:, :, ::stride, ::stride], c_out)
