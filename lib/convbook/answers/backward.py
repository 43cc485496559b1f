"""Read which gradients and weights a learner's backward of a convolution really uses, as the X-ray reads a convolution.

dX is a sum of products too: gradients of outputs times weights. So a backward is shown gradients that are 0 but for a
single 1, with the X-ray's own weights.
"""

from __future__ import annotations

from typing import Any

from convbook.answers.answer import CALL_SECONDS, Answer
from convbook.answers.local import hold
from convbook.answers.probes import SECONDS, Probe, Reading, Unreadable, xray
from convbook.answers.questions import no_questions
from convbook.forms import Reply


class Backward(Answer):
    """Hold `conv2d_backward_input(dout, x_shape, w, stride, padding)` so that it is called as a convolution is."""

    def __init__(self, function: Any, x_shape: tuple[int, ...], stride: int, padding: int):
        self.answer, self.x_shape = hold(function), x_shape
        self.options = {"stride": stride, "padding": padding}
        self.name, self.printed = self.answer.name, False

    def call(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        """Call the backward with the gradients and weights of `args`; remember whether it printed."""
        gradients, weights = args
        reply = self.answer.call(
            gradients, self.x_shape, weights, seconds=seconds, forbid=forbid, **self.options
        )
        self.printed |= bool(reply.printed)
        return reply

    def build(self, *args: Any, **kwargs: Any) -> Reply:
        return self.answer.build(*args, **kwargs)

    def source(self) -> str:
        return self.answer.source()


def read(backward: Backward, kernel: tuple[int, int], seconds: float = SECONDS) -> tuple[str, Reading | None]:
    """Return a sentence, empty where there is nothing to say, and what was read, None where it cannot be read.

    `products[p, o, q]` of the reading says how often pixel `p` of dX took the gradient of output `o` times weight `q`.

    >>> def once(dout, x_shape, w, stride, padding):
    ...     return dout[..., :1, :1] * w[..., :1, :1]
    >>> read(Backward(once, (1, 1, 2, 2), 1, 0), (2, 2))[0]
    'once returned shape (1, 1, 1, 1) for x_shape (1, 1, 2, 2); the two must be equal.'
    """
    said, reading, name, x_shape = "", None, backward.name, backward.x_shape
    stride, padding = backward.options["stride"], backward.options["padding"]
    outputs = [(n + 2 * padding - k) // stride + 1 for n, k in zip(x_shape[2:], kernel, strict=True)]
    try:
        with no_questions():
            reading = xray(backward, Probe((1, 1, *outputs), (1, 1, *kernel)), seconds=seconds)
    except Unreadable as reason:
        said = _why(reason, name)
    except Exception as error:  # whatever a strange answer does when its result is looked at
        said = f"{name} cannot be read: {type(error).__name__}: {error}."
    if reading is not None and reading.shape != x_shape[1:]:
        said = f"{name} returned shape {(1, *reading.shape)} for x_shape {x_shape}; the two must be equal."
        reading = None
    if backward.printed:
        said = f"{said} It prints while it works; that is not shown here.".strip()
    return said, reading


def _why(reason: Unreadable, name: str) -> str:
    sentences = {
        "stub": f"{name} is not attempted yet: write it, then run this cell again to see it beside the right gradients.",
        "not products": f"{name} gives no sums of gradients times weights, or differs from call to call.",
    }
    return sentences.get(reason.status, f"{str(reason).rstrip('.')}.".replace("be X-rayed", "be read"))
