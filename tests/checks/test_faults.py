"""Whatever goes wrong in an answer has a clear sentence of its own, and the notebook is left as it was found."""

from __future__ import annotations

import functools
import os
import random
import re
import sys
import threading
import time
import traceback
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import convbook
from convbook.checks import convolution as check
from convbook.checks import start_here
from convbook.checks.engine.declare import question_of
from convbook.checks.engine.seed import seeded
from convbook.forms import CheckFailed, NotAttempted
from right import WAYS
from right.convolution import einsum_layer


def refusal(exercise, answer) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        exercise(answer)
    return failure.value


def test_two_mistakes_are_both_named():
    failure = refusal(check.conv2d_naive, lambda x, w, b=None, stride=1, padding=0:
                      einsum_layer(x, w[..., ::-1, ::-1], None, stride, padding))  # fmt: skip
    assert set(failure.mistakes) == {"the kernel is flipped", "the bias is not added"}
    assert "two mistakes at once" in str(failure)


def test_a_crash_passes_through_with_the_learners_frame_first_and_the_case_as_a_note():
    def brightness(image):
        return image.nosuch()

    with pytest.raises(AttributeError) as crash:
        start_here.brightness(brightness)
    frames = [f.name for f in traceback.extract_tb(crash.value.__traceback__)]
    library = os.path.dirname(convbook.__file__)  # a clone's own folder may be called convbook as well
    trace = traceback.extract_tb(crash.value.__traceback__)
    outside = [f.name for f in trace if not f.filename.startswith(library + os.sep)]
    assert outside[-1] == "brightness"
    assert frames[-1] == "brightness"
    assert any("case" in note and "image (2, 2)" in note for note in crash.value.__notes__)


@pytest.mark.parametrize(
    ("exercise", "answer", "kind", "words"),
    [
        (start_here.brightness, lambda image: None, "wrong type", "return"),
        (start_here.brightness, lambda image: str(image.mean()), "wrong type", "a str"),
        (start_here.brightness, lambda image: [image.mean()], "wrong type", "a list"),
        (start_here.brightness, lambda image: np.mean, "wrong type", "a function"),
        (start_here.brightness, lambda image: float("nan"), "not finite", "nan"),
        (start_here.brightness, lambda image: image.mean().astype(np.float16), "wrong", "brightness"),
        (check.flip180, lambda k: k[::-1, ::-1].tolist(), "wrong type", "not a NumPy array"),
        (check.flip180, lambda k: k[::-1, ::-1].astype(int), "wrong dtype", "int64"),
        (check.flip180, lambda k: k[::-1, ::-1].astype(np.float32), "wrong dtype", "float32"),
        (check.flip180, lambda k: k[::-1, ::-1].astype(str), "wrong dtype", "text"),
        (check.flip180, lambda k: k[::-1, ::-1] * 1j, "wrong dtype", "complex"),
        (check.flip180, lambda k: k[None, ::-1, ::-1], "wrong shape", "(1, 2, 2)"),
        (check.flip180, lambda k: k[::-1, ::-1] * np.nan, "not finite", "NaN"),
        (check.flip180, lambda k: torch.tensor(k.copy()).flip(0, 1).numpy(), "forbidden", "torch"),
        (check.vertical_edge_kernel, lambda: torch.ones(3, 3).numpy(), "forbidden", "torch"),
        (check.corr2d, lambda x, k: np.float32(0) * x, "wrong shape", "places down"),
    ],
)  # fmt: skip
def test_each_kind_of_fault_has_its_own_sentence(exercise, answer, kind, words, capsys):
    failure = refusal(exercise, answer)
    assert failure.kind == kind
    assert words in str(failure)
    assert str(failure).startswith(f"✗ {exercise.name}")
    assert capsys.readouterr() == ("", "")


def test_a_right_number_of_the_wrong_type_is_no_named_mistake():
    failure = refusal(check.conv_out_size, lambda *a, **k: str(WAYS["conv_out_size"][0](*a, **k)))
    assert (failure.kind, failure.mistake) == ("wrong type", None)


def test_digits_lost_behind_the_printed_ones_are_told():
    failure = refusal(check.corr2d, lambda x, k: WAYS["corr2d"][0](x.astype(np.float32), k).astype(float))
    assert "largest difference" in str(failure)
    assert "float32" in str(failure)


@pytest.mark.parametrize("given", [0.5, None, ..., np.zeros((3, 3)), "text"])
@pytest.mark.parametrize(
    "exercise", [start_here.brightness, check.vertical_edge_kernel], ids=lambda e: e.name
)
def test_a_result_in_place_of_the_function_gives_one_clear_sentence(exercise, given):
    failure = refusal(exercise, given)
    assert "was not given a function" in str(failure)
    assert f"check.{exercise.name}({exercise.name})" in str(failure)


