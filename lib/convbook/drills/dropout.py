"""Drills of unit 07: both recipes of dropout, masks, and which epoch is kept."""

from __future__ import annotations

import numpy as np

from convbook.checks.dropout_and_early_stopping import EarlyStopper, dropout, dropout_classic, number_of_masks
from convbook.drills.kinds import Facts, kind, one_of, pick, shown
from convbook.drills.shared import right, sentence, slips


def _unit(rng: np.random.Generator) -> Facts:
    p = one_of(rng, 0.2, 0.25, 0.4, 0.6, 0.75, 0.8)
    return {"p": p, "keep": 1 - p, "x": 2 * pick(rng, 2, 9)}


def _kept(rng: np.random.Generator) -> Facts:
    p = one_of(rng, 0.1, 0.2, 0.3, 0.4)
    return {"p": p, "keep": 1 - p, "units": 10 * pick(rng, 5, 40)}


def _weighted(rng: np.random.Generator) -> Facts:
    facts = _unit(rng)
    x, w = [pick(rng, 1, 9) for _ in "ab"], [pick(rng, 2, 5), one_of(rng, -2, -1, 3)]
    return {**facts, "xs": x, "ws": w, "bias": pick(rng, 1, 4), "full": x[0] * w[0] + x[1] * w[1]}


def stopped(losses: list[float], patience: int) -> tuple[int, int]:
    """Return the epoch that is kept and the one at which training stops, both counted from 0."""
    best, waited = 0, 0
    for epoch, loss in enumerate(losses):
        if epoch == 0 or loss < losses[best]:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited == patience:
            return best, epoch
    return best, len(losses) - 1


def _beside_the_last(losses: list[float], patience: int) -> tuple[int, int] | None:
    """Return both epochs for whoever compares each loss with the one before."""
    waited, kept = 0, 0
    for epoch in range(1, len(losses)):
        waited, kept = (0, epoch) if losses[epoch] < losses[epoch - 1] else (waited + 1, kept)
        if waited == patience:
            return kept, epoch
    return None


def _never_reset(losses: list[float], patience: int) -> tuple[int, int] | None:
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        best, waited = (epoch, waited) if losses[epoch] < losses[best] else (best, waited + 1)
        if waited == patience:
            return best, epoch
    return None


def _losses(rng: np.random.Generator) -> Facts:
    """Return losses that fall, rise once and fall again, and then wait for longer than the patience."""
    patience = pick(rng, 2, 3)
    a, b, c = pick(rng, 70, 90), pick(rng, 50, 65), pick(rng, 30, 45)
    tail = [c + int(step) for step in rng.permutation(range(2, 12))[: patience + 2]]
    losses = [a, b, b + pick(rng, 1, 9), c, *tail, pick(rng, 5, 20)]
    losses = [loss / 100 for loss in losses]
    best, end = stopped(losses, patience)
    return {"losses": losses, "patience": patience, "best": best, "end": end}


STOPPING = ("A validation loss is {0}, epoch by epoch, counted from 0. Early stopping has a patience of {1}: it stops at the epoch "
            "at which the loss has not been better than the best for {1} epochs in a row. ")  # fmt: skip


def _told(question: str):
    return lambda losses, patience: STOPPING.format(", ".join(map(shown, losses)), patience) + question


