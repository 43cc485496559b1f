"""How many places fit, how much to pad, who looks at the border."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from convbook.checks.convolution import oracle
from convbook.checks.judge import exercise
from convbook.checks.question import Question, bent, case, drawn
from convbook.forms import Case


def size_facts(n, k, stride=1, padding=0, dilation=1) -> dict[str, Any]:
    """Return the numbers that stand in the rule for an output size."""
    span = dilation * (k - 1) + 1
    return {
        "n": n, "k": k, "stride": stride, "padding": padding, "dilation": dilation, "span": span,
        "framed": n + 2 * padding, "room": n + 2 * padding - span, "twice": 2 * padding,
    }  # fmt: skip


def size_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield sides and windows that fit, that fit with a rest, and that do not fit."""
    for arguments in ((5, 3), (3, 3), (4, 1), (1, 1), (32, 5), (7, 4)):
        yield case(*arguments)
    yield case(7, 3, stride=2)
    yield case(7, 3, stride=3, about="one step more does not fit")
    yield case(8, 3, stride=2, about="one step more does not fit")
    yield case(5, 3, padding=1)
    yield case(32, 5, padding=1)
    yield case(4, 2, padding=3, about="padding larger than the kernel")
    yield case(2, 2, padding=2)
    yield case(2, 3, padding=1, about="the window fits only with the padding")
    yield case(1, 3, padding=1, about="the window fits only with the padding of both sides")
    yield case(9, 3, dilation=2)
    yield case(9, 3, dilation=3)  # the same but for the dilation: nothing may be remembered
    yield case(4, 1, dilation=3)
    yield case(12, 2, dilation=3)
    yield case(12, 4, dilation=3, stride=2, padding=1)
    yield case(4, 3, padding=1, dilation=2, about="the dilated window fits only with the padding")
    yield case(227, 11, stride=4)
    yield case(1100, 7, stride=2, padding=3)
    yield case(2, 3, about="the window does not fit")
    yield case(1, 4, padding=1, about="the window does not fit")
    yield case(4, 3, dilation=2, about="the dilated window does not fit")
    for name in ("stride", "dilation"):
        yield case(5, 3, **{name: 0}, about=f"a {name} of 0")
        yield case(5, 3, **{name: -1}, about=f"a negative {name}")
        yield case(5, 1, **{name: 0}, about=f"a {name} of 0")
    yield case(5, 3, padding=-1, about="a negative padding")
    yield case(0, 1, about="a side of 0")
    yield case(0, 1, padding=1, about="a side of 0")
    yield case(-1, 1, padding=2, about="a side below 0")
    yield case(5, 0, about="a kernel of 0")
    yield case(5, -1, about="a kernel below 0")
    yield case(9, 3, 2, 1, about="stride 2 and padding 1 by position")
    yield case(11, 3, 2, 1, 3, about="stride 2, padding 1 and dilation 3 by position")
    for _ in range(24):
        n, k, stride, dilation = (int(v) for v in rng.integers(1, (30, 6, 5, 4)))
        yield drawn(n, k, stride=stride, padding=int(rng.integers(0, 5)), dilation=dilation)


UNGUARDED = {
    f"{name}_below_{least}": "accepted"
    for name, least in {"n": 1, "k": 1, "stride": 1, "dilation": 1, "padding": 0}.items()
}

