"""Mistakes that come back in many exercises: put `*families.kernels("w")` among an exercise's own.

Each function returns mistakes for the argument it is given by name. Their texts use the axis letters of the
course (`n c h w f kh kw`, `rows columns` for the places of a window) and further facts: `first` and `last`,
which `corners` makes, and `span`, `framed` and `room`, which are in `SIDE`. The oracle must hand stride and
padding to PyTorch as they are, for a pair of them stands for rows and columns.
"""

from convbook.checks.engine.families.layers import batches, biases, channels, layer
from convbook.checks.engine.families.numbers import rescaled, rounded, running_sums
from convbook.checks.engine.families.sizes import (
    SIDE,
    dilations,
    miscounted_places,
    misjudged_fits,
    refuse,
    rounded_places,
    unguarded,
)
from convbook.checks.engine.families.windows import (
    INSIDE,
    PLACES,
    corners,
    exchanged,
    kernels,
    overhanging,
    paddings,
    strides,
    unfinished,
)

__all__ = [
    "INSIDE", "PLACES", "SIDE", "batches", "biases", "channels", "corners", "dilations", "exchanged",
    "kernels", "layer", "miscounted_places", "misjudged_fits", "overhanging", "paddings", "refuse",
    "rescaled", "rounded", "rounded_places", "running_sums", "strides", "unfinished", "unguarded",
]  # fmt: skip
