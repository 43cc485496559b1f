"""One example of every figure of unit 11, by the function's module and name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convbook.figures import identity_mappings as identity
from convbook.style import Figure

MAP = np.random.default_rng(0).normal(size=(8, 8))
RANKING = [
    ("identity", [0.01, 0.14, 0.09]),
    ("gate, open at first", [0.25, 0.47, 0.28]),
    ("dropout", [0.9, 0.9, 0.9]),
]

MADE: dict[str, Callable[[], Figure]] = {
    "identity_mappings.ranked_shortcuts": lambda: identity.ranked_shortcuts(RANKING),
    "identity_mappings.along_the_path": lambda: identity.along_the_path(
        {"identity": [93, 120, 155], "scale": [50, 300, 1008], "gate": [52, 400, 1700], "conv": [52, 300, 960], "dropout": [130, 900, 7600]},
        "gradient at the input",
    ),
    "identity_mappings.down_the_path": lambda: identity.down_the_path(
        {kind: [MAP * share**n for n in (0, 1, 3, 9)] for kind, share in {"identity": 1.0, "scale": 0.5, "conv": -0.6}.items()}, (0, 1, 3, 9)
    ),
}  # fmt: skip