conv_out_size = exercise(
    Question(
        name="conv_out_size",
        title="How many places fit",
        points=4,
        oracle=oracle.output_size,
        cases=size_cases,
        facts=size_facts,
        look_at="the window spans {span} of the {framed} pixels of a side with its padding; count where it can start, in steps of {stride}",
        mistakes=(
            bent(oracle.output_size, "the + 1 is missing", "the first place counts too, before any step is taken",
                 "⌊({n} + {twice} − {span}) / {stride}⌋ counts the steps; the places are one more: {wanted}", rule="no + 1"),
            bent(oracle.output_size, "the first place is counted twice", "one place more than there are steps, not two",
                 "⌊({n} + {twice} − {span}) / {stride}⌋ + 1 = {wanted}", rule="+ 2"),
            bent(oracle.output_size, "it rounds up", "a step that does not fit is not taken: the division rounds down",
                 "{room} pixels of room in steps of {stride}: {wanted} places", rule="rounded up"),
            bent(oracle.output_size, "the padding is ignored", "padding lengthens the side at both ends",
                 "{n} + 2 · {padding} = {framed}", frame="ignored"),
            bent(oracle.output_size, "the padding is counted once", "padding lengthens the side at both ends",
                 "{n} + 2 · {padding} = {framed}, not {n} + {padding}", frame="one side"),
            bent(oracle.output_size, "the stride is ignored", "the window moves `stride` pixels at a time",
                 "{room} pixels of room in steps of {stride}", steps="ignored"),
            bent(oracle.output_size, "the dilation is ignored", "dilation spreads the kernel: it covers dilation · (k − 1) + 1 pixels",
                 "{dilation} · ({k} − 1) + 1 = {span}", spread="ignored"),
            bent(oracle.output_size, "the dilated window is taken as dilation · k", "the gaps lie between the weights only: dilation · (k − 1) + 1",
                 "{dilation} · ({k} − 1) + 1 = {span}", spread="times k"),
            bent(oracle.output_size, "the window is taken one pixel too short", "the window covers dilation · (k − 1) + 1 pixels; the + 1 of the first place comes after the division, and once",
                 "the window covers {span}, and ⌊({framed} − {span}) / {stride}⌋ + 1 = {wanted}", spread="steps only"),
            bent(oracle.output_size, "the dilation is added once", "there is a gap between each weight and the next: dilation · (k − 1) + 1",
                 "{dilation} · ({k} − 1) + 1 = {span}", spread="added"),
            bent(oracle.output_size, "the + 1 stands inside the division", "divide the room first, round down, and then add the first place",
                 "⌊{room} / {stride}⌋ + 1 = {wanted}", rule="+ 1 inside"),
            bent(oracle.output_size, "a window that does not fit is not refused", "where no window fits there is no output: raise ValueError",
                 "{span} pixels do not fit into {framed}", misfit="accepted"),
            bent(oracle.output_size, "a side below 1 is not refused", "an image has at least one pixel: raise ValueError for n below 1, whatever the padding",
                 n_below_1="accepted"),
            bent(oracle.output_size, "a kernel below 1 is not refused", "a kernel has at least one pixel: raise ValueError for k below 1",
                 k_below_1="accepted"),
            bent(oracle.output_size, "a stride below 1 is not refused", "a window that does not move forward never ends: raise ValueError for a stride below 1",
                 stride_below_1="accepted"),
            bent(oracle.output_size, "a dilation below 1 is not refused", "neighbouring weights lie at least one pixel apart: raise ValueError for a dilation below 1",
                 dilation_below_1="accepted"),
            bent(oracle.output_size, "a negative padding is not refused", "a frame cannot be narrower than nothing: raise ValueError for a padding below 0",
                 padding_below_0="accepted"),
            bent(oracle.output_size, "impossible arguments are not refused", "n, k, stride and dilation are at least 1, padding at least 0: raise ValueError otherwise",
                 **UNGUARDED),
            bent(oracle.output_size, "nothing is refused", "where no window fits, or an argument is impossible, raise ValueError instead of giving a number",
                 misfit="accepted", **UNGUARDED),
            bent(oracle.output_size, "the test whether it fits forgets the padding", "a window fits if the side with its padding is long enough",
                 "{n} + 2 · {padding} = {framed} pixels hold a window of {span}", room="unpadded"),
            bent(oracle.output_size, "the test whether it fits compares k and n alone", "a dilated window covers more than k pixels, and a padded side has more than n",
                 "{n} + 2 · {padding} = {framed} pixels hold a window of {span}", room="bare"),
            bent(oracle.output_size, "the test whether it fits counts the padding once", "a window fits if the side with the padding of both ends is long enough",
                 "{n} + 2 · {padding} = {framed} pixels hold a window of {span}", room="half padded"),
            bent(oracle.output_size, "a window that just fits is refused", "a window as long as the side has one place: only a longer one does not fit",
                 "{span} pixels fit into {framed}", room="more than enough"),
            bent(oracle.output_size, "a step that does not fit is refused", "what is left at the end is not visited: round down, raise nothing",
                 "{room} pixels of room in steps of {stride}: {wanted} places", rule="remainder refused"),
            bent(oracle.output_size, "it does not round down", "a step that does not fit is not taken: use `//`",
                 "{room} pixels of room in steps of {stride}: {wanted} places", rule="not rounded"),
            bent(oracle.output_size, "a large padding is refused", "padding may be as large as the kernel, or larger: PyTorch computes it",
                 "k {k} with padding {padding} has {wanted} places", room="padding below k"),
        ),
    )
)  # fmt: skip


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


