"""What happens to the data first: brought to one scale by the training set's numbers, and dealt out in batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch.utils.data import DataLoader, RandomSampler, SequentialSampler, TensorDataset

from convbook.checks.engine.batching import Batching
from convbook.checks.engine.declare import case, counting, drawn, every_form, exercise, mistake
from convbook.forms import Case

COLOURS = np.array([[[[0.0, 2.0]], [[10.0, 10.5]]], [[[4.0, 2.0]], [[9.5, 10.0]]]])  # (2, 2, 1, 2)
EACH = "a channel has one mean and one std, over all images and all its pixels"


def image_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield sets of images: few pixels first, channels of different scales, all layouts."""
    yield case(np.array([[[[1.0, 3.0]]], [[[5.0, 7.0]]]]))
    yield case(COLOURS)
    yield case(counting(1, 3, 2, 2), about="one image")
    yield from every_form(counting(2, 3, 2, 4))
    for _ in range(6):
        n, c, h, w = (int(side) for side in rng.integers([2, 2, 2, 2], [6, 5, 5, 6]))
        yield drawn(
            rng.normal(3 * rng.normal(size=(c, 1, 1)), 1 + rng.random((c, 1, 1)) * 4, size=(n, c, h, w))
        )


@exercise(
    "Learn the scale", points=2, cases=image_cases, shapes="x (n, c, h, w)",
    facts={"values": lambda n, h, w: n * h * w, "free": lambda values: values - 1},
    why="each of the {c} means is over {n} · {h} · {w} = {values} pixels, and so is each std: the root of the mean squared distance from it",
    help=("not enough values to unpack",),
    mistakes=(
        mistake("the std is divided by one less", "the population's std divides by the number of values, NumPy's `ddof=0`; `ddof=1` is for samples",
                "divide by {values}, not by {free}", result=lambda y, x: (y[0], x.std((0, 2, 3)))),
        mistake("it is the variance, not its root", "the std has the unit of the pixels: take the root of the variance", result=lambda y: (y[0], y[1] ** 2)),
        mistake("there is one mean and one std for all channels", EACH, "there are {c} channels, so {c} numbers",
                instead=lambda x: (x.mean().reshape(1), x.std(correction=0).reshape(1)), ways=({"instead": lambda x: (x.mean(), x.std(correction=0))},)),
        mistake("every pixel has a mean of its own", EACH + ": the mean image (c, h, w) is another recipe", "{c} numbers, not {c} · {h} · {w}",
                instead=lambda x: (x.mean(0), x.std(0, correction=0))),
        mistake("every image has a mean of its own", EACH, "{c} numbers, not {n} · {c}", instead=lambda x: (x.mean((2, 3)), x.std((2, 3), correction=0))),
        mistake("the means are over the channels", EACH + ": average over the axes 0, 2 and 3", "there are {c} channels and {n} images",
                instead=lambda x: (x.mean((1, 2, 3)), x.std((1, 2, 3), correction=0))),
        mistake("the axes of length 1 are kept", "both have the shape (c,)", "shape ({c},)", result=lambda y: tuple(v[None, :, None, None] for v in y)),
        mistake("std comes before the mean", "the order is (mean, std)", result=lambda y: y[::-1]),
        mistake("the std is averaged over the images", "the std of all pixels is asked for: it also holds how the images differ from each other",
                "{n} images", result=lambda y, x: (y[0], x.std((2, 3), correction=0).mean(0))),
        mistake("the std is averaged over the pixels", "the std of all pixels is asked for: it also holds how they differ from each other",
                "{h} · {w} pixels", result=lambda y, x: (y[0], x.std(0, correction=0).mean((1, 2)))),
        mistake("a small number is added to the std", "a channel that never changes would need it; the std itself is asked for",
                result=lambda y: (y[0], y[1] + 1e-5), ways=tuple({"result": lambda y, e=e: (y[0], y[1] + e)} for e in (1e-7, 1e-6, 1e-3))),
        mistake("it is the smallest and the largest pixel", "mean and std, not the range", instead=lambda x: (x.amin((0, 2, 3)), x.amax((0, 2, 3))),
                ways=({"instead": lambda x: (x.amin((0, 2, 3)), x.amax((0, 2, 3)) - x.amin((0, 2, 3)))},)),
        mistake("there is one std for all channels", EACH, "there are {c} stds", result=lambda y, x: (y[0], x.std(correction=0).expand(y[1].shape))),
        mistake("it is the mean distance from the mean", "the std squares the distances, averages, and takes the root",
                result=lambda y, x: (y[0], (x - along(y[0])).abs().mean((0, 2, 3)))),
        mistake("the std is measured from 0, not from the mean", "the distance from the mean is squared", result=lambda y, x: (y[0], (x**2).mean((0, 2, 3)) ** 0.5)),
    ),
)  # fmt: skip
def fit_normalizer(x):
    if (
        not x.numel()
    ):  # a search for causes tries parts of x: PyTorch would warn, and a warning costs a learner the points
        raise ValueError("no images have no mean")
    std, mean = torch.std_mean(x, (0, 2, 3), correction=0)
    return mean, std


