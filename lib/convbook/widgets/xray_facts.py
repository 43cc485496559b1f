"""What an X-ray shows, compared with the truth and put into words, exactly as `static/_xray.js` does.

The state is plain: `yours` and `wanted` each hold `shape` (f, h', w'), `products` (for every output a list of
[pixel, weight, times], all counted in the arrays' order), `bias` (for every output a list of [filter, times]) and
`constant` (a number for every output).
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from convbook.answers.probes import Reading
from convbook.widgets.wording import count, index, listed, number

State = dict[str, Any]


def told(reading: Reading) -> State:
    """Return a reading as plain lists, ready for the browser."""

    def sparse(table: np.ndarray) -> list[list[list[float]]]:
        return [[[*map(int, place), float(row[tuple(place)])] for place in np.argwhere(row)] for row in table]

    return {
        "shape": list(reading.shape),
        "products": sparse(reading.products),
        "bias": sparse(reading.bias),
        "constant": [float(value) for value in reading.constant],
    }


def whole_shape(state: State) -> tuple[int, int, int]:
    """Return the shape of a map that holds all of yours and all of the wanted outputs."""
    shapes = zip(state["yours"]["shape"], state["wanted"]["shape"], strict=True)
    filters, rows, columns = (max(pair) for pair in shapes)
    return filters, rows, columns


def status(state: State, at: tuple[int, ...]) -> str:
    """Return `right`, `wrong`, `extra` (only in yours) or `missing` (only in the wanted) for one output."""
    yours, wanted = (_flat(state[side]["shape"], at) for side in ("yours", "wanted"))
    if wanted is None:
        return "extra"
    if yours is None:
        return "missing"
    same = all(
        state["yours"][part][yours] == state["wanted"][part][wanted]
        for part in ("products", "bias", "constant")
    )
    return "right" if same else "wrong"


def wrong_places(state: State) -> list[tuple[int, ...]]:
    """Return the outputs that are not right, in order."""
    every = itertools.product(*(range(length) for length in whole_shape(state)))
    return [at for at in every if status(state, at) != "right"]


def uses(state: State, side: str, at: tuple[int, ...]) -> dict[int, list[tuple[int, float]]]:
    """Return, pixel by pixel, the weights one output took it with: {pixel: [(weight, times), …]}."""
    found: dict[int, list[tuple[int, float]]] = {}
    place = _flat(state[side]["shape"], at)
    for pixel, weight, times in state[side]["products"][place] if place is not None else []:
        found.setdefault(int(pixel), []).append((int(weight), times))
    return found


def words(state: State) -> str:
    """Return one sentence about the whole map and the output that is looked at."""
    if state["blocked"]:
        return state["blocked"]
    at = held(state["at"], whole_shape(state))
    many = int(np.prod(whole_shape(state)))
    wrong = len(wrong_places(state))
    verdict = state["verdict"]
    if wrong:
        named = f" ({listed(verdict['mistakes'])})" if verdict["mistakes"] else ""
        lead = f"{wrong} of {count(many, 'output')} of {state['name']} {'is' if wrong == 1 else 'are'} wrong{named}"
    else:
        every = "The one output of {} uses" if many == 1 else f"All {many} outputs of {{}} use"
        lead = f"{every.format(state['name'])} the pixels and weights {'it' if many == 1 else 'they'} should"
        if verdict["kind"] != "right":
            lead += f", but the check says: {verdict['headline']}"
    return f"{lead}; {detail(state, at)}."


def detail(state: State, at: tuple[int, ...]) -> str:
    """Return what one output did with pixels, weights and bias, and what was wanted."""
    name = f"output {place_name(state, at)}"
    kind = status(state, at)
    sizes = {side: " × ".join(map(str, state[side]["shape"][1:])) for side in ("yours", "wanted")}
    if kind == "extra":
        return f"{name} should not exist: the map is {sizes['yours']}, wanted {sizes['wanted']}"
    if kind == "missing":
        return f"{name} is missing: the map is {sizes['yours']}, wanted {sizes['wanted']}"
    yours, wanted = uses(state, "yours", at), uses(state, "wanted", at)
    if kind == "right":
        products = count(sum(map(len, wanted.values())), "product")
        bias = f" and {bias_phrase(state, 'wanted', at)}" if state["sizes"]["bias"] else ""
        return f"{name} adds {products}{bias}, as it should"
    different = [pixel for pixel in sorted({*yours, *wanted}) if yours.get(pixel) != wanted.get(pixel)]
    if not different:
        return f"{name} adds {bias_phrase(state, 'yours', at)}, wanted {bias_phrase(state, 'wanted', at)}"
    first, others = different[0], len(different) - 1
    pair = (weights_phrase(state, side.get(first, [])) for side in (yours, wanted))
    more = f", and {count(others, 'more pixel')} differ{'s' if others == 1 else ''} too" if others else ""
    return f"{name} multiplies pixel {pixel_name(state, first)} by {', wanted '.join(pair)}{more}"


def weights_phrase(state: State, taken: list[tuple[int, float]]) -> str:
    """Return "weight [2, 2]", "weight [0, 1] twice", "no weight" or "5 weights"."""
    if not taken:
        return "no weight"
    if len(taken) > 2:
        return f"{len(taken)} weights"
    return " and ".join(f"weight {weight_name(state, weight)}{_often(times)}" for weight, times in taken)


def bias_phrase(state: State, side: str, at: tuple[int, ...]) -> str:
    """Return "the bias", "no bias", "the bias of filter 1 twice", with a constant where there is one."""
    place = _flat(state[side]["shape"], at)
    assert place is not None
    taken, constant = state[side]["bias"][place], state[side]["constant"][place]
    parts = [f"{_whose(int(f), at[0])}{_often(times)}" for f, times in taken]
    if constant:
        parts.append(f"the constant {number(constant)}")
    return " and ".join(parts) if parts else "no bias"


def _whose(filter_: int, own: int) -> str:
    return "the bias" if filter_ == own else f"the bias of filter {filter_}"


def _often(times: float) -> str:
    return {1: "", 2: " twice"}.get(times, f" {number(times)} times")


def held(at: list[int], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the place nearest to `at` that exists."""
    return tuple(min(most - 1, max(0, int(to))) for to, most in zip(at, shape, strict=True))


def place_name(state: State, at: tuple[int, ...]) -> str:
    """Return an output's index, with its filter where there are several."""
    return index(*(at if whole_shape(state)[0] > 1 else at[1:]))


def pixel_name(state: State, pixel: int) -> str:
    """Return a pixel's index, with its channel where there are several."""
    shape = state["sizes"]["image"]
    place = [int(part) for part in np.unravel_index(pixel, shape)]
    return index(*(place if shape[0] > 1 else place[1:]))


def weight_name(state: State, weight: int) -> str:
    """Return a weight's index: filter and channel only where there are several."""
    shape = state["sizes"]["weights"]
    filter_, channel, row, column = (int(part) for part in np.unravel_index(weight, shape))
    if shape[0] > 1:
        return index(filter_, channel, row, column)
    return index(channel, row, column) if shape[1] > 1 else index(row, column)


def letter(state: State, weight: int) -> str:
    """Return the letter that stands for a weight's place in its kernel: a, b, c, … row by row."""
    rows, columns = state["sizes"]["weights"][2:]
    return chr(ord("a") + weight % (rows * columns))


def _flat(shape: list[int], at: tuple[int, ...]) -> int | None:
    """Return the position of a place in flat lists, or None where the map has no such place."""
    if any(place >= length for place, length in zip(at, shape, strict=True)):
        return None
    return (at[0] * shape[1] + at[1]) * shape[2] + at[2]
