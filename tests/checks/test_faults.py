"""Whatever goes wrong in an answer has a clear sentence of its own, and the notebook is left as it was found."""

from __future__ import annotations

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

from convbook.checks import convolution as check
from convbook.checks import start_here
from convbook.checks.judge import seeded
from convbook.forms import CheckFailed, NotAttempted
from right_ways import WAYS, einsum_layer


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
    outside = [
        f.name for f in traceback.extract_tb(crash.value.__traceback__) if "/convbook/" not in f.filename
    ]
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
    from convbook.checks.seed import generator

    (cell,) = exercise.judging.__closure__
    with seeded(seed):
        drawn = [c for c in cell.cell_contents.cases(generator(exercise.name)) if c.drawn]
    return repr([(c.args, c.kwargs) for c in drawn])


WITH_CASES = [e for e in (*start_here.unit.exercises, *check.unit.exercises) if e.judging.__closure__]


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
    from convbook.checks.convolution import oracle

    if h + 2 * padding < kernel[0] or w + 2 * padding < kernel[1]:
        return
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(n, c, h, w)).astype(dtype), rng.normal(size=(f, c, *kernel)).astype(dtype)
    b = rng.normal(size=f).astype(dtype)
    tolerance = 1e-10 if dtype is np.float64 else 1e-4
    wanted = oracle.conv2d(x, weights, b, stride, padding)
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
    assert "convbook/checks/judge.py" not in out
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
    cells = [html.unescape(c) for c in re.findall(r"<td[^>]*>(.*?)</td>", picture)]
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
