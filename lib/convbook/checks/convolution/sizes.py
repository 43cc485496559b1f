"""How many places fit, how much to pad, who looks at the border."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.families import unguarded
from convbook.forms import Case


def fit(n, k, stride=1, padding=0, dilation=1):
    """Return how many places PyTorch finds for a window of `k` on a side of `n`; ValueError where it finds none."""
    try:
        side, window = torch.empty(1, 1, n, device="meta"), torch.empty(1, 1, k, device="meta")
        return functional.conv1d(side, window, None, stride, padding, dilation).shape[2]
    except RuntimeError as error:
        raise ValueError("no window fits") from error


def refuse(condition: bool, otherwise):
    """Raise ValueError if `condition`, else return `otherwise`."""
    if condition:
        raise ValueError("refused")
    return otherwise


def size_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield sides and windows that fit, that fit with a rest, and that do not fit."""
    for arguments in ((5, 3), (3, 3), (4, 1), (1, 1), (32, 5), (7, 4)):
        yield case(*arguments)
    yield case(7, 3, stride=2)
    for n, stride in ((7, 3), (8, 2)):
        yield case(n, 3, stride=stride, about="one step more does not fit")
    for n, k, padding in ((5, 3, 1), (32, 5, 1), (4, 2, 3), (2, 2, 2)):
        yield case(n, k, padding=padding, about="padding larger than the kernel" if padding > k else "")
    for n in (2, 1):
        yield case(
            n, 3, padding=1, about="the window fits only with the padding" + " of both sides" * (n == 1)
        )
    for n, k, dilation in (
        (9, 3, 2),
        (9, 3, 3),
        (4, 1, 3),
        (12, 2, 3),
    ):  # also the same but for the dilation: do not remember
        yield case(n, k, dilation=dilation)
    yield case(12, 4, dilation=3, stride=2, padding=1)
    yield case(4, 3, padding=1, dilation=2, about="the dilated window fits only with the padding")
    yield case(227, 11, stride=4)
    yield case(1100, 7, stride=2, padding=3)
    for n, k, padding, dilation in ((2, 3, 0, 1), (1, 4, 1, 1), (4, 3, 0, 2)):
        yield case(n, k, padding=padding, dilation=dilation, about="the window does not fit")
    for name, value, k in (
        *((s, v, 3) for s in ("stride", "dilation") for v in (0, -1)),
        ("stride", 0, 1),
        ("dilation", 0, 1),
    ):
        yield case(5, k, **{name: value}, about=f"a {name} of {value}")
    yield case(5, 3, padding=-1, about="a negative padding")
    for n, k, padding in ((0, 1, 0), (0, 1, 1), (-1, 1, 2), (5, 0, 0), (5, -1, 0)):
        yield case(n, k, padding=padding, about="a side below 1" if n < 1 else "a kernel below 1")
    yield case(9, 3, 2, 1, about="stride 2 and padding 1 by position")
    yield case(11, 3, 2, 1, 3, about="stride 2, padding 1 and dilation 3 by position")
    for _ in range(24):
        n, k, stride, dilation = (int(v) for v in rng.integers(1, (30, 6, 5, 4)))
        yield drawn(n, k, stride=stride, padding=int(rng.integers(0, 5)), dilation=dilation)


def roomy(n, k, padding, dilation):
    return n if n < 1 else max(n, dilation * (k - 1) + 1 - 2 * padding)


COUNT = "⌊({n} + {twice} − {span}) / {stride}⌋"
SPAN, FRAMED = "{dilation} · ({k} − 1) + 1 = {span}", "{n} + 2 · {padding} = {framed}"
STEPS, HOLD = (
    "{room} pixels of room in steps of {stride}: {wanted} places",
    FRAMED + " pixels hold a window of {span}",
)


