"""Models of the course's own that watch what a learner's function does to them, on the answer's side of the fence.

`Noisy` is a network with batch norm and dropout that keeps a diary of its passes. `Rehearsal` takes a class that watches a
validation loss, shows it losses one by one, and writes down what it says and what it puts back.
Both can `pretend`: do as if they had been used in a certain way. So a check proves that it knows a mistake without
containing an answer.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

OUTPUTS = 3
FILLED = 99.0  # what later training leaves in a rehearsed model


class Diary(list):
    """The pages of a model and of all its copies: who asks a copy has asked the model."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Diary:
        return self


class Noisy(nn.Module):
    """A network (n, c) or (n, c, h, w) -> (n, 3) with batch norm and dropout; `told` is its diary.

    `modes` says which parts start in training mode: "evaluation", "training" or "mixed".
    """

    def __init__(self, channels: int = 5, pixels: bool = False, modes: str = "evaluation"):
        super().__init__()
        self.norm = (nn.BatchNorm2d if pixels else nn.BatchNorm1d)(channels)
        self.body = nn.Sequential(nn.Linear(channels, 24), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Sequential(nn.Linear(24, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, OUTPUTS))
        with torch.no_grad():
            self.norm.running_mean += torch.arange(channels) / 4
            self.norm.running_var += torch.arange(channels) / 2
        self.train(modes == "training")
        if modes == "mixed":
            self.body.train()
            self.head.training = True  # itself, and nothing in it
        self.before = self.modes()
        self.diary = Diary()

    def modes(self) -> dict[str, bool]:
        return {name: part.training for name, part in self.named_modules()}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm(x)
        y = self.head(self.body(y.mean((2, 3)) if y.dim() == 4 else y))
        on = [part.training for part in self.modules() if isinstance(part, nn.Dropout)]
        self._write(y, "on" if all(on) else "partly on" if any(on) else "off", self.norm.training)
        return y

    def _write(self, outputs: torch.Tensor, dropout: str, norm: bool) -> None:
        page = {
            "outputs": outputs.detach().clone(),
            "dropout": dropout,
            "norm": "training" if norm else "test",
        }
        self.diary.append(page)

    @property
    def told(self) -> dict[str, Any]:
        """Return all that was seen: every pass, and the modes before and now."""
        dropouts = [name for name, part in self.named_modules() if isinstance(part, nn.Dropout)]
        return {
            "passes": list(self.diary),
            "before": self.before,
            "modes": self.modes(),
            "dropouts": dropouts,
        }

    def pretend(
        self, x: torch.Tensor, passes: int, dropout: str, norm: str, modes: str, alike: bool = False
    ) -> torch.Tensor:
        """Write down passes as if they had been made, leave the parts in some modes, and return invented outputs."""
        outputs = torch.randn(1 if alike else passes, len(x), OUTPUTS).expand(passes, -1, -1)
        for one in outputs:
            self._write(one, dropout, norm == "training")
        if norm == "training":
            self.norm.num_batches_tracked += passes
        if modes == "only dropout in training mode":
            for part in self.eval().modules():
                part.training = isinstance(part, nn.Dropout)
        elif modes != "as before":
            self.train(modes != "all in evaluation mode")
            self.norm.train(modes == "all in training mode")
        return outputs


class Watched(nn.Module):
    """A model with one parameter and one buffer that both hold the number of the step they are from."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2, 3))
        self.register_buffer("seen", torch.zeros(4))

    def fill(self, weights: float, buffers: float) -> None:
        """Write numbers into the very tensors there are, as a step of training does."""
        with torch.no_grad():
            self.weight.fill_(weights)
            self.seen.fill_(buffers)

    def holds(self) -> tuple[float, float]:
        return _one(self.weight), _one(self.seen)


class Rehearsal(nn.Module):
    """Show losses to an object that says when to stop, then let it restore a model, twice."""

    def forward(
        self, kind: Any, patience: int, min_delta: float | None, losses: list[float]
    ) -> dict[str, Any]:
        """Return what a class made with (patience, min_delta) says after each loss, and what it restores."""
        kind = getattr(kind, "target", kind)
        stopper = kind(patience) if min_delta is None else kind(patience, min_delta)
        model = Watched()
        own = model.weight
        said, best = [], []
        for step, loss in enumerate(losses):
            model.fill(step, step)
            said.append(_word(stopper.update(loss, model)))
            best.append(float(stopper.best_loss))
            if said[-1] == "True":
                break
        model.fill(FILLED, FILLED)
        stopper.restore(model)
        weights, buffers = model.holds()
        kept = model.weight is own and model.weight.requires_grad
        model.fill(FILLED, FILLED)
        stopper.restore(model)
        return {"said": said, "best": best, "weights": weights, "buffers": buffers, "again": model.holds()[0],
                "kept": "its own tensors" if kept else "other tensors"}  # fmt: skip


def _word(value: Any) -> str:
    """Return what an update gave: True, False, or what else it is."""
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return str(bool(value))
    return "None" if value is None else type(value).__name__


def _one(tensor: torch.Tensor) -> float:
    """Return the number that fills a tensor, NaN where it holds several."""
    first = float(tensor.flatten()[0])
    return first if bool((tensor == first).all()) else float("nan")
