"""A class on a real JupyterHub, with the recipe in etc/hub: release, fetch, submit, grade on submit, feedback.

All servers run as one system user here, as in the recipe's trial. On a real hub every student has a system user
(The Littlest JupyterHub) or a container; what file modes then keep apart is asked with another user's rights.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from running_hub import PROXY, Hub, Person, course_in, until

COURSE, UNIT = "convbook", "00_start_here"
NOTEBOOK = f"{COURSE}/{UNIT}/{UNIT}.ipynb"
FORMGRADER = f"/services/{COURSE}/formgrader"
RIGHT = "def brightness(image):\n    return image.mean()\n"
WRONG = "def brightness(image):\n    return image.sum()\n"


class ClassOnAHub:
    """What two students and an instructor saw; the hub has ended when tests read it."""

    def __init__(self, hub: Hub, repository: Path):
        self.exchange = hub.folder / "exchange" / COURSE
        self.teacher, self.ada, self.grace = (hub.person(name) for name in ("teacher", "ada", "grace"))
        self.ada.start(), self.grace.start()
        self.let_in = {
            (name, password): hub.log_in(name, password)
            for name, password in (("ada", "convbook"), ("ada", "guessed!"), ("stranger", "convbook"))
        }
        until("formgrader", lambda: hub.ask(f"{FORMGRADER}/api/assignments", self.teacher.token)[0] == 200)
        for step in ("assign", "release"):
            done = hub.json(f"{FORMGRADER}/api/assignment/{UNIT}/{step}", self.teacher.token, {})
            assert done["success"], done
        self.formgrader_for_ada = hub.ask(f"{FORMGRADER}/api/assignments", self.ada.token)[0]
        self.ada.wait(), self.grace.wait()
        self.ada_at_grace = hub.ask("/user/grace/api/contents", self.ada.token)[0]
        self.formgrader_at_home = hub.ask("/user/ada/formgrader/api/assignments", self.ada.token)[0]

        self.lab_of_ada = hub.ask("/user/ada/lab", self.ada.token)[1].decode()
        self.fetched = self.ada.nbgrader("fetch", UNIT, COURSE)
        self.pulled = self.grace.pull(self._students_repository(hub.folder, repository), "main", COURSE)
        self.hand_in(self.ada, RIGHT), self.hand_in(self.grace, WRONG)
        self.ada_page, self.grace_page = self.feedback(self.ada), self.feedback(self.grace)
        lines = hub.json(f"{FORMGRADER}/api/submissions/{UNIT}", self.teacher.token)
        self.scores = {line["student"]: (line["score"], line["max_score"]) for line in lines}
        self.said = hub.said()

    def hand_in(self, student: Person, answer: str) -> None:
        """Answer the exercise and press Submit."""
        notebook = student.read(NOTEBOOK)
        (cell,) = [cell for cell in notebook["cells"] if cell.get("id") == "brightness"]
        cell["source"] = answer
        student.write(NOTEBOOK, notebook)
        student.nbgrader("submit", UNIT, COURSE)

    def feedback(self, student: Person) -> str:
        """Wait until the list says that feedback is there, press Fetch Feedback, and return the page."""
        until(
            f"{student.name}'s feedback",
            lambda: any(one["has_exchange_feedback"] for one in student.submissions(COURSE)),
        )
        student.nbgrader("fetch_feedback", UNIT, COURSE)
        (one,) = student.submissions(COURSE)
        return student.read(f"{one['local_feedback_path']}/{UNIT}.html")

    @staticmethod
    def _students_repository(folder: Path, repository: Path) -> str:
        """Make the repository that docs/hub.md tells instructors to make: only what learners get."""
        place = folder / "for-students"
        shutil.copytree(repository / "notebooks" / UNIT, place / UNIT)
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
        for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Release unit 0"]):
            subprocess.run([*git, *words], cwd=place, check=True)
        return place.as_uri()


@pytest.fixture(scope="module")
def hub_class(repository) -> Iterator[ClassOnAHub]:
    pytest.importorskip("jupyterhub", reason='JupyterHub is not installed: pip install "convbook[hub]"')
    if sys.platform == "win32":
        pytest.skip("JupyterHub does not run on Windows")
    if not (repository / PROXY).exists() or shutil.which("node") is None:
        pytest.skip("JupyterHub's proxy is not installed: `npm ci` in the repository, with node, does it")
    # Not pytest's own folder: nobody else may enter that, and then no file mode would be tested.
    folder = Path(tempfile.mkdtemp(prefix="convbook-test-hub-"))
    folder.chmod(0o755)
    try:
        course_in(folder, repository, UNIT)
        hub = Hub(folder, repository)
        try:
            hub.wait()
            room = ClassOnAHub(hub, repository)
        finally:
            left = hub.stop()
        room.left = left
        yield room
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_who_answers_right_has_all_points_and_who_does_not_has_none(hub_class):
    assert hub_class.scores == {"ada": (2.0, 2.0), "grace": (0.0, 2.0)}


def test_feedback_comes_by_itself_and_says_what_is_wrong(hub_class):
    assert "Score: 2.0 / 2.0" in hub_class.ada_page
    assert "Score: 0.0 / 2.0" in hub_class.grace_page and "brightness" in hub_class.grace_page
    assert "ada: 2 / 2" in hub_class.said and "grace: 0 / 2" in hub_class.said, "the watcher told it"


def test_what_nbgrader_fetched_and_what_nbgitpuller_pulled_can_both_be_handed_in(hub_class):
    (fetched,) = hub_class.fetched
    assert (fetched["status"], fetched["path"]) == ("fetched", f"{COURSE}/{UNIT}")
    assert '"phase": "finished"' in hub_class.pulled


def test_formgrader_is_the_instructors_alone(hub_class):
    assert hub_class.formgrader_for_ada == 403
    assert hub_class.formgrader_at_home == 404, "a student's own server has no formgrader"
    page = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', hub_class.lab_of_ada, re.DOTALL)[1]
    disabled = json.loads(page)["disabledExtensions"]
    assert "@jupyter/nbgrader:formgrader" in disabled and "@jupyter/nbgrader:assignment-list" not in disabled


def test_a_students_token_opens_nobody_elses_server(hub_class):
    assert hub_class.ada_at_grace == 403


def test_only_the_class_is_let_in_and_only_with_the_password(hub_class):
    assert [who for who, inside in hub_class.let_in.items() if inside] == [("ada", "convbook")]


def test_no_student_can_look_into_the_exchanges_inbox(hub_class):
    inbox = hub_class.exchange / "inbound"
    assert len(list(inbox.iterdir())) == 2
    mode = stat.S_IMODE(inbox.stat().st_mode)
    assert mode & 0o077 == 0o033, "others may hand in, and cannot see what lies there"
    names = [path.name.split("+") for path in inbox.iterdir()]
    assert all(len(parts) == 4 and len(parts[3]) >= 12 for parts in names), "a name nobody can guess"
    feedback = hub_class.exchange / "feedback"
    assert stat.S_IMODE(feedback.stat().st_mode) & 0o066 == 0, "feedback is found by its secret name only"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be another user")
def test_another_system_user_can_hand_in_and_can_list_nothing(hub_class):
    def tries(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run(words, user=65534, group=65534, extra_groups=[], capture_output=True)

    exchange = hub_class.exchange
    assert tries("ls", str(exchange / "outbound" / UNIT)).returncode == 0, "what was released is for all"
    for closed in ("inbound", "feedback"):
        assert b"Permission denied" in tries("ls", str(exchange / closed)).stderr
    assert tries("mkdir", str(exchange / "inbound" / "x+y+z+secret")).returncode == 0
    (exchange / "inbound" / "x+y+z+secret").rmdir()


def test_nothing_is_left_running_when_the_hub_has_stopped(hub_class):
    assert hub_class.left == []
