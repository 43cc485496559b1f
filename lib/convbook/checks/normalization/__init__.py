"""The checks of unit 06: batch norm and layer norm."""

from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.checks.normalization.backward import batchnorm_backward, identity_parameters
from convbook.checks.normalization.batch import batchnorm2d_train, batchnorm_eval, batchnorm_train
from convbook.checks.normalization.layer import fold_batchnorm, layernorm, norm_axes
from convbook.checks.normalization.memory import activation_bytes, largest_batch
from convbook.forms import Unit

exercises = (
    batchnorm_train,
    batchnorm_eval,
    batchnorm2d_train,
    batchnorm_backward,
    identity_parameters,
    norm_axes,
    layernorm,
    fold_batchnorm,
    activation_bytes,
    largest_batch,
)
unit = Unit("06_normalization", "Normalization", exercises)
progress = reporter(unit)
drill = driller(unit)

__all__ = ["drill", "progress", "unit", *(exercise.name for exercise in exercises)]
