"""What is special in the checks of unit 02: lists of layers, lists of shapes, counts with all their facts."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest

from convbook.checks import counting as check
from convbook.forms import CheckFailed
from convbook.stand_in import yours
from right import WAYS
from wrong import WRONG

COUNTING = {exercise.name: exercise for exercise in check.exercises}
WRONG_ONES = [pytest.param(e, f, id=f"{e.name}-{f.__name__}") for e in check.exercises for f in WRONG[e.name]]


@pytest.mark.parametrize(("exercise", "answer"), WRONG_ONES)
def test_every_wrong_answer_is_refused_in_words_and_nothing_is_written_to_stderr(exercise, answer, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = exercise.judge(answer)
    assert not verdict.right
    assert verdict.kind == "crash" or "    why " in verdict.message
    assert capsys.readouterr().err == ""


def test_a_count_is_explained_by_its_relation_to_the_right_one():
    verdict = check.conv_params.judge(lambda c_in, c_out, k, bias=True: c_out * (c_in * k * k + bias) / c_in)
    assert verdict.cause == "is smaller than wanted by a factor of c_in in every case"


def test_a_relation_may_speak_of_what_a_shape_holds():
    right = WAYS["linear_params"][0]
    verdict = check.linear_params.judge(
        lambda a, b, bias=True: right(a, b, bias) + right(a, (1, 1, 1), False)
    )
    assert verdict.cause == "is larger than wanted by inputs in every case"


def test_an_answer_that_empties_the_list_of_layers_is_told_so():
    def answer(layers):
        size = jump = 1
        while layers:
            k, stride = layers.pop(0)
            size, jump = size + (k - 1) * jump, jump * stride
        return size, jump

    with pytest.raises(CheckFailed, match="changes the list of layers that it is given"):
        check.receptive_field(answer)


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (lambda shapes: tuple(shapes), "returns a tuple, not a list of shapes"),
        (lambda shapes: None, "returns nothing: is the `return` missing"),
        (lambda shapes: [list(shape) for shape in shapes], "gives a list after layer 0"),
        (lambda shapes: [*shapes, (1,)], "returns 2 shapes, not 1"),
        (lambda shapes: [(*shape, 1) for shape in shapes], "4 sides, not 3"),
        (lambda shapes: [(*shape[:2], 0.5) for shape in shapes], "divide with `//`"),
    ],
)
def test_a_list_of_shapes_is_told_where_it_goes_wrong(returned, told):
    right = WAYS["trace_shapes"][0]
    assert told in check.trace_shapes.judge(lambda layers, shape: returned(right(layers, shape))).message


def test_a_demonstration_takes_a_right_list_of_shapes_as_it_is(capsys):
    layers = [("conv", 4, 3, 1, 0), ("flatten",)]
    assert yours(WAYS["trace_shapes"][0], check.trace_shapes)(layers, (1, 5, 4)) == [(4, 3, 2), (24,)]
    assert capsys.readouterr().out == ""


def test_without_a_layer_a_unit_is_one_pixel():
    verdict = check.receptive_field.judge(
        lambda layers: WAYS["receptive_field"][0](layers) if layers else (0, 1)
    )
    assert verdict.mistakes == ("without a layer there is nothing",)
    assert "(1, 1)" in verdict.message


def test_no_check_of_counting_makes_the_learner_wait_for_sympy_or_the_compiler_of_pytorch():
    program = (
        "import sys; from convbook.checks import counting as check\n"
        "for exercise in check.exercises: exercise.judge(lambda *args, **keywords: 0)\n"
        "print({'sympy', 'torch._dynamo'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
