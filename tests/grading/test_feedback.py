"""Feedback keeps every message, and holds no hidden test, no secret of this machine and nothing that runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from html import unescape
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from class_of_200 import Made, cell_of, hand_in, hand_out, make_course, packed, solved
from convbook.grading.course import Course
from convbook.grading.recording.clean import discreet
from convbook.grading.recording.feedback import Pages, write_all
from convbook.grading.recording.safe import clean_html
from convbook.grading.running.traces import FROM_HIDDEN_TEST
from plain_course import grade
from pretend import PretendEngine

EVIL = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)><script>1</script></svg>",
        "<iframe src='javascript:alert(1)'></iframe>", "[x](javascript:alert(1))", "<a href='JaVaScRiPt:alert(1)'>x</a>",
        "<style>@import 'http://evil'</style>", "<details ontoggle=alert(1) open>", "<math><mtext><script>alert(1)</script></mtext></math>",
        "$\\href{javascript:alert(1)}{x}$", "$&#92;href{javascript:alert(1)}{x}$",
        "<form action=x><input></form>", "<base href='http://evil/'>", "<object data='x.swf'>", "<meta http-equiv=refresh content='0;url=http://evil'>"]  # fmt: skip
RUNS = re.compile(
    r"<(script|iframe|object|embed|form|base|meta|link|svg|style)\b|<[^>]*(\son\w+\s*=|javascript:)|\\href",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("pages") / "course")


@pytest.fixture
def course(fresh, tmp_path):
    return shutil.copytree(fresh, tmp_path / "course")


def page_of(folder, content, outputs=None):
    """Hand in, grade, put outputs into the graded notebook, and return the page's visible body."""
    hand_in(folder, Made("ada", "honest", {"unit.ipynb": packed(content)}, None))
    grade(folder, PretendEngine())
    if outputs:
        path = folder / "autograded" / "ada" / "unit" / "unit.ipynb"
        graded = json.loads(path.read_text(encoding="utf-8"))
        for cell in graded["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["outputs"] = (
                outputs.get(name, cell.get("outputs", [])) if cell["cell_type"] == "code" else None
            )
            if cell["outputs"] is None:
                del cell["outputs"]
        path.chmod(0o644)
        path.write_text(json.dumps(graded), encoding="utf-8")
    (page,) = Pages(Course(folder), "unit").write("ada")
    return page.read_text(encoding="utf-8").split("<body>", 1)[1]


def error(kind, said, *lines):
    return {"output_type": "error", "ename": kind, "evalue": said, "traceback": list(lines)}


def display(**data):
    return {
        "output_type": "display_data",
        "data": {k.replace("_", "/").replace("/plus", "+"): v for k, v in data.items()},
        "metadata": {},
    }


def text(body):
    return re.sub(r"<[^>]+>", "", body)


def test_messages_stay_and_hidden_tests_go(course):
    hidden = "assert total([]) == 0, 'nothing adds up to zero'"
    failed = error(
        "AssertionError",
        "nothing adds up to zero",
        f"----> 3 {hidden}",
        "AssertionError: nothing adds up to zero",
    )
    body = text(page_of(course, solved(hand_out(course)), {"test-total": [failed]}))
    assert "AssertionError: nothing adds up to zero" in body
    assert "HIDDEN" not in body and "total([])" not in body and "total([1.5" not in body


def test_arrays_of_a_hidden_comparison_go(course):
    said = "Not equal to tolerance rtol=1e-07\nMismatched elements: 1 / 2 (50%)\n ACTUAL: array([1., 2.])\n DESIRED: array([31., 41.])"
    body = text(
        page_of(course, solved(hand_out(course)), {"test-total": [error("AssertionError", said, said)]})
    )
    assert "Mismatched elements" in body and "31." not in body


def test_what_a_student_prints_from_a_hidden_call_is_not_shown(course):
    printed = {"output_type": "stream", "name": "stdout", "text": "called with [1.5, -2.25]\n"}
    body = text(page_of(course, solved(hand_out(course)), {"test-total": [printed]}))
    assert "-2.25" not in body


