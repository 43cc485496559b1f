"""One module a unit: `from convbook.checks import convolution as check`, then `check.conv2d_naive(conv2d_naive)`.

A unit is whatever module or package here has a `unit`. `units()` finds them all: there is no other list.
"""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from pathlib import Path

from convbook.forms import Unit
from convbook.nbgrader_course import CourseError

ENGINE = "engine"  # what all units stand on; everything else here is a unit


def units() -> list[Unit]:
    """Return all units of the course in order, found by looking; each is loaded when it is first found.

    Raises `CourseError`, in one sentence, where the checks of a unit cannot be loaded or two units have one folder.

    >>> [unit.title for unit in units()][:2]
    ['Start here', 'Convolution']
    """
    found: dict[str, str] = {}
    all_units = []
    for topic in topics():
        if (one := of_topic(topic)) is None:
            continue
        if one.folder in found:
            raise CourseError(
                f"convbook.checks.{found[one.folder]} and convbook.checks.{topic} both say that they are unit {one.folder}"
            )
        found[one.folder] = topic
        all_units.append(one)
    return sorted(all_units, key=lambda one: one.folder)


def unit(word: str) -> Unit:
    """Return the unit that a word stands for: its folder's name, its topic or its number.

    By folder or topic no other unit is loaded. Raises `CourseError` where there is none.

    >>> unit("00_start_here") is unit("start_here") is unit("0")
    True
    """
    number, _, rest = word.partition("_")
    topic = rest if number.isdigit() else word
    if topic in topics() and (one := of_topic(topic)) is not None and word in (topic, one.folder):
        return one
    for one in units() if word.isdigit() else ():
        if int(one.folder.partition("_")[0]) == int(word):
            return one
    raise CourseError(f"no unit is called {word!r}; there are checks for {', '.join(topics())}")


def topics() -> list[str]:
    """Return the names of the modules and packages beside the engine, sorted; none is loaded."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != ENGINE)


def of_topic(topic: str) -> Unit | None:
    """Return the unit that `convbook.checks.<topic>` declares, or None if there is no such module, or no unit in it.

    Raises `CourseError`, in one sentence, where the module is broken.
    """
    if topic not in topics():
        return None
    try:
        found = getattr(importlib.import_module(f"{__name__}.{topic}"), "unit", None)
    except Exception as error:
        raise CourseError(f"the checks of {topic} cannot be loaded: {_said(error, topic)}") from error
    if found is not None and not isinstance(found, Unit):
        raise CourseError(
            f"{__name__}.{topic}.unit is a {type(found).__name__}; it should be Unit(folder, title, exercises)"
        )
    return found


def _said(error: Exception, topic: str) -> str:
    """Return what is wrong and in which line of a unit's own files, in one line."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    if isinstance(error, SyntaxError):  # it names the file and the line by itself
        return said
    own = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if topic in (Path(f.filename).stem, Path(f.filename).parent.name)
    ]
    return f"{said} ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else said
