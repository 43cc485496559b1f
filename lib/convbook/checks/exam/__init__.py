"""The checks of unit 12: the exam."""

from convbook.checks.engine.progress import reporter
from convbook.checks.exam.own_tests import test_conv2d
from convbook.forms import Unit

exercises = (test_conv2d,)
unit = Unit("12_exam", "The exam", exercises)
progress = reporter(unit)

__all__ = ["progress", "unit", *(exercise.name for exercise in exercises)]
