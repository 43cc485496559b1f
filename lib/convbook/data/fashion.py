"""Fashion-MNIST: the bundled subset, or the full set where it is on the machine.

Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine
learning algorithms" (2017). © 2017 Zalando SE, MIT licence: `fashion_mnist_LICENSE.txt` beside this file.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from convbook.data.errors import DataError
from convbook.data.idx import read_idx
from convbook.data.images import Images
from convbook.data.places import how_to_get, places

NAME = "fashion-mnist"
BUNDLE = Path(__file__).with_name("fashion_mnist_subset.npz")
CLASS_NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
PARTS = {"train": ("train", 60_000), "test": ("t10k", 10_000)}


def fashion_mnist(size: str = "subset", folder: str | Path | None = None) -> Images:
    """Return photographs of clothing in ten classes, as `uint8` in 0–255.

    Shapes: images (n, 1, 28, 28). `size="subset"` gives 10,000 to train on and 2,000 to test with, the
    first 1,000 and 200 of each class, and needs no file but the course's own; `size="full"` gives all 60,000 and 10,000,
    from `folder`, the folder in $CONVBOOK_DATA, your cache (`download("fashion-mnist")` puts it there) or Debian's.

    >>> fashion_mnist()
    Images(10,000 to train on, 2,000 to test with, each (1, 28, 28) of uint8, 10 classes)
    """
    if size == "full":
        return _images(read_full(find(folder)))
    if size != "subset":
        raise DataError(f'size is "subset" or "full", not {size!r}')
    if folder is not None:
        raise DataError('the subset comes with the course; to read from a folder ask for size="full"')
    return _images(read_subset())


def read_subset() -> dict[str, np.ndarray]:
    """Return the bundle's four arrays by name: train_images, train_labels, test_images, test_labels."""
    import zipfile
    import zlib

    try:
        with np.load(BUNDLE, allow_pickle=False) as bundle:
            return {name: bundle[name] for part in PARTS for name in (f"{part}_images", f"{part}_labels")}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        raise DataError(f"{BUNDLE} is missing or damaged: install the course again") from None


def read_full(folder: Path) -> dict[str, np.ndarray]:
    """Return the full set's four arrays by the same names, read from the IDX files in `folder`."""
    arrays = {}
    for part, (prefix, n) in PARTS.items():
        arrays[f"{part}_images"] = read_idx(_file(folder, f"{prefix}-images-idx3-ubyte"), (n, 28, 28))
        arrays[f"{part}_labels"] = read_idx(_file(folder, f"{prefix}-labels-idx1-ubyte"), (n,))
        if arrays[f"{part}_labels"].max() >= len(CLASS_NAMES):
            raise DataError(
                f"{_file(folder, f'{prefix}-labels-idx1-ubyte')} holds labels above 9; get it again"
            )
    return arrays


def find(folder: str | Path | None = None) -> Path:
    """Return the folder that holds all four files of the full set; one sentence says what to do if none does."""
    looked = places(NAME, folder)
    for place in looked:
        missing = _missing(place)
        if not missing:
            return place
        if len(missing) < 4 and folder is not None:
            raise DataError(f"{place} lacks {' and '.join(missing)}; {how_to_get(NAME, '31 MB', folder)}")
    raise DataError(
        f"the full Fashion-MNIST is not here (looked in {', '.join(map(str, looked))}); "
        + how_to_get(NAME, "31 MB", folder)
    )


def _missing(place: Path) -> list[str]:
    names = [
        f"{prefix}-{kind}-ubyte" for prefix, _ in PARTS.values() for kind in ("images-idx3", "labels-idx1")
    ]
    return [f"{name}.gz" for name in names if not os.path.isfile(_file(place, name))]


def _file(folder: Path, name: str) -> Path:
    plain = folder / name
    # os.path, because Path.is_file raises where a folder may not be looked into.
    return plain if os.path.isfile(plain) else folder / f"{name}.gz"


def _images(arrays: dict[str, np.ndarray]) -> Images:
    return Images(
        train_images=arrays["train_images"][:, None],
        train_labels=arrays["train_labels"].astype(np.int64),
        test_images=arrays["test_images"][:, None],
        test_labels=arrays["test_labels"].astype(np.int64),
        class_names=CLASS_NAMES,
    )