def test_an_input_changed_in_place_is_told():
    def flip180(k):
        k[:] = k[::-1, ::-1].copy()
        return k

    failure = refusal(check.flip180, flip180)
    assert failure.kind == "changed input"
    assert ".copy()" in str(failure)


@pytest.mark.parametrize("argument", [0, 1, 2])
def test_writing_into_any_argument_meets_a_read_only_array_and_a_hint(argument):
    def conv2d_naive(*given, **options):
        given = (*given, options.pop("b", None))[:3] if len(given) < 3 else given
        if len(given) > argument and given[argument] is not None:
            given[argument][...] = given[argument]
        return einsum_layer(*given, **options)

    with pytest.raises(ValueError, match="read-only") as crash:
        check.conv2d_naive(conv2d_naive)
    assert any(".copy()" in note for note in crash.value.__notes__)


def test_a_returned_exception_is_told_from_a_raised_one():
    def same_padding(k):
        return k // 2 if k % 2 and k > 0 else ValueError("odd, please")

    assert "`return`" in str(refusal(check.same_padding, same_padding))


@pytest.mark.parametrize("result", [None, -1, "ValueError", 0.5])
def test_any_value_in_place_of_a_refusal_is_the_same_mistake(result):
    right = WAYS["conv_out_size"][0]

    def conv_out_size(*sizes, **options):
        try:
            return right(*sizes, **options)
        except ValueError:
            return result

    assert refusal(check.conv_out_size, conv_out_size).mistake == "nothing is refused"


@pytest.mark.parametrize("guard", ["n", "k", "stride", "dilation", "padding"])
def test_every_missing_guard_is_named(guard):
    right = WAYS["conv_out_size"][0]
    words = {
        "n": "a side",
        "k": "a kernel",
        "stride": "a stride",
        "dilation": "a dilation",
        "padding": "a negative",
    }

    def conv_out_size(n, k, stride=1, padding=0, dilation=1):
        given = {"n": n, "k": k, "stride": stride, "dilation": dilation, "padding": padding}
        if given[guard] < (guard != "padding"):
            if dilation * (k - 1) >= n + 2 * padding:
                raise ValueError
            return 7
        return right(n, k, stride, padding, dilation)

    assert refusal(check.conv_out_size, conv_out_size).mistake.startswith(words[guard])


def test_arguments_given_by_position_must_be_in_the_order_of_the_signature():
    def swapped(n, k, padding=0, stride=1, dilation=1):
        return WAYS["conv_out_size"][0](n, k, stride, padding, dilation)

    assert "by position" in str(refusal(check.conv_out_size, swapped))
    for name in ("conv2d_naive", "conv2d_im2col"):
        exercise = getattr(check, name)
        with pytest.raises((CheckFailed, ValueError)):
            exercise(lambda x, w, b=None, padding=0, stride=1: einsum_layer(x, w, b, stride, padding))


def test_an_answer_that_remembers_is_refused():
    seen = {}

    def corr2d(x, k):
        return seen.setdefault((x.shape, k.shape), WAYS["corr2d"][0](x, k))

    assert refusal(check.corr2d, corr2d).kind == "wrong"


def test_torch_for_large_inputs_only_is_noticed():
    def corr2d(x, k):
        if x.size < 200:
            return WAYS["corr2d"][0](x, k)
        return torch.conv2d(torch.tensor(x)[None, None], torch.tensor(k)[None, None])[0, 0].numpy()

    def conv2d_im2col(x, w, b=None, stride=1, padding=0):
        if x.size < 10_000:
            return einsum_layer(x, w, b, stride, padding)
        return torch.conv2d(torch.tensor(x), torch.tensor(w)).numpy()

    assert refusal(check.corr2d, corr2d).kind == "forbidden"
    assert refusal(check.conv2d_im2col, conv2d_im2col).kind == "forbidden"


def test_torch_in_a_thread_of_its_own_is_noticed():
    def brightness(image):
        found = []
        thread = threading.Thread(target=lambda: found.append(torch.tensor(image.copy()).mean().item()))
        thread.start()
        thread.join()
        return found[0]

    assert refusal(start_here.brightness, brightness).kind == "forbidden"


