"""Ask the X-ray what a wrong convolution really used, where no mistake and no relation explains it.

The same evidence the learner sees in the widget: which pixel met which weight, read off the answer itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convbook.answers.evidence import describe_products, truth
from convbook.answers.probes import Probe, Reading, Unreadable, xray
from convbook.checks.engine.cases import size
from convbook.checks.engine.observe import Trial

if TYPE_CHECKING:
    from convbook.checks.engine.judge import Trials

IMAGES = {("h", "w"), ("n", "c", "h", "w")}
WEIGHTS = {("kh", "kw"), ("f", "c", "kh", "kw")}
LARGEST = 400  # products of pixels and weights to ask for: a few milliseconds
SECONDS = 0.5
VAGUE = "use other products than they should"


def products(trials: Trials, ends: float) -> str | None:
    """Return what the X-ray reads off a wrong convolution, as a sentence that completes "yours …", or None."""
    failed = [t for t in trials.failed if t.reply.status == "returned" and _probe(trials, t) is not None]
    for trial in sorted(failed, key=lambda t: size(t.case))[:3]:
        probe = _probe(trials, trial)
        try:
            reading, right = xray(trials.answer, probe, seconds=SECONDS, forbid=trials.forbid), truth(probe)
            found = [said for said in describe_products(reading, right) if not said.endswith(VAGUE)]
            found = found or _first_difference(reading, right)
        except (Unreadable, RuntimeError, ValueError):
            continue
        if found:
            return "shows in the X-ray: " + "; ".join(found[:2])
    return None


def _first_difference(reading: Reading, right: Reading) -> list[str]:
    """Return which product the first wrong output has too often or too seldom; nothing where the shapes differ."""
    if reading.products.shape != right.products.shape:
        return []
    wrong = np.argwhere(~np.isclose(reading.products, right.products))
    if not len(wrong):
        return []
    output, pixel, weight = (int(i) for i in wrong[0])
    sides = (reading.shape[-3:], reading.image, reading.weights)
    places = [
        [int(i) for i in np.unravel_index(at, side)]
        for at, side in zip((output, pixel, weight), sides, strict=True)
    ]
    yours, wanted = reading.products[tuple(wrong[0])], right.products[tuple(wrong[0])]
    where = f"output {places[0][-2:]} takes pixel {places[1]} times weight {places[2]}"
    return [f"{where} {yours:g} times, where {wanted:g} is right"]


def _probe(trials: Trials, trial: Trial) -> Probe | None:
    """Return what to feed: the sizes of a failing case, one image of it; None where this is no convolution."""
    axes = trials.question.oracle.axes
    image = next((name for name, letters in axes.items() if letters in IMAGES), None)
    weights = next((name for name, letters in axes.items() if letters in WEIGHTS), None)
    if image is None or weights is None or trials.question.oracle.result_axes[-2:] != ("rows", "columns"):
        return None
    given = trials.question.oracle.bound(trial.case.args, trial.case.kwargs)
    shape, kernel = given[image].shape, given[weights].shape
    if len(shape) == 4:
        shape = (1, *shape[1:])
    options: dict[str, Any] = {n: given[n] for n in ("stride", "padding") if n in given}
    filters = kernel[0] if given.get("b") is not None else 0
    probe = Probe(
        tuple(shape),
        tuple(kernel),
        filters,
        {n: v for n, v in options.items() if v != {"stride": 1, "padding": 0}[n]},
    )
    return probe if probe.pixels * probe.weight_count <= LARGEST else None
