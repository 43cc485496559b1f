"""The checks of unit 02: sizes, parameters, fields."""

from convbook.checks.counting.bills import bottleneck_params, conv_macs, conv_params, linear_params
from convbook.checks.counting.pixels import conv1x1
from convbook.checks.counting.stacks import receptive_field, trace_shapes
from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.forms import Unit

exercises = (
    conv_params,
    linear_params,
    conv_macs,
    trace_shapes,
    receptive_field,
    conv1x1,
    bottleneck_params,
)
unit = Unit("02_counting", "Counting", exercises)
progress = reporter(unit)
drill = driller(unit)

__all__ = ["drill", "progress", "unit", *(exercise.name for exercise in exercises)]
