"""Compare what came back with what was wanted, and say in words how they differ."""

from __future__ import annotations

import builtins
import numbers
import types
from dataclasses import dataclass
from typing import Any

import numpy as np

from convbook.forms import Reply

TOLERANCE = {"float64": 1e-8, "float32": 2e-4}
DTYPE_WORDS = {"U": "text", "S": "text", "O": "Python objects", "c": "complex numbers"}


@dataclass(frozen=True)
class Raised:
    """Stand for an exception that is the right result, for instance a `ValueError`."""

    kind: str

    def __str__(self) -> str:
        return f"a {self.kind}"


@dataclass(frozen=True)
class Fault:
    """Say how a result differs: its kind, a sentence, what to print as yours and wanted, and where to look, if that is plain."""

    kind: str
    sentence: str
    yours: str = ""
    wanted: str = ""
    hint: str = ""


def fault_of(reply: Reply, wanted: Any, precision: str, counts: bool = False) -> Fault | None:
    """Return what is wrong with a reply that should hold `wanted`, or None if it is right.

    `precision` is the coarsest float type among the arguments, "float64" or "float32".
    `counts` accepts any number type, also in arrays.
    """
    if isinstance(wanted, Raised):
        return _fault_of_error(reply, wanted)
    if isinstance(wanted, np.ndarray):
        return _fault_of_array(reply.value, wanted, precision, counts)
    if isinstance(wanted, tuple):
        return _fault_of_tuple(reply.value, wanted, precision)
    return _fault_of_number(reply.value, wanted, precision)


def same(value: Any, other: Any, precision: str) -> bool:
    """Tell whether two results are equal, to the tolerance of `precision`.

    >>> same(3, 3.0, "float64"), same(np.zeros(2), np.zeros(3), "float64")
    (True, False)
    """
    if isinstance(value, Raised) or isinstance(other, Raised):
        return isinstance(value, Raised) and isinstance(other, Raised) and value == other
    if isinstance(value, tuple) and isinstance(other, tuple):
        return len(value) == len(other) and all(
            same(a, b, precision) for a, b in zip(value, other, strict=True)
        )
    try:
        if np.iscomplexobj(value) or np.iscomplexobj(other):
            return False  # casting them would warn, and a warning costs a learner the points
        ours, theirs = np.asarray(value, dtype=float), np.asarray(other, dtype=float)
    except (TypeError, ValueError):
        return False
    return ours.shape == theirs.shape and bool(np.all(_close(ours, theirs, precision)))


def _close(yours: np.ndarray, wanted: np.ndarray, precision: str) -> np.ndarray:
    tolerance = TOLERANCE[precision]
    finite = np.abs(wanted[np.isfinite(wanted)])
    scale = max(1.0, float(finite.max())) if finite.size else 1.0
    with np.errstate(all="ignore"):
        return np.isclose(yours, wanted, rtol=tolerance, atol=tolerance * scale, equal_nan=True)


def _fault_of_error(reply: Reply, wanted: Raised) -> Fault | None:
    hint = f"no result is right in this case: `raise {wanted.kind}(...)` with a sentence that says why"
    if reply.status == "raised":
        if is_a(reply, wanted):
            return None
        sentence = f"raises {reply.error_kind} where a {wanted.kind} is asked for"
        return Fault("wrong", sentence, f"{reply.error_kind}: {reply.error}".strip(": "), str(wanted), hint)
    sentence = f"returns a value where a {wanted.kind} is asked for"
    if isinstance(reply.value, (BaseException, type)):
        sentence = f"returns an exception where it must raise a {wanted.kind}"
        hint = f"`return` hands a value to the caller; an error is thrown with `raise {wanted.kind}(...)`"
    return Fault("wrong", sentence, shown(reply.value), str(wanted), hint)


def is_a(reply: Reply, wanted: Raised) -> bool:
    """Tell whether a reply raised what is wanted, or something derived from it."""
    return reply.error_kind == wanted.kind or isinstance(reply.error, getattr(builtins, wanted.kind))


