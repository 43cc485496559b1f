"""Where the data sets come from, and what they must be, bit for bit."""

from __future__ import annotations

from dataclasses import dataclass

from convbook.data.errors import DataError


@dataclass(frozen=True)
class File:
    """Name one file of a data set: its size in bytes, its SHA-256, and the addresses that offer it."""

    name: str
    size: int
    sha256: str
    addresses: tuple[str, ...]


def _fashion(name: str, size: int, sha256: str) -> File:
    return File(name, size, sha256, tuple(address + name for address in FASHION_ADDRESSES))


FASHION_ADDRESSES = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
)

# Debian's package holds the same arrays, compressed anew: its files differ from these in their bytes.
SOURCES = {
    "fashion-mnist": (
        _fashion("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        _fashion("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        _fashion("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        _fashion("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
    "cifar-10": (
        # The binary version: the Python version is a pickle, which can run any code when it is read.
        File("cifar-10-binary.tar.gz", 170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
             ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",)),
    ),
}  # fmt: skip


def files_of(name: str) -> tuple[File, ...]:
    """Return the files of the data set `name`.

    >>> [file.size for file in files_of("cifar-10")]
    [170052171]
    """
    if name not in SOURCES:
        raise DataError(f"no data set is called {name!r}; choose one of {', '.join(map(repr, SOURCES))}")
    return SOURCES[name]
