"""What a notebook looks like after grading: the repaired cells with the outputs that grading found.

The outputs of a test are written so that nbgrader's own rule (`determine_grade`: an error or anything on stderr
costs the cell, a number is partial credit, everything else is full credit) reads the score from them that was
earned. So formgrader, feedback and `nbgrader autograde` cannot come to another score than we do.
"""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell

from convbook.grading.job import CellResult, Result
from convbook.grading.reading.match import Placed
from convbook.grading.reading.recover import Remark, distinct_ids
from convbook.grading.reading.reference import Reference
from convbook.grading.reading.repair import Repaired, repair

RULED = ("tags", "name", "collapsed", "scrolled", "format")  # a cell's metadata that nbformat has rules for
SAID = {
    "time-out": "the test was ended: it took too long",
    "died": "the student's process ended during the test",
    "skipped": "the test could not be run",
}


def notebook(repaired: Repaired, result: Result | None) -> NotebookNode:
    """Return the graded notebook as nbformat 4.5. Without a result every test has failed."""
    results = {cell.id: cell for cell in result.cells} if result is not None else {}
    cells = []
    ran = iter(repaired.cells())
    count = 0
    for placed in repaired.placed:
        cell = _clean(placed)
        if placed.role:
            job_cell = next(ran)
            found = results.get(job_cell.id) or CellResult(job_cell.id, "skipped")
            count += found.status != "skipped"
            cell["execution_count"] = count if found.status != "skipped" else None
            outputs = check_outputs(found, job_cell.points) if placed.role == "check" else found.outputs
            counted = {"execution_count": count}
            cell["outputs"] = [o | counted if o["output_type"] == "execute_result" else o for o in outputs]
        cells.append(cell)
    distinct_ids(cells)
    metadata = {"language_info": {"name": "python"}}
    if repaired.reference.kernelspec:
        metadata["kernelspec"] = repaired.reference.kernelspec
    return from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def placeholder(reference: Reference, reason: str) -> NotebookNode:
    """Return a notebook that stands for one that could not be read, so that formgrader has a page for it."""
    page = notebook(repair([], reference), None)
    said = f"**This hand-in could not be read:** {reason}"
    page.cells.insert(0, new_markdown_cell(said, id="convbook-unreadable"))
    return page


def _clean(placed: Placed) -> dict[str, Any]:
    """Return a cell as nbformat wants it, without the outputs that came with it."""
    cell = {name: placed.cell[name] for name in ("cell_type", "source")}
    cell["id"] = re.sub(r"[^a-zA-Z0-9_-]", "-", placed.cell["id"])[:60]
    metadata = placed.cell["metadata"]
    cell["metadata"] = {name: value for name, value in metadata.items() if name not in RULED}
    if isinstance(tags := metadata.get("tags"), list):
        known = {tag for tag in tags if isinstance(tag, str) and re.fullmatch(r"[^,]+", tag)}
        cell["metadata"]["tags"] = sorted(known)
    if cell["cell_type"] == "code":
        return cell | {"execution_count": None, "outputs": []}
    attachments = placed.cell.get("attachments")
    return cell | ({"attachments": attachments} if isinstance(attachments, dict) else {})


def check_outputs(found: CellResult, points: float) -> list[dict[str, Any]]:
    """Return the outputs of a test so that nbgrader reads the earned score from them."""
    outputs = [o | {"name": "stdout"} if o["output_type"] == "stream" else o for o in found.outputs]
    if found.status == "ok":
        return [_partial(output, points) for output in outputs if output["output_type"] != "error"]
    if not any(output["output_type"] == "error" for output in outputs):
        said = SAID.get(found.status, "the test failed")
        outputs.append({"output_type": "error", "ename": "NotRun", "evalue": said, "traceback": [said]})
    return outputs


def _partial(output: dict[str, Any], points: float) -> dict[str, Any]:
    """Return a partial credit as a number that nbgrader accepts: no more than the points there are."""
    if output["output_type"] != "execute_result":
        return output
    text = repr(float(points)) if credit(output) > points else output["data"].get("text/plain")
    data = output["data"] | {"text/plain": text if isinstance(text, str) and text else "None"}
    return output | {"data": data}


def credit(output: dict[str, Any]) -> float:
    """Return the number that a test's last line gave, 0 where it gave none.

    >>> credit({"output_type": "execute_result", "data": {"text/plain": "2.5"}})
    2.5
    """
    text = output["data"].get("text/plain") if output["output_type"] == "execute_result" else None
    try:
        return float(text) if isinstance(text, str) else 0.0
    except ValueError:
        return 0.0


def differences(repaired: Repaired, result: Result) -> list[Remark]:
    """Return where a notebook showed a test as passed that grading found failing, and where a test gave too much.

    Shown as passed: only what cannot have an honest reason in the test itself. Nothing in it was hidden, it had run,
    after the answers it tests, and its output held no error. (Random cases differ between a notebook and grading, so
    even this is a remark for a reader, never a verdict.)
    """
    found = {cell.id: cell for cell in result.cells}
    latest = 0
    remarks = []
    for placed in repaired.placed:
        true, count = placed.true, placed.cell.get("execution_count") or 0
        if true is not None and true.is_check and true.name in found:
            graded, shown = found[true.name], placed.cell.get("outputs") or []
            passed = count > latest > 0 and shown and not any(o.get("output_type") == "error" for o in shown)
            if passed and not true.hidden and graded.status in ("error", "died"):
                said = f"the notebook showed the test {true.name} passed; grading found it failing"
                remarks.append(Remark("shown", said, true.name))
            for given in map(credit, graded.outputs):
                if given > true.points:
                    said = f"gave {given:g} of {true.points:g} points; {true.points:g} were counted"
                    remarks.append(Remark("note", f"the test {true.name} {said}", true.name))
        elif true is not None and true.solution:
            latest = max(latest, count)
    return remarks
