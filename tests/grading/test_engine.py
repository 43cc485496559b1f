"""The engine runs jobs, gives a result for every one, and nothing stops it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from convbook.grading.job import Cell, Job, Limits, Result
from convbook.grading.running import sandbox
from convbook.grading.running.engine import Engine
from convbook.grading.running.outputs import Outputs
from convbook.grading.running.sandbox import NoSandbox
from hand_in import LIMITS, SQUARE, job, last, said

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacle()), reason=f"no sandbox here: {sandbox.obstacle()}")


@pytest.fixture(scope="module")
def engine():
    with Engine(workers=2) as running:
        yield running


def cells(*pairs: tuple[str, str]) -> tuple[Cell, ...]:
    return tuple(Cell(f"cell-{n}", role, source) for n, (role, source) in enumerate(pairs))


def course(instructor: tuple[Cell, ...], answers: dict[str, str] | None = None, **rest) -> Job:
    """Return the instructor's notebook as a submission, with other sources in the cells that `answers` names."""
    answers = answers or {}
    student = tuple(
        Cell(c.id, "check" if c.role == "check" else "student", answers.get(c.id, c.source))
        for c in instructor
    )
    return Job("key", "anna", "unit", student, instructor=instructor, limits=LIMITS, **rest)


def test_every_job_gives_one_result(engine):
    names = [f"student-{n}" for n in range(12)]
    results = list(engine.run(job(student=name) for name in names))
    assert sorted(result.student for result in results) == sorted(names)
    assert all(cell.status == "ok" for result in results for cell in result.cells)


def test_jobs_and_results_survive_the_trip_through_json(engine, tmp_path):
    one = job(files={"a.bin": b"\x00\xff"}, trusted_files={"b": b"1"})
    assert Job.from_parts(**one.apart()) == one
    (tmp_path / "a.bin").write_bytes(b"\x00\xff")
    assert Job.from_parts(**replace(one, files={"a.bin": tmp_path / "a.bin"}).apart()) == one
    result = engine.submit(one).result()
    assert Result.from_plain(json.loads(json.dumps(asdict(result)))) == result


def test_a_result_is_a_function_of_the_job(engine):
    draw = "print(np.random.random(), rng.random(), image.sum())\n" + SQUARE
    one = job(draw)
    first, second = engine.submit(one).result(), engine.submit(one).result()
    assert [cell.outputs for cell in first.cells] == [cell.outputs for cell in second.cells]


def test_the_figures_of_the_course_have_the_room_of_pictures():
    outputs = Outputs(1_000)
    figure = {
        "text/html": f'<img alt="a line" src="data:image/svg+xml,{"x" * 5_000}">',
        "text/plain": "a line",
    }
    for _ in range(3):
        outputs.add("display_data", data=figure, metadata={})
    assert [one["output_type"] for one in outputs.taken()] == ["display_data"] * 3
    outputs.add("display_data", data={"text/html": "<p>" + "x" * 5_000}, metadata={})
    assert [one["output_type"] for one in outputs.taken()] == ["stream"]


def test_a_cell_that_is_no_python_defines_nothing_while_a_hand_in_is_graded(engine):
    looked = Cell("looked", "student", "import convbook\nprint('square' in globals())")
    result = engine.submit(job("def square(x)\n    return x", more=(looked,))).result()
    assert "False" in str(result.cells[2].outputs) and last(result).status == "error"
    assert "NameError" in str(last(result).outputs)


def test_outputs_are_a_notebook_s(engine):
    nbformat = pytest.importorskip("nbformat")
    shown = """
import matplotlib.pyplot as plt
from IPython.display import display, HTML
print("to stdout")
display(HTML("<b>bold</b>"))
plt.plot([1, 2])
%time 1
[1, 2]
"""
    result = engine.submit(job(shown + "\n")).result()
    outputs = result.cells[1].outputs
    assert [o["output_type"] for o in outputs][-2:] == ["execute_result", "display_data"]
    assert "image/png" in outputs[-1]["data"]
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("", outputs=nbformat.from_dict(outputs))]
    )
    nbformat.validate(book)


def test_widgets_need_no_kernel(engine):
    pytest.importorskip("ipywidgets")
    result = engine.submit(job("import ipywidgets\nipywidgets.IntSlider()")).result()
    assert result.cells[1].status == "ok"


