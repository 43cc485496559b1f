"""The global generators of random numbers (`random`, `numpy.random`, `torch`) in step in both processes.

A plain test seeds them and expects the student's code to draw from them. The student's process takes over the states
of the trusted one; the trusted one only moves on along its own numbers, to where the other says that it has come.
A generator of a test's or a student's own crosses as its state.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from convbook.grading.rpc.arguments import torch_here
from convbook.grading.rpc.frame import Malformed

BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
MOST_BLOCKS = 5_000  # of 624 numbers, that one call may draw: 6 ms to see that it drew none of these
LARGEST_SPARE = 12.0  # a normal number that was drawn and is not used yet
State = tuple[bytes, tuple[int, ...], tuple[float, ...]]  # 624 words, places in them, numbers that are kept
TORCH = np.dtype(
    [("seed", "<u8"), ("left", "<i4"), ("seeded", "<i4"), ("next", "<u8"), ("words", "<u8", 624), ("spare", "<f8", 3),
     ("has", "<i8"), ("spare4", "<f4"), ("has4", "<i4")]
)  # fmt: skip


def states() -> dict[str, State]:
    """Return the states of all global generators that are there and a Mersenne Twister, to be compared and told."""
    _, words, spare = random.getstate()
    kept = () if spare is None else (spare,)
    found: dict[str, State] = {"random": (np.array(words[:-1], "<u4").tobytes(), (words[-1],), kept)}
    told = np.random.get_state(legacy=False)
    if told["bit_generator"] == "MT19937":
        kept = (told["gauss"],) if told["has_gauss"] else ()
        found["numpy"] = told["state"]["key"].astype("<u4").tobytes(), (int(told["state"]["pos"]),), kept
    if torch_here() is not None:
        told = torch_here().get_rng_state().numpy().view(TORCH)[0]
        kept = (*told["spare"], told["has"], told["spare4"], told["has4"] & 1)
        places = int(told["left"]), int(told["next"]), int(told["seed"])
        found["torch"] = told["words"].astype("<u4").tobytes(), places, tuple(map(float, kept))
    return found


def set_state(name: str, new_state: State) -> None:
    """Give one of the global generators a state."""
    words, places, spare = np.frombuffer(new_state[0], "<u4"), new_state[1], new_state[2]
    if name == "random":
        random.setstate((3, (*map(int, words), places[0]), spare[0] if spare else None))
    elif name == "numpy":
        held = {"bit_generator": "MT19937", "state": {"key": words, "pos": places[0]}}
        np.random.set_state({**held, "has_gauss": len(spare), "gauss": spare[0] if spare else 0.0})
    elif (torch := torch_here()) is not None:
        new = torch.get_rng_state()
        told = new.numpy().view(TORCH)
        told["words"], (told["left"], told["next"], told["seed"]) = words, places
        told["spare"], (told["has"], told["spare4"], told["has4"]) = spare[:3], spare[3:]
        torch.set_rng_state(new)


class InStep:
    """Tell the other side where the generators are, and go where it says. `trusts` says whether anywhere."""

    def __init__(self, trusts: bool):
        self.trusts = trusts
        self.told: dict[str, State] = {}

    def news(self) -> dict[str, list]:
        """Return the states that the other side does not know."""
        now = states()
        new = {name: list(told) for name, told in now.items() if self.told.get(name) != told}
        self.told = now
        return new

    def hear(self, news: Any) -> None:
        """Go where the other side is."""
        here = states() if news and not self.trusts else {}
        for name, told in news.items():
            new = (bytes(told[0]), tuple(map(int, told[1])), tuple(map(float, told[2])))
            if self.trusts or (name in self.told and _lies_ahead(here.get(name), new, name)):
                set_state(name, new)
        if news:
            self.told = states()


def _lies_ahead(here: State, there: State, name: str) -> bool:
    """Tell whether a generator comes to a state by drawing: nobody else chooses what it draws."""
    places, spares = {"random": (1, (0, 1)), "numpy": (1, (0, 1)), "torch": (3, (6,))}[name]
    fits = (
        (len(there[0]), len(there[1])) == (4 * 624, places)
        and len(there[2]) in spares
        and all(0 <= place <= 624 for place in there[1][:2])
        and all(abs(x) < LARGEST_SPARE for x in there[2])
        and (
            name != "torch" or there[1][:2] == (1, 0) or sum(there[1][:2]) == 625
        )  # else it reads beyond its words
        and all(0 <= seed < 2**64 for seed in there[1][2:])
    )
    if not fits:
        raise Malformed("the state of a random generator was expected")
    if here[0] == there[0]:
        return True
    if here[1][2:] != there[1][2:]:  # PyTorch remembers its seed: it came there by another one
        return False
    bits, drawn = _generator(here[0], 624), _generator(there[0], 0).random_raw(624)
    for _ in range(MOST_BLOCKS // 100):
        blocks = bits.random_raw(624 * 100).reshape(100, 624)
        if any(np.array_equal(blocks[n], drawn) for n in np.flatnonzero(blocks[:, 0] == drawn[0])):
            return True
    return False


def _generator(words: bytes, place: int) -> np.random.MT19937:
    """Return a generator that has drawn so many of its words."""
    bits = np.random.MT19937(0)
    inner = {"key": np.frombuffer(words, "<u4"), "pos": place}
    bits.state = {"bit_generator": "MT19937", "state": inner}
    return bits


def generator_from(state: Any) -> np.random.Generator:
    """Return a new generator with a state that arrived: `Generator.bit_generator.state` of another."""
    inner = state.get("state") if type(state) is dict else None
    for one in [*state.values(), *inner.values()] if type(inner) is dict else [None]:
        if type(one) not in (str, int, dict) and not (type(one) is np.ndarray and one.dtype.kind == "u"):
            raise Malformed("the state of a random generator was expected")
    name, places = state["bit_generator"], (inner.get("pos", 0), state.get("buffer_pos", 0))
    # NumPy reads at whatever place it is told.
    if name not in BIT_GENERATORS or not all(0 <= place <= 624 for place in places):
        raise Malformed("the state of a random generator was expected")
    bits = getattr(np.random, name)(0)
    bits.state = state
    return np.random.Generator(bits)
