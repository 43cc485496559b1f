"""One call of PyTorch as a step of a chain, as the browser takes it."""

from __future__ import annotations

from typing import Any

import torch

ACTIVATIONS = ("relu", "tanh", "sigmoid")
# The arguments of each call, in PyTorch's order.
LAYERS = {
    "conv2d": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "linear": ("input", "weight", "bias"),
    "max_pool2d": ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    "avg_pool2d": ("input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
}  # fmt: skip


class NoStep(Exception):
    """Say what it is about a call that no step of a chain can do."""


def arguments_of(name: str, args: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by their names."""
    return dict(zip(LAYERS.get(name, ("input",)), args, strict=False)) | kwargs


def step_of(name: str, of: dict[str, Any], now: torch.Tensor, result: torch.Tensor) -> dict[str, Any]:
    """Return the kind and the sizes of a call on `now` that gave `result`; raise `NoStep` where it cannot be a step."""
    if name in ACTIVATIONS:
        return {"kind": name}
    if name == "linear":
        if now.ndim != 2:
            raise NoStep("`linear` on something that is not flat")
        return {"kind": "linear", "inputs": of["weight"].shape[1], "outputs": of["weight"].shape[0]}
    if now.ndim != 4:
        raise NoStep(f"`{name}` on something that has not the axes (n, c, h, w)")
    sizes = dict(zip(("channels", "height", "width"), now.shape[1:], strict=True))
    return _conv(of, sizes, result) if name == "conv2d" else _pool(name, of, sizes)


def _conv(of: dict[str, Any], sizes: dict[str, int], result: torch.Tensor) -> dict[str, Any]:
    filters, channels, side, wide = of["weight"].shape
    if of.get("groups", 1) != 1:
        raise NoStep("a convolution in groups")
    dilation, stride = _single(of, "dilation") or 1, _single(of, "stride") or 1
    padding = of.get("padding", 0)
    if isinstance(padding, str):
        padding = 0 if padding == "valid" else [(k - 1) * dilation / 2 for k in (side, wide)]
    padding = _single({"padding": padding}, "padding") or 0
    if padding != int(padding):
        raise NoStep("a padding that is not the same on all sides")
    if (side, wide) == (sizes["height"], sizes["width"]) and not padding:
        return {
            "kind": "linear",
            "inputs": channels * side * wide,
            "outputs": filters,
        }  # such as C5 of LeNet's paper
    about = {"filters": filters, "side": side, "wide": wide, "stride": stride, "padding": int(padding)}
    return {
        "kind": "conv",
        **sizes,
        **about,
        "dilation": dilation,
        "rows": result.shape[2],
        "columns": result.shape[3],
    }


def _pool(name: str, of: dict[str, Any], sizes: dict[str, int]) -> dict[str, Any]:
    side, padding, dilation = (_single(of, what) for what in ("kernel_size", "padding", "dilation"))
    plain = not of.get("ceil_mode") and of.get("count_include_pad", True) and not of.get("divisor_override")
    if not plain or dilation not in (None, 1):
        raise NoStep(f"`{name}` with dilation, ceil_mode, count_include_pad or divisor_override")
    stride = _single(of, "stride") if of.get("stride") else side
    kind = "max" if name == "max_pool2d" else "mean"
    return {"kind": kind, **sizes, "side": side, "stride": stride, "padding": padding or 0}


def _single(of: dict[str, Any], what: str) -> Any:
    """Return the number that holds for rows and columns; None where it was not given."""
    value = of.get(what)
    both = set(value) if isinstance(value, (tuple, list)) else {value}
    if len(both) > 1:
        raise NoStep(f"a {what} that differs between rows and columns")
    return both.pop()
