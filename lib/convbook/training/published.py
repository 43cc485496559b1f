"""Weights that somebody else has trained: a file as torchvision publishes them, into a model of the same names and shapes.

Such a file (`resnet18-….pth`) is what `torch.save(model.state_dict(), path)` writes. The course never downloads one: whoever has
a file names its place.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn


def published_weights(path: str | Path) -> dict[str, torch.Tensor]:
    """Return the tensors of a file of published weights, by name; nothing but tensors is ever read from it.

    Raises `ValueError`, in one sentence, for a file that is not there, is of another format, or holds something else.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(
            f"there is no file {path}; write the whole name of a file of weights, which ends in .pth"
        )
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (
        pickle.UnpicklingError,
        RuntimeError,
        EOFError,
        ValueError,
        KeyError,
        AttributeError,
        UnicodeDecodeError,
    ):
        raise ValueError(
            f"{path.name} is no file of weights as torchvision publishes them: what is wanted is a state-dict that `torch.save` wrote"
        ) from None
    if isinstance(found, Mapping) and not _all_tensors(found):
        inner = next(
            (key for key, value in found.items() if isinstance(value, Mapping) and _all_tensors(value)), None
        )
        if inner is not None:
            raise ValueError(
                f"{path.name} is a checkpoint that holds its weights under {inner!r}: save that part alone with `torch.save`"
            )
    if not isinstance(found, Mapping) or not found or not _all_tensors(found):
        raise ValueError(
            f"{path.name} holds {_word(found)}; what is wanted is a state-dict: names with a tensor each"
        )
    return dict(found)


def load_published(model: nn.Module, path: str | Path) -> nn.Module:
    """Fill `model` with a file of published weights, all of them or none, and return it.

    Names and shapes must be the model's own. Raises `ValueError`, in one sentence, before anything is changed.
    """
    weights, own = published_weights(path), model.state_dict()
    name = Path(path).name
    missing = [key for key in own if key not in weights and not key.endswith("num_batches_tracked")]
    strange = [key for key in weights if key not in own]
    if missing or strange:
        lacks = f"lacks {missing[0]!r}" if missing else f"has {strange[0]!r}, which the model has not"
        raise ValueError(
            f"{name} is of another network: it {lacks} ({len(missing) + len(strange)} names differ); the model is as before"
        )
    for key, value in weights.items():
        if value.shape != own[key].shape:
            raise ValueError(
                f"{name} is of another network: {key!r} has the shape {tuple(value.shape)}, and the model's {tuple(own[key].shape)}; "
                "load before you replace the head; the model is as before"
            )
    with torch.no_grad():
        for key, value in weights.items():
            own[key].copy_(value)
    return model


def _all_tensors(found: Mapping) -> bool:
    return bool(found) and all(
        isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in found.items()
    )


def _word(found: object) -> str:
    return (
        "nothing"
        if isinstance(found, Mapping) and not found
        else f"a {type(found).__name__} of something else"
    )
