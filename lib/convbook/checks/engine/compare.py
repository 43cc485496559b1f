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
DIGITS = "digits are lost on the way: is something computed in float32, or rounded?"
WHOLE = "a count is a whole number, and compared as one: `.round()` it at the end"
DTYPE_WORDS = {"U": "text", "S": "text", "O": "Python objects", "c": "complex numbers"}


@dataclass(frozen=True)
class Raised:
    """Stand for an exception that is the right result, for instance a `ValueError`."""

    kind: str

    def __str__(self) -> str:
        return f"a {self.kind}"


@dataclass(frozen=True)
class Fault:
    """Say how a result differs: its kind, a sentence, what to print as yours and wanted, and why, if that is plain.

    `final` means that the sentence says all there is to say: no cause is looked for.
    """

    kind: str
    sentence: str
    yours: str = ""
    wanted: str = ""
    hint: str = ""
    final: bool = False


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
    if type(value) is int and type(other) is int:
        return value == other  # exactly: whole numbers may be too large for a float
    if isinstance(value, list | tuple) and isinstance(other, list | tuple):
        # Item by item: shapes may differ in length.
        return len(value) == len(other) and all(
            same(a, b, precision) for a, b in zip(value, other, strict=True)
        )
    try:
        if np.iscomplexobj(value) or np.iscomplexobj(other):
            return False  # casting them would warn, and a warning costs a learner the points
        ours, theirs = np.asarray(value, dtype=float), np.asarray(other, dtype=float)
    except (TypeError, ValueError, OverflowError):
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
        sentence, hint = f"returns {_type_name(value)}, not a NumPy array", ""
        if isinstance(value, (list, tuple)):
            hint = f"{_type_name(value)} is no array: `np.array(...)` makes one of it"
        elif isinstance(value, numbers.Number):
            hint = "one number where an array of them is asked for: is the `return` inside a loop?"
            if wanted.size == 1:
                hint = "an array with one number in it stays an array: it is not turned into the number"
        return Fault("wrong type", sentence, shown(value), _array_name(wanted), hint)
    value = np.asarray(value)
    if value.dtype.kind not in "fiub":
        what = DTYPE_WORDS.get(value.dtype.kind, str(value.dtype))
        hint = "what you put into the array: plain numbers make an array of numbers"
        sentence = f"returns an array of {what}, not of plain numbers"
        return Fault("wrong dtype", sentence, f"dtype {value.dtype}", f"dtype {wanted.dtype}", hint)
    if value.shape != wanted.shape:
        return Fault("wrong shape", "has the wrong shape", f"shape {value.shape}", f"shape {wanted.shape}")
    allowed = {"float64"} if precision == "float64" else {"float32", "float64"}
    if not counts and value.dtype.name not in allowed:
        sentence, hint = f"returns {value.dtype.name} for a {precision} input", ""
        if np.can_cast(precision, value.dtype):
            hint = f"{precision} in gives {precision} out: `.astype` at the end, or an array made with that dtype"
        else:
            sentence += ": digits are lost on the way"
        return Fault("wrong dtype", sentence, f"dtype {value.dtype}", f"dtype {precision}", hint)
    return _fault_of_values(value, wanted, precision, counts)


def _fault_of_values(value: np.ndarray, wanted: np.ndarray, precision: str, counts: bool) -> Fault | None:
    broken = ~np.isfinite(value) & np.isfinite(wanted)
    if broken.any():
        what = "NaN" if np.isnan(value[broken]).any() else "infinite"
        sentence = f"is {what} in {int(broken.sum())} of {value.size} places"
        return Fault("not finite", sentence, shown(value, first=broken), shown(wanted, first=broken))
    yours_as_float, wanted_as_float = value.astype(float), wanted.astype(float)
    same_places = _close(yours_as_float, wanted_as_float, precision)
    if counts:
        same_places &= yours_as_float == wanted_as_float
    differs = ~same_places
    if not differs.any():
        return None
    sentence = f"differs in {int(differs.sum())} of {value.size} places" if value.size > 1 else "is wrong"
    yours, goal = shown(value, first=differs), shown(wanted, first=differs)
    if yours == goal:  # printed alike: all digits of the first place that differs
        place = tuple(int(i) for i in np.argwhere(differs)[0])
        yours, goal = (f"at {list(place)}: {float(a[place])!r}" for a in (value, wanted))
    hint = ""
    if _digits_lost(yours_as_float, wanted_as_float):
        largest = float(np.abs(yours_as_float - wanted_as_float)[differs].max())
        yours += f"\nthe largest difference is {largest:.1e}"
        hint = WHOLE if counts else DIGITS
    return Fault("wrong", sentence, yours, goal, hint)


