"""Where data sets lie on a machine, and where a download goes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from convbook.data.errors import DataError

VARIABLE = "CONVBOOK_DATA"
DEBIAN = Path("/usr/share/datasets")  # Debian's dataset-… packages


def cache_folder(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder in which this platform lets a program keep what it can fetch again.

    >>> cache_folder("linux", {"XDG_CACHE_HOME": "/fast"}).as_posix()
    '/fast/convbook'
    """
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else _home() / "AppData" / "Local") / "convbook"
    if platform == "darwin":
        return _home() / "Library" / "Caches" / "convbook"
    chosen = environment.get("XDG_CACHE_HOME", "")
    # The XDG standard says that a relative path is to be ignored.
    return (Path(chosen) if chosen.startswith("/") else _home() / ".cache") / "convbook"


def download_folder(name: str, folder: str | Path | None = None) -> Path:
    """Return where the data set `name` is kept: below `folder`, else $CONVBOOK_DATA, else the cache folder."""
    if folder is not None:
        return Path(folder).expanduser() / name
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE]).expanduser() / name
    return cache_folder() / name


def places(name: str, folder: str | Path | None = None) -> list[Path]:
    """Return the folders in which the data set `name` may lie, best first.

    A `folder` that is named is the only place looked at; it may hold the files or a folder `name` that does.
    """
    if folder is not None:
        return _itself_and_below(Path(folder).expanduser(), name)
    found = []
    if os.environ.get(VARIABLE):
        found += _itself_and_below(Path(os.environ[VARIABLE]).expanduser(), name)
    with contextlib.suppress(DataError):  # without a home there is no cache; the other places remain
        found.append(cache_folder() / name)
    return [*found, DEBIAN / name]


def how_to_get(name: str, size: str, folder: str | Path | None = None) -> str:
    """Return the half-sentence that tells how to download a data set to where it was looked for.

    >>> how_to_get("cifar-10", "170 MB")
    'get it once, 170 MB, with data.download("cifar-10")'
    """
    where = "" if folder is None else f', "{Path(folder).as_posix()}"'
    return f'get it once, {size}, with data.download("{name}"{where})'


def _itself_and_below(folder: Path, name: str) -> list[Path]:
    return [folder / name, folder]


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        raise DataError(f"this user has no home folder; name one in the variable {VARIABLE}") from None