def test_a_last_value_is_told_for_partial_credit(engine):
    result = engine.submit(job(test="1.5 if square(2) == 4 else 0")).result()
    assert last(result).outputs[-1]["data"]["text/plain"] == "1.5"


def test_a_traceback_shows_the_student_s_lines_and_no_path(engine):
    result = engine.submit(job("def square(x):\n    return x.nothing\n")).result()
    assert "return x.nothing" in said(result)
    assert "/lib/" not in said(result) and "site-packages" not in said(result)


def test_the_lines_of_hidden_tests_stay_hidden(engine):
    test = "assert square(2) == 4\n### BEGIN HIDDEN TESTS\nassert square(7) == 49, 'try seven'\n### END HIDDEN TESTS"
    text = said(engine.submit(job("def square(x): return 4", test=test)).result())
    assert "square(7)" not in text and "try seven" in text


def test_an_interrupted_loop_keeps_what_was_defined(engine):
    limits = Limits(**{**vars(LIMITS), "cell_seconds": 1.0})
    result = engine.submit(job(SQUARE + "while True: pass", limits=limits)).result()
    assert [cell.status for cell in result.cells] == ["ok", "time-out", "ok"]


def test_a_figure_that_is_never_drawn_costs_only_itself(engine):
    endless = "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.gcf().draw = lambda *_: all(x == 0 for x in iter(int, 1))"
    made = job(endless + "\n" + SQUARE, limits=replace(LIMITS, cell_seconds=1.5))
    result = engine.submit(made).result()
    assert [cell.status for cell in result.cells] == ["ok", "time-out", "ok"], said(result)


def test_a_submission_that_takes_too_long_is_ended(engine):
    limits = Limits(**{**vars(LIMITS), "cell_seconds": 1.0, "submission_seconds": 2.0})
    loops = tuple(Cell(f"loop-{n}", "student", "while True: pass") for n in range(5))
    result = engine.submit(job(more=loops, limits=limits)).result()
    assert [cell.status for cell in result.cells][-2:] == ["skipped", "skipped"]
    assert result.processor["student"] < 4, "however long it waited for a processor"


def test_a_test_that_never_ends_costs_only_itself(engine):
    limits = Limits(**{**vars(LIMITS), "cell_seconds": 1.0})
    forever = Cell("forever", "check", "while square(1): pass")
    result = engine.submit(job(more=(forever,), limits=limits)).result()
    assert [cell.status for cell in result.cells] == ["ok", "ok", "time-out", "ok"]


def test_a_test_that_ends_its_own_process_costs_only_itself(engine):
    result = engine.submit(job(more=(Cell("gone", "check", "import os; os._exit(3)"),))).result()
    assert [cell.status for cell in result.cells] == ["ok", "ok", "died", "ok"]


def test_a_dead_warm_process_is_replaced(engine):
    with Engine(workers=1) as own:
        assert last(own.submit(job()).result()).status == "ok"
        (templates,) = own.templates.values()
        for process in (templates.student(()).process, templates.trusted.process):
            process.kill()
            process.wait()
            assert last(own.submit(job(student="bea")).result()).status == "ok"
            (templates,) = own.templates.values()


def test_names_come_from_the_instructor_unless_the_student_defines_them(engine):
    instructor = cells(
        ("setup", "import math\nscale = 2\ntable = []\nfor n in range(3):\n    table.append(n * scale)"),
        ("student", "from fractions import Fraction\ndef half(x):\n    return Fraction(x, 2)"),
        ("setup", "result = float(half(3))\ndef close(a, b):\n    return math.isclose(a, b)"),
        ("check", "limit = 5\nassert close(result, 1.5) and table == [0, 2, 4]"),
        ("check", "assert limit == 5 and Fraction(1, 2) == 0.5"),
    )
    solution = {"cell-1": "from fractions import Fraction\ndef half(x):\n    return x / 2"}
    right = engine.submit(course(instructor, solution)).result()
    assert [cell.status for cell in right.cells] == ["ok"] * 5, said(right)
    spoilt = {
        **solution,
        "cell-0": "scale = 0\ntable = 'gone'",
        "cell-2": "result = 1\nclose = lambda a, b: True",
    }
    assert [cell.status for cell in engine.submit(course(instructor, spoilt)).result().cells] == ["ok"] * 5
    wrong = {**spoilt, "cell-1": "def half(x):\n    return 1"}
    assert engine.submit(course(instructor, wrong)).result().cells[3].status == "error"


