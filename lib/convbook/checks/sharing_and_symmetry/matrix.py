"""From a layer of its own at every place to the convolution's matrix, and the gradient of what is shared."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.forms import Case

OWN = "every place has a row of weights of its own"
STARTS = "place i looks at pixels i, i + 1, …, one pixel further on than place i − 1"
DIVIDED = "the products are added up; nothing is divided"


def local_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield rows of pixels with a table of weights, from one place to many."""
    yield case(counting(4), np.array([[1.0, 0.0], [0.0, 1.0], [10.0, 100.0]]))
    yield case(counting(5), counting(3, 3))
    yield case(counting(5), counting(4, 2))
    yield case(counting(3), np.array([[1.0, 10.0, 100.0]]), about="one place")
    yield case(counting(3), counting(3, 1) * 10, about="windows of one pixel")
    yield from every_layout(counting(6), counting(4, 3))
    yield case(counting(5).astype(np.float32), counting(3, 3).astype(np.float32), about="float32")
    for _ in range(10):
        places, k = (int(side) for side in rng.integers(1, 7, 2))
        yield drawn(rng.normal(size=places + k - 1), rng.normal(size=(places, k)))
    yield drawn(rng.normal(size=40), rng.normal(size=(34, 7)))


def windows(x, weights):
    """Return the windows of a row of pixels as the rows of a table."""
    return x.unfold(0, weights, 1)


@exercise(
    "A layer of its own at every place", points=4, cases=local_cases, shapes="x (pixels), w (places, weights) -> (places)",
    why="place i adds up {weights} products: pixels i, i + 1, … times row i of the weights",
    shape="{places} rows of weights make {places} outputs",
    help=("operands could not be broadcast together", "setting an array element with a sequence"),
    mistakes=(
        mistake("every place uses the first row of weights", OWN + ": with one row for all it is a convolution already",
                "place 1 uses w[1], not w[0]", w=lambda w: w[:1].expand(w.shape)),
        mistake("every place uses the last row of weights", OWN, "there are {places} rows", w=lambda w: w[-1:].expand(w.shape)),
        mistake("the rows of weights come in reverse order", "place i uses row i", "place 0 uses w[0]", w=lambda w: w.flip(0)),
        mistake("the weights of a window come in reverse order", "the first weight of a row meets the window's first pixel",
                "{weights} weights meet {weights} pixels", w=lambda w: w.flip(1)),
        mistake("the rows of weights are added up first", OWN, "{places} rows stay {places} rows", w=lambda w: w.sum(0, keepdim=True).expand(w.shape)),
        mistake("the window never moves", STARTS, "there are {places} places", x=lambda x, weights: x[:weights].repeat(len(x))[: len(x)],
                ways=({"instead": lambda x, w, weights: w @ x[:weights]},)),
        mistake("the windows come in reverse order", STARTS, "place 0 starts at pixel 0", instead=lambda x, w, weights: (windows(x, weights).flip(0) * w).sum(1)),
        mistake("the products are not added up", "a place gives one number: the sum of its products", "{places} numbers, not {places} × {weights}",
                instead=lambda x, w, weights: windows(x, weights) * w),
        mistake("the products are averaged", DIVIDED, "yours is smaller by a factor of {weights}", result=lambda y, weights: y / weights),
        mistake("the weights are not used", "every pixel of a window is multiplied by its own weight", "{weights} weights at each place", w=lambda w: w * 0 + 1),
        mistake("only the last product counts", "the products are added up; here each overwrites the one before (`=` where `+=` is meant)",
                "{weights} products", w=lambda w: functional.pad(w[:, -1:], (w.shape[1] - 1, 0))),
        mistake("only the first product counts", "all pixels of the window count", "{weights} products", w=lambda w: functional.pad(w[:, :1], (0, w.shape[1] - 1))),
        mistake("the last weight of each window is left out", "`range(n)` already stops at n − 1: all weights count", "{weights} products",
                w=lambda w: functional.pad(w[:, :-1], (0, 1))),
        mistake("the last place is missing", "there are as many places as rows of weights", "{pixels} − {weights} + 1 = {places}", result=lambda y: y[:-1]),
        mistake("the last place is never written", "the loop ends one too early: `range(n)` already stops at n − 1", "{places} places",
                result=lambda y: functional.pad(y[:-1], (0, 1))),
        mistake("the sum goes on from place to place", "every place starts again from 0", "{places} places", result=lambda y: y.cumsum(0)),
        mistake("all places are added up into one number", "every place gives a number of its own", "there are {places}", result=lambda y: y.sum()),
        mistake("it is added up over the places, not inside each window", "a place gives one number: add up along axis 1", "{places} numbers, not {weights}",
                instead=lambda x, w, weights: (windows(x, weights) * w).sum(0)),
        mistake("every window meets every row of weights", "window i meets row i alone", "{places} numbers, not {places} × {places}",
                instead=lambda x, w, weights: windows(x, weights) @ w.T),
        mistake("there is an output for every pixel", "a window fits at fewer places than there are pixels", "{pixels} − {weights} + 1 = {places}",
                result=lambda y, pixels: functional.pad(y, (0, pixels - len(y)))),
        mistake("the axis of the weights is kept", "a place gives one number, not a row of one", "shape ({places},)", result=lambda y: y[:, None]),
        mistake("only the first pixel of each window counts", "each weight of a row meets a pixel of its own", "place 0 meets {weights} pixels",
                instead=lambda x, w, places: x[:places] * w.sum(1)),
        mistake("it is the largest product", "all products of the window are added up", "{weights} products", instead=lambda x, w, weights: (windows(x, weights) * w).amax(1)),
        mistake("the windows begin one pixel too late", "the window of place i begins at pixel i", "place 0 starts at pixel 0", x=lambda x: functional.pad(x[1:], (0, 1)),
                ways=({"x": lambda x: x.roll(-1)},)),
    ),
)  # fmt: skip
def locally_connected1d(x, w):
    return (x.unfold(0, w.shape[1], 1) * w).sum(1)