def test_the_wanted_array_lies_in_no_frame_while_the_answer_runs():
    def corr2d(x, k):
        shape, frame = (x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1), sys._getframe()
        while frame is not None:
            for value in frame.f_locals.values():
                if (
                    isinstance(value, np.ndarray)
                    and value.shape == shape
                    and value is not x
                    and value is not k
                ):
                    return value.copy()
            frame = frame.f_back
        return np.full(shape, 0.5)

    assert not check.corr2d.judge(corr2d).right


def endless_sleep(image):
    time.sleep(60)


def endless_swallower(image):
    while True:
        try:
            time.sleep(60)
        except BaseException:
            continue


@pytest.mark.parametrize("answer", [endless_sleep, endless_swallower])
def test_an_endless_answer_is_stopped_within_five_seconds(answer):
    started = time.perf_counter()
    failure = refusal(start_here.brightness, answer)
    assert time.perf_counter() - started < 5
    assert failure.kind == "endless"
    assert "4 s" in str(failure)


def test_an_untouched_stub_is_not_a_fault():
    def brightness(image):
        raise NotImplementedError

    with pytest.raises(NotAttempted) as failure:
        start_here.brightness(brightness)
    assert "not attempted" in str(failure.value)
    assert "✗" not in str(failure.value)


def test_closing_the_notebook_is_an_error_like_any_other():
    with pytest.raises(SystemExit):
        start_here.brightness(lambda image: sys.exit(0))


def test_an_interrupt_by_the_learner_passes():
    def brightness(image):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start_here.brightness(brightness)


def noisy(image):
    warnings.warn("noise", stacklevel=1)
    print("to stderr", file=sys.stderr)
    np.random.default_rng(1)
    return image.mean()


def state_of_the_notebook():
    return {
        "numpy": np.random.get_state()[1].tolist(),
        "python": random.getstate(),
        "torch": torch.get_rng_state().tolist(),
        "dtype": torch.get_default_dtype(),
        "threads": torch.get_num_threads(),
        "gradients": torch.is_grad_enabled(),
        "filters": list(warnings.filters),
        "streams": (sys.stdout, sys.stderr),
        "errors": np.geterr(),
        "printing": np.get_printoptions(),
        "thread start": threading.Thread.start,
    }


@pytest.mark.parametrize(
    "exercise", (*start_here.unit.exercises, *check.unit.exercises), ids=lambda e: e.name
)
def test_a_check_leaves_the_notebook_as_it_found_it(exercise):
    before = state_of_the_notebook()
    exercise.judge(WAYS[exercise.name][0])
    exercise.judge(exercise.mistakes[0].answer)
    assert state_of_the_notebook() == before


def test_an_answer_that_is_noisy_stays_off_stderr(capsys):
    assert start_here.brightness(noisy) is None
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1


def test_without_gradients_and_in_float32_a_check_judges_alike():
    with torch.no_grad():
        assert check.coverage_map.judge(WAYS["coverage_map"][0]).right
    with torch.inference_mode():
        assert check.coverage_map.judge(WAYS["coverage_map"][0]).right
    torch.set_default_dtype(torch.float16)
    try:
        assert check.corr2d.judge(WAYS["corr2d"][0]).right
        assert check.coverage_map.judge(WAYS["coverage_map"][0]).right
    finally:
        torch.set_default_dtype(torch.float32)


def cases_of(exercise, seed):
    from convbook.checks.engine.seed import generator

    question = exercise.judging.args[0]
    with seeded(seed):
        drawn = [c for c in question.cases(generator(exercise.name)) if c.drawn]
    return repr([(c.args, c.kwargs) for c in drawn])


EXERCISES = (*start_here.unit.exercises, *check.unit.exercises)
WITH_CASES = [e for e in EXERCISES if isinstance(e.judging, functools.partial)]


@pytest.mark.parametrize("exercise", WITH_CASES, ids=lambda e: e.name)
def test_the_seed_decides_what_is_drawn(exercise):
    assert cases_of(exercise, 1) == cases_of(exercise, 1)
    assert len({cases_of(exercise, seed) for seed in range(5)}) == 5


def wrong_only_when_drawn(x, k):
    result = WAYS["corr2d"][0](x, k)
    return result if np.all(x == np.round(x)) else result + 0.123


def test_messages_tell_no_number_of_a_drawn_case_while_a_class_is_graded():
    with seeded(5):
        told = check.corr2d.judge(wrong_only_when_drawn)
        again = check.corr2d.judge(wrong_only_when_drawn)
    with seeded(5, secret=False):
        open_message = check.corr2d.judge(wrong_only_when_drawn).message
    assert not told.right
    assert told.message == again.message
    assert "yours" not in told.message
    assert "." not in told.message.split("case")[1].split("\n")[0]
    assert "yours" in open_message


