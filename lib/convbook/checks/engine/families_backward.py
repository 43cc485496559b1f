"""Mistakes of leading a gradient back through a convolution: what comes out where one step is left out.

`again` runs the right oracle of `conv2d_backward_input` (dout, x_shape, w, stride, padding), or of `conv2d_backward_weight`
(dout, x, w_shape, stride, padding), whose result is (dw, db).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from torch.nn.grad import conv2d_weight

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.families_counting import blank


def places(x_shape: tuple[int, ...], w_shape: tuple[int, ...], stride: int, padding: int) -> tuple[int, ...]:
    """Return the shape of what the layer made in the forward pass, (n, f, rows, columns)."""
    return tuple(functional.conv2d(blank(*x_shape), blank(*w_shape), None, stride, padding).shape)


def belongs(dout: Any, x_shape: Any, w_shape: Any, stride: int, padding: int) -> None:
    """Raise `RuntimeError`, as PyTorch does, where a gradient has another shape than what the layer made."""
    if len(x_shape) != 4 or len(w_shape) != 4 or x_shape[1] != w_shape[1]:
        raise RuntimeError(
            f"images (n, c, h, w) and filters (f, c, kh, kw) with one c are wanted, not {tuple(x_shape)} and {tuple(w_shape)}"
        )
    if min(side + 2 * padding - k for side, k in zip(x_shape[2:], w_shape[2:], strict=True)) < 0:
        raise RuntimeError(
            f"filters of shape {tuple(w_shape)} have no place on images of shape {tuple(x_shape)} with padding {padding}"
        )
    if (made := places(x_shape, w_shape, stride, padding)) != tuple(dout.shape):
        raise RuntimeError(
            f"the layer made maps of shape {made}, so their gradient has this shape, not {tuple(dout.shape)}"
        )


def undilated(again: Callable[..., Any], dout: Any, x_shape: Any, w: Any, padding: int) -> Any:
    """Return the gradient of an image as small as if the stride had been 1, what lies in the image cut out."""
    h, wide = (dout.shape[axis] + w.shape[axis] - 1 for axis in (2, 3))
    small = again(x_shape=(*x_shape[:2], h, wide), stride=1, padding=0)
    return small[:, :, padding : padding + x_shape[2], padding : padding + x_shape[3]]


def fitted(y: Any, x_shape: Any) -> Any:
    """Return a gradient in the top left corner of a shape: what is missing is 0, what is too much is cut off."""
    return functional.pad(y, (0, x_shape[3] - y.shape[3], 0, x_shape[2] - y.shape[2]))


def framed(again: Callable[..., Any], x_shape: Any, padding: int) -> Any:
    """Return the gradient of the padded image, frame and all."""
    n, c, h, w = x_shape
    return again(x_shape=(n, c, h + 2 * padding, w + 2 * padding), padding=0)


def rest_in_front(
    again: Callable[..., Any], dout: Any, x_shape: Any, w: Any, stride: int, padding: int
) -> Any:
    """Return the gradient with what no window saw filled in at the top and the left."""
    whole, seen = framed(again, x_shape, padding), reached(dout, x_shape, w, stride, 0)
    moved = whole.roll([whole.shape[axis] - seen[axis] for axis in (2, 3)], (2, 3))
    return inside(moved, x_shape, padding)


def with_frame(
    again: Callable[..., Any], dout: Any, x_shape: Any, w: Any, stride: int, padding: int, frame: Any
) -> Any:
    """Return what the turned filters find on the dilated dout with a frame of so many rows and columns, nothing cut off."""
    whole = again(x_shape=reached(dout, x_shape, w, stride, 0), padding=0)
    more = [side - (w.shape[axis] - 1) for axis, side in zip((2, 3), frame, strict=True)]
    room = [max(more[axis - 2], -(whole.shape[axis] // 2)) for axis in (2, 3)]
    found = functional.pad(whole, (room[1], room[1], room[0], room[0]))
    return found[:, :, : max(0, whole.shape[2] + 2 * more[0]), : max(0, whole.shape[3] + 2 * more[1])]


def wrong_frames() -> tuple[Draft, ...]:
    """Return the ways to put another frame than k − 1 zeros around dout, for `conv2d_backward_input`."""
    full = "the correlation is full: a frame of k − 1 zeros, so that the corner of dout meets every weight"
    mine = "{kh} × {kw} weights: a frame of {kh} − 1 rows and {kw} − 1 columns"

    def framed_by(name: str, frame: Callable[..., Any]) -> Draft:
        def found(
            again: Callable[..., Any], dout: Any, x_shape: Any, w: Any, stride: int, padding: int
        ) -> Any:
            return with_frame(again, dout, x_shape, w, stride, padding, frame(*w.shape[2:], padding))

        def cut(again: Callable[..., Any], dout: Any, x_shape: Any, w: Any, stride: int, padding: int) -> Any:
            n, c, h, wide = x_shape
            whole = found(again, dout, x_shape, w, stride, padding)
            return inside(fitted(whole, (n, c, h + 2 * padding, wide + 2 * padding)), x_shape, padding)

        def trimmed(
            again: Callable[..., Any], dout: Any, x_shape: Any, w: Any, stride: int, padding: int
        ) -> Any:
            whole = found(again, dout, x_shape, w, stride, padding)
            return whole[:, :, padding : whole.shape[2] - padding, padding : whole.shape[3] - padding]

        return mistake(name, full, mine, instead=cut, ways=({"instead": found}, {"instead": trimmed}))

    return (
        framed_by("dout gets no frame", lambda kh, kw, padding: (0, 0)),
        framed_by("the frame of dout is one too wide", lambda kh, kw, padding: (kh, kw)),
        framed_by("the frame of dout is half a kernel wide", lambda kh, kw, padding: (kh // 2, kw // 2)),
        framed_by("the frame of dout is the padding of the forward pass", lambda kh, kw, padding: (padding, padding)),
        framed_by("the frame of dout is as wide as it is high", lambda kh, kw, padding: (kh - 1, kh - 1)),
        framed_by("rows and columns of dout's frame are exchanged", lambda kh, kw, padding: (kw - 1, kh - 1)),
    )  # fmt: skip


def one_way(
    again: Callable[..., Any], dout: Any, x_shape: Any, w: Any, stride: int, padding: int, axis: int
) -> Any:
    """Return the gradient of windows that move by the stride along one axis, 2 or 3, and by 1 along the other."""
    n, c, h, wide = x_shape
    steps = [stride if a == axis else 1 for a in (2, 3)]
    sides = [(dout.shape[a] - 1) * step + w.shape[a] for a, step in zip((2, 3), steps, strict=True)]
    whole = fitted(
        again(x_shape=(n, c, *sides), stride=tuple(steps), padding=0),
        (n, c, h + 2 * padding, wide + 2 * padding),
    )
    return inside(whole, x_shape, padding)


def inside(whole: Any, x_shape: Any, padding: int) -> Any:
    """Return what lies inside the frame of a padded image's gradient."""
    return whole[:, :, padding : padding + x_shape[2], padding : padding + x_shape[3]]