def scaled_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images with a mean and a std that are not their own."""
    yield case(np.array([[[[1.0, 3.0]]]]), np.array([2.0]), np.array([4.0]))
    yield case(COLOURS, np.array([1.0, 10.0]), np.array([2.0, 0.5]))
    yield case(
        counting(2, 3, 3, 3),
        np.array([1.0, 2.0, 4.0]),
        np.array([2.0, 5.0, 0.5]),
        about="as many channels as columns",
    )
    yield from every_form(counting(1, 2, 2, 3), np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    for _ in range(6):
        n, c, h, w = (int(side) for side in rng.integers([1, 2, 2, 2], [5, 5, 5, 6]))
        yield drawn(rng.normal(size=(n, c, h, w)), rng.normal(size=c), rng.random(c) + 0.5)


def along(v):
    return v[:, None, None]


GIVEN = "subtract and divide by what was given: the training set's numbers hold for any images"


@exercise(
    "Apply the scale", points=2, cases=scaled_cases, shapes="x (n, c, h, w), mean (c), std (c) -> (n, c, h, w)",
    why="every pixel: minus its channel's mean, then divided by its channel's std; there are {c}", shape="an image keeps its shape: ({n}, {c}, {h}, {w})",
    help=("operands could not be broadcast together",),
    mistakes=(
        mistake("the images are normalised by their own mean and std", GIVEN, instead=lambda x: (x - along(x.mean((0, 2, 3)))) / along(x.std((0, 2, 3), correction=0))),
        mistake("each image is normalised by itself", GIVEN, instead=lambda x: (x - x.mean((2, 3), keepdim=True)) / x.std((2, 3), correction=0, keepdim=True)),
        mistake("it is divided by the images' own std", GIVEN, std=lambda x: x.std((0, 2, 3), correction=0)),
        mistake("the images' own mean is subtracted", GIVEN, mean=lambda x: x.mean((0, 2, 3))),
        mistake("all channels share one mean and one std", "each channel has its own", "there are {c}", mean=lambda mean: mean.mean().expand(mean.shape),
                std=lambda std: std.mean().expand(std.shape)),
        mistake("a small number is added to the std", "divide by std itself: it was given", std=lambda std: std + 1e-5,
                ways=tuple({"std": lambda std, e=e: std + e} for e in (1e-8, 1e-7, 1e-6, 1e-3))),
        mistake("the pixels are divided by 255 first", "mean and std belong to the pixels as they come in", x=lambda x: x / 255),
        mistake("the numbers lie along the images", "the channels are axis 1: `mean[:, None, None]`", "{c} channels",
                instead=lambda x, mean, std: (x - mean[:, None, None, None]) / std[:, None, None, None]),
        mistake("nothing is divided", "the scale is one, too: divide by std", std=lambda std: std * 0 + 1),
        mistake("nothing is subtracted", "subtract the mean first", mean=lambda mean: mean * 0),
        mistake("it is divided before the mean is subtracted", "first minus, then divided: `(x - mean) / std`, with the brackets",
                instead=lambda x, mean, std: x / along(std) - along(mean), ways=({"instead": lambda x, mean, std: x - along(mean) / along(std)},)),
        mistake("it is multiplied by std", "divide by std, so that it becomes 1", result=lambda y, std: y * along(std) ** 2),
        mistake("the mean is added", "subtract it, so that it becomes 0", mean=lambda mean: -mean),
        mistake("mean and std are exchanged", "the arguments come as x, mean, std", instead=lambda again, mean, std: again(mean=std, std=mean)),
        mistake("it is divided by the variance", "divide by std itself", std=lambda std: std**2),
        mistake("it is divided by the root of std", "std is the root already", std=lambda std: std**0.5),
        mistake("the first channel's numbers are used for all", "each channel has its own", "there are {c}", mean=lambda mean: mean[:1].expand(mean.shape),
                std=lambda std: std[:1].expand(std.shape)),
        mistake("the scale is put back", "that is the way back: x · std + mean", instead=lambda x, mean, std: x * along(std) + along(mean)),
        mistake("the last channel is left as it was", "`range(n)` already stops at n − 1: all channels count", "there are {c}",
                result=lambda y, x: torch.cat([y[:, :-1], x[:, -1:]], 1)),
        mistake("the numbers lie along the columns", "`x - mean` lays mean along the last axis; the channels are axis 1: `mean[:, None, None]`",
                "{c} channels", instead=lambda x, mean, std: (x - mean) / std),
    ),
)  # fmt: skip
def apply_normalizer(x, mean, std):
    return (x - along(mean)) / along(std)


def batch_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield data whose rows all differ, with labels that tell which row they belong to; a seed stands for rng."""
    for n, size, about in (
        (5, 2, ""),
        (8, 4, "no rest is left"),
        (9, 20, "a batch larger than the data"),
        (1, 1, ""),
        (24, 5, ""),
        (30, 3, ""),
    ):
        yield case(counting(n, 2), 10 * np.arange(n), size, 3, about=about)
    yield case(counting(26, 1, 2, 3), 10 * np.arange(26), 4, 3, about="images")
    for _ in range(4):
        n, size, seed = (int(v) for v in rng.integers([24, 2, 0], [60, 6, 2**31]))
        yield drawn(rng.normal(size=(n, 3)), 10 * np.arange(n), size, seed)


