"""What a wrong reading shows: the mistake in a convolution named from the products it really added.

Every product says: this output took this pixel times this weight. So channels, filters, factors, and where each
window stands (`windows`) can be read off and put beside what was wanted.
"""

from __future__ import annotations

import math

import numpy as np

from convbook.answers.probes import Probe, Reading
from convbook.answers.windows import AXES, Terms, misplaced


def truth(probe: Probe) -> Reading:
    """Return the reading a right convolution gives, asked of PyTorch in one call.

    An image for every pixel, which is 0 but for a 1 there, and a filter for every weight. Asking pixel by pixel
    takes seconds where others use the machine too, as PyTorch's threads wait for each other.
    """
    import torch

    channels, height, width = (1, 1, *probe.image)[-3:]
    filters, _, *side = (1, 1, *probe.weights)[-4:]
    pixels, count = channels * height * width, channels * math.prod(side)
    images = torch.eye(pixels).reshape(pixels, channels, height, width)
    kernels = torch.eye(count).reshape(count, channels, *side)
    met = torch.nn.functional.conv2d(images, kernels, **probe.options).numpy()  # pixel, weight, row, column
    places = int(np.prod(met.shape[2:]))
    products = np.zeros((filters, places, pixels, filters, count))
    for f in range(filters):
        products[f, :, :, f] = np.moveaxis(met.reshape(pixels, count, places), 2, 0)
    bias = np.repeat(np.eye(filters), places, axis=0) if probe.filters else np.zeros((filters * places, 1))
    shape = (filters, *met.shape[2:])
    outputs = filters * places
    return Reading(
        shape, products.reshape(outputs, pixels, filters * count), bias, np.zeros(outputs), 1, 0.0,
        probe.image, probe.weights,
    )  # fmt: skip


def describe_products(reading: Reading, wanted: Reading) -> list[str]:
    """Return what is wrong with a reading, the widest cause first; an empty list where nothing is.

    Each entry is a clause without a full stop, true for every output it speaks of.

    >>> from convbook.answers import hold
    >>> from convbook.answers.probes import xray
    >>> probe = Probe((3, 3), (2, 2))
    >>> flipped = hold(lambda x, k: sum(k[1 - i, 1 - j] * x[i:i+2, j:j+2] for i in (0, 1) for j in (0, 1)))
    >>> describe_products(xray(flipped, probe), truth(probe))
    ['the kernel is flipped']
    """
    yours, right = Terms.of(reading), Terms.of(wanted)
    said = _shape(reading, wanted)
    if not yours.times.size:
        return [*said, *_bias(reading, wanted), "no output depends on the image and the weights"]
    said += _channels(yours, right) + _filters(yours, right) + _unused_weights(yours, right)
    said += misplaced(yours, right, reading) + _factor(yours, right)
    said += _silent_outputs(yours, right, reading) + _bias(reading, wanted)
    if not said and not _same(reading, wanted):
        many = sum(_differs(reading, wanted, o) for o in range(len(wanted.products)))
        said = [f"{many} of {len(wanted.products)} outputs use other products than they should"]
    return list(dict.fromkeys(said))


def _shape(reading: Reading, wanted: Reading) -> list[str]:
    if reading.shape == wanted.shape:
        return []
    yours, right = (" × ".join(map(str, one.shape)) for one in (reading, wanted))
    return [f"the output is {yours}, wanted {right}"]


def _channels(yours: Terms, right: Terms) -> list[str]:
    said = []
    wanted = set(right.p.tolist())
    read = {f: set(yours.p[yours.f == f].tolist()) for f in sorted(set(yours.f.tolist()))}
    for channel in sorted(wanted):
        without = [f for f, channels in read.items() if channel not in channels]
        if without and len(without) == len(read) and len(read) > 1:
            said.append(f"no filter ever reads channel {channel}")
        else:
            said += [f"filter {f} never reads channel {channel}" for f in without]
    foreign = sorted({(int(p), int(d)) for p, d in zip(yours.p, yours.d, strict=True) if p != d})
    if foreign:
        said.append(_met("channel {} meets the weights of channel {}", foreign))
    return said


