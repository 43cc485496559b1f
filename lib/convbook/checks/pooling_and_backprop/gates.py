"""The two gates that a gradient passes: `relu_backward`, `maxpool2d_backward`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, counting, draws, every_form, every_layout, exercise, mistake
from convbook.checks.engine.families.windows import kept
from convbook.checks.engine.families_pooling import (
    COUNT,
    PLACES,
    from_the_corner,
    gradient_of,
    last_cover,
    led_back,
    mixed_maps,
    moved_by,
    overwritten,
    shared_with_all,
    windows,
)
from convbook.checks.pooling_and_backprop.forward import fits
from convbook.forms import Case


def relu_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield gradients with inputs on both sides of 0, and at 0."""
    x = np.array([[-1.0, 2.0, 0.0], [3.0, -4.0, 5.0]])
    yield case(np.array([[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]]), x)
    yield case(
        np.array([[-1.0, 2.0, -3.0], [4.0, -5.0, 6.0]]), x[::-1].copy(), about="gradients of both signs"
    )
    yield case(counting(4), np.zeros(4), about="every input is 0")
    yield case(counting(1, 2, 2, 3), counting(1, 2, 2, 3) - 5)
    yield from every_layout(counting(2, 3), x)
    yield case(counting(2, 3).astype(np.float32), x.astype(np.float32), about="float32")
    yield from draws(rng, 4, "dout (n, c, h, w), x (n, c, h, w)", n=(1, 3), c=(1, 3), h=(1, 4), w=(1, 4))
    yield from draws(
        rng,
        3,
        "dout (n, d), x (n, d)",
        n=(1, 4),
        d=(2, 5),
        fill=lambda shape: rng.integers(-2, 3, shape) * 1.0,
    )


PASS = "where x was above 0 the gradient passes as it is, elsewhere it is stopped"