def torch_seed(rng):
    return torch.Generator().manual_seed(int(rng.integers(2**31)))


def loaded(x, y, batch_size, generator=None, **options):
    """Return all batches of PyTorch's loader."""
    data = TensorDataset(x, y)
    sampler = options.pop("sampler", None) or RandomSampler(data, generator=generator)
    return [tuple(pair) for pair in DataLoader(data, batch_size, sampler=sampler, **options)]


def in_order(x, y, batch_size):
    return loaded(x, y, batch_size, sampler=SequentialSampler(x))


def permuted(values, rng):
    return values[torch.randperm(len(values), generator=torch_seed(rng))]


ANEW = "the next pass must come in another order, or every batch always has the same company"
TOGETHER = "one permutation for both: draw `order` once, then take `x[order]` and `y[order]`"


@exercise(
    "Batches", points=4, cases=batch_cases, observe=Batching(), shapes="x (n, features), y (n)",
    facts={"n": lambda y: len(y), "rest": lambda n, batch_size: n % batch_size, "full": lambda n, batch_size: n // batch_size},
    why="one permutation of {n} row numbers, drawn from rng in every pass, cut into pieces of {batch_size}; the rest of {rest} comes last",
    help=("only integer scalar arrays can be converted to a scalar index",),
    mistakes=(
        mistake("the last short batch is left out", "every example counts in every pass: `range(0, n, batch_size)` starts the short one too",
                "{n} rows are {full} full batches and a rest of {rest}", instead=lambda x, y, batch_size, rng: loaded(x, y, batch_size, torch_seed(rng), drop_last=True)),
        mistake("x is shuffled and y is not", TOGETHER, instead=lambda x, y, batch_size, rng: in_order(permuted(x, rng), y, batch_size),
                ways=({"instead": lambda x, y, batch_size, rng: in_order(x, permuted(y, rng), batch_size)},
                      {"instead": lambda x, y, batch_size, rng: in_order(permuted(x, rng), permuted(y, rng), batch_size)})),
        mistake("nothing is shuffled", "neighbours in a data set are often alike; a batch should be a fair draw", instead=lambda x, y, batch_size: in_order(x, y, batch_size)),
        mistake("it is shuffled once for ever", ANEW + ": draw from rng inside the function, and seed nothing there",
                instead=lambda x, y, batch_size: loaded(x, y, batch_size, torch.Generator().manual_seed(0))),
        mistake("it draws from elsewhere than rng", "with rng a pass can be repeated, with `np.random` or an unseeded generator it cannot",
                instead=lambda x, y, batch_size: loaded(x, y, batch_size, torch.Generator().manual_seed(int(np.random.default_rng().integers(2**31))))),
        mistake("rows are drawn with replacement", "a pass sees every row once: permute the row numbers, do not draw them", "{n} rows",
                instead=lambda x, y, batch_size, rng: _replaced(x, y, batch_size, rng)),
        mistake("only the batches are shuffled", "the rows are: else a batch always has the same company",
                instead=lambda x, y, batch_size, rng: _batches_shuffled(x, y, batch_size, rng)),
        mistake("the rows are shuffled only inside their batches", "a batch always has the same rows then: shuffle all row numbers, then cut",
                instead=lambda x, y, batch_size, rng: _inside(x, y, batch_size, rng)),
        mistake("there is a new permutation for every batch", "draw `order` once in a pass, before the loop: else some rows come twice and some never",
                instead=lambda x, y, batch_size, rng: _anew(x, y, batch_size, rng)),
        mistake("the last batch is filled up", "it may be shorter: every row comes once", "{n} rows are {full} full batches and a rest of {rest}",
                instead=lambda x, y, batch_size, rng: _filled(loaded(x, y, batch_size, torch_seed(rng)), batch_size)),
        mistake("a last batch of one row is left out", "`range` stops before its end, so the end is n, not n − 1",
                result=lambda batches, x, batch_size: [pair for i, pair in enumerate(batches) if i * batch_size < len(x) - 1]),
        mistake("each batch is one row short", "a slice stops before its end: `order[i : i + batch_size]`", "{batch_size} rows in each",
                result=lambda batches, batch_size: [(x[: batch_size - 1], y[: batch_size - 1]) for x, y in batches]),
        mistake("the images are flattened", "an image keeps its shape: a network with convolutions needs it", result=lambda batches: [(x.flatten(1), y) for x, y in batches]),
        mistake("the labels become fractions", "a label is a row number or a class: it keeps its dtype", result=lambda batches: [(x, y.double()) for x, y in batches]),
        mistake("only the first batch comes", "`yield` in place of `return`: the loop goes on after it", "{n} rows",
                instead=lambda x, y, batch_size, rng: loaded(x, y, batch_size, torch_seed(rng))[:1], ways=({"result": lambda batches: batches[0]},)),
        mistake("the batches overlap", "the next batch starts where the last one ended: the third argument of `range` is the step",
                instead=lambda x, y, batch_size, rng: _overlapping(x, y, batch_size, rng)),
        mistake("the pairs are (y, x)", "images first, then labels", result=lambda batches: [pair[::-1] for pair in batches]),
        mistake("the labels are left out", "every item is a pair (x, y)", result=lambda batches: [x for x, _ in batches]),
        mistake("every row is a batch of its own", "a batch holds batch_size rows", "{batch_size} rows", batch_size=lambda: 1),
        mistake("batch_size is taken for the number of batches", "it says how many rows a batch holds", "{batch_size} rows in each",
                batch_size=lambda x, batch_size: -(-len(x) // batch_size)),
        mistake("an empty batch comes last", "where nothing is left, nothing is yielded", "{n} rows in batches of {batch_size}",
                result=lambda batches, x, y, batch_size: batches + ([(x[:0], y[:0])] if len(x) % batch_size == 0 else [])),
    ),
)  # fmt: skip
def minibatches(x, y, batch_size, rng):
    return loaded(x, y, batch_size, torch_seed(rng))


def _replaced(x, y, batch_size, rng):
    chosen = torch.randint(len(x), (len(x),), generator=torch_seed(rng))
    return in_order(x[chosen], y[chosen], batch_size)


def _batches_shuffled(x, y, batch_size, rng):
    batches = in_order(x, y, batch_size)
    return [batches[int(i)] for i in torch.randperm(len(batches), generator=torch_seed(rng))]


def _inside(x, y, batch_size, rng):
    again = torch_seed(rng)
    orders = [torch.randperm(len(part), generator=again) for part, _ in in_order(x, y, batch_size)]
    return [(a[o], b[o]) for (a, b), o in zip(in_order(x, y, batch_size), orders, strict=True)]


def _anew(x, y, batch_size, rng):
    again = torch_seed(rng)
    chosen = [
        torch.randperm(len(x), generator=again)[i : i + batch_size] for i in range(0, len(x), batch_size)
    ]
    return [(x[rows], y[rows]) for rows in chosen]


def _filled(batches, batch_size):
    """Return the batches, the last one filled up with the first rows of the pass."""
    x, y = (torch.cat([pair[part] for pair in batches]) for part in (0, 1))
    short = batch_size - len(batches[-1][1])
    return [*batches[:-1], (torch.cat([batches[-1][0], x[:short]]), torch.cat([batches[-1][1], y[:short]]))]


def _overlapping(x, y, batch_size, rng):
    order = torch.randperm(len(x), generator=torch_seed(rng))
    return [(x[order[i : i + batch_size]], y[order[i : i + batch_size]]) for i in range(len(x))]
