"""The instructor's own page, nbgrader's formgrader, opens in a real browser and shows the scores."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from browser import free_port
from classroom import UNIT, Classroom, answered, read, solution_cells, thin

HOSTILE = """An answer.

Half of it: $\\frac{1}{2}$

<script>document.title = "owned"</script>
<img src="x" onerror="document.title = 'owned'">
<svg onload="document.title = 'owned'"></svg>
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory, repository) -> Classroom:
    """Return a course in which one student got all of `corr2d` and nothing else."""
    room = Classroom(tmp_path_factory.mktemp("class"), repository)
    room.nbgrader("generate_assignment", UNIT)
    answers = solution_cells(read(room.notebook("solutions")))
    released = read(room.notebook("notebooks"))
    handed_in = thin(answered(released, {"corr2d": answers["corr2d"]}))
    handed_in["cells"].append({"cell_type": "markdown", "id": "hostile", "metadata": {}, "source": HOSTILE})
    room.hand_in("ada", handed_in)
    room.nbgrader("autograde", UNIT)
    with (room.root / "nbgrader_config.py").open("a") as config:
        config.write("\nfrom convbook.grading import stock\nstock.use(c)\n")
    return room


@pytest.fixture(scope="module")
def server(graded):
    """Return the address of a JupyterLab that runs in the course's folder."""
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.token=", "--ServerApp.password=", "--ServerApp.open_browser=False"]
    log = (graded.root / "server.log").open("w")
    process = subprocess.Popen(command, cwd=graded.root, env=graded.environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(address + "/api", timeout=2)
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def test_formgrader_lists_the_unit_and_shows_the_score(server, graded, chromium):
    with closing(chromium.new_page(viewport={"width": 1200, "height": 700})) as page:
        page.goto(server + "/formgrader/manage_assignments")
        page.get_by_text(UNIT).first.wait_for(timeout=30_000)
        page.goto(f"{server}/formgrader/manage_submissions/{UNIT}")
        row = page.get_by_role("row").filter(has_text="ada")
        row.wait_for(timeout=30_000)
        told = row.inner_text()
        if folder := os.environ.get("CONVBOOK_SCREENSHOTS"):
            page.screenshot(path=str(Path(folder) / "formgrader.png"))
    assert "5 / 40" in told


def test_no_script_of_a_student_or_another_server_runs_in_the_instructor_s_browser(server, graded, chromium):
    with sqlite3.connect(graded.root / "gradebook.db") as db:
        [(number,)] = db.execute("select id from submitted_notebook").fetchall()
    with closing(chromium.new_page()) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{server}/formgrader/submissions/{number}/")
        page.get_by_text("An answer.").first.wait_for(timeout=30_000)
        page.wait_for_timeout(500)
        title = page.title()
        formula = page.get_by_text(r"$\frac{1}{2}$").count()
    assert title != "owned"
    elsewhere = [address for address in asked if not address.startswith((server, "data:"))]
    assert len(asked) > 5 and elsewhere == [] and formula == 1, (
        "no script of another server; TeX stays as it is"
    )
