"""FieldTracer: a stack of layers in profile; the cone of light of one unit falls on an image."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook import data
from convbook.widgets.base import Widget
from convbook.widgets.influence import influence_on_middle
from convbook.widgets.pictures import as_grays, as_numbers, in_base64

MOST_SIDE = 128  # pixels: picture and influence travel as base64
MOST_LAYERS = 10
LIMITS = {"k": (1, 15), "stride": (1, 8), "padding": (0, 15)}


class FieldTracer(Widget):
    """Drag a unit of a stack and see which pixels of an image can reach it, and how strongly they do.

    `layers` are pairs (k, stride) or triples (k, stride, padding), the layer nearest the image first. `image` is (h, w)
    or (3, h, w) in 0–1; without one it is a photograph of 64 × 64. How strongly each pixel moves the middle unit of the
    last layer is either given, `influence` (h, w), or measured on a PyTorch `model` that makes maps (n, c, h', w').
    Raises `ValueError` where layers, image, influence and model do not fit together.

    >>> FieldTracer([(3, 2), (3, 1)]).words()[:44]
    'A unit of layer 2 sees 7 × 7 pixels, and its'
    """

    view: ClassVar[str] = "field_tracer"
    title: ClassVar[str] = "What one unit sees"

    layers = traitlets.List().tag(sync=True)  # of [k, stride, padding]
    measured = traitlets.List().tag(sync=True)  # the layers for which the influence holds
    size = traitlets.List([1, 1]).tag(sync=True)
    pixels = traitlets.Unicode("").tag(sync=True)  # uint8 as base64
    influence = traitlets.Unicode("").tag(sync=True)  # big-endian uint16 as base64, 65535 for the strongest
    layer = traitlets.Int(1).tag(sync=True)
    at = traitlets.List([0, 0]).tag(sync=True)

    def __init__(self, layers: Sequence[Any], image: Any = None, influence: Any = None, model: Any = None):
        """Show the stack over `image`, with the influence that is given or that the model has."""
        stack = _stack(layers)
        image = data.small(data.photographs()["flower"], height=64)[:, :, 14:78] if image is None else image
        grays = as_grays(image)
        if max(grays.shape) > MOST_SIDE:
            raise ValueError(
                f"image has shape {grays.shape}; FieldTracer shows at most {MOST_SIDE} pixels a side"
            )
        if influence is not None and model is not None:
            raise ValueError("influence and model are both given; give one of them")
        units = _units(stack, grays.shape)
        if model is not None:
            influence = influence_on_middle(model, np.asarray(image, dtype=np.float32), units)
        super().__init__(
            layers=stack, measured=[] if influence is None else stack, size=list(grays.shape), pixels=in_base64(grays),
            influence="" if influence is None else _packed(influence, grays.shape),
            layer=len(stack), at=[side // 2 for side in units],
        )  # fmt: skip


def _stack(layers: Any) -> list[list[int]]:
    """Return the layers as lists [k, stride, padding]."""
    if not isinstance(layers, Sequence) or not 1 <= len(layers) <= MOST_LAYERS:
        raise ValueError(f"layers is {layers!r}; wanted a list of 1 to {MOST_LAYERS} pairs (k, stride)")
    for number, layer in enumerate(layers, start=1):
        if not _is_layer(layer):
            limits = ", ".join(f"{name} {low} to {high}" for name, (low, high) in LIMITS.items())
            raise ValueError(
                f"layer {number} is {layer!r}; wanted (k, stride) or (k, stride, padding): {limits}"
            )
    return [[*map(int, layer), 0][:3] for layer in layers]


def _is_layer(layer: Any) -> bool:
    if not isinstance(layer, Sequence) or len(layer) not in (2, 3):
        return False
    limits = zip(layer, LIMITS.values(), strict=False)  # the padding may be left out
    return all(isinstance(value, Integral) and low <= value <= high for value, (low, high) in limits)


def _units(stack: list[list[int]], sides: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many rows and columns of units the last layer has."""
    for number, (k, stride, padding) in enumerate(stack, start=1):
        below, sides = sides, tuple(len(range(0, side + 2 * padding - k + 1, stride)) for side in sides)
        if not min(sides):
            raise ValueError(f"layer {number} does not fit: its window of {k} is larger than the "
                             f"{' × '.join(map(str, below))} units below it with padding {padding}")  # fmt: skip
    return sides


def _packed(influence: Any, shape: tuple[int, ...]) -> str:
    """Return the influence as base64, 65535 for the strongest pixel."""
    array = as_numbers("influence", influence, "(h, w)")
    if array.shape != shape:
        raise ValueError(f"influence has shape {array.shape} and the image {shape}; wanted the same")
    if array.min() < 0 or array.max() == 0:
        raise ValueError("influence must be 0 or more, and more than 0 somewhere: no pixel moves the unit")
    return base64.b64encode(np.round(65535 * array / array.max()).astype(">u2").tobytes()).decode()