def last_window(again: Callable[..., Any], dout: Any, x_shape: Any, w: Any) -> Any:
    """Return what each pixel got from the last window that touched it."""
    y = torch.zeros(x_shape)
    for i, j in np.ndindex(*dout.shape[2:]):
        one = torch.zeros(dout.shape)
        one[:, :, i, j] = 1
        touched = again(dout=one, w=torch.ones(w.shape)) != 0
        y = torch.where(touched, again(dout=dout * one), y)
    return y


def reached(dout: Any, x_shape: Any, w: Any, stride: int, padding: int) -> tuple[int, ...]:
    """Return the shape of the part of an image that windows saw."""
    return (*x_shape[:2], *((dout.shape[a] - 1) * stride + w.shape[a] - 2 * padding for a in (2, 3)))


def unstretched(dout: Any, x: Any, w_shape: Any, padding: int) -> Any:
    """Return the correlation of the padded image with dout as it is, in all its places."""
    seen = functional.pad(x, (padding,) * 4)
    kernel = (w_shape[0], w_shape[1], seen.shape[2] - dout.shape[2] + 1, seen.shape[3] - dout.shape[3] + 1)
    return conv2d_weight(seen, kernel, dout)


def weights(change: Callable[..., Any]) -> Callable[..., Any]:
    """Return a change of a result (dw, db) that changes dw; `change` takes dw first, and facts by name."""
    return _part(0, change)


def biases(change: Callable[..., Any]) -> Callable[..., Any]:
    """Return a change of a result (dw, db) that changes db."""
    return _part(1, change)


def _part(number: int, change: Callable[..., Any]) -> Callable[..., Any]:
    def changed(y: Any, dout: Any) -> Any:
        return tuple(change(one, dout) if place == number else one for place, one in enumerate(y))

    return changed


def only_at(dout: Any, place: int) -> Any:
    """Return dout with the entries of one place alone."""
    one = torch.zeros(dout.shape)
    one[:, :, place, place] = dout[:, :, place, place]
    return one


def with_the_rest(
    again: Callable[..., Any], dout: Any, x: Any, w_shape: Any, stride: int, padding: int
) -> Any:
    """Return dw with all places that the dilated dout finds on the padded image."""
    kernel = [x.shape[a] + 2 * padding - (dout.shape[a] - 1) * stride for a in (2, 3)]
    return again(w_shape=(*w_shape[:2], *kernel))[0]