def test_tests_that_need_a_live_object_are_found_and_run_weakly(engine):
    instructor = cells(
        (
            "student",
            "class Account:\n    def __init__(self):\n        self.balance = 3\ndef five():\n    return 5",
        ),
        ("check", "account = Account()\nassert vars(account) == {'balance': 3}"),
        ("check", "assert five() == 5"),
        ("check", "assert five() == 6"),
    )
    weak = engine.tried(course(instructor)).weak
    assert weak == {"cell-1"}
    declared = course(instructor)
    declared = Job(**{**vars(declared), "cells": tuple(
        Cell(c.id, c.role, c.source, c.points, c.id in weak) for c in declared.cells)})  # fmt: skip
    result = engine.submit(declared).result()
    assert [cell.status for cell in result.cells] == ["ok", "ok", "ok", "error"]
    assert [cell.weak for cell in result.cells] == [False, True, False, False]


HELPERS = {"helpers.py": b"def check(value):\n    assert value == 9\n"}


@pytest.mark.parametrize(
    "setup", ["from helpers import *", "%run helpers.py", "exec(open('helpers.py').read())"]
)
def test_a_test_s_helpers_are_the_instructor_s(engine, setup):
    instructor = cells(
        ("setup", setup), ("student", "def square(x):\n    return x * x"), ("check", "check(square(3))")
    )
    files = {"files": HELPERS, "trusted_files": HELPERS}
    assert last(engine.submit(course(instructor, **files)).result()).status == "ok"
    cheat = {"cell-1": "def square(x):\n    return 0\ndef check(value): pass"}
    assert last(engine.submit(course(instructor, cheat, **files)).result()).status == "error"


def test_names_that_cannot_be_seen_to_come_replace_no_name(engine):
    instructor = cells(
        ("setup", "from math import *"),
        ("student", "def gcd(a, b):\n    return a if b == 0 else gcd(b, a % b)"),
        ("check", "assert gcd(4, 6) == 2 and floor(1.5) == 1"),
    )
    assert last(engine.submit(course(instructor)).result()).status == "ok"
    wrong = {"cell-1": "def gcd(a, b):\n    return 1"}
    assert last(engine.submit(course(instructor, wrong)).result()).status == "error"


def test_a_module_beside_the_notebook_can_be_imported(engine):
    instructor = cells(
        ("setup", "import helpers"),
        ("student", "import helpers\ndef square(x):\n    return x * x"),
        ("check", "helpers.check(square(3))"),
    )
    result = engine.submit(course(instructor, files=HELPERS, trusted_files=HELPERS)).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 3, said(result)


def test_a_test_that_the_instructor_does_not_pass_is_found(engine):
    instructor = cells(
        ("student", "class Five:\n    number = 5\ndef five():\n    return 5"),
        ("check", "assert 'number' in vars(Five)"),
        ("check", "import nothing_of_that_name"),
        ("check", "assert five() == 5"),
    )
    tried = engine.tried(course(instructor))
    assert (tried.weak, tried.unsolved) == ({"cell-1"}, {"cell-2"})


