"""ConvXray judges with the check's own words, and never throws whatever it is given."""

from __future__ import annotations

import time

import numpy as np
import pytest

from cases import flat, full, stub
from convbook.answers import hold
from convbook.answers.evidence import truth
from convbook.answers.probes import Probe, xray
from convbook.checks import convolution
from convbook.forms import CheckFailed, Exercise, Verdict
from convbook.widgets import ConvXray, xray_facts


@pytest.mark.parametrize(
    ("exercise", "mistake"),
    [(e, m) for e in (convolution.corr2d, convolution.conv2d_naive) for m in e.mistakes],
    ids=lambda one: one.name,
)
def test_widget_and_check_say_the_very_same(exercise, mistake):
    widget = ConvXray(mistake.answer, exercise=exercise, size=5)
    with pytest.raises(CheckFailed) as failure:
        exercise(mistake.answer)
    assert widget.verdict["message"] == str(failure.value)
    assert widget.verdict["mistakes"] == [mistake.name]
    assert mistake.name in widget.words() or widget.blocked


def test_a_right_function_is_right_in_every_cell():
    widget = ConvXray(flat(), size=(5, 6), kernel=(2, 3))
    assert widget.verdict["kind"] == "right"
    assert widget.yours == widget.wanted
    assert xray_facts.wrong_places(widget.state()) == []


@pytest.mark.parametrize(
    ("size", "kernel", "settings"),
    [
        ((4, 5), (3, 2), {"channels": 1, "filters": 1, "stride": 1, "padding": 0}),
        ((4, 3), (2, 3), {"channels": 2, "filters": 3, "stride": 2, "padding": 1}),
        ((3, 5), (1, 4), {"channels": 3, "filters": 2, "stride": 3, "padding": 4}),
    ],
)
def test_the_truth_that_is_asked_at_once_is_what_an_xray_reads_off_torch(size, kernel, settings):
    import torch

    def conv2d(x, w, b, stride, padding):
        arrays = (torch.from_numpy(array.copy()) for array in (x, w, b))
        return torch.nn.functional.conv2d(*arrays, stride=stride, padding=padding).numpy()

    filters, options = settings["filters"], {name: settings[name] for name in ("stride", "padding")}
    probe = Probe(
        (1, settings["channels"], *size), (filters, settings["channels"], *kernel), filters, options
    )
    assert xray_facts.told(xray(hold(conv2d), probe, seconds=60.0)) == xray_facts.told(truth(probe))


def test_the_truth_of_the_flat_way_has_no_bias():
    wanted = xray_facts.told(truth(Probe((3, 3), (2, 2))))
    assert wanted["shape"] == [1, 2, 2] and wanted["bias"] == [[]] * 4
    assert wanted["products"][3] == [[4, 0, 1.0], [5, 1, 1.0], [7, 2, 1.0], [8, 3, 1.0]]


def test_a_crash_says_how_and_where():
    def corr2d(x, k):
        return x[100]

    assert ConvXray(corr2d).words() == (
        "corr2d stopped with IndexError: index 100 is out of bounds for axis 0 with size 6."
    )


def test_a_stub_says_what_to_do_next():
    def corr2d(x, k):
        raise NotImplementedError()

    assert ConvXray(corr2d).words() == (
        "corr2d: not attempted yet. Write it, then run this cell again to see which pixels and weights it uses."
    )


def test_the_largest_sizes_give_an_xray_or_a_sentence_never_an_error():
    right = full(lambda *everything: everything)
    exercise = Exercise("conv2d_naive", "", 1, (), lambda _: Verdict("conv2d_naive", "right", "✓ right"))
    widget = ConvXray(right, exercise=exercise, size=10, kernel=5, padding=4, channels=3, filters=3)
    assert "Give ConvXray a smaller size" in widget.words() or "more than can be shown" in widget.words()


def test_it_opens_at_the_first_wrong_output():
    ignored = full(lambda x, w, b, s, p: (x, w, b, 1, p))
    assert ConvXray(ignored, stride=2, size=7).at == [0, 0, 1]


def test_it_works_with_any_exercise_that_judges():
    def judge(answer):
        return Verdict(
            "corr2d", "wrong", "✗ corr2d: a mistake of ours\n    case    x", ("a mistake of ours",)
        )

    exercise = Exercise("corr2d", "", 1, (), judge)
    widget = ConvXray(flat(lambda x, k: (x, k.T)), exercise=exercise)
    assert "(a mistake of ours)" in widget.words()


def test_a_judge_that_breaks_is_one_sentence_too():
    def judge(answer):
        raise RuntimeError("no idea")

    widget = ConvXray(flat(), exercise=Exercise("corr2d", "", 1, (), judge))
    assert "the check says: stopped its check with RuntimeError: no idea" in widget.words().replace(
        "corr2d s", "s"
    )


def endless(x, k):
    while True:
        pass


def overwriting(x, k):
    x *= 2
    return flat()(x, k)


class Odd:
    def __array__(self, *args, **kwargs):
        raise RuntimeError("no")


STRANGE = {
    "crash": lambda x, k: 1 / 0,
    "exit": lambda x, k: exit(),
    "nothing": lambda x, k: None,
    "text": lambda x, k: "y",
    "ragged": lambda x, k: [[1], [2, 3]],
    "odd": lambda x, k: Odd(),
    "nan": lambda x, k: np.full((4, 4), np.nan),
    "a number": lambda x, k: 1.0,
    "huge": lambda x, k: np.zeros((100, 100)),
    "endless": endless,
    "a stub": stub,
    "no arguments": lambda: 1,
    "overwrites": overwriting,
    "prints": lambda x, k: print("hello") or flat()(x, k),
    "not a function": np.zeros((3, 3)),
    "none": None,
    "a class": int,
    "a builtin": print,
    "objects": lambda x, k: np.array([[object()]]),
    "complex": lambda x, k: np.zeros((4, 4), complex),
}


