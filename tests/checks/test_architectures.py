"""What unit 9 publishes is counted again, and its tables are judged without being told."""

from __future__ import annotations

import pytest

from convbook.checks import architectures as check
from convbook.checks.engine.question import question_of
from convbook.forms import CheckFailed
from right.architectures import counted_row_by_row, written_down


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
