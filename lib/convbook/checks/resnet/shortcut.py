"""The check of `shortcut_a`: the free shortcut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from convbook.answers import Answer, LocalAnswer, hold
from convbook.checks import message
from convbook.checks.judge import judge
from convbook.checks.question import Question, bent, case, drawn
from convbook.forms import Case, Exercise, Mistake, Reply, Verdict


def shortcut(
    x, c_out, stride, *, pixels="every", channels="appended", fill="zeros", steps="both", gradient="stopped"
):
    """Return every `stride`-th pixel, with channels of zeros appended; an array for an array, a tensor for a tensor.

    The keywords bend it. It is NumPy that computes, and no gradient finds its way through NumPy, so that for a tensor
    even the straight one is a mistake: "no gradient flows through it".
    """
    image = np.asarray(x.detach().numpy() if isinstance(x, torch.Tensor) else x)
    down, right = {
        "both": (stride, stride), "ignored": (1, 1), "rows": (stride, 1), "columns": (1, stride), "always 2": (2, 2),
    }[steps]  # fmt: skip
    result = _widened(_kept(image, down, right, pixels), c_out, channels, fill)
    if isinstance(x, np.ndarray):
        return result.copy()
    return (
        Doubled.apply(x, torch.from_numpy(result), stride)
        if gradient == "doubled"
        else torch.from_numpy(result)
    )


class Doubled(torch.autograd.Function):
    """Give a result whose gradient comes back twice as large as it should."""

    @staticmethod
    def forward(ctx, x, result, stride):
        ctx.shape, ctx.stride = x.shape, stride
        return result

    @staticmethod
    def backward(ctx, gradient):
        back = gradient.new_zeros(ctx.shape)
        back[:, :, :: ctx.stride, :: ctx.stride] = 2 * gradient[:, : ctx.shape[1]]
        return back, None, None


def _kept(image: np.ndarray, down: int, right: int, pixels: str) -> np.ndarray:
    height, width = image.shape[2:]
    whole = image[:, :, : height // down * down, : width // right * right]
    if "window" in pixels:
        pool = np.mean if pixels.startswith("mean") else np.max
        if pixels.endswith("whole windows"):
            image = whole
        rows = [image[:, :, i : i + down] for i in range(0, image.shape[2], down)]
        return np.stack(
            [
                np.stack(
                    [pool(r[:, :, :, j : j + right], (2, 3)) for j in range(0, image.shape[3], right)], -1
                )
                for r in rows
            ],
            2,
        )
    first = {"last": (down - 1, right - 1), "second": (min(1, down - 1), min(1, right - 1))}.get(
        pixels, (0, 0)
    )
    return (whole if pixels == "rounded down" else image)[:, :, first[0] :: down, first[1] :: right]


def _widened(kept: np.ndarray, c_out: int, channels: str, fill: str) -> np.ndarray:
    c = kept.shape[1]
    more = {"c_out appended": c_out, "doubled": c, "not appended": 0}.get(channels, c_out - c)
    if channels == "on the right":
        return np.pad(kept, ((0, 0), (0, 0), (0, 0), (0, more)))
    extra = kept[:, np.arange(more) % c] * {"zeros": 0.0, "ones": 0.0, "copies": 1.0}[fill] + (fill == "ones")
    before = {"in front": more, "on both sides": more // 2}.get(channels, 0)
    return np.concatenate([extra[:, :before], kept, extra[:, before:]], 1).astype(kept.dtype)


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images whose every pixel can be told by its number, then random ones."""
    count = np.arange(1.0, 17.0).reshape(1, 1, 4, 4)
    yield case(count, 2, 2)
    yield case(count, 1, 2, about="no new channels")
    yield case(count[:, :, :2, :2], 4, 1, about="stride 1")
    yield case(np.arange(1.0, 31.0).reshape(1, 2, 3, 5), 4, 2, about="odd sides")
    yield case(np.arange(1.0, 19.0).reshape(1, 2, 3, 3), 5, 2, about="an odd number of new channels")
    yield case(np.arange(1.0, 50.0).reshape(1, 1, 7, 7), 2, 3)
    yield case(count.astype(np.float32), 3, 2, about="float32")
    for _ in range(4):
        n, c, more, stride = (int(v) for v in rng.integers([1, 1, 0, 1], [4, 5, 6, 4]))
        yield drawn(rng.normal(size=(n, c, *rng.integers(3, 9, 2))), c + more, stride)


