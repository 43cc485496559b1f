"""Kernels: turned round, and made on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from convbook.answers import LocalAnswer, hold
from convbook.checks import message
from convbook.checks.compare import Fault, fault_of, shown
from convbook.checks.convolution import oracle
from convbook.checks.judge import Trial, exercise, refused_call
from convbook.checks.question import Question, bent, case, drawn, every_layout
from convbook.checks.engine.seed import generator
from convbook.forms import Case, Exercise, Mistake, Reply, Verdict


def flip180_oracle(k, *, turn="half"):
    """Return a kernel (kh, kw) rotated by 180 degrees; bent, turned in another way."""
    kernel = oracle.tensor(k)
    turned = {
        "half": lambda: kernel.flip(0, 1),
        "not": lambda: kernel,
        "up down": lambda: kernel.flip(0),
        "left right": lambda: kernel.flip(1),
        "transposed": lambda: kernel.T,
        "quarter left": lambda: kernel.rot90(1),
        "quarter right": lambda: kernel.rot90(-1),
        "other diagonal": lambda: kernel.T.flip(0, 1),
        "negative": lambda: -kernel,
        "overwritten": lambda: overwritten(kernel),
        "from minus zero": lambda: kernel.flip(0, 1).roll((1, 1), (0, 1)),
        "down to one": lambda: kernel[1:, 1:].flip(0, 1),
    }
    return turned[turn]().numpy().copy()


def overwritten(kernel):
    """Return a kernel turned in its own memory: the second half reads what the first has already changed."""
    import torch

    first, half = kernel.flatten(), (kernel.numel() + 1) // 2
    return torch.cat([first.flip(0)[:half], first[half:]]).reshape(kernel.shape)


def flip180_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield kernels of all shapes and layouts."""
    yield case(np.array([[1.0, 2.0], [3.0, 4.0]]))
    yield case(np.arange(1.0, 7.0).reshape(2, 3))
    yield case(np.arange(1.0, 4.0).reshape(1, 3))
    yield case(np.arange(1.0, 10.0).reshape(3, 3))
    yield from every_layout(np.arange(1.0, 7.0).reshape(2, 3))
    yield case(np.arange(1.0, 7.0, dtype=np.float32).reshape(3, 2), about="float32")
    for _ in range(6):
        yield drawn(rng.normal(size=tuple(rng.integers(1, 5, 2))))
    yield drawn(rng.normal(size=(40, 50)))


flip180 = exercise(
    Question(
        name="flip180",
        title="Turn it round",
        points=2,
        oracle=flip180_oracle,
        cases=flip180_cases,
        facts=lambda k: {"kh": k.shape[0], "kw": k.shape[1], "first": f"{k[0, 0]:g}", "last": f"{k[-1, -1]:g}"},
        look_at="after half a turn the weight {last} of the last corner stands in the first",
        shape="half a turn keeps the shape: ({kh}, {kw})",
        mistakes=(
            bent(flip180_oracle, "only the rows are reversed", "half a turn reverses rows and columns",
                 "the last corner must hold {first}", turn="up down"),
            bent(flip180_oracle, "only the columns are reversed", "half a turn reverses rows and columns",
                 "the last corner must hold {first}", turn="left right"),
            bent(flip180_oracle, "it is transposed", "a transpose mirrors at the diagonal; half a turn keeps the shape",
                 "the shape stays ({kh}, {kw})", turn="transposed"),
            bent(flip180_oracle, "it is mirrored at the other diagonal", "half a turn keeps rows as rows",
                 "the shape stays ({kh}, {kw})", turn="other diagonal"),
            bent(flip180_oracle, "it is turned by a quarter to the left", "180 degrees are two quarter turns",
                 "the shape stays ({kh}, {kw})", turn="quarter left"),
            bent(flip180_oracle, "it is turned by a quarter to the right", "180 degrees are two quarter turns",
                 "the shape stays ({kh}, {kw})", turn="quarter right"),
            bent(flip180_oracle, "it is not turned at all", "the kernel came back as it was",
                 "the first corner must hold {last}, not {first}", turn="not"),
            bent(flip180_oracle, "the signs are flipped, not the places", "the weights keep their values and change their places",
                 "{last} moves to the first corner", turn="negative"),
            bent(flip180_oracle, "half of it is read after it was overwritten",
                 "the loop writes into the kernel it still reads from: read from the original, write into a new array",
                 "the last corner must hold {first}", turn="overwritten"),
            bent(flip180_oracle, "the counting from the end begins at 0", "`k[-0]` is `k[0]`: the last entry is `k[-1]`, so index i becomes −1 − i",
                 "the first corner must hold {last}, not {first}", turn="from minus zero"),
            bent(flip180_oracle, "the first row and column are lost", "a slice leaves its end out: `a[-1:0:-1]` stops before entry 0, `a[::-1]` goes all the way",
                 "the shape stays ({kh}, {kw})", turn="down to one"),
        ),
    )
)  # fmt: skip


def kernel_answer(*rows: list[float]) -> Callable[[], np.ndarray]:
    """Return an answer that always gives this kernel."""
    return lambda: np.array(rows, dtype=float)


