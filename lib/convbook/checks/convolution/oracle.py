"""PyTorch in float64 as the oracle of unit 01, and the ways it can be bent into the usual mistakes."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional


def tensor(array: np.ndarray) -> torch.Tensor:
    """Return an array of any layout and float type as a float64 tensor of its own."""
    return torch.from_numpy(np.array(array, dtype=np.float64, order="C"))


KERNELS = {
    "right": lambda w: w,
    "flipped": lambda w: w.flip(-2, -1),
    "rows flipped": lambda w: w.flip(-2),
    "columns flipped": lambda w: w.flip(-1),
    "transposed": lambda w: w.transpose(-2, -1),
    "all ones": torch.ones_like,
    "last weight": lambda w: functional.pad(w[..., -1:, -1:], (w.shape[-1] - 1, 0, w.shape[-2] - 1, 0)),
}


def corr2d(x, k, *, kernel="right", size="valid", total="sum", axes="right"):
    """Return the cross-correlation of an image (h, w) with a kernel (kh, kw), as an array.

    The keywords bend it: `kernel` is a name in `KERNELS`; `size` may be "short" (one row and
    column missing), "first row", "first output" or "never last" (the rest 0), "apart" (windows side by side), "same" or "overhang"
    (zeros around) or "image" (zeros behind); `total` may be "mean", "normalised", "running", "running in a row" or "matrix product";
    `axes` may be "swapped" or "image swapped".
    """
    weights = KERNELS[kernel](tensor(k))[None, None]
    image = tensor(x)[None, None]
    if axes == "image swapped":
        image = image.transpose(2, 3)
    down, right = weights.shape[2] - 1, weights.shape[3] - 1
    if size == "same":
        image = functional.pad(image, (right // 2, right - right // 2, down // 2, down - down // 2))
    if size == "overhang":
        image = functional.pad(image, (right, right, down, down))
    result = functional.conv2d(image, weights, stride=weights.shape[2:] if size == "apart" else 1)[0, 0]
    if total == "matrix product":
        windows = image[0, 0].unfold(0, weights.shape[2], 1).unfold(1, weights.shape[3], 1)
        result = torch.matmul(windows, weights[0, 0]).sum((2, 3))
    if size == "short":
        result = result[:-1, :-1]
    if size == "first row":
        result[1:] = 0
    if size == "first output":
        result.flatten()[1:] = 0
    if size == "never last":
        result[-1], result[:, -1] = 0, 0
    if size == "image":
        result = functional.pad(result, (0, right, 0, down))
    if total == "running":
        result = result.flatten().cumsum(0).reshape(result.shape)
    if total == "running in a row":
        result = result.cumsum(1)
    if total in ("mean", "normalised"):
        result = result / (weights.numel() if total == "mean" else weights.sum())
    if axes == "swapped":
        result = result.T
    return result.numpy().copy()


def conv2d(
    x, w, b=None, stride=1, padding=0,
    *, kernel="right", border="zeros", steps="both", bias="once", channels="sum",
    filters="each", images="each", size="full", axes="right",
):  # fmt: skip
    """Return the convolution layer's output (n, f, h', w') for x (n, c, h, w) and w (f, c, kh, kw).

    The keywords bend it; each value other than the default is one mistake of `mistakes.py`.
    """
    image, weights = tensor(x), KERNELS[kernel](tensor(w))
    image = framed(image, padding, border)
    weights, image = _channels(weights, image, channels)
    if filters == "first":
        weights = weights[:1].expand(weights.shape)
    if filters == "mixed":
        weights = weights.reshape(-1, len(weights)).T.reshape(weights.shape)
    if images in ("first", "last"):
        image = (image[:1] if images == "first" else image[-1:]).expand(image.shape)
    step = {"rows": (stride, 1), "columns": (1, stride), "ignored": (1, 1)}.get(steps, (stride, stride))
    result = functional.conv2d(image, weights, stride=step)
    if steps == "size only":
        result = functional.conv2d(image, weights)[:, :, : result.shape[2], : result.shape[3]]
    if channels == "mean":
        result = result / w.shape[1]
    if size == "short":
        result = result[:, :, :-1, :-1]
    if size == "bias alone at the end":
        result[:, :, -1], result[..., -1] = 0, 0
    if b is not None and bias != "ignored":
        each = tensor(b)[:1] if bias == "first only" else tensor(b)
        times = {"each channel": w.shape[1], "each product": w[0].size, "subtracted": -1}.get(bias, 1)
        result = result + times * (each if bias == "along columns" else each.reshape(1, -1, 1, 1))
    result = _left_empty(result, size, images)
    moved = result.permute(AXES[axes])
    return (moved.reshape(result.shape) if axes in RESHAPED else moved).numpy().copy()


def _left_empty(result: torch.Tensor, size: str, images: str) -> torch.Tensor:
    if size == "never last":
        result[:, :, -1], result[..., -1] = 0, 0
    if size == "first output":
        result.flatten()[1:] = 0
    if images == "only the first":
        result[1:] = 0
    return result


AXES = {
    "right": (0, 1, 2, 3),
    "filters first": (1, 0, 2, 3),
    "filters last": (0, 2, 3, 1),
    "columns first": (0, 1, 3, 2),
    "images reshaped": (1, 0, 2, 3),
    "maps reshaped": (0, 2, 3, 1),
}
RESHAPED = ("images reshaped", "maps reshaped")  # and then forced into the shape that is asked for


def framed(image: torch.Tensor, padding: int, border: str = "zeros") -> torch.Tensor:
    """Return images with `padding` pixels around them, or one of the usual wrong frames."""
    if padding == 0 or border == "ignored":
        return image
    sides = (padding,) * 4
    if border == "one side":
        sides = (padding, 0, padding, 0)
    if border == "twice":
        sides = (2 * padding,) * 4
    if border == "corner":
        sides = (0, 2 * padding, 0, 2 * padding)
    if border == "every axis":
        sides = (padding,) * 8
    return functional.pad(image, sides, mode="replicate" if border == "edge values" else "constant")


def _channels(weights: torch.Tensor, image: torch.Tensor, channels: str) -> tuple[torch.Tensor, torch.Tensor]:
    if channels == "first only":
        return weights[:, :1], image[:, :1]
    if channels == "last only":
        return weights[:, -1:], image[:, -1:]
    if channels == "one kernel":
        return weights[:, :1].expand(weights.shape), image
    if channels == "one picture":
        return weights, image[:, :1].expand(image.shape)
    return weights, image


def output_size(n: Any, k: Any, stride=1, padding=0, dilation=1, *, rule="right", frame="both sides", steps="used",
                spread="used", misfit="refused", room="framed", n_below_1="refused", k_below_1="refused", stride_below_1="refused",
                dilation_below_1="refused", padding_below_0="refused"):  # fmt: skip
    """Return how many places a window of `k` finds on a side of `n` pixels, as PyTorch measures it; bent by the keywords."""
    impossible = {
        "n": n < 1,
        "k": k < 1,
        "stride": stride < 1,
        "dilation": dilation < 1,
        "padding": padding < 0,
    }
    guards = {
        "n": n_below_1,
        "k": k_below_1,
        "stride": stride_below_1,
        "dilation": dilation_below_1,
        "padding": padding_below_0,
    }
    if any(impossible[name] and guards[name] == "refused" for name in guards):
        raise ValueError("a size, stride or dilation is below 1, or the padding below 0")
    if any(impossible.values()) and (dilation * (k - 1) < n + 2 * padding or misfit == "accepted"):
        return 0  # some number: any is wrong here
    if any(impossible.values()):
        raise ValueError("the window does not fit")
    span = dilation * (k - 1) + 1
    refused = {
        "unpadded": span > n,
        "bare": k > n,
        "half padded": span > n + padding,
        "more than enough": span >= n + 2 * padding,
        "padding below k": padding >= k,
    }
    if refused.get(room, False):
        raise ValueError("a window that does fit is refused")
    before = {"both sides": 2, "ignored": 0, "one side": 1}[frame] * padding
    stride = 1 if steps == "ignored" else stride
    dilation = 1 if spread == "ignored" else dilation
    side = n + before + {"rounded up": stride - 1}.get(rule, 0)
    if spread == "times k" and dilation > 1:
        side -= dilation - 1
    if spread == "steps only":
        side += 1
    if spread == "added":  # a window of k + dilation - 1
        k, dilation = k + dilation - 1, 1
    places = _places(side, k, stride, dilation)
    if places < 1 and misfit == "refused":
        raise ValueError("the window does not fit")
    rest = (_places(side, k, 1, dilation) - 1) % stride / stride
    if rule == "remainder refused" and rest:
        raise ValueError("a step is left over")
    if rule == "+ 1 inside":
        return _places(side + 1, k, stride, dilation) - 1
    return places + {"no + 1": -1, "+ 2": 1, "not rounded": rest}.get(rule, 0)


@functools.cache  # the bent oracles ask for the same few again and again
def _places(side: int, k: int, stride: int, dilation: int) -> int:
    """Return the places PyTorch finds; where it finds none, the number a bare formula gives, below 1."""
    window = torch.zeros(
        1, 1, k
    )  # on PyTorch's `meta` device nothing would be computed, but five hundred modules loaded
    missing = 0
    while True:
        try:
            line = torch.zeros(1, 1, max(side + missing, 0))
            places = functional.conv1d(line, window, stride=stride, dilation=dilation).shape[-1]
            return places if missing == 0 else -missing // stride + 1
        except RuntimeError:
            missing += 1


def same_padding(k, *, rule="right", even="refused", small="refused"):
    """Return the padding that keeps a side's length at stride 1, found by trying all; bent by the keywords."""
    if k < 1 and small == "refused":
        raise ValueError("a kernel has at least one pixel")
    if even == "only" and k % 2:
        raise ValueError("an odd kernel is refused")
    if k < 1 and (k % 2 or even != "refused"):
        return 0  # some number: any is wrong here
    if k < 1:
        raise ValueError("an even kernel has no middle pixel")
    found = [p for p in range(k + 1) if _places(k + 7 + 2 * p, k, 1, 1) == k + 7]
    if not found and even == "refused":
        raise ValueError("an even kernel has no middle pixel")
    right = found[0] if found else k // 2
    return {"right": right, "both sides": k - 1, "half": k // 2 + k % 2, "k": k, "one": 1, "k / 2": k / 2}[
        rule
    ]


