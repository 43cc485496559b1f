"""Windows as columns: `im2col`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from convbook.checks.convolution import oracle
from convbook.checks.convolution.window import counting
from convbook.checks.judge import exercise
from convbook.checks.question import Question, bent, case, drawn, every_layout
from convbook.forms import Case


def im2col_facts(x, k, stride=1, padding=0) -> dict[str, Any]:
    """Return the numbers that explain a matrix of windows."""
    n, c, height, width = x.shape
    rows, columns = ((side + 2 * padding - k) // stride + 1 for side in (height, width))
    return {
        "n": n, "c": c, "h": height, "w": width, "k": k, "stride": stride, "padding": padding, "rows": rows,
        "columns": columns, "long": c * k * k, "places": rows * columns,
    }  # fmt: skip


def im2col_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images to take apart into windows."""
    yield case(counting(1, 1, 3, 3), 2)
    yield case(counting(1, 1, 2, 3), 1)
    yield case(counting(1, 1, 2, 2), 2, about="one window")
    yield case(counting(1, 2, 2, 3), 2)
    yield case(counting(2, 1, 2, 3), 2)
    yield case(counting(1, 1, 3, 4), 2, stride=2)
    yield case(counting(1, 1, 2, 3), 2, padding=1)
    yield case(counting(1, 1, 4, 5), 2, 2, 1, about="stride 2 and padding 1 by position")
    yield from every_layout(counting(2, 3, 4, 5), 2)
    yield case(counting(1, 2, 3, 4).astype(np.float32), 2, about="float32")
    for number in range(10):
        n, c = ((1, 3), (2, 1), (3, 2))[number % 3]
        k, stride, padding = (int(v) for v in (rng.integers(1, 4), rng.integers(1, 4), rng.integers(0, 3)))
        yield drawn(rng.normal(size=(n, c, *(k + rng.integers(0, 4, 2)))), k, stride=stride, padding=padding)
    yield drawn(rng.normal(size=(2, 3, 4, 5)), 2)  # a shape that was there before: nothing may be remembered
    yield drawn(rng.normal(size=(2, 5, 7, 6)), 5, stride=2, padding=6)
    yield drawn(rng.normal(size=(1, 6, 4, 5)), 2)
    yield drawn(rng.normal(size=(2, 3, 24, 20)), 3, padding=1)


im2col = exercise(
    Question(
        name="im2col",
        title="Windows as columns",
        points=6,
        oracle=oracle.unfold,
        cases=im2col_cases,
        facts=im2col_facts,
        look_at="a column is one window, read channel by channel, row by row: {c} · {k} · {k} = {long} numbers; "
        "there are {rows} · {columns} = {places} columns",
        shape="(n, c·k·k, h'·w') is ({n}, {c} · {k} · {k}, {rows} · {columns}) = ({n}, {long}, {places})",
        mistakes=(
            bent(oracle.unfold, "every window is a row, not a column", "axis 1 holds the pixels of a window, axis 2 the windows",
                 "wanted ({n}, {long}, {places})", order="rows"),
            bent(oracle.unfold, "the channel runs fastest", "a column holds all of channel 0 first, then all of channel 1",
                 "the first {k} · {k} numbers of a column are channel 0", order="k k c"),
            bent(oracle.unfold, "the window is read column by column", "inside a window the row comes first: (0, 0), (0, 1), …",
                 "the second number of a column lies right of the first in a window of {k} × {k}", window="transposed"),
            bent(oracle.unfold, "the window is read backwards", "a column begins with the window's top left pixel",
                 "{k} × {k} pixels, top left first", window="flipped"),
            bent(oracle.unfold, "the windows are taken column by column", "the windows follow each other along the rows of the image",
                 "the second column is the window one step to the right; there are {columns} in a row",
                 places="column by column"),
            bent(oracle.unfold, "the padding is ignored", "padding puts a frame of zeros round every image first",
                 "with it there are {rows} · {columns} = {places} windows", border="ignored"),
            bent(oracle.unfold, "the padding is put on one side only", "padding goes on all four sides",
                 "with it there are {rows} · {columns} = {places} windows", border="one side"),
            bent(oracle.unfold, "the image lies in a corner of its frame", "the frame goes round the image: its first pixel lies at [padding, padding]",
                 "{padding} rows of zeros above the image, {padding} below", border="corner"),
            bent(oracle.unfold, "the stride sets the number of windows, but they move by 1", "window i of a row starts at column i · stride",
                 "with stride {stride} the second window starts at {stride}", steps="size only"),
            bent(oracle.unfold, "the images are mixed by a reshape", "`reshape` moves no axis: the image's axis must be brought to the front first (`transpose`)",
                 "({long}, {n} · {places}) must become ({n}, {long}, {places})", order="images last"),
            bent(oracle.unfold, "the stride is ignored", "the window moves `stride` pixels at a time, in both directions",
                 "in steps of {stride} there are {places} windows", steps="ignored"),
            bent(oracle.unfold, "only the first channel is used", "a column holds the window of every channel",
                 "{c} channels make columns of {long}", channels="first only"),
            bent(oracle.unfold, "the axes are reshaped before they are moved", "`reshape` keeps the order in memory: bring the window's axes in front of the places (`transpose`) first",
                 "(n, c, k, k, h', w') is then ({n}, {c}, {k}, {k}, {rows}, {columns})", order="windows not moved"),
            bent(oracle.unfold, "rows are reshaped into columns", "`reshape` does not transpose: swap the last two axes instead",
                 "from ({n}, {places}, {long}) to ({n}, {long}, {places})", order="rows reshaped"),
            bent(oracle.unfold, "the last row and column of windows are missing", "the number of places is ⌊(side + 2·padding − k) / stride⌋ + 1",
                 "{rows} down and {columns} across", size="short"),
            bent(oracle.unfold, "the padding goes round images and channels too", "only height and width are padded: np.pad takes one pair for each axis",
                 "the images stay n = {n}, the channels c = {c}", border="every axis"),
            bent(oracle.unfold, "the windows do not overlap", "the window moves on by `stride` pixels, not by its own side",
                 "with stride {stride} there are {places} windows", steps="apart"),
        ),
    )
)  # fmt: skip
