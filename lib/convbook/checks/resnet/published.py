"""The published residual networks: their depths, and names and shapes of their tensors."""

from __future__ import annotations

import functools
import json
from importlib.resources import files

NETWORKS = {  # depth: layout of the blocks, their expansion, blocks in each of the four stages
    18: ("basic", 1, (2, 2, 2, 2)),
    34: ("basic", 1, (3, 4, 6, 3)),
    50: ("bottleneck", 4, (3, 4, 6, 3)),
}


def published_shapes(depth: int) -> dict[str, tuple[int, ...]]:
    """Return names and shapes of the published state-dict of ResNet-18, -34 or -50, in order.

    >>> published_shapes(18)["conv1.weight"]
    (64, 3, 7, 7)
    """
    if depth not in NETWORKS:
        raise ValueError(
            f"no published ResNet of depth {depth} is known here; choose one of {sorted(NETWORKS)}"
        )
    return {name: tuple(shape) for name, shape in _published()[f"resnet{depth}"]}


@functools.cache
def _published() -> dict[str, list]:
    text = files("convbook.checks").joinpath("data/resnet_state_dicts.json").read_text(encoding="utf-8")
    return json.loads(text)
