"""How many places fit, how much to pad, who looks at the border."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine import families
from convbook.checks.engine.declare import case, drawn, draws, exercise, mistake, table
from convbook.forms import Case


def fit(n, k, stride=1, padding=0, dilation=1):
    """Return how many places PyTorch finds for a window of `k` on a side of `n`; ValueError if none."""
    # Without memory PyTorch loads sympy first: the learner would wait half a second for that.
    device = "meta" if max(n, k, padding, dilation) > 2000 else "cpu"
    try:
        side, window = torch.empty(1, 1, n, device=device), torch.empty(1, 1, k, device=device)
        return functional.conv1d(side, window, None, stride, padding, dilation).shape[2]
    except RuntimeError as error:
        raise ValueError("no window fits") from error


def size_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield sides and windows that fit, that fit with a rest, and that do not fit."""
    yield from table((5, 3), (3, 3), (4, 1), (1, 1), (32, 5), (7, 4), (7, 3, {"stride": 2}))
    for n, stride in ((7, 3), (8, 2)):
        yield case(n, 3, stride=stride, about="one step more does not fit")
    for n, k, padding in ((5, 3, 1), (32, 5, 1), (4, 2, 3), (2, 2, 2)):
        yield case(n, k, padding=padding, about="padding larger than the kernel" if padding > k else "")
    yield case(2, 3, padding=1, about="the window fits only with the padding")
    yield case(1, 3, padding=1, about="the window fits only with the padding of both sides")
    for n, k, dilation in ((9, 3, 2), (9, 3, 3), (4, 1, 3), (12, 2, 3)):  # two differ in the dilation alone
        yield case(n, k, dilation=dilation)
    yield case(12, 4, dilation=3, stride=2, padding=1)
    yield case(4, 3, padding=1, dilation=2, about="the dilated window fits only with the padding")
    yield from table((227, 11, {"stride": 4}), (1100, 7, {"stride": 2, "padding": 3}))
    for n, k, padding, dilation in ((2, 3, 0, 1), (1, 4, 1, 1), (4, 3, 0, 2)):
        yield case(n, k, padding=padding, dilation=dilation, about="the window does not fit")
    for name in ("stride", "dilation"):
        for value, k in ((0, 3), (-1, 3), (0, 1)):
            yield case(5, k, **{name: value}, about=f"a {name} of {value}")
    yield case(5, 3, padding=-1, about="a negative padding")
    for n, k, padding in ((0, 1, 0), (0, 1, 1), (-1, 1, 2), (5, 0, 0), (5, -1, 0)):
        yield case(n, k, padding=padding, about="a side below 1" if n < 1 else "a kernel below 1")
    yield case(9, 3, 2, 1, about="stride 2 and padding 1 by position")
    yield case(11, 3, 2, 1, 3, about="stride 2, padding 1 and dilation 3 by position")
    yield from draws(rng, 24, "n, k", n=(1, 29), k=(1, 5), stride=(1, 4), padding=(0, 4), dilation=(1, 3))


FRAMED = "{n} + 2 · {padding} = {framed}"


