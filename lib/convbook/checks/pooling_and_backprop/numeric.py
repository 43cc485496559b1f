"""The judge of every gradient: `numerical_gradient`, asked of functions that the check brings along."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.autograd.gradcheck import _get_numerical_jacobian

from convbook.checks.engine.declare import case, counting, every_layout, exercise, mistake
from convbook.checks.engine.families.windows import kept
from convbook.checks.engine.given import Given
from convbook.checks.engine.oracles import tensor
from convbook.forms import Case

squares = Given("adds up the squares of all entries", lambda x: (x**2).sum())
cubes = Given("cubes every entry", lambda x: x**3)
turned = Given("returns a view: the last axis in reverse order", lambda x: x[..., ::-1])
itself = Given("returns x itself", lambda x: x)
rows = Given("adds up the cubes of each row", lambda x: (x**3).sum(-1))
products = Given("multiplies each entry by its right neighbour", lambda x: x[..., 1:] * x[..., :-1])


def gradient_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield functions with numbers, arrays and views as results; with a large h the formula itself is seen."""
    yield case(squares, np.array([3.0]), 1.0, 0.5)
    yield case(cubes, np.array([2.0]), np.array([1.0]), 0.5)
    yield case(cubes, np.array([2.0, 1.0]), np.array([1.0, 10.0]), 0.1)
    yield case(squares, counting(2, 3), 2.0)
    yield case(itself, np.array([1.0, 2.0]), np.array([5.0, 7.0]), 0.5)
    yield case(turned, counting(2, 3), np.array([[1.0, 0.0, 2.0], [0.0, 3.0, -1.0]]))
    yield case(products, counting(2, 3), np.array([[1.0, 10.0], [2.0, -1.0]]))
    yield case(rows, counting(2, 3) / 4, np.array([1.0, -2.0]), h=0.25)
    yield case(cubes, -counting(1, 2, 2, 3) / 3, counting(1, 2, 2, 3), 1e-3)
    yield from every_layout(products, counting(2, 3) / 2, counting(2, 2), 0.125)
    for f, shape, out in ((cubes, (2, 3), (2, 3)), (rows, (3, 2), (3,)), (products, (2, 2, 3), (2, 2, 2))):
        for h in (0.5, 1e-4):
            yield Case((f, rng.normal(size=shape), rng.normal(size=out), h), {}, drawn=True)


def response(f: Callable[..., Any], x: Any) -> Any:
    return tensor(np.array(f(x.numpy()), dtype=float))


def one_sided(again: Callable[..., Any], x: Any, h: float, side: int) -> Any:
    """Return differences to one side: each is central for half the h, seen from half an h further on."""
    found = torch.zeros(x.numel())
    for entry in range(x.numel()):
        beside = x.clone()
        beside.view(-1)[entry] += side * h / 2
        found[entry] = again(x=beside, h=h / 2).flatten()[entry]
    return found.view(x.shape)


def never_put_back(again: Callable[..., Any], x: Any, h: float, stays: float) -> Any:
    """Return what comes out where each entry that was moved stays moved by `stays` · h."""
    found, x = torch.zeros(x.numel()), x.clone()
    for entry in range(x.numel()):
        found[entry] = again(x=x).flatten()[entry]
        x.view(-1)[entry] += stays * h
    return found.view(x.shape)


CENTRAL = "a central difference looks to both sides: f(x + h) and f(x − h), divided by 2h"
WEIGHED = "every output counts as much as `df` says: multiply by `df`, then add up"
ONE = "one entry of x is moved at a time, and put back before the next one is"


@exercise(
    "The judge of every gradient", points=4, cases=gradient_cases,
    facts={"entries": lambda x: math.prod(x.shape), "sees": lambda f: f in (itself, turned)},
    why="entry by entry: move it up by h and down by h, subtract the two results of f, multiply by df, add up, divide by 2h; h is {h:g}",
    shape="the gradient has a number for each of the {entries} entries of x, and its shape",
    help=("assignment destination is read-only", "setting an array element with a sequence"),
    mistakes=(
        mistake("it looks to the right only", CENTRAL, "h is {h:g}", instead=lambda again, x, h: one_sided(again, x, h, 1)),
        mistake("it looks to the left only", CENTRAL, "h is {h:g}", instead=lambda again, x, h: one_sided(again, x, h, -1)),
        mistake("it divides by h", "x + h and x − h lie 2h apart", "2h is twice {h:g}", result=lambda y: 2 * y),
        mistake("it multiplies by h where it divides", "the difference is divided by 2h: write `/ (2 * h)`, with the brackets", "h is {h:g}",
                result=lambda y, h: y * h**2),
        mistake("it is not divided", CENTRAL, "2h is twice {h:g}", result=lambda y, h: 2 * h * y),
        mistake("h is always 1e-5", "use the `h` that is given", "here it is {h:g}", h=lambda: 1e-5),
        mistake("df is not used", WEIGHED, "f has an output for each entry of df", df=lambda df: df * 0 + 1),
        mistake("df is averaged, not added up", WEIGHED + "; nothing is divided by the number of outputs", "x has {entries} entries",
                result=lambda y, df: y / df.numel() if isinstance(df, torch.Tensor) else y),
        mistake("the sign is turned round", "it is f(x + h) minus f(x − h)", "h is {h:g}", result=lambda y: -y),
        mistake("all entries are moved at once", ONE, "x has {entries} entries", result=lambda y: y * 0 + y.sum(),
                ways=({"instead": lambda f, x, df, h: torch.zeros(x.shape) + ((response(f, x + h) - response(f, x - h)) * df).sum() / (2 * h)},)),
        mistake("the first entry alone is computed", ONE + ": all entries have their turn", "x has {entries} entries",
                result=lambda y: kept(y.flatten(), y.flatten()[:1]).view(y.shape)),
        mistake("entries that were moved down are not put back", ONE, "entry 0 still is off by {h:g} when entry 1 is moved",
                instead=lambda again, x, h: never_put_back(again, x, h, -1)),
        mistake("entries that were moved up are not put back", ONE, "entry 0 still is off by {h:g} when entry 1 is moved",
                instead=lambda again, x, h: never_put_back(again, x, h, 1)),
        mistake("the first result of f changes while the second is computed", "f may return a view of x: moving x moves that result along. Copy x, or the result of f",
                "the two results then are the same array", result=lambda y, sees: y * 0 if sees else y),
        mistake("a whole row is moved at once", ONE + ": `np.ndindex(x.shape)` goes over the entries", "x has {entries} entries",
                result=lambda y: y.flatten(1).sum(1).view(-1, *[1] * (y.dim() - 1)).expand(y.shape) if y.dim() > 1 else y),
        mistake("the gradient lies in a flat row", "every entry of x has its gradient at its own place: the shape is that of x", "x has {entries} entries",
                result=lambda y: y.flatten()),
        mistake("the gradient is one number", "every entry of x has a gradient of its own", "x has {entries} entries", result=lambda y: y.sum()),
    ),
)  # fmt: skip
def numerical_gradient(f, x, df, h=1e-5):
    (jacobian,) = _get_numerical_jacobian(
        lambda moved: response(f, moved.detach()), (x.detach().clone().requires_grad_(),), eps=h
    )
    return (jacobian[0] @ torch.as_tensor(df, dtype=x.dtype).reshape(-1)).view(x.shape)
