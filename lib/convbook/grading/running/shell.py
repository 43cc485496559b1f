"""Run the cells of a notebook as a notebook would, without a kernel: outputs come back as nbformat dicts."""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Iterator
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from convbook.answers import TooSlow, limits
from convbook.grading.running import absent
from convbook.grading.running.outputs import Outputs, Stream
from convbook.grading.running.pictures import picture
from convbook.grading.running.traces import told

KEPT = ("In", "Out")  # a shell's own, other objects after every cell


class Publisher(DisplayPublisher):
    """Put what a cell displays among its outputs."""

    def publish(self, data, metadata=None, *, transient=None, update=False, **more) -> None:
        self.shell.outputs.add("display_data", data=dict(data), metadata=dict(metadata or {}))

    def clear_output(self, wait=False) -> None:
        self.shell.outputs.clear()


class Hook(DisplayHook):
    """Put a cell's last value among its outputs."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict, md_dict=None) -> None:
        shown = {"data": dict(format_dict), "metadata": dict(md_dict or {})}
        self.shell.outputs.add("execute_result", **shown, execution_count=self.prompt_count)


class NoInput(io.TextIOBase):
    """Stand for `sys.stdin`: nobody is there to answer."""

    def readline(self, size: int = -1) -> str:
        raise RuntimeError("input() cannot be answered while a notebook is graded")

    read = readline


class Shell(InteractiveShell):
    """An IPython shell that collects outputs: magics, displays, last values, tracebacks, figures."""

    outputs: Outputs
    failure: BaseException | None = None
    lenient = False  # go on behind an import that fails
    hidden_lines = False  # leave the lines of hidden tests out of tracebacks
    spare: Shell | None = None  # made before a fork, so that no child has to

    @classmethod
    def fresh(cls, output_bytes: int = 200_000) -> Shell:
        """Return a new shell with an empty namespace, and make it the one that `get_ipython()` returns."""
        shell, cls.spare = cls.spare or cls._made(), None
        shell.user_ns["_dh"] = [os.getcwd()]
        shell.first_names = dict(shell.user_ns)
        shell.outputs = Outputs(output_bytes)
        return shell

    @classmethod
    def _made(cls) -> Shell:
        cls.clear_instance()
        os.environ.update(absent.NO_INDEX)
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        config.InteractiveShell.colors = "nocolor"
        shell = cls.instance(config=config, display_pub_class=Publisher, displayhook_class=Hook)
        shell.ast_transformers.append(absent.ImportsOneByOne(shell))
        shell.input_transformers_cleanup.append(absent.without_installing)
        return shell

    def usual_names(self, imports: list[str]) -> dict[str, Any]:
        """Give names of Python and of the instructor's imports their meaning back; return what they stood for meanwhile."""
        always = vars(builtins) | self.first_names
        usual = {name: value for name, value in always.items() if not name.startswith("_")}
        for statement in imports:
            with contextlib.suppress(Exception):
                exec(statement, made := {})
                usual |= {name: value for name, value in made.items() if name != "__builtins__"}
        space = self.user_ns
        changed = {n: space[n] for n in usual if n in space and space[n] is not usual[n] and n not in KEPT}
        space.update({name: usual[name] for name in changed})
        return changed

    def init_sys_path(self) -> None:
        """Leave `sys.path` alone: a file beside the notebook is put there on purpose, or not at all."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept `%matplotlib inline`: figures are shown after every cell anyway."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str, str]:
        return "inline", "inline"

    def enable_pylab(self, gui: str | None = None, import_all: bool = True, **more: Any) -> tuple:
        return "inline", "inline", []

    def ask_exit(self) -> None:
        """Let `exit` and `quit` do nothing: the next cell runs as ever."""

    def run(
        self,
        source: str,
        seconds: float = 30,
        figures: bool = True,
        again: float = 0.1,
        remember: bool = True,
    ) -> tuple[str, list[dict]]:
        """Run one cell and return its status (`ok`, `error`, `time-out`) and its outputs.

        What is not to be remembered does not stand in `In`, where a later cell could print it.
        """
        self.outputs.clear()
        self.failure = None
        with self._captured(), _alarm(seconds, again):
            warnings.filterwarnings("ignore", message="To exit: use")  # not a terminal
            result = self.run_cell(source, store_history=remember)
            self.failure = result.error_before_exec or result.error_in_exec or self.failure
            if figures:
                self._show_figures()
        if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
            with contextlib.suppress(Exception):
                pyplot.close("all")
        status = "ok" if self.failure is None else "error"
        return ("time-out" if isinstance(self.failure, TooSlow) else status), self.outputs.taken()

    @contextlib.contextmanager
    def _captured(self) -> Iterator[None]:
        sys.stdin = NoInput()
        warnings.formatwarning = lambda message, category, *_, **__: f"{category.__name__}: {message}\n"
        out, err = Stream(self.outputs, "stdout"), Stream(self.outputs, "stderr")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield

    def showtraceback(self, exc_tuple: tuple | None = None, *rest: Any, **options: Any) -> None:
        """Add the exception to the outputs; of the stack only what the cells wrote, and short."""
        _, error, trace = exc_tuple or sys.exc_info()
        self.failure = error
        name, message, lines = told(error, trace, self.compile, self.hidden_lines)
        self.outputs.add("error", ename=name, evalue=message, traceback=lines)

    def showsyntaxerror(self, *rest: Any, **options: Any) -> None:
        self.showtraceback()

    def _format_exception_for_storage(self, exception: BaseException, *rest: Any, **options: Any) -> dict:
        """Keep no second, coloured traceback for IPython's history: making one takes longer than a test."""
        return {"ename": type(exception).__name__, "evalue": "", "traceback": []}

    def _show_figures(self) -> None:
        pyplot = sys.modules.get("matplotlib.pyplot")
        for number in pyplot.get_fignums() if pyplot is not None else ():
            try:
                drawn = picture(pyplot.figure(number))
            except TooSlow:
                self.showtraceback()
                return
            except Exception:  # a figure that cannot be drawn is shown as what it is
                traceback.print_exc(limit=1)
                continue
            if drawn:
                data = {"image/png": drawn, "text/plain": "<Figure>"}
                self.outputs.add("display_data", data=data, metadata={})


@contextlib.contextmanager
def _alarm(seconds: float, again: float) -> Iterator[None]:
    """Raise `TooSlow` in the main thread when the time is over, and again after `again` seconds (0: once)."""
    ends = limits.now() + seconds

    def ring(number: int, frame: Any) -> None:
        if (left := ends - limits.now()) <= 0:
            raise TooSlow(f"stopped after {round(seconds, 1):g} s")
        signal.setitimer(signal.ITIMER_REAL, left, again)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, again)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
