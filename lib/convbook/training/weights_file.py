"""Weights in a file of the safetensors format: names, shapes and types as JSON, then the bare numbers, one tensor after the other.

The file begins with 8 bytes, the length of the JSON that follows. Nothing in such a file is run when it is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch

TYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "I64": np.int64,
    "I32": np.int32,
    "U8": np.uint8,
}
LONGEST_HEADER = 10_000_000  # bytes: what claims more is no such file
CLOTHES = "clothes_resnet14.safetensors"


def clothes_weights() -> Path:
    """Return the path of the bundled weights of a residual network that knows ten kinds of clothes.

    Depth 14, 12 maps in its first stage. `python benchmarks/clothes_weights.py` trained it, and tells how well it does.
    """
    return Path(str(files("convbook.data").joinpath(CLOTHES)))


def read_weights(path: str | Path) -> dict[str, torch.Tensor]:
    """Return the tensors of a safetensors file by their names, in the order in which they lie there.

    Raises `ValueError`, in one sentence, for a file that is not there or is of another format.
    """
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from error
    length = int.from_bytes(raw[:8], "little")
    try:
        if not 2 <= length <= min(LONGEST_HEADER, len(raw) - 8):
            raise ValueError("no header")
        header = json.loads(raw[8 : 8 + length])
        entries = {name: one for name, one in header.items() if name != "__metadata__"}
        ordered = sorted(entries.items(), key=lambda item: item[1]["data_offsets"])
        return {name: _tensor(raw[8 + length :], one) for name, one in ordered}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{Path(path).name} is no safetensors file, or is cut off: {error}") from error


def write_weights(path: str | Path, tensors: Mapping[str, torch.Tensor]) -> Path:
    """Write tensors into a safetensors file under their names, in their order; return its path."""
    header: dict[str, Any] = {}
    parts, start = [], 0
    for name, tensor in tensors.items():
        array = np.ascontiguousarray(tensor.detach().cpu().numpy())
        kind = next((word for word, dtype in TYPES.items() if array.dtype == dtype), None)
        if kind is None:
            raise ValueError(f"{name} holds {array.dtype}; a file can hold {', '.join(TYPES)}")
        end = start + array.nbytes
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [start, end]}
        parts.append(array.tobytes())
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the numbers begin at a multiple of 8 bytes
    path = Path(path)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))
    return path


def _tensor(data: bytes, entry: Mapping[str, Any]) -> torch.Tensor:
    start, end = entry["data_offsets"]
    array = np.frombuffer(data[start:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    return torch.from_numpy(array.copy())
