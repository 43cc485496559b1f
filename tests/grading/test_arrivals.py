"""Grade on submit: what arrives in a real exchange is collected, graded, and its feedback published."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import replace

import pytest

from class_of_200 import FULL, hand_out, make_course, packed, solved
from convbook.grading.arrivals import Inbox, watch
from convbook.grading.course import Course, GradingError
from plain_course import auto_scores
from pretend import PretendEngine


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("exchange") / "course")


@pytest.fixture
def course(fresh, tmp_path):
    folder = shutil.copytree(fresh, tmp_path / "course")
    exchange = tmp_path / "exchange"
    (exchange / "plain101" / "inbound").mkdir(parents=True)
    exchange.chmod(0o777)
    with open(folder / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write(f"c.Exchange.root = {str(exchange)!r}\n")
    return folder


def submit(folder, student, minute="00", **answers):
    """Submit as nbgrader does: a folder in the inbox, with a time stamp and a secret."""
    stamp = f"2026-03-01 12:{minute}:00.000000 UTC"
    inbox = folder.parent / "exchange" / "plain101" / "inbound" / f"{student}+unit+{stamp}"
    inbox.mkdir()
    (inbox / "unit.ipynb").write_bytes(packed(solved(hand_out(folder), **answers)))
    (inbox / "submission_secret.txt").write_text(f"secret of {student} {minute}", encoding="utf-8")
    (inbox / "timestamp.txt").write_text(stamp, encoding="utf-8")
    return inbox


class Watching:
    """Watch in a thread until the block ends."""

    def __init__(self, folder, engine=None, **settings):
        self.said, self.over = [], threading.Event()
        course, engine = Course(folder), engine or PretendEngine()
        settings["stop"] = self.over.is_set
        self.thread = threading.Thread(
            target=watch, args=(course, "unit", engine, self.said.append), kwargs=settings
        )

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        self.thread.join(30)

    def hears(self, words, seconds=30.0):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if any(words in sentence for sentence in self.said):
                return True
            time.sleep(0.05)
        return False


def test_what_arrives_is_graded_and_its_feedback_published(course):
    published = course.parent / "exchange" / "plain101" / "feedback"
    with Watching(course) as watching:
        submit(course, "ada")
        assert watching.hears(f"ada: {FULL} / 19"), watching.said
        submit(course, "bob", square="def square(x):\n    return x")
        assert watching.hears(f"bob: {FULL - 2} / 19"), watching.said
        submit(course, "bob", minute="05")
        assert watching.hears(f"bob: {FULL} / 19"), watching.said
    assert auto_scores(course, "bob")["test-square"] == 2
    assert len(list(published.glob("*.html"))) == 3, "one page for every hand-in, under its own secret"
    from nbgrader.utils import notebook_hash

    page = published / f"{notebook_hash(secret='secret of ada 00', notebook_id='unit')}.html"
    assert "Score: 16.0 / 19.0" in page.read_text(encoding="utf-8")


class WithoutSandbox(PretendEngine):
    def result(self, job):
        return replace(super().result(job), sandboxed=False)


def test_a_watch_that_requires_the_sandbox_keeps_no_result_without_one(course):
    ran = []
    for minute, engine, required in (("00", WithoutSandbox(), False), ("05", PretendEngine(), True)):
        with Watching(course, engine, require_sandbox=required) as watching:
            submit(course, "ada", minute)
            assert watching.hears("ada: 16 / 19"), watching.said
        ran.append(bool(engine.ran))
    assert ran == [True, True]


def test_a_hand_in_with_a_link_is_refused_and_the_watch_goes_on(course):
    with Watching(course) as watching:
        inbox = submit(course, "mallory")
        (inbox / "data.txt").symlink_to("/etc/passwd")
        assert watching.hears("mallory: could not be graded: data.txt is a symbolic link"), watching.said
        submit(course, "ada")
        assert watching.hears("ada: 16 / 19"), watching.said
    assert not (course / "submitted" / "mallory").exists()


def test_a_hand_in_that_is_still_being_copied_waits(course):
    inbox = submit(course, "ada")
    (inbox / "timestamp.txt").rename(inbox / "timestamp.part")
    looking = Inbox(Course(course), "unit")
    assert looking.arrived() == {} and looking.arrived() == {}
    (inbox / "timestamp.part").rename(inbox / "timestamp.txt")
    assert looking.arrived() == {} and list(looking.arrived()) == ["ada"] and looking.arrived() == {}


def test_without_an_exchange_it_says_what_to_set(fresh, tmp_path):
    folder = shutil.copytree(fresh, tmp_path / "course")
    with open(folder / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write("c.CourseDirectory.course_id = ''\n")
    with pytest.raises(GradingError, match=r"c\.Exchange\.root"):
        Inbox(Course(folder), "unit")