# ---- wrong only now and then


def right(name):
    return WAYS[name][0]


def layer_plus(odd):
    """Return a layer that is off by 1 wherever `odd` says so."""
    return lambda x, w, b=None, stride=1, padding=0: (
        einsum_layer(x, w, b, stride, padding) + odd(x, w, padding)
    )


LAYER_SURPRISES = {
    "more than three channels": lambda x, w, padding: x.shape[1] > 3,
    "a kernel larger than 3": lambda x, w, padding: max(w.shape[2:]) > 3,
    "a kernel larger than 5": lambda x, w, padding: max(w.shape[2:]) > 5,
    "a padding larger than the kernel": lambda x, w, padding: padding > max(w.shape[2:]) > 1,
    "a padding larger than 3": lambda x, w, padding: padding > 3,
}
COUNTED = right("coverage_map")
SURPRISES = [
    *(
        pytest.param(exercise, layer_plus(odd), id=f"{exercise.name}: {words}")
        for exercise in (check.conv2d_naive, check.conv2d_im2col)
        for words, odd in LAYER_SURPRISES.items()
    ),
    pytest.param(
        check.corr2d,
        lambda x, k: right("corr2d")(x, k) + (min(k.shape) > 4),
        id="corr2d: a kernel larger than 4",
    ),
    pytest.param(
        check.im2col,
        lambda x, k, stride=1, padding=0: right("im2col")(x, k, stride, padding) + (k > 3),
        id="im2col: a kernel larger than 3",
    ),
    pytest.param(
        check.im2col,
        lambda x, k, stride=1, padding=0: right("im2col")(x, k, stride, padding) + (x.shape[1] > k * k),
        id="im2col: more channels than places in a window",
    ),
    pytest.param(
        check.im2col,
        lambda x, k, stride=1, padding=0: right("im2col")(x, k, stride, padding) + (x.shape[2:] == (k, k)),
        id="im2col: one window",
    ),
    pytest.param(check.coverage_map, lambda *a, **o: COUNTED(*a, **o) + 1e-9, id="coverage_map: almost"),
    pytest.param(
        check.coverage_map, lambda *a, **o: COUNTED(*a, **o).astype(np.uint8), id="coverage_map: uint8"
    ),
    pytest.param(
        check.coverage_map,
        lambda n, k, stride=1, padding=0: COUNTED(n, k, stride, padding) * (k <= n),
        id="coverage_map: a window wider than the image",
    ),
    pytest.param(
        check.conv_out_size,
        lambda n, k, *a, seen={}, **o: seen.setdefault(
            (n, k, a, o.get("stride"), o.get("padding")), right("conv_out_size")(n, k, *a, **o)
        ),
        id="conv_out_size: the dilation is not remembered",
    ),
    pytest.param(
        check.conv_out_size,
        lambda n, *a, **o: right("conv_out_size")(n, *a, **o) + (n > 1000),
        id="conv_out_size: a long side",
    ),
    pytest.param(
        check.same_padding,
        lambda k: {1: 0, 3: 1, 5: 2, 7: 3, 9: 4, 11: 5}.get(k) or min(right("same_padding")(k), 40),
        id="same_padding: a large kernel",
    ),
    pytest.param(
        check.vertical_edge_kernel,
        lambda seen=[]: seen.append(1) or np.array([[1.0, 0, -len(seen)]] * 3),
        id="vertical_edge_kernel: the second time",
    ),
]


@pytest.mark.parametrize(("exercise", "answer"), SURPRISES)
def test_what_is_wrong_in_a_rare_case_only_is_noticed(exercise, answer):
    assert refusal(exercise, answer).kind in ("wrong", "wrong shape")


def middle_by_distance(n, k, stride=1, padding=0):
    """Count by the distance to the border alone, as if there were always `k` places or more."""
    if stride > 1:
        return COUNTED(n, k, stride, padding)
    from_the_border = np.minimum(np.arange(n) + 1, n - np.arange(n)) + padding
    line = np.minimum(from_the_border, k)
    return np.outer(line, line)


def test_a_window_wider_than_half_the_image_is_tried():
    assert not check.coverage_map.judge(middle_by_distance).right


