"""Modules with nothing behind them: what a student's process has in the place of what it must not have.

Two kinds are stood for. Of this library the student's process has what runs cells and answers (`PRESENT`), and
images to learn with; checks, figures, widgets and all else are faces. A library that an exercise or a course rules
out (`torch`) is not there either. A face has every attribute, can be called, derived from and shown, and nothing comes
of it, so that a cell which shows a figure or compares with PyTorch does no harm. While an answer is called, using
a library that is ruled out raises `Forbidden`. To get round a face gains nothing: nothing lies behind it.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from convbook.answers.watch import Forbidden

LIBRARY = "convbook"
PRESENT = (  # of this library: what serves the trusted process, and data; each with all that lies in it
    "convbook.forms", "convbook.unread", "convbook.grading.job", "convbook.grading.rpc", "convbook.data", "convbook.bar",
    *(f"convbook.grading.running.{name}" for name in (
        "absent", "audit", "compiler", "faces", "outputs", "pages", "pictures", "sandbox", "seccomp", "served", "shell",
        "student", "template", "traces", "watch",
    )),
    *(f"convbook.answers.{name}" for name in ("answer", "calling", "limits", "local", "outside", "values", "watch")),
)  # fmt: skip
# Modules that answers build, and what they are tried on.
PRESENT_WITH_TORCH = tuple(f"convbook.answers.{name}" for name in (
    "benches", "blocks", "chains", "heads", "layouts", "module", "questions", "rehearsal", "script_bench",
    "script_watch", "steady", "tracing", "transfer",
))  # fmt: skip
# What hand-outs import: whoever names it in a cell reaches for nothing.
SHOWN = (
    "bar", "checks", "data", "drills", "earlier", "figures", "forms", "stand_in", "style", "training", "widgets",
)  # fmt: skip
GROUPS = {  # packages that are, or work with, a library which is ruled out
    "torch": ("torch", "torchgen", "functorch", "torchvision", "torchaudio", "timm"),
}
APART = ("torch",)  # what one process of a notebook may lack while another has it
MOST_NOTED = 20


def packages(library: str) -> tuple[str, ...]:
    """Return the top-level packages that are not there where a library is ruled out.

    >>> packages("scipy")
    ('scipy',)
    """
    return GROUPS.get(library, (library,))


def is_inside(name: str) -> bool:
    """Tell whether a module belongs to the inside of this library, which no hand-out names.

    >>> is_inside("convbook.checks.engine.judge"), is_inside("convbook.checks.convolution")
    (True, False)
    """
    package, _, inner = name.partition(".")
    room, *rest = inner.split(".")
    deep = {"checks": rest[:1] == ["engine"] or len(rest) > 1, "drills": bool(rest)}
    return package == LIBRARY and inner != "" and (room not in SHOWN or deep.get(room, False))


# What is ruled out while an answer is called, what of it was used, and whether a cell has touched any face.
STATE = types.SimpleNamespace(ruled_out=frozenset(), used=[], touched=False)


@contextlib.contextmanager
def ruled_out(libraries: Iterable[str]) -> Iterator[list[str]]:
    """Let every use of these libraries' stand-ins be `Forbidden` in this block; give the list of uses."""
    before = STATE.ruled_out, STATE.used
    STATE.ruled_out, STATE.used = frozenset(libraries), []
    try:
        yield STATE.used
    finally:
        STATE.ruled_out, STATE.used = before


def _lies_in(name: str, parts: Iterable[str]) -> bool:
    """Tell whether a dotted name is one of some others, or lies in one."""
    return any(name == part or name.startswith(part + ".") for part in parts)


def _use(name: str) -> None:
    STATE.touched = True
    if _lies_in(name, STATE.ruled_out):
        if len(STATE.used) < MOST_NOTED:
            STATE.used.append(name)
        raise Forbidden(name)


def _attribute(name: str, whole: str = "") -> Face:
    """Return an attribute of a face; what Python and IPython themselves ask any object for is not there."""
    if name.startswith(("__", "_repr_", "_ipython_")):
        raise AttributeError(name)
    return Face(f"{whole}.{name}" if whole else name)