@exercise(
    "How many places fit", points=4, cases=size_cases,
    facts={"span": lambda k, dilation: dilation * (k - 1) + 1, "framed": lambda n, padding: n + 2 * padding,
           "room": lambda framed, span: framed - span, "twice": lambda padding: 2 * padding},
    why="the window spans {span} of the {framed} pixels of a side with its padding; count where it can start, in steps of {stride}",
    mistakes=(
        mistake("the + 1 is missing", "the first place counts too, before any step is taken",
                COUNT + " counts the steps; the places are one more: {wanted}", result=lambda y: y - 1),
        mistake("the first place is counted twice", "one place more than there are steps, not two",
                COUNT + " + 1 = {wanted}", result=lambda y: y + 1),
        mistake("it rounds up", "a step that does not fit is not taken: the division rounds down", STEPS,
                result=lambda room, stride: -(-room // stride) + 1),
        mistake("it rounds to the nearest", "a step that does not fit is not taken: the division rounds down",
                STEPS, result=lambda room, stride: round(room / stride) + 1),
        mistake("it is the side over the stride, rounded up", "that is TensorFlow's rule for padding 'same'; "
                "here the window and the padding count", COUNT + " + 1 = {wanted}",
                result=lambda n, stride: -(-n // stride)),
        mistake("the padding is ignored", "padding lengthens the side at both ends", FRAMED,
                padding=lambda: 0),
        mistake("the padding is counted once", "padding lengthens the side at both ends",
                FRAMED + ", not {n} + {padding}", n=lambda n, padding: n - padding if n - padding > 0 else n),
        mistake("the stride is ignored", "the window moves `stride` pixels at a time", STEPS,
                stride=lambda: 1),
        mistake("the dilation is ignored", "dilation spreads the kernel: it covers dilation · (k − 1) + 1 "
                "pixels", SPAN, dilation=lambda: 1),
        mistake("the dilated window is taken as dilation · k", "the gaps lie between the weights only: "
                "dilation · (k − 1) + 1", SPAN,
                result=lambda framed, k, dilation, stride: (framed - dilation * k) // stride + 1),
        mistake("the gaps are counted on top of dilation 1", "dilation 1 has no gaps: a gap has dilation − 1 "
                "pixels, and the window covers dilation · (k − 1) + 1", SPAN,
                result=lambda framed, k, dilation, stride: (framed - k - (k - 1) * dilation) // stride + 1),
        mistake("the window is taken one pixel too short", "the window covers dilation · (k − 1) + 1 pixels; "
                "the + 1 of the first place comes after the division, and once", "the window covers {span}, "
                "and ⌊({framed} − {span}) / {stride}⌋ + 1 = {wanted}",
                result=lambda room, stride: (room + 1) // stride + 1),
        mistake("the dilation is added once", "there is a gap between each weight and the next: dilation · "
                "(k − 1) + 1", SPAN,
                result=lambda framed, k, dilation, stride: (framed - k - dilation + 1) // stride + 1),
        mistake("the + 1 stands inside the division", "divide the room first, round down, and then add the "
                "first place", "⌊{room} / {stride}⌋ + 1 = {wanted}",
                result=lambda room, stride: (room + 1) // stride),
        mistake("it does not round down", "a step that does not fit is not taken: use `//`", STEPS,
                result=lambda room, stride: room / stride + 1),
        *unguarded(roomy, n=(1, "a side below 1", "an image has at least one pixel, whatever the padding"),
                   k=(1, "a kernel below 1", "a kernel has at least one pixel"),
                   stride=(1, "a stride below 1", "a window that does not move forward never ends"),
                   dilation=(1, "a dilation below 1", "neighbouring weights lie at least one pixel apart"),
                   padding=(0, "a negative padding", "a frame cannot be narrower than nothing")),
        mistake("the test whether it fits forgets the padding", "a window fits if the side with its padding "
                "is long enough", HOLD, result=lambda y, n, span: refuse(span > n, y)),
        mistake("the test whether it fits compares k and n alone", "a dilated window covers more than k "
                "pixels, and a padded side has more than n", HOLD, result=lambda y, n, k: refuse(k > n, y),
                ways=({"n": lambda n, k, padding, dilation: roomy(n, k, padding, dilation) if k <= n else refuse(True, n)},)),
        mistake("the test whether it fits counts the padding once", "a window fits if the side with the "
                "padding of both ends is long enough", HOLD,
                result=lambda y, n, padding, span: refuse(span > n + padding, y)),
        mistake("a window that just fits is refused", "a window as long as the side has one place: only a "
                "longer one does not fit", "{span} pixels fit into {framed}",
                result=lambda y, room: refuse(room == 0, y)),
        mistake("a step that does not fit is refused", "what is left at the end is not visited: round down, "
                "raise nothing", STEPS, result=lambda y, room, stride: refuse(room % stride > 0, y)),
        mistake("a large padding is refused", "padding may be as large as the kernel, or larger: PyTorch "
                "computes it", "k {k} with padding {padding} has {wanted} places",
                result=lambda y, k, padding: refuse(padding >= k, y)),
    ),
)  # fmt: skip
def conv_out_size(n, k, stride=1, padding=0, dilation=1):
    if min(n, k, stride, dilation) < 1 or padding < 0:
        raise ValueError("impossible")
    return fit(n, k, stride, padding, dilation)


def padding_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield odd, even and impossible kernels."""
    for k in (3, 1, 5, 7, 11, 101):
        yield case(k)
    for k in (2, 4, 6):
        yield case(k, about="an even kernel")
    for k in (0, -1, -3):
        yield case(k, about="no kernel")
    for k in rng.integers(6, 20, 4):
        yield drawn(int(2 * k + 1))


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
        mistake("it is half of k", HALF, "half of {lost}, not half of {k}", result=lambda k: k / 2),
    ),
)  # fmt: skip
def same_padding(k):
    if k < 1:
        raise ValueError("no kernel")
    return next(iter([p for p in range(k) if fit(k + 7, k, 1, p) == k + 7])) if k % 2 else refuse(True, k)


def coverage_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small images under windows of all kinds."""
    for n, k in ((3, 2), (5, 3), (4, 1), (2, 2)):
        yield case(n, k)
    yield case(5, 3, padding=1)
    yield case(4, 3, padding=2)
    yield case(5, 2, stride=2)
    yield case(5, 3, stride=2, padding=1)
    yield case(6, 2, stride=3, about="some pixels are never seen")
    yield case(6, 3, 2, 1, about="stride 2 and padding 1 by position")
    yield case(5, 4, about="the window is wider than half the image")
    yield case(2, 3, padding=1, about="the window fits only with the padding")
    for _ in range(14):
        k, stride, padding = (int(v) for v in (rng.integers(1, 5), rng.integers(1, 4), rng.integers(0, 4)))
        yield drawn(k + int(rng.integers(0, 5)), k, stride=stride, padding=padding)
    yield drawn(30, 5, stride=2, padding=2)
    yield case(36, 18, about="some pixels are seen more than 255 times")


def seen(n, k, stride, before, after, box=None, places=None, whole=False):
    """Return how many windows see each pixel: the gradient of their sum, with a frame of other widths or another box."""
    image = torch.zeros(1, 1, n, n, requires_grad=True)
    frame = functional.pad(image, (before, after, before, after))
    frame.retain_grad()
    box = torch.ones(k, k) if box is None else box
    functional.conv2d(frame, box[None, None], stride=stride)[..., :places, :places].sum().backward()
    return (frame if whole else image).grad[0, 0]


def one_pixel(k, place):
    return functional.pad(torch.ones(1, 1), (place, k - 1 - place, place, k - 1 - place))


PIXELS, ALONG = "a window sees all of its k · k pixels", "there are {places} places along a side of {framed}"


@exercise(
    "Who looks at the border", points=4, cases=coverage_cases, counts=True,
    facts={"framed": lambda n, padding: n + 2 * padding, "places": lambda framed, k, stride: (framed - k) // stride + 1},
    why="there are {places} × {places} windows; add 1 to every pixel of the {n} × {n} image that a window covers",
    shape="one count for every pixel of the image, without its frame: ({n}, {n})",
    mistakes=(
        mistake("the padding is ignored", "padding lets windows start outside the image", ALONG,
                padding=lambda: 0),
        mistake("the padding is put on one side only", "padding goes on all four sides",
                "{padding} at each end of a side",
                instead=lambda n, k, stride, padding: seen(n, k, stride, padding, 0)),
        mistake("the frame of padding is part of the answer", "only the image's own pixels are asked for: "
                "cut the frame off", "({n}, {n}), not ({framed}, {framed})",
                instead=lambda n, k, stride, padding: seen(n, k, stride, padding, padding, whole=True)),
        mistake("the stride is ignored", "the window moves `stride` pixels at a time", ALONG,
                stride=lambda: 1),
        mistake("the stride sets the number of places, but the window moves by 1", "place i starts at pixel "
                "i · stride of the padded image", "with stride {stride} the second window starts at {stride}",
                instead=lambda n, k, padding, places: seen(n, k, 1, padding, padding, places=places)),
        mistake("windows start only where the bare image has room", "the window slides over the padded "
                "image: the last start is n + 2 · padding − k", "the last start is at {framed} − {k}",
                instead=lambda n, k, stride, padding: seen(n, k, stride, padding, padding, places=max(0, (n - k) // stride + 1))),
        mistake("with padding 0 nothing is left", "`seen[0:-0]` is `seen[0:0]`, which is empty: cut from "
                "`padding` to `padding + n`", "({n}, {n}) remain",
                result=lambda y, padding: y if padding else y[:0, :0]),
        mistake("it says seen or not, instead of how often", "every window adds 1",
                "there are {places} × {places} windows", result=lambda y: (y > 0) * 1.0),
        mistake("every pixel counts as seen k · k times", "that holds in the middle only: fewer windows "
                "reach the border", "k · k would be {k} · {k}", result=lambda y, k: y * 0 + k * k),
        mistake("only the window's first pixel is counted", PIXELS, "{k} · {k} of them",
                instead=lambda n, k, stride, padding: seen(n, k, stride, padding, padding, one_pixel(k, 0)[:k, :k])),
        mistake("only the window's middle pixel is counted", PIXELS, "{k} · {k} of them",
                instead=lambda n, k, stride, padding: seen(n, k, stride, padding, padding, one_pixel(k, k // 2))),
        mistake("the last place of the window is missing", "a side has ⌊(n + 2·padding − k) / stride⌋ + 1 "
                "places", "{places} of them",
                instead=lambda n, k, stride, padding, places: seen(n, k, stride, padding, padding, places=places - 1)),
        mistake("the range of starts ends too early", "`range` leaves its end out: the last start is side − "
                "kernel, so the range ends one later", "the last start is at {framed} − {k}",
                instead=lambda n, k, stride, padding, framed: seen(n, k, stride, padding, padding, places=-(-(framed - k) // stride))),
        mistake("windows that hang over the edge count too", "only windows that lie completely on the padded "
                "image are taken", ALONG,
                instead=lambda n, k, stride, padding: seen(n, k, stride, padding, padding + k - 1)),
        mistake("the frame is cut off at one end only", "the image begins `padding` pixels inside the frame",
                "pixel 0 of the image lies at {padding} in the frame",
                instead=lambda n, k, stride, padding: seen(n, k, stride, padding, padding, whole=True)[:n, :n]),
        mistake("negative starts count from the other end", "`seen[-1:2]` begins at the last pixel: a window "
                "that starts outside the image is cut to it first", "with padding {padding} the first start "
                "is −{padding}", instead=lambda n, k, stride, padding: wrapped(n, k, stride, padding)),
    ),
)  # fmt: skip
def coverage_map(n, k, stride=1, padding=0):
    return seen(n, k, stride, padding, padding)


def wrapped(n, k, stride, padding):
    """Return what slices with negative starts count: Python takes them from the end."""
    lines = torch.zeros(0, n)
    for start in range(-padding, n + padding - k + 1, stride):
        line = torch.zeros(n)
        line[start : start + k] = 1
        lines = torch.cat([lines, line[None]])
    return torch.outer(lines.sum(0), lines.sum(0))