EDGE_MISTAKES = {
    mistake.name: mistake
    for mistake in (
        Mistake("all weights are 0", "a kernel of zeros finds nothing, not even a vertical edge", kernel_answer([0] * 3, [0] * 3, [0] * 3)),
        Mistake("it averages instead of comparing", "all weights have one sign, so neighbours are added up; an edge is a difference: weights of both signs are needed", kernel_answer([1] * 3, [1] * 3, [1] * 3)),
        Mistake("it responds to flat regions", "on a flat region the weights' sum is what comes out: it must be 0", kernel_answer([1, 0, -2], [1, 0, -2], [1, 0, -2])),
        Mistake("it responds to horizontal edges instead", "it compares rows; a vertical edge is a difference between columns", kernel_answer([1, 2, 1], [0, 0, 0], [-1, -2, -1])),
        Mistake("it responds to edges of every direction", "the sum of each single row must be 0, or the kernel responds to a horizontal edge as well", kernel_answer([0, 1, 0], [1, -4, 1], [0, 1, 0])),
        Mistake("it responds to horizontal edges too", "the sum of each single row must be 0, or the kernel responds to a horizontal edge as well", kernel_answer([2, 0, -1], [1, 0, -1], [1, 0, -2])),
        Mistake("its rows cancel each other", "every row sums to 0, but so does every column: along a vertical edge nothing is left", kernel_answer([1, 0, -1], [-1, 0, 1], [0, 0, 0])),
    )
}  # fmt: skip


def edge_images(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return whole images (h, w): flat, with a horizontal edge, with a vertical one."""
    dark, bright = rng.uniform(0.1, 0.4), rng.uniform(0.6, 0.9)
    flat, rows = np.full((8, 10), bright), np.full((8, 10), dark)
    rows[3:] = bright
    columns = np.full((8, 10), dark)
    columns[:, 5:] = bright
    return {"flat": flat, "horizontal": rows, "vertical": columns}


def largest_responses(kernel: np.ndarray) -> dict[str, float]:
    """Return the strongest response of a kernel on each of the images."""
    images = edge_images(generator("vertical_edge_kernel"))
    return {name: float(np.abs(oracle.corr2d(image, kernel)).max()) for name, image in images.items()}


def edge_mistake(kernel: np.ndarray) -> str | None:
    """Return the name of what is wrong with a kernel, or None: judged by its response to whole images."""
    responses = largest_responses(kernel)
    scale = float(np.abs(kernel).max())
    silent = {name: value <= 1e-9 * max(scale, 1e-300) for name, value in responses.items()}
    if scale == 0:
        return "all weights are 0"
    if (np.all(kernel >= 0) or np.all(kernel <= 0)) and np.count_nonzero(kernel) > 1:
        return "it averages instead of comparing"
    if not silent["flat"]:
        return "it responds to flat regions"
    if silent["horizontal"]:
        return "its rows cancel each other" if silent["vertical"] else None
    if silent["vertical"]:
        return "it responds to horizontal edges instead"
    alike = np.isclose(responses["horizontal"], responses["vertical"], rtol=1e-6)
    return "it responds to edges of every direction" if alike else "it responds to horizontal edges too"


def judge_edge_kernel(answer: Any) -> Verdict:
    """Return the verdict on a kernel that is tried on images."""
    held = hold(answer)
    if isinstance(held, LocalAnswer) and not callable(held.target):
        return message.not_a_function(EDGE, held.target)
    reply = held.call(forbid=EDGE.forbid)
    verdict = _verdict_on(reply)
    if verdict.right and reply.seconds < 0.5:  # once more: a kernel may not wear out
        return _verdict_on(held.call(forbid=EDGE.forbid))
    return verdict


def _verdict_on(reply: Reply) -> Verdict:
    trial = Trial(Case(), np.zeros((3, 3)), reply, None)
    stopped = refused_call(EDGE, trial)
    if stopped is not None:
        return stopped
    fault = fault_of(reply, trial.wanted, "float64", counts=True)
    if fault is not None and fault.kind == "not finite":
        fault = Fault(fault.kind, fault.sentence, fault.yours, "nine finite numbers")
    if fault is not None and fault.kind != "wrong":
        return message.wrong(EDGE, Trial(Case(), trial.wanted, reply, fault), [])
    kernel = np.asarray(reply.value, dtype=float)
    name = edge_mistake(kernel)
    if name is None:
        text = f"✓ vertical_edge_kernel: responds to vertical edges, silent elsewhere ({EDGE.points} points)"
        return Verdict(EDGE.name, "right", text)
    nothing = 1e-9 * float(np.abs(kernel).max())  # rounding, not a response
    responses = ", ".join(
        f"{image} {value if value > nothing else 0:.3g}" for image, value in largest_responses(kernel).items()
    )
    yours = f"{shown(kernel)}\nstrongest response on images: {responses}"
    fault = Fault("wrong", name, yours, "flat 0, horizontal 0, vertical not 0")
    trial = Trial(Case(), trial.wanted, reply, fault)
    return message.wrong(EDGE, trial, [(EDGE_MISTAKES[name], trial)])


def no_arguments() -> np.ndarray:
    """Return nothing of use: this exercise has no one right result."""
    return np.zeros((3, 3))


EDGE = Question(
    name="vertical_edge_kernel",
    title="Make a filter on purpose",
    points=4,
    oracle=no_arguments,
    cases=lambda rng: (),
    mistakes=tuple(EDGE_MISTAKES.values()),
    look_at="a kernel has 3 rows and 3 columns",
)
vertical_edge_kernel = Exercise(EDGE.name, EDGE.title, EDGE.points, EDGE.mistakes, judge_edge_kernel)
