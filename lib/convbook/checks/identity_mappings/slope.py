"""The check of the gradient that comes back to the first block of a chain."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from convbook.answers.chains import NUMBER
from convbook.checks.engine.chains import Sloped, chain, link, pulled, states
from convbook.checks.engine.declare import case, counting, drawn, exercise, mistake
from convbook.checks.engine.families_chains import added, measured, single, to_mode
from convbook.forms import Case

BOTH = ((False, False), (True, True), (False, True))


def slope_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield short chains, with x and parameters that have gradients already or not, in all modes."""
    fixed = np.random.default_rng(8)
    yield case(chain(fixed, 2, 1), counting(1, 2) / 4, {"wants": False, "gradients": False})
    for wants, gradients in BOTH:
        told = "x wants a gradient" if wants else "x wants no gradient"
        told += ", and the parameters have gradients already" if gradients else ""
        yield case(
            chain(fixed, 2, 3), counting(3, 2) / 9, {"wants": wants, "gradients": gradients}, about=told
        )
    mixed = [link(fixed, 3, training=place % 2 == 0) for place in range(3)]
    yield case(
        mixed,
        counting(2, 3) / 5,
        {"wants": False, "gradients": False},
        about="every second block is in evaluation mode",
    )
    yield case(
        chain(fixed, 3, 2, training=False),
        counting(2, 3, 2, 4) / 9,
        {"wants": True, "gradients": False},
        about="images, in evaluation mode",
    )
    yield case([], counting(2, 3), {"wants": False, "gradients": False}, about="no block at all")
    for wants, gradients in BOTH:
        n, c, many = (int(v) for v in rng.integers([2, 2, 2], [5, 5, 6]))
        yield drawn(
            chain(rng, c, many, "some"),
            rng.normal(size=(n, c, 2, 3)),
            {"wants": wants, "gradients": gradients},
        )


WHOLE = "one norm over the whole batch: the root of the sum of all squares"
SUM = "the *sum* of the output is differentiated"
LEAVE = "`torch.autograd.grad(output.sum(), x)` gives the gradient and writes into no `.grad`"


