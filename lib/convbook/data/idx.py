"""Read IDX, the file format of MNIST and its descendants.

Two zero bytes, a byte for the type (8 is uint8), a byte for the number of axes,
one big-endian 32-bit length per axis, then the values.
"""

from __future__ import annotations

import math
import zlib
from pathlib import Path

import numpy as np

from convbook.data.errors import DataError

UINT8 = 8


def read_idx(path: str | Path, shape: tuple[int, ...]) -> np.ndarray:
    """Return the uint8 array of an IDX file, gzipped or not, which must have this `shape`.

    Raises `DataError` with one sentence that names the file when anything in it is not as it should be.
    """
    path = Path(path)
    content = _content(path)
    magic, axes = content[:4], len(shape)
    if len(magic) < 4:
        raise DataError(f"{path} is cut short: it has {len(magic)} bytes and not even a header; {AGAIN}")
    if magic != bytes([0, 0, UINT8, axes]):
        raise DataError(
            f"{path} is not an IDX file of {axes} axes: it begins with {magic.hex(' ')}, "
            f"not {bytes([0, 0, UINT8, axes]).hex(' ')}; {AGAIN}"
        )
    start = 4 + 4 * axes
    found = tuple(int(length) for length in np.frombuffer(content[4:start].ljust(4 * axes, b"\0"), ">u4"))
    if len(content) >= start and found != shape:
        raise DataError(f"{path} holds an array of shape {found}, not {shape}; {AGAIN}")
    wanted = start + math.prod(shape)
    if len(content) != wanted:
        fault = "is cut short" if len(content) < wanted else "is too long"
        raise DataError(f"{path} {fault}: {len(content):,} bytes instead of {wanted:,}; {AGAIN}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()


AGAIN = "delete it and get it again"


def _content(path: Path) -> bytes:
    import gzip

    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix == ".gz" else raw
    except FileNotFoundError:
        raise DataError(f"{path} is missing; get it again") from None
    except EOFError:
        raise DataError(f"{path} is cut short: its compressed stream ends too early; {AGAIN}") from None
    except (gzip.BadGzipFile, zlib.error) as fault:
        raise DataError(f"{path} is corrupt: it cannot be decompressed ({fault}); {AGAIN}") from None
    except OSError as fault:
        raise DataError(
            f"{path} cannot be read: {fault.strerror or fault}; check the file's permissions"
        ) from None
