"""Plain values cross unharmed; whatever else arrives is refused."""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from convbook.answers.values import LAYOUTS, Opaque, Reference, laid_out, layout_of
from convbook.grading.rpc import packing
from convbook.grading.rpc.arguments import advance
from convbook.grading.rpc.frame import HEAD, MARK
from convbook.grading.rpc.packing import packed, unpacked
from convbook.grading.rpc.transport import Channel, Closed, Handle, Late, Malformed, NotPlain


def there_and_back(value):
    return read(packed(value))


def read(frame, take=None):
    header, *buffers = frame
    return unpacked(header[HEAD.size :], b"".join(buffers), take)


def alike(one, other) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, np.generic):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(alike(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return one == other


dtypes = (
    arrays.boolean_dtypes()
    | arrays.integer_dtypes()
    | arrays.unsigned_integer_dtypes()
    | arrays.floating_dtypes()
    | arrays.complex_number_dtypes()
)
some_arrays = dtypes.flatmap(lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0)))
scalars = dtypes.flatmap(lambda dtype: arrays.arrays(dtype, ())).map(lambda array: array[()])
keys = st.text() | st.integers() | st.tuples(st.integers(), st.text())
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | some_arrays | scalars
    | st.integers(2**60, 2**200) | st.frozensets(st.integers()) | st.sets(st.text())
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(keys, inner),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(values)
def test_every_plain_value_comes_back_as_it_was(value):
    assert alike(there_and_back(value), value)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_array_lies_in_memory_as_it_did_before(layout):
    array = laid_out(np.arange(24.0).reshape(2, 3, 4), layout)
    again = there_and_back(array)
    assert layout_of(again) == layout
    assert np.array_equal(again, array)


def test_subclasses_cross_as_what_they_derive_from():
    class Sum(float):
        pass

    assert type(there_and_back(Sum(2.0))) is float
    assert there_and_back({"a": range(2, 9, 3), "b": slice(1, None), "c": ..., "d": 1 + 2j})["a"] == range(
        2, 9, 3
    )


def test_the_course_s_own_words_cross():
    assert there_and_back(Reference("block", {"c": 3})) == Reference("block", {"c": 3})
    assert there_and_back([Opaque("list")]) == [Opaque("list")]


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "int64", "bool", "float16"])
def test_tensors_keep_their_dtype_and_numbers(dtype):
    torch = pytest.importorskip("torch")
    tensor = torch.arange(6).reshape(2, 3).to(getattr(torch, dtype))
    again = there_and_back(tensor)
    assert again.dtype == tensor.dtype and torch.equal(again, tensor)
    assert there_and_back(torch.zeros(0, 4)).shape == (0, 4)
    assert there_and_back(torch.zeros(2, requires_grad=True)).requires_grad
    assert there_and_back(torch.ones(1).sum().expand(1)).tolist() == [1]
    learnt = torch.zeros(2, requires_grad=True)
    learnt.sum().backward()
    assert there_and_back(learnt).grad.tolist() == [1, 1]


def test_a_random_generator_goes_on_as_the_original_would():
    rng = np.random.default_rng(4)
    rng.integers(10, dtype=np.uint32)
    assert np.array_equal(there_and_back(rng).random(5), rng.random(5))


def test_a_generator_moves_on_by_what_was_drawn_elsewhere():
    rng = np.random.default_rng(4)
    copy, twin = there_and_back(rng), np.random.default_rng(4)
    copy.random(7), twin.random(7)
    advance(rng, copy)
    assert rng.random() == twin.random()


def test_nobody_else_chooses_what_a_generator_draws_next():
    rng, foreign = np.random.default_rng(4), np.random.default_rng(99)
    far = there_and_back(rng)
    far.bit_generator.advance(2**90)
    before = rng.bit_generator.state
    advance(rng, foreign)
    advance(rng, far)
    assert rng.bit_generator.state == before


@pytest.mark.parametrize(
    ("bits", "inner", "place"), [("MT19937", True, "pos"), ("Philox", False, "buffer_pos")]
)
def test_a_generator_that_arrives_reads_no_number_beyond_its_own(bits, inner, place):
    rng = np.random.Generator(getattr(np.random, bits)(1))
    assert there_and_back(rng).random() == rng.random()
    state = rng.bit_generator.state
    (state["state"] if inner else state)[place] = -(10**6)  # NumPy takes it
    rng.bit_generator.state = state
    with pytest.raises(Malformed):
        there_and_back(rng)


def test_objects_cross_as_handles_or_not_at_all():
    with pytest.raises(NotPlain):
        packed(object())
    with pytest.raises(NotPlain):
        packed(np.array([object()]))
    handle = Handle(True, 7, "function", "f")
    taken = []
    read(packed([print], give=lambda value: handle), take=lambda seen: taken.append(seen))
    assert taken == [Handle(False, 7, "function", "f")]


