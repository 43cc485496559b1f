"""A cell of a repaired notebook, and a remark about a submission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from convbook.grading.reading.match import same_text
from convbook.grading.reading.recover import is_skipped
from convbook.grading.reading.reference import ReferenceCell


@dataclass(frozen=True)
class Remark:
    """Say one thing about a submission.

    `kind`: `repair` (what was mended), `tamper` (something of the instructor's was touched), `release` (it differs as in
    an older release: points never count in a hand-in, so nobody is accused), or `note` (no fault of the student's).
    """

    kind: str
    sentence: str
    cell: str = ""
    version: str = ""  # of a changed test: the same in all submissions that changed it alike


@dataclass
class Placed:
    """Hold one cell of a repaired notebook and, where it is known, the instructor's."""

    cell: dict[str, Any]
    true: ReferenceCell | None = None
    idle: bool = False

    @property
    def role(self) -> str:
        """Return `check`, `student`, or nothing for what is not run."""
        if self.cell["cell_type"] != "code" or self.idle:
            return ""
        if self.true is not None and self.true.is_check:
            return "check"
        return "" if is_skipped(self.cell) and not self.name else "student"

    @property
    def unchanged(self) -> bool:
        """Tell whether this is an ordinary cell of the instructor's, as it was handed out."""
        true = self.true
        return true is not None and not true.marked and same_text(self.cell["source"], true.source)

    @property
    def name(self) -> str:
        return self.true.name if self.true is not None and self.true.marked else ""