def test_a_kernel_below_0_and_a_dilation_of_0_are_refused_even_where_the_formula_holds():
    def unguarded(name):
        def conv_out_size(n, k, stride=1, padding=0, dilation=1):
            given = {"n": n, "k": k, "stride": stride, "dilation": dilation}
            if (k < 0 and name == "k") or (dilation == 0 and k == 1 and name == "dilation"):
                return 5
            if min(given.values()) < 1 or padding < 0:
                raise ValueError
            return right("conv_out_size")(n, k, stride, padding, dilation)

        return conv_out_size

    assert "kernel below 1" in refusal(check.conv_out_size, unguarded("k")).mistake
    assert "dilation below 1" in refusal(check.conv_out_size, unguarded("dilation")).mistake


# ---- a beginner's own code is recognised


def plain_loops(x, w, b=None, stride=1, padding=0, *, frame=None, rows=0, columns=0, images=None):
    """Compute a layer with loops that may end too early, on a frame that may be laid wrongly."""
    kh, kw = w.shape[2:]
    framed = (
        np.pad(x, [(0, 0), (0, 0), (padding,) * 2, (padding,) * 2]) if frame is None else frame(x, padding)
    )
    size = [(side - k) // stride + 1 for side, k in zip(framed.shape[2:], (kh, kw), strict=True)]
    result = np.zeros((len(x), len(w), *size))
    for image in range(images or len(x)):
        for number in range(len(w)):
            for row in range(size[0] - rows):
                for column in range(size[1] - columns):
                    top, left = row * stride, column * stride
                    window = framed[image, :, top : top + kh, left : left + kw]
                    result[image, number, row, column] = (window * w[number]).sum()
                    if b is not None:
                        result[image, number, row, column] += b[number]
    return result


def in_the_corner(x, padding):
    framed = np.zeros((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding))
    framed[:, :, : x.shape[2], : x.shape[3]] = x
    return framed


def one_long_matrix(x, w, b=None, stride=1, padding=0):
    columns = right("im2col")(x, w.shape[2], stride, padding)
    result = w.reshape(len(w), -1) @ np.concatenate(columns, axis=1)
    if b is not None:
        result = result + b[:, None]
    return result.reshape(einsum_layer(x, w, b, stride, padding).shape)


def windows_times_filters(x, w, b=None, stride=1, padding=0):
    columns = right("im2col")(x, w.shape[2], stride, padding)
    result = columns.swapaxes(1, 2) @ w.reshape(len(w), -1).T
    result = result if b is None else result + b
    return result.reshape(einsum_layer(x, w, b, stride, padding).shape)


def image_sized(x, k):
    result = np.zeros_like(x)
    found = right("corr2d")(x, k)
    result[: found.shape[0], : found.shape[1]] = found
    return result


def unfinished(x, k):
    result = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
    for row in range(x.shape[0] - k.shape[0]):
        for column in range(x.shape[1] - k.shape[1]):
            result[row, column] = (x[row : row + k.shape[0], column : column + k.shape[1]] * k).sum()
    return result


def formula_with(n, k, stride, padding, dilation, span, room=lambda r, s: r // s + 1):
    right("conv_out_size")(n, k, stride, padding, dilation)
    return room(n + 2 * padding - span, stride)


def guarded_by(fits):
    def conv_out_size(n, k, stride=1, padding=0, dilation=1):
        right("conv_out_size")(1, 1, stride, padding, dilation)
        if n < 1 or k < 1 or not fits(n, padding, dilation * (k - 1) + 1):
            raise ValueError
        return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1

    return conv_out_size


def bare_test(n, k, stride=1, padding=0, dilation=1):
    if k > n:
        raise ValueError
    return right("conv_out_size")(n, k, stride, padding, dilation)


def framed_count(n, k, stride=1, padding=0, *, ends=None, steps=None, cut=None):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    starts = range(0, (ends or side) - k + 1, stride)
    starts = range(len(starts)) if steps else starts
    for top in starts:
        for left in starts:
            seen[top : top + k, left : left + k] += 1
    return seen[padding:-padding, padding:-padding] if cut else seen[padding:, padding:][:n, :n]


def odd_refused(k):
    if k % 2 or k < 1:
        raise ValueError
    return k // 2


RECOGNISED = [
    (start_here.brightness, lambda image: sum(image), "it is one sum for every column"),
    (start_here.brightness, lambda image: image.sum() / image.shape[1], "it is divided by the width only"),
    (
        start_here.brightness,
        lambda image: sum(row.mean() for row in image),
        "it is divided by the width only",
    ),
    (start_here.brightness, lambda image: round(float(image.mean()), 2), "it is rounded"),
    (check.corr2d, unfinished, "the last row and column are never written"),
    (check.corr2d, image_sized, "the output is as large as the image"),
    (
        check.flip180,
        lambda k: np.array([[k[-i, -j] for j in range(k.shape[1])] for i in range(k.shape[0])]),
        "the counting from the end begins at 0",
    ),
    (check.flip180, lambda k: k[-1:0:-1, -1:0:-1], "the first row and column are lost"),
    (
        check.conv_out_size,
        lambda n, k, stride=1, padding=0, dilation=1: formula_with(
            n, k, stride, padding, dilation, dilation * (k - 1)
        ),
        "the window is taken one pixel too short",
    ),
    (
        check.conv_out_size,
        lambda n, k, stride=1, padding=0, dilation=1: formula_with(
            n, k, stride, padding, dilation, k + dilation - 1
        ),
        "the dilation is added once",
    ),
    (
        check.conv_out_size,
        lambda n, k, stride=1, padding=0, dilation=1: formula_with(
            n, k, stride, padding, dilation, dilation * (k - 1) + 1, lambda r, s: (r + 1) // s
        ),
        "the + 1 stands inside the division",
    ),
    (
        check.conv_out_size,
        lambda n, k, stride=1, padding=0, dilation=1: formula_with(
            n, k, stride, padding, dilation, dilation * (k - 1) + 1, lambda r, s: r // s + 2
        ),
        "the first place is counted twice",
    ),
    (
        check.conv_out_size,
        bare_test,
        "the test whether it fits compares k and n alone",
    ),
    (
        check.conv_out_size,
        guarded_by(lambda n, padding, covered: covered <= n + padding),
        "the test whether it fits counts the padding once",
    ),
    (
        check.conv_out_size,
        guarded_by(lambda n, padding, covered: covered < n + 2 * padding),
        "a window that just fits is refused",
    ),
    (check.same_padding, odd_refused, "odd and even are mixed up"),
    (
        check.coverage_map,
        lambda n, k, stride=1, padding=0: framed_count(n, k, stride, padding, ends=n),
        "windows start only where the bare image has room",
    ),
    (
        check.coverage_map,
        lambda n, k, stride=1, padding=0: framed_count(n, k, stride, padding, steps=True),
        "the stride sets the number of places, but the window moves by 1",
    ),
    (
        check.coverage_map,
        lambda n, k, stride=1, padding=0: framed_count(n, k, stride, padding, cut=True),
        "with padding 0 nothing is left",
    ),
    (
        check.conv2d_naive,
        lambda *a, **o: plain_loops(*a, **o, frame=in_the_corner),
        "the image lies in a corner of its frame",
    ),
    (
        check.conv2d_naive,
        lambda *a, **o: plain_loops(*a, **o, rows=1, columns=1),
        "the last row and column are never written",
    ),
    (check.conv2d_naive, lambda *a, **o: plain_loops(*a, **o, images=1), "only the first image is computed"),
    (check.conv2d_im2col, one_long_matrix, "images and filters are mixed by a reshape"),
    (check.conv2d_im2col, windows_times_filters, "places and filters are mixed by a reshape"),
    (
        check.im2col,
        lambda x, k, stride=1, padding=0: np.concatenate(
            right("im2col")(x, k, stride, padding), axis=1
        ).reshape(right("im2col")(x, k, stride, padding).shape),
        "the images are mixed by a reshape",
    ),
]


@pytest.mark.parametrize(
    ("exercise", "answer", "name"), RECOGNISED, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_beginners_own_code_is_recognised(exercise, answer, name):
    assert refusal(exercise, answer).mistakes == (name,)


def test_a_single_pixel_is_no_average():
    failure = refusal(check.vertical_edge_kernel, lambda: np.array([[0, 0, 0], [0, 1.0, 0], [0, 0, 0]]))
    assert failure.mistake == "it responds to flat regions"


# ---- hints that need no name


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x, k: right("corr2d")(x, k).tolist(), "np.array(...)"),
        (lambda x, k: (x[: k.shape[0], : k.shape[1]] * k).sum(), "inside a loop"),
        (lambda x, k: right("corr2d")(x, k) if x.shape != k.shape else (x * k).sum(), "stays an array"),
        (lambda x, k: -right("corr2d")(x, k), "opposite sign"),
        (lambda x, k: 3 * right("corr2d")(x, k), "the same factor"),
        (lambda x, k: right("corr2d")(x, k).round(3), "the largest difference"),
    ],
)
def test_what_a_wrong_result_has_in_common_with_the_wanted_one_is_told(answer, words):
    failure = refusal(check.corr2d, answer)
    assert failure.mistake is None
    assert words in str(failure)