def toeplitz_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield kernels with lengths of rows, the lecture's 4 × 6 among them."""
    yield case(np.array([1.0, 2.0]), 3)
    yield case(np.array([1.0, 2.0, 3.0]), 6)
    yield case(np.array([1.0, 2.0, 3.0]), 4)
    yield case(np.array([1.0, 2.0, 3.0]), 3, about="one place")
    yield case(np.array([5.0]), 3, about="a kernel of one weight")
    yield case(np.array([1.0, 0.0, -1.0, 2.0]), 9)
    yield from every_layout(counting(3), 5)
    yield case(counting(3).astype(np.float32), 5, about="float32")
    for _ in range(10):
        k, more = (int(side) for side in rng.integers(1, 6, 2))
        yield drawn(rng.normal(size=k), k + more)
    yield drawn(rng.normal(size=5), 30)


STEP = "each row holds the same weights, one column further to the right than the row above"
INSIDE = "only windows that lie completely inside the row of pixels have a row in the matrix"


@exercise(
    "The convolution's matrix", points=5, cases=toeplitz_cases, shapes="w (weights) -> (rows, columns)",
    facts={"first": lambda w: w[0], "last": lambda w: w[-1]},
    why="row i holds the {weights} weights from column i on, and 0 everywhere else",
    shape="a window of {weights} has {n} − {weights} + 1 = {rows} places on {n} pixels: {rows} rows, and a column for each pixel",
    help=("could not broadcast input array",),
    mistakes=(
        mistake("the matrix is transposed", "`matrix @ x` needs a column for each pixel and a row for each place", "{rows} rows, {columns} columns",
                result=lambda y: y.transpose(0, 1)),
        mistake("the kernel is flipped", "cross-correlation lays the kernel on the pixels as it is", "the first number of row 0 is {first}, not {last}",
                w=lambda w: w.flip(0)),
        mistake("every row starts at column 0", STEP, "row 1 starts with a 0", result=lambda y: y[:1].expand(y.shape)),
        mistake("the weights move to the left", STEP, "row 0 starts at column 0", result=lambda y: y.flip(0), ways=({"result": lambda y: y.flip(1)},)),
        mistake("the weights wrap around", INSIDE, "{rows} rows, not {n}", instead=lambda w, n: _circulant(w, n)),
        mistake("windows that hang over the right end have rows too", INSIDE, "{rows} rows, not {n}",
                instead=lambda again, w, n: again(n=n + len(w) - 1)[:, :n]),
        mistake("windows that hang over both ends have rows too", INSIDE, "{rows} rows",
                instead=lambda again, w, n: again(n=n + 2 * len(w) - 2)[:, len(w) - 1 : n + len(w) - 1]),
        mistake("only the first weight is on the diagonal, the rest is 0", "all weights stand side by side in each row", "{weights} weights",
                w=lambda w: functional.pad(w[:1], (0, len(w) - 1))),
        mistake("the last weight is left out", "`range(n)` already stops at n − 1: all weights count", "{weights} weights in each row",
                w=lambda w: functional.pad(w[:-1], (0, 1))),
        mistake("the last row is missing", "the first place counts too, before any step is taken", "{n} − {weights} + 1 = {rows}", result=lambda y: y[:-1]),
        mistake("the last row is empty", "the loop ends one too early: `range(n)` already stops at n − 1", "{rows} rows",
                result=lambda y: functional.pad(y[:-1], (0, 0, 0, 1))),
        mistake("only the first row is filled", "is the `return` inside the loop?", "{rows} rows", result=lambda y: functional.pad(y[:1], (0, 0, 0, len(y) - 1))),
        mistake("the weights move by their own width", "the window moves on by one pixel, not by its own width", "row 1 starts at column 1",
                instead=lambda again, n, w: _wide(again(n=n), len(w))),
        mistake("the numbers are the weights' places", "put in the weights themselves, not their number", "the first is {first}",
                w=lambda w: torch.arange(float(len(w)))),
        mistake("all weights are 1", "put in the weights themselves", "the first is {first}", w=lambda w: w * 0 + 1),
        mistake("all rows are the last one", "is one and the same array appended again and again? Append a copy", "there are {rows} rows",
                result=lambda y: y[-1:].expand(y.shape), ways=({"result": lambda y: y[-1:].roll(1, 1).expand(y.shape)},)),
        mistake("the weights are written into all rows at once", "`m[:, …]` is every row: write into row i alone", "there are {rows} rows",
                instead=lambda w, n: torch.cat([w[:1].expand(n - len(w) + 1), w[1:]]).expand(n - len(w) + 1, n)),
        mistake("there is a row for every pixel", "the window has fewer places than there are pixels: leave the rows without a place out", "{rows} rows, not {n}",
                result=lambda y, n: functional.pad(y, (0, 0, 0, n - len(y)))),
        mistake("n is taken for the number of places", "`n` is the number of pixels: as many columns, and fewer rows", "{rows} rows and {columns} columns",
                instead=lambda again, w, n: again(n=n + len(w) - 1)),
        mistake("windows that hang over by half have rows too", INSIDE, "{rows} rows, not {n}",
                instead=lambda again, w, n: again(n=n + len(w) - 1)[:, (len(w) - 1) // 2 :][:, :n],
                ways=({"instead": lambda again, w, n: again(n=n + len(w) - 1)[:, len(w) // 2 :][:, :n]},)),
        mistake("the weights lie to the left of the diagonal", "row i begins with the first weight at column i, and goes on to the right", "row 0 holds all {weights} weights",
                instead=lambda again, w, n: again(w=w.flip(0), n=n + len(w) - 1)[: n - len(w) + 1, len(w) - 1 :]),
        mistake("the weights lie on both sides of the diagonal", "left of the first weight a row is 0", "row 1 starts with a 0",
                instead=lambda again, w, n: again() + again(w=w.flip(0), n=n + len(w) - 1)[: n - len(w) + 1, len(w) - 1 :] - w[0] * torch.eye(n - len(w) + 1, n)),
        mistake("the loop fills as many rows as there are weights", "there is a row for every place of the window, not for every weight", "{rows} rows, {weights} weights",
                result=lambda y, weights: torch.cat([y[:weights], y[weights:] * 0])),
        mistake("it is a list of windows without the zeros", "a row has a column for every pixel: the weights, and zeros elsewhere", "{columns} columns, not {weights}",
                instead=lambda w, n: w.expand(n - len(w) + 1, len(w))),
    ),
)  # fmt: skip
def toeplitz1d(w, n):
    return functional.conv1d(torch.eye(n)[:, None], w[None, None])[:, 0].T


def _circulant(w, n):
    """Return the n × n matrix of a convolution whose window goes on at the other end."""
    ring = functional.pad(torch.eye(n)[:, None], (0, len(w) - 1), mode="circular")
    return functional.conv1d(ring, w[None, None])[:, 0].T


def _wide(right, k):
    """Return a matrix whose rows start k columns apart, cut off at the right end."""
    return torch.stack([row.new_zeros(row.shape).index_copy(0, torch.arange(i * k, len(row)), right[0][: len(row) - i * k])
                        if i * k < len(row) else row * 0 for i, row in enumerate(right)])  # fmt: skip


def gradient_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield gradients of every use of a kernel: few places first, then many."""
    yield case(np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]))
    yield case(np.array([[1.0, -1.0, 2.0], [3.0, 1.0, -2.0]]))
    yield case(counting(1, 3), about="one place")
    yield case(counting(4, 1), about="one weight")
    yield case(np.zeros((2, 3)))
    yield from every_layout(counting(4, 3))
    yield case(counting(3, 2).astype(np.float32), about="float32")
    for _ in range(8):
        yield drawn(rng.normal(size=tuple(rng.integers(2, 7, 2))))
    yield drawn(rng.normal(size=(196, 9)))


EVERY_USE = "a change of the weight changes the loss at every place where it is used: the changes add up"
EACH = "each of the k weights keeps a gradient of its own"


@exercise(
    "The gradient of a shared weight", points=4, cases=gradient_cases, shapes="per_position (positions, weights) -> (weights)",
    why="each of the {weights} weights is used at {positions} places, and its gradient is the sum over them",
    shape="there are {weights} weights, so there are {weights} numbers",
    mistakes=(
        mistake("it is the average over the places, not the sum", EVERY_USE, "yours is smaller by a factor of {positions}",
                result=lambda y, positions: y / positions),
        mistake("it is divided by the number of weights", EVERY_USE, "nothing is divided, not by {weights} either", result=lambda y, weights: y / weights),
        mistake("it is summed over the weights, not over the places", EACH + ": add up along axis 0", "{weights} numbers, not {positions}",
                result=lambda per_position: per_position.sum(1)),
        mistake("it is averaged over the weights", EACH + ": add up along axis 0", "{weights} numbers, not {positions}",
                result=lambda per_position: per_position.mean(1)),
        mistake("everything is added up into one number", EACH, "{weights} numbers", result=lambda y: y.sum()),
        mistake("everything is averaged into one number", EACH, "{weights} numbers", result=lambda per_position: per_position.mean()),
        mistake("only the first place counts", EVERY_USE, "there are {positions} places", result=lambda per_position: per_position[0]),
        mistake("only the last place counts", EVERY_USE + " (`=` where `+=` is meant?)", "there are {positions} places", result=lambda per_position: per_position[-1]),
        mistake("it is the largest of the gradients", EVERY_USE, "there are {positions} places", result=lambda per_position: per_position.amax(0)),
        mistake("the signs are lost", "gradients of both signs cancel each other: add them as they are", "{positions} places", per_position=lambda per_position: per_position.abs()),
        mistake("it is the length of the gradients, not their sum", EVERY_USE, "{positions} places", result=lambda per_position: per_position.norm(dim=0)),
        mistake("it is divided by the root of the number of places", EVERY_USE, "{positions} places", result=lambda y, positions: y / positions**0.5),
        mistake("the last place is left out", "`range(n)` already stops at n − 1: all places count", "{positions} places", per_position=lambda per_position: per_position[:-1]),
        mistake("the axis of the places is kept", "the shape is that of the kernel", "shape ({weights},), not (1, {weights})", result=lambda y: y[None]),
        mistake("the sum so far is returned at every place", "one sum for each weight is asked for", "{weights} numbers", result=lambda per_position: per_position.cumsum(0)),
        mistake("every place gets the sum", "the kernel is stored once", "shape ({weights},)", result=lambda y, per_position: y.expand(per_position.shape)),
        mistake("the first place counts twice", "start from 0 or from the first place, and do not add that one again", "{positions} places",
                result=lambda y, per_position: y + per_position[0]),
        mistake("gradients below 0 are left out", "gradients of both signs cancel each other: add them as they are", "{positions} places",
                per_position=lambda per_position: per_position.clamp(min=0)),
        mistake("the gradients are multiplied", EVERY_USE, "{positions} places", result=lambda per_position: per_position.prod(0)),
        mistake("the sum is negated", "a gradient points uphill; it is the step that goes the other way", result=lambda y: -y),
    ),
)  # fmt: skip
def share_gradient(per_position):
    kernel = torch.zeros(per_position.shape[1], requires_grad=True)  # stored once, used at every place
    # Not as `grad_outputs`: PyTorch imports sympy for that, which takes half a second.
    used = kernel.expand(per_position.shape) * per_position
    return torch.autograd.grad(used.sum(), kernel)[0]
