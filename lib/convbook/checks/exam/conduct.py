"""What a training script's behaviour says of each kind of fault: there, gone, or not to be seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]
NOWHERE = "steps that change nothing"  # nobody plants it, but a fix may bring it


def faults(record: Record) -> dict[str, bool | None]:
    """Return for every kind of fault whether a script's record shows it; None where nothing can be said."""
    losses, tests = set(record["losses"]), record["sets"]
    chosen, last = tests[:-1], tests[-1:] or ["nothing"]
    normal = {name: fits(record, name) for name in ("train", "validation", "test")}
    drops, modes = record["training dropout"], seen_modes(record, "training")
    return {
        "labels of other images": record["labels"] < 1,
        "images normalised by their own numbers": not_all(normal["validation"], normal["test"]),
        "the test data's numbers in the normalisation": normal["train"] is False,
        "a padding that does not keep the size": any(not kept(size) for size in record["sizes"]),
        "running statistics that never move": record["statistics"] != "moved",
        "dropout in evaluation": record["dropout in evaluation"] is not False or not any(drops),
        "evaluation in training mode": any(one is not False for one in seen_modes(record, "test")),
        "a step up the gradient": record["direction"] == "up" or "negative" in "".join(losses),
        NOWHERE: record["direction"] == "nowhere",
        "parameters that the optimizer does not have": not record["covered"],
        "training in evaluation mode": any(one is not True for one in modes),
        "batches in the same order in every epoch": record["epochs"] != "shuffled",
        "a softmax before the cross-entropy": any("probabilities" in one for one in losses),
        "a loss that is summed": any(one.split(", ")[-1] in ("sum", "another", "unknown") for one in losses),
        "gradients that pile up": any(record["before"]),
        "an epoch chosen by the test data": "test" in chosen or "validation" not in chosen,
        "weights that are not those of the best epoch": None
        if not record["kept"]
        else record["kept"] != "best",
        "a result on images that were used before": last != ["test"] or record["result"] != "right",
    }


def seen_modes(record: Record, when: str) -> list[bool | None]:
    """Return the mode of each pass, as batch norm shows it, or dropout where a script has lost its batch norm."""
    pairs = zip(record[f"{when} norm"], record[f"{when} dropout"], strict=True)
    return [drop if norm is None else norm for norm, drop in pairs]


def fits(record: Record, name: str) -> bool | None:
    """Tell whether a set's images were normalised by the training images' numbers; None for a set that was not used."""
    if name not in record["affine"]:
        return None
    found, wanted = record["affine"][name], record["affine"]["wanted"]
    if name != "train" and "train" in record["affine"]:
        wanted = record["affine"]["train"]  # by what the training images were, whatever it was
    return all(math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-3) for a, b in zip(found, wanted, strict=True))


def not_all(*good: bool | None) -> bool | None:
    """Return whether one of several is not good; None where none is known to be bad and one is not known.

    >>> not_all(True, False), not_all(True, None), not_all(True, True)
    (True, None, False)
    """
    return True if False in good else None if None in good else False


def kept(size: str) -> bool:
    """Tell whether a convolution by 3 × 3 kernels kept the size: by smaller ones it would be another layer.

    >>> kept("(8, 8) -> (8, 8) by (3, 3)"), kept("(8, 8) -> (8, 8) by (1, 1)")
    (True, False)
    """
    sides, _, kernel = size.partition(" by ")
    before, _, after = sides.partition(" -> ")
    return before == after and kernel == "(3, 3)"
