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
from convbook.widgets.filter_painter import as_grays

MOST_SIDE = 128  # pixels: picture and influence travel as base64
MOST = {"k": 15, "stride": 8, "padding": 15}
MOST_LAYERS = 10


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
            raise ValueError(f"image has shape {grays.shape}; FieldTracer shows at most {MOST_SIDE} pixels a side: "
                             "make it smaller, with data.small or a slice")  # fmt: skip
        units = _units(stack, grays.shape)
        if model is not None:
            if influence is not None:
                raise ValueError("influence and model are both given; give the one or the other")
            influence = _measured(model, np.asarray(image, dtype=np.float32), units)
        super().__init__(
            layers=stack, measured=[] if influence is None else stack, size=list(grays.shape),
            pixels=base64.b64encode(np.round(255 * grays).astype(np.uint8).tobytes()).decode(),
            influence="" if influence is None else _packed(influence, grays.shape),
            layer=len(stack), at=[side // 2 for side in units],
        )  # fmt: skip


def _stack(layers: Any) -> list[list[int]]:
    """Return the layers as lists [k, stride, padding]."""
    layers = list(layers) if isinstance(layers, Sequence | np.ndarray) else [layers]
    if not 1 <= len(layers) <= MOST_LAYERS:
        raise ValueError(f"the stack has {len(layers)} layers; wanted 1 to {MOST_LAYERS}")
    return [_layer(number, layer) for number, layer in enumerate(layers, start=1)]


def _layer(number: int, layer: Any) -> list[int]:
    wanted = "wanted (k, stride) or (k, stride, padding)"
    if not isinstance(layer, Sequence | np.ndarray) or len(layer) not in (2, 3):
        raise ValueError(f"layer {number} is {layer!r}; {wanted}")
    numbers = dict(zip(MOST, [*layer, 0], strict=False))
    for name, value in numbers.items():
        least = 0 if name == "padding" else 1
        if not isinstance(value, Integral) or not least <= value <= MOST[name]:
            raise ValueError(f"layer {number} has {name} {value!r}; "
                             f"FieldTracer takes a whole number from {least} to {MOST[name]}")  # fmt: skip
    return [int(value) for value in numbers.values()]


def _units(stack: list[list[int]], sides: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many rows and columns of units the last layer has."""
    for number, (k, stride, padding) in enumerate(stack, start=1):
        below, sides = sides, tuple(len(range(0, side + 2 * padding - k + 1, stride)) for side in sides)
        if not min(sides):
            raise ValueError(f"layer {number} does not fit: its window of {k} is larger than the "
                             f"{' × '.join(map(str, below))} units below it with padding {padding}")  # fmt: skip
    return sides


def _measured(model: Any, image: np.ndarray, units: tuple[int, ...]) -> np.ndarray:
    """Return how strongly each pixel (h, w) of the image moves the middle unit of the model's maps."""
    import torch

    pixels = torch.tensor(image[None] if image.ndim == 3 else image[None, None], requires_grad=True)
    training = getattr(model, "training", False)
    try:
        maps = model.eval()(pixels) if isinstance(model, torch.nn.Module) else model(pixels)
    except Exception as error:
        raise ValueError(f"the model stopped on an image of shape {tuple(pixels.shape)}: {error}") from error
    finally:
        if training:
            model.train()
    if not torch.is_tensor(maps) or maps.ndim != 4:
        shape = tuple(maps.shape) if torch.is_tensor(maps) else type(maps).__name__
        raise ValueError(f"the model returned {shape}; wanted maps with the axes (n, c, h, w)")
    if tuple(maps.shape[2:]) != units:
        raise ValueError(f"the model makes maps of {maps.shape[2]} × {maps.shape[3]}, the stack of "
                         f"{units[0]} × {units[1]}: list each of its layers, with its padding")  # fmt: skip
    if not maps.requires_grad:
        raise ValueError("the model's maps have no gradient: leave out no_grad() and detach()")
    middle = maps[:, :, units[0] // 2, units[1] // 2].sum()
    (gradient,) = torch.autograd.grad(middle, pixels, allow_unused=True)
    return np.zeros(image.shape[-2:]) if gradient is None else gradient.abs().mean((0, 1)).numpy()


def _packed(influence: Any, shape: tuple[int, ...]) -> str:
    """Return the influence as base64, 65535 for the strongest pixel."""
    try:
        array = np.asarray(influence, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("influence must be an array of numbers with the axes (h, w)") from None
    if array.shape != shape:
        raise ValueError(f"influence has shape {array.shape} and the image {shape}; wanted the same")
    if not np.isfinite(array).all():
        raise ValueError("influence holds numbers that are not finite (NaN or infinity)")
    if array.min() < 0 or array.max() == 0:
        raise ValueError("influence must be 0 or more, and more than 0 somewhere: no pixel moves the unit")
    return base64.b64encode(np.round(65535 * array / array.max()).astype(">u2").tobytes()).decode()
