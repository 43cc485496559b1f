"""A learner's own copy of the notebooks: made once, added to, never overwritten."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from convbook.authoring.course import Course, units_in
from convbook.authoring.files import why, write_whole
from convbook.nbgrader_course import CourseError

MANIFEST = ".convbook.json"


@dataclass
class Manifest:
    """Remember what was given to the learner: for each file the hash of the copy and of the newest offer."""

    copied: dict[str, str] = field(default_factory=dict)
    offered: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, work: Path) -> Manifest:
        """Return the manifest of a learner's folder; an empty one where it is missing or damaged."""
        try:
            read = json.loads((work / MANIFEST).read_text(encoding="utf-8"))
            return cls(dict(read["copied"]), dict(read["offered"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def save(self, work: Path) -> None:
        text = json.dumps({"copied": self.copied, "offered": self.offered}, indent=1, sort_keys=True)
        write_whole(work / MANIFEST, (text + "\n").encode())


def bring_up_to_date(course: Course, work: Path) -> list[str]:
    """Bring a learner's folder up to date with the release and return sentences about what was done.

    New files are copied. A file that changed upstream since it was copied is laid beside the
    learner's as `NAME.new.ipynb` and named in a sentence, once. No file of the learner's is
    ever written to.
    """
    units = units_in(course.release)
    if not units:
        raise CourseError(
            f"there are no notebooks in {course.release}; the download is not whole: fetch the course again"
        )
    try:
        work.mkdir(parents=True, exist_ok=True)
        first = not any(work.iterdir())
        manifest = Manifest.load(work)
        try:
            told = [line for unit in units for line in _unit(course.release, work, unit, manifest)]
        finally:
            manifest.save(work)  # also after a full disk: what was copied is known
    except OSError as error:
        raise CourseError(
            f"your copy of the notebooks could not be written to {work}: {why(error)}; "
            "make room or choose another folder with --work"
        ) from error
    return [f"Your own copy of the notebooks is in {work}."] if first else told


def _unit(release: Path, work: Path, unit: str, manifest: Manifest) -> list[str]:
    """Bring one unit up to date and return what to tell about it."""
    new = not (work / unit).exists()
    names = [p.relative_to(release).as_posix() for p in sorted((release / unit).rglob("*")) if p.is_file()]
    names = [name for name in names if "/." not in name]
    told = [line for name in names for line in _file(release, work, name, manifest)]
    return [f"New unit: {unit}."] if new else told


def _file(release: Path, work: Path, name: str, manifest: Manifest) -> list[str]:
    upstream = (release / name).read_bytes()
    mine, now = work / name, digest(upstream)
    if not mine.exists():
        write_whole(mine, upstream)
        manifest.copied[name] = now
        return [f"{name} was missing in your copy; a fresh one is there now."]
    given = manifest.copied.get(name)
    if digest(mine.read_bytes()) == now or given is None:
        # Either the learner has this version, or the manifest was lost: then what is here counts as given.
        manifest.copied[name] = now
        return []
    if given == now or manifest.offered.get(name) == now:
        return []
    beside = _free_place(mine, manifest.offered.get(name))
    write_whole(beside, upstream)
    manifest.offered[name] = now
    return [
        f"{name} has changed since you got it; yours is untouched, the new one is beside it as {beside.name}."
    ]


def _free_place(mine: Path, last_offer: str | None) -> Path:
    """Return where to lay a new version: over the last offer if the learner left it as it was, else a free name."""
    number = 1
    while True:
        beside = mine.with_name(f"{mine.stem}.new{number if number > 1 else ''}{mine.suffix}")
        if not beside.exists() or digest(beside.read_bytes()) == last_offer:
            return beside
        number += 1


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