def _digits_lost(yours: np.ndarray, wanted: np.ndarray) -> bool:
    """Tell whether a result is the wanted one with fewer digits: computed in float32, or rounded."""
    if np.allclose(yours, wanted, rtol=2e-6, atol=1e-6, equal_nan=True):
        return True
    rounded = (np.round(wanted, digits) for digits in range(1, 7))
    return bool(yours.any()) and any(np.allclose(yours, r, rtol=1e-12, atol=1e-12) for r in rounded)


def _fault_of_tuple(value: Any, wanted: tuple, precision: str) -> Fault | None:
    if not isinstance(value, tuple):
        return Fault("wrong type", f"returns {_type_name(value)}, not a tuple", shown(value), shown(wanted))
    if len(value) != len(wanted):
        sentence = f"returns {len(value)} values, not {len(wanted)}"
        return Fault("wrong shape", sentence, shown(value), shown(wanted))
    for position, (item, goal) in enumerate(zip(value, wanted, strict=True)):
        fault = fault_of(Reply("returned", item), goal, precision)
        if fault is not None:
            more = "" if fault.sentence == "is wrong" else f": it {fault.sentence}"
            sentence = f"is wrong in its entry {position}{more}"
            return Fault(fault.kind, sentence, shown(value), shown(wanted))
    return None


def _fault_of_number(value: Any, wanted: Any, precision: str) -> Fault | None:
    if value is None:
        return Fault("wrong type", "returns nothing: is the `return` missing?", "None", shown(wanted))
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (numbers.Number, np.number)):
        one = isinstance(value, np.ndarray) and value.size == 1
        hint = "the number is inside an array: take it out with `.item()`" if one else ""
        return Fault(
            "wrong type", f"returns {_type_name(value)}, not a number", shown(value), shown(wanted), hint
        )
    if isinstance(wanted, numbers.Integral):
        return None if value == wanted else Fault("wrong", "is wrong", shown(value), shown(wanted))
    if isinstance(value, numbers.Complex) and not isinstance(value, numbers.Real):
        sentence = f"returns {_type_name(value)}, not a real number"
        return Fault("wrong type", sentence, shown(value), shown(wanted))
    number = _real(value)
    if not np.isfinite(number):
        return Fault("not finite", f"is {number}", shown(value), shown(wanted))
    if same(number, wanted, precision):
        return None
    hint = DIGITS if _digits_lost(np.asarray(number), np.asarray(wanted)) else ""
    return Fault("wrong", "is wrong", shown(value), shown(wanted), hint)


def _real(value: Any) -> float:
    """Return any kind of real number, a Fraction or a Decimal too, as a float."""
    try:
        return float(value)
    except OverflowError:
        return float("inf")


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
    return f"an {kind}" if kind[0] in "aeiouAEIOU" else f"a {kind}"


def _array_name(array: np.ndarray) -> str:
    return f"an array of shape {array.shape}"


def shown(value: Any, first: np.ndarray | None = None) -> str:
    """Return a value as a person reads it: small arrays whole, large ones by the first place marked in `first`.

    >>> shown(np.eye(2))
    '[[1. 0.]\\n [0. 1.]]'
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Raised):
        return str(value)
    if not isinstance(value, np.ndarray):
        try:
            text = repr(value)
        except Exception:  # an object that cannot be printed, or a number of thousands of digits
            text = _type_name(value)
        return text if len(text) <= 200 else text[:197] + "..."
    if value.size <= 25:
        return np.array2string(value, precision=4, suppress_small=True, max_line_width=80)
    text = f"an array of shape {value.shape}"
    if first is not None and first.shape == value.shape and first.any():
        place = tuple(int(i) for i in np.argwhere(first)[0])
        text += f"; at {list(place)} it is {value[place]:.6g}"
    return text
