"""The global generators of random numbers (`random`, `numpy.random`, `torch`) in step in both processes.

A plain test seeds them and expects the student's code to draw from them. The student's process takes over the states
of the trusted one; the trusted one only moves on along its own numbers, to where the other says that it has come.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from convbook.grading.rpc.arguments import torch_here
from convbook.grading.rpc.frame import Malformed

MOST_BLOCKS = 5_000  # of 624 numbers, that one call may draw: 6 ms to see that it drew none of these
LARGEST_SPARE = 12.0  # a normal number that was drawn and is not used yet
State = tuple[
    bytes, tuple[int, ...], tuple[float, ...]
]  # the 624 words, places in them, numbers that are kept


def snapshot() -> dict[str, Any]:
    """Return the global generators as they are, to be compared: it is taken twice for every call."""
    held = np.random.get_state(legacy=False)
    found: dict[str, Any] = {"random": random.getstate()}
    if held["bit_generator"] == "MT19937":
        found["numpy"] = (held["state"]["key"].tobytes(), held["state"]["pos"], held["gauss"])
    if (torch := torch_here()) is not None:
        found["torch"] = torch.get_rng_state().numpy().tobytes()
    return found


def state(name: str) -> State:
    """Return the state of a global generator; all of them are Mersenne Twisters."""
    if name == "random":
        _, words, spare = random.getstate()
        return np.array(words[:-1], "<u4").tobytes(), (words[-1],), () if spare is None else (spare,)
    if name == "numpy":
        told = np.random.get_state(legacy=False)
        kept = (told["gauss"],) if told["has_gauss"] else ()
        return told["state"]["key"].astype("<u4").tobytes(), (int(told["state"]["pos"]),), kept
    return _of_torch(torch_here().get_rng_state().numpy().tobytes())


TORCH = np.dtype(
    [("seed", "<u8"), ("left", "<i4"), ("seeded", "<i4"), ("next", "<u8"), ("words", "<u8", 624), ("spare", "<f8", 3),
     ("has", "<i8"), ("spare4", "<f4"), ("has4", "<i4")]
)  # fmt: skip


def _of_torch(data: bytes) -> State:
    state = np.frombuffer(data, TORCH)[0]
    spare = [*state["spare"].tolist(), state["has"], state["spare4"], state["has4"] & 1]
    return (
        state["words"].astype("<u4").tobytes(),
        (int(state["left"]), int(state["next"])),
        tuple(map(float, spare)),
    )


def set_state(name: str, new_state: State) -> None:
    """Give one of the global generators a state."""
    words, places, spare = np.frombuffer(new_state[0], "<u4"), new_state[1], new_state[2]
    if name == "random":
        random.setstate((3, (*map(int, words), places[0]), spare[0] if spare else None))
    elif name == "numpy":
        held = {"bit_generator": "MT19937", "state": {"key": words, "pos": places[0]}}
        np.random.set_state({**held, "has_gauss": len(spare), "gauss": spare[0] if spare else 0.0})
    elif (torch := torch_here()) is not None:
        new = np.frombuffer(torch.get_rng_state().numpy().tobytes(), TORCH).copy()
        new["words"], (new["left"], new["next"]) = words, places
        new["spare"], new["has"], new["spare4"], new["has4"] = spare[:3], spare[3], spare[4], spare[5]
        torch.set_rng_state(torch.from_numpy(np.frombuffer(new.tobytes(), np.uint8).copy()))


class InStep:
    """Tell the other side where the generators are, and go where it says. `trusts` says whether anywhere."""

    def __init__(self, trusts: bool):
        self.trusts, self.told = trusts, {}

    def news(self) -> dict[str, list]:
        """Return the states that the other side does not know."""
        now = snapshot()
        new = {name: list(state(name)) for name, held in now.items() if self.told.get(name) != held}
        self.told = now
        return new

    def hear(self, news: Any) -> None:
        """Go where the other side is."""
        for name, told in news.items():
            new = (bytes(told[0]), tuple(map(int, told[1])), tuple(map(float, told[2])))
            if self.trusts or (name in self.told and _lies_ahead(state(name), new, name)):
                set_state(name, new)
        if news:
            self.told = snapshot()


def _lies_ahead(here: State, there: State, name: str) -> bool:
    """Tell whether a generator comes to a state by drawing: nobody else chooses what it draws."""
    lengths = {"random": (1, (0, 1)), "numpy": (1, (0, 1)), "torch": (2, (6,))}[name]
    fits = len(there[0]) == 4 * 624 and len(there[1]) == lengths[0] and len(there[2]) in lengths[1]
    if (
        not fits
        or not all(0 <= place <= 624 for place in there[1])
        or not all(abs(x) < LARGEST_SPARE for x in there[2])
        or (name == "torch" and there[1] != (1, 0) and sum(there[1]) != 625)  # it would read beyond its words
    ):
        raise Malformed("the state of a random generator was expected")
    if here[0] == there[0]:
        return True
    bits = np.random.MT19937(0)
    bits.state = {"bit_generator": "MT19937", "state": {"key": np.frombuffer(here[0], "<u4"), "pos": 624}}
    drawn = _drawn(np.frombuffer(there[0], "<u4"))
    for _ in range(MOST_BLOCKS // 100):
        blocks = bits.random_raw(624 * 100).reshape(100, 624)
        if any(np.array_equal(blocks[n], drawn) for n in np.flatnonzero(blocks[:, 0] == drawn[0])):
            return True
    return False


def _drawn(words: np.ndarray) -> np.ndarray:
    """Return the numbers that a generator draws from its words (the tempering of Matsumoto and Nishimura 1998)."""
    y = words ^ (words >> 11)
    y = y ^ ((y << 7) & np.uint32(0x9D2C5680))
    y = y ^ ((y << 15) & np.uint32(0xEFC60000))
    return y ^ (y >> 18)
