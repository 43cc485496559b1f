"""The checks of the residual blocks: `BasicBlock` and `Bottleneck`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from convbook.checks.engine.declare import exercise, mistake
from convbook.checks.engine.families_residual import residual
from convbook.checks.engine.modules import Modules, Value, built, small
from convbook.checks.engine.modules.edits import as_wide, set_, strides_exchanged, without
from convbook.forms import Case

PLAIN = "here c_in = {c_in}, {maps_out} maps go out, stride = {stride}"
CHANGES = ("so x can be added as it is", "so the shortcut needs a 1×1 convolution and a batch norm")
SHAPES = "{c_in} maps of {h}×{w} become {maps_out} of {h_out}×{w_out}"
PLACE = "the 3×3 takes the stride: a strided 1×1 skips pixels it never looks at"
MIDDLE = "a ReLU follows the first and the second batch norm"
LABELS = ("F", "shortcut", "sum")


def block_cases(expansion: int, last: str) -> Callable[[np.random.Generator], Iterator[Case]]:
    """Return the cases of a block: such as change nothing, then such as change shapes, first with F at 0."""

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        e = expansion
        yield built(2 * e, 2, 1, x=small(1, 2 * e, 2, 2), zero=last)
        yield built(2 * e, 2, 1, x=small(2, 2 * e, 3, 3))
        yield built(2, 3, 2, x=small(2, 2, 4, 4), zero=last)
        yield built(2, 3, 2, x=small(2, 2, 5, 4))
        yield built(3 * e, 3, 2, x=small(2, 3 * e, 4, 6), about="only the size changes")
        yield built(3, 2, 1, x=small(2, 3, 4, 3), about="only the number of maps changes")
        if e > 1:  # as many maps come in as there are in the middle: the first block of ResNet-50
            yield built(3, 3, 1, x=small(2, 3, 3, 4), about="c_in equals c_mid")
        yield built(
            2 * e + 1, 2, x=small(2, 2 * e + 1, 3, 3), about="fewer maps go out; stride left as it is"
        )
        yield built(2, 2, 3, x=small(5, 2, 7, 4))
        for number in range(4):
            c_in, c, stride = (int(v) for v in rng.integers([1, 2, 1], [7, 5, 4]))
            n, h, w = (int(v) for v in rng.integers([2, 4, 4], [4, 9, 9]))
            c_in = c_in if number else c * e
            yield built(c_in, c, stride, x=rng.normal(size=(n, c_in, h, w)), drawn=True)

    return cases


def added(x: Value, f: Value, c_in: int, c_out: int, stride: int) -> Value:
    """Return F and the shortcut, added, then a ReLU."""
    f.named("F")
    if c_in != c_out or stride != 1:
        x = x.conv(c_out, 1, stride, bias=False, name="downsample.0").bn("downsample.1")
    return (f + x.named("shortcut")).named("sum").relu()


@exercise(
    "The basic block", points=10, cases=block_cases(1, "bn2"), shapes="x (n, c_in, h, w) -> (n, maps_out, h_out, w_out)",
    observe=Modules({"expansion": 1}, published="load_by_order", facts=LABELS), forbid="torchvision",
    facts={"whether": lambda c_in, c_out, stride: CHANGES[c_in != c_out or stride != 1]},
    why="F is convolution, batch norm, ReLU, convolution, batch norm; then F + shortcut, then ReLU; " + SHAPES,
    help=("The size of tensor a … must match the size of tensor b",),
    mistakes=(
        *residual(PLAIN, 2),
        mistake("no ReLU in the middle", "without it two convolutions in a row are one linear map", PLAIN, edit=without("relu 1")),
        mistake("the stride is on the second convolution", "the first 3×3 takes the stride, and the second works on fewer pixels",
                "stride {stride} takes {h}×{w} to {h_out}×{w_out} before the second convolution",
                edit=strides_exchanged("conv1", "conv2")),
        mistake("the second convolution changes the number of maps", "the first 3×3 takes c_in maps and leaves c_out, and the "
                "second keeps them", PLAIN, edit=as_wide("conv1")),
    ),
)  # fmt: skip
def BasicBlock(x, c_in, c_out, stride=1):
    f = x.conv(c_out, 3, stride, bias=False, name="conv1").bn("bn1").relu()
    return added(x, f.conv(c_out, 3, bias=False, name="conv2").bn("bn2"), c_in, c_out, stride)


def narrowed(x: Value, c_in: int, c_mid: int, c_out: int, stride: int) -> Value:
    """Return a block that is narrow in the middle."""
    f = x.conv(c_mid, 1, bias=False, name="conv1").bn("bn1").relu()
    f = f.conv(c_mid, 3, stride, bias=False, name="conv2").bn("bn2").relu()
    return added(x, f.conv(c_out, 1, bias=False, name="conv3").bn("bn3"), c_in, c_out, stride)


@exercise(
    "The bottleneck block", points=8, cases=block_cases(4, "bn3"), shapes="x (n, c_in, h, w) -> (n, maps_out, h_out, w_out)",
    observe=Modules({"expansion": 4}, published="load_by_order", facts=LABELS), forbid="torchvision",
    facts={"whether": lambda c_in, c_mid, stride: CHANGES[c_in != 4 * c_mid or stride != 1]},
    why="F is 1×1 down, 3×3 with the stride, 1×1 up, a batch norm after each and a ReLU after the first two; then F + shortcut, "
    "then ReLU; " + SHAPES,
    help=("expected input … to have … channels, but got",),
    mistakes=(
        *residual(PLAIN, 3),
        mistake("no ReLU inside F", MIDDLE, PLAIN, edit=without("relu 1, relu 2")),
        mistake("no ReLU after the 3×3", MIDDLE, PLAIN, edit=without("relu 2")),
        mistake("no ReLU after the first 1×1", MIDDLE, PLAIN, edit=without("relu 1")),
        mistake("the stride is on the first 1×1", PLACE, PLAIN, edit=strides_exchanged("conv2", "conv1")),
        mistake("the stride is on the last 1×1", PLACE, PLAIN, edit=strides_exchanged("conv2", "conv3")),
        mistake("the padding is on the first 1×1", "a 1×1 kernel needs no padding; only the 3×3 has padding 1", PLAIN,
                edit=set_("conv1", padding=1) & set_("conv2", padding=0), ways=[{"edit": set_("conv1", padding=1)}]),
        mistake("narrow, wide, narrow", "a bottleneck is narrow in the middle: c_in, c_mid, c_mid, 4·c_mid maps",
                "here {c_in}, then {c_mid}, {c_mid} and {maps_out} maps", edit=set_("conv1, conv2", f=lambda n, _: 4 * n.get("f"))),
        mistake("all three kernels are 3×3", "the first and the last kernel are 1×1: they only change the number of maps", PLAIN,
                edit=set_("conv1, conv3", k=3, padding=1)),
        mistake("the 3×3 comes first", "1×1 down, 3×3, 1×1 up: the costly 3×3 works where the maps are few", PLAIN,
                edit=set_("conv1", k=3, padding=1) & strides_exchanged("conv2", "conv1") & set_("conv2", k=1, padding=0)),
        mistake("the block leaves with c_mid maps", "the last 1×1 widens to 4 · c_mid maps, and the shortcut with it",
                "c_mid = {c_mid}, so {maps_out} maps go out", instead=lambda x, c_in, c_mid, stride:
                narrowed(x, c_in, c_mid, c_mid, stride)),
    ),
)  # fmt: skip
def Bottleneck(x, c_in, c_mid, stride=1):
    return narrowed(x, c_in, c_mid, 4 * c_mid, stride)