EPOCHS = "The best loss until then is {least}, in epoch {best}.\nThe {patience} epochs after it are not better: it stops at epoch {end}, and "
KINDS = (
    kind("dropout_classic", "07", "The classic recipe", draw=_unit, decimals=2,
         ask="A unit was trained with the classic recipe of dropout: it was dropped with p = {p}, and nothing was scaled. "
             "At test time it gives {x}. What is passed on? (Two decimals.)",
         answer=lambda x, keep: x * keep,
         worked="At test time it is scaled by the share that was kept, 1 − {p} = {keep}.\n{x} · {keep} = {answer}.",
         mistakes={
             sentence(dropout_classic, "evaluation multiplies by p"): lambda x, p: x * p,
             sentence(dropout_classic, "nothing is scaled"): lambda x: x,
             sentence(dropout_classic, "evaluation divides by 1 − p"): lambda x, keep: x / keep,
             sentence(dropout_classic, "evaluation gives nothing but zeros"): lambda: 0,
         }),
    kind("dropout_inverted", "07", "The inverted recipe", draw=_unit, decimals=2,
         ask="Inverted dropout with p = {p}, the probability of dropping, is training. A unit that is kept has the value {x}. "
             "What is passed on? (Two decimals.)",
         answer=lambda x, keep: x / keep,
         worked="What is kept is divided by the share that is kept, 1 − {p} = {keep}.\n{x} / {keep} = {answer}.",
         mistakes={
             sentence(dropout, "training divides by p"): lambda x, p: x / p,
             sentence(dropout, "nothing is scaled"): lambda x: x,
             sentence(dropout, "training multiplies by 1 − p"): lambda x, keep: x * keep,
             sentence(dropout, "training is scaled twice"): lambda x, keep: x / keep**2,
         }),
    kind("number_of_masks", "07", "How many networks", draw=lambda rng: {"units": pick(rng, 5, 12)},
         ask="Dropout acts on a layer of {units} units. How many different masks are there?",
         answer=lambda units: right(number_of_masks, units=units),
         worked="Each unit is there or not, whatever the others do:\n2 to the power of {units} = {answer}.",
         mistakes=slips(number_of_masks, "it is the square, not the power", "the possibilities are added up",
                        "the mask that drops everything is left out", "one unit is left out",
                        "only masks that drop one unit are counted")),
    kind("units_kept", "07", "Units that stay", draw=_kept,
         ask="Dropout with p = {p}, the probability of dropping, acts on {units} units. How many are kept on average?",
         answer=lambda units, p: round(units * (1 - p)), worked="{units} · (1 − {p}) = {answer}.",
         mistakes={
             "keep and drop are exchanged: p is the probability of dropping": lambda units, p: units * p,
             "all are kept: that is so at test time": lambda units: units,
             "half are kept: that is so for p = 0.5": lambda units: units / 2,
         }),
    kind("expected_sum", "07", "The mean of all sub-networks", draw=_weighted, decimals=2,
         ask=lambda xs, ws, bias, p: f"A linear unit has the inputs {shown(tuple(xs))}, the weights {shown(tuple(ws))} and the bias {bias}. Its "
                                     f"inputs are dropped with p = {p}, nothing is scaled. What is its mean over all masks, each weighted "
                                     "by its probability? (Two decimals.)",
         answer=lambda full, keep, bias: full * keep + bias,
         worked="Without dropout the products are {full} together.\nEach is there with probability {keep}; the bias always: "
                "{full} · {keep} + {bias} = {answer}.",
         mistakes={
             "the bias is scaled too: it is never dropped": lambda full, keep, bias: (full + bias) * keep,
             "keep and drop are exchanged: p is the probability of dropping": lambda full, p, bias: full * p + bias,
             "it is the whole network, unscaled: all masks count": lambda full, bias: full + bias,
             "the bias is missing: it is added to each sub-network's sum": lambda full, keep: full * keep,
             "it is the inverted recipe: here nothing is scaled in training": lambda full, keep, bias: full / keep + bias,
         }),
    kind("epoch_kept", "07", "The epoch that is kept", draw=_losses, ask=_told("Which epoch's weights are restored?"),
         answer=lambda losses, patience: stopped(losses, patience)[0],
         worked=lambda losses, best, end, patience: EPOCHS.format(
             least=losses[best], best=best, patience=patience, end=end) + f"takes back the weights of epoch {best}.",
         mistakes={
             "the last epoch is kept: early stopping goes back to the best": lambda end: end,
             "the best of all losses is taken: training has stopped before it": lambda losses: losses.index(min(losses)),
             sentence(EarlyStopper, "each loss is compared with the one before"):
                 lambda losses, patience: (_beside_the_last(losses, patience) or (None,))[0],
             "epochs are counted from 1: here the first is 0": lambda best: best + 1,
             "the first epoch is kept: every better epoch takes its place": lambda: 0,
             "the first rise ends it: patience waits": lambda: 1,
         }),
    kind("epoch_stopped", "07", "The epoch at which it stops", draw=_losses, ask=_told("At which epoch does training stop?"),
         answer=lambda losses, patience: stopped(losses, patience)[1],
         worked=lambda losses, best, end, patience: EPOCHS.format(
             least=losses[best], best=best, patience=patience, end=end) + f"epoch {end} is the last.",
         mistakes={
             "it stops one epoch too late: it stops as soon as `patience` epochs in a row were not better": lambda end: end + 1,
             "it stops one epoch too early: the epoch with the best loss does not count as one that is not better": lambda end: end - 1,
             "it is the epoch that is kept: asked for is the one at which it stops": lambda best: best,
             "the count is not reset: a better epoch sets it back to 0":
                 lambda losses, patience, end: (_never_reset(losses, patience) or (None, None))[1] if patience > 2 else None,
         }),
)  # fmt: skip
