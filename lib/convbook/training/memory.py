"""What a forward pass keeps in memory for its backward pass, measured and not computed."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from convbook.training.guard import tensors


def kept_bytes(model: nn.Module, images: Any) -> int:
    """Return the bytes that PyTorch keeps between the forward and the backward pass of one batch.

    Every tensor is counted once, whoever keeps it; the model's own parameters and buffers are not counted, since
    they lie there whatever the batch is. The model's mode stays; running statistics are put back.

    >>> kept_bytes(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), torch.ones(5, 4))  # x and the ReLU's result
    140
    """
    images, _ = tensors((images, torch.zeros(len(images), dtype=torch.long)), "memory")
    before = {name: value.clone() for name, value in model.named_buffers()}
    own = {t.untyped_storage().data_ptr() for t in (*model.parameters(), *model.buffers())}
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage  # held, so that its place in memory is not given to another
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(images)
    with torch.no_grad():
        for name, value in model.named_buffers():
            value.copy_(before[name])
    return sum(storage.nbytes() for storage in kept.values())