@pytest.mark.parametrize("name", STRANGE)
def test_whatever_it_is_given_it_shows_a_sentence_and_a_picture(name, capsys):
    started = time.monotonic()
    widget = ConvXray(STRANGE[name])
    data, _ = widget._repr_mimebundle_()
    assert data["text/plain"] == widget.words()
    assert "\n" not in widget.words() and widget.words().endswith((".", "?"))
    assert len(data["image/png"]) > 1000
    assert capsys.readouterr() == ("", "")
    assert time.monotonic() - started < 15


def test_a_mended_function_is_found_by_its_name():
    space = {"__name__": "learner", "np": np, "right": flat()}
    exec("def corr2d(x, k):\n    return right(x, k.T)", space)
    widget = ConvXray(space["corr2d"])
    assert "16 of 16" in widget.words()
    exec("def corr2d(x, k):\n    return right(x, k)", space)
    widget._handle_custom_msg({"again": True}, [])
    assert widget.words().startswith("All 16 outputs")
    assert widget.stamp == 2
    space["corr2d"] = 5
    widget.refresh()
    assert widget.words().startswith("All 16 outputs")


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"size": 50}, "size is 50"),
        ({"stride": 0}, "stride is 0"),
        ({"stride": 2}, "corr2d has one channel"),
        ({"size": 2}, "does not fit"),
    ],
)
def test_sizes_that_cannot_be_give_one_clear_sentence(settings, part):
    with pytest.raises(ValueError, match=part):
        ConvXray(flat(), **settings)


def test_how_a_function_is_called_follows_its_name_then_its_arguments():
    def mine(x, w, b=None, stride=1, padding=0):
        return full(lambda *everything: everything)(x, w, b, stride, padding)

    assert ConvXray(flat()).sizes["bias"] is False
    assert ConvXray(lambda image, weights: flat()(image, weights)).sizes["bias"] is False
    assert ConvXray(mine).sizes["bias"] is True


def test_nothing_of_the_kernel_is_left_changed():
    import torch

    before = np.random.get_state()[1].tolist(), torch.get_default_dtype(), torch.get_rng_state().tolist()
    ConvXray(flat(lambda x, k: (x, k[::-1])))
    assert before == (
        np.random.get_state()[1].tolist(),
        torch.get_default_dtype(),
        torch.get_rng_state().tolist(),
    )


def kept_between_calls():
    seen = []

    def corr2d(x, k):
        seen.append(1)
        return flat()(x, k) + len(seen)

    return corr2d


def bias_multiplied(x, w, b=None, stride=1, padding=0):
    zeros = np.zeros(len(w))
    maps = full(lambda *everything: everything)(x, w, zeros, stride, padding)
    return maps * (1 + (zeros if b is None else b)[:, None, None])


@pytest.mark.parametrize(
    ("function", "part"),
    [
        (lambda x, k: np.maximum(flat()(x, k), 0), "is there a ReLU, a maximum or an absolute value inside?"),
        (lambda x, k: flat()(x, k) ** 3, "with every pixel doubled output"),
        (lambda x, k: flat()(x, k**3), "with every weight doubled output"),
        (kept_between_calls(), "called twice with the same arguments, output [0, 0] was"),
        (bias_multiplied, "it should only be added"),
    ],
)
def test_what_is_no_sum_of_products_is_told_with_what_was_measured(function, part):
    words = ConvXray(function).words()
    assert part in words and "is no sum of pixels times weights" in words
    assert any(letter.isdigit() for letter in words)


def test_it_goes_to_the_smallest_failing_size_rather_than_show_green_under_a_cross():
    def conv2d_naive(x, w, b=None, stride=1, padding=0):
        return full(lambda x, w, b, s, p: (x, w, b, s, p if s == 1 else 0))(x, w, b, stride, padding)

    widget = ConvXray(conv2d_naive, size=4)
    assert widget.sizes["stride"] == 2 and widget.sizes["padding"] == 1
    assert xray_facts.wrong_places(widget.state()) != []
    assert "the first window starts at row 0 of the image, wanted −1" in widget.words()


def test_a_mistake_the_check_knows_no_name_for_is_named_from_the_products():
    def conv2d_naive(x, w, b=None, stride=1, padding=0):
        w = w.copy()
        w[0, -1] *= 0 if w.shape[1] > 1 else 1
        return full(lambda *everything: everything)(x, w, b, stride, padding)

    widget = ConvXray(conv2d_naive, channels=2, filters=2, size=4)
    assert widget.named == ["filter 0 never reads channel 1"]
    assert "(filter 0 never reads channel 1)" in widget.words()


ASKS = """
from convbook.widgets import ConvXray
def corr2d(x, k):
    many = input("how many? ")
    return x
print(ConvXray(corr2d).words())
print(input.__self__.__class__.__name__)
"""


def test_a_function_that_asks_for_input_gives_a_sentence_and_never_a_frozen_page():
    """Run it where a person could answer: in a kernel whose front end takes questions."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel()
    asked, said = [], []
    try:
        client.execute_interactive(
            ASKS, allow_stdin=True, timeout=60, stdin_hook=asked.append,
            output_hook=lambda message: said.append(message["content"].get("text", "")),
        )  # fmt: skip
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    text = "".join(said)
    assert (
        "corr2d stopped with RuntimeError: input() waits for a person; take what you need as arguments."
        in text
    )
    assert asked == [] and text.strip().endswith("IPythonKernel"), (
        "and afterwards input() is the kernel's again"
    )
