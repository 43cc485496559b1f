"""The files of scikit-learn's own data sets, without the three quarters of a second that importing it takes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from convbook.data.errors import DataError


def file(folder: str, name: str) -> Path:
    """Return where a file of `sklearn.datasets` lies; `DataError` if it is not there.

    >>> file("data", "digits.csv.gz").name
    'digits.csv.gz'
    """
    found = importlib.util.find_spec("sklearn")
    path = Path(found.origin if found and found.origin else "sklearn").parent / "datasets" / folder / name
    if not path.is_file():
        raise DataError(
            f"{name} comes with scikit-learn, and {path} is not there; "
            "`pip install --force-reinstall scikit-learn` brings it back"
        )
    return path
