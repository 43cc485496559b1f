"""Download a data set, when asked for and only then."""

from __future__ import annotations

from pathlib import Path

from convbook.data.places import download_folder
from convbook.data.sources import files_of


def download(name: str, folder: str | Path | None = None, quiet: bool = False) -> Path:
    """Return the folder that now holds the data set `name`: "fashion-mnist" (31 MB) or "cifar-10" (170 MB).

    The files go below `folder`, else below the folder in $CONVBOOK_DATA, else into your cache. Each is verified
    by its SHA-256; one that is there already is not fetched again, one that was interrupted goes on where it stopped.
    Raises `DataError` with one sentence when a file cannot be had.
    """
    files = files_of(name)
    target = download_folder(name, folder)
    from convbook.data.fetch import fetch  # loads Python's network modules

    for file in files:
        fetch(file, target, quiet)
    return target