class Derived:
    """The base of a class that is derived from a face."""

    def __init__(self, *args: Any, **kwargs: Any):
        """Take anything."""

    def __init_subclass__(cls, **kwargs: Any):
        """Take anything."""

    def __getattr__(self, name: str) -> Face:
        return _attribute(name)

    def __call__(self, *args: Any, **kwargs: Any) -> Face:
        return Face(type(self).__name__)


class Face:
    """Stand for anything: every attribute exists, every operation gives another face, and nothing happens."""

    def __init__(self, name: str):
        object.__setattr__(self, "_face", name)

    def __getattr__(self, name: str) -> Face:
        return _attribute(name, self._face)

    def __setattr__(self, name: str, value: Any) -> None:
        """Keep nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        _use(self._face)
        # As a decorator it leaves a function what it was.
        alone = len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType)
        return args[0] if alone else Face(self._face)

    def __instancecheck__(self, value: Any) -> bool:
        return False

    __subclasscheck__ = __instancecheck__

    def __exit__(self, *error: object) -> None:
        """Let every error through."""

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        STATE.touched = True
        return f"<{self._face}: not here while a notebook is graded>"

    def __format__(self, how: str) -> str:
        return repr(self)

    def _ipython_display_(self) -> None:
        """Show nothing."""
        STATE.touched = True


GIVE_A_FACE = (
    "add sub mul matmul truediv floordiv mod pow lshift rshift and xor or radd rsub rmul rmatmul rtruediv rfloordiv "
    "rmod rpow rand rxor ror eq ne lt le gt ge neg pos abs invert getitem round array_ufunc array_function enter"
)
GIVE = {  # what Python lets be no face
    "iter": iter(()), "contains": False, "len": 0, "int": 0, "index": 0, "float": 0.0, "setitem": None, "delitem": None,
    "mro_entries": (Derived,),
}  # fmt: skip


def _operation(name: str) -> Callable[..., Any]:
    def operation(self: Face, *others: Any, **more: Any) -> Any:
        _use(self._face)
        return GIVE[name] if name in GIVE else Face(self._face)

    return operation


for _name in (*GIVE_A_FACE.split(), *GIVE):
    setattr(Face, f"__{_name}__", _operation(_name))


class FaceModule(types.ModuleType):
    """A module of which every attribute is a face."""

    def __init__(self, name: str):
        super().__init__(name)
        self.__path__: list[str] = []
        self.__version__ = "0"  # notebooks print it

    def __getattr__(self, name: str) -> Face:
        return _attribute(name, self.__name__)


class Faces(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answer imports of what is not there; `noted` is told the name of what nobody who solves exercises imports."""

    def __init__(self, hidden: Iterable[str], whole: bool = False):
        self.hidden = frozenset(part for name in hidden for part in packages(name))
        part = PRESENT if "torch" in self.hidden else (*PRESENT, *PRESENT_WITH_TORCH)
        self.present = (LIBRARY,) if whole else part
        self.shown: frozenset[str] = frozenset()  # modules that the hand-out names
        self.noted: Callable[[str], None] = lambda name: None

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if not self.stands_for(name):
            return None
        if is_inside(name) and name not in self.shown:
            self.noted(name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def stands_for(self, name: str) -> bool:
        """Tell whether a module is a face."""
        if _lies_in(name, self.hidden):
            return True
        # A package on the way to something that is present is there itself.
        return name.startswith(LIBRARY + ".") and not any(
            _lies_in(name, [part]) or _lies_in(part, [name]) for part in self.present
        )

    def create_module(self, spec: Any) -> FaceModule:
        return FaceModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing is in it."""

    def install(self) -> Faces:
        """Answer imports from here on, also of what has been imported already."""
        sys.meta_path.insert(0, self)
        for name in [name for name in sys.modules if self.stands_for(name)]:
            del sys.modules[name]
        for name in self.hidden:
            above, _, last = name.rpartition(".")
            if above in sys.modules:
                sys.modules[name] = FaceModule(name)
                setattr(sys.modules[above], last, sys.modules[name])
        return self
