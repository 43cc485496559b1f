"""What is looked at before a training, and what is put back after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


def tensors(pair: Any, role: str, *, keep_bytes: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images (n, c, h, w) as float32 and labels (n,) as int64, sharing memory where possible.

    Pixels stored as bytes, 0–255, become 0–1; with `keep_bytes` they stay as they lie, a quarter of the memory, and
    `pixels` converts a batch when it is needed. `role` is the word for them in messages, such as "training".
    Raises `ValueError`, in one sentence, for what cannot be trained on: not a pair, different lengths, no images,
    NaN or infinity, labels below 0 or not whole.
    """
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(f"the {role} data must be a pair (images, labels); got {type(pair).__name__}")
    images, labels = (torch.as_tensor(np.ascontiguousarray(part) if isinstance(part, np.ndarray) else part)
                      for part in pair)  # fmt: skip
    if len(images) == 0:
        raise ValueError(f"the {role} data holds no images; it needs some, and one label for each image")
    if labels.shape != images.shape[:1]:
        raise ValueError(
            f"the {role} data needs one label for each image; "
            f"got images {tuple(images.shape)} and labels {tuple(labels.shape)}"
        )
    if not (keep_bytes and images.dtype == torch.uint8):
        images = pixels(images)
        _refuse_not_finite(images, role)
    if labels.is_floating_point() or labels.is_complex() or int(labels.min()) < 0:
        raise ValueError(
            f"the {role} labels must be whole numbers from 0; got {labels.dtype}, smallest {labels.min()}"
        )
    return images, labels.to(torch.int64)


def pixels(images: torch.Tensor) -> torch.Tensor:
    """Return images as float32: bytes from 0 to 255 become 0–1, other numbers keep their values."""
    return images.to(torch.float32).div_(255) if images.dtype == torch.uint8 else images.to(torch.float32)


def _refuse_not_finite(images: torch.Tensor, role: str) -> None:
    faulty = ~torch.isfinite(images).flatten(1).all(dim=1)
    if faulty.any():
        first, many = int(faulty.nonzero()[0]), int(faulty.sum())
        what = "NaN" if torch.isnan(images[first]).any() else "infinity"
        raise ValueError(
            f"the {role} images hold {what}: {many} of {len(images)} images are affected, the first is image {first}; "
            "clean the data, or look for a division by 0 where it was normalised"
        )


def refuse_unknown_labels(labels: torch.Tensor, logits: torch.Tensor) -> None:
    """Raise `ValueError` when a label has no score among the model's outputs (n, classes)."""
    if logits.ndim != 2 or int(labels.max()) >= logits.shape[1]:
        raise ValueError(
            f"the model returned shape {tuple(logits.shape)} for {len(logits)} images; "
            f"wanted (images, classes) with a score for every label from 0 to {int(labels.max())}"
        )


@contextmanager
def seeded(seed: int, threads: int | str | None) -> Iterator[None]:
    """Run the block with this seed and number of threads; put torch's own back afterwards.

    `threads` is None (as it is), "all", or a number.
    """
    if threads is not None and threads != "all" and not (isinstance(threads, int) and threads >= 1):
        raise ValueError(f'threads must be None, "all" or a number from 1; got {threads!r}')
    before = torch.get_num_threads()
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            if threads is not None:
                torch.set_num_threads((os.cpu_count() or 1) if threads == "all" else threads)
            yield
    finally:
        torch.set_num_threads(before)
