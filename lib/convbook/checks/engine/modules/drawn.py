"""The weights that a learner's module and a graph are given: far from the values they begin with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from convbook.checks.engine.modules.graph import BUFFERS, Graph
from convbook.checks.engine.seed import generator


def drawn_weights(
    graph: Graph, names: dict[str, str], zero: str, drawn: dict[Any, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Return a tensor for every tensor of a graph that counts: from the names alone, the same every time.

    The weights of the part called `zero` are 0. `drawn` keeps what was drawn before.
    """
    weights = {}
    wanted = {name: shape for name, shape, _ in graph.entries()}
    for name in names:
        if name not in wanted:  # a bias that the exercise leaves open
            wanted[name] = wanted[name.rsplit(".", 1)[0] + ".weight"][:1]
    for name, shape in wanted.items():
        left_out = name.endswith(".bias") and name not in names and name[:-4] + "weight" in names
        if not left_out:
            if (name, shape) not in drawn:
                drawn[name, shape] = _one(name, shape)
            weights[name] = drawn[name, shape].clone()
    for name in ("weight", "bias"):
        if zero and f"{zero}.{name}" in weights:
            weights[f"{zero}.{name}"].zero_()
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
