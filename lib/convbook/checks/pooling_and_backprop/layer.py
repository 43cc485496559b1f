"""A convolution backward: `conv2d_backward_input`, `conv2d_backward_weight`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch.nn.functional as functional
from torch.nn.grad import conv2d_input, conv2d_weight

from convbook.checks.engine.declare import case, counting, drawn, every_form, exercise, mistake
from convbook.checks.engine.families.windows import kept
from convbook.checks.engine.families_backward import (
    belongs,
    biases,
    fitted,
    framed,
    last_window,
    only_at,
    places,
    reached,
    undilated,
    unstretched,
    weights,
    with_the_rest,
)
from convbook.forms import Case

# x's shape, w's shape, stride, padding: the smallest first, and each thing that may go wrong by itself
LAYERS = (
    ((1, 1, 2, 3), (1, 1, 2, 2), 1, 0), ((1, 1, 1, 2), (1, 1, 1, 2), 1, 0), ((1, 1, 2, 1), (1, 1, 2, 1), 1, 0), ((1, 2, 2, 2), (1, 2, 1, 1), 1, 0),
    ((1, 1, 2, 2), (2, 1, 1, 1), 1, 0), ((2, 1, 2, 2), (1, 1, 1, 1), 1, 0), ((1, 2, 2, 2), (2, 2, 1, 1), 1, 0), ((1, 1, 3, 4), (1, 1, 2, 2), 1, 0),
    ((1, 1, 1, 4), (1, 1, 1, 2), 2, 0), ((1, 1, 2, 3), (1, 1, 1, 2), 2, 0), ((1, 1, 5, 4), (1, 1, 2, 2), 2, 0), ((1, 1, 4, 6), (1, 1, 2, 3), 3, 0),
    ((1, 1, 5, 7), (1, 1, 3, 3), 2, 0), ((1, 1, 2, 3), (1, 1, 2, 2), 1, 1), ((1, 1, 3, 3), (1, 1, 3, 3), 1, 1), ((1, 1, 4, 5), (1, 1, 3, 2), 2, 1),
    ((1, 1, 1, 2), (1, 1, 1, 1), 1, 2), ((2, 3, 4, 5), (2, 3, 2, 2), 1, 0), ((2, 3, 5, 4), (4, 3, 3, 2), 2, 1), ((3, 2, 6, 7), (2, 2, 3, 3), 3, 2),
)  # fmt: skip


def drawn_layers(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Yield layers of drawn sides; every third is padded by more than its kernel needs."""
    for number in range(6):
        n, c, f, kh, kw, stride, more, wider = (
            int(side) for side in rng.integers((1, 1, 1, 1, 1, 1, 0, 0), (4, 4, 4, 4, 4, 4, 4, 4))
        )
        yield (n, c, kh + more, kw + wider), (f, c, kh, kw), stride, number % 3


def input_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield upstream gradients with the shape of the image and the filters."""
    for x, w, stride, padding in LAYERS:
        yield case(counting(*places(x, w, stride, padding)), x, counting(*w), stride, padding)
    yield case(
        counting(1, 1, 1, 2),
        (1, 1, 2, 3),
        np.array([[[[1.0, 10.0], [100.0, 1000.0]]]]),
        about="stride and padding left out",
    )
    yield case(counting(1, 2, 2, 2), (1, 2, 4, 4), counting(2, 2, 2, 2), padding=0, stride=2)
    for one in every_form((2, 3, 2, 2), (3, 2, 2, 2)):
        yield case(one.args[0], (2, 2, 3, 3), one.args[1], about=one.about)
    for x, w, stride, padding in drawn_layers(rng):
        yield drawn(rng.normal(size=places(x, w, stride, padding)), x, rng.normal(size=w), stride, padding)


def weight_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield upstream gradients with the image and the shape of the filters."""
    for x, w, stride, padding in LAYERS:
        yield case(counting(*places(x, w, stride, padding)), counting(*x), w, stride, padding)
    yield case(
        counting(1, 1, 1, 2),
        np.array([[[[1.0, 10.0, 100.0], [2.0, 3.0, 5.0]]]]),
        (1, 1, 2, 2),
        about="stride and padding left out",
    )
    yield case(counting(1, 2, 2, 2), counting(1, 2, 4, 4), (2, 2, 2, 2), padding=0, stride=2)
    for one in every_form((2, 3, 2, 2), (2, 2, 3, 3)):
        yield case(one.args[0], one.args[1], (3, 2, 2, 2), about=one.about)
    for x, w, stride, padding in drawn_layers(rng):
        yield drawn(rng.normal(size=places(x, w, stride, padding)), rng.normal(size=x), w, stride, padding)


