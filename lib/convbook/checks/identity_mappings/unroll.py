"""The check of a chain of blocks as a sum: what each of them added."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from convbook.answers.chains import PAIR
from convbook.checks.engine.chains import Unrolled, chain, states
from convbook.checks.engine.declare import case, counting, drawn, exercise, mistake
from convbook.checks.engine.families_chains import apart, bent, doubled, of_the_first, on_top, rows, turned
from convbook.forms import Case


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
        mistake("only the first block runs", "every block is called: does the `return` stand inside the loop?", "{many} of them",
                result=bent(last=lambda s, r: s[:2][-1], contributions=lambda s, r: rows(torch.diff(s[:2], dim=0)), calls=of_the_first)),
        mistake("the blocks run from the last to the first", "the first block of the list takes x", "{many} blocks, in their order", result=turned),
        mistake("x is added once more after each block", "`block(x)` has the shortcut inside: the next block takes what it gave, as it is", "{many} blocks", result=on_top,
                ways=({"result": lambda record, blocks, x: on_top(record, blocks, x) | {"calls": [2] * len(record["calls"])}},)),
        mistake("all contributions are one tensor, changed again and again", "`+=` writes into the tensor that the list holds already: make a new one for each block", "{many} of them",
                result=bent(contributions=lambda s, r: rows((s[-1:] - s[:1]).expand(len(s) - 1, *s.shape[1:])))),
        mistake("the list of blocks is changed", "the caller's list stays as it is: loop over it, without `pop` or `reverse`", "{many} blocks",
                result=bent(given=lambda s, r: "the list of blocks is changed" if r["calls"] else "as before")),
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
