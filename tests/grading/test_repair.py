"""A submission becomes gradable; honest ones are left as they are, and every mending is a sentence."""

from __future__ import annotations

import copy
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convbook.grading.reading.reference import Reference, ReferenceCell
from convbook.grading.reading.repair import repair


def answer(name, body="    return x", own=None):
    stub = f"def {name}(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    return ReferenceCell(
        name,
        "code",
        stub,
        own or f"def {name}(x):\n{body}",
        stub,
        True,
        solution=True,
        checksum="stub",
        cell_id=name,
    )


def check(name, source, released=None):
    return ReferenceCell(
        f"check-{name}",
        "code",
        source,
        source,
        released or source,
        True,
        grade=True,
        locked=True,
        points=2.0,
        checksum="t",
        cell_id=f"check-{name}",
    )


def plain(name, source, kind="code"):
    return ReferenceCell(name, kind, source, source, source, cell_id=name)


TRUTH = Reference(
    "unit",
    (
        plain("imports", "import numpy as np"),
        plain("words", "Some words.", "markdown"),
        answer("double", "    return np.add(x, x)"),
        plain("try-double", "double(4)"),
        check("double", "assert double(2) == 4\nassert double(3) == 6  # hidden", "assert double(2) == 4"),
        answer("triple", "    return 3 * x"),
        check("triple", "assert triple(1) == 3"),
        ReferenceCell("why", "markdown", "YOUR ANSWER HERE", "Because.", "YOUR ANSWER HERE", True, grade=True, solution=True, points=3.0, cell_id="why"),
    ),
    {"name": "python3", "language": "python"},
)  # fmt: skip


def handed_in(**answers):
    """Return the cells of an honest hand-in."""
    cells = []
    for true in TRUTH.cells:
        source = answers.get(true.name, true.own if true.solution else true.released)
        metadata = {"nbgrader": copy.deepcopy(true.metadata())} if true.marked else {}
        cells.append(
            {"cell_type": true.cell_type, "id": true.cell_id, "metadata": metadata, "source": source}
        )
        if true.cell_type == "code":
            cells[-1] |= {"outputs": [], "execution_count": None}
    return cells


def order(repaired):
    return [placed.name for placed in repaired.placed if placed.name]


def by_id(cells, name):
    return next(cell for cell in cells if cell["id"] == name)


NAMES = ["double", "check-double", "triple", "check-triple", "why"]


def test_an_honest_hand_in_is_left_alone_and_gets_the_hidden_tests():
    repaired = repair(handed_in(), TRUTH)
    assert repaired.remarks == [] and order(repaired) == NAMES
    assert next(p.cell["source"] for p in repaired.placed if p.name == "check-double").endswith("# hidden")


@given(st.data())
def test_no_honest_habit_raises_a_remark(data):
    """Adding cells, deleting ordinary ones that nothing needs, running in any order, another Python kernel, no ids."""
    cells = handed_in()
    if data.draw(st.booleans()):
        cells = [cell for cell in cells if cell["id"] not in ("words", "try-double")]
    for number in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(cells)))
        source = data.draw(
            st.sampled_from(["", "x = 1", "print('hm')", "# a note", "%timeit 1", "1 +", "def mine(): pass"])
        )
        cells.insert(
            place,
            {
                "cell_type": "code",
                "id": f"own-{number}",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            },
        )
    if data.draw(st.booleans()):
        for number, cell in enumerate(cells):
            cell["id"] = f"cell-{number}"
    metadata = {
        "kernelspec": {"name": "conda-env-ml-py", "language": "python"},
        "language_info": {"name": "python"},
    }
    repaired = repair(cells, TRUTH, metadata)
    assert repaired.remarks == [] and order(repaired) == NAMES


@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_after_any_vandalism_all_tests_are_there_once_behind_their_answers(chance: random.Random, times):
    cells = handed_in()
    for _ in range(times):
        vandalise(cells, chance)
    repaired = repair(cells, TRUTH)
    names = order(repaired)
    assert sorted(names) == sorted(NAMES)
    for name in ("double", "triple"):
        assert names.index(name) < names.index(f"check-{name}")
    for placed in repaired.placed:
        if placed.true is not None and placed.true.is_check:
            assert placed.cell["source"] == placed.true.source
            assert placed.cell["metadata"]["nbgrader"] == placed.true.metadata()
            assert placed.role == "check"
    assert len({cell.id for cell in repaired.cells()}) == len(repaired.cells())


