"""Make what learners receive from what authors write, with nbgrader's own converter.

Same source, same bytes: no dates, no random ids.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from convbook.authoring.canonical import as_bytes, canonical, canonical_bytes, read
from convbook.authoring.course import Course
from convbook.authoring.files import write_whole
from convbook.nbgrader_course import CONFIG, CourseError, programs_of_this_environment

FIGURES = (".png", ".svg", ".gif")


def build(course: Course, units: list[str]) -> dict[str, dict[str, bytes]]:
    """Return the release of some units as `{unit: {file name: content}}`, and write nothing.

    nbgrader works in a temporary course folder with a gradebook of its own, so the course's
    gradebook and folders stay untouched.
    """
    with tempfile.TemporaryDirectory(prefix="convbook-release-") as folder:
        scratch = Path(folder)
        for unit in units:
            _lay_out(course, unit, scratch / "source" / unit)
        converter = _converter(course, scratch)
        with programs_of_this_environment():
            for unit in units:
                _convert(converter, unit)
        return {unit: _collect(scratch / "release" / unit) for unit in units}


def release(course: Course, units: list[str]) -> list[Path]:
    """Write the release of some units and return the files that were written or removed."""
    changed = []
    for unit, files in build(course, units).items():
        folder = course.release / unit
        changed += [folder / name for name, content in files.items() if write_whole(folder / name, content)]
        for path in _left_over(folder, files):
            path.unlink()
            changed.append(path)
    return changed


def stale(course: Course, units: list[str]) -> list[Path]:
    """Return the files of the release that are missing, superfluous or differ from what a release makes now."""
    differ = []
    for unit, files in build(course, units).items():
        folder = course.release / unit
        differ += [folder / n for n, new in files.items() if _content(folder / n) != new]
        differ += _left_over(folder, files)
    return differ


def orphans(course: Course) -> list[Path]:
    """Return the folders of the release that no source stands for."""
    if not course.release.is_dir():
        return []
    units = course.units()
    return [
        p for p in sorted(course.release.iterdir()) if p.is_dir() and p.name[0] != "." and p.name not in units
    ]


def _lay_out(course: Course, unit: str, target: Path) -> None:
    """Copy a unit's notebooks, in canonical form, and its figures to where nbgrader looks."""
    target.mkdir(parents=True)
    for path in sorted((course.source / unit).iterdir()):
        if path.suffix == ".ipynb":
            (target / path.name).write_bytes(canonical_bytes(path))
        elif path.suffix in FIGURES:
            shutil.copyfile(path, target / path.name)


def _converter(course: Course, scratch: Path):
    """Return nbgrader's converter, set as the course sets it but working in `scratch`."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader(CONFIG, path=str(course.folder)).load_config()
    ours = config.CourseDirectory
    ours.root, ours.source_directory, ours.release_directory = str(scratch), "source", "release"
    ours.db_url = f"sqlite:///{scratch / 'gradebook.db'}"
    return GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)


def _convert(converter, unit: str) -> None:
    from nbgrader.converters.base import NbGraderException

    converter.coursedir.assignment_id = unit
    with _quiet(converter) as said:
        try:
            converter.start()
        except (NbGraderException, SystemExit) as error:
            raise CourseError(f"nbgrader could not release {unit}: {_reason(said) or error}") from error


@contextlib.contextmanager
def _quiet(converter) -> Iterator[list[str]]:
    """Keep what nbgrader logs off the screen and yield the list of its errors."""
    said: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    handler, log = Keep(logging.ERROR), converter.log
    before, passed_on = list(log.handlers), log.propagate
    log.handlers, log.propagate = [handler], False
    try:
        yield said
    finally:
        log.handlers, log.propagate = before, passed_on


def _reason(said: list[str]) -> str:
    """Return the line of nbgrader's log that names the cause: the last one of its first traceback."""
    for message in said:
        if message.startswith("Traceback"):
            return message.strip().splitlines()[-1]
    return said[0].strip().splitlines()[0] if said else ""


def _collect(folder: Path) -> dict[str, bytes]:
    """Return what nbgrader made, notebooks in canonical form."""
    files = {}
    for path in sorted(folder.iterdir()):
        files[path.name] = _sealed(path) if path.suffix == ".ipynb" else path.read_bytes()
    return files


def _sealed(path: Path) -> bytes:
    """Return a released notebook's bytes with nbgrader's checksums of what is really in it."""
    import nbformat
    from nbgrader.utils import compute_checksum

    notebook = canonical(read(path))
    for cell in notebook["cells"]:
        if "checksum" in cell["metadata"].get("nbgrader", {}):
            cell["metadata"]["nbgrader"]["checksum"] = compute_checksum(nbformat.from_dict(cell))
    return as_bytes(notebook)


def _left_over(folder: Path, files: dict[str, bytes]) -> list[Path]:
    if not folder.is_dir():
        return []
    there = (p for p in sorted(folder.rglob("*")) if p.is_file() and ".ipynb_checkpoints" not in p.parts)
    return [p for p in there if p.relative_to(folder).as_posix() not in files]


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
