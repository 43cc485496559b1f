"""How strongly each pixel of an image moves one unit of a learner's model: its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np


def influence_on_middle(model: Any, image: np.ndarray, units: tuple[int, ...]) -> np.ndarray:
    """Return how strongly each pixel (h, w) of an image moves the middle unit of a model's maps (n, c, h', w').

    `units` is the (h', w') that is expected. The mean of the gradient's size over channels of the image is taken. Raises
    `ValueError` where the model stops, or where its maps have another size.
    """
    import torch

    pixels = torch.tensor(image[None] if image.ndim == 3 else image[None, None], requires_grad=True)
    training = getattr(model, "training", False)
    try:
        maps = model.eval()(pixels) if training else model(pixels)
        shape = tuple(getattr(maps, "shape", ()))
        if len(shape) == 4 and shape[2:] == tuple(units):
            middle = maps[:, :, units[0] // 2, units[1] // 2].sum()
            return torch.autograd.grad(middle, pixels)[0].abs().mean((0, 1)).numpy()
    except Exception as error:
        reason = str(error).split("\n")[0]
        raise ValueError(f"the model stopped on an image of shape {tuple(pixels.shape)}: {reason}") from error
    finally:
        if training:
            model.train()
    raise ValueError(f"the model makes maps of shape {shape}, the stack of shape (n, c, {units[0]}, {units[1]}): "
                     "list each of its layers, with its padding")  # fmt: skip
