"""Names and shapes of the tensors in published blocks: they stand in the hand-outs, and nothing here computes with them."""

from __future__ import annotations

from collections.abc import Iterator

# (number, maps in, maps out, kernel side) of each convolution and its batch norm.
LAYOUTS = {
    "basic": (("1", "in", "c", 3), ("2", "c", "c", 3)),
    "bottleneck": (("1", "in", "c", 1), ("2", "c", "c", 3), ("3", "c", "out", 1)),
}


def published(
    layout: str, c_in: int, c: int, c_out: int, stride: int
) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """Yield name, shape and kind of every tensor in a published block's state-dict, in order.

    >>> [name for name, shape, kind in published("basic", 4, 4, 4, 1)][:2]
    ['conv1.weight', 'bn1.weight']
    """
    maps = {"in": c_in, "c": c, "out": c_out}
    for number, taken, given, k in LAYOUTS[layout]:
        yield f"conv{number}.weight", (maps[given], maps[taken], k, k), "parameter"
        yield from normalization(f"bn{number}", maps[given])
    if c_in != c_out or stride != 1:
        yield "downsample.0.weight", (c_out, c_in, 1, 1), "parameter"
        yield from normalization("downsample.1", c_out)


def normalization(name: str, c: int) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """Yield name, shape and kind of the five tensors of a batch norm over `c` maps."""
    yield f"{name}.weight", (c,), "parameter"
    yield f"{name}.bias", (c,), "parameter"
    yield f"{name}.running_mean", (c,), "buffer"
    yield f"{name}.running_var", (c,), "buffer"
    yield f"{name}.num_batches_tracked", (), "count"