@pytest.mark.parametrize("positive", [np.abs, lambda result: result.clip(0)])
def test_outputs_that_never_fall_below_0_are_told(positive):
    failure = refusal(check.conv2d_naive, lambda *a, **o: positive(einsum_layer(*a, **o)))
    assert "below 0" in str(failure)


def test_off_by_one_in_large_numbers_is_no_matter_of_digits():
    def flip180(k):
        return 1000.0 + right("flip180")(k) if k.shape == (1, 3) else right("flip180")(k)

    def conv2d_naive(x, w, *given, **options):
        return einsum_layer(x, w, *given, **options) + (not x.flags.writeable)

    for exercise, answer in ((check.flip180, flip180), (check.conv2d_naive, conv2d_naive)):
        assert "digits" not in str(refusal(exercise, answer))


def test_rows_and_columns_that_are_exchanged_in_a_square_are_told():
    def flip180(k):
        turned = right("flip180")(k)
        return turned.T if k.shape[0] == k.shape[1] else turned

    assert "rows and columns exchanged" in str(refusal(check.flip180, flip180))


def test_a_wider_float_loses_no_digits():
    failure = refusal(check.flip180, lambda k: k[::-1, ::-1].astype(np.longdouble))
    if np.dtype(np.longdouble).itemsize > 8:
        assert failure.kind == "wrong dtype"
        assert "lost" not in str(failure)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (lambda image: np.array([image.mean()]), "wrong type", ".item()"),
        (lambda image: complex(image.mean()), "wrong type", "not a real number"),
        (lambda image: 10**400, "not finite", "inf"),
        (lambda image: image.mean().astype(np.float32), "wrong", "float32"),
        (lambda image: Unprintable(), "wrong type", "an Unprintable"),
    ],
)
def test_a_number_that_is_none_or_not_quite_one_is_told(answer, kind, words):
    failure = refusal(start_here.brightness, answer)
    assert failure.kind == kind
    assert words in str(failure)


