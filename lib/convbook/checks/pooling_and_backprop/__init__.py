"""The checks of unit 04: pooling forward, and everything backward."""

from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.checks.pooling_and_backprop.forward import avgpool2d, maxpool2d
from convbook.checks.pooling_and_backprop.gates import maxpool2d_backward, relu_backward
from convbook.checks.pooling_and_backprop.kernels import dilate, regroup_filters, slices_after_regrouping
from convbook.checks.pooling_and_backprop.layer import conv2d_backward_input, conv2d_backward_weight
from convbook.checks.pooling_and_backprop.numeric import numerical_gradient
from convbook.forms import Unit

exercises = (
    maxpool2d,
    avgpool2d,
    numerical_gradient,
    relu_backward,
    maxpool2d_backward,
    slices_after_regrouping,
    regroup_filters,
    dilate,
    conv2d_backward_input,
    conv2d_backward_weight,
)
unit = Unit("04_pooling_and_backprop", "Pooling and backprop", exercises)
progress = reporter(unit)
drill = driller(unit)

__all__ = ["drill", "progress", "unit", *(exercise.name for exercise in exercises)]
