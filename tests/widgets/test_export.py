"""A saved notebook as a page of nbconvert, without a network: pictures and questions are there, with their sentences."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent.parent
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
CELLS = [
    "import numpy as np\nfrom convbook.figures import pictures\nfrom convbook.widgets import Predict, SlideLab",
    "SlideLab()",
    "ask = Predict('How many places?', unit='places')\nask",
    "ask.truth(28, why='The first counts too.')",
    "another = Predict('Which is it?', choices=['this', 'that'])\nanother",
    "pictures.grids({'seen': np.eye(3)})",
]
FIGURE = "Tables of numbers. seen: 1 0 0; 0 1 0; 0 0 1."


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    """Return a notebook that a kernel ran, with the state of its widgets."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=120).execute()
    path = tmp_path_factory.mktemp("export") / "n.ipynb"
    nbformat.write(notebook, path)
    return path


def converted(path: Path, *options: str) -> str:
    """Return the page that `jupyter nbconvert --to html` makes of a notebook."""
    program = shutil.which("jupyter-nbconvert")
    command = [program] if program else [sys.executable, "-m", "nbconvert"]
    environment = os.environ | {"JUPYTER_CONFIG_PATH": str(ROOT / "etc" / "jupyter")}  # as installed
    words = [*command, "--to", "html", path.name, *options]
    subprocess.run(words, cwd=path.parent, check=True, capture_output=True, env=environment)
    return path.with_suffix(".html").read_text("utf-8")


def test_a_notebook_with_saved_widgets_is_a_page_that_needs_no_network(open_page, saved):
    state = json.loads(saved.read_text("utf-8"))["metadata"]["widgets"][STATE]["state"]
    assert (
        sum(model["model_name"] == "AnyModel" for model in state.values()) == 3
    )  # there is a state to be lost in
    body = converted(saved).split("<body", 1)[1]
    assert VIEW not in body and STATE not in body
    page = open_page()
    page.set_content(f"<body{re.sub(r'<script.*?</script>', '', body, flags=re.DOTALL)}")
    for name in (FIGURE, re.compile("^Output")):
        image = page.locator(".jp-OutputArea").get_by_role("img", name=name)
        assert image.count() == 1 and image.evaluate("(one) => one.naturalWidth") > 200
    said = page.inner_text("body")
    assert said.count("Predict. How many places?") == 2 and "that" in said
    assert not page.get_by_text("28 places.").is_visible()  # the answer is folded away
    page.get_by_text("The answer").click()
    assert page.get_by_text("28 places. The first counts too.").is_visible()


def test_a_dark_page_tells_its_figures_so(saved):
    assert converted(saved, "--HTMLExporter.theme=dark").count("max-width:100%;color-scheme:dark") == 1


def test_questions_share_the_text_of_their_module(saved):
    state = json.loads(saved.read_text("utf-8"))["metadata"]["widgets"][STATE]["state"]
    questions = [model for model in state.values() if model["state"].get("question")]
    codes = [model for model in state.values() if "module" in model["state"]]
    assert len(questions) == 2 and all(len(json.dumps(one)) < 3_500 for one in questions)
    assert len({one["state"]["_code"] for one in questions}) == 1
    assert len(codes) == 2  # one of the questions, one of SlideLab