@pytest.mark.parametrize("use_sandbox", [True, False])
def test_no_folder_stays_behind(use_sandbox, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with Engine(workers=1, use_sandbox=use_sandbox) as engine:
        endless = Cell("endless", "check", "while True: pass")
        limits = Limits(**{**vars(LIMITS), "cell_seconds": 1.0})
        engine.submit(job(more=(endless,), trusted_files={"a.txt": b"1"}, limits=limits)).result()
    assert list(tmp_path.iterdir()) == []


def test_files_of_the_instructor_lie_where_the_tests_run(engine):
    test = "assert open('expected.txt').read() == 'nine'"
    result = engine.submit(
        job(test=test, files={"expected.txt": b"mine"}, trusted_files={"expected.txt": b"nine"})
    )
    assert last(result.result()).status == "ok"


def test_a_check_of_ours_tells_the_mistake_s_name(engine):
    instructor = cells(
        ("setup", "import numpy as np\nfrom convbook.checks import convolution as check"),
        ("student", "def flip180(k):\n    return k[::-1, ::-1]"),
        ("check", "check.flip180(flip180)"),
    )
    assert last(engine.submit(course(instructor, seed=11)).result()).status == "ok"
    result = engine.submit(
        course(instructor, {"cell-1": "def flip180(k):\n    return k[::-1]"}, seed=11)
    ).result()
    assert last(result).status == "error" and len(last(result).mistakes) == 1
    handed_on = "import torch\ndef flip180(k):\n    return torch.tensor(k.copy()).flip((0, 1)).numpy()"
    result = engine.submit(course(instructor, {"cell-1": handed_on}, seed=11)).result()
    assert last(result).status == "error" and [e["kind"] for e in result.events] == ["forbidden"]


CHECKED = cells(
    ("setup", "import numpy as np\nfrom convbook.checks import convolution as check"),
    ("student", "def same_padding(k):\n    while True: pass"),
    ("check", "check.same_padding(same_padding)"),
    ("student", "def flip180(k):\n    return k[::-1, ::-1]"),
    ("check", "check.flip180(flip180)"),
)


@pytest.mark.parametrize("endless", ["while True: pass", "import time; time.sleep(60)"])
def test_a_check_that_the_clock_stops_costs_only_itself(engine, endless):
    answers = {"cell-1": f"def same_padding(k):\n    {endless}"}
    result = engine.submit(course(CHECKED, answers)).result()
    assert [cell.status for cell in result.cells][2:] == ["error", "ok", "ok"], said(result)
    assert result.events == []


@needs_sandbox
def test_a_process_that_a_cell_left_running_computes_for_no_answer(engine):
    helper = """
import os, pickle
ask, told = os.pipe(), os.pipe()
if os.fork() == 0:
    import torch
    while True:
        flipped = torch.tensor(pickle.loads(os.read(ask[0], 2**16)).copy()).flip((0, 1)).numpy()
        os.write(told[1], pickle.dumps(flipped))
os.close(told[1])
def flip180(k):
    os.write(ask[1], pickle.dumps(k))
    return pickle.loads(os.read(told[0], 2**16))
"""
    answers = {"cell-1": "def same_padding(k):\n    return (k - 1) // 2", "cell-3": helper}
    assert last(engine.submit(course(CHECKED, answers)).result()).status == "error"


def test_torch_elsewhere_in_the_notebook_is_no_offence(engine):
    instructor = cells(
        ("setup", "import numpy as np, torch\nfrom convbook.checks import convolution as check"),
        ("student", "def flip180(k):\n    return k[::-1, ::-1]"),
        ("setup", "torch.ones(3).sum().item()"),
        ("check", "check.flip180(flip180)"),
        ("setup", "torch.relu(torch.ones(2)).numpy()"),
    )
    result = engine.submit(course(instructor)).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 5 and result.events == []


def test_an_honest_notebook_raises_no_alarm(engine):
    honest = """
import json, pathlib, tempfile
import matplotlib.pyplot as plt
from convbook import drills, widgets
pathlib.Path("notes.json").write_text(json.dumps({"a": 1}))
with tempfile.NamedTemporaryFile() as file: file.write(b"x")
plt.plot([1, 2]); plt.savefig("plot.png")
np.save("a.npy", image); np.load("a.npy")
"""
    result = engine.submit(job(honest + SQUARE)).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 3, said(result)
    assert result.events == []


def test_what_a_cell_reaches_for_is_reported(engine):
    result = engine.submit(
        job("import os\ntry: open('/etc/hostname')\nexcept OSError: pass\nos.system('true')\n" + SQUARE)
    )
    kinds = [event["kind"] for event in result.result().events]
    assert kinds == ["file"]  # another process is nobody's offence


def test_without_a_sandbox_it_says_so_loudly_or_refuses():
    with pytest.raises(NoSandbox, match="sandbox only"):
        Engine(require_sandbox=True, use_sandbox=False)
    with Engine(workers=1, use_sandbox=False) as open_engine:
        assert open_engine.warning.startswith("NOT SANDBOXED")
        result = open_engine.submit(job()).result()
        assert [cell.status for cell in result.cells] == ["ok"] * 3 and result.sandboxed is False
        ended = open_engine.submit(job("import os\ndef square(x): os._exit(1)")).result()
        assert last(ended).status == "died"
