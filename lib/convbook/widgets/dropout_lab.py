"""DropoutLab: masks rain on a unit, the mean of its sub-networks runs, and a learner's own masks are looked at."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook.answers import hold, masks
from convbook.widgets.base import Numbers, Widget

INPUTS = [1, 2, 1, 0.5, 1, 1, 2, 0.5]
WEIGHTS = [1, -0.5, 0.5, 2, -0.5, 0.5, -0.5, 1]
MOST_UNITS = 10
MOST_P = 0.9


class DropoutLab(Widget):
    """Hold a key and masks rain: the mean of all these sub-networks runs towards what evaluation says.

    `function` is the learner's `dropout(x, p, training, rng)`, which returns y and the mask. Some hundred of its masks are
    read once, for p = 0.25, and shown beside PyTorch's; one that fails gives a sentence, never an error. The unit has the
    `inputs` and `weights` (up to 10 of each); `relu=False` leaves out the second curve, behind a ReLU.

    >>> DropoutLab(p=0.25).words()[:46]
    'Evaluation says 1, with all 8 units. Each mask'
    """

    view: ClassVar[str] = "dropout_lab"
    title: ClassVar[str] = "The mean of all sub-networks"

    inputs = Numbers("n", {"n": MOST_UNITS}).tag(sync=True)
    weights = Numbers("n", {"n": MOST_UNITS}).tag(sync=True)
    p = traitlets.Float(0.5, min=0, max=MOST_P).tag(sync=True)
    scaled = traitlets.Bool(True).tag(sync=True)  # whether what is kept is divided by 1 - p
    relu = traitlets.Bool(True).tag(sync=True)
    many = traitlets.Int(0, min=0).tag(sync=True)  # masks so far
    seed = traitlets.Int(7).tag(sync=True)
    name = traitlets.Unicode("").tag(sync=True)
    reading = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        function: Any = None,
        *,
        inputs: Any = None,
        weights: Any = None,
        p: float = 0.5,
        relu: bool = True,
    ):
        """Read `function`, if there is one, and show the unit; raise `ValueError` for what cannot be shown."""
        if (inputs is None) != (weights is None):
            raise ValueError("give inputs and their weights, or none of them")
        if isinstance(p, bool) or not isinstance(p, (int, float)) or not 0 <= p <= MOST_P:
            raise ValueError(f"p is {p!r}; DropoutLab takes a probability from 0 to {MOST_P}")
        inputs, weights = (INPUTS, WEIGHTS) if inputs is None else (inputs, weights)
        super().__init__(inputs=inputs, weights=weights, p=float(p), relu=bool(relu))
        if len(self.inputs) != len(self.weights):
            raise ValueError(
                f"there are {len(self.inputs)} inputs and {len(self.weights)} weights; give as many"
            )
        if function is not None:
            self.name = hold(function).name if callable(function) else ""
            self.reading = _reading(function)


def _reading(function: Any) -> dict[str, Any]:
    """Return what there is to say, and masks of one batch with the rates of keeping: "yours" where there are any, "torch"."""
    reading: dict[str, Any] = {"p": masks.P, "torch": _shown(*_reference())}
    if not callable(function):
        given = type(function).__name__
        reading["said"] = f"Got {given}, not a function: write DropoutLab(dropout), without calling it."
        return reading
    answer = hold(function)
    try:
        found = masks.read(answer)
    except masks.Unreadable as reason:
        reading["said"] = f"{answer.name} {reason}"
        return reading
    except Exception as error:  # whatever a strange answer does when its result is looked at
        reading["said"] = f"{answer.name} cannot be read: {type(error).__name__}: {error}."
        return reading
    many = masks.CALLS * masks.BATCH[0]
    right = f"{answer.name} is right: of {many} masks each is drawn anew, keeps about 75 % of the units at 1.33, and evaluation keeps all."
    said = f"{answer.name}: {'; '.join(found.faults)}." if found.faults else right
    said += " On maps it drops whole channels, as nn.Dropout2d does." if found.whole_maps else ""
    said += " It prints while it works; that is not shown here." if found.printed else ""
    return {**reading, "said": said, "wrong": bool(found.faults), "yours": _shown(found.batch, found.rates)}


def _reference() -> tuple[np.ndarray, np.ndarray]:
    """Return the masks of one batch as PyTorch draws them, and how often each unit was kept in as many as are read."""
    import torch

    calls, (images, units) = masks.CALLS, masks.BATCH
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        drawn = torch.nn.functional.dropout(torch.ones(calls, images, units), masks.P).numpy()
    return drawn[0], (drawn != 0).mean((0, 1))


def _shown(batch: np.ndarray, rates: np.ndarray) -> dict[str, Any]:
    rows = ["".join("1" if one else "0" for one in row) for row in batch != 0]
    return {"rows": rows, "rates": [round(float(rate), 3) for rate in rates]}