def test_what_a_student_s_exception_says_in_a_hidden_call_is_not_shown(course):
    failed = error("Told_7", "called with [1.5, -2.25]", "Told_7: called with [1.5, -2.25]", FROM_HIDDEN_TEST)
    body = text(page_of(course, solved(hand_out(course)), {"test-total": [failed]}))
    assert "-2.25" not in body and "Told_7" not in body and f"Exception: {FROM_HIDDEN_TEST}" in body


@pytest.mark.parametrize(
    "quoted", ["assert total([1.5, -2.25]) == -0.75", repr(["assert total([1.5, -2.25]) == -0.75"])]
)
def test_no_output_of_the_notebook_quotes_a_hidden_test(course, quoted):
    printed = {"output_type": "stream", "name": "stdout", "text": f"found {quoted}\n"}
    body = text(page_of(course, solved(hand_out(course)), {"square": [printed]}))
    assert "found" in body and "-2.25" not in body


def test_a_visible_test_s_traceback_stays(course):
    failed = error(
        "AssertionError",
        "three times three",
        "----> 1 assert square(3) == 9",
        "AssertionError: three times three",
    )
    body = text(page_of(course, solved(hand_out(course)), {"test-square": [failed]}))
    assert "----&gt; 1 assert square(3) == 9" in body


