"""Run a module once, forward and backward, and note at every operation what was there: shape, statistics, gradient."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from convbook.answers.calling import observe
from convbook.answers.module import tensor_of
from convbook.answers.steady import Stream, steady
from convbook.answers.tracing import recording, scripts_as_python
from convbook.forms import Reply

Step = dict[str, Any]


@dataclass
class Note:
    """Hold what was there at one place; `gradient` is the norm that flowed back to it, None where none did."""

    shape: tuple[int, ...]
    mean: float
    std: float
    zeros: float
    gradient: float | None = None

    @property
    def numbers(self) -> list[float | None]:
        """Return mean, standard deviation, share of zeros and gradient, None for what is not finite."""
        return [
            float(f"{v:.5g}") if v is not None and math.isfinite(v) else None
            for v in (self.mean, self.std, self.zeros, self.gradient)
        ]


@dataclass
class Anatomy:
    """Hold one run: its reply, the note of the input, and the steps as `Built.trace` describes them, each with its note.

    Where the module stopped before its end, the steps are those it came to. `no_gradient` is what PyTorch says where no
    gradient can be computed.
    """

    reply: Reply
    input: Note | None = None
    steps: list[Step] = field(default_factory=list)
    no_gradient: str = ""


def anatomy(module: nn.Module, x: Any, training: bool, seconds: float) -> Anatomy:
    """Return what ran in `module` on the array `x`; the module is put back to what it was.

    The gradient is that of the sum of the outputs, weighted from -1 to 1 as the checks weight them.
    """
    found = Anatomy(Reply("returned"))
    leaf = tensor_of(x)
    if leaf.is_floating_point():
        leaf.requires_grad_()
    taken = leaf.clone()  # an operation in place may not change a leaf

    def run() -> Any:
        found.input = note(leaf)
        with recording(module, [taken], note) as recorder:
            found.steps = recorder.entries
            output = module(taken)
        for place, step in enumerate(found.steps):
            step["result"] = recorder.made.get(id(output)) == place
        if not isinstance(output, torch.Tensor):
            return "nothing" if output is None else f"a {type(output).__name__}"
        value = output.detach().cpu().numpy().copy()
        if output.requires_grad:
            scale = torch.linspace(-1, 1, output.numel(), dtype=output.dtype).reshape(output.shape)
            try:
                (output * scale).sum().backward()
            except RuntimeError as error:
                found.no_gradient = str(error).split("\n")[0].split(". ")[0]
        return value

    with as_it_was(module), steady(Stream()), scripts_as_python():
        module.train(training)
        found.reply = observe(run, (), {}, seconds)
    return found


def note(tensor: torch.Tensor) -> Note:
    """Return what is in a tensor now; the gradient is entered when it flows back."""
    with torch.no_grad(), torch._C.DisableTorchFunction():
        values = tensor.detach().to(torch.float64)
        many = max(1, values.numel())
        told = Note(
            tuple(tensor.shape),
            float(values.mean()),
            float(values.std(correction=0)),
            float((values == 0).sum()) / many,
        )

    def enter(gradient: torch.Tensor) -> None:
        told.gradient = float(gradient.norm())

    if tensor.requires_grad:
        tensor.register_hook(enter)
    return told


@contextlib.contextmanager
def as_it_was(module: nn.Module) -> Iterator[None]:
    """Run a block and put back a module's weights, running statistics, gradients and modes."""
    state = {
        name: tensor.detach().clone() for name, tensor in module.state_dict().items() if not is_lazy(tensor)
    }
    gradients = [(p, p.grad) for p in module.parameters() if not is_lazy(p)]
    modes = [(part, part.training) for part in module.modules()]
    for parameter, _ in gradients:
        parameter.grad = None
    try:
        yield
    finally:
        own = module.state_dict(keep_vars=True)
        with torch.no_grad():
            for name, tensor in state.items():
                if name in own and own[name].shape == tensor.shape:
                    own[name].copy_(tensor)
        for parameter, gradient in gradients:
            parameter.grad = gradient
        for part, training in modes:
            part.training = training
