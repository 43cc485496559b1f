"""The checks of the residual blocks: `BasicBlock` and `Bottleneck`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from convbook.checks.modules.judge import exercise
from convbook.checks.modules.question import ModuleQuestion, misbuilt
from convbook.checks.modules.watching import ModuleCase
from convbook.checks.resnet import recipes
from convbook.forms import Mistake

HERE = "at {place} F is {F} and the shortcut {shortcut}, so relu(F + shortcut) is {wanted}; yours is {yours}"
PLAIN = "here c_in = {c_in}, {out_name} = {c_out}, stride = {stride}"
SHAPES = "{c_in} maps of {h}×{w} come in, {c_out} maps of {h_out}×{w_out} go out: {whether}"


def small(*shape: int) -> np.ndarray:
    """Return a readable input of positive and negative whole numbers, never 0, where a ReLU has no gradient."""
    numbers = np.array([-3.0, 2.0, 1.0, -2.0, 3.0, -1.0, 2.0])
    return numbers[np.arange(int(np.prod(shape))) % 7].reshape(shape)


def block_cases(rng: np.random.Generator, expansion: int) -> Iterator[ModuleCase]:
    """Yield blocks that change nothing, then blocks that change shapes, first with F at 0."""
    e = expansion
    yield ModuleCase((2 * e, 2, 1), small(1, 2 * e, 2, 2), "last gamma 0")
    yield ModuleCase((2 * e, 2, 1), small(2, 2 * e, 3, 3))
    yield ModuleCase((2, 3, 2), small(2, 2, 4, 4), "last gamma 0")
    yield ModuleCase((2, 3, 2), small(2, 2, 5, 4))
    yield ModuleCase((3 * e, 3, 2), small(2, 3 * e, 4, 6), about="only the size changes")
    yield ModuleCase((3, 2, 1), small(2, 3, 4, 3), about="only the number of maps changes")
    if e > 1:  # as many maps come in as there are in the middle: the first block of ResNet-50
        yield ModuleCase((3, 3, 1), small(2, 3, 3, 4), about="c_in equals c_mid")
    yield ModuleCase(
        (2 * e + 1, 2), small(2, 2 * e + 1, 3, 3), about="fewer maps go out; stride left as it is"
    )
    yield ModuleCase((2, 2, 3), small(5, 2, 7, 4))
    for number in range(4):
        c_in, c, stride = (int(v) for v in rng.integers([1, 2, 1], [7, 5, 4]))
        c_in = c * e if number == 0 else c_in
        n, h, w = (int(v) for v in rng.integers([2, 4, 4], [4, 9, 9]))
        yield ModuleCase((c_in, c, stride), rng.normal(size=(n, c_in, h, w)), drawn=True)


def block_facts(case: ModuleCase, expansion: int, out_name: str) -> dict[str, Any]:
    """Return the numbers that explain a block."""
    c_in, c, stride = (*case.args, 1)[:3]
    h, w = case.x.shape[2:]
    changes = c_in != c * expansion or stride != 1
    whether = (
        "so the shortcut needs a 1×1 convolution and a batch norm"
        if changes
        else "so x can be added as it is"
    )
    return {
        "c_in": c_in, "c_out": c * expansion, "stride": stride, "h": h, "w": w, "out_name": out_name, "whether": whether,
        "h_out": (h - 1) // stride + 1, "w_out": (w - 1) // stride + 1,
    }  # fmt: skip


def residual_mistakes(recipe, class_name: str, expansion: int) -> tuple[Mistake, ...]:
    """Return the mistakes that both kinds of block invite."""

    def bent(name, explanation, here=HERE, **bend):
        return misbuilt(recipe, class_name, name, explanation, here, {"expansion": expansion}, **bend)

    return (
        bent("there is no skip connection", "the input, or its projection, is added to F before the last ReLU", join="F"),
        bent("F is thrown away", "whatever the convolutions compute, only the shortcut leaves the block", join="shortcut"),
        bent("the shortcut minus F", "the two paths are added: F is what the block learns to add", join="shortcut − F"),
        bent("F minus the shortcut", "the two paths are added, with a plus sign", join="F − shortcut"),
        bent("F times the shortcut", "the two paths are added, not multiplied: F = 0 must leave the shortcut as it is",
             join="product"),
        bent("the mean of F and the shortcut", "the sum is not halved: halved again in every block, an input would fade",
             join="mean"),
        bent("the larger of F and the shortcut", "the two paths are added; a maximum lets only one of them through", join="larger"),
        bent("the shortcut passes no gradient", "without `detach` or `no_grad` the gradient flows back through both paths",
             "with F = 0 the gradient at the input must be the shortcut's own", join="detached"),
        bent("F passes no gradient", "without `detach` or `no_grad` the gradient flows back through both paths", "", join="F detached"),
        bent("no gradient flows back", "what is computed under `no_grad`, or detached, cannot be trained", "", join="both detached"),
        bent("no ReLU at the end", "one ReLU follows the addition", "at {place} the sum is {sum}; the ReLU makes it {wanted}; "
             "yours is {yours}", end="none"),
        bent("the last ReLU comes before the addition", "add first, then ReLU: F must be able to subtract", end="before"),
        bent("a ReLU on F before the addition", "F is added as its batch norm leaves it, so that it can subtract; one ReLU "
             "follows the sum", end="before and after"),
        bent("a ReLU on the shortcut", "the shortcut is added as it is, negative numbers too", shortcut="relu"),
        bent("convolution, ReLU, batch norm", "the order is convolution, batch norm, ReLU", PLAIN, inner="relu–bn"),
        bent("batch norm is declared and never used", "a layer set in __init__ does nothing until forward calls it", PLAIN,
             norm="unused"),
        bent("no batch norm", "a batch norm follows every convolution", PLAIN, norm="none"),
        bent("one batch norm for several convolutions", "every convolution has a batch norm of its own: each keeps its own "
             "gamma, beta and running statistics", PLAIN, norm="shared"),
        bent("batch norm always uses the batch", "in evaluation mode the running statistics are used: `nn.BatchNorm2d` "
             "switches by itself", PLAIN, statistics="batch"),
        bent("batch norm never uses the batch", "in training mode the batch's own mean and variance are used, and the running "
             "statistics move", PLAIN, statistics="running"),
        bent("the projection has no batch norm", "on the shortcut, too, a batch norm follows the convolution", SHAPES,
             projection="without bn"),
        bent("a projection although nothing changes", "where shapes stay, the shortcut is the input itself and has no weights",
             SHAPES, projection="always"),
        bent("no projection where only the size changes", "a stride changes the shape as well, also with as many maps as before",
             SHAPES, projection="only for new maps"),
        bent("a 3×3 projection", "the shortcut's convolution is 1×1", SHAPES, projection="3×3"),
        bent("shortcut A instead of a projection", "where shapes change, the shortcut here is a 1×1 convolution and a batch norm",
             SHAPES, projection="shortcut A"),
        bent("the convolutions have a bias", "the batch norm that follows subtracts the mean, and any bias with it: `bias=False`",
             PLAIN, bias="all"),
    )  # fmt: skip


def residual_variants(convolutions: int) -> tuple[tuple[str, dict[str, str]], ...]:
    """Return other ways to make the mistakes of both kinds of block: in one place instead of everywhere."""
    unused, bias = "batch norm is declared and never used", "the convolutions have a bias"
    places = ["in F", *(str(number + 1) for number in range(convolutions))]
    missing = "there is no skip connection"
    return (
        (missing, {"join": "F", "projection": "none"}),
        (missing, {"join": "F where shapes change", "projection": "none"}),
        (missing, {"join": "F where shapes change"}),
        (missing, {"join": "F where nothing changes"}),
        ("batch norm always uses the batch", {"statistics": "batch in F"}),
        ("a ReLU on the shortcut", {"shortcut": "relu on projection"}),
        ("a ReLU on the shortcut", {"shortcut": "relu on identity"}),
        ("a ReLU on the shortcut", {"shortcut": "relu on input"}),
        ("the shortcut passes no gradient", {"shortcut": "of detached input"}),
        ("convolution, ReLU, batch norm", {"inner": "relu–bn inside"}),
        *((unused, {"norm": f"unused {place}"}) for place in places),
        *(("no batch norm", {"norm": f"none {place}"}) for place in places),
        *((bias, {"bias": place}) for place in ("in projection", *places)),
    )


def basic_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of the basic block."""

    def bent(name, explanation, here=PLAIN, **bend):
        return misbuilt(recipes.basic_block, "BasicBlock", name, explanation, here, {"expansion": 1}, **bend)

    return (
        *residual_mistakes(recipes.basic_block, "BasicBlock", 1),
        bent("no ReLU in the middle", "without it two convolutions in a row are one linear map", middle="none"),
        bent("the stride is on the second convolution", "the first 3×3 takes the stride, and the second works on fewer pixels",
             "stride {stride} takes {h}×{w} to {h_out}×{w_out} before the second convolution", strided="second"),
        bent("the second convolution changes the number of maps", "the first 3×3 takes c_in maps and leaves c_out, and the second "
             "keeps them", widened="second"),
    )  # fmt: skip