def test_a_student_s_scripts_do_not_reach_the_page(course):
    content = solved(hand_out(course), why="\n\n".join(EVIL) + "\n\n**bold** and $x < y$")
    content["cells"].append(
        {"cell_type": "raw", "id": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": EVIL[0]}
    )
    content["metadata"]["title"] = "</title>" + EVIL[0]
    content["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"x": EVIL[0]}}
    shows = [
        display(text_html="".join(EVIL)),
        display(image_svg_plusxml="<svg><script>alert(1)</script></svg>"),
        display(application_javascript="alert(1)"),
        display(image_png='"><script>alert(1)</script>'),
        display(text_latex="<script>alert(1)</script>"),
        display(text_markdown=EVIL[1]),
        {"output_type": "stream", "name": "stdout", "text": EVIL[0]},
    ]
    body = page_of(course, content, {"square": shows})
    assert RUNS.findall(body) == []
    assert "<strong>bold</strong>" in body and "alert(1)&lt;/script&gt;" in body


@given(
    st.lists(
        st.sampled_from([*EVIL, "<", ">", '"', "'", "&lt;", "<b", "</", "<!--", "-->", "\0", "a"]), max_size=8
    ).map("".join)
)
def test_no_mixture_of_evil_survives_cleaning(mixture):
    shown = clean_html(mixture)
    assert re.search(r"<(script|iframe|svg|style|object|meta|base|form)\b", shown, re.IGNORECASE) is None
    assert re.search(r"<[^>]*\son\w+\s*=", shown) is None


def test_paths_and_environment_of_this_machine_go(course, monkeypatch):
    from convbook.grading.recording import clean

    monkeypatch.setenv("API_KEY_OF_THE_INSTRUCTOR", "hunter2-hunter2")
    clean._secrets.cache_clear()
    shown = {
        "output_type": "stream",
        "name": "stdout",
        "text": f"{sys.prefix}/lib {os.environ['API_KEY_OF_THE_INSTRUCTOR']}",
    }
    body = page_of(course, solved(hand_out(course)), {"square": [shown]})
    assert sys.prefix not in body and "hunter2" not in body and discreet("plain") == "plain"
    clean._secrets.cache_clear()


def test_a_linked_notebook_is_refused_and_named(course):
    hand_in(course, Made("ada", "honest", {"unit.ipynb": packed(solved(hand_out(course)))}, None))
    grade(course, PretendEngine())
    path = course / "autograded" / "ada" / "unit" / "unit.ipynb"
    path.rename(path.with_name("elsewhere.txt"))
    path.symlink_to("elsewhere.txt")
    failed = write_all(Course(course), "unit", ["ada"])
    assert list(failed) == ["ada"] and "symbolic link" in failed["ada"]


def test_a_figure_and_a_widget_keep_their_sentences(course):
    from convbook.figures import pictures

    figure = pictures.grids({"<seen>": np.eye(3)})
    drawn = {"output_type": "display_data", "data": figure._repr_mimebundle_(), "metadata": {}}
    alive = display(image_png="iVBORw0KGgo=", text_plain="Output [0, 0] is 3.")
    alive["metadata"] = {"image/png": {"alt": "Output [0, 0] is <3>."}}
    body = page_of(course, solved(hand_out(course)), {"square": [drawn, alive]})
    sentences = [unescape(alt) for alt in re.findall(r'<img[^>]*alt="([^"]*)"', body)]
    assert sentences == [figure.alt, "Output [0, 0] is <3>."]
    assert (
        body.count('src="data:image/svg+xml,') == body.count('src="data:image/png;base64,iVBORw0KGgo="') == 1
    )
    assert not RUNS.search(body)


@pytest.mark.parametrize(
    "drawing",
    [
        "<svg><script>steal()</script></svg>", "<svg onload='steal()'></svg>", "<svg><image href='http://evil/x.png'/></svg>",
        "<svg><style>@import 'http://evil'</style></svg>", "<svg><foreignObject><b/></foreignObject></svg>",
        "<svg><path style='fill: url(http://evil)'/></svg>", "<svg><a href='javascript:steal()'/></svg>", "<svg>&evil;</svg>",
    ],
)  # fmt: skip
def test_a_drawing_that_could_do_anything_loses_its_address(drawing):
    assert "data:" not in clean_html(f'<img alt="x" src="data:image/svg+xml,{quote(drawing)}">')


# --- attachments, long texts, other servers

PNG = {"image/png": "iVBORw0KGgo="}


def shown_for(course, why, attachments):
    content = solved(hand_out(course), why=why)
    cell_of(content, "why")["attachments"] = attachments
    return page_of(course, content)


def test_attached_pictures_are_shown_whatever_their_names_and_those_that_are_gone_by_their_words(course):
    decomposed = "Schaubild Übung (1).png".replace("Ü", "U\u0308")
    why = (
        "![a plan](attachment:my%20plan.png)\n\n![ein Bild](<attachment:Schaubild Übung (1).png>)\n\n"
        "![raw space](attachment:my plan.png)\n\n![it is gone](attachment:gone.png)\n\n![by reference][there]\n\n"
        "[there]: attachment:nowhere.png"
    )
    body = shown_for(course, why, {"my plan.png": PNG, decomposed: PNG})
    assert "by reference" in body and "it is gone" in body, (
        "nbconvert knows no answer: shown as it was written"
    )
    body = shown_for(course, why.split("![by")[0], {"my plan.png": PNG, decomposed: PNG})
    assert re.findall(r'<img[^>]*alt="([^"]*)"', body) == ["a plan", "ein Bild", "raw space"]
    assert body.count('src="data:image/png;base64,iVBORw0KGgo="') == 3 and "[it is gone]" in body


def test_a_page_names_its_tests_and_asks_no_other_server_for_anything(course):
    hand_in(course, Made("ada", "honest", {"unit.ipynb": packed(solved(hand_out(course)))}, None))
    grade(course, PretendEngine())
    (page,) = Pages(Course(course), "unit").write("ada")
    whole = page.read_text(encoding="utf-8")
    assert re.findall(r'<a href="#test-\w+">([^<]*)</a>', whole) == [
        "Test: square", "Test: total", "Test: scale", "Test: partial", "Test: stack",
    ]  # fmt: skip
    assert "<script" not in whole and "Test cell" not in whole
    loaded = re.findall(r'(?:src=|<link[^>]*href=|url\(|@import)\s*["\']?(https?:[^"\')\s]*)', whole)
    assert loaded == []


@pytest.mark.parametrize("piece", ["<div>", "![", "> "])
def test_very_long_texts_are_cut_and_cost_a_moment(course, piece):
    tags = clean_html("<div>" * 72_000)
    began = time.process_time()
    body = shown_for(course, (piece * 360_000)[:360_000], {})
    assert time.process_time() - began < 6 and "the rest was cut" in text(body)
    assert tags.startswith("<pre>&lt;div&gt;") and len(tags) < 1_000_000