@exercise(
    "Compare their gradients", points=4, cases=slope_cases, observe=Sloped(), forbid="", facts={"many": lambda blocks: len(blocks), "images": lambda x: len(x)},
    why="the sum of what leaves {many} blocks is differentiated by x, a batch of {images}; the root of the sum of all squares of that gradient",
    help=("does not require grad", "a leaf Variable that requires grad", "'tuple' object has no attribute"),
    mistakes=(
        mistake("it is the mean over the batch", WHOLE, "{images} rows in one norm", result=measured(lambda g, b, x: g.flatten(1).norm(dim=1).mean())),
        mistake("the norms of the rows are added", WHOLE, "{images} rows in one norm", result=measured(lambda g, b, x: g.flatten(1).norm(dim=1).sum())),
        mistake("it is the norm of the first row", WHOLE, "{images} rows in one norm", result=measured(lambda g, b, x: g[0].norm())),
        mistake("it is the squared norm", WHOLE, "a root at the end", result=measured(lambda g, b, x: g.square().sum())),
        mistake("it is the L1 norm", WHOLE, "squares, and a root", result=measured(lambda g, b, x: g.abs().sum())),
        mistake("it is the largest entry", WHOLE, "all entries", result=measured(lambda g, b, x: g.abs().max())),
        mistake("it is the mean size of an entry", WHOLE, "all entries", result=measured(lambda g, b, x: g.abs().mean())),
        mistake("it is the root of the mean square", WHOLE, "nothing is divided", result=measured(lambda g, b, x: g.square().mean().sqrt())),
        mistake("it is the sum of the gradient", WHOLE, "signs must not cancel", result=measured(lambda g, b, x: g.sum())),
        mistake("the mean of the output is differentiated", SUM, "not its mean", result=measured(lambda g, b, x: g.norm() / g.numel())),
        mistake("the squares of the output are differentiated", SUM, "not of its squares", result=measured(lambda g, b, x: pulled(b, x, lambda y: 2 * y).norm())),
        mistake("it is the norm of the output", "the gradient at the input is asked for", "after {many} blocks back", result=measured(lambda g, b, x: states(b, x)[-1].norm())),
        mistake("only the last block is differentiated", "the gradient goes back through all blocks", "{many} of them",
                result=measured(lambda g, b, x: (pulled(b[-1:], states(b, x)[-2]) if b else g).norm())),
        mistake("only the first block is differentiated", "the gradient goes back through all blocks", "{many} of them", result=measured(lambda g, b, x: pulled(b[:1], x).norm())),
        mistake("the first block is left out", "the gradient goes back through all blocks", "{many} of them", result=measured(lambda g, b, x: pulled(b[1:], x).norm())),
        mistake("it is divided by the number of images", WHOLE, "nothing is divided", result=measured(lambda g, b, x: g.norm() / len(x))),
        mistake("it is the largest norm of an image", WHOLE, "{images} rows in one norm", result=measured(lambda g, b, x: g.flatten(1).norm(dim=1).max())),
        mistake("it is the largest singular value", WHOLE + "; `torch.linalg.norm` of a matrix with `ord=2` is another", "", result=measured(lambda g, b, x: torch.linalg.matrix_norm(g.flatten(1), 2))),
        mistake("the norms of the single blocks' gradients are multiplied", "send x through all blocks, and differentiate once", "{many} blocks", result=measured(single)),
        mistake("the norm of the output is differentiated", SUM, "not its norm", result=measured(lambda g, b, x: pulled(b, x, lambda y: y / y.norm()).norm())),
        mistake("the norm is rounded", "return the number as it is", "", result=measured(lambda g, b, x: round(float(g.norm()), 2)),
                ways=tuple({"result": measured(lambda g, b, x, digits=digits: round(float(g.norm()), digits))} for digits in (1, 3, 4))),
        mistake("the gradient that x had is counted too", "`backward` adds to `.grad`: " + LEAVE, "0.25 everywhere was there before",
                result=lambda record, blocks, x, before: record | ({"norm": float((pulled(blocks, x) + 0.25).norm()), "input": "changed", "parameters": "changed"}
                                                                  if before["gradients"] and before["wants"] else {})),
        mistake("the parameters' gradients are changed", "`backward` fills `.grad` of every parameter: " + LEAVE, "", result=lambda record, blocks: record | {"parameters": "changed" if blocks else "as before"},
                ways=({"result": lambda record, before: record | {"parameters": "changed" if before["gradients"] else "as before"}},)),
        mistake("x is changed", "x may want no gradient: differentiate by `x.detach().clone().requires_grad_()`", "", result=lambda record: record | {"input": "changed"},
                ways=({"result": lambda record, before: record | {"input": "as before" if before["wants"] else "changed"}},)),
        mistake("x and the parameters' gradients are changed", "`backward` writes into every `.grad`: " + LEAVE + "; work on `x.detach().clone().requires_grad_()`", "",
                result=lambda record, blocks: record | {"input": "changed", "parameters": "changed" if blocks else "as before"},
                ways=({"result": lambda record, blocks, x, before: added(record, blocks, x, before)},)),
        mistake("the modes are changed", "no mode needs to be switched for a gradient", "", result=lambda record, blocks: record | {"modes": "changed" if blocks else "as before"},
                ways=tuple({"result": to_mode(mode)} for mode in (True, False))),
        mistake("it is a tensor", "a float is asked for: `.item()` makes one", "", result=lambda record: record | {"kind": "a tensor without axes", "norm": 0.0}),
        mistake("nothing is returned", "is the `return` missing?", "", result=lambda record: record | {"kind": "nothing", "norm": 0.0}),
    ),
)  # fmt: skip
def gradient_at_input(blocks, x, before):
    return {
        "kind": NUMBER,
        "norm": float(pulled(blocks, x).norm()),
        "input": "as before",
        "parameters": "as before",
        "modes": "as before",
    }