def bottleneck_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of the bottleneck."""

    def bent(name, explanation, here=PLAIN, **bend):
        return misbuilt(recipes.bottleneck, "Bottleneck", name, explanation, here, {"expansion": 4}, **bend)

    return (
        *residual_mistakes(recipes.bottleneck, "Bottleneck", 4),
        bent("no ReLU inside F", "a ReLU follows the first and the second batch norm", middle="none"),
        bent("no ReLU after the 3×3", "a ReLU follows the first and the second batch norm", middle="first only"),
        bent("no ReLU after the first 1×1", "a ReLU follows the first and the second batch norm", middle="second only"),
        bent("the stride is on the first 1×1", "the 3×3 takes the stride: a strided 1×1 skips pixels it never looks at",
             strided="first"),
        bent("the stride is on the last 1×1", "the 3×3 takes the stride: a strided 1×1 skips pixels it never looks at",
             strided="last"),
        bent("narrow, wide, narrow", "a bottleneck is narrow in the middle: c_in, c_mid, c_mid, 4·c_mid maps",
             "here {c_in}, then c_mid, c_mid and {c_out} maps", shape="narrow–wide–narrow"),
        bent("all three kernels are 3×3", "the first and the last kernel are 1×1: they only change the number of maps",
             sides="3, 3, 3"),
        bent("the 3×3 comes first", "1×1 down, 3×3, 1×1 up: the costly 3×3 works where the maps are few", sides="3, 1, 1"),
    )  # fmt: skip


BasicBlock = exercise(
    ModuleQuestion(
        name="BasicBlock",
        title="The basic block",
        points=10,
        recipe=recipes.basic_block,
        cases=lambda rng: block_cases(rng, 1),
        facts=lambda case: block_facts(case, 1, "c_out"),
        mistakes=basic_mistakes(),
        variants=residual_variants(2),
        look_at="F is convolution, batch norm, ReLU, convolution, batch norm; "
        "then F + shortcut, then ReLU; {c_in} maps of {h}×{w} become {c_out} of {h_out}×{w_out}",
        arguments=("c_in", "c_out", "stride"),
        attributes={"expansion": 1},
    )
)
Bottleneck = exercise(
    ModuleQuestion(
        name="Bottleneck",
        title="The bottleneck block",
        points=8,
        recipe=recipes.bottleneck,
        cases=lambda rng: block_cases(rng, 4),
        facts=lambda case: block_facts(case, 4, "4·c_mid"),
        mistakes=bottleneck_mistakes(),
        variants=residual_variants(3),
        look_at="F is 1×1 down, 3×3 with the stride, 1×1 up, a batch norm after each and a ReLU after the first two; "
        "then F + shortcut, then ReLU; {c_in} maps of {h}×{w} become {c_out} of {h_out}×{w_out}",
        arguments=("c_in", "c_mid", "stride"),
        attributes={"expansion": 4},
    )
)
