"""The checks of what travels down a chain of blocks: the gain of scaled paths, the sum of contributions, the gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from convbook.answers.chains import NUMBER, PAIR
from convbook.checks.engine.chains import Sloped, Unrolled, link, pulled, states
from convbook.checks.engine.declare import case, counting, drawn, exercise, mistake
from convbook.forms import Case

FACTORS = "every block multiplies once more: the factors are multiplied"


def gain_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield a few scales that can be multiplied in the head, then edges, then drawn ones."""
    yield case([0.5, 0.5, 3.0])
    yield case([0.5])
    yield case([1.0, 1.0, 1.0, 1.0], about="clean shortcuts")
    yield case([], about="no block at all")
    yield case([2.0, 0.0, 3.0], about="one path is cut")
    yield case([-0.5, 3.0, 2.0], about="a negative scale")
    yield case([-2.0, -3.0, 4.0])
    yield case([0.9] * 27, about="27 blocks")
    yield case([1.1] * 54, about="54 blocks")
    yield case((2, 3, 4), about="a tuple of whole numbers")
    yield case(np.array([0.5, 4.0, 0.25, 3.0]), about="an array")
    for _ in range(3):
        yield drawn([float(v) for v in rng.uniform(0.3, 1.7, int(rng.integers(2, 9)))])


def numbers(scales: Any) -> torch.Tensor:
    return torch.as_tensor(scales, dtype=torch.float64)


@exercise(
    "What a scaled path does", points=3, cases=gain_cases, forbid="", facts={"many": lambda scales: len(scales)},
    why="a path through {many} blocks is multiplied by each of the {many} scales",
    help=("can't multiply sequence by non-int", "reduce() of empty iterable"),
    mistakes=(
        mistake("the scales are added", FACTORS, "{many} factors", instead=lambda scales: numbers(scales).sum()),
        mistake("the mean of the scales is taken", FACTORS, "{many} factors", instead=lambda scales: numbers(scales).sum() / max(1, len(scales))),
        mistake("the last scale is left out", FACTORS, "{many} of them", scales=lambda scales: scales[:-1]),
        mistake("the first scale is left out", FACTORS, "{many} of them", scales=lambda scales: scales[1:]),
        mistake("only the first scale counts", FACTORS, "{many} of them", scales=lambda scales: scales[:1]),
        mistake("only the last scale counts", FACTORS, "{many} of them", scales=lambda scales: scales[-1:]),
        mistake("all blocks are taken to have the first scale", "each block has a scale of its own", "{many} of them",
                instead=lambda scales: numbers(scales)[:1].repeat(len(scales)).prod()),
        mistake("the smallest scale is taken", FACTORS, "{many} of them", instead=lambda scales: numbers([*scales, 1.0] if not len(scales) else scales).min()),
        mistake("the product begins at 0", "0 times anything is 0: begin at 1", "{many} factors", result=lambda y: 0.0),
        mistake("the gain of every block is returned", "one number is asked for, the last of them", "{many} factors", instead=lambda scales: numbers(scales).cumprod(0)),
        mistake("the gain without any block is 0", "a path that nothing scales is multiplied by 1", "{many} blocks", result=lambda y, scales: y if len(scales) else 0.0),
        mistake("the sign is lost", "a negative scale turns the sign round", "{many} factors", result=lambda y: abs(y)),
        mistake("it is the gain there and back", "one way is asked for", "{many} factors", result=lambda y: y * y),
        mistake("the residual branch is counted too", "the scale itself is the factor of the shortcut, and not 1 + scale", "{many} factors",
                instead=lambda scales: (1 + numbers(scales)).prod()),
        mistake("it is the logarithm of the gain", "the product itself is asked for", "{many} factors", instead=lambda scales: numbers(scales).log().sum()),
        mistake("it is the geometric mean", "no root is taken: the gain of all blocks together is asked for", "{many} factors",
                instead=lambda scales: numbers(scales).prod() ** (1 / max(1, len(scales)))),
    ),
)  # fmt: skip
def path_gain(scales):
    return numbers(scales).prod()


