"""The progress bar: on standard output, where somebody watches, in characters that the console can show."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import threading

import pytest

from convbook.bar import Bar


class Terminal(io.TextIOWrapper):
    """A console with an encoding that keeps what was written to it."""

    def __init__(self, encoding: str = "utf-8"):
        super().__init__(io.BytesIO(), encoding=encoding, newline="")

    def isatty(self) -> bool:
        return True

    def shown(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


def filled(console: Terminal, steps: int = 3, **options) -> str:
    """Return what the console showed of a bar that went from its beginning to its end."""
    with contextlib.redirect_stdout(console):
        progress = Bar(steps, **options)
        for _ in range(steps):
            progress.update()
        progress.close()
    return console.shown()


def test_the_bar_is_one_line_that_ends_full_and_nothing_is_on_stderr(capsys):
    shown = filled(Terminal(), desc="images.gz")
    assert shown.count("\n") == 1 and shown.endswith("\n")
    last = shown.rstrip().split("\r")[-1]
    assert last.startswith("images.gz: 100%|██") and "3/3" in last
    assert capsys.readouterr() == ("", "")


def test_a_bar_that_is_not_wanted_is_not_drawn():
    assert filled(Terminal(), shown=False) == ""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_gets_a_bar_it_can_show(encoding):
    assert "100%|####" in filled(Terminal(encoding))


def test_quick_steps_are_drawn_only_now_and_then():
    assert 2 <= filled(Terminal(), steps=10_000).count("\r") < 50


SCRIPT = "from convbook.bar import Bar\nb = Bar(2)\nb.update()\nb.update()\nb.close()"


def test_a_file_or_a_pipe_gets_no_bar():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_notebook_gets_text_that_stays_when_it_is_saved():
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    done = NotebookClient(new_notebook(cells=[new_code_cell(SCRIPT)]), timeout=120).execute()
    outputs = done.cells[0].outputs
    assert {output.output_type for output in outputs} == {"stream"}
    assert {output.name for output in outputs} == {"stdout"}
    assert "100%|██████████| 2/2" in "".join(output.text for output in outputs).split("\r")[-1]


def test_the_graders_shell_counts_as_a_notebook():
    code = (
        "from convbook.grading.running.shell import Shell\n"
        f"status, outputs = Shell.fresh().run({SCRIPT!r})\n"
        "assert status == 'ok' and [output['name'] for output in outputs] == ['stdout'], outputs\n"
        "assert '2/2' in outputs[0]['text'], outputs"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_thread_watches_the_bar():
    before = threading.active_count()
    with contextlib.redirect_stdout(Terminal()):
        progress = Bar(3)
        assert threading.active_count() == before
        progress.close()