class Unprintable:
    """An object that breaks whoever prints it."""

    def __repr__(self):
        raise RuntimeError("no")


def test_a_stub_left_in_one_branch_is_no_untouched_stub():
    def brightness(image):
        if image.shape[0] != image.shape[1]:
            raise NotImplementedError
        return image.mean()

    with pytest.raises(NotImplementedError) as crash:
        start_here.brightness(brightness)
    assert any("image (1, 3)" in note for note in crash.value.__notes__)


def test_a_refusal_where_a_number_is_right_says_what_the_window_needs():
    def conv_out_size(n, k, stride=1, padding=0, dilation=1):
        if k % 2 == 0:
            raise ValueError("k must be odd")
        return right("conv_out_size")(n, k, stride, padding, dilation)

    with pytest.raises(ValueError, match="must be odd") as crash:
        check.conv_out_size(conv_out_size)
    assert any("wanted  4" in note and "spans 4 of the 7 pixels" in note for note in crash.value.__notes__)


def test_a_few_cases_are_not_enough_for_a_name(monkeypatch):
    def slow(x, w, *given, **options):
        time.sleep(0.25)
        return einsum_layer(x, w[..., ::-1, ::-1], *given, **options)

    monkeypatch.setattr("convbook.checks.engine.judge.SECONDS", 1.0)
    failure = refusal(check.conv2d_naive, slow)
    assert failure.kind == "wrong"
    assert failure.mistakes == ()


@pytest.mark.parametrize(
    "instead", [lambda x: None, lambda x: np.zeros((1, 1, 256, 256)), lambda x: x[..., 2:, 2:]]
)
def test_who_returns_something_else_for_large_images_is_not_fast_but_wrong(instead):
    def conv2d_im2col(x, w, b=None, stride=1, padding=0):
        return einsum_layer(x, w, b, stride, padding) if x.shape[-1] < 100 else instead(x)

    failure = refusal(check.conv2d_im2col, conv2d_im2col)
    assert failure.kind == "wrong" and "another result for a large image" in str(failure)


def test_the_images_of_the_speed_trial_have_sizes_of_their_own():
    seen = []

    def conv2d_im2col(x, w, b=None, stride=1, padding=0):
        if x.shape[-1] > 100:
            seen.append((*x.shape, float(x.sum())))
            time.sleep(0.3)
        return einsum_layer(x, w, b, stride, padding)

    assert refusal(check.conv2d_im2col, conv2d_im2col).kind == "too slow"
    assert len({shape[:4] for shape in seen}) > 1 and len(set(seen)) == len(seen)


