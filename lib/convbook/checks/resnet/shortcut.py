"""The check of `shortcut_a`: the free shortcut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.answers import Answer, LocalAnswer, hold
from convbook.checks import message
from convbook.checks.judge import judge
from convbook.checks.question import Question, bent, case, drawn
from convbook.forms import Case, Exercise, Mistake, Reply, Verdict


def shortcut(
    x, c_out, stride, *, pixels="every", channels="appended", fill="zeros", steps="both", gradient="flows"
):
    """Return every `stride`-th pixel, with channels of zeros appended; an array for an array, a tensor for a tensor.

    The keywords bend it.
    """
    image = torch.from_numpy(np.array(x, order="C")) if isinstance(x, np.ndarray) else x
    down, right = {"both": (stride, stride), "ignored": (1, 1), "rows": (stride, 1)}[steps]
    kept = _kept(image, down, right, pixels)
    kept = kept.detach() if gradient == "stopped" else kept
    result = _widened(kept, c_out - image.shape[1], channels, fill)
    return result.numpy().copy() if isinstance(x, np.ndarray) else result


def _kept(image: torch.Tensor, down: int, right: int, pixels: str) -> torch.Tensor:
    if pixels == "mean":
        return functional.avg_pool2d(image, (down, right), ceil_mode=True)
    if pixels == "largest":
        return functional.max_pool2d(image, (down, right), ceil_mode=True)
    if pixels == "last":
        return image[:, :, down - 1 :: down, right - 1 :: right]
    if pixels == "rounded down":
        height, width = image.shape[2] // down * down, image.shape[3] // right * right
        return image[:, :, :height:down, :width:right]
    return image[:, :, ::down, ::right]


def _widened(kept: torch.Tensor, more: int, channels: str, fill: str) -> torch.Tensor:
    n, c, h, w = kept.shape
    if channels == "not appended":
        return kept
    extra = kept.new_full((n, more, h, w), 1.0 if fill == "ones" else 0.0)
    if fill == "copies":
        extra = kept[:, torch.arange(more) % c]
    before = {"in front": more, "on both sides": more // 2}.get(channels, 0)
    return torch.cat([extra[:, :before], kept, extra[:, before:]], dim=1)


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
GRADIENT = bent(
    shortcut,
    "no gradient flows through it",
    "the pixels that are kept pass their gradient back unchanged: no `detach`, no `no_grad`, no `.data`, no NumPy",
    gradient="stopped",
)
QUESTION = Question(
    name="shortcut_a",
    title="The free shortcut",
    points=4,
    oracle=shortcut,
    cases=cases,
    facts=facts,
    forbid="",
    look_at="rows {kept} and the columns likewise: {h_out}×{w_out} pixels; then {more} maps of zeros after the {c}",
    mistakes=(
        bent(shortcut, "pixels are averaged", "the shortcut only keeps some pixels, it does not pool", ROWS, pixels="mean"),
        bent(shortcut, "the largest pixel is taken", "the shortcut only keeps some pixels, it does not pool", ROWS,
             pixels="largest"),
        bent(shortcut, "the wrong pixels are kept", "counting starts at pixel 0: 0, s, 2s, …", ROWS, pixels="last"),
        bent(shortcut, "the last row or column is lost", "pixels 0, s, 2s, … as far as the image goes, also where s does not "
             "divide its side", ROWS, pixels="rounded down"),
        bent(shortcut, "the stride is ignored", "every `stride`-th pixel is kept, in both directions", ROWS, steps="ignored"),
        bent(shortcut, "only rows are skipped", "the stride holds for rows and columns", ROWS, steps="rows"),
        bent(shortcut, "the zeros stand in front", "the input's maps come first, the maps of zeros after them", MAPS,
             channels="in front"),
        bent(shortcut, "half of the zeros stand in front", "all the maps of zeros come after the input's", MAPS,
             channels="on both sides"),
        bent(shortcut, "no maps are appended", "the result has `c_out` maps", MAPS, channels="not appended"),
        bent(shortcut, "the input's maps are repeated", "the new maps are zeros: they add nothing", MAPS, fill="copies"),
        bent(shortcut, "the new maps are ones", "the new maps are zeros: they add nothing", MAPS, fill="ones"),
        GRADIENT,
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
    x = np.arange(1.0, 33.0).reshape(1, 2, 4, 4)
    weights = np.arange(1.0, 17.0).reshape(1, 4, 2, 2)
    wanted = np.zeros_like(x)
    wanted[:, :, ::2, ::2] = weights[:, :2]
    reply = answer.held.as_module().gradient(x, 4, 2, weights=weights)
    found = reply.value["inputs"][0] if reply.status == "returned" else None
    if found is not None and np.allclose(found, wanted):
        return None
    yours = (
        "no gradient at the input" if found is None else f"{np.count_nonzero(found)} pixels have a gradient"
    )
    return "wrong", GRADIENT, yours, f"a gradient at the {np.count_nonzero(wanted)} pixels that are kept"


def judge_shortcut(answer: Any) -> Verdict:
    """Return the verdict on a function of tensors."""
    held = hold(answer)
    if isinstance(held, LocalAnswer) and not callable(held.target):
        return message.not_a_function(QUESTION, held.target)
    return judge(QUESTION, OfTensors(held))


shortcut_a = Exercise("shortcut_a", QUESTION.title, QUESTION.points, QUESTION.mistakes, judge_shortcut)
