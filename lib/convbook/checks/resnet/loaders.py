"""Ways to load weights wrongly: the named mistakes of `load_by_order`."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

from convbook.forms import Mistake

# The mistakes, each as a function that makes exactly it. None of them compares and copies as it should, and the one
# that most of them share refuses to run without something to do wrong.


def by_name(model, state_dict, strict=False):
    """Fill a model by names."""
    model.load_state_dict(state_dict, strict=strict)
    return model


def pairwise(model: Any, state_dict: Any, **wrong: Any) -> Any:
    """Fill a model pair by pair, with something left out: every keyword is one thing that goes wrong."""
    if not wrong:
        raise ValueError("only a bent loader is offered: the straight one is the exercise")
    own = model.state_dict()
    pairs = list(zip(own.items(), state_dict.items(), strict=False))
    if wrong.get("buffers") == "left out":
        kept = {name for name, _ in model.named_parameters()}
        pairs = [pair for pair in pairs if pair[0][0] in kept]
    if wrong.get("counts") != "unchecked" and len(own) != len(state_dict):
        raise ValueError(f"{len(own)} tensors here, {len(state_dict)} there")
    for (name, mine), (other, theirs) in pairs:
        if mine.shape != theirs.shape and wrong.get("shapes") != "forced":
            names = ("", "") if wrong.get("message") == "no names" else (name, other)
            shapes = (
                ("", "") if wrong.get("message") == "no shapes" else (tuple(mine.shape), tuple(theirs.shape))
            )
            raise ValueError(f"{names[0]} {shapes[0]} {names[1]} {shapes[1]}")
        if wrong.get("copies") == "early":
            mine.copy_(theirs)
    for (_, mine), (_, theirs) in pairs:
        if wrong.get("copies") not in ("early", "none"):
            mine.copy_(theirs.expand_as(mine) if theirs.numel() == 1 else theirs.reshape(mine.shape))
    return None if wrong.get("back") == "missing" else model


def bent(name: str, explanation: str, **bend: Any) -> Mistake:
    """Return a named mistake of the pairwise kind."""
    return Mistake(name, explanation, functools.partial(pairwise, **bend), "", bend)


def _replace(model: Any, state_dict: Any) -> Any:
    """Put new tensors in the place of the model's own."""
    from torch import nn

    pairwise(model, state_dict, copies="none")
    for name, theirs in zip(list(model.state_dict()), state_dict.values(), strict=True):
        place, last = (model.get_submodule(name.rpartition(".")[0]), name.rpartition(".")[2])
        if last in place._parameters:
            place._parameters[last] = nn.Parameter(theirs.detach().clone())
        else:
            place._buffers[last] = theirs.detach().clone()
    return model


def _share(model: Any, state_dict: Any) -> Any:
    """Let the model's tensors be the state-dict's."""
    pairwise(model, state_dict, copies="none")
    for mine, theirs in zip(model.state_dict(keep_vars=True).values(), state_dict.values(), strict=True):
        mine.data = theirs
    return model


def _renamed(model: Any, state_dict: Any) -> Any:
    """Give the values the model's names and let PyTorch complain."""
    model.load_state_dict(dict(zip(model.state_dict(), state_dict.values(), strict=False)))
    return model


def _copy(model: Any, state_dict: Any) -> Any:
    """Fill a copy."""
    pairwise(model, state_dict, copies="none")
    return _renamed(copy.deepcopy(model), state_dict)


def _mistake(name: str, explanation: str, answer: Callable[..., Any]) -> Mistake:
    return Mistake(name, explanation, answer)


MISTAKES = (
    _mistake("tensors are matched by name", "the names are another library's: the first goes to the first, the second to the "
             "second, whatever they are called; `strict=False` skips what it does not know without a word", by_name),
    _mistake("the names have to agree", "`load_state_dict` asks for the model's own names; here the names are another library's",
             functools.partial(by_name, strict=True)),
    bent("a difference in number goes unnoticed", "`zip` stops at the shorter side: compare the two counts first", counts="unchecked"),
    bent("buffers are left out", "the running statistics count as well: `model.state_dict()` has them, "
         "`model.parameters()` has not", buffers="left out"),
    bent("it copies before all is compared", "a failure must leave the model as it was: compare all pairs first, then copy",
         copies="early"),
    bent("the message does not name the entries", "say which two entries differ: the model's name and the state-dict's",
         message="no names"),
    bent("the message does not tell the shapes", "say both shapes: they are what tells the reader where to look", message="no shapes"),
    bent("shapes that differ are forced to fit", "as many numbers in another shape mean something else, and a single one is not "
         "to be spread: compare the shapes", shapes="forced"),
    bent("the model is not returned", "the last line returns the model", back="missing"),
    _mistake("the tensors are shared, not copied", "training the model would now change the state-dict: copy the values with "
             "`copy_`", _share),
    _mistake("new tensors take the place of the model's own", "an optimiser made earlier would go on with the old ones: write "
             "into the tensors that are there, with `copy_`", _replace),
    _mistake("a copy of the model is filled", "the model itself is filled, in place, and returned", _copy),
    _mistake("it leaves the complaint to PyTorch", "`load_state_dict` raises a RuntimeError about the model's names alone: "
             "compare first, and raise a ValueError that names both sides", _renamed),
)  # fmt: skip
