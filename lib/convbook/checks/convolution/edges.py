"""A filter made on purpose: `vertical_edge_kernel`, judged by its response to whole images."""

from __future__ import annotations

from typing import Any

import numpy as np

from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.responses import Responses

ROWS = "the sum of each single row must be 0, or the kernel responds to a horizontal edge as well"


def kernel(*rows: list[float]) -> Any:
    """Return an answer that always gives this kernel."""
    return lambda: np.array(rows, dtype=float)


@exercise(
    "Make a filter on purpose", points=4, observe=Responses(),
    cases=lambda rng: (case(0.25, 0.75), drawn(*rng.uniform([0.1, 0.6], [0.4, 0.9])), case(0.9, 0.1)),
    why="a kernel has 3 rows and 3 columns; each row compares left with right and sums to 0",
    mistakes=(
        mistake("all weights are 0", "a kernel of zeros finds nothing, not even a vertical edge",
                answer=kernel(*[[0] * 3] * 3)),
        mistake("it averages instead of comparing", "all weights have one sign, so neighbours are added up; "
                "an edge is a difference: weights of both signs are needed", answer=kernel(*[[1] * 3] * 3)),
        mistake("it responds to flat regions", "on a flat region the weights' sum is what comes out: it must "
                "be 0", answer=kernel(*[[1, 0, -2]] * 3)),
        mistake("it responds to horizontal edges instead", "it compares rows; a vertical edge is a "
                "difference between columns", answer=kernel([1, 2, 1], [0, 0, 0], [-1, -2, -1])),
        mistake("it responds to horizontal edges just as much", ROWS,
                answer=kernel([0, 1, 0], [1, -4, 1], [0, 1, 0])),
        mistake("it responds to horizontal edges too", ROWS,
                answer=kernel([2, 0, -1], [1, 0, -1], [1, 0, -2])),
        mistake("its rows cancel each other", "every row sums to 0, but so does every column: along a "
                "vertical edge nothing is left", answer=kernel([1, 0, -1], [-1, 0, 1], [0, 0, 0])),
    ),
)  # fmt: skip
def vertical_edge_kernel(dark, bright):
    return {"response": "vertical edges"}