def vandalise(cells, chance):
    """Do one thing that a careless or a cunning student might do."""
    if not cells:
        return
    cell = chance.choice(cells)
    deed = chance.randrange(8)
    if deed == 0:
        cells.remove(cell)
    elif deed == 1:
        cells.insert(chance.randrange(len(cells)), copy.deepcopy(cell))
    elif deed == 2:
        cells.remove(cell)
        cells.insert(chance.randrange(len(cells) + 1), cell)
    elif deed == 3:
        cell["metadata"] = chance.choice(
            [
                {},
                {"nbgrader": 7},
                {"nbgrader": {"grade_id": 3}},
                {"nbgrader": {"grade_id": "x", "grade": True}},
            ]
        )
    elif deed == 4:
        cell["cell_type"] = chance.choice(["code", "markdown", "raw"])
    elif deed == 5:
        cell["source"] = chance.choice(["", "pass", "def double(x): return 1", "%%javascript\nalert(1)", "("])
    elif deed == 6:
        other = chance.choice(cells)
        cell["metadata"], other["metadata"] = other["metadata"], cell["metadata"]
    else:
        marks = cell["metadata"].get("nbgrader")
        if isinstance(marks, dict):
            marks |= {"points": chance.choice([100, "x", None, []]), "locked": False}


@pytest.mark.parametrize(
    ("deed", "kind", "words"),
    [
        (lambda cells: cells.remove(by_id(cells, "check-double")), "tamper", "check-double was deleted"),
        (lambda cells: cells.remove(by_id(cells, "double")), "repair", "double was deleted"),
        (lambda cells: cells.remove(by_id(cells, "imports")), "repair", "defines np was deleted"),
        (lambda cells: by_id(cells, "check-double").update(source="pass"), "tamper", "text of the test check-double was changed"),
        (lambda cells: by_id(cells, "check-double").update(cell_type="markdown"), "repair", "had become markdown"),
        (lambda cells: by_id(cells, "check-double")["metadata"]["nbgrader"].update(points=9), "release", "points said 9, it is 2"),
        (lambda cells: by_id(cells, "check-double")["metadata"].update(tags=["skip-execution"]), "tamper", "not to run it"),
        (lambda cells: by_id(cells, "double").update(metadata={}, id="lost"), "repair", "known by its definition"),
        (lambda cells: cells.append(cells.pop(2)), "repair", "stood before the answer it tests"),
        (lambda cells: cells.append(copy.deepcopy(cells[4]) | {"id": "copy"}), "repair", "more than once"),
        (lambda cells: cells.append(cells.pop(0)), "repair", "defines np stood too late"),
    ],
)  # fmt: skip
def test_every_mending_is_a_sentence(deed, kind, words):
    cells = handed_in()
    deed(cells)
    remarks = repair(cells, TRUTH).remarks
    assert [r.kind for r in remarks if words in r.sentence] == [kind], remarks


def test_an_answer_that_lost_its_name_and_its_function_is_known_by_its_place():
    cells = handed_in()
    by_id(cells, "triple").update(metadata={}, id="lost", source="triple = lambda x: 3 * x")
    repaired = repair(cells, TRUTH)
    assert next(p.cell["source"] for p in repaired.placed if p.name == "triple") == "triple = lambda x: 3 * x"


def test_a_test_s_name_on_an_answer_does_not_cost_the_answer():
    cells = handed_in()
    mine, test = by_id(cells, "double"), by_id(cells, "check-double")
    mine["metadata"], test["metadata"] = test["metadata"], mine["metadata"]
    repaired = repair(cells, TRUTH)
    assert "np.add" in next(p.cell["source"] for p in repaired.placed if p.name == "double")
    assert order(repaired) == NAMES


def test_an_editor_s_tidying_of_a_test_is_no_tampering():
    cells = handed_in()
    by_id(cells, "check-triple")["source"] = "assert (triple( 1 )) == 3\n\n"
    assert repair(cells, TRUTH).remarks == []


def test_a_missing_test_in_a_damaged_file_is_a_mishap():
    remarks = repair(handed_in()[:4], TRUTH, damaged=True).remarks
    assert remarks and {remark.kind for remark in remarks} == {"repair"}