def side(number: int) -> Callable[..., int]:
    return lambda x_shape: x_shape[number]


TURNED = "going back, the first weight becomes the last: each kernel is turned by 180°"
REGROUPED = "filter f and channel c change places: the gradient has f maps, and c of them come out"
SPREAD = "between two entries of dout lie stride − 1 zeros, before anything is slid over it"
CUT = "the layer saw a padded image: the gradient of the frame is cut off, on all four sides"
SUM_F = "every filter looked at the pixel, so the contributions of all are added up"
X_SHAPE = "wanted {x_shape}"


@exercise(
    "Convolution backward, input", points=7, cases=input_cases, shapes="dout (n, f, rows, columns), w (f, c, kh, kw)",
    facts={"h": side(2), "wide": side(3), "first": lambda w: w.flatten()[0]},
    why="a pixel adds up, over all windows that saw it and all filters (f = {f}), the weight it met there times the window's entry of dout",
    shape="a gradient has the shape of what it belongs to: x_shape {x_shape}",
    help=("could not broadcast", "operands could not be broadcast together", "out of bounds"),
    mistakes=(
        mistake("the kernels are not turned", TURNED, "{kh} × {kw} weights", w=lambda w: w.flip(2, 3)),
        mistake("only the rows of the kernels are reversed", TURNED, "{kw} columns as well", w=lambda w: w.flip(3)),
        mistake("only the columns of the kernels are reversed", TURNED, "{kh} rows as well", w=lambda w: w.flip(2)),
        mistake("the kernels are transposed", "a turn by 180° is no transpose", TURNED, w=lambda w: w.transpose(2, 3),
                ways=({"w": lambda w: w.flip(2, 3).transpose(2, 3)},)),
        mistake("the filters are not regrouped", REGROUPED + "; `transpose` or `swapaxes` moves axes, `reshape` does not", "f = {f}, c = {c}",
                w=lambda w: w.transpose(0, 1), ways=({"w": lambda w: w.reshape(w.shape[1], w.shape[0], *w.shape[2:]).transpose(0, 1)},)),
        mistake("the order of the filters is reversed", "only the kernels are turned, not the order of the filters", "f = {f}", w=lambda w: w.flip(0)),
        mistake("the order of the channels is reversed", "only the kernels are turned, not the order of the channels", "c = {c}", w=lambda w: w.flip(1)),
        mistake("the gradient is not dilated", SPREAD, "stride {stride}", instead=undilated,
                ways=({"instead": lambda again, dout, x_shape, w, padding: fitted(undilated(again, dout, x_shape, w, padding), x_shape)},
                      {"instead": lambda again, dout, x_shape, w, padding: again(stride=1, x_shape=reached(dout, x_shape, w, 1, padding))})),
        mistake("there are zeros behind the last entry of dout", "zeros lie between the entries, and none behind the last", X_SHAPE,
                result=lambda again, dout, x_shape, w, stride, padding: again(
                    x_shape=(*x_shape[:2], *(dout.shape[a] * stride + w.shape[a] - 1 - 2 * padding for a in (2, 3))))),
        mistake("the padding is not cut off", CUT, "a frame of {padding} on each side; " + X_SHAPE, instead=framed),
        mistake("the padding is not cut off at the top and the left", CUT + ": window i of the forward pass began at i · stride − padding", "a frame of {padding} on each side",
                instead=lambda again, x_shape, padding: framed(again, x_shape, padding)[:, :, : x_shape[2], : x_shape[3]]),
        mistake("the padding is not cut off at the bottom and the right", CUT, "a frame of {padding} on each side; " + X_SHAPE,
                instead=lambda again, x_shape, padding: framed(again, x_shape, padding)[:, :, padding:, padding:]),
        mistake("the pixels that no window saw are missing", "the last rows and columns may have been read by no window: their gradient is 0, and they count in the shape", X_SHAPE,
                result=lambda y, dout, x_shape, w, stride, padding: y[:, :, : reached(dout, x_shape, w, stride, padding)[2], : reached(dout, x_shape, w, stride, padding)[3]]),
        mistake("overlapping windows overwrite each other", "a pixel is seen by several windows, and their contributions are added up: `+=`, not `=`",
                "{kh} × {kw} windows in steps of {stride}", instead=last_window),
        mistake("only the first filter counts", SUM_F, "f = {f}", dout=lambda dout: dout[:, :1], w=lambda w: w[:1]),
        mistake("only the last filter counts", SUM_F + ": `+=`, not `=`", "f = {f}", dout=lambda dout: dout[:, -1:], w=lambda w: w[-1:]),
        mistake("the filters are averaged", SUM_F + ", nothing is divided", "f = {f}", result=lambda y, f: y / f),
        mistake("it is divided by the number of images", "each image has a gradient of its own; nothing is divided", "n = {n}", result=lambda y, n: y / n),
        mistake("every channel gets the gradient of all", "each channel met kernels of its own", "c = {c}", result=lambda y: y.sum(1, keepdim=True).expand(y.shape)),
        mistake("every image gets the gradient of all", "each image has a gradient of its own", "n = {n}", result=lambda y: y.sum(0, keepdim=True).expand(y.shape)),
        mistake("only the first image has a gradient", "is the `return` inside the loop over the images?", "n = {n}", result=lambda y: kept(y, y[:1])),
        mistake("the weights are not used", "an entry of dout comes back times the weight that the pixel met", "{kh} × {kw} weights", w=lambda w: w * 0 + 1),
    ),
)  # fmt: skip
def conv2d_backward_input(dout, x_shape, w, stride=1, padding=0):
    belongs(dout, x_shape, w.shape, stride, padding)
    return conv2d_input(x_shape, w, dout, stride, padding)


