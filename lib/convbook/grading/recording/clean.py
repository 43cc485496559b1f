"""Take out of a graded notebook what its student must not see, and what a student's page must not run.

Kept: the student's own work, every message of a check. Taken out: the text of hidden tests and everything in a
traceback or an output that quotes them; arrays that a hidden comparison printed; paths and environment of
this machine; scripts, pictures that can hold scripts, and anything a browser would execute.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import os
import re
import sys
import tempfile
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor

from convbook.grading.reading.sources import parsed
from convbook.grading.recording.safe import clean_html, cut
from convbook.grading.running.traces import FROM_HIDDEN_TEST
from convbook.markup import image

SHORTEST_QUOTE = 6  # characters
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
ARRAYS = re.compile(
    r"^\s*(ACTUAL|DESIRED|x|y|Expected|Actual|expected|actual)\s*:.*|^.*\barray\(.*", re.MULTILINE
)
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
PICTURES = ("image/png", "image/jpeg")
TEXTS = ("text/plain", "text/html", "text/markdown")
PUBLIC = ("LANG", "TERM", "LC_ALL", "COLORTERM")  # of the environment


class Clean(NbGraderPreprocessor):
    """Clean a graded notebook before a feedback page is made of it."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the notebook cleaned; nothing of its metadata is left but the language."""
        nb.metadata = NotebookNode(language_info=NotebookNode(name="python"))
        self.tests = ClearHiddenTests(parent=self.parent)
        tests = [cell.source for cell in nb.cells]
        hidden = [self._without_hidden_tests(cell) for cell in nb.cells]
        untold = _untold(hidden, "\n".join(cell.source for cell in nb.cells))
        for cell, test, lines in zip(nb.cells, tests, hidden, strict=True):
            cell.source = cut(cell.source)
            if cell.cell_type == "code":
                cell.outputs = [cleaned for output in cell.outputs for cleaned in _output(output, untold)]
                if lines:
                    cell.outputs = [told for output in cell.outputs for told in _discreet(output, test)]
        return nb, resources

    def _without_hidden_tests(self, cell: NotebookNode) -> list[str]:
        """Take the hidden tests out of a cell's text and return their lines; of its metadata only nbgrader's stay."""
        marks = cell.metadata.get("nbgrader")
        cell.metadata = NotebookNode(nbgrader=marks) if marks else NotebookNode()
        whole, removed = cell.source.split("\n"), False
        with contextlib.suppress(RuntimeError):  # its delimiters do not match
            removed = bool(marks) and self.tests._remove_hidden_test_region(cell)
        if not removed:
            return []
        cell.source = cell.source.strip("\n") or "# hidden tests"
        shown = cell.source.split("\n")
        return [line for line in whole if line not in shown] or whole


def _untold(hidden: list[list[str]], shown: str) -> tuple[str, ...]:
    """Return the lines that no output may quote: those of hidden tests that stand nowhere else in the notebook."""
    lines = {line.strip() for lines in hidden for line in lines}
    lines = {line for line in lines if len(line) >= SHORTEST_QUOTE and line not in shown}
    return tuple(sorted(lines | {repr(line)[1:-1] for line in lines}, key=len, reverse=True))


def _output(output: NotebookNode, untold: tuple[str, ...]) -> list[NotebookNode]:
    """Return one output with nothing in it that could run, no trace of this machine, and no line of a hidden test."""

    def told(text: str) -> str:
        for line in untold:
            text = text.replace(line, "…")
        return discreet(text)

    kind = output.output_type
    if kind == "stream":
        return [NotebookNode(output_type=kind, name=output.name, text=told(output.text))]
    if kind == "error":
        lines = [told(line) for line in output.traceback]
        ename, evalue = told(output.ename), told(output.evalue)
        return [NotebookNode(output_type=kind, ename=ename, evalue=evalue, traceback=lines)]
    data, came = NotebookNode(), _with_sentence(output)
    for name in (*PICTURES, *TEXTS):
        value = came.get(name)
        if isinstance(value, str) and name in TEXTS:
            data[name] = told(clean_html(value) if name == "text/html" else value)
        elif isinstance(value, str) and BASE64.fullmatch(value):
            data[name] = value
    if not data:
        return []
    fields = {"execution_count": output.get("execution_count")} if kind == "execute_result" else {}
    return [NotebookNode(output_type=kind, data=data, metadata=NotebookNode(), **fields)]


def _with_sentence(output: NotebookNode) -> dict[str, Any]:
    """Return what an output holds; a widget's picture as an image that bears its sentence, for those who cannot see it."""
    came, about = dict(output.get("data", {})), output.get("metadata", {}).get("image/png", {})
    sentence, picture = about.get("alt") if isinstance(about, dict) else None, came.get("image/png")
    if isinstance(sentence, str) and isinstance(picture, str) and BASE64.fullmatch(picture):
        del came["image/png"]
        came["text/html"] = image(sentence, "data:image/png;base64," + "".join(picture.split()))
    return came


def _discreet(output: NotebookNode, test: str) -> list[NotebookNode]:
    """Return an output of a test with hidden parts: its messages, nothing that quotes it or what it was called with."""
    if output.output_type == "error":
        ename, message = output.ename, ARRAYS.sub("", COLOURS.sub("", output.evalue)).strip()
        if FROM_HIDDEN_TEST in output.traceback:  # its words, its very name, may tell with what it was called
            ename, message = ename if hasattr(builtins, ename) else "Exception", FROM_HIDDEN_TEST
        line = f"{ename}: {message}" if message else ename
        return [NotebookNode(output_type="error", ename=ename, evalue=message, traceback=[line])]
    if output.output_type == "stream":
        words = said(test)
        lines = [one for one in output.text.splitlines(keepends=True) if any(word in one for word in words)]
        return [NotebookNode(output_type="stream", name=output.name, text="".join(lines))] if lines else []
    return [output] if output.output_type == "execute_result" else []


@lru_cache(256)
def said(test: str) -> frozenset[str]:
    """Return the words that a test itself prints.

    >>> sorted(said("print(f'passed {n} cases'); f('secret')"))
    [' cases', 'passed ']
    """
    tree = parsed(test)
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "print"]
    constants = [part for call in calls for part in ast.walk(call) if isinstance(part, ast.Constant)]
    return frozenset(c.value for c in constants if isinstance(c.value, str) and len(c.value.strip()) > 2)


def discreet(text: str) -> str:
    """Return a text without the paths and the environment of this machine."""
    for secret in _secrets():
        text = text.replace(secret, "…")
    return text


@cache
def _secrets() -> list[str]:
    places = {sys.prefix, sys.base_prefix, str(Path.home()), os.getcwd(), tempfile.gettempdir()}
    places |= {str(Path(__file__).resolve().parents[4])}
    own = {place for place in places if len(Path(place).parts) > 2}
    values = {value for name, value in os.environ.items() if len(value) >= 8 and name not in PUBLIC}
    return sorted(own | values, key=len, reverse=True)
