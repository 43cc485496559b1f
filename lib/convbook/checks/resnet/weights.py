"""The check of `load_by_order`: fill a model from a state-dict whose names are another's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convbook.checks.engine import families_loading as family
from convbook.checks.engine.declare import case, exercise, mistake
from convbook.checks.engine.modules.loading import Loading
from convbook.checks.engine.modules.seen import Entries, loaded
from convbook.forms import Case

MINE: Entries = (
    ("stem.weight", (2, 1, 3, 3), "parameter"), ("norm.weight", (2,), "parameter"), ("norm.bias", (2,), "parameter"),
    ("norm.running_mean", (2,), "buffer"), ("norm.running_var", (2,), "buffer"), ("norm.num_batches_tracked", (), "count"),
    ("head.weight", (3, 2), "parameter"), ("head.bias", (3,), "parameter"),
)  # fmt: skip
NAMES = ("conv1.w", "bn1.w", "bn1.b", "bn1.mean", "bn1.var", "bn1.count", "fc.w", "fc.b")
THEIRS: Entries = tuple((name, shape, kind) for name, (_, shape, kind) in zip(NAMES, MINE, strict=True))


def loading_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield a model's tensors and a state-dict's: such as fit, then such as do not."""

    def reshaped(*changes: tuple[int, tuple[int, ...]]) -> Entries:
        new = dict(changes)
        return tuple((name, new.get(i, shape), kind) for i, (name, shape, kind) in enumerate(THEIRS))

    exchanged = (*THEIRS[6:], *THEIRS[1:6], THEIRS[0])
    mixed = tuple((MINE[p][0], *entry[1:]) for p, entry in zip((0, 2, 1, 4, 3, 5, 6, 7), THEIRS, strict=True))
    yield case(MINE, THEIRS, about="the same shapes under other names")
    yield case(MINE, mixed, about="some names are the same, in other places")
    yield case(MINE, reshaped((0, (2, 1, 5, 5))), about="the first shape differs")
    yield case(MINE, reshaped((6, (4, 2))), about="a later shape differs")
    yield case(MINE, reshaped((3, (5,)), (6, (4, 2))), about="two shapes differ")
    yield case(MINE, exchanged, about="the same shapes in another order")
    yield case(MINE, reshaped((6, (2, 3))), about="as many numbers, in another shape")
    yield case(MINE, reshaped((7, (1,))), about="a shape that could be broadcast")
    yield case(MINE, (*THEIRS, ("extra.w", (2,), "parameter")), about="one tensor too many")
    yield case(MINE, THEIRS[:-1], about="one tensor too few")


COMPARE = "compare the shapes first"


@exercise(
    "Weights from elsewhere", points=6, cases=loading_cases, observe=Loading(), forbid="",
    why="walk both in order, side by side: `model.state_dict()` and `state_dict`; compare all before you copy any",
    help=("a leaf Variable that requires grad",),
    mistakes=(
        mistake("tensors are matched by name", "the names are another library's: the first goes to the first, the second to the "
                "second, whatever they are called; `strict=False` skips what it does not know without a word", instead=family.by_name),
        mistake("the names have to agree", "`load_state_dict` asks for the model's own names; here the names are another library's",
                instead=lambda model, state_dict: family.by_name(model, state_dict, strict=True)),
        mistake("the names are sorted", "the order is the state-dict's own: sorted by name, `bn1` comes before `conv1`",
                instead=lambda model, state_dict: family.walked(family.alphabetical(model), family.alphabetical(state_dict)),
                ways=[{"instead": lambda model, state_dict: family.walked(model, family.alphabetical(state_dict))}]),
        mistake("a difference in number goes unnoticed", "`zip` stops at the shorter side: compare the two counts first",
                instead=lambda model, state_dict: family.walked(model, state_dict, counts="unchecked")),
        mistake("buffers are left out", "buffers count as well, running statistics and `num_batches_tracked`: `model.state_dict()` "
                "has them, `model.parameters()` has not", result=family.of_kinds("parameter"), ways=[
                    {"result": family.of_kinds("parameter", "buffer")},
                    *({"instead": lambda model, state_dict, how=how: family.walked(family.parameters_first(model)[:5], state_dict, **how)}
                      for how in ({}, {"counts": "unchecked"}, {"counts": "unchecked", "shapes": "unchecked"}))]),
        mistake("parameters first, then buffers", "`model.state_dict()` has the buffers of a layer right after its parameters: two "
                "lists one after the other are in another order",
                instead=lambda model, state_dict: family.walked(family.parameters_first(model), state_dict)),
        mistake("nothing is copied", "`mine = theirs` only gives a tensor another name, and `d[name] = theirs` only changes the "
                "dictionary: `mine.copy_(theirs)` writes values", result=family.on_success(filled={}), ways=[
                    {"result": lambda r, model, state_dict: loaded({}) if len(model) != len(state_dict) else r | {"filled": {}}},
                    {"instead": lambda: loaded({})}]),
        mistake("the values go the wrong way", "the state-dict fills the model: `mine.copy_(theirs)`",
                result=family.on_success(filled={}, given="changed"), ways=[{"instead": family.backwards}]),
        mistake("it copies before all is compared", "a failure must leave the model as it was: compare all pairs first, then copy",
                instead=lambda model, state_dict: family.walked(model, state_dict, early=True),
                ways=[{"instead": lambda model, state_dict: family.walked(model, state_dict, counts="last", early=True)}]),
        *family.complaints(),
        mistake("the shapes are never compared", "`copy_` complains late and in its own words, and spreads a single number without "
                f"a word: {COMPARE}", instead=lambda model, state_dict: family.walked(model, state_dict, shapes="unchecked")),
        mistake("shapes that differ are forced to fit", "as many numbers in another shape mean something else, and a single one is "
                f"not to be spread: {COMPARE}", instead=lambda model, state_dict: family.walked(model, state_dict, shapes="forced")),
        *family.destinations(),
    ),
)  # fmt: skip
def load_by_order(model, state_dict):
    return family.walked(model, state_dict)
