"""Ways to load weights wrongly: the named mistakes of `load_by_order`."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

from convbook.checks.modules.recipe import refuse_straight
from convbook.forms import Mistake

# The mistakes, each as a function that makes exactly it. None of them compares and copies as it should, and the one
# that most of them share refuses to run without something to do wrong.


def by_name(model, state_dict, strict=False):
    """Fill a model by names."""
    model.load_state_dict(state_dict, strict=strict)
    return model


BENDS = {  # what goes wrong, and how; the straight way stands first
    "counts": ("first", "last", "unchecked"),
    "counts_message": ("both", "none"),
    "buffers": ("in", "left out", "not copied", "no counts copied", "not asked for"),
    "order": ("as in the model", "parameters first"),
    "shapes": ("compared", "unchecked", "forced"),
    "error": (ValueError, RuntimeError, KeyError, TypeError, AssertionError),
    "message": ("all", "no names", "no shapes", "nothing"),
    "copies": ("in the end", "early", "none", "backwards"),
    "back": ("the model", "nothing", "the report"),
}


def pairwise(model: Any, state_dict: Any, **wrong: Any) -> Any:
    """Fill a model pair by pair, with something left out: every keyword is one thing that goes wrong."""
    refuse_straight(wrong, BENDS, "loader is offered")
    own, buffers = model.state_dict(), wrong.get("buffers", "in")
    parameters = {name for name, _ in model.named_parameters()}
    if "order" in wrong:
        own = dict(sorted(own.items(), key=lambda item: item[0] not in parameters))
    if buffers == "not asked for":
        own = {name: tensor for name, tensor in own.items() if name in parameters}
    if "counts" not in wrong:
        _compare_counts(own, state_dict, wrong)
    pairs = list(zip(own.items(), state_dict.items(), strict=False))
    pairs = [pair for pair in pairs if buffers != "left out" or pair[0][0] in parameters]
    for (name, mine), (other, theirs) in pairs:
        if "shapes" not in wrong:
            _compare(name, mine, other, theirs, wrong)
        if wrong.get("copies") == "early":
            mine.copy_(theirs)
    if wrong.get("counts") == "last":
        _compare_counts(own, state_dict, wrong)
    for (name, mine), (_, theirs) in pairs:
        if buffers == "not copied" and name not in parameters:
            continue
        if "copies" not in wrong and not (buffers == "no counts copied" and not mine.is_floating_point()):
            mine.copy_(_forced(theirs, mine) if wrong.get("shapes") == "forced" else theirs)
        if wrong.get("copies") == "backwards":
            theirs.copy_(mine)
    return {"the model": model, "nothing": None, "the report": "<All keys matched>"}[
        wrong.get("back", "the model")
    ]


def _compare_counts(own: Any, state_dict: Any, wrong: dict[str, Any]) -> None:
    if len(own) != len(state_dict):
        told = "counts" in wrong or "counts_message" not in wrong
        raise wrong.get("error", ValueError)(
            f"{len(own)} tensors here, {len(state_dict)} there" if told else "counts"
        )


def _compare(name: str, mine: Any, other: str, theirs: Any, wrong: dict[str, Any]) -> None:
    if mine.shape != theirs.shape:
        message = wrong.get("message", "all")
        names = ("", "") if message in ("no names", "nothing") else (name, other)
        shapes = ("", "") if message in ("no shapes", "nothing") else (tuple(mine.shape), tuple(theirs.shape))
        raise wrong.get("error", ValueError)(f"{names[0]} {shapes[0]} {names[1]} {shapes[1]}")


def _forced(theirs: Any, mine: Any) -> Any:
    return theirs.expand_as(mine) if theirs.numel() == 1 else theirs.reshape(mine.shape)


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


def _watched(model: Any, state_dict: Any) -> Any:
    """Write into parameters that PyTorch watches."""
    for mine, theirs in zip(model.parameters(), state_dict.values(), strict=False):
        mine.copy_(theirs)
    return model


def _emptied(model: Any, state_dict: Any) -> Any:
    """Compare as asked for, then take the tensors out of the state-dict."""
    pairwise(model, state_dict, copies="none")
    for mine in model.state_dict().values():
        mine.copy_(state_dict.pop(next(iter(state_dict))))
    return model


def _mistake(name: str, explanation: str, answer: Callable[..., Any]) -> Mistake:
    return Mistake(name, explanation, answer)


MISTAKES = (
    _mistake("tensors are matched by name", "the names are another library's: the first goes to the first, the second to the "
             "second, whatever they are called; `strict=False` skips what it does not know without a word", by_name),
    _mistake("the names have to agree", "`load_state_dict` asks for the model's own names; here the names are another library's",
             functools.partial(by_name, strict=True)),
    bent("a difference in number goes unnoticed", "`zip` stops at the shorter side: compare the two counts first", counts="unchecked"),
    bent("buffers are left out", "buffers count as well, running statistics and `num_batches_tracked`: "
         "`model.state_dict()` has them, `model.parameters()` has not", buffers="left out"),
    bent("parameters first, then buffers", "`model.state_dict()` has the buffers of a layer right after its parameters: two lists "
         "one after the other are in another order", order="parameters first"),
    bent("nothing is copied", "`mine = theirs` only gives a tensor another name, and `d[name] = theirs` only changes the "
         "dictionary: `mine.copy_(theirs)` writes values", copies="none"),
    bent("the values go the wrong way", "the state-dict fills the model: `mine.copy_(theirs)`", copies="backwards"),
    bent("it copies before all is compared", "a failure must leave the model as it was: compare all pairs first, then copy",
         copies="early"),
    bent("the message does not name the entries", "say which two entries differ: the model's name and the state-dict's",
         message="no names"),
    bent("the message does not tell the shapes", "say both shapes: they are what tells the reader where to look", message="no shapes"),
    bent("the message tells neither names nor shapes", "say which two entries differ, and in what: both names and both shapes",
         message="nothing"),
    bent("the message does not tell the two counts", "say how many tensors there are on each side", counts_message="none"),
    bent("another error than a ValueError", "what cannot be filled is a wrong *value* of `state_dict`: `raise ValueError(…)`",
         error=RuntimeError),
    bent("the shapes are never compared", "`copy_` complains late and in its own words, and spreads a single number without a "
         "word: compare the shapes first", shapes="unchecked"),
    bent("shapes that differ are forced to fit", "as many numbers in another shape mean something else, and a single one is not "
         "to be spread: compare the shapes", shapes="forced"),
    bent("the model is not returned", "the last line returns the model", back="nothing"),
    bent("something else than the model is returned", "`load_state_dict` returns a report, not the model: the last line returns "
         "the model itself", back="the report"),
    _mistake("the tensors are shared, not copied", "training the model would now change the state-dict: copy the values with "
             "`copy_`", _share),
    _mistake("new tensors take the place of the model's own", "an optimiser made earlier would go on with the old ones: write "
             "into the tensors that are there, with `copy_`", _replace),
    _mistake("a copy of the model is filled", "the model itself is filled, in place, and returned", _copy),
    _mistake("it leaves the complaint to PyTorch", "`load_state_dict` raises a RuntimeError about the model's names alone: "
             "compare first, and raise a ValueError that names both sides", _renamed),
    _mistake("it writes into tensors that PyTorch watches", "`model.parameters()` are watched for gradients: use the tensors in "
             "`model.state_dict()`, which has the buffers as well, or `with torch.no_grad():`", _watched),
    _mistake("the state-dict is changed", "whoever handed it over may need it again: read from it, do not `pop` or rename", _emptied),
)  # fmt: skip
VARIANTS = (  # other ways to make a named mistake
    ("nothing is copied", {"copies": "none", "counts": "unchecked"}),
    ("nothing is copied", {"copies": "none", "counts": "unchecked", "shapes": "unchecked"}),
    ("the values go the wrong way", {"copies": "backwards", "counts": "unchecked", "shapes": "unchecked"}),
    ("it copies before all is compared", {"copies": "early", "counts": "last"}),
    ("the message tells neither names nor shapes", {"message": "nothing", "counts_message": "none"}),
    *(("buffers are left out", {"buffers": way}) for way in BENDS["buffers"][2:]),
    ("buffers are left out", {"buffers": "not asked for", "counts": "unchecked"}),
    ("buffers are left out", {"buffers": "not asked for", "counts": "unchecked", "shapes": "unchecked"}),
    *(("another error than a ValueError", {"error": error}) for error in BENDS["error"][2:]),
)
