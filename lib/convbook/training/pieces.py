"""PyTorch's own pieces of a network behind NumPy arrays: stand-ins for pieces that a learner has not written yet.

Arrays in, arrays out, float64. Nothing here answers an exercise: those pieces are to be written without PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.training.fitting import evaluate as evaluated
from convbook.training.fitting import fit

Array = np.ndarray


def _tensor(array: Array) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64))


def conv2d(x: Array, w: Array, b: Array | None = None, stride: int = 1, padding: int = 0) -> Array:
    """Return a convolution. Shapes: x (n, c, h, w), w (f, c, k, k), b (f,) -> (n, f, h', w')."""
    bias = None if b is None else _tensor(b)
    return functional.conv2d(_tensor(x), _tensor(w), bias, stride, padding).numpy()


def conv2d_backward_input(
    dout: Array, x_shape: Sequence[int], w: Array, stride: int = 1, padding: int = 0
) -> Array:
    """Return the gradient of a convolution's input, in the shape `x_shape`."""
    return torch.nn.grad.conv2d_input(tuple(x_shape), _tensor(w), _tensor(dout), stride, padding).numpy()


def conv2d_backward_weight(
    dout: Array, x: Array, w_shape: Sequence[int], stride: int = 1, padding: int = 0
) -> tuple[Array, Array]:
    """Return the gradients (dw, db) of a convolution's weights and biases."""
    dw = torch.nn.grad.conv2d_weight(_tensor(x), tuple(w_shape), _tensor(dout), stride, padding)
    return dw.numpy(), dout.sum(axis=(0, 2, 3))


def maxpool2d(x: Array, k: int, stride: int | None = None) -> Array:
    """Return max pooling. Shapes: x (n, c, h, w) -> (n, c, h', w')."""
    return functional.max_pool2d(_tensor(x), k, stride).numpy()


def maxpool2d_backward(dout: Array, x: Array, k: int, stride: int | None = None) -> Array:
    """Return the gradient of max pooling's input."""
    leaf = _tensor(x).clone().requires_grad_()
    pooled = functional.max_pool2d(leaf, k, stride)
    return torch.autograd.grad(pooled, leaf, _tensor(dout))[0].numpy()


def relu_backward(dout: Array, x: Array) -> Array:
    """Return the gradient of a ReLU's input."""
    leaf = _tensor(x).clone().requires_grad_()
    return torch.autograd.grad(leaf.relu(), leaf, _tensor(dout))[0].numpy()


def softmax_cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """Return the mean cross-entropy and its gradient. Shapes: logits (n, classes), labels (n,)."""
    leaf = _tensor(logits).clone().requires_grad_()
    loss = functional.cross_entropy(leaf, torch.from_numpy(np.asarray(labels, np.int64)))
    return loss.item(), torch.autograd.grad(loss, leaf)[0].numpy()


def sgd_momentum_step(
    params: list[Array], grads: list[Array], velocity: list[Array], lr: float, momentum: float = 0.9, weight_decay: float = 0.0
) -> None:  # fmt: skip
    """Take one step of PyTorch's SGD; `params` and `velocity` change in place."""
    leaves = [torch.from_numpy(p) for p in params]
    optimizer = torch.optim.SGD(leaves, lr, momentum, weight_decay=weight_decay)
    for leaf, gradient, moving in zip(leaves, grads, velocity, strict=True):
        leaf.grad = _tensor(gradient)
        optimizer.state[leaf]["momentum_buffer"] = torch.from_numpy(moving)
    optimizer.step()


def dealt_batches(x: Any, y: Any, batch_size: int, rng: np.random.Generator) -> list[tuple[Any, Any]]:
    """Return shuffled batches of arrays, as PyTorch's loader deals them out."""
    from torch.utils.data import BatchSampler, RandomSampler

    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    return [
        (x[chosen], y[chosen])
        for chosen in BatchSampler(RandomSampler(y, generator=generator), batch_size, False)
    ]


def activation(x: Array, kind: str) -> Array:
    """Return an activation by its name in PyTorch, `torch.nn.functional`."""
    return getattr(functional, kind)(_tensor(x)).numpy()


def activation_gradient(x: Array, kind: str) -> Array:
    """Return the gradient of an activation at every number of `x`."""
    leaf = _tensor(x).clone().requires_grad_()
    return torch.autograd.grad(getattr(functional, kind)(leaf).sum(), leaf)[0].numpy()


def epoch_of_fit(model: torch.nn.Module, batches: Any, optimizer: Any) -> float:
    """Return the loss of one epoch of `fit` with the optimizer's rates on the same images."""
    pairs = list(batches)
    images, labels = (torch.cat([pair[part] for pair in pairs]) for part in (0, 1))
    group = optimizer.param_groups[0]
    rates = {name: group[name] for name in ("momentum", "weight_decay")}
    history = fit(model, (images, labels), epochs=1, batch_size=len(pairs[0][1]), learning_rate=group["lr"],
                  schedule="constant", progress=False, **rates)  # fmt: skip
    return history.losses[-1]


def evaluate(model: torch.nn.Module, batches: Any) -> float:
    """Return the accuracy (0–1) that the course's own evaluation finds; it leaves the model in evaluation mode."""
    pairs = list(batches)
    images, labels = (torch.cat([pair[part] for pair in pairs]) for part in (0, 1))
    return evaluated(model, images, labels).accuracy


def small_net(n_classes: int = 10) -> torch.nn.Module:
    """Return a small network for images (n, 1, 32, 32), in place of one that is still to be written: two strided convolutions."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2), nn.ReLU(), nn.Conv2d(8, 16, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(400, n_classes)
    )  # fmt: skip
