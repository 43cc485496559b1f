"""The slips that come back wherever something is dropped at random, as changes of what is seen of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convbook.checks.engine.chance import ELSEWHERE, FRESH, FROZEN, seen
from convbook.checks.engine.chance_layers import APART
from convbook.checks.engine.declare import Draft, mistake

Change = Callable[..., Any]
ALONE = "each unit of each image is decided by a draw of its own"
RNG = "draw from the generator that you are given: `rng.random(x.shape)`"
MODE = "in evaluation nothing is left to chance: every unit is kept"


def if_random(**parts: Any) -> Change:
    """Return a change of some parts of a record, where there are draws at all."""
    return lambda record: seen(record, **parts) if record.get("draws") else record


def along(*axes: int) -> Change:
    """Return the change that lets one draw decide along some axes of an image (n, c, h, w), or all but the last of fewer."""

    def result(record: dict[str, Any], x: Any) -> dict[str, Any]:
        found = tuple(axis for axis in axes if axis < x.ndim and x.shape[axis] > 1)
        return joined(record, found)

    return result


def joined(record: dict[str, Any], axes: tuple[int, ...]) -> dict[str, Any]:
    """Return a record in which one draw decides along further axes."""
    if not record.get("draws") or not axes:
        return record
    return seen(record, shared=tuple(sorted({*record["shared"], *axes})))


def other_share(record: dict[str, Any], share: float) -> dict[str, Any]:
    """Return a record with another share of dropped units; where that is all or none of them, the mask holds one number.

    A mask that marks what is dropped is then full where nothing is left, and empty where nothing is dropped.
    """
    found = seen(record, share=share)
    if share not in (0.0, 1.0) or "mask" not in found:
        return found
    if found["zeros"] == APART:
        return found | {"mask": (found["mask"] or 1.0) if share else 0.0}
    return found | ({"mask": 0.0} if share else {})


def slips(also: Change | None = None) -> tuple[Draft, ...]:
    """Return the usual slips of a dropout (x, p, training, rng). `also` is what a shared mask may look like besides."""
    both = (lambda change: ({"result": lambda record, x: also(change(record, x)) if record.get("draws") else also(record)},)) if also else lambda change: ()  # fmt: skip
    images = along(0)
    return (
        mistake("all images share one mask", ALONE, "`x.shape` draws, not those of one image", result=images, ways=both(images)),
        mistake("whole images are dropped", ALONE, "axis 0 counts the images, and the others count too", result=along(1, 2, 3)),
        mistake("whole channels are dropped", f"{ALONE}; dropping whole maps is another layer, spatial dropout", "`x.shape` draws", result=along(2, 3)),
        mistake("whole rows of pixels are dropped", ALONE, "`x.shape` draws", result=lambda record, x: joined(record, (3,) if x.ndim == 4 else ())),
        mistake("all channels share one mask", ALONE, "`x.shape` draws", result=lambda record, x: joined(record, (1,) if x.ndim == 4 else ())),
        mistake("keep and drop are exchanged", "`rng.random(…) < p` is true with probability p: that is what is *dropped*",
                "a share of {p:.4g} is dropped", result=lambda record, p, training: other_share(record, 1 - p) if training else record,
                ways=({"result": lambda record, p: seen(record, share=1 - p) if record.get("draws") else record},)),
        mistake("nothing is dropped in training", "with `training=True` units are set to 0", "with probability {p:.4g}",
                result=lambda record: other_share(record, 0.0) if record.get("draws") else record),
        mistake("everything is dropped in training", "each unit is dropped with probability p, not all of them", "p is {p:.4g}",
                result=lambda record: other_share(record, 1.0) if record.get("draws") else record),
        mistake("the mask is drawn in evaluation too", MODE, "`training` is False here",
                result=lambda record, again: again(training=True), ways=({"result": lambda record, again: again(training=True) | {"kept": record["kept"]}},)),
        mistake("training and evaluation are exchanged", "`training=True` is the mode that drops", "`training` says which it is",
                result=lambda record, again, training: again(training=not training)),
        mistake("evaluation's rule is used in training too", "with `training=True` units are set to 0", "with probability {p:.4g}",
                result=lambda record, again: again(training=False)),
        mistake("the draws come from another generator than rng", RNG, "not from `np.random`, and not from a new generator", result=if_random(draws=ELSEWHERE)),
        mistake("the mask is the same in every call", f"{RNG}; a generator that is made anew from one seed begins anew as well", "every call draws",
                result=if_random(draws=FROZEN)),
        mistake("the same number of units is dropped every time", f"{ALONE}: how many are dropped differs from call to call", "p is {p:.4g}",
                result=if_random(draws=FRESH, number="is fixed")),
    )  # fmt: skip