@exercise(
    "ReLU backward", points=2, cases=relu_cases, why=PASS + "; at 0 it is stopped too, as in PyTorch",
    help=("truth value of an array with more than one element is ambiguous",),
    mistakes=(
        mistake("the gradient passes at 0", "the slope at 0 is taken to be 0: test `>`, not `>=`", "as in PyTorch", x=lambda x: x + (x == 0)),
        mistake("half of the gradient passes at 0", "the slope at 0 is taken to be 0", "as in PyTorch", result=lambda y, x, dout: y + (x == 0) * dout / 2),
        mistake("the gradient's sign decides, not the input's", PASS, "look at x, not at dout", x=lambda dout: dout),
        mistake("everything passes", PASS, "x has entries below 0", result=lambda dout: dout),
        mistake("it passes where the input was negative", PASS, "it is the other way round", x=lambda x: -x),
        mistake("it is the ReLU of the input", "the forward pass is not asked for: `dout` is what passes", PASS, result=lambda x: x.clamp(min=0)),
        mistake("it is the slope alone", "the slope, 0 or 1, is multiplied by `dout`: the chain rule", PASS, dout=lambda dout: dout * 0 + 1),
        mistake("the gradient is multiplied by the input", "the slope is 1 where x is above 0, not x", PASS, result=lambda y, x: y * x),
        mistake("negative gradients are stopped too", "a gradient may have either sign: only x decides", PASS, result=lambda y: y.clamp(min=0)),
        mistake("a little passes below 0", "that is the leaky ReLU", PASS, result=lambda y, x, dout: y + 0.01 * dout * (x <= 0)),
        mistake("below 0 the sign is turned round", "that is the slope of |x|: below 0 the ReLU is flat", PASS, result=lambda y, x, dout: dout * torch.sign(x)),
    ),
)  # fmt: skip
def relu_backward(dout, x):
    return torch.ops.aten.threshold_backward(dout, x, 0)


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield pooled images with gradients: ties, overlaps, gaps, a rest, pixels below 0."""
    x = np.array([[[[3.0, 9.0, 1.0, 2.0], [4.0, 5.0, 8.0, 6.0]]]])
    yield case(np.array([[[[10.0, 20.0]]]]), x, 2)
    yield case(np.array([[[[10.0, 20.0]]]]), -x, 2, about="every pixel is below 0")
    yield case(np.array([[[[1.0]]]]), np.ones((1, 1, 2, 2)), 2, about="all pixels of the window are equal")
    yield case(
        np.array([[[[1.0]]]]), np.array([[[[0.0, 7.0], [7.0, 7.0]]]]), 2, about="three pixels are equal"
    )
    peak = np.array([[[[1.0, 2.0, 3.0], [4.0, 9.0, 5.0], [0.0, 6.0, 7.0]]]])
    yield case(
        np.array([[[[1.0, 10.0], [100.0, 1000.0]]]]),
        peak,
        2,
        1,
        about="the 9 is the largest in all four windows",
    )
    yield case(
        np.array([[[[10.0, 20.0]]]]),
        np.array([[[[1.0, 2.0, 9.0, 0.0, 3.0], [0.0, 1.0, 0.0, 4.0, 0.0]]]]),
        2,
        3,
    )
    yield case(counting(1, 1, 2, 1), peak.repeat(2, 2)[:, :, :5], 2, about="a rest is left")
    yield case(counting(1, 2, 1, 2), np.concatenate([x, x[..., ::-1]], 1), 2)
    yield case(counting(2, 1, 1, 2), np.concatenate([x, x[..., ::-1]], 0), k=2, stride=None)
    yield case(counting(1, 1, 2, 2), rng.permuted(counting(1, 1, 5, 6).ravel()).reshape(1, 1, 5, 6), 3, 2)
    yield from every_form((2, 3, 2, 1), (rng.permuted(counting(2, 3, 4, 3).ravel())).reshape(2, 3, 4, 3), 2)
    for k, stride in ((2, None), (2, 1), (3, 1), (3, 2), (2, 3), (3, None), (1, None), (4, 2)):
        for ties in (False, True):
            n, c, down, across, rest = (
                int(side) for side in rng.integers((1, 1, 1, 1, 0), (4, 4, 4, 4, stride or k))
            )
            step = stride or k
            shape = (n, c, k + (down - 1) * step + rest, k + (across - 1) * step + rest // 2)
            image = rng.integers(0, 3, shape) * 1.0 if ties else rng.normal(size=shape)
            yield Case((rng.normal(size=(n, c, down, across)), image, k, stride), {}, drawn=True)


STARTS = "window i begins at i · stride, as in the forward pass"
FIRST = "where several pixels are the largest, the first one wins, read row by row"
LARGEST = "only the largest pixel of a window set the output, so it alone gets its gradient"


@exercise(
    "Max pooling backward", points=7, cases=backward_cases, shapes="dout (n, c, rows, columns), x (n, c, h, w)", facts=PLACES,
    why="each entry of dout goes to the largest of the {k} × {k} pixels in its window, and is added to what is there already",
    shape="a gradient has the shape of what it belongs to: x, ({n}, {c}, {h}, {w})",
    help=("unsupported operand type", "out of bounds", "could not broadcast"),
    mistakes=(
        mistake("the stride is ignored, the windows move by 1", STARTS, "with stride {step} the second window begins at {step}", instead=moved_by(lambda k, stride: 1)),
        mistake("the windows always move by their own side", STARTS + "; only where `stride` is None, k takes its place", "here it is {step}",
                instead=moved_by(lambda k, stride: k)),
        mistake("the windows always move by 2", STARTS, "here the stride is {step}", instead=moved_by(lambda k, stride: 2)),
        mistake("without a stride the windows move by 1", "where `stride` is None, the window moves on by its own side k", "k is {k}",
                instead=moved_by(lambda k, stride: stride or 1)),
        *mixed_maps(lambda y, axis: y)[-2:],
        mistake("overlapping windows overwrite each other", "a pixel that is the largest in several windows gets the sum of their gradients: `+=`, not `=`",
                "windows of {k} in steps of {step} overlap", instead=overwritten, ways=({"instead": last_cover(led_back(shared_with_all))},)),
        mistake("equal pixels share the gradient", FIRST, "it gets the whole gradient", instead=led_back(lambda pixels: pixels.amax(-1))),
        mistake("all equal pixels get the whole gradient", FIRST + ": is the window compared with its maximum (`==`)?", "the others get 0",
                instead=led_back(shared_with_all)),
        mistake("the last of several equal pixels wins", FIRST + ": compare with `>`, not `>=`", "`argmax` gives the first too",
                instead=led_back(lambda pixels: pixels.flip(-1).max(-1)[0])),
        mistake("of several equal pixels the first one column by column wins", FIRST, "rows before columns",
                instead=led_back(lambda pixels: pixels.unflatten(-1, (int(pixels.shape[-1] ** 0.5), -1)).transpose(-1, -2).flatten(-2).max(-1)[0])),
        mistake("the gradient goes to the bottom right pixel", LARGEST, "it may lie anywhere in the window", instead=led_back(lambda pixels: pixels[..., -1])),
        mistake("the gradient goes to the top left pixel", LARGEST, "it may lie anywhere in the window", instead=led_back(lambda pixels: pixels[..., 0])),
        mistake("the gradient is spread evenly over the window", LARGEST + ": spreading is average pooling's way", "{area} pixels, one of them the largest",
                instead=led_back(lambda pixels: pixels.mean(-1))),
        mistake("the whole window gets the gradient", LARGEST, "{area} pixels, one of them the largest", instead=led_back(lambda pixels: pixels.sum(-1))),
        mistake("the gradient goes to the smallest pixel", LARGEST, "it is the largest, not the smallest", x=lambda x: -x),
        mistake("a window below 0 gets no gradient", "the largest pixel may be negative: do not start from 0", "all {area} pixels may be negative",
                instead=led_back(lambda pixels: functional.pad(pixels, (1, 0)).max(-1)[0])),
        mistake("the place in the window is used as the place in the map", "add where the window begins, i · stride and j · stride", "here it moves by {step}",
                instead=from_the_corner),
        mistake("the gradient has the shape of dout", "every pixel of x has a gradient, most of them 0", "wanted ({n}, {c}, {h}, {w})", instead=lambda dout: dout,
                ways=({"instead": lambda dout, x, k, step: dout * (windows(x, k, step).amax((-1, -2)) > 0)},)),
        mistake("the gradient is multiplied by the largest pixel", "the slope of the largest pixel is 1", LARGEST, result=lambda y, x: y * x),
        mistake("it is where the largest pixels lie, without dout", "each 1 is multiplied by its window's entry of dout: the chain rule", LARGEST,
                dout=lambda dout: dout * 0 + 1),
        mistake("only the first window gets its gradient", "every window has an entry of dout", COUNT, dout=lambda dout: kept(dout, dout[..., :1, :1])),
        mistake("the last row and column of windows are left out", "`range(n)` already stops at n − 1", COUNT, dout=lambda dout: kept(dout, dout[..., :-1, :-1])),
    ),
)  # fmt: skip
def maxpool2d_backward(dout, x, k, stride=None):
    fits(x, k)
    x = x.clone().requires_grad_()
    return gradient_of(functional.max_pool2d(x, k, stride), x, dout)
