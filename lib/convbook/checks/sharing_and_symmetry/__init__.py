"""The checks of unit 03: why a convolution and not a matrix."""

from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.checks.sharing_and_symmetry.matrix import locally_connected1d, share_gradient, toeplitz1d
from convbook.checks.sharing_and_symmetry.pooling import global_pool, grouped_conv_params
from convbook.checks.sharing_and_symmetry.shifts import equivariance_error
from convbook.forms import Unit

exercises = (
    locally_connected1d,
    toeplitz1d,
    share_gradient,
    equivariance_error,
    global_pool,
    grouped_conv_params,
)
unit = Unit("03_sharing_and_symmetry", "Sharing and symmetry", exercises)
progress = reporter(unit)
drill = driller(unit)

__all__ = ["drill", "progress", "unit", *(exercise.name for exercise in exercises)]