ALL_IMAGES = "one filter served all images: its gradients are added up"
MEETS = (
    "weight (i, j) met pixel (i + row · stride, j + column · stride) for every entry (row, column) of dout"
)
DB = "the bias was added at every place of its map, in every image: its gradient is the sum of all entries of dout for this filter"


@exercise(
    "Convolution backward, weights", points=7, cases=weight_cases, shapes="dout (n, f, rows, columns), x (n, c, h, w)",
    facts={"kh": lambda w_shape: w_shape[2], "kw": lambda w_shape: w_shape[3]},
    why="dw: " + MEETS + "; products are added up over all places and all images (n = {n}). db: the sum of dout over n, rows and columns",
    shape="dw has the shape of the filters, {w_shape}, and db one number for each filter, {f} in all",
    help=("could not broadcast", "operands could not be broadcast together", "out of bounds"),
    mistakes=(
        mistake("dw is not added up over the images", ALL_IMAGES + ": `+=`, not `=`", "n = {n}", result=lambda y, again, dout, x: (again(dout=dout[-1:], x=x[-1:])[0], y[1])),
        mistake("dw is that of the first image", ALL_IMAGES, "n = {n}", result=lambda y, again, dout, x: (again(dout=dout[:1], x=x[:1])[0], y[1])),
        mistake("dw is averaged over the images", ALL_IMAGES + "; nothing is divided", "n = {n}", result=weights(lambda dw, dout: dw / len(dout))),
        mistake("dw is averaged over the places", "a shared weight adds up what all its places say", "{rows} · {columns} places",
                result=weights(lambda dw, dout: dw / dout[0, 0].numel())),
        mistake("db is averaged over the images", DB + "; nothing is divided", "n = {n}", result=biases(lambda db, dout: db / len(dout))),
        mistake("db is averaged", DB + ": `sum`, not `mean`", "{n} · {rows} · {columns} entries", result=biases(lambda db, dout: db / dout[:, 0].numel())),
        mistake("db is averaged over the places", DB + "; nothing is divided", "{rows} · {columns} places", result=biases(lambda db, dout: db / dout[0, 0].numel())),
        mistake("db is one number for all filters", "each filter has a bias of its own", "f = {f}", result=biases(lambda db, dout: db.sum())),
        mistake("db is added up over the images only", DB, "one number for each filter, f = {f}", result=biases(lambda db, dout: dout.sum(0))),
        mistake("db is added up over the places only", DB, "one number for each filter, f = {f}", result=biases(lambda db, dout: dout.sum((2, 3)))),
        mistake("db has further axes of length 1", "db has the shape (f,)", "({f},)", result=biases(lambda db, dout: db[None, :, None, None]),
                ways=({"result": biases(lambda db, dout: db[:, None])}, {"result": biases(lambda db, dout: db[None])}, {"result": biases(lambda db, dout: db[:, None, None])})),
        mistake("dw and db are exchanged", "dw comes first: `return dw, db`", "dw has shape {w_shape}", result=lambda y: y[::-1]),
        mistake("db is missing", "two gradients are asked for: `return dw, db`", "db has shape ({f},)", result=lambda y: y[0]),
        mistake("dw is turned by 180°", "dw is a plain correlation of x with dout: nothing is turned", "{kh} × {kw}", result=weights(lambda dw, dout: dw.flip(2, 3))),
        mistake("the gradient is not dilated", MEETS, "stride {stride}",
                instead=lambda again, dout, x, w_shape, padding: (unstretched(dout, x, w_shape, padding)[:, :, : w_shape[2], : w_shape[3]], again()[1]),
                ways=({"instead": lambda again, dout, x, w_shape, padding: (unstretched(dout, x, w_shape, padding), again()[1])},)),
        mistake("dw has a place more for the rest that no window saw", "only as many places as there are weights count: cut the rest off", "wanted {w_shape}",
                instead=lambda again, dout, x, w_shape, stride, padding: (with_the_rest(again, dout, x, w_shape, stride, padding), again()[1])),
        mistake("the padding is ignored", "the windows lay on the padded image: pad x first", "a frame of {padding}",
                result=lambda y, again, x, padding: (again(x=functional.pad(x, (0, 2 * padding, 0, 2 * padding)), padding=0)[0], y[1])),
        mistake("filters and channels are exchanged", "axis 0 of dw is the filter, axis 1 the channel", "wanted {w_shape}", result=weights(lambda dw, dout: dw.transpose(0, 1))),
        mistake("every channel gets the gradient of all", "each channel has kernels of its own", "c = {c}",
                result=weights(lambda dw, dout: dw.sum(1, keepdim=True).expand(dw.shape))),
        mistake("every filter gets the gradient of all", "each filter made a map of its own", "f = {f}", result=weights(lambda dw, dout: dw.sum(0, keepdim=True).expand(dw.shape))),
        mistake("only the last place counts", "a shared weight adds up what all its places say: `+=`, not `=`", "{rows} · {columns} places",
                result=lambda y, again, dout: (again(dout=only_at(dout, -1))[0], y[1]),
                ways=({"result": lambda y, again, dout, x: (again(dout=only_at(dout[-1:], -1), x=x[-1:])[0], y[1])},)),
        mistake("x is not used", MEETS, "the pixel times the entry of dout", x=lambda x: x * 0 + 1),
    ),
)  # fmt: skip
def conv2d_backward_weight(dout, x, w_shape, stride=1, padding=0):
    belongs(dout, x.shape, w_shape, stride, padding)
    return conv2d_weight(x, w_shape, dout, stride, padding), dout.sum((0, 2, 3))
