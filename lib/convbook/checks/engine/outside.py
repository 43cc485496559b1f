"""Say which of the notebook's own data an answer reads, though it was not given them."""

from __future__ import annotations

from convbook.answers import Answer


def outside_data(answer: Answer) -> list[str]:
    """Return a sentence for each piece of the notebook's data that an answer reads, though it is no argument."""
    return [
        f"your function reads `{name}` of the notebook, which is none of its arguments"
        for name in answer.outside_data()[:2]
    ]
