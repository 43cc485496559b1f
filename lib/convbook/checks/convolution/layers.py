"""The layer itself: `conv2d_naive`, `conv2d_im2col`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.convolution import oracle
from convbook.checks.convolution.window import counting
from convbook.checks.judge import exercise
from convbook.checks.question import Question, bent, case, drawn, every_layout
from convbook.forms import Case, Mistake, Reply


def conv2d_facts(x, w, b=None, stride=1, padding=0) -> dict[str, Any]:
    """Return the numbers that explain a convolution layer's output."""
    (n, c, height, width), (f, _, kh, kw) = x.shape, w.shape
    return {
        "n": n, "c": c, "h": height, "w": width, "f": f, "kh": kh, "kw": kw, "stride": stride, "padding": padding,
        "rows": (height + 2 * padding - kh) // stride + 1, "columns": (width + 2 * padding - kw) // stride + 1,
        "framed_h": height + 2 * padding, "framed_w": width + 2 * padding, "twice": 2 * padding,
        "first": f"{w[0, 0, 0, 0]:g}", "last": f"{w[0, 0, -1, -1]:g}",
        "bias": "none" if b is None else f"{b[0]:g}",
    }  # fmt: skip


def conv2d_mistakes() -> tuple[Mistake, ...]:
    """Return the usual mistakes of a convolution layer."""
    return (
        bent(oracle.conv2d, "the kernel is flipped",
             "a layer's convolution is cross-correlation: the kernel lies on the window as it is",
             "the window's first pixel meets the weight {first}, not {last}", kernel="flipped"),
        bent(oracle.conv2d, "the kernel's rows are in reverse order", "only the order of the rows is turned round",
             "the weight {first} belongs to the window's first row", kernel="rows flipped"),
        bent(oracle.conv2d, "the kernel's columns are in reverse order", "only the order of the columns is turned round",
             "the weight {first} belongs to the window's first column", kernel="columns flipped"),
        bent(oracle.conv2d, "the kernel is transposed", "rows and columns of each kernel are exchanged",
             "each kernel has {kh} rows and {kw} columns", kernel="transposed"),
        bent(oracle.conv2d, "the padding is ignored", "padding puts a frame of zeros round every image first",
             "{h} × {w} becomes {framed_h} × {framed_w}, and {kh} × {kw} finds {rows} × {columns} places in it",
             border="ignored"),
        bent(oracle.conv2d, "the padding is put on one side only", "padding goes on all four sides",
             "each side grows by 2 · {padding} = {twice}, not by {padding}", border="one side"),
        bent(oracle.conv2d, "the image lies in a corner of its frame", "the frame goes round the image: its first pixel lies at [padding, padding]",
             "{padding} rows of zeros above the image, {padding} below", border="corner"),
        bent(oracle.conv2d, "the padding is doubled", "`padding` already is the width of the frame on each side",
             "{h} + 2 · {padding} = {framed_h} rows", border="twice"),
        bent(oracle.conv2d, "the frame repeats the border instead of zeros", "the padding here is made of zeros",
             "the frame is {padding} wide", border="edge values"),
        bent(oracle.conv2d, "the stride is ignored", "the window moves `stride` pixels at a time, in both directions",
             "in steps of {stride} there are {rows} × {columns} places", steps="ignored"),
        bent(oracle.conv2d, "the stride is used for rows only", "the window moves `stride` pixels at a time in both directions",
             "there are {rows} × {columns} places", steps="rows"),
        bent(oracle.conv2d, "the stride is used for columns only", "the window moves `stride` pixels at a time in both directions",
             "there are {rows} × {columns} places", steps="columns"),
        bent(oracle.conv2d, "the stride sets the size, but the window moves by 1", "output row i looks at the image from row i · stride on",
             "with stride {stride} the second window begins at {stride}", steps="size only"),
        bent(oracle.conv2d, "the bias is not added", "each filter adds one number of its own to its whole map",
             "the first filter's bias is {bias}", bias="ignored"),
        bent(oracle.conv2d, "the bias is added once for every channel", "each filter has one bias, added once, after the channels are summed",
             "c = {c}, but one bias of {bias}", bias="each channel"),
        bent(oracle.conv2d, "the bias is added with every product", "each filter has one bias, added once, after everything is summed",
             "{c} · {kh} · {kw} products, but one bias of {bias}", bias="each product"),
        bent(oracle.conv2d, "the bias is subtracted", "the bias is added", "the first filter's bias is {bias}", bias="subtracted"),
        bent(oracle.conv2d, "every map gets the first filter's bias", "each filter has a bias of its own", "f = {f}", bias="first only"),
        bent(oracle.conv2d, "the biases lie along the columns", "NumPy matches the last axis: give `b` the shape (f, 1, 1)",
             "f = {f} maps of {rows} × {columns}", bias="along columns"),
        bent(oracle.conv2d, "only the first channel is used", "a filter looks at all channels and sums over them",
             "there are {c} channels", channels="first only"),
        bent(oracle.conv2d, "only the last channel counts", "the channels are added up; here each overwrites the one before (`=` where `+=` is meant)",
             "there are {c} channels", channels="last only"),
        bent(oracle.conv2d, "the channels are averaged, not summed", "the products of all channels are added up, without dividing",
             "yours is divided by {c}", channels="mean"),
        bent(oracle.conv2d, "every channel gets the same kernel", "a filter has one kernel of its own for each channel",
             "{c} channels need {c} kernels of {kh} × {kw}", channels="one kernel"),
        bent(oracle.conv2d, "every kernel looks at the first channel", "each of a filter's kernels looks at its own channel of the image",
             "{c} kernels for {c} channels", channels="one picture"),
        bent(oracle.conv2d, "every map comes from the first filter", "each filter makes one map of its own",
             "there are {f} filters", filters="first"),
        bent(oracle.conv2d, "every output shows the first image", "each image of the batch has its own output",
             "n = {n}", images="first"),
        bent(oracle.conv2d, "every output shows the last image", "each image of the batch has its own output", "n = {n}", images="last"),
        bent(oracle.conv2d, "only the first image is computed", "each image of the batch has its own output: is the `return` inside the loop?",
             "n = {n}", images="only the first"),
        bent(oracle.conv2d, "filters and images are swapped", "axis 0 is the image, axis 1 the filter", "wanted ({n}, {f}, {rows}, {columns})",
             axes="filters first"),
        bent(oracle.conv2d, "the filters are the last axis", "axis 0 is the image, axis 1 the filter", "wanted ({n}, {f}, {rows}, {columns})",
             axes="filters last"),
        bent(oracle.conv2d, "rows and columns of the output are swapped", "axis 2 runs down the image, axis 3 across",
             "wanted ({n}, {f}, {rows}, {columns})", axes="columns first"),
        bent(oracle.conv2d, "images and filters are mixed by a reshape", "`reshape` moves no axis: bring the image's axis to the front (`transpose`, `swapaxes`) instead",
             "({f}, {n}, …) must become ({n}, {f}, …)", axes="images reshaped"),
        bent(oracle.conv2d, "places and filters are mixed by a reshape", "`reshape` moves no axis: bring the filter's axis in front of the places (`transpose`) first",
             "({n}, {rows} · {columns}, {f}) must become ({n}, {f}, {rows} · {columns})", axes="maps reshaped"),
        bent(oracle.conv2d, "the last row and column are missing", "the number of places is ⌊(side + 2·padding − kernel) / stride⌋ + 1",
             "⌊({h} + {twice} − {kh}) / {stride}⌋ + 1 = {rows}", size="short"),
        bent(oracle.conv2d, "the last row and column are never written", "the output has the right size, but the loops end one too early: `range(n)` already stops at n − 1",
             "there are {rows} rows and {columns} columns to fill", size="never last"),
        bent(oracle.conv2d, "the last row and column hold the bias alone", "the output has the right size, but the loops end one too early: `range(n)` already stops at n − 1",
             "there are {rows} rows and {columns} columns to fill", size="bias alone at the end"),
        bent(oracle.conv2d, "only the first output is computed", "every filter on every window gives one output: is the `return` inside the loops?",
             "{n} · {f} · {rows} · {columns} outputs", size="first output"),
    )  # fmt: skip


