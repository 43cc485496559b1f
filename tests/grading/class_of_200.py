"""Make a class: a small plain nbgrader course and as many hand-ins as wanted, each with the score it must get.

    python tests/grading/class_of_200.py FOLDER [NUMBER]

The unit knows nothing of `convbook`: plain `assert` cells, hidden tests, partial credit, a question and a task that
a person grades.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "plain101"
c.ExecutePreprocessor.timeout = {seconds}
c.ConvbookGrade.submission_seconds = 25
c.ConvbookGrade.memory_bytes = 600_000_000
"""
POINTS = {"test-square": 2, "test-total": 3, "test-scale": 4, "test-partial": 5, "test-stack": 2}
FULL = sum(POINTS.values())

RIGHT = {
    "square": "def square(x):\n    return x * x",
    "total": "def total(numbers):\n    result = 0\n    for number in numbers:\n        result += number\n    return result",
    "scale": "def scale(array, factor):\n    return np.asarray(array) * factor",
    "primes": "def primes(n):\n    return [k for k in range(2, n) if all(k % d for d in range(2, k))]",
    "stack": "class Stack:\n    def __init__(self):\n        self.items = []\n    def push(self, item):\n        self.items.append(item)\n"
    "    def pop(self):\n        return self.items.pop()",
}
TESTS = {
    "test-square": "assert square(3) == 9, 'three times three'\nassert square(-2) == 4",
    "test-total": "assert total([1, 2, 3]) == 6\n### BEGIN HIDDEN TESTS\nassert total([]) == 0, 'nothing adds up to zero'\n"
    "assert total([1.5, -2.25]) == -0.75\n### END HIDDEN TESTS",
    "test-scale": "np.testing.assert_allclose(scale(np.arange(4.0), 2), [0, 2, 4, 6])\n"
    "assert scale(np.ones((2, 3)), 0.5).shape == (2, 3)",
    "test-partial": "found = [primes(10) == [2, 3, 5, 7], primes(3) == [2], primes(2) == [], len(primes(30)) == 10, primes(20)[-1] == 19]\n"
    "sum(found)",
    "test-stack": "stack = Stack()\nstack.push(1)\nstack.push(2)\nassert stack.pop() == 2\nassert stack.items == [1]",
}
ORDER = [
    ("square", "test-square"),
    ("total", "test-total"),
    ("scale", "test-scale"),
    ("primes", "test-partial"),
    ("stack", "test-stack"),
]


def code(source: str, name: str = "", **marks: Any) -> dict[str, Any]:
    """Return a code cell."""
    return {"cell_type": "code", "execution_count": None, "outputs": []} | _common(source, name, marks)


def prose(source: str, name: str = "", **marks: Any) -> dict[str, Any]:
    """Return a markdown cell."""
    return {"cell_type": "markdown"} | _common(source, name, marks)


def _common(source: str, name: str, marks: dict[str, Any]) -> dict[str, Any]:
    metadata = {
        "nbgrader": {
            "grade_id": name,
            "schema_version": 3,
            "grade": False,
            "solution": False,
            "locked": False,
            "task": False,
        }
        | marks
    }
    return {
        "id": name or "c" + str(abs(hash(source)) % 10**9),
        "metadata": metadata if marks else {},
        "source": source,
    }


def notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a notebook of these cells."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def source() -> dict[str, Any]:
    """Return the instructor's notebook."""
    cells = [prose("# A plain unit", "title"), code("import numpy as np", "imports")]
    cells[0]["metadata"] = cells[1]["metadata"] = {}
    for answer, test in ORDER:
        lines = RIGHT[answer].split("\n")
        body = "\n".join([lines[0], "    ### BEGIN SOLUTION", *lines[1:], "    ### END SOLUTION"])
        cells.append(code(body, answer, solution=True))
        cells.append(code(TESTS[test], test, grade=True, locked=True, points=POINTS[test]))
    cells.append(prose("Why is zero the sum of nothing?", "why", grade=True, solution=True, points=2))
    cells.append(
        prose(
            "Draw a picture.\n=== BEGIN MARK SCHEME ===\none point a line\n=== END MARK SCHEME ===",
            "picture",
            task=True,
            locked=True,
            points=1,
        )
    )
    return notebook(cells)


@dataclass
class Made:
    """Hold one generated hand-in: what is in its folder, and what must come of it.

    `score` is the sum of the automatic scores, None where only safety matters; `status` the line of the report.
    `kind` is `honest`, `faulty` or `hostile`.
    """

    name: str
    kind: str
    files: dict[str, bytes]
    score: float | None
    status: str = "graded"
    links: dict[str, str] = field(default_factory=dict)
    says: str = ""


