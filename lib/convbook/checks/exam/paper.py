"""Ten drills: the questions drawn for a name, and the share of a learner's answers that is right."""

from __future__ import annotations

import importlib
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from convbook.answers import Answer
from convbook.checks.engine.declare import Question, exercise, mistake
from convbook.checks.engine.shares import Found, Parts, Stopped, shared
from convbook.checks.exam import course
from convbook.checks.exam.listing import Listing

COUNT = 10
FORM = "return name, answers — with answers as a list of ten, in the order of the questions; None leaves one open"
# The kinds that are asked, of all units: one that is added to the drills later changes nobody's paper in mid-term.
KINDS = [
    "output_size",
    "output_volume",
    "stride_that_fits",
    "same_padding",
    "windows_on_a_pixel",
    "one_window",
    "parameters",
    "what_drives_parameters",
    "multiply_adds",
    "dense_parameters",
    "bottleneck_weights",
    "receptive_field",
    "shift_through_stride",
    "convolution_matrix",
    "shared_gradient",
    "grouped_weights",
    "max_pooling",
    "average_pooling",
    "max_pooling_backward",
    "relu_gradient",
    "regrouped_filters",
    "weight_gradient",
    "momentum_step",
    "softmax_gradient",
    "mean_cross_entropy",
    "steps_of_training",
    "normalised_pixel",
    "dead_units",
    "batch_norm",
    "running_average",
    "shared_statistics",
    "layer_norm",
    "folded_bias",
    "batch_memory",
    "largest_batch",
    "dropout_classic",
    "dropout_inverted",
    "number_of_masks",
    "units_kept",
    "expected_sum",
    "epoch_kept",
    "epoch_stopped",
    "random_crops",
    "patch_places",
    "views_at_test_time",
    "resized_side",
    "frozen_body",
    "mean_over_crops",
    "alexnet_pool",
    "vgg_stage",
    "three_small_filters",
    "stack_field",
    "inception_channels",
    "reduced_branch",
    "slash_two",
    "slash_two_shortcut",
    "basic_block",
    "bottleneck_block",
    "resnet_depth",
    "scaled_shortcuts",
    "residual_gradient",
    "residual_sum",
    "gated_shortcut",
    "lenet_volume",
    "lenet_inputs_of_the_head",
    "lenet_parameters",
]


def questions(name: str) -> list[Any]:
    """Return the ten drills of a name. The drills stand on the checks' mistakes, a floor above: so they are loaded late."""
    drills = importlib.import_module("convbook.drills")
    return drills.paper(name, seed=course.seed(), count=COUNT, kinds=KINDS).questions


def paper(name: str) -> Listing:
    """Return the ten questions of a name, to be shown.

    Raises `ValueError` where the name is empty.
    """
    lines = [f"{number}. {drill.text}" for number, drill in enumerate(questions(course.named(name)), 1)]
    return Listing(f"The paper of {' '.join(name.split())}", lines)


def looked_at(question: Question, held: Answer) -> Found:
    """Return which of a learner's answers are right, and what is to be said to the others."""
    name, answers = course.answered(held, list, "answers", FORM)
    drills = questions(name)
    if not answers or all(one is None for one in answers):
        raise Stopped(Found(0.0, "not attempted yet", kind="not attempted"))
    if len(answers) != COUNT:
        many = MANY if len(answers) > COUNT else FEW
        raise Stopped(Found(0.0, many, (("yours", f"{len(answers)} answers"), ("why", FORM)), (many,)))
    marks = [None if one is None else drill.mark(one) for drill, one in zip(drills, answers, strict=True)]
    right = sum(mark is not None and mark.right is True for mark in marks)
    whose = " ".join(name.split())
    if right == COUNT:
        return Found(1.0, f"all {COUNT} answers are right, on the paper of {whose}")
    mistakes = named(drills, answers, marks)
    headline = mistakes[0] if len(mistakes) == 1 else f"{right} of {COUNT} answers are right"
    rows = [("right", f"{right} of {COUNT} answers, on the paper of {whose}")]
    rows += [
        (str(n), said(drills[n - 1], mark)) for n, mark in enumerate(marks, 1) if not (mark and mark.right)
    ]
    rows += [("why", WHY[name]) for name in mistakes[:2]]
    return Found(right / COUNT, headline, tuple(rows), mistakes)


