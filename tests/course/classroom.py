"""A course folder and a small class for the tests that run the real nbgrader."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

UNIT = "01_convolution"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "convbook"
c.CourseDirectory.root = {root!r}
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.Exchange.root = {exchange!r}
c.NbGraderConfig.logfile = ""
"""
ROUTES = """
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\\nraise NotImplementedError()"}
c.ExecutePreprocessor.timeout = 60
"""


class Classroom:
    """A copy of the course in a temporary folder, with an exchange, where every command is nbgrader's own."""

    def __init__(self, folder: Path, repository: Path):
        self.root = folder / "course"
        self.exchange = folder / "exchange"
        self.student = folder / "student"
        for place in (self.root / "solutions", self.exchange, self.student, folder / "home"):
            place.mkdir(parents=True)
        self.exchange.chmod(0o777)
        shutil.copytree(repository / "solutions" / UNIT, self.root / "solutions" / UNIT)
        config = CONFIG.format(root=str(self.root), exchange=str(self.exchange)) + ROUTES
        (self.root / "nbgrader_config.py").write_text(config)
        (self.student / "nbgrader_config.py").write_text(config)
        self.environment = os.environ | {
            "HOME": str(folder / "home"),
            # nbgrader starts `alembic` by name, as it does in an activated environment.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "OMP_NUM_THREADS": "1",
            "JUPYTER_PREFER_ENV_PATH": "1",
            "NO_COLOR": "1",
        }

    def nbgrader(self, *words: str, within: Path | None = None) -> str:
        """Run one nbgrader command and return what it said; fail if it failed."""
        command = [sys.executable, "-m", "nbgrader", *words]
        done = subprocess.run(
            command,
            cwd=within or self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, f"nbgrader {' '.join(words)} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def notebook(self, folder: str) -> Path:
        """Return the unit's notebook in one of the course's folders."""
        return self.root / folder / UNIT / f"{UNIT}.ipynb"

    def hand_in(self, student: str, notebook: dict) -> None:
        """Put a notebook where `nbgrader collect` would put it."""
        place = self.root / "submitted" / student / UNIT
        place.mkdir(parents=True)
        (place / f"{UNIT}.ipynb").write_text(json.dumps(notebook))


def read(path: Path) -> dict:
    """Return a notebook as plain data."""
    return json.loads(path.read_text())


def source_of(cell: dict) -> str:
    """Return a cell's text, which JSON may hold in lines."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def solution_cells(solved: dict) -> dict[str, str]:
    """Return the instructor's answer to every exercise, by its name."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: source_of(cell)
        for cell in solved["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }


def thin(notebook: dict) -> dict:
    """Return a hand-in without what no point depends on: text, demonstrations, widgets. Running it takes seconds less."""
    cells = [c for c in notebook["cells"] if "nbgrader" in c["metadata"] or c["id"] == "imports"]
    return notebook | {"cells": cells}


def answered(released: dict, answers: dict[str, str]) -> dict:
    """Return a released notebook with some of its stubs replaced by answers."""
    notebook = json.loads(json.dumps(released))
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell["source"] = answers[name]
    return notebook