def conv2d_cases(rng: np.random.Generator, square: bool = False) -> Iterator[Case]:
    """Yield layers from one window up; with `square`, kernels of equal sides."""
    yield case(counting(1, 1, 3, 3), counting(1, 1, 2, 2))
    yield case(counting(1, 2, 2, 3), counting(1, 2, 2, 2))
    yield case(counting(1, 1, 2, 3), counting(2, 1, 2, 2))
    yield case(counting(2, 1, 2, 3), counting(1, 1, 2, 2))
    yield case(counting(1, 1, 2, 2), counting(1, 1, 2, 2), np.array([100.0]))
    yield case(counting(1, 2, 2, 2), counting(1, 2, 1, 1), np.array([100.0]))
    yield case(counting(1, 1, 2, 3), counting(2, 1, 2, 2), np.array([100.0, 200.0]))
    yield case(counting(1, 1, 2, 3), counting(1, 1, 2, 2), padding=1)
    yield case(counting(1, 1, 3, 4), counting(1, 1, 2, 2), stride=2)
    yield case(counting(1, 1, 5, 4), counting(1, 1, 2, 2), stride=2, padding=1)
    if not square:
        yield case(counting(1, 1, 3, 4), counting(1, 1, 1, 3))
    bias = np.array([0.0, 100.0])
    yield case(
        counting(1, 1, 4, 5), counting(2, 1, 2, 2), bias, 2, 1, about="stride 2 and padding 1 by position"
    )
    yield from every_layout(counting(2, 3, 4, 5), counting(2, 3, 2, 2), bias)
    single = [a.astype(np.float32) for a in (counting(1, 2, 4, 3) / 8, counting(2, 2, 2, 2) / 8)]
    yield case(*single, about="float32")
    for number in range(14):
        n, c, f = ((1, 3, 2), (2, 1, 3), (3, 2, 1))[number % 3]
        kh, kw = rng.integers(1, 4, 2)
        kw = kh if square else kw
        stride, padding = int(rng.integers(1, 4)), int(rng.integers(0, 3))
        h, w = kh + rng.integers(0, 4), kw + rng.integers(0, 4)
        x, weights = rng.normal(size=(n, c, h, w)), rng.normal(size=(f, c, kh, kw))
        arguments = (x, weights, rng.normal(size=f)) if number % 2 else (x, weights)
        yield drawn(*arguments, stride=stride, padding=padding)
    x, weights = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 3, 2, 2))
    yield drawn(x, weights, rng.normal(size=2))  # a shape that was there before: nothing may be remembered
    x, weights = rng.normal(size=(2, 5, 7, 6)), rng.normal(size=(3, 5, 5, 5 if square else 4))
    yield drawn(x, weights, rng.normal(size=3), stride=2, padding=6)
    yield drawn(rng.normal(size=(1, 2, 8, 9)), rng.normal(size=(3, 2, 7, 7)), padding=3)
    x, weights = rng.normal(size=(2, 3, 18, 20)), rng.normal(size=(4, 3, 3, 3 if square else 2))
    yield drawn(x, weights, rng.normal(size=4), padding=1)


