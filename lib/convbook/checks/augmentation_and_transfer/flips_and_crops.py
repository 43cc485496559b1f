"""Images that are changed at random and keep their label: mirrored, and moved by a few pixels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.views_at_random import Crops, Flips
from convbook.forms import Case

RNG = "draw from the generator that you are given: `rng.random(len(x))`"
EACH = "each image of the batch is decided by a draw of its own"


def pixels(*shape: int) -> np.ndarray:
    """Return pixels that all differ, none of them 0."""
    return np.random.default_rng(sum(shape)).uniform(0.1, 1, shape)


def flip_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield batches with p 0.5 first, then with others, with p 0 and 1, and one image alone."""
    yield case(pixels(30, 1, 2, 3), 0.5, 3)
    yield case(pixels(35, 3, 4, 5), 0.25, 5)
    yield case(pixels(35, 2, 4, 4), 0.7, 6, about="as many rows as columns")
    yield case(pixels(3, 2, 2, 3), 0.0, 7, about="nothing is mirrored")
    yield case(pixels(3, 2, 2, 3), 1.0, 8, about="everything is mirrored")
    yield case(pixels(1, 2, 3, 4), 0.5, 9, about="one image")
    yield case(pixels(30, 1, 3, 2).astype(np.float32), 0.3, 10, about="float32")
    yield drawn(rng.uniform(0.1, 1, (33, 2, 3, 5)), float(rng.choice([0.3, 0.7])), int(rng.integers(2**31)))


def uniform(rng, *shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(int(rng.integers(2**31))))


def mirrored(x, chosen, *axes):
    """Return images of which the chosen ones are mirrored along some axes."""
    return torch.where(chosen.reshape(-1, *[1] * (x.ndim - 1)), x.flip(axes or (-1,)), x)


def elsewhere():
    return np.random.default_rng()


def always():
    return np.random.default_rng(0)


@exercise(
    "Flip", points=3, cases=flip_cases, observe=Flips(), shapes="x (n, c, h, w) -> (n, c, h, w)",
    why="each of the {n} images is mirrored left–right (the columns come in reverse) with probability p = {p:.3g}, and stays as it was otherwise",
    help=("only integer scalar arrays can be converted", "operands could not be broadcast together"),
    mistakes=(
        mistake("one draw decides for the whole batch", EACH, "{n} draws, not one", instead=lambda x, p, rng: mirrored(x, uniform(rng, 1) < p)),
        mistake("images are turned upside down", "left–right reverses the columns, the last axis: `x[..., ::-1]`", "axis 3, not axis 2",
                instead=lambda x, p, rng: mirrored(x, uniform(rng, len(x)) < p, 2)),
        mistake("images are mirrored both ways", "left–right reverses the columns only: turned by half a turn, a shirt hangs upside down", "axis 3 alone",
                instead=lambda x, p, rng: mirrored(x, uniform(rng, len(x)) < p, 2, 3)),
        mistake("up–down is drawn as well", "only left–right keeps the label of a photograph", "axis 3 alone",
                instead=lambda x, p, rng: mirrored(mirrored(x, uniform(rng, len(x)) < p), uniform(rng, len(x)) < p, 2)),
        mistake("p is taken for the probability of staying", "`rng.random(n) < p` is true with probability p: those are mirrored", "p is {p:.3g}", p=lambda p: 1 - p),
        mistake("p is ignored: a coin decides", "p is given", "it is {p:.3g}", p=lambda: 0.5),
        mistake("nothing is mirrored", "with probability p an image is mirrored", "p is {p:.3g}", p=lambda: 0.0),
        mistake("everything is mirrored", "an image is mirrored with probability p only", "p is {p:.3g}", p=lambda: 1.0),
        mistake("always the same number of images is mirrored", EACH + ": how many are mirrored differs from call to call", "p is {p:.3g}",
                instead=lambda x, p, rng: mirrored(x, uniform(rng, len(x)).argsort() < round(len(x) * p))),
        mistake("the channels are reversed", "the columns are the last axis of (n, c, h, w)", "axis 3, not axis 1",
                instead=lambda x, p, rng: mirrored(x, uniform(rng, len(x)) < p, 1)),
        mistake("the channels are reversed as well", "only the columns change places: an image keeps its colours", "axis 3 alone",
                instead=lambda x, p, rng: mirrored(x, uniform(rng, len(x)) < p, 1, 3)),
        mistake("each channel is decided by itself", "the channels of an image belong together: one draw an image", "{n} draws, not {n} · {c}",
                instead=lambda x, p, rng: mirrored(x.flatten(0, 1), uniform(rng, x.shape[0] * x.shape[1]) < p).reshape(x.shape)),
        mistake("each row is decided by itself", "an image is mirrored as a whole: one draw an image", "{n} draws, not one a row",
                instead=lambda x, p, rng: mirrored(x.flatten(0, 2), uniform(rng, x.shape[:3].numel()) < p).reshape(x.shape)),
        mistake("the draws come from another generator than rng", RNG, "not from `np.random`, and not from a new generator", rng=elsewhere),
        mistake("the draws are the same in every call", RNG + "; a generator that is made anew from one seed begins anew as well", "every call draws", rng=always),
    ),
)  # fmt: skip
def random_flip(x, p, rng):
    return mirrored(x, uniform(rng, len(x)) < p)


