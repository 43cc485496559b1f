"""Make the stage that a record describes: a mistake, made flesh for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from convbook.checks.engine.modules.seen import FIRST


class FirstOnly(nn.Sequential):
    """Run the first of its blocks alone."""

    def forward(self, x: Any) -> Any:
        return self[0](x)


def made(block: Any, record: Mapping[str, Any]) -> Any:
    """Return blocks built and kept as a record says."""
    blocks = [block(*row) for row in record["blocks"]]
    blocks = [blocks[min(i, record["different"] - 1)] for i in range(len(blocks))]
    if record["runs"] == FIRST:
        return FirstOnly(*blocks)
    return {"Sequential": lambda: nn.Sequential(*blocks), "ModuleList": lambda: nn.ModuleList(blocks)}.get(
        record["kept"], lambda: blocks
    )()