def _filters(yours: Terms, right: Terms) -> list[str]:
    taken = {f: sorted(set(yours.g[yours.f == f].tolist())) for f in sorted(set(yours.f.tolist()))}
    summed = [f for f, filters in taken.items() if len(filters) > 1]
    if summed:
        one = summed[0]
        return [f"map {one} sums the weights of filters {_listed([str(g) for g in taken[one]])}"]
    foreign = [(f, filters[0]) for f, filters in taken.items() if filters != [f]]
    return [_met("map {} is made with the weights of filter {}", foreign)] if foreign else []


def _met(pattern: str, pairs: list[tuple[int, int]]) -> str:
    more = len(pairs) - 1
    rest = f" ({more} more pair{'s' if more > 1 else ''} like it)" if more else ""
    return pattern.format(*pairs[0]) + rest


def _unused_weights(yours: Terms, right: Terms) -> list[str]:
    """Return which rows and columns of the kernels are never used, as with a side that is fixed at 3."""
    said = []
    for (one, many), mine, theirs in zip(AXES, (yours.i, yours.j), (right.i, right.j), strict=True):
        unused = sorted(set(theirs.tolist()) - set(mine.tolist()))
        if unused:
            names = f"{one} {unused[0]}" if len(unused) == 1 else f"{many} {_listed(list(map(str, unused)))}"
            kept = len(set(mine.tolist()))
            said.append(f"the kernel's {names} {'is' if len(unused) == 1 else 'are'} never used"
                        f" (is its side fixed at {kept}?)")  # fmt: skip
    return said


def _factor(yours: Terms, right: Terms) -> list[str]:
    factors = np.unique(np.round(yours.times, 9))
    if len(factors) != 1 or (right.times == factors[0]).all():
        return []
    factor = float(factors[0])
    if factor == -1:
        return ["every product has the wrong sign"]
    part = 1 / factor
    if abs(factor) < 1 and abs(part - round(part)) < 1e-6:
        return [f"every product is divided by {round(part)}"]
    return [f"every product is taken {factor:g} times"]


def _silent_outputs(yours: Terms, right: Terms, reading: Reading) -> list[str]:
    """Return the last rows or columns of the map that use nothing at all, as where a loop ends too early."""
    said = []
    for axis, (one, many) in enumerate(AXES):
        mine, theirs = ((yours.r, right.r), (yours.c, right.c))[axis]
        wanted = set(theirs.tolist()) & set(range(reading.shape[axis + 1]))
        silent = sorted(wanted - set(mine.tolist()))
        if silent:
            names = f"{one} {silent[0]}" if len(silent) == 1 else f"{many} {_listed(list(map(str, silent)))}"
            said.append(f"the outputs of {names} use no pixel at all")
    return said


def _bias(reading: Reading, wanted: Reading) -> list[str]:
    said = []
    filters = np.indices(reading.shape)[0].ravel()
    if wanted.bias.any():
        own = np.zeros_like(reading.bias)
        fits = filters < own.shape[1]
        own[np.flatnonzero(fits), filters[fits]] = 1
        if not reading.bias.any():
            said.append("the bias is never added")
        elif (reading.bias != own).any():
            output = int(np.flatnonzero((reading.bias != own).any(1))[0])
            added = [f"{'' if times == 1 else f'{times:g} times '}that of filter {f}"
                     for f, times in enumerate(reading.bias[output]) if times]  # fmt: skip
            said.append(f"the bias of map {filters[output]} is {_listed(added) if added else 'left out'}")
    constants = np.unique(np.round(reading.constant, 9))
    if len(constants) == 1 and constants[0]:
        said.append(f"every output adds the constant {constants[0]:g}")
    elif len(constants) > 1:
        said.append("some outputs add a constant of their own")
    return said


def _same(reading: Reading, wanted: Reading) -> bool:
    return reading.shape == wanted.shape and not any(
        _differs(reading, wanted, o) for o in range(len(wanted.products))
    )


def _differs(reading: Reading, wanted: Reading, output: int) -> bool:
    if output >= len(reading.products):
        return True
    return bool((reading.products[output] != wanted.products[output]).any())


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
