"""How strong the signal is that enters each layer, and the gradient that comes back to its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from convbook.training.guard import tensors
from convbook.training.run import snapshot


@dataclass(frozen=True)
class LayerNorms:
    """Hold, for each weighted layer from the input to the output, its name and two numbers.

    `signal` is the root mean square of what enters the layer; `gradient` the L2 norm of the loss's gradient by
    the layer's weights.
    """

    names: tuple[str, ...]
    signal: tuple[float, ...]
    gradient: tuple[float, ...]


def layer_norms(model: nn.Module, images: Any, labels: Any) -> LayerNorms:
    """Return signal and gradient norms by layer for one batch of images (n, c, h, w) with labels (n,).

    The layers are the convolutions and linear layers in the order in which they run. A 1×1 convolution with a
    stride is left out: it belongs to a shortcut, beside the path that is counted. Batch norm uses
    the batch, as in training. The model comes back as it was: weights, running statistics, gradients and modes.

    >>> from torch import nn
    >>> layer_norms(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), torch.ones(3, 1, 2, 2), torch.tensor([0, 1, 0])).signal
    (1.0,)
    """
    images, labels = tensors((images, labels), "probe")
    modes = {module: module.training for module in model.modules()}
    before = snapshot(model)
    entered: dict[str, float] = {}
    layers = {name: layer for name, layer in model.named_modules() if _counts(layer)}
    hooks = [layer.register_forward_pre_hook(_noting(entered, name)) for name, layer in layers.items()]
    try:
        model.train()
        with torch.random.fork_rng(devices=[]):
            loss = nn.functional.cross_entropy(model(images), labels)
        ran = [name for name in entered if layers[name].weight.requires_grad]
        gradients = torch.autograd.grad(loss, [layers[name].weight for name in ran], allow_unused=True)
    finally:
        for hook in hooks:
            hook.remove()
        model.load_state_dict(before)
        for module, mode in modes.items():
            module.training = mode
    norms = tuple(0.0 if gradient is None else float(gradient.norm()) for gradient in gradients)
    return LayerNorms(tuple(ran), tuple(entered[name] for name in ran), norms)


def _counts(layer: nn.Module) -> bool:
    if isinstance(layer, nn.Conv2d):
        return not (max(layer.kernel_size) == 1 and max(layer.stride) > 1)
    return isinstance(layer, nn.Linear)


def _noting(entered: dict[str, float], name: str) -> Any:
    def note(layer: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        entered[name] = float(inputs[0].detach().square().mean().sqrt())

    return note