def test_pairs_of_mistakes_are_not_searched_for_when_time_is_up(monkeypatch):
    monkeypatch.setattr("convbook.checks.engine.causes.PAIRING_SECONDS", -60)
    flipped = refusal(check.conv2d_naive, lambda x, w, *a, **o: einsum_layer(x, w[..., ::-1, ::-1], *a, **o))
    assert flipped.mistakes == ("the kernel is flipped",)
    both = refusal(check.conv2d_naive, lambda x, w, b=None, stride=1, padding=0:
                   einsum_layer(x, w[..., ::-1, ::-1], None, stride, padding))  # fmt: skip
    assert both.mistakes == ()


# ---- a right answer composed at random is right for every shape


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**20),
    layer=st.sampled_from(WAYS["conv2d_im2col"]),
    turn=st.sampled_from(WAYS["flip180"]),
    layout=st.sampled_from([np.ascontiguousarray, np.asfortranarray, lambda a: a[:]]),
)
def test_a_right_answer_composed_at_random_is_right_for_every_seed(seed, layer, turn, layout):
    def conv2d_naive(x, w, b=None, stride=1, padding=0):
        filters = np.array([[turn(turn(kernel)) for kernel in one] for one in w])
        return layout(layer(x, filters, b, stride, padding))

    with seeded(seed):
        assert check.conv2d_naive.judge(conv2d_naive).right
        assert check.im2col.judge(WAYS["im2col"][seed % len(WAYS["im2col"])]).right
        assert check.corr2d.judge(lambda x, k: layer(x[None, None], k[None, None])[0, 0]).right


@settings(max_examples=60)
@given(n=st.integers(1, 3), c=st.integers(1, 3), f=st.integers(1, 3), h=st.integers(1, 6), w=st.integers(1, 6),
       kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)), stride=st.integers(1, 3), padding=st.integers(0, 3),
       dtype=st.sampled_from([np.float32, np.float64]), function=st.sampled_from(WAYS["conv2d_naive"]))  # fmt: skip
def test_the_oracle_and_every_right_way_agree_on_every_shape(
    n, c, f, h, w, kernel, stride, padding, dtype, function
):
    if h + 2 * padding < kernel[0] or w + 2 * padding < kernel[1]:
        return
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(n, c, h, w)).astype(dtype), rng.normal(size=(f, c, *kernel)).astype(dtype)
    b = rng.normal(size=f).astype(dtype)
    tolerance = 1e-10 if dtype is np.float64 else 1e-4
    wanted = question_of(check.conv2d_naive).oracle.run((x, weights, b, stride, padding), {})
    np.testing.assert_allclose(
        function(x, weights, b, stride, padding), wanted, rtol=tolerance, atol=tolerance
    )


# ---- in a real shell, and the table of progress


def test_a_notebook_shows_the_message_alone(capsys):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_cell("from convbook.checks import start_here as check")
    shell.run_cell("check.brightness(lambda image: image.sum())")
    out, err = capsys.readouterr()
    assert out.strip().startswith("✗ brightness: it is the sum, not the mean")
    assert "Traceback" not in out + err
    assert "/convbook/" not in out + err
    shell.run_cell("def brightness(image):\n    return image.nosuch()\ncheck.brightness(brightness)")
    out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert "return image.nosuch()" in out
    assert "image (2, 2)" in out
    assert "convbook/checks/engine/judge.py" not in out
    assert "answers/answer.py" not in out
    shell.run_cell("check.brightness(lambda image: image.mean())")
    assert capsys.readouterr().out.startswith("✓ brightness")


def test_the_table_of_progress_says_the_same_as_text_and_as_a_picture():
    import html

    for exercise in check.unit.exercises:
        exercise.outcomes.clear()
    check.flip180(WAYS["flip180"][0])
    refusal(check.corr2d, lambda x, k: WAYS["corr2d"][0](x, k[::-1, ::-1]))
    table = check.progress()
    text, picture = repr(table), table._repr_html_()
    below_the_head = picture.split("</tr>", 1)[1]
    cells = [html.unescape(c) for c in re.findall(r"<td[^>]*>(.*?)</td>", below_the_head)]
    rows = [tuple(cells[i : i + 4]) for i in range(0, len(cells), 4)]
    assert rows == table.rows()
    lines = text.splitlines()
    for (sign, name, state, points), line in zip(rows, lines[:-1], strict=True):
        assert line.startswith(sign)
        assert name in line
        assert line.endswith(state)
        assert f"{points} points" in line
    assert lines[-1] in picture
    assert lines[-1] == f"{check.flip180.points} of {check.unit.points} points"
    assert "the kernel is flipped" in text
    assert text.count("not tried") == len(check.unit.exercises) - 2