@pytest.mark.parametrize("real", [0.0, -0.0, 1.5, math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("imag", [0.0, -0.0, -2.5, math.inf, -math.inf, math.nan])
def test_a_complex_number_keeps_its_signs(real, imag):
    number = there_and_back(complex(real, imag))
    for part, was in ((number.real, real), (number.imag, imag)):
        assert math.isnan(was) == math.isnan(part) and (math.isnan(was) or repr(part) == repr(was))


def test_a_list_that_holds_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(NotPlain):
        packed(endless)


def test_what_is_too_large_is_refused_before_it_is_sent(monkeypatch):
    monkeypatch.setattr(packing, "LARGEST_BODY", 100)
    with pytest.raises(NotPlain):
        packed(np.zeros(1000))


def state_of(name, *inner):
    return {"dict": [["bit_generator", name], ["state", {"dict": list(inner)}]]}


HOSTILE = {
    "an object array": {"array": ["|O", [1], "plain", 0]},
    "a record": {"array": ["V8", [1], "plain", 0]},
    "a negative size": {"array": ["<f8", [-1], "plain", 0]},
    "too few numbers": {"array": ["<f8", [9], "plain", 0]},
    "a huge array of nothing": {"array": ["<U0", [10**12], "plain", 1]},
    "an unknown layout": {"array": ["<f8", [1], "sideways", 0]},
    "a buffer that is not there": {"bytes": 9},
    "an unknown tag": {"pickle": "gASVCAAAAA=="},
    "two tags": {"int": "1", "float": "inf"},
    "no tag": {},
    "a dtype that is code": {"dtype": "load"},
    "a list as a key": {"dict": [[[1], 2]]},
    "a float of words": {"float": "infinite"},
    "a fraction of nothing": {"fraction": ["0x1", "0x0"]},
    "a place in words": {"same": "first"},
    "a deep nest": json.loads("[" * 200 + "]" * 200),
    "a handle nobody expects": {"handle": [True, 1, "function", "f"]},
    "a state of objects": {"rng": state_of("MT19937", ["key", [1]], ["pos", 0])},
    "a foreign bit generator": {"rng": state_of("BitGenerator")},
    "a giant that stands as it is": [2**61],
}


@pytest.mark.parametrize("tree", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_frame_is_malformed_and_nothing_else(tree):
    header = json.dumps({"sizes": [8, 0], "value": tree}).encode()
    with pytest.raises(Malformed):
        unpacked(header, bytes(8))


TOO_MUCH = {
    "giant fractions": [Fraction(3**40_000 + n, 2**40_000) for n in range(5)],
    "giant integers": [2 ** (10**6) + n for n in range(3)],
    "a million lists": [[]] * 1_000_000,
    "a long range": range(10**12),
}


@pytest.mark.parametrize("value", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_would_take_long_to_compare_is_refused_before_it_is_sent(value):
    with pytest.raises(NotPlain, match="too l"):
        packed(value)


PRIME = 2**61 - 1  # Python's hash of an integer is its rest to this


@pytest.mark.parametrize(
    "tree",
    [
        {"set": [{"int": hex(PRIME * n)} for n in range(1, 20_000)]},
        {"set": [PRIME * n for n in range(1, 100_000)]},
        [{"int": hex(PRIME * n)} for n in range(1, 20_000)],
        {"dict": [[{"complex": repr(complex(-1000003.0 * n, n))}, 1] for n in range(1, 20_000)]},
        {"fraction": [hex(3**100_000), hex(2**100_000)]},
        [{"int": hex(2**1_000_000 + n)} for n in range(3)],
        {"range": [0, 10**12, 1]},
        [[]] * 300_000,
    ],
    ids=["set", "set as it is", "list", "dict", "fraction", "integers", "range", "lists"],
)
def test_whoever_sends_it_all_the_same_is_stopped_at_once(tree):
    header = json.dumps({"sizes": [], "value": tree}).encode()
    began = time.process_time()
    with pytest.raises(Malformed):
        unpacked(header, b"")
    assert time.process_time() - began < 2


def test_many_honest_numbers_and_keys_cross():
    for value in ([2**64 - n for n in range(50_000)], {(i, j): 1 for i in range(200) for j in range(200)}):
        assert there_and_back(value) == value


def test_gaps_between_elements_take_no_more_room_than_a_frame_may_have():
    frame = {"array": ["<f8", [1] * 31, "every other element", 0]}  # with its gaps: 16 GiB
    header = json.dumps({"sizes": [8], "value": frame}).encode()
    assert unpacked(header, bytes(8)).shape == (1,) * 31


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_noise_is_malformed(noise):
    with pytest.raises(Malformed):
        unpacked(noise + b"}", b"")


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    yield Channel(ours), theirs
    ours.close()
    theirs.close()


def test_a_wrong_beginning_is_refused(pair):
    channel, other = pair
    other.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(Malformed):
        channel.receive(time.monotonic() + 1)


def test_an_announced_size_reserves_no_memory(pair):
    channel, other = pair
    other.sendall(HEAD.pack(MARK, 10, 2**60))
    with pytest.raises(Malformed):
        channel.receive(time.monotonic() + 1)


def test_half_a_frame_is_late_and_then_closed(pair):
    channel, other = pair
    other.sendall(struct.pack(">4s", MARK))
    with pytest.raises(Late):
        channel.receive(time.monotonic() + 0.05)
    other.close()
    with pytest.raises(Closed):
        channel.receive(time.monotonic() + 1)


def test_one_that_does_not_read_is_late(pair):
    channel, _ = pair
    with pytest.raises(Late):
        channel.send(bytes(8_000_000), time.monotonic() + 0.05)