def test_an_ordinary_cell_is_not_taken_for_a_missing_test_that_it_is_like():
    demo = plain("demo", "assert double(2) == 4, 'it should be 4'")
    truth = Reference("unit", (*TRUTH.cells[:3], demo, *TRUTH.cells[3:]), TRUTH.kernelspec)
    cells = [cell for cell in handed_in() if cell["id"] != "check-double"]
    cells.insert(3, {"cell_type": "code", "id": "demo", "metadata": {}, "source": demo.source})
    repaired = repair(cells, truth, damaged=True)
    assert [remark.sentence for remark in repaired.remarks] == [
        "the cell check-double was deleted; it was put back"
    ]
    assert next(p.true.name for p in repaired.placed if p.cell["source"] == demo.source) == "demo"


def test_a_kernel_of_another_language_is_told():
    remarks = repair(handed_in(), TRUTH, {"kernelspec": {"name": "ir", "language": "R"}}).remarks
    assert len(remarks) == 1 and "kernel for R" in remarks[0].sentence


# --- answers that stand elsewhere


def stub_of(name):
    return next(true.released for true in TRUTH.cells if true.name == name)


def added(source, kind="code", name="mine"):
    cell = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


ANSWER = "def double(x):\n    return np.add(x, x)"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("markdown", f"Here it is:\n\n```python\n{ANSWER}\n```\nand some words"),
        ("markdown", f"~~~\n{ANSWER}\n~~~"),
        ("raw", ANSWER),
    ],
)
def test_an_answer_in_a_markdown_or_raw_cell_is_taken_and_said(kind, text):
    cells = handed_in(double=stub_of("double"))
    cells.insert(3, added(text, kind))
    repaired = repair(cells, TRUTH)
    assert next(p.cell["source"] for p in repaired.placed if p.name == "double") == ANSWER
    assert [remark.sentence for remark in repaired.remarks] == [
        f"the answer double stood in a {kind} cell; it was taken from there"
    ]


def test_an_answer_cell_that_became_markdown_is_run_without_its_fence():
    cells = handed_in(double=f"```python\n{ANSWER}\n```")
    by_id(cells, "double")["cell_type"] = "markdown"
    repaired = repair(cells, TRUTH)
    (placed,) = [p for p in repaired.placed if p.name == "double"]
    assert placed.role == "student" and placed.cell["source"] == ANSWER
    assert "had become markdown" in repaired.remarks[0].sentence


@pytest.mark.parametrize("place", [2, 6])
def test_an_answer_in_a_cell_of_its_own_above_its_stub_or_below_its_test_counts(place):
    cells = handed_in(double=stub_of("double"))
    cells.insert(place, added(ANSWER))
    repaired = repair(cells, TRUTH)
    ran = [cell.id for cell in repaired.cells()]
    mine = next(cell.id for cell in repaired.cells() if cell.source == ANSWER)
    assert ran.index("double") < ran.index(mine) < ran.index("check-double")
    assert [remark.sentence for remark in repaired.remarks] == [
        "the answer double stood in another cell than its own; that cell was taken for it"
    ]


def test_an_answer_below_its_test_is_said():
    cells = handed_in()
    cells.insert(6, cells.pop(2))
    repaired = repair(cells, TRUTH)
    assert [remark.sentence for remark in repaired.remarks] == [
        "the test check-double stood before the answer it tests; it was moved behind it"
    ]


def test_a_fence_that_holds_another_function_is_no_answer():
    cells = handed_in(double=stub_of("double"))
    cells.insert(
        3,
        added(
            "```python\ndef triple(x):\n    return 3 * x\n```\n```bash\ndef double(x): rm\n```", "markdown"
        ),
    )
    assert repair(cells, TRUTH).remarks == []


def test_thousands_of_cells_a_little_like_the_answers_are_matched_in_seconds():
    cells = [added(f"def f{n}(x):\n    return np.add(x, {n})\n# {n * n}", name=f"c{n}") for n in range(4_000)]
    began = time.process_time()
    repair([*cells, added(ANSWER, name="a"), added(stub_of("triple") + "\n# mine", name="b")], TRUTH)
    assert time.process_time() - began < 10