@torch.inference_mode(False)  # whatever the notebook has switched off
@torch.enable_grad()
def coverage(n, k, stride=1, padding=0, *, count="windows", border="zeros", steps="used", size="full"):
    """Return how many windows see each pixel of an (n, n) image: the gradient of the sum of a box filter."""
    image = torch.zeros(1, 1, n, n, dtype=torch.float64, requires_grad=True)
    frame = framed(image, padding, border)
    frame.retain_grad()
    box = torch.ones(1, 1, k, k, dtype=torch.float64)
    windows = functional.conv2d(frame, box, stride=1 if steps == "ignored" else stride)
    if steps == "size only":
        places = windows.shape[2]
        windows = functional.conv2d(frame, box)[:, :, :places, :places]
    if size == "short":
        windows = windows[:, :, :-1, :-1]
    if size == "without the frame":
        places = max(0, (n - k) // stride + 1)
        windows = windows[:, :, :places, :places]
    if size in ("range short", "overhang"):  # one start too few along a side, or starts that leave no room
        reach = {"range short": -1, "overhang": k - 1}[size]
        windows = functional.conv2d(functional.pad(frame, (0, reach, 0, reach)), box, stride=stride)
    windows.sum().backward()
    seen = (frame if count == "frame" else image).grad
    if seen is None:  # no window is left: nothing is seen
        seen = torch.zeros(1, 1, n, n, dtype=torch.float64)
    if count == "seen or not":
        seen = (seen > 0).double()
    if count == "everywhere alike":
        seen = torch.full_like(seen, k * k)
    if count in ("first pixel", "middle pixel"):
        seen = _marks(n, k, stride, padding, 0 if count == "first pixel" else k // 2)
    if count == "cut at the start":
        seen = frame.grad[:, :, :n, :n]
    if count == "cut from minus zero" and padding == 0:
        seen = seen[:, :, :0, :0]
    return seen[0, 0].numpy().copy()


def _marks(n: int, k: int, stride: int, padding: int, place: int) -> torch.Tensor:
    """Return 1 where the pixel at [place, place] of a window lies."""
    one = torch.zeros(1, 1, k, k, dtype=torch.float64)
    one[..., place, place] = 1
    image = torch.zeros(1, 1, n, n, dtype=torch.float64, requires_grad=True)
    functional.conv2d(framed(image, padding), one, stride=stride).sum().backward()
    return image.grad


def unfold(x, k, stride=1, padding=0, *, order="c k k", border="zeros", steps="used", places="row by row",
           channels="all", window="right", size="full"):  # fmt: skip
    """Return every window of every image as a column, (n, c*k*k, h'*w'), as PyTorch orders them; bent by the keywords."""
    image = framed(tensor(x), padding, border)
    if channels == "first only":
        image = image[:, :1]
    n, c = image.shape[:2]
    stride = {"ignored": 1, "apart": k}.get(steps, stride)
    rows, columns = ((side - k) // stride + 1 for side in image.shape[2:])
    step = 1 if steps == "size only" else stride
    sides = ((side - k) // step + 1 for side in image.shape[2:])
    found = functional.unfold(image, k, stride=step).reshape(n, c, k, k, *sides)[..., :rows, :columns]
    if size == "short":
        found, rows, columns = found[..., :-1, :-1], rows - 1, columns - 1
    if window != "right":
        found = found.flip(2, 3) if window == "flipped" else found.transpose(2, 3)
    if places == "column by column":
        found = found.transpose(4, 5)
    if order == "k k c":
        found = found.permute(0, 2, 3, 1, 4, 5)
    if order == "windows not moved":
        found = found.permute(0, 1, 4, 5, 2, 3)
    if order == "rows reshaped":
        found = found.permute(0, 4, 5, 1, 2, 3)
    if order == "images last":
        found = found.permute(1, 2, 3, 0, 4, 5)
    found = found.reshape(n, c * k * k, rows * columns)
    return (found.transpose(1, 2) if order == "rows" else found).numpy().copy()