def _fault_of_array(value: Any, wanted: np.ndarray, precision: str, counts: bool) -> Fault | None:
    if value is None:
        return Fault("wrong type", "returns nothing: is the `return` missing?", "None", _array_name(wanted))
    if not isinstance(value, np.ndarray) and not (wanted.ndim == 0 and isinstance(value, np.generic)):
        return Fault(
            "wrong type", f"returns {_type_name(value)}, not a NumPy array", shown(value), _array_name(wanted)
        )
    value = np.asarray(value)
    if value.dtype.kind not in "fiub":
        what = DTYPE_WORDS.get(value.dtype.kind, str(value.dtype))
        hint = "what you put into the array: plain numbers make an array of numbers"
        sentence = f"returns an array of {what}, not of plain numbers"
        return Fault("wrong dtype", sentence, f"dtype {value.dtype}", f"dtype {wanted.dtype}", hint)
    if value.shape != wanted.shape:
        return Fault("wrong shape", "has the wrong shape", str(value.shape), str(wanted.shape))
    allowed = {"float64"} if precision == "float64" else {"float32", "float64"}
    if not counts and value.dtype.name not in allowed:
        sentence = f"returns {value.dtype.name} for a {precision} input: digits are lost on the way"
        return Fault("wrong dtype", sentence, f"dtype {value.dtype}", f"dtype {precision}")
    return _fault_of_values(value, wanted, precision)


def _fault_of_values(value: np.ndarray, wanted: np.ndarray, precision: str) -> Fault | None:
    broken = ~np.isfinite(value) & np.isfinite(wanted)
    if broken.any():
        what = "NaN" if np.isnan(value[broken]).any() else "infinite"
        sentence = f"is {what} in {int(broken.sum())} of {value.size} places"
        return Fault("not finite", sentence, shown(value, first=broken), shown(wanted, first=broken))
    differs = ~_close(value.astype(float), wanted.astype(float), precision)
    if not differs.any():
        return None
    sentence = f"differs in {int(differs.sum())} of {value.size} places" if value.size > 1 else "is wrong"
    yours, goal, hint = shown(value, first=differs), shown(wanted, first=differs), ""
    if yours == goal:  # the difference hides behind the printed digits
        largest = float(np.abs(value.astype(float) - wanted)[differs].max())
        yours += f"\nthe largest difference is {largest:.1e}"
        hint = "digits are lost on the way: is something computed in float32, or rounded?"
    return Fault("wrong", sentence, yours, goal, hint)


def _fault_of_tuple(value: Any, wanted: tuple, precision: str) -> Fault | None:
    if not isinstance(value, tuple):
        return Fault("wrong type", f"returns {_type_name(value)}, not a tuple", shown(value), shown(wanted))
    if len(value) != len(wanted):
        sentence = f"returns {len(value)} values, not {len(wanted)}"
        return Fault("wrong shape", sentence, shown(value), shown(wanted))
    for position, (item, goal) in enumerate(zip(value, wanted, strict=True)):
        fault = fault_of(Reply("returned", item), goal, precision)
        if fault is not None:
            sentence = f"is wrong in its entry {position}: it {fault.sentence}"
            return Fault(fault.kind, sentence, shown(value), shown(wanted))
    return None


def _fault_of_number(value: Any, wanted: Any, precision: str) -> Fault | None:
    if value is None:
        return Fault("wrong type", "returns nothing: is the `return` missing?", "None", shown(wanted))
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (numbers.Number, np.number)):
        return Fault("wrong type", f"returns {_type_name(value)}, not a number", shown(value), shown(wanted))
    if isinstance(wanted, numbers.Integral):
        right = value == wanted
    else:
        if not np.isfinite(value):
            return Fault("not finite", f"is {value}", shown(value), shown(wanted))
        right = same(value, wanted, precision)
    return None if right else Fault("wrong", "is wrong", shown(value), shown(wanted))


def _type_name(value: Any) -> str:
    kind = type(value).__name__
    if kind == "ndarray":
        return f"an array of shape {value.shape}"
    if kind == "Tensor":
        return "a torch tensor"
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | np.ufunc) or kind.startswith(
        "_Array"
    ):
        return "a function"
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _array_name(array: np.ndarray) -> str:
    return f"an array of shape {array.shape}"


def shown(value: Any, first: np.ndarray | None = None) -> str:
    """Return a value as a person reads it: small arrays whole, large ones by the first place marked in `first`.

    >>> shown(np.eye(2))
    '[[1. 0.]\\n [0. 1.]]'
    """
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, np.ndarray):
        text = repr(value)
        return text if len(text) <= 200 else text[:197] + "..."
    if value.size <= 25:
        return np.array2string(value, precision=4, suppress_small=True, max_line_width=80)
    text = f"an array of shape {value.shape}"
    if first is not None and first.shape == value.shape and first.any():
        place = tuple(int(i) for i in np.argwhere(first)[0])
        text += f"; at {list(place)} it is {value[place]:.6g}"
    return text