LAYER_HINT = (
    "an output is one filter on one window: multiply {c} × {kh} × {kw} pixels by {c} × {kh} × {kw} weights, "
    "add them all, add the bias; there are {rows} × {columns} windows"
)

LAYER_SHAPE = (
    "n images, a map for each of the f filters, and ⌊(side + 2·padding − kernel) / stride⌋ + 1 places along a side: "
    "({n}, {f}, {rows}, {columns})"
)

conv2d_naive = exercise(
    Question(
        name="conv2d_naive",
        title="Every channel, every filter",
        points=9,
        oracle=oracle.conv2d,
        cases=conv2d_cases,
        facts=conv2d_facts,
        look_at=LAYER_HINT,
        shape=LAYER_SHAPE,
        mistakes=conv2d_mistakes(),
    )
)


SPEED_SIDE = 258  # 256 × 256 windows of 3 × 3
LOOP = Mistake(
    "it loops over the output's pixels",
    "one matrix product computes all windows at once; only loops over images, channels or kernel offsets are cheap; look for the loop here, and in your `im2col`",
    lambda x, w, b=None, stride=1, padding=0: pixel_loop(x, w, b, stride, padding),
)


def pixel_loop(x, w, b, stride, padding) -> np.ndarray:
    """Return the right result by asking PyTorch for one window after another: the mistake itself."""
    result = oracle.conv2d(x, w, b, stride, padding)
    kh, kw = w.shape[2:]
    framed = oracle.framed(oracle.tensor(x), padding)
    weights = oracle.tensor(w)
    for row in range(result.shape[2]):
        for column in range(result.shape[3]):
            top, left = row * stride, column * stride
            (framed[:, None, :, top : top + kh, left : left + kw] * weights).sum()
    return result


