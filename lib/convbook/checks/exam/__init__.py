"""The checks of unit 12: the exam."""

from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.checks.exam.course import course_seed, named, seed
from convbook.checks.exam.hunt import find_the_bugs, tried_out
from convbook.checks.exam.implementations import suspects
from convbook.checks.exam.listing import Listing
from convbook.checks.exam.own_tests import kinds_of_faults, test_conv2d
from convbook.checks.exam.paper import paper, ten_drills
from convbook.checks.exam.scripts import drawn_script
from convbook.forms import Unit

exercises = (ten_drills, find_the_bugs, test_conv2d)
unit = Unit("12_exam", "The exam", exercises)
progress = reporter(unit)
drill = driller(unit)


def script(name: str) -> Listing:
    """Return the training script with planted faults that is drawn for a name, to be shown with line numbers.

    Raises `ValueError` where the name is empty.
    """
    drawn = drawn_script(named(name), seed())
    return Listing(f"The script of {drawn.name}", list(drawn.lines), code=True)


__all__ = [
    "course_seed", "drill", "kinds_of_faults", "paper", "progress", "script", "suspects", "tried_out", "unit", *(exercise.name for exercise in exercises),
]  # fmt: skip
