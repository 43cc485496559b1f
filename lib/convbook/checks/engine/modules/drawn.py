"""The weights that a learner's module and a recipe are given: far from the values they begin with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from convbook.checks.modules.recipe import BUFFERS, Recipe, entries
from convbook.checks.seed import generator


def drawn_weights(
    recipe: Recipe, names: dict[str, str], how: str, drawn: dict[Any, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Return a tensor for every tensor of a recipe that counts: from the names alone, the same every time.

    `drawn` keeps what was drawn before.
    """
    weights = {}
    wanted = {name: shape for name, shape, _ in entries(recipe)}
    for name in names:
        if name not in wanted:  # a bias that the exercise leaves open
            wanted[name] = wanted[name.rsplit(".", 1)[0] + ".weight"][:1]
    for name, shape in wanted.items():
        left_out = name.endswith(".bias") and name not in names and name[:-4] + "weight" in names
        if not left_out:
            if (name, shape) not in drawn:
                drawn[name, shape] = _one(name, shape)
            weights[name] = drawn[name, shape].clone()
    if how == "last gamma 0" and f"{recipe.last}.weight" in weights:
        weights[f"{recipe.last}.weight"].zero_()
        weights[f"{recipe.last}.bias"].zero_()
    return weights


def _one(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    if name.endswith(BUFFERS[2]):
        return torch.zeros(shape, dtype=torch.int64)
    rng = generator(name)
    values = rng.normal(size=shape)
    if len(shape) > 1:
        values /= np.sqrt(np.prod(shape[1:]) / 2)
    if name.endswith("running_var"):
        values = rng.uniform(0.5, 2.0, shape)
    elif len(shape) == 1 and not name.endswith(("bias", "shift", "running_mean")):
        values = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape, p=[0.25, 0.75])
    elif len(shape) == 1:
        values *= 0.5
    return torch.from_numpy(np.asarray(values, dtype=np.float64))
