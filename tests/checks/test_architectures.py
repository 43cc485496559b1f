"""What unit 9 publishes is counted again, and its tables are judged without being told."""

from __future__ import annotations

import pytest

from convbook.answers import hold
from convbook.checks import architectures as check
from convbook.checks.engine.observe import Trial
from convbook.checks.engine.question import question_of
from convbook.checks.engine.seed import generator
from convbook.forms import CheckFailed
from right.architectures import counted_row_by_row, written_down
from wrong import WRONG
from wrong.architectures_modules import Four


def test_vgg16_has_the_published_numbers_of_parameters_and_activations():
    rows = question_of(check.vgg16_table).oracle.function()
    assert len(rows) == 21
    assert sum(parameters for _, parameters in rows) == 138_357_544
    assert sum(activations for activations, _ in rows) == 15_087_080


def test_fc6_of_vgg16_takes_25088_numbers_and_holds_most_of_the_parameters():
    rows = question_of(check.vgg16_table).oracle.function()
    assert rows[18][1] == 25_088 * 4096 + 4096 == 102_764_544


def test_names_are_not_judged():
    check.alexnet_shapes(lambda: [("", shape) for _, shape in written_down()])
    check.vgg16_table(lambda: [("layer", *numbers) for _, *numbers in counted_row_by_row()])


def test_what_is_wanted_of_a_row_is_not_told():
    rows = written_down()
    rows[4] = ("conv3", (383, 13, 13))
    with pytest.raises(CheckFailed) as failure:
        check.alexnet_shapes(lambda: rows)
    assert "conv3" in str(failure.value)
    assert "384" not in str(failure.value)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (None, "returns nothing"),
        ({"conv1": (96, 55, 55)}, "not a list of rows"),
        ([("conv1", 4096)], "gives a number in row 1"),
        ([("conv1", [96, 55, 55])], "gives a list in row 1"),
        ([(96, 55, 55)], "row 1"),
        (written_down()[:-1], "has 10 rows, not 11"),
    ],
)
def test_what_is_no_table_is_told_in_one_sentence(table, words):
    with pytest.raises(CheckFailed, match=words):
        check.alexnet_shapes(lambda: table)


def test_two_edits_that_put_a_layer_before_what_it_takes_explain_nothing_and_raise_nothing():
    question = question_of(check.Inception)
    fed = next(m for m in question.mistakes if m.name == "the 5×5 branch takes what the 3×3 branch gives")
    late = next(
        m
        for m in question.observer.automatic(question)
        if m.name == "the ReLU after 3×3 comes after the concatenation"
    )
    case = next(iter(question.cases(generator(question.name))))
    reply = question.observer.observe(question, hold(Four), case, 5.0, "")
    wanted = question.observer.wanted(question, case)
    assert question.observer.fault(question, case, reply, wanted) is None
    trial = Trial(case, wanted, reply, None)
    assert question.observer.explains(question, trial, [fed.ways[0], late.ways[0]]) is False


@pytest.mark.parametrize(
    ("exercise", "answer", "mistake"),
    [
        ("alexnet_shapes", "two_hundred_and_twenty_three", "conv1 is taken from an image of 223 or 224 pixels, or lacks its + 1"),
        ("alexnet_shapes", "batch_in_front", "a shape begins with the number of images"),
        ("alexnet_shapes", "poolings_last_as_in_the_table", "the poolings are not where they run"),
        ("alexnet_shapes", "pools_rounded_up", "a pooling halves the size and rounds up"),
        ("vgg16_table", "weights_without_biases", "the biases are not counted"),
        ("vgg16_table", "fc6_before_the_last_pool", "fc6 takes the maps before pool5"),
        ("vgg16_table", "pools_with_weights", "poolings have parameters"),
        ("vgg16_table", "relus_counted_as_layers", "a ReLU's activations are counted again"),
        ("vgg16_table", "flattened_size_never_updated", "fc7 takes what fc6 takes"),
        ("stack_field", "one_more_a_layer", "every layer adds 1"),
        ("stack_field", "as_if_with_stride_two", "the steps double from layer to layer"),
        ("collapse_stack", "maps_summed_too_early", "the maps are summed before the kernels are joined"),
        ("collapse_stack", "sums_to_one", "the result is divided by its sum"),
        ("collapse_stack", "last_kernel_first", "the layers are applied in reverse order"),
        ("collapse_stack", "correlation_of_correlations", "the kernels are correlated with one another"),
        ("collapse_stack", "channels_not_summed", "the maps between two layers are not summed"),
        ("inception_macs", "naive_with_reductions", "the naive module has reductions"),
        ("inception_macs", "pool_compares_count", "the pooling is counted"),
        ("inception_macs", "sides_exchanged", "the 3×3 and the 5×5 are exchanged"),
        ("inception_macs", "unpacked_in_another_order", "r and c are exchanged"),
        ("inception_macs", "projection_of_all_branches", "the projection takes what the other branches give"),
        ("inception_macs", "borders_lost", "the 3×3 and the 5×5 lose their border"),
        ("Inception", "ProjectionForgotten", "the pool has no projection"),
        ("make_vgg", "overlapping_pools", "the pooling windows overlap"),
        ("make_vgg", "padded_overlapping_pools", "the pooling windows overlap"),
        ("Inception", "FiveBeforeThree", "the 5×5 branch comes before the 3×3"),
        ("Inception", "PoolInFront", "the pool branch comes first"),
        ("Inception", "LinearProjection", "no ReLU after the projection"),
        ("Inception", "ProjectedFirstThenRelu", "the projection comes before the pool"),
    ],
)  # fmt: skip
def test_what_is_often_done_wrong_is_told_by_its_own_name(exercise, answer, mistake):
    wrong = next(one for one in WRONG[exercise] if one.__name__ == answer)
    assert getattr(check, exercise).judge(wrong).mistakes == (mistake,)


def test_a_configuration_that_an_answer_empties_is_told_as_that():
    wrong = next(one for one in WRONG["make_vgg"] if one.__name__ == "emptied_configuration")
    with pytest.raises(CheckFailed, match="changes the list that it is given"):
        check.make_vgg(wrong)
