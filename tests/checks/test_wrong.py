"""Wrong answers, written by someone who had not seen the declared mistakes, are refused and told what is wrong."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from convbook.checks import of_topic
from wrong import WRONG, modules

LIMIT = 5  # seconds: a learner waits for each check
SHARE = 0.9

LOOPS = "it loops over the output's pixels"
EVERY_AXIS = "the padding goes round images and channels too"
EMPTY = "an array from `np.empty`"
FALSE = {  # what a check once said of an answer that does no such thing
    ("brightness", "pythons_sum_over_rows"): "leave `axis` out",
    ("flip180", "reversed_object"): EMPTY,
    ("conv_out_size", "tensorflow_valid"): "nothing is refused",
    ("same_padding", "bankers_rounding"): "the wanted result, rounded",
    ("coverage_map", "padding_ignored"): "negative starts count from the other end",
    ("im2col", "strides_of_a_contiguous_array"): EMPTY,
    ("im2col", "end_without_the_stride"): "in each of the 4 cases that are wrong",
    ("conv2d_im2col", "padding_not_passed_on"): EVERY_AXIS,
    ("conv2d_im2col", "size_without_padding"): EVERY_AXIS,
    ("conv2d_im2col", "size_rounded_up"): LOOPS,
    ("conv2d_im2col", "square_root_of_the_places"): LOOPS,
    ("conv2d_im2col", "stride_and_padding_exchanged"): LOOPS,
    ("conv2d_im2col", "weights_reshaped_the_other_way_round"): LOOPS,
    ("conv2d_im2col", "truth_of_an_array"): LOOPS,
    ("conv2d_im2col", "product_turned_round"): LOOPS,
    ("conv2d_im2col", "side_read_from_the_channels"): LOOPS,
    ("conv2d_im2col", "side_read_from_the_filters"): LOOPS,
    ("conv2d_im2col", "wide_and_w_confused"): LOOPS,
}
READS_THE_NOTEBOOK = {
    ("brightness", "the_notebooks_gray"): "gray",
    ("corr2d", "the_notebooks_kernel"): "kernel",
    ("conv2d_naive", "the_notebooks_image"): "one_image",
    ("conv2d_naive", "the_notebooks_filters"): "two_filters",
    ("im2col", "the_notebooks_small"): "small",
    ("conv2d_im2col", "the_notebooks_filters"): "two_filters",
    ("vertical_edge_kernel", "filtered_photograph"): "gray",
}


@pytest.fixture(scope="module")
def benchmark(repository):
    """Return `benchmarks/explained.py`: what counts as told stands there and nowhere else."""
    place = repository / "benchmarks" / "explained.py"
    spec = importlib.util.spec_from_file_location("explained", place)
    module = sys.modules["explained"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found(benchmark):
    """Judge every wrong answer once; the tests below look at what came out."""
    return benchmark.judged()


def test_every_wrong_answer_is_refused(found):
    assert [f"{told.exercise} by {told.answer}" for told in found if told.verdict.right] == []


def test_nine_in_ten_wrong_answers_are_told_their_cause(benchmark, found):
    untold = [f"{told.exercise} by {told.answer}" for told in found if told.counts == "untold"]
    assert benchmark.share_told(found) >= SHARE, f"{len(untold)} of {len(found)} are untold: {untold}"


def test_nothing_false_is_said_of_an_answer(benchmark, found):
    said = {(told.exercise, told.answer): benchmark.words(told.verdict) for told in found}
    assert [place for place, words in FALSE.items() if words in " ".join(said[place].split())] == []


def test_an_answer_that_reads_the_notebooks_data_is_told_so_even_if_it_crashes(benchmark, found):
    said = {(told.exercise, told.answer): benchmark.words(told.verdict) for told in found}
    silent = [
        place
        for place, name in READS_THE_NOTEBOOK.items()
        if f"reads `{name}` {benchmark.SAYS_OF_A_NAME}" not in " ".join(said[place].split())
    ]
    assert silent == []


def test_no_check_of_a_wrong_answer_takes_long(found):
    assert [(told.exercise, told.answer, told.seconds) for told in found if told.seconds > LIMIT] == []


def test_every_exercise_of_these_units_has_ten_wrong_answers_or_more():
    units = [unit for topic in modules() if (unit := of_topic(topic)) is not None]
    few = {e.name: len(WRONG.get(e.name, ())) for unit in units for e in unit.exercises}
    assert {name: number for name, number in few.items() if number < 10} == {}


def test_no_wrong_answer_is_registered_twice():
    for name, answers in WRONG.items():
        names = [answer.__name__ for answer in answers]
        assert len(set(names)) == len(names), name
