"""`DataError`: what is wrong with a file or a download, in one sentence."""

from __future__ import annotations


class DataError(ValueError):
    """Say what happened to a data set, what was expected and what to do. Notebooks show only the sentence."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