@exercise(
    "How many places fit", points=4, cases=size_cases,
    facts=families.SIDE,
    why="the window spans {span} of the {framed} pixels of a side with its padding; count where it can "
    "start, in steps of {stride}",
    mistakes=(
        mistake("the padding is ignored", "padding lengthens the side at both ends", FRAMED,
                result=lambda n, span, stride: (n - span) // stride + 1, ways=({"padding": lambda: 0},)),
        mistake("the padding is counted once", "padding lengthens the side at both ends",
                FRAMED + ", not {n} + {padding}", result=lambda n, padding, span, stride: (n + padding - span) // stride + 1,
                ways=({"result": lambda n, padding, span, stride: families.refuse(
                    span > n + padding, (n + padding - span) // stride + 1)},)),
        *families.miscounted_places(), *families.rounded_places(), *families.dilations(),
        *families.misjudged_fits(),
        mistake("the stride is ignored", "the window moves `stride` pixels at a time",
                "{room} pixels of room in steps of {stride}: {wanted} places", stride=lambda: 1),
        *families.unguarded(
            n=(1, "a side below 1", "an image has at least one pixel, whatever the padding"),
            k=(1, "a kernel below 1", "a kernel has at least one pixel"),
            stride=(1, "a stride below 1", "a window that does not move forward never ends"),
            dilation=(1, "a dilation below 1", "neighbouring weights lie at least one pixel apart"),
            padding=(0, "a negative padding", "a frame cannot be narrower than nothing"),
        ),
    ),
)  # fmt: skip
def conv_out_size(n, k, stride=1, padding=0, dilation=1):
    if min(n, k, stride, dilation) < 1 or padding < 0:
        raise ValueError("impossible")
    return fit(n, k, stride, padding, dilation)


def padding_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield odd, even and impossible kernels."""
    yield from table((3,), (1,), (5,), (7,), (11,), (101,))
    for k in (2, 4, 6, 0, -1, -3):
        yield case(k, about="an even kernel" if k > 0 else "no kernel")
    for half in rng.integers(6, 20, 4):
        yield drawn(int(2 * half + 1))


HALF = "a kernel of k costs a side k − 1 pixels, half of them at each end"


@exercise(
    "Padding that keeps the size", points=2, cases=padding_cases, facts={"lost": lambda k: k - 1},
    why="a kernel of {k} makes a side shorter by {lost}; a padding of 1 makes it longer by 2",
    mistakes=(
        mistake("it is the padding of both sides together", "padding is the width on one side; the other "
                "side gets as much", "{k} − 1 = {lost} pixels are lost, half of them on each side",
                result=lambda k: k - 1),
        mistake("it rounds up", HALF, "half of {lost}, not half of {k} rounded up",
                result=lambda k: k // 2 + 1),
        mistake("it is the kernel's own side", HALF, "half of {lost}", result=lambda k: k),
        mistake("it is 1 for every kernel", "1 is right for k = 3 only", "k = {k} makes a side shorter by "
                "{lost}", result=lambda: 1),
        mistake("an even kernel is not refused", "an even kernel loses an odd number of pixels, which cannot "
                "be shared by two sides: raise ValueError", "k = {k} makes a side shorter by {lost}",
                k=lambda k: k + 1 if k > 0 and k % 2 == 0 else k),
        mistake("odd and even are mixed up", "odd kernels have a middle pixel and a padding, even ones have "
                "none: `k % 2` is 1 for odd k", "k = {k} makes a side shorter by {lost}",
                k=lambda k: k + 1 if k > 0 else k),
        mistake("a kernel below 1 is not refused", "there is no kernel of 0 or fewer pixels: raise "
                "ValueError", k=lambda k: max(k, 1),
                ways=({"k": lambda k: k if k > 0 or k % 2 == 0 else 1},)),
        mistake("it is half of k, rounded", HALF, "half of {lost}, not half of {k}", result=lambda k: round(k / 2)),
        mistake("it is half of k", HALF, "half of {lost}, not half of {k}", result=lambda k: k / 2),
    ),
)  # fmt: skip
def same_padding(k):
    if k < 1 or k % 2 == 0:
        raise ValueError("no padding keeps the size")
    return next(p for p in range(k) if fit(k + 7, k, 1, p) == k + 7)


def coverage_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small images under windows of all kinds."""
    yield from table((3, 2), (5, 3), (4, 1), (2, 2), (5, 3, {"padding": 1}), (4, 3, {"padding": 2}))
    yield from table((5, 2, {"stride": 2}), (5, 3, {"stride": 2, "padding": 1}))
    yield case(6, 2, stride=3, about="some pixels are never seen")
    yield case(6, 3, 2, 1, about="stride 2 and padding 1 by position")
    yield case(5, 4, about="the window is wider than half the image")
    yield case(2, 3, padding=1, about="the window fits only with the padding")
    yield from draws(rng, 14, "n, k", k=(1, 4), n=("k", 4), stride=(1, 3), padding=(0, 3))
    yield drawn(30, 5, stride=2, padding=2)
    yield case(36, 18, about="some pixels are seen more than 255 times")


def windows(first, last, k, stride):
    """Return the pixels (places, k) that each window sees on a side of pixels `first` to `last` − 1."""
    side = torch.arange(first, last)
    return side.unfold(0, k, stride) if len(side) >= k else side.new_zeros(0, k)


def seen(n, pixels):
    """Return how often each pixel of n × n is seen by windows that see these pixels along each side."""
    line = torch.bincount(pixels[(pixels >= 0) & (pixels < n)], minlength=n).double()
    return torch.outer(line, line)


def from_the_end(n, k, pixels):
    """Return what slices with negative starts count: Python takes them from the end."""
    line = torch.zeros(n)
    for start in pixels[:, 0].tolist():
        line[start : start + k] += 1
    return torch.outer(line, line)


PIXELS, ALONG = "a window sees all of its k · k pixels", "there are {places} places along a side of {framed}"
LAST = "the last start is at {framed} − {k}"


@exercise(
    "Who looks at the border", points=4, cases=coverage_cases, counts=True,
    facts={"framed": lambda n, padding: n + 2 * padding,
           "pixels": lambda n, k, stride, padding: windows(-padding, n + padding, k, stride),
           "places": lambda pixels: len(pixels)},
    why="there are {places} × {places} windows; add 1 to every pixel of the {n} × {n} image that a "
    "window covers",
    shape="one count for every pixel of the image, without its frame: ({n}, {n})",
    mistakes=(
        mistake("the padding is ignored", "padding lets windows start outside the image", ALONG,
                padding=lambda: 0),
        mistake("the padding is put on one side only", "padding goes on all four sides",
                "{padding} at each end of a side",
                instead=lambda n, k, stride, padding: seen(n, windows(-padding, n, k, stride))),
        mistake("the frame of padding is part of the answer", "only the image's own pixels are asked for: "
                "cut the frame off", "({n}, {n}), not ({framed}, {framed})",
                instead=lambda framed, k, stride: seen(framed, windows(0, framed, k, stride))),
        mistake("the stride is ignored", "the window moves `stride` pixels at a time", ALONG,
                stride=lambda: 1),
        mistake("the stride sets the number of places, but the window moves by 1", "place i starts at pixel "
                "i · stride of the padded image", "with stride {stride} the second window starts at {stride}",
                instead=lambda n, k, padding, places: seen(n, windows(-padding, n + padding, k, 1)[:places])),
        mistake("windows start only where the bare image has room", "the window slides over the padded "
                "image: the last start is n + 2 · padding − k", LAST,
                instead=lambda n, k, stride, padding: seen(n, windows(-padding, n - padding, k, stride))),
        mistake("with padding 0 nothing is left", "`seen[0:-0]` is `seen[0:0]`, which is empty: cut from "
                "`padding` to `padding + n`", "({n}, {n}) remain",
                result=lambda y, padding: y if padding else y[:0, :0]),
        mistake("it says seen or not, instead of how often", "every window adds 1",
                "there are {places} × {places} windows", result=lambda y: (y > 0) * 1.0),
        mistake("every pixel counts as seen k · k times", "that holds in the middle only: fewer windows "
                "reach the border", "k · k would be {k} · {k}", result=lambda y, k: y * 0 + k * k),
        mistake("only the window's first pixel is counted", PIXELS, "{k} · {k} of them",
                instead=lambda n, pixels: seen(n, pixels[:, :1])),
        mistake("only the window's middle pixel is counted", PIXELS, "{k} · {k} of them",
                instead=lambda n, k, pixels: seen(n, pixels[:, k // 2])),
        mistake("the last place of the window is missing", "a side has ⌊(n + 2·padding − k) / stride⌋ + 1 "
                "places", "{places} of them", instead=lambda n, pixels: seen(n, pixels[:-1])),
        mistake("the range of starts ends too early", "`range` leaves its end out: the last start is side − "
                "kernel, so the range ends one later", LAST,
                instead=lambda n, k, stride, padding: seen(n, windows(-padding, n + padding - 1, k, stride))),
        mistake("windows that hang over the edge count too", "only windows that lie completely on the padded "
                "image are taken", ALONG,
                instead=lambda n, k, stride, padding: seen(
                    n, windows(-padding, n + padding + k - 1, k, stride))),
        mistake("the frame is cut off at one end only", "the image begins `padding` pixels inside the frame",
                "pixel 0 of the image lies at {padding} in the frame",
                instead=lambda n, k, stride, framed: seen(n, windows(0, framed, k, stride))),
        mistake("negative starts count from the other end", "`seen[-1:2]` begins at the last pixel: a window "
                "that starts outside the image is cut to it first", "with padding {padding} the first start "
                "is −{padding}", instead=from_the_end),
    ),
)  # fmt: skip
def coverage_map(n, k, stride=1, padding=0):
    image = torch.zeros(1, 1, n, n, requires_grad=True)
    frame, window = functional.pad(image, (padding,) * 4), torch.ones(1, 1, k, k)
    functional.conv2d(frame, window, stride=stride).sum().backward()
    return image.grad[0, 0]