def speed(answer: Answer, forbid: str = "torch") -> tuple[str, Mistake, str, str] | Reply | None:
    """Return a finding if an answer needs the time of a Python loop over the pixels.

    The bar is measured on this machine, now: twice the time Python takes merely to slice out every window. A loop over
    pixels must do that and compute; a matrix product is far below it. The best of four tries counts; only three that
    are far above it end the trial early, for a busy machine can hold up one or two.
    A call that does not end by itself in a result is handed back as its reply.
    """
    rng = np.random.default_rng(0)
    image, weights = rng.normal(size=(1, 1, SPEED_SIDE, SPEED_SIDE)), rng.normal(size=(1, 1, 3, 3))
    far_above = 0
    for _ in range(4):
        started = time.perf_counter()
        for row in range(SPEED_SIDE - 2):
            for column in range(SPEED_SIDE - 2):
                image[:, :, row : row + 3, column : column + 3]
        bar = 2 * (time.perf_counter() - started)
        started = time.perf_counter()
        reply = answer.call(image.copy(), weights.copy(), seconds=0.8, forbid=forbid)
        seconds = time.perf_counter() - started
        if reply.status in ("forbidden", "raised", "stub"):
            return reply
        if reply.status == "returned" and seconds < bar:
            return None
        far_above += seconds > 4 * bar
        if far_above == 3:
            break
    yours = f"{1000 * seconds:.0f} ms for 256 × 256 windows"
    return "too slow", LOOP, yours, f"less than {1000 * bar:.0f} ms, twice what Python needs to visit them"


conv2d_im2col = exercise(
    Question(
        name="conv2d_im2col",
        title="One matrix product",
        points=4,
        oracle=oracle.conv2d,
        cases=lambda rng: conv2d_cases(rng, square=True),
        facts=conv2d_facts,
        look_at=LAYER_HINT + "; the filters as rows (f, c·k·k), the windows as columns (c·k·k, h'·w')",
        shape=LAYER_SHAPE,
        mistakes=(
            *conv2d_mistakes(),
            bent(
                oracle.conv2d,
                "the filters are mixed up when they are laid flat",
                "each filter becomes one row: `w.reshape(f, -1)`; reshaping the other way and transposing mixes them",
                "{f} rows, one a filter",
                filters="mixed",
            ),
            LOOP,
        ),
        probes=(speed,),
    )
)
