"""ConvXray: which pixels and weights a learner's own convolution really used, against the truth."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook.answers import Answer, hold
from convbook.answers.evidence import describe_products, truth
from convbook.answers.nonlinear import why_unreadable
from convbook.answers.probes import Probe, Reading, Unreadable, xray
from convbook.answers.questions import NOBODY_ANSWERS, no_questions
from convbook.forms import Case, Exercise, Verdict
from convbook.widgets import xray_facts
from convbook.widgets.base import Widget

FLAT, FULL = "corr2d", "conv2d_naive"  # the two ways a convolution of unit 1 is called
CALLED_AS = {"corr2d": FLAT, "conv2d_naive": FULL, "conv2d_im2col": FULL}
HOPELESS = ("forbidden", "endless")
FIRST_STEPS = "Write it, then run this cell again to see which pixels and weights it uses."
SECONDS = 5.0  # for all calls of an X-ray: loops on a busy machine take long
MOST_OUTPUTS = 400
LIMITS = {"size": 10, "kernel": 5, "channels": 3, "filters": 3, "padding": 4, "stride": 9}


class ConvXray(Widget):
    """X-ray a learner's own function: `ConvXray(corr2d)`, or `ConvXray(conv2d_naive, stride=2, padding=1)`.

    The function is called once for every pixel with an image that is 0 but for a 1 there, when the widget is
    made and when `refresh()` is called; everything else happens in the browser. The verdict, word for word, is that of the
    function's check. A function that crashes, hangs or returns something else gives one sentence, never an error.

    `size` is the image's side or (h, w), `kernel` the kernel's side or (kh, kw). `exercise` is found by
    the function's name; a function of another name is taken for `conv2d_naive` if it has three arguments
    or more, for `corr2d` if not.
    """

    view: ClassVar[str] = "conv_xray"
    title: ClassVar[str] = "X-ray of a convolution"

    name = traitlets.Unicode("").tag(sync=True)
    sizes = traitlets.Dict().tag(sync=True)
    yours = traitlets.Dict().tag(sync=True)
    wanted = traitlets.Dict().tag(sync=True)
    verdict = traitlets.Dict().tag(sync=True)
    blocked = traitlets.Unicode("").tag(sync=True)
    named = traitlets.List([]).tag(sync=True)  # what the products themselves show
    at = traitlets.List([0, 0, 0]).tag(sync=True)
    stamp = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        function: Any,
        *,
        size: int | tuple[int, int] = 6,
        kernel: int | tuple[int, int] = 3,
        stride: int = 1,
        padding: int = 0,
        channels: int = 1,
        filters: int = 1,
        exercise: Exercise | None = None,
    ):
        """Call `function` on one-hot images and show what it did; raise `ValueError` for sizes that cannot be."""
        settings = {"stride": stride, "padding": padding, "channels": channels, "filters": filters}
        self._function = function
        self._way = _way(function, exercise)
        self._exercise = exercise
        self._probe = _probe(self._way, _pair(size), _pair(kernel), **settings)
        self._asked_for = self._probe
        super().__init__()
        self.on_msg(self._heard)
        self.refresh()

    def refresh(self) -> None:
        """X-ray the function anew: the one that bears its name now, where its cell was run again."""
        with self._lock, self.hold_sync(), no_questions(NOBODY_ANSWERS):
            self._function = _newest(self._function)
            answer = hold(self._function)
            self.name = answer.name
            self._probe = self._asked_for
            verdict = self._judged(answer)
            self.verdict = _told(verdict)
            self.blocked, reading = self._read(answer, verdict)
            if (
                reading is not None
                and not verdict.right
                and not describe_products(reading, truth(self._probe))
            ):
                reading = self._read_smallest_failure(answer, verdict) or reading
            wanted = truth(self._probe)
            self.sizes = _sizes(self._probe)
            self.wanted = xray_facts.told(wanted)
            self.yours = xray_facts.told(reading) if reading is not None else {}
            self.named = describe_products(reading, wanted) if reading is not None else []
            wrong = [] if self.blocked else xray_facts.wrong_places(self.state())
            self.at = list(wrong[0]) if wrong else [0, 0, 0]
            self.stamp += 1

    def _read_smallest_failure(self, answer: Answer, verdict: Verdict) -> Reading | None:
        """X-ray at the sizes of the smallest case that failed, where those asked for show nothing wrong."""
        probe = _probe_of(verdict.case, self._way)
        if probe is None:
            return None
        try:
            reading = xray(answer, probe, seconds=SECONDS)
        except Unreadable:
            return None
        if np.prod(reading.shape) > MOST_OUTPUTS or not describe_products(reading, truth(probe)):
            return None
        self._probe = probe
        return reading

    def _judged(self, answer: Answer) -> Verdict:
        if not callable(self._function):
            sentence = (
                f"{self._function!r:.60} is not a function: write ConvXray({self._way}), without calling it"
            )
            return Verdict(answer.name, "wrong type", sentence)
        exercise = self._exercise or _exercise(answer.name, self._way)
        try:
            return exercise.judge(answer)
        except Exception as error:  # a picture must appear whatever a strange answer does to its judge
            return Verdict(
                answer.name, "crash", f"{answer.name} stopped its check with {type(error).__name__}: {error}"
            )

    def _read(self, answer: Answer, verdict: Verdict) -> tuple[str, Reading | None]:
        """Return why there is no X-ray, or an empty string, and what was read."""
        headline = self.verdict["title"]
        headline += "" if headline.endswith(("?", ".")) else "."
        if verdict.kind == "not attempted":
            return f"{headline} {FIRST_STEPS}", None
        if verdict.kind in HOPELESS or not callable(self._function):
            return headline, None
        try:
            reading = xray(answer, self._probe, seconds=SECONDS)
        except Unreadable as reason:
            return self._unread(answer, reason, verdict, headline), None
        except Exception as error:
            return f"{answer.name} cannot be X-rayed: {type(error).__name__}: {error}.", None
        if np.prod(reading.shape) > MOST_OUTPUTS:
            return f"{answer.name} returned {np.prod(reading.shape)} outputs, more than can be shown.", None
        return "", reading

    def _unread(self, answer: Answer, reason: Unreadable, verdict: Verdict, headline: str) -> str:
        """Return the check's first line, or the X-ray's own reason where that says more."""
        if reason.status == "not products" and (why := why_unreadable(answer, self._probe)):
            return f"{'' if verdict.right else headline + ' '}{answer.name} is no sum of pixels times weights: {why}."
        sentence = f"{str(reason).rstrip('.')}."
        if verdict.right and reason.status == "endless":
            return f"{sentence} Give ConvXray a smaller size, or fewer channels or filters."
        return sentence if verdict.right or sentence.startswith(self.verdict["title"]) else headline

    def _heard(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and content.get("again"):
            self.refresh()


def _pair(side: int | tuple[int, int]) -> tuple[int, int]:
    return (side, side) if isinstance(side, int) else tuple(side)


def _way(function: Any, exercise: Exercise | None) -> str:
    """Return how a function is to be called, by its exercise, its name or its arguments."""
    name = exercise.name if exercise else getattr(function, "__name__", "")
    if name in CALLED_AS:
        return CALLED_AS[name]
    try:
        return FULL if len(inspect.signature(function).parameters) > 2 else FLAT
    except (TypeError, ValueError):
        return FLAT


def _probe(way: str, size: tuple[int, int], kernel: tuple[int, int], **settings: int) -> Probe:
    """Return what to feed; raise `ValueError` where the sizes cannot be shown or do not fit."""
    for name, value in {**settings, "size": max(size), "kernel": max(kernel)}.items():
        least = 0 if name == "padding" else 1
        if not least <= value <= LIMITS[name]:
            raise ValueError(f"{name} is {value}; ConvXray shows {least} to {LIMITS[name]}")
    stride, padding, channels, filters = (
        settings[name] for name in ("stride", "padding", "channels", "filters")
    )
    if min(size[0] - kernel[0], size[1] - kernel[1]) + 2 * padding < 0:
        raise ValueError(
            f"the {kernel[0]} × {kernel[1]} kernel does not fit into the {size[0]} × {size[1]} image"
        )
    if way == FULL:
        options = {"stride": stride, "padding": padding}
        return Probe((1, channels, *size), (filters, channels, *kernel), filters, options)
    if (stride, padding, channels, filters) != (1, 0, 1, 1):
        raise ValueError(
            "corr2d has one channel and one filter, no stride and no padding; X-ray conv2d_naive for those"
        )
    return Probe(size, kernel)


def _probe_of(case: Case | None, way: str) -> Probe | None:
    """Return what to feed for the sizes of a case of the check; None where they cannot be shown."""
    if case is None or len(case.args) < 2:
        return None
    image, weights = (np.shape(array) for array in case.args[:2])
    options = {name: case.kwargs.get(name, least) for name, least in (("stride", 1), ("padding", 0))}
    (channels, *size), (filters, _, *kernel) = (1, *image)[-3:], (1, 1, *weights)[-4:]
    try:
        return _probe(way, tuple(size), tuple(kernel), channels=channels, filters=filters, **options)
    except (ValueError, TypeError):
        return None


def _sizes(probe: Probe) -> dict[str, Any]:
    """Return the sizes of a probe as the browser takes them."""
    return {
        "image": list((1, *probe.image)[-3:]),
        "weights": list((1, 1, *probe.weights)[-4:]),
        "stride": probe.options.get("stride", 1),
        "padding": probe.options.get("padding", 0),
        "bias": probe.filters > 0,
    }


def _exercise(name: str, way: str) -> Exercise:
    from convbook.checks import convolution

    return getattr(convolution, name if name in CALLED_AS else way)


def _newest(function: Any) -> Any:
    """Return what a function's name stands for now where it was defined, if that is a function again."""
    space = getattr(function, "__globals__", None)
    newest = space.get(getattr(function, "__name__", "")) if isinstance(space, dict) else None
    return newest if inspect.isfunction(newest) and newest.__module__ == function.__module__ else function


def _told(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain values: its first line without the mark, and also without the exercise's name."""
    title = verdict.message.strip().split("\n")[0].lstrip("✗✓• ")
    return {
        "kind": verdict.kind,
        "title": title,
        "headline": title.removeprefix(verdict.exercise).lstrip(": "),
        "message": verdict.message.strip(),
        "mistakes": list(verdict.mistakes),
    }
