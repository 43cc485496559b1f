"""How long until something happens: importing the course, asking the command for help, opening the lab.

    python benchmarks/startup.py

Times are the best of several tries and are told as ratios to `python -c pass` of the same run, so
that machines can be compared. Where Chromium is installed, the lab counts as ready once a notebook's cells are on the screen;
everywhere, once the page answers.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COURSE = Path(__file__).resolve().parent.parent
TRIES = 7
CHROMIUM_FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def seconds(*words: str) -> float:
    """Return the shortest time a Python command took."""
    taken = []
    for _ in range(TRIES):
        started = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - started)
    return min(taken)


@contextmanager
def lab(work: Path) -> Iterator[str]:
    """Start `convbook lab` on a fresh copy and yield its address once it is known."""
    words = [sys.executable, "-m", "convbook", "lab", "--no-browser", "--course", COURSE, "--work", work]
    with (
        open(work.with_suffix(".log"), "w+") as log,
        subprocess.Popen(words, stderr=log, stdout=log) as running,
    ):
        try:
            while not (found := re.search(r"http://127\.0\.0\.1:\S+", work.with_suffix(".log").read_text())):
                if running.poll() is not None:
                    raise SystemExit(work.with_suffix(".log").read_text())
                time.sleep(0.02)
            yield found[0]
        finally:
            running.send_signal(signal.SIGTERM)


def wait_for_answer(url: str) -> None:
    """Return once the page answers; the server names its address a moment before it listens."""
    while True:
        try:
            urllib.request.urlopen(url, timeout=60).close()
            return
        except ConnectionError:
            time.sleep(0.02)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.02)


def wait_for_cells(url: str, chromium: str) -> None:
    """Return once a browser shows the cells of the first notebook."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=[*CHROMIUM_FLAGS, "--no-sandbox"])
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1", timeout=60_000)
        browser.close()


def ready_seconds(show: bool) -> float | None:
    """Return the seconds from the command to a ready page, with `show` to visible cells; None without Chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if show and not chromium:
        return None
    with tempfile.TemporaryDirectory(prefix="convbook-startup-") as folder:
        started = time.perf_counter()
        with lab(Path(folder, "work")) as url:
            wait_for_cells(url, chromium) if show else wait_for_answer(url)
            return time.perf_counter() - started


def main() -> None:
    """Measure and print a line each."""
    bare = seconds("-c", "pass")
    rows = [
        ("python -c pass", bare),
        ("import convbook", seconds("-c", "import convbook")),
        ("convbook --help", seconds("-m", "convbook", "--help")),
        ("convbook lab: the page answers", ready_seconds(show=False)),
        (
            "convbook lab: the notebook is on the screen, browser's own start included",
            ready_seconds(show=True),
        ),
    ]
    for what, taken in rows:
        print(f"{what:<76}", "no Chromium" if taken is None else f"{taken:7.3f} s  {taken / bare:7.1f} x")


if __name__ == "__main__":
    main()
