"""CIFAR-10, read from its binary version: nothing is unpickled and nothing unpacked.

Krizhevsky, "Learning multiple layers of features from tiny images" (2009), https://www.cs.toronto.edu/~kriz/cifar.html.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import numpy as np

from convbook.data.errors import DataError
from convbook.data.images import Images
from convbook.data.places import how_to_get, places

NAME = "cifar-10"
ARCHIVE = "cifar-10-binary.tar.gz"
TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST = "test_batch.bin"
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
IMAGES_PER_FILE = 10_000
SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32  # bytes: a label, then the red, the green and the blue plane


def cifar10(folder: str | Path | None = None) -> Images:
    """Return 60,000 small colour photographs in ten classes, as `uint8` in 0–255.

    Shapes: images (n, 3, 32, 32), 50,000 to train on and 10,000 to test with. Read from `folder`, the folder in
    $CONVBOOK_DATA or your cache, where `download("cifar-10")` puts them: the archive as it came, or its unpacked `.bin` files.
    """
    contents = _contents(_find(folder))
    train = [_records(name, contents[name]) for name in TRAIN]
    test_images, test_labels = _records(TEST, contents[TEST])
    train_images, train_labels = (np.concatenate(arrays) for arrays in zip(*train, strict=True))
    return Images(train_images, train_labels, test_images, test_labels, CLASS_NAMES)


def _records(name: str, content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return the images (n, 3, 32, 32) and labels (n,) of one binary file."""
    wanted = IMAGES_PER_FILE * RECORD
    if len(content) != wanted:
        raise DataError(f"CIFAR-10's {name} has {len(content):,} bytes instead of {wanted:,}; {AGAIN}")
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    labels = records[:, 0].astype(np.int64)
    if labels.max() >= len(CLASS_NAMES):
        raise DataError(f"CIFAR-10's {name} is corrupt: it holds the label {labels.max()}, above 9; {AGAIN}")
    return records[:, 1:].reshape(-1, *SHAPE).copy(), labels


AGAIN = "delete it and get it again"


def _find(folder: str | Path | None) -> Path:
    """Return the archive, or the folder that holds the six unpacked files."""
    looked = places(NAME, folder)
    for place in looked:
        for unpacked in (place, place / "cifar-10-batches-bin"):
            if all(os.path.isfile(unpacked / name) for name in (*TRAIN, TEST)):
                return unpacked
        if os.path.isfile(place / ARCHIVE):
            return place / ARCHIVE
    raise DataError(
        f"CIFAR-10 is not here (looked for {ARCHIVE} in {', '.join(map(str, looked))}); "
        + how_to_get(NAME, "170 MB", folder)
    )


def _contents(source: Path) -> dict[str, bytes]:
    """Return the six files' bytes by name."""
    import tarfile

    try:
        contents = _unpacked(source) if source.is_dir() else _archived(source)
    except (tarfile.TarError, EOFError, zlib.error) as fault:
        raise DataError(f"{source} is cut short or corrupt ({fault}); {AGAIN}") from None
    except OSError as fault:
        raise DataError(f"{source} cannot be read ({fault.strerror or fault}); {AGAIN}") from None
    missing = [name for name in (*TRAIN, TEST) if name not in contents]
    if missing:
        raise DataError(f"{source} lacks a whole {' and a whole '.join(missing)}; {AGAIN}")
    return contents


def _unpacked(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in (*TRAIN, TEST)}


def _archived(archive: Path) -> dict[str, bytes]:
    import tarfile

    contents = {}
    with tarfile.open(archive, "r:gz") as members:
        for member in members:
            name = Path(member.name).name
            if member.isfile() and name in (*TRAIN, TEST) and member.size == IMAGES_PER_FILE * RECORD:
                contents[name] = members.extractfile(member).read()
    return contents