def hand_out(course: Path) -> dict[str, Any]:
    """Return the released notebook of a course."""
    return json.loads((course / "release" / "unit" / "unit.ipynb").read_text(encoding="utf-8"))


def solved(released: dict[str, Any], **answers: str) -> dict[str, Any]:
    """Return the hand-out with right answers, but for those given."""
    filled = copy.deepcopy(released)
    for cell in filled["cells"]:
        cell["source"] = "".join(cell["source"])
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in RIGHT:
            cell["source"] = answers.get(name, RIGHT[name])
        elif name == "why":
            cell["source"] = answers.get("why", "Because adding it changes nothing.")
    return filled


def packed(content: dict[str, Any]) -> bytes:
    """Return the bytes of a notebook's file."""
    return json.dumps(content, indent=1).encode()


def cell_of(content: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a cell by its name."""
    return next(c for c in content["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def make_course(folder: Path, seconds: int = 6) -> Path:
    """Make the course: configuration, source, release and gradebook."""
    from convbook.grading.course import Course, in_folder

    (folder / "source" / "unit").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG.format(seconds=seconds), encoding="utf-8")
    (folder / "source" / "unit" / "unit.ipynb").write_bytes(packed(source()))
    course = Course(folder)
    from nbgrader.converters import GenerateAssignment

    with in_folder(folder), course.gradebook():
        course.directory.assignment_id = "unit"
        GenerateAssignment(coursedir=course.directory, parent=course.app).start()
    return folder


def hand_in(course: Path, made: Made) -> None:
    """Put a hand-in where nbgrader collects."""
    folder = course / "submitted" / made.name / "unit"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timestamp.txt").write_text("2026-03-01 12:00:00.000000 UTC", encoding="utf-8")
    for name, content in made.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name, target in made.links.items():
        (folder / name).symlink_to(target)


# --- the class

HONEST: dict[str, tuple[dict[str, str], float]] = {
    "right": ({}, FULL),
    "lambda": ({"square": "square = lambda x: x ** 2"}, FULL),
    "builtin": ({"total": "def total(numbers):\n    return sum(numbers)"}, FULL),
    "wrong-square": ({"square": "def square(x):\n    return 2 * x"}, FULL - 2),
    "wrong-hidden": ({"total": "def total(numbers):\n    result = 0\n    for n in numbers:\n        result += int(n)\n    return result"}, FULL - 3),
    "no-empty": ({"total": "def total(numbers):\n    return numbers[0] + total(numbers[1:]) if len(numbers) > 1 else numbers[0]"}, FULL - 3),
    "list-not-array": ({"scale": "def scale(array, factor):\n    return [x * factor for x in array]"}, FULL - 4),
    "partly": ({"primes": "def primes(n):\n    return [k for k in range(2, n) if k in (2, 3, 5, 7)]"}, FULL - 2),
    "off-by-one": ({"primes": "def primes(n):\n    return [k for k in range(2, n + 1) if all(k % d for d in range(2, k))]"}, FULL - 2),
    "raises": ({"scale": "def scale(array, factor):\n    raise ValueError('I do not know')"}, FULL - 4),
    "syntax-error": ({"square": "def square(x)\n    return x"}, FULL - 2),
    "none": ({"total": "def total(numbers):\n    pass"}, FULL - 3),
    "untouched": ({name: "# YOUR CODE HERE\nraise NotImplementedError()" for name in RIGHT} | {"why": ""}, 0.0),
    "queue": ({"stack": RIGHT["stack"].replace(".pop()", ".pop(0)")}, FULL - 2),
    "prints": ({"square": "def square(x):\n    print('squaring', x)\n    return x * x"}, FULL),
    "helper": ({"scale": "def helper(a):\n    return np.asarray(a)\ndef scale(array, factor):\n    return helper(array) * factor"}, FULL),
}  # fmt: skip
CODES: dict[str, tuple[str, str, float]] = {
    "endless": ("square", "def square(x):\n    while True:\n        pass", FULL - 2),
    "endless-cell": ("square", "while True:\n    pass", FULL - 2),
    "sleeps": ("square", "import time\ndef square(x):\n    time.sleep(600)", FULL - 2),
    "swallows": ("square", "def square(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass", FULL - 2),
    "exits": ("total", "def total(numbers):\n    exit()", FULL - 3),
    "exits-at-once": ("total", "import os\nos._exit(0)", FULL - 3),
    "segfault": ("scale", "import ctypes\ndef scale(array, factor):\n    ctypes.string_at(0)", FULL - 4),
    "deadlock": ("square", "import threading\ndef square(x):\n    lock = threading.Lock(); lock.acquire(); lock.acquire()", FULL - 2),
    "floods": ("square", "print('x' * 5_000_000)\ndef square(x):\n    return x * x", FULL),
    "floods-in-call": ("square", "def square(x):\n    for _ in range(20000): print('y' * 100)\n    return x * x", FULL),
    "hog": ("scale", "def scale(array, factor):\n    return np.ones(10**10) * factor", FULL - 4),
    "disk-hog": ("scale", "def scale(array, factor):\n    open('big', 'wb').write(b'0' * 10**9)\n    return 1", FULL - 4),
    "warns": ("square", "import sys, warnings\nwarnings.warn('careful')\nprint('on stderr', file=sys.stderr)\ndef square(x):\n"
              "    print('on stderr', file=sys.stderr)\n    return x * x", FULL),
    "recursion": ("total", "def total(numbers):\n    return total(numbers)", FULL - 3),
    "system-exit": ("primes", "import sys\ndef primes(n):\n    sys.exit(1)", FULL - 5),
}  # fmt: skip
EQUALS_ALL = (
    "class Anything:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"
    + "".join(
        f"    def {name}(self, *a): return {value}\n"
        for name, value in (
            ("__len__", 10),
            ("__getitem__", "self"),
            ("__array__", "np.zeros(1)"),
            ("__bool__", "True"),
        )
    )
)
HOSTILE: dict[str, tuple[dict[str, str], float]] = {
    "equals-everything": ({"square": EQUALS_ALL + "def square(x):\n    return Anything()"}, FULL - 2),
    "patches-numpy": ({"scale": "np.testing.assert_allclose = lambda *a, **k: None\ndef scale(array, factor):\n    return np.ones((2, 3))"}, FULL - 4),
    "patches-builtins": ({"primes": "import builtins\nbuiltins.sum = lambda *a: 5\nbuiltins.len = lambda x: 10\ndef primes(n):\n    return []"}, FULL - 5),
    "reads-tests": ({"total": "import gc, sys, glob\ndef total(numbers):\n    return sum(1 for f in glob.glob('/**/gradebook.db', recursive=True))"}, FULL - 3),
    "prints-a-result": ({"primes": "from IPython.display import publish_display_data\ndef primes(n):\n    print('5')\n    publish_display_data({'text/plain': '5'})\n    return None"}, FULL - 5),
    "forks": ({"square": "import os\ndef square(x):\n    if os.fork() == 0:\n        return x * x\n    os._exit(0)"}, None),
    "kills-parent": ({"square": "import os, signal\ndef square(x):\n    os.kill(os.getppid(), signal.SIGKILL)\n    return 0"}, FULL - 2),
    "network": ({"square": "import urllib.request\ndef square(x):\n    return int(urllib.request.urlopen('http://example.org', timeout=2).read())\ntry:\n    square(3)\nexcept OSError:\n    pass"}, FULL - 2),
    "writes-gradebook": ({"square": "import sqlite3\ndef square(x):\n    sqlite3.connect('/tmp/gradebook.db').execute('create table if not exists grade(x)')\n    return 1"}, FULL - 2),
    "stack-frames": ({"total": "import sys\ndef total(numbers):\n    frame = sys._getframe()\n    while frame.f_back: frame = frame.f_back\n    frame.f_globals['total'] = sum\n    return 1"}, FULL - 3),
    "number-subclass": ({"square": "class N(int):\n    def __eq__(self, o): return True\n    __hash__ = int.__hash__\ndef square(x):\n    return N(1)"}, FULL - 2),
    "shadowing": ({}, FULL),
}  # fmt: skip
Change = Callable[[dict[str, Any]], bytes]


def _duplicate(name: str) -> Change:
    def change(content: dict[str, Any]) -> bytes:
        cells = content["cells"]
        place = cells.index(cell_of(content, name))
        cells.insert(place + 1, copy.deepcopy(cells[place]) | {"id": f"{name}-copy"})
        return packed(content)

    return change


def _without(*names: str) -> Change:
    def change(content: dict[str, Any]) -> bytes:
        content["cells"] = [c for c in content["cells"] if c["id"] not in names]
        return packed(content)

    return change


def _retyped(name: str, kind: str) -> Change:
    def change(content: dict[str, Any]) -> bytes:
        cell = cell_of(content, name)
        cell["cell_type"] = kind
        if kind != "code":
            cell.pop("outputs", None), cell.pop("execution_count", None)
        return packed(content)

    return change


def _moved(name: str, place: int) -> Change:
    def change(content: dict[str, Any]) -> bytes:
        cell = next(c for c in content["cells"] if c["id"] == name)
        content["cells"].remove(cell)
        content["cells"].insert(place if place >= 0 else len(content["cells"]), cell)
        return packed(content)

    return change


def _stripped(content: dict[str, Any]) -> bytes:
    for number, cell in enumerate(content["cells"]):
        cell["metadata"], cell["id"] = {}, f"x{number}"
    return packed(content)


def _marked(name: str, **marks: Any) -> Change:
    def change(content: dict[str, Any]) -> bytes:
        cell_of(content, name)["metadata"]["nbgrader"] |= marks
        return packed(content)

    return change


def _rewritten(name: str, text: str) -> Change:
    def change(content: dict[str, Any]) -> bytes:
        cell_of(content, name)["source"] = text
        return packed(content)

    return change


def _swapped(one: str, other: str) -> Change:
    def change(content: dict[str, Any]) -> bytes:
        a, b = cell_of(content, one)["metadata"]["nbgrader"], cell_of(content, other)["metadata"]["nbgrader"]
        a["grade_id"], b["grade_id"] = b["grade_id"], a["grade_id"]
        return packed(content)

    return change


def _tagged(content: dict[str, Any]) -> bytes:
    cell_of(content, "test-square")["metadata"]["tags"] = ["skip-execution"]
    cell_of(content, "square")["source"] = "def square(x):\n    return 0"
    return packed(content)


def _other_kernel(content: dict[str, Any]) -> bytes:
    content["metadata"] = {
        "kernelspec": {"display_name": "R", "language": "R", "name": "ir"},
        "language_info": {"name": "R"},
    }
    return packed(content)


def _format_3(content: dict[str, Any]) -> bytes:
    cells = []
    for cell in content["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            old |= {"input": cell["source"], "outputs": [], "language": "python", "prompt_number": 1}
        else:
            old["source"] = cell["source"]
        cells.append(old)
    return json.dumps(
        {
            "metadata": {"name": ""},
            "nbformat": 3,
            "nbformat_minor": 0,
            "worksheets": [{"cells": cells, "metadata": {}}],
        }
    ).encode()


def _format_40(content: dict[str, Any]) -> bytes:
    for cell in content["cells"]:
        del cell["id"]
    return packed(content | {"nbformat_minor": 0})


def _conflict(content: dict[str, Any]) -> bytes:
    text = packed(content).decode()
    mine = next(line for line in text.split("\n") if "return x * x" in line)
    both = f"<<<<<<< HEAD\n{mine}\n=======\n{mine.replace('x * x', 'x + x')}\n>>>>>>> other"
    return text.replace(mine, both).encode()


def _truncated(content: dict[str, Any]) -> bytes:
    text = packed(content).decode()
    return text[: text.index('"primes"')].encode()


FAULTS: dict[str, tuple[Change, float, str]] = {
    "copied-test": (_duplicate("test-square"), FULL, "graded with repairs"),
    "copied-answer": (_duplicate("total"), FULL, "graded with repairs"),
    "deleted-test": (_without("test-scale"), FULL, "graded with repairs"),
    "deleted-answer": (_without("total"), FULL - 3, "graded with repairs"),
    "deleted-imports": (_without("imports"), FULL, "graded with repairs"),
    "retyped-test": (_retyped("test-total", "markdown"), FULL, "graded with repairs"),
    "retyped-answer": (_retyped("square", "raw"), FULL, "graded with repairs"),
    "moved-test": (_moved("test-scale", 0), FULL, "graded with repairs"),
    "moved-answer": (_moved("square", -1), FULL, "graded with repairs"),
    "moved-imports": (_moved("imports", -1), FULL, "graded with repairs"),
    "swapped-names": (_swapped("square", "test-square"), FULL, "graded with repairs"),
    "stripped": (_stripped, FULL, "graded with repairs"),
    "more-points": (_marked("test-square", points=100), FULL, "graded"),
    "not-a-test": (_marked("test-square", grade=False, locked=False), FULL, "graded with repairs"),
    "changed-test": (_rewritten("test-square", "assert True"), FULL, "graded with repairs"),
    "wrong-kernel": (_other_kernel, FULL, "graded with repairs"),
    "format-3": (_format_3, FULL, "graded with repairs"),
    "format-4-0": (_format_40, FULL, "graded"),
    "bom": (lambda content: b"\xef\xbb\xbf" + packed(content), FULL, "graded with repairs"),
    "utf-16": (lambda content: packed(content).decode().encode("utf-16"), FULL, "graded with repairs"),
    "latin-1": (lambda content: packed(content).replace(b"changes nothing", b"\xe4ndert nichts"), FULL, "graded with repairs"),
    "conflict": (_conflict, FULL, "graded with repairs"),
    "truncated": (_truncated, POINTS["test-square"] + POINTS["test-total"] + POINTS["test-scale"], "graded with repairs"),
    "trailing-garbage": (lambda content: packed(content) + b"\n}}}", FULL, "graded"),
    "skips-its-tests": (_tagged, FULL - 2, "graded with repairs"),
}  # fmt: skip
UNREADABLE = {
    "empty-file": ({"unit.ipynb": b""}, "the file is empty"),
    "not-json": ({"unit.ipynb": b"Dear professor, my computer broke."}, "not a notebook"),
    "no-cells": ({"unit.ipynb": packed(notebook([]))}, "no cells"),
    "no-notebook": ({"essay.txt": b"see above"}, "no notebook"),
    "deep": ({"unit.ipynb": b"[" * 100_000}, "not a notebook"),
}


def kinds(course: Path) -> list[Made]:
    """Return one hand-in of every kind there is."""
    released = hand_out(course)
    made = [
        Made(f"honest-{n}", "honest", {"unit.ipynb": packed(solved(released, **a))}, s)
        for n, (a, s) in HONEST.items()
    ]
    for name, (answer, text, score) in CODES.items():
        made.append(
            Made(f"code-{name}", "faulty", {"unit.ipynb": packed(solved(released, **{answer: text}))}, score)
        )
    for name, (change, score, status) in FAULTS.items():
        kind = (
            "hostile"
            if name in ("more-points", "not-a-test", "changed-test", "skips-its-tests")
            else "faulty"
        )
        made.append(Made(f"file-{name}", kind, {"unit.ipynb": change(solved(released))}, score, status))
    for name, (files, says) in UNREADABLE.items():
        made.append(Made(f"unreadable-{name}", "faulty", files, 0.0, "unreadable", says=says))
    for name, (answers, score) in HOSTILE.items():
        made.append(
            Made(f"hostile-{name}", "hostile", {"unit.ipynb": packed(solved(released, **answers))}, score)
        )
    made[-1].files["numpy.py"] = b"raise SystemExit('shadowed')"
    made[-1].score = None
    renamed = {"unit (1).ipynb": packed(solved(released))}
    made.append(Made("file-renamed", "faulty", renamed, FULL, "graded with repairs"))
    in_folder = {"homework/unit.ipynb": packed(solved(released))}
    made.append(Made("file-in-a-folder", "faulty", in_folder, FULL, "graded with repairs"))
    made.append(
        Made(
            "file-as-text",
            "faulty",
            {"unit.ipynb.txt": packed(solved(released))},
            FULL,
            "graded with repairs",
        )
    )
    whole = {"unit.ipynb": packed(solved(released))}
    made.append(
        Made("hostile-link", "hostile", whole, FULL, "graded with repairs", links={"data.txt": "/etc/passwd"})
    )
    made.append(
        Made(
            "hostile-linked-notebook",
            "hostile",
            {},
            0.0,
            "unreadable",
            {"unit.ipynb": "../../honest-right/unit/unit.ipynb"},
        )
    )
    return made


def make_class(course: Path, number: int = 200) -> list[Made]:
    """Hand in `number` submissions: one of every kind, then honest ones in turn."""
    made = kinds(course)
    honest = [m for m in made if m.kind == "honest"]
    for index in range(max(0, number - len(made))):
        like = honest[index % len(honest)]
        made.append(Made(f"student-{index:03}", "honest", like.files, like.score))
    for one in made:
        hand_in(course, one)
    return made


if __name__ == "__main__":
    folder = make_course(Path(sys.argv[1]).resolve())
    print(f"{len(make_class(folder, int((sys.argv[2:] or ['200'])[0])))} hand-ins in {folder / 'submitted'}")
