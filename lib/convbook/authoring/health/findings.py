"""A finding: one sentence about one thing that is wrong, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Say what is wrong in which file and cell; a `warning` is a matter of style and fails nothing."""

    file: str
    sentence: str
    cell: str = ""
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}, cell {self.cell}" if self.cell else self.file
        return f"{place}: {self.sentence}"