def facts(x, c_out, stride) -> dict[str, Any]:
    """Return the numbers that explain the free shortcut."""
    n, c, h, w = x.shape
    kept = ", ".join(str(i) for i in range(0, h, stride))
    return {"n": n, "c": c, "h": h, "w": w, "c_out": c_out, "stride": stride, "more": c_out - c, "kept": kept,
            "h_out": -(-h // stride), "w_out": -(-w // stride)}  # fmt: skip


ROWS = "with stride {stride} rows {kept} of {h} are kept"
MAPS = "{c} maps come in, so {more} of zeros follow them to make {c_out}"
POOLED = "the shortcut only keeps some pixels, it does not pool"
NO_GRADIENT = Mistake(
    "no gradient flows through it",
    "the pixels that are kept pass their gradient back unchanged: no `detach`, no `no_grad`, no `.data`, no NumPy",
    shortcut,
)
CHANGED_GRADIENT = bent(
    shortcut,
    "the gradient is changed on its way",
    "the pixels that are kept pass their gradient back unchanged, and the others get none",
    gradient="doubled",
)
QUESTION = Question(
    name="shortcut_a",
    title="The free shortcut",
    points=4,
    oracle=shortcut,
    cases=cases,
    facts=facts,
    forbid="",
    look_at="rows {kept} and the columns likewise: {h_out}×{w_out} pixels; then maps of zeros after the {c}, until there are "
    "{c_out}",
    mistakes=(
        bent(shortcut, "pixels are averaged", POOLED, ROWS, pixels="mean of whole windows"),
        bent(shortcut, "pixels are averaged, at the edge too", POOLED, ROWS, pixels="mean of windows"),
        bent(shortcut, "the largest pixel is taken", POOLED, ROWS, pixels="largest of whole windows"),
        bent(shortcut, "the largest pixel is taken, at the edge too", POOLED, ROWS, pixels="largest of windows"),
        bent(shortcut, "the wrong pixels are kept", "counting starts at pixel 0: 0, s, 2s, …", ROWS, pixels="last"),
        bent(shortcut, "counting starts at pixel 1", "counting starts at pixel 0: 0, s, 2s, …", ROWS, pixels="second"),
        bent(shortcut, "the last row or column is lost", "pixels 0, s, 2s, … as far as the image goes, also where s does not "
             "divide its side", ROWS, pixels="rounded down"),
        bent(shortcut, "the stride is ignored", "every `stride`-th pixel is kept, in both directions", ROWS, steps="ignored"),
        bent(shortcut, "the stride is always 2", "the stride is what the caller asks for", ROWS, steps="always 2"),
        bent(shortcut, "only rows are skipped", "the stride holds for rows and columns", ROWS, steps="rows"),
        bent(shortcut, "only columns are skipped", "the stride holds for rows and columns", ROWS, steps="columns"),
        bent(shortcut, "the zeros stand in front", "the input's maps come first, the maps of zeros after them", MAPS,
             channels="in front"),
        bent(shortcut, "half of the zeros stand in front", "all the maps of zeros come after the input's", MAPS,
             channels="on both sides"),
        bent(shortcut, "no maps are appended", "the result has `c_out` maps", MAPS, channels="not appended"),
        bent(shortcut, "c_out maps are appended", "the result has `c_out` maps in all", MAPS, channels="c_out appended"),
        bent(shortcut, "as many maps are appended as come in", "the result has `c_out` maps, which need not be twice as many", MAPS,
             channels="doubled"),
        bent(shortcut, "the zeros are appended to another axis", "new maps lengthen axis 1; `F.pad` counts its pairs from the last "
             "axis on: left, right, top, bottom, then the maps", MAPS, channels="on the right"),
        bent(shortcut, "the input's maps are repeated", "the new maps are zeros: they add nothing", MAPS, fill="copies"),
        bent(shortcut, "the new maps are ones", "the new maps are zeros: they add nothing", MAPS, fill="ones"),
        NO_GRADIENT,
        CHANGED_GRADIENT,
    ),
    probes=(lambda held, forbid: gradient(held),),
)  # fmt: skip


class OfTensors(Answer):
    """Hold a function of tensors as one of arrays."""

    def __init__(self, held: Answer):
        self.held, self.name = held, held.name
        self.target = getattr(held, "target", None)

    def call(self, *args: Any, seconds: float = 4.0, forbid: str = "", **kwargs: Any) -> Reply:
        return self.held.as_module().call(*args, seconds=seconds, **kwargs)

    def build(self, *args: Any, **kwargs: Any) -> Reply:
        return self.held.build(*args, **kwargs)

    def source(self) -> str:
        return self.held.source()


def gradient(answer: OfTensors) -> tuple[str, Mistake, str, str] | None:
    """Return a finding if the gradient of what is kept does not reach the input as it is."""
    x = np.arange(1.0, 65.0).reshape(2, 2, 4, 4)
    weights = np.arange(1.0, 33.0).reshape(2, 4, 2, 2)
    wanted = np.zeros_like(x)
    wanted[:, :, ::2, ::2] = weights[:, :2]
    reply = answer.held.as_module().gradient(x, 4, 2, weights=weights)
    found = reply.value["inputs"][0] if reply.status == "returned" else None
    if found is not None and np.allclose(found, wanted):
        return None
    if found is None or not found.any():
        yours = "no gradient at the input"
        return (
            "wrong",
            NO_GRADIENT,
            yours,
            f"a gradient at the {np.count_nonzero(wanted)} pixels that are kept",
        )
    place = tuple(int(i) for i in np.argwhere(~np.isclose(found, wanted))[0])
    told = "for a weight of {0:g} at x{1}, a gradient of {2:g}"
    return (
        "wrong",
        CHANGED_GRADIENT,
        *(told.format(wanted[place], list(place), g[place]) for g in (found, wanted)),
    )


def judge_shortcut(answer: Any) -> Verdict:
    """Return the verdict on a function of tensors."""
    held = hold(answer)
    if isinstance(held, LocalAnswer) and not callable(held.target):
        return message.not_a_function(QUESTION, held.target)
    return judge(QUESTION, OfTensors(held))


shortcut_a = Exercise("shortcut_a", QUESTION.title, QUESTION.points, QUESTION.mistakes, judge_shortcut)