def chain(
    rng: np.random.Generator, c: int, many: int, skips: str = "all", **options: Any
) -> list[dict[str, Any]]:
    """Return a chain of so many blocks; `skips` says which have a shortcut: all, some or none."""
    has = {"all": lambda i: True, "some": lambda i: i % 2 == 0, "none": lambda i: False}[skips]
    return [link(rng, c, has(place), **options) for place in range(many)]


def unroll_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield chains of a few blocks, with and without shortcuts of their own, on vectors and on images."""
    fixed = np.random.default_rng(4)
    x = counting(1, 2) / 4
    yield case(chain(fixed, 2, 2), x)
    yield case(chain(fixed, 2, 1), x)
    yield case(chain(fixed, 2, 3), counting(3, 2) / 4)
    yield case([], x, about="no block at all")
    yield case(chain(fixed, 3, 3, "some"), counting(2, 3) / 4)
    yield case(chain(fixed, 2, 4, "none"), counting(2, 2) / 4)
    yield case(chain(fixed, 3, 3), counting(2, 3, 2, 4) / 9, about="images")
    for skips in ("all", "some"):
        n, c, many = (int(v) for v in rng.integers([1, 2, 3], [4, 5, 7]))
        yield drawn(chain(rng, c, many, skips), rng.normal(size=(n, c, 2, 3)))


def bent(**parts: Any) -> Any:
    """Return the change of some parts of a record: values, or functions of the chain's states."""

    def change(record: dict[str, Any], blocks: Any, x: Any) -> dict[str, Any]:
        known = states(blocks, x)
        new = {name: value(known, record) if callable(value) else value for name, value in parts.items()}
        new = {
            name: value.clone() if isinstance(value, torch.Tensor) else value for name, value in new.items()
        }
        if "contributions" in new:
            new["many"] = len(new["contributions"])
        return record | new

    return change


def rows(found: torch.Tensor) -> torch.Tensor:
    """Return contributions, or the empty tensor where there are none."""
    return found if len(found) else torch.zeros(0)


def fresh(blocks: Any, x: torch.Tensor) -> torch.Tensor:
    """Return what every block makes of the first input alone."""
    return torch.stack([states([one], x)[1] for one in blocks]) if blocks else x[None][:0]


def apart(record: dict[str, Any], blocks: Any, x: Any) -> dict[str, Any]:
    """Return the record of an answer that gives every block the first input."""
    parts = fresh(blocks, x) - x
    return record | {"contributions": rows(parts), "last": x + parts.sum(0)}


def doubled(record: dict[str, Any], blocks: Any, x: Any) -> dict[str, Any]:
    """Return the record of an answer that takes a whole block for F."""
    found = [x]
    for one in blocks:
        found.append(found[-1] + states([one], found[-1])[1])
    return record | {"contributions": rows(torch.diff(torch.stack(found), dim=0)), "last": found[-1].clone()}


BEFORE = "what a block added is what left it minus what came in: `block(x) - x`"


