"""The checks of unit 09: AlexNet, VGG, GoogLeNet."""

from convbook.checks.architectures.bills import alexnet_shapes, vgg16_table
from convbook.checks.architectures.inception import Inception, inception_macs, make_vgg
from convbook.checks.architectures.stacks import collapse_stack, stack_field, stack_params
from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.forms import Unit

exercises = (
    alexnet_shapes,
    vgg16_table,
    stack_params,
    stack_field,
    collapse_stack,
    inception_macs,
    Inception,
    make_vgg,
)
unit = Unit("09_architectures", "Architectures", exercises)
progress = reporter(unit)
drill = driller(unit)

__all__ = ["drill", "progress", "unit", *(exercise.name for exercise in exercises)]
