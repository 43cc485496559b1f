"""What a notebook looks like after grading: the repaired cells with the outputs that grading found.

The outputs of a test are written so that nbgrader's own rule (`determine_grade`: an error or anything on stderr
costs the cell, a number is partial credit, everything else is full credit) reads the score from them that was
earned. So formgrader, feedback and `nbgrader autograde` cannot come to another score than we do.
"""

from __future__ import annotations

import math
import re
from typing import Any

from convbook.grading.job import CellResult, Result
from convbook.grading.reading.placed import Placed, Remark
from convbook.grading.reading.recover import distinct_ids
from convbook.grading.reading.repair import Repaired

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def notebook(repaired: Repaired, result: Result | None) -> dict[str, Any]:
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
            outputs = check_outputs(found, job_cell.points) if placed.role == "check" else list(found.outputs)
            count += found.status != "skipped"
            cell["execution_count"] = count if found.status != "skipped" else None
            cell["outputs"] = [_counted(output, count) for output in outputs]
        cells.append(cell)
    distinct_ids(cells)
    metadata = {"language_info": {"name": "python"}}
    if repaired.reference.kernelspec:
        metadata["kernelspec"] = repaired.reference.kernelspec
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _clean(placed: Placed) -> dict[str, Any]:
    """Return a cell as nbformat wants it, without the outputs that came with it."""
    cell = {name: placed.cell[name] for name in ("cell_type", "id", "metadata", "source")}
    cell["id"] = re.sub(r"[^a-zA-Z0-9_-]", "-", cell["id"])[:60]
    metadata = {
        k: v
        for k, v in cell["metadata"].items()
        if k not in ("tags", "name", "collapsed", "scrolled", "format")
    }
    tags = cell["metadata"].get("tags")
    if isinstance(tags, list):
        metadata["tags"] = sorted({t for t in tags if isinstance(t, str) and re.fullmatch(r"[^,]+", t)})
    cell["metadata"] = metadata
    attachments = placed.cell.get("attachments")
    if isinstance(attachments, dict) and cell["cell_type"] != "code":
        cell["attachments"] = attachments
    return cell | ({"execution_count": None, "outputs": []} if cell["cell_type"] == "code" else {})


def check_outputs(found: CellResult, points: float) -> list[dict[str, Any]]:
    """Return the outputs of a test so that nbgrader reads the earned score from them."""
    outputs = [{**o, "name": "stdout"} if _is_stderr(o) else o for o in found.outputs]
    failed = found.status != "ok"
    if not failed:
        return [_partial(output, points) for output in outputs if output.get("output_type") != "error"]
    if not any(output.get("output_type") == "error" for output in outputs):
        said = {
            "time-out": "the test was ended: it took too long",
            "died": "the student's process ended during the test",
            "skipped": "the test could not be run",
        }.get(found.status, "the test failed")
        outputs.append({"output_type": "error", "ename": "NotRun", "evalue": said, "traceback": [said]})
    return outputs


def _is_stderr(output: dict[str, Any]) -> bool:
    return output.get("output_type") == "stream" and output.get("name") == "stderr"


def _partial(output: dict[str, Any], points: float) -> dict[str, Any]:
    """Return a partial credit as a number that nbgrader accepts: no more than the points there are."""
    if output.get("output_type") != "execute_result":
        return output
    data = dict(output.get("data") or {})
    text = data.get("text/plain")
    text = "".join(text) if isinstance(text, list) else text
    if not isinstance(text, str) or not text:
        return {**output, "data": data | {"text/plain": "None"}}
    credit = as_number(text)
    if credit is not None and credit > points:
        data["text/plain"] = repr(float(points))
        return {**output, "data": data}
    return output


def as_number(text: str) -> float | None:
    """Return the number that a test's last line gave, or None.

    >>> as_number("2.5"), as_number("True"), as_number("nan")
    (2.5, None, None)
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return value if not math.isnan(value) else None


def _counted(output: dict[str, Any], count: int) -> dict[str, Any]:
    return {**output, "execution_count": count} if output.get("output_type") == "execute_result" else output


def differences(repaired: Repaired, result: Result) -> list[Remark]:
    """Return where a notebook showed a test as passed that grading found failing.

    Only what cannot have an honest reason in the test itself: nothing in it was hidden, it had run, after the
    answers it tests, and its output held no error. (Random cases differ between a notebook and grading, so even this is
    a remark for a reader, never a verdict.)
    """
    found = {cell.id: cell for cell in result.cells}
    latest = 0
    remarks = []
    for placed in repaired.placed:
        count = placed.cell.get("execution_count") or 0
        true = placed.true
        if true is not None and true.is_check:
            shown = placed.cell.get("outputs") or []
            passed = count > latest > 0 and not any(o.get("output_type") == "error" for o in shown)
            graded = found.get(true.name)
            if (
                passed
                and shown
                and not true.hidden
                and graded is not None
                and graded.status in ("error", "died")
            ):
                said = f"the notebook showed the test {true.name} passed; grading found it failing"
                remarks.append(Remark("shown", said, true.name))
        elif true is not None and true.solution:
            latest = max(latest, count)
    return remarks


def generous(repaired: Repaired, result: Result) -> list[Remark]:
    """Return notes about tests that gave more partial credit than they are worth."""
    found = {cell.id: cell for cell in result.cells}
    remarks = []
    for placed in repaired.placed:
        true = placed.true
        for output in (
            found[true.name].outputs if true is not None and true.is_check and true.name in found else ()
        ):
            if output.get("output_type") == "execute_result":
                credit = as_number(str((output.get("data") or {}).get("text/plain", "")))
                if credit is not None and credit > true.points:
                    said = f"the test {true.name} gave {credit:g} of {true.points:g} points; {true.points:g} were counted"
                    remarks.append(Remark("note", said, true.name))
    return remarks