def crop_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield batches with a padding of 1 and 2, one image alone, no padding, and float32."""
    yield case(pixels(60, 1, 3, 4), 1, 3)
    yield case(pixels(60, 2, 5, 4), 2, 4)
    yield case(pixels(60, 2, 4, 4), 2, 5, about="as many rows as columns")
    yield case(pixels(3, 2, 3, 4), 0, 6, about="no padding")
    yield case(pixels(1, 2, 4, 5), 1, 7, about="one image")
    yield case(pixels(60, 1, 4, 3).astype(np.float32), 1, 8, about="float32")
    yield drawn(rng.uniform(0.1, 1, (65, 2, 5, 6)), int(rng.integers(1, 3)), int(rng.integers(2**31)))


def whole(rng, places, *shape):
    """Return whole numbers from 0 to places − 1, all alike likely."""
    return torch.randint(places, shape, generator=torch.Generator().manual_seed(int(rng.integers(2**31))))


def padded(x, padding, mode="constant"):
    return functional.pad(x, (padding,) * 4, mode=mode)


def cut(x, full, offsets):
    """Return a piece of the size of x from each image of `full`, at offsets (n, 2)."""
    h, w = x.shape[-2:]
    windows = full.unfold(2, h, 1).unfold(3, w, 1)  # (n, c, rows, columns, h, w)
    rows, columns = offsets.T
    return windows[torch.arange(len(x)), :, rows, columns]


def moved(mode="constant", places=lambda padding: 2 * padding + 1, draw=None, first=0):
    """Return a rule that crops with another border, other offsets, or other draws (rng, places, n) -> (n, 2)."""

    def rule(x, padding, rng):
        many = (draw or (lambda rng, places, n: whole(rng, places, n, 2)))(
            rng, max(1, places(padding)), len(x)
        )
        return cut(x, padded(x, padding, mode), many + (first if padding else 0))

    return rule


random_pieces = moved()
UPPER = "`rng.integers(0, 2 * padding + 1)` leaves its upper bound out: + 1 lets the last offset in"


@exercise(
    "Crop", points=5, cases=crop_cases, observe=Crops(), shapes="x (n, c, h, w) -> (n, c, h, w)",
    facts={"places": lambda padding: 2 * padding + 1, "last": lambda padding: 2 * padding},
    why="{padding} zeros on every side, then a window of {h} × {w} for each image: its row and its column are drawn from 0, …, {last}, all alike likely",
    help=("could not broadcast input array", "all input arrays must have the same shape", "only integer scalar arrays can be converted", "setting an array element with a sequence"),
    mistakes=(
        mistake("the last offset never comes", UPPER, "0 … {last}: {places} offsets", instead=moved(places=lambda padding: 2 * padding)),
        mistake("only offsets up to padding come", "the padded image is 2 · padding larger, so the window has 2 · padding + 1 places", "0 … {last}",
                instead=moved(places=lambda padding: padding + 1), ways=({"instead": moved(places=lambda padding: padding)},)),
        mistake("offset 0 never comes", "the window may start at the very corner of the padded image", "0 … {last}",
                instead=moved(places=lambda padding: 2 * padding, first=1)),
        mistake("all images share one offset", "each image of the batch has an offset of its own", "{n} pairs of offsets",
                instead=moved(draw=lambda rng, places, n: whole(rng, places, 1, 2).expand(n, 2))),
        mistake("rows and columns have the same offset", "draw twice for each image: images would only move along the diagonal", "{places} · {places} places",
                instead=moved(draw=lambda rng, places, n: whole(rng, places, n, 1).expand(n, 2))),
        mistake("each channel moves by itself", "the channels of an image belong together: one pair of offsets an image", "one pair for all {c} channels",
                instead=lambda x, padding, rng: random_pieces(x.flatten(0, 1)[:, None], padding, rng).reshape(x.shape)),
        mistake("what leaves on one side comes back on the other", "`np.roll` wraps around; what comes in from outside is 0", "{padding} zeros on every side",
                instead=moved("circular")),
        mistake("the border is mirrored, not black", "zeros are asked for", "{padding} on every side", instead=moved("reflect")),
        mistake("the edge's pixels are repeated", "zeros are asked for", "{padding} on every side", instead=moved("replicate")),
        mistake("only the rows move", "rows and columns both have an offset", "{places} each",
                instead=moved(draw=lambda rng, places, n: whole(rng, places, n, 2) * torch.tensor([1, 0]) + (places // 2) * torch.tensor([0, 1])),
                ways=({"instead": moved(draw=lambda rng, places, n: whole(rng, places, n, 2) * torch.tensor([1, 0]))},)),
        mistake("only the columns move", "rows and columns both have an offset", "{places} each",
                instead=moved(draw=lambda rng, places, n: whole(rng, places, n, 2) * torch.tensor([0, 1]) + (places // 2) * torch.tensor([1, 0])),
                ways=({"instead": moved(draw=lambda rng, places, n: whole(rng, places, n, 2) * torch.tensor([0, 1]))},)),
        mistake("nothing moves", "the window is drawn", "0 … {last}", instead=moved(draw=lambda rng, places, n: whole(rng, 1, n, 2) + places // 2),
                ways=({"instead": moved(draw=lambda rng, places, n: whole(rng, 1, n, 2))},)),
        mistake("the first and the last offset come half as often", "`round` gives the ends half a unit only: draw whole numbers with `rng.integers`", "{places} offsets, all alike likely",
                instead=moved(draw=lambda rng, places, n: (uniform(rng, n, 2) * (places - 1)).round().long())),
        mistake("the padding stays", "the result has the size of x: cut a window out", "{h} × {w} pixels", instead=lambda x, padding: padded(x, padding)),
        mistake("the draws come from another generator than rng", "draw from the generator that you are given", "`rng.integers(…)`", rng=elsewhere),
        mistake("the draws are the same in every call", "a generator that is made anew from one seed begins anew as well", "use rng as it is", rng=always),
    ),
)  # fmt: skip
def random_crop(x, padding, rng):
    return cut(x, padded(x, padding), whole(rng, 2 * padding + 1, len(x), 2))