def said(drill: Any, mark: Any) -> str:
    """Return what is said to one answer that is not right."""
    text = "left open" if mark is None else mark.sentence
    return textwrap.fill(f"{drill.kind.title}: {text}", 96)


FEW, MANY = "there are fewer answers than questions", "there are more answers than questions"
ORDER = "the answers stand in another order than the questions"
OPEN, UNREAD = "a question is left open", "an answer cannot be read"
USUAL, WRONG = "a usual mistake is among the answers", "an answer is wrong"
WHY = {
    FEW: FORM,
    MANY: FORM,
    ORDER: "the first answer belongs to question 1, and so on: most of these are right for another question",
    OPEN: "`None` leaves a question open, and earns nothing; an attempt costs nothing",
    UNREAD: "a number, a shape such as (10, 28, 28) or one word is asked for; what cannot be read is not counted as wrong",
    USUAL: "this very number comes out where that mistake is made: begin again at the step that it names",
    WRONG: "no usual mistake gives this number: the drills at the end of that unit show the whole way",
}


def named(drills: Sequence[Any], answers: Sequence[Any], marks: Sequence[Any]) -> tuple[str, ...]:
    """Return in words what is not right about answers."""
    wrong = [place for place, mark in enumerate(marks) if mark is not None and mark.right is False]
    elsewhere = [p for p in wrong if any(d.mark(answers[p]).right for d in drills if d is not drills[p])]
    if len(elsewhere) > COUNT // 2:
        return (ORDER,)
    found = {
        OPEN: any(mark is None for mark in marks),
        UNREAD: any(mark is not None and mark.right is None for mark in marks),
        USUAL: any(marks[place].mistake for place in wrong),
        WRONG: any(not marks[place].mistake for place in wrong),
    }
    return tuple(name for name, there in found.items() if there)


def _pupil(change: Callable[[list, list], list]) -> Callable[[], Any]:
    """Return an answer with the right answers of some paper, changed."""

    def ten_drills() -> tuple[str, list]:
        drills = questions("a pupil")
        plain = [tuple(a) if isinstance(a, tuple) else a for a in (drill.answer for drill in drills)]
        return "a pupil", change(plain, drills)

    return ten_drills


def _misled(answers: list, drills: list) -> list:
    """Return answers of which the first is what a usual mistake gives."""
    for place, drill in enumerate(drills):
        for formula in drill.kind.mistakes.values():
            made = drill.kind.made(formula, drill.facts)
            if made is not None and drill.mark(made).mistake:
                return [*answers[:place], made, *answers[place + 1 :]]
    return answers


def _far_off(answers: list, drills: list) -> list:
    place = next(n for n, one in enumerate(answers) if isinstance(one, int | float))
    return [*answers[:place], 1e7 + 0.125, *answers[place + 1 :]]


@shared(looked_at)
@exercise(
    "Ten drills", points=8, cases=lambda rng: (), observe=Parts(), forbid="",
    why="each question has one right answer, with the numbers of your paper",
    mistakes=(
        mistake(FEW, WHY[FEW], answer=_pupil(lambda answers, drills: answers[:7])),
        mistake(MANY, WHY[MANY], answer=_pupil(lambda answers, drills: [*answers, 1])),
        mistake(ORDER, WHY[ORDER], answer=_pupil(lambda answers, drills: answers[1:] + answers[:1])),
        mistake(OPEN, WHY[OPEN], answer=_pupil(lambda answers, drills: [*answers[:9], None])),
        mistake(UNREAD, WHY[UNREAD], answer=_pupil(lambda answers, drills: [*answers[:9], "???"])),
        mistake(USUAL, WHY[USUAL], answer=_pupil(_misled)),
        mistake(WRONG, WHY[WRONG], answer=_pupil(_far_off)),
    ),
)  # fmt: skip
def ten_drills():
    return {}