same_padding = exercise(
    Question(
        name="same_padding",
        title="Padding that keeps the size",
        points=2,
        oracle=oracle.same_padding,
        cases=padding_cases,
        facts=lambda k: {"k": k, "lost": k - 1},
        look_at="a kernel of {k} makes a side shorter by {lost}; a padding of 1 makes it longer by 2",
        mistakes=(
            bent(oracle.same_padding, "it is the padding of both sides together", "padding is the width on one side; the other side gets as much",
                 "{k} − 1 = {lost} pixels are lost, half of them on each side", rule="both sides"),
            bent(oracle.same_padding, "it rounds up", "a kernel of k costs a side k − 1 pixels, half of them at each end",
                 "half of {lost}, not half of {k} rounded up", rule="half"),
            bent(oracle.same_padding, "it is the kernel's own side", "a kernel of k costs a side k − 1 pixels, half of them at each end",
                 "half of {lost}", rule="k"),
            bent(oracle.same_padding, "it is 1 for every kernel", "1 is right for k = 3 only", "k = {k} makes a side shorter by {lost}", rule="one"),
            bent(oracle.same_padding, "an even kernel is not refused", "an even kernel loses an odd number of pixels, which cannot be shared by two sides: raise ValueError",
                 "k = {k} makes a side shorter by {lost}", even="halved"),
            bent(oracle.same_padding, "odd and even are mixed up", "odd kernels have a middle pixel and a padding, even ones have none: `k % 2` is 1 for odd k",
                 "k = {k} makes a side shorter by {lost}", even="only"),
            bent(oracle.same_padding, "a kernel below 1 is not refused", "there is no kernel of 0 or fewer pixels: raise ValueError",
                 small="accepted"),
            bent(oracle.same_padding, "it is half of k", "a kernel of k costs a side k − 1 pixels, half of them at each end",
                 "half of {lost}, not half of {k}", rule="k / 2"),
        ),
    )
)  # fmt: skip


def coverage_facts(n, k, stride=1, padding=0) -> dict[str, Any]:
    """Return the numbers that explain who sees a pixel."""
    places = (n + 2 * padding - k) // stride + 1
    return {"n": n, "k": k, "stride": stride, "padding": padding, "places": places, "framed": n + 2 * padding}


def coverage_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small images under windows of all kinds."""
    yield case(3, 2)
    yield case(5, 3)
    yield case(4, 1)
    yield case(2, 2)
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


coverage_map = exercise(
    Question(
        name="coverage_map",
        title="Who looks at the border",
        points=4,
        oracle=oracle.coverage,
        cases=coverage_cases,
        facts=coverage_facts,
        counts=True,
        look_at="there are {places} × {places} windows; add 1 to every pixel of the {n} × {n} image that a window covers",
        shape="one count for every pixel of the image, without its frame: ({n}, {n})",
        mistakes=(
            bent(oracle.coverage, "the padding is ignored", "padding lets windows start outside the image",
                 "with it the side is {framed} long and there are {places} places along it", border="ignored"),
            bent(oracle.coverage, "the padding is put on one side only", "padding goes on all four sides",
                 "{padding} at each end of a side", border="one side"),
            bent(oracle.coverage, "the frame of padding is part of the answer", "only the image's own pixels are asked for: cut the frame off",
                 "({n}, {n}), not ({framed}, {framed})", count="frame"),
            bent(oracle.coverage, "the stride is ignored", "the window moves `stride` pixels at a time",
                 "in steps of {stride} there are {places} places along a side", steps="ignored"),
            bent(oracle.coverage, "the stride sets the number of places, but the window moves by 1", "place i starts at pixel i · stride of the padded image",
                 "with stride {stride} the second window starts at {stride}", steps="size only"),
            bent(oracle.coverage, "windows start only where the bare image has room", "the window slides over the padded image: the last start is n + 2 · padding − k",
                 "the last start is at {framed} − {k}", size="without the frame"),
            bent(oracle.coverage, "with padding 0 nothing is left", "`seen[0:-0]` is `seen[0:0]`, which is empty: cut from `padding` to `padding + n`",
                 "({n}, {n}) remain", count="cut from minus zero"),
            bent(oracle.coverage, "it says seen or not, instead of how often", "every window adds 1", "there are {places} × {places} windows",
                 count="seen or not"),
            bent(oracle.coverage, "every pixel counts as seen k · k times", "that holds in the middle only: fewer windows reach the border",
                 "k · k would be {k} · {k}", count="everywhere alike"),
            bent(oracle.coverage, "only the window's first pixel is counted", "a window sees all of its k · k pixels",
                 "{k} · {k} of them", count="first pixel"),
            bent(oracle.coverage, "the last place of the window is missing", "a side has ⌊(n + 2·padding − k) / stride⌋ + 1 places",
                 "{places} of them", size="short"),
            bent(oracle.coverage, "the range of starts ends too early", "`range` leaves its end out: the last start is side − kernel, so the range ends one later",
                 "the last start is at {framed} − {k}", size="range short"),
            bent(oracle.coverage, "windows that hang over the edge count too", "only windows that lie wholly on the padded image are taken",
                 "there are {places} places along a side of {framed}", size="overhang"),
            bent(oracle.coverage, "only the window's middle pixel is counted", "a window sees all of its k · k pixels",
                 "{k} · {k} of them", count="middle pixel"),
            bent(oracle.coverage, "the frame is cut off at one end only", "the image begins `padding` pixels inside the frame",
                 "pixel 0 of the image lies at {padding} in the frame", count="cut at the start"),
        ),
    )
)  # fmt: skip
