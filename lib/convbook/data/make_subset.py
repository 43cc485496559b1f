"""Make `fashion_mnist_subset.npz` from the full Fashion-MNIST: `python -m convbook.data.make_subset [folder]`.

The subset is the first 1,000 training and the first 200 test images of each class, in the full set's order.
That set is shuffled already, so no draw is needed, and no version of NumPy can draw another one.
"""

from __future__ import annotations

import io
import os
import sys
import zipfile
from pathlib import Path

import numpy as np

from convbook.data.fashion import BUNDLE, find, read_full

PER_CLASS = {"train": 1_000, "test": 200}
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can tell: the bundle's bytes hold no clock


def subset(full: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the subset's four arrays, chosen from the full set's."""
    arrays = {}
    for part, per_class in PER_CLASS.items():
        chosen = first_of_each_class(full[f"{part}_labels"], per_class)
        arrays[f"{part}_images"] = full[f"{part}_images"][chosen]
        arrays[f"{part}_labels"] = full[f"{part}_labels"][chosen]
    return arrays


def first_of_each_class(labels: np.ndarray, per_class: int) -> np.ndarray:
    """Return the indices, in order, of the first `per_class` examples of every class.

    >>> first_of_each_class(np.array([1, 1, 0, 1, 0]), 1)
    array([0, 2])
    """
    return np.sort(
        np.concatenate([np.flatnonzero(labels == label)[:per_class] for label in np.unique(labels)])
    )


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """Return the bytes of an `.npz` file, the same on every platform that has the usual zlib."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as bundle:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", LONG_AGO)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # Unix, also when made on Windows
            content = io.BytesIO()
            np.lib.format.write_array(
                content, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False
            )
            bundle.writestr(member, content.getvalue(), compresslevel=9)
    return whole.getvalue()


def main(arguments: list[str]) -> None:
    """Write the bundle, all at once, and say how large it is."""
    content = packed(subset(read_full(find(arguments[0] if arguments else None))))
    beside = Path(f"{BUNDLE}.part")
    beside.write_bytes(content)
    os.replace(beside, BUNDLE)
    print(f"{BUNDLE.name}: {len(content):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