@exercise(
    "Unroll", points=6, cases=unroll_cases, observe=Unrolled(), forbid="", facts={"many": lambda blocks: len(blocks)},
    why="x goes through all {many} blocks, each called once; what each of them added stands in the list",
    help=("'list' object is not callable", "unsupported operand type(s)"),
    mistakes=(
        mistake("the blocks' outputs are returned, not what they added", BEFORE, "{many} differences", result=bent(contributions=lambda s, r: rows(s[1:]))),
        mistake("the inputs of the blocks are returned", BEFORE, "{many} differences", result=bent(contributions=lambda s, r: rows(s[:-1]))),
        mistake("every block is given the first input", "a block takes what the one before it gave", "{many} blocks, one after the other", result=apart),
        mistake("the difference to the first input is taken", BEFORE + ", with what came into *this* block", "{many} differences",
                result=bent(contributions=lambda s, r: rows(s[1:] - s[0]))),
        mistake("the contributions have the wrong sign", BEFORE, "{many} differences", result=bent(contributions=lambda s, r: -rows(s[1:] - s[:-1]))),
        mistake("the input is added on top of the chain's result", "x_last is what leaves the last block: x is in it already", "{many} blocks",
                result=bent(last=lambda s, r: s[-1] + s[0])),
        mistake("x_last is the sum of the contributions alone", "x itself belongs to the sum", "x + {many} contributions", result=bent(last=lambda s, r: s[-1] - s[0])),
        mistake("x_last is the input", "x_last leaves the last block", "after {many} blocks", result=bent(last=lambda s, r: s[0])),
        mistake("the last block is left out", "every block is called", "{many} of them",
                result=bent(last=lambda s, r: s[:-1][-1] if len(s) > 1 else s[-1], contributions=lambda s, r: rows((s[1:] - s[:-1])[:-1]),
                            calls=lambda s, r: [*r["calls"][:-1], *[0] * len(r["calls"][-1:])])),
        mistake("the input stands among the contributions", "x itself was added by no block", "{many} contributions",
                result=bent(contributions=lambda s, r: torch.cat([s[:1], s[1:] - s[:-1]]))),
        mistake("the contributions stand in reverse order", "the first block's contribution comes first", "{many} of them",
                result=bent(contributions=lambda s, r: rows((s[1:] - s[:-1]).flip(0)))),
        mistake("every block is called twice", "call it once, and keep what it gave: `y = block(x)`", "{many} calls are enough",
                result=bent(calls=lambda s, r: [2] * len(r["calls"]))),
        mistake("x is changed in place", "`x = block(x)` gives the name to a new tensor; `x += …` writes into the argument", "", result=bent(given=lambda s, r: "changed" if r["calls"] else "as before")),
        mistake("a whole block is taken for F", "`block(x)` is x + F(x) already: nothing is added to it", "{many} blocks", result=doubled),
        mistake("x never moves on", "`x = block(x)` in every round: the next block takes what this one gave", "{many} blocks",
                result=lambda record, blocks, x: apart(record, blocks, x) | {"last": x.clone()}),
        mistake("every contribution is 0", BEFORE + ": keep what came in, before the name x moves on", "{many} differences", result=bent(contributions=lambda s, r: rows(0 * s[1:]))),
        mistake("the contributions are one tensor", "a list is asked for, with a tensor for each block", "{many} of them", result=bent(kind="a tensor and one tensor")),
        mistake("only x_last is returned", "two results are asked for", "`return x, contributions`", result=bent(kind="one tensor")),
        mistake("nothing is returned", "is the `return` missing?", "`return x, contributions`", result=bent(kind="nothing")),
        mistake("the two results are exchanged", "x_last comes first, the list second", "`return x, contributions`", result=bent(kind="a list first and a tensor second")),
    ),
)  # fmt: skip
def residual_sum(blocks, x):
    found = states(blocks, x)
    parts = rows(torch.diff(found, dim=0))
    return {
        "kind": PAIR,
        "last": found[-1].clone(),
        "many": len(blocks),
        "contributions": parts,
        "calls": [1] * len(blocks),
        "given": "as before",
    }


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


def measured(function: Any) -> Any:
    """Return the change of the norm: `function` of the gradient, the chain and x."""
    return lambda record, blocks, x: record | {"norm": float(function(pulled(blocks, x), blocks, x))}


def added(record: dict[str, Any], blocks: Any, x: Any, before: dict[str, bool]) -> dict[str, Any]:
    """Return the record of an answer that calls `backward` on x itself: the gradient adds to the one that is there."""
    there = 0.25 * (before["gradients"] and before["wants"])
    changed = {"input": "changed", "parameters": "changed" if blocks else "as before"}
    return record | changed | {"norm": float((pulled(blocks, x) + there).norm())}


def to_mode(training: bool) -> Any:
    """Return the change of an answer that leaves every block in one mode."""
    return lambda record, blocks: (
        record | {"modes": "changed" if any(b["training"] != training for b in blocks) else "as before"}
    )


WHOLE = "one norm over the whole batch: the root of the sum of all squares"
SUM = "the *sum* of the output is differentiated"
LEAVE = "`torch.autograd.grad(output.sum(), x)` gives the gradient and writes into no `.grad`"


@exercise(
    "Compare their gradients", points=4, cases=slope_cases, observe=Sloped(), forbid="", facts={"many": lambda blocks: len(blocks), "images": lambda x: len(x)},
    why="the sum of what leaves {many} blocks is differentiated by x, a batch of {images}; the root of the sum of all squares of that gradient",
    help=("does not require grad", "a leaf Variable that requires grad"),
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
