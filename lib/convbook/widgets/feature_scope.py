"""FeatureScope: a learner's trained network at work in the browser, on what is drawn; its channels can be silenced."""

from __future__ import annotations

import base64
from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook.widgets.base import Widget
from convbook.widgets.chain import Chain, read_chain, strongest
from convbook.widgets.pictures import as_batch, as_labels, in_base64

MOST = {"images": 300, "side": 64, "classes": 20, "convolutions": 4, "channels": 96, "weights": 500_000}
STRONGEST = 9


class FeatureScope(Widget):
    """Draw, and see a trained network's maps and logits follow; silence a channel, and see which classes it carried.

    `model` is a chain of Conv2d, ReLU, Tanh, Sigmoid, MaxPool2d, AvgPool2d, Flatten and Linear, however its `forward` is
    written; it is read as it runs, in evaluation mode. `images` (n, 1, h, w), up to 300, are on the scale that the model
    was trained on; their smallest value is black, their largest white. `labels` (n,) are the numbers of their classes,
    `classes` the names. Raises `ValueError` where they do not fit together, or the model is no such chain.

    >>> from torch import nn
    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 2))
    >>> FeatureScope(model, np.arange(72).reshape(2, 1, 6, 6), [0, 1]).words()[:36]
    'The network takes this image for cla'
    """

    view: ClassVar[str] = "feature_scope"
    title: ClassVar[str] = "What the channels carry"

    steps = traitlets.List().tag(sync=True)  # of the chain, see chain.py
    weights = traitlets.Unicode("").tag(
        sync=True
    )  # little-endian float32 as base64: some hosts lose binary buffers
    images = traitlets.Unicode("").tag(sync=True)  # uint8 as base64
    size = traitlets.List([1, 1]).tag(sync=True)
    ends = traitlets.List([0.0, 1.0]).tag(sync=True)  # what black and white are for the network
    labels = traitlets.List().tag(sync=True)
    classes = traitlets.List().tag(sync=True)
    drawing = traitlets.Unicode("").tag(sync=True)  # uint8 as base64
    at = traitlets.List([0, 0]).tag(sync=True)  # the chosen channel: its convolution, its number
    silenced = traitlets.List().tag(sync=True)  # of such pairs
    intact = traitlets.List().tag(
        sync=True
    )  # how many images of each class are right while no channel is silenced
    tried = traitlets.Dict().tag(
        sync=True
    )  # "0,3" -> how many more or fewer are right with this channel alone silenced
    found = traitlets.Dict().tag(
        sync=True
    )  # what was counted last: for which `silenced` and `at`, `hits`, `nine` patches

    def __init__(self, model: Any, images: Any, labels: Any, classes: Any = None):
        """Read the model, and show it on the first image."""
        pixels = _pixels(images)
        low, high = float(pixels.min()), float(pixels.max())
        if low == high:
            raise ValueError(f"all pixels of images are {low:g}; wanted pictures with black and white")
        parts = np.round(255 * (pixels - low) / (high - low)) / 255  # as the browser has them: 256 levels
        chain = read_chain(model, low + (high - low) * parts)
        logits = chain.results[-1].cpu().numpy()
        labels = as_labels(labels, len(pixels), logits.shape[1])
        names = _classes(classes, logits.shape[1])
        _refuse_large(chain)
        right = np.bincount(labels[logits.argmax(1) == labels], minlength=len(names)).tolist()
        super().__init__(
            steps=chain.steps, weights=base64.b64encode(np.concatenate(chain.weights)).decode(),
            images=in_base64(parts), size=list(pixels.shape[2:]), ends=[low, high],
            labels=labels.tolist(), classes=names, drawing=in_base64(parts[0]), intact=right,
            found={"silenced": [], "at": [0, 0], "hits": right, "nine": strongest(chain.first_maps()[:, 0], STRONGEST)},
        )  # fmt: skip

    @traitlets.validate("at", "silenced")
    def _are_channels(self, proposal: Any) -> list[Any]:
        """Refuse a channel that is not there."""
        name, value = proposal.trait.name, proposal.value
        layers = [step["filters"] for step in self.steps if step["kind"] == "conv"]
        there = [[layer, channel] for layer, many in enumerate(layers) for channel in range(many)]
        for pair in [value] if name == "at" else value:
            if list(pair) not in there:
                raise ValueError(
                    f"{name} holds {pair!r}; wanted pairs [convolution, channel] that the model has"
                )
        return (
            list(value) if name == "at" else [pair for pair in there if pair in [list(one) for one in value]]
        )


def _pixels(images: Any) -> np.ndarray:
    """Return the images as numbers (n, 1, h, w)."""
    array = as_batch(images)
    if array.shape[1] != 1:
        raise ValueError(f"images has shape {array.shape}; wanted (n, 1, h, w), in grays")
    if len(array) > MOST["images"]:
        raise ValueError(
            f"there are {len(array)} images; give at most {MOST['images']}, such as images[:300]"
        )
    if max(array.shape[2:]) > MOST["side"]:
        raise ValueError(
            f"images have {array.shape[2]} × {array.shape[3]} pixels; at most {MOST['side']} a side are shown"
        )
    return array


def _classes(classes: Any, many: int) -> list[str]:
    """Return the names of the classes."""
    if many > MOST["classes"]:
        raise ValueError(
            f"the model tells {many} classes apart; FeatureScope shows at most {MOST['classes']}"
        )
    if classes is None:
        return [f"class {number}" for number in range(many)]
    if isinstance(classes, str) or len(classes) != many:
        raise ValueError(f"classes is {classes!r}; wanted {many} names, one for each logit of the model")
    return [str(name) for name in classes]


def _refuse_large(chain: Chain) -> None:
    """Raise `ValueError` where a network has no maps, or more than can be shown."""
    convolutions = [step for step in chain.steps if step["kind"] == "conv"]
    if not convolutions:
        raise ValueError(
            "the model has no convolution with maps of more than one pixel, so there is nothing to show"
        )
    found = {
        "convolutions": len(convolutions), "channels": sum(step["filters"] for step in convolutions),
        "weights": sum(one.size for one in chain.weights),
    }  # fmt: skip
    for what, many in found.items():
        if many > MOST[what]:
            raise ValueError(f"the model has {many:,} {what}; FeatureScope shows at most {MOST[what]:,}")
