"""Benches for transfer learning: small models on the answer's side, which a learner's function freezes, or asks about crops.

Each is placed like one of the course's own blocks (`Answer.place`), and tells in words what became of its model: what is
right, the check decides on its own side.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as functional
from torch import nn

from convbook.answers.benches import target
from convbook.answers.heads import BENCHES as HEADS
from convbook.answers.rehearsal import Noisy

Norms = (nn.BatchNorm1d, nn.BatchNorm2d)
STILLED: list[nn.Module] = []  # the norms that a mistake's own function has frozen: it contains no answer
STORED, BATCH, BOTH = "the stored statistics", "the batch's statistics", "some of both"


class Unit(nn.Module):
    """A layer, a batch norm and a ReLU, for images or for vectors."""

    def __init__(self, inputs: int, outputs: int, images: bool):
        super().__init__()
        self.layer = nn.Conv2d(inputs, outputs, 1) if images else nn.Linear(inputs, outputs)
        self.norm = (nn.BatchNorm2d if images else nn.BatchNorm1d)(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return run(self.norm, self.layer(x)).relu()


class Body(nn.Module):
    """A parameter and a batch norm of its own, a unit, and another one in a box."""

    def __init__(self, images: bool):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.norm = (nn.BatchNorm2d if images else nn.BatchNorm1d)(3)
        self.first = Unit(3, 4, images)
        self.box = nn.Sequential(Unit(4, 5, images))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.box(self.first(run(self.norm, x * self.scale)))


class Whole(nn.Module):
    """A body, a unit behind it, and a head: names body, tail, head."""

    def __init__(self, images: bool, seed: int):
        super().__init__()
        self.body, self.tail, self.head = Body(images), Unit(5, 4, images), nn.Linear(4, 3)
        draw = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for value in self.state_dict().values():
                if value.is_floating_point():
                    spread = torch.rand(value.shape, generator=draw)
                    value.copy_(spread + 0.5 if value.ndim < 2 else spread - 0.4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.tail(self.body(x))
        return self.head(y.mean((2, 3)) if y.ndim == 4 else y)


def run(part: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Return what a part gives; a norm that a mistake has frozen uses its stored statistics."""
    if any(part is one for one in STILLED):
        return functional.batch_norm(x, part.running_mean, part.running_var, part.weight, part.bias)
    return part(x)


class FreezingBench(nn.Module):
    """Let a function freeze a part of a model, and tell what the part does at once, after `train()`, and in `eval()`."""

    def forward(self, function: Callable[..., Any], given: dict, x: torch.Tensor) -> dict[str, str]:
        STILLED.clear()
        model = Whole(given["images"], given["seed"]).train(given["mode"] == "training")
        part = model.get_submodule(given["part"]) if given["part"] else model
        inside, before = _input_of(model, part, x), _values(model)
        wanted = {STORED: _output(part, inside, False), BATCH: _output(part, inside, True)}
        target(function)(part)
        told = {"weights": _changes(before, _values(model))}

        def seen(moment: str) -> None:
            kept = _statistics(part)
            with torch.no_grad():
                y = run(part, inside)
            uses = next((word for word, goal in wanted.items() if torch.allclose(y, goal, atol=1e-5)), BOTH)
            drift = "kept" if _same(kept, _statistics(part)) else "updated"
            told[moment] = (
                f"{uses}, which are {drift}" if uses != BATCH else f"{uses}; the stored ones are {drift}"
            )

        seen("at once")
        model.train()
        seen("after train")
        told["gradients"] = _gradients(model, part, x)
        told["rest"] = _rest(model, given["part"], x)
        model.eval()
        seen("in evaluation")
        model.train()
        part.train()
        seen("after train again")
        return told


def _changes(before: Mapping[str, torch.Tensor], after: Mapping[str, torch.Tensor]) -> str:
    """Return in words what has changed of a model's numbers."""
    changed = [name for name, value in before.items() if not _same({name: value}, after)]
    if not changed:
        return "as before"
    if all("running" in name for name in changed):
        return "other statistics"
    return "other weights" if set(changed) <= set(after) else "a layer's weights are gone"


def _input_of(model: nn.Module, part: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Return what a part is given when the model is asked about x, by a copy of the model."""
    place = next(name for name, one in model.named_modules() if one is part)
    twin, caught = copy.deepcopy(model).eval(), []
    twin.get_submodule(place).register_forward_pre_hook(lambda _, args: caught.append(args[0].detach()))
    twin(x)
    return caught[0]


def _output(part: nn.Module, x: torch.Tensor, training: bool) -> torch.Tensor:
    with torch.no_grad():
        return copy.deepcopy(part).train(training)(x)


def _values(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _statistics(part: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value for name, value in _values(part).items() if "running" in name}


def _same(one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> bool:
    """Tell whether all entries are still there and equal; the number of batches that were tracked does not count."""
    names = [name for name in one if "num_batches" not in name]
    return all(name in other and torch.equal(one[name], other[name]) for name in names)


def _gradients(model: nn.Module, part: nn.Module, x: torch.Tensor) -> str:
    """Return in words which parameters of a part get gradients."""
    model.zero_grad()
    loss = model(x).square().sum()
    if loss.requires_grad:
        loss.backward()
    norms = {id(p) for one in part.modules() if isinstance(one, Norms) for p in one.parameters()}
    got = {(id(p) in norms): 0 for p in part.parameters()}
    every = dict(got)
    for p in part.parameters():
        every[id(p) in norms] += 1
        got[id(p) in norms] += p.grad is not None
    if not any(got.values()):
        return "no parameters"
    if got == every:
        return "all parameters"
    if got == {False: every.get(False, 0), True: 0}:
        return "all but batch norm's parameters"
    return (
        "batch norm's parameters alone"
        if not got.get(False, 0) and got[True] == every[True]
        else "some parameters"
    )


def _rest(model: nn.Module, part: str, x: torch.Tensor) -> str:
    """Return in words whether what was not to be frozen still learns."""
    outside = [p for name, p in model.named_parameters() if not name.startswith(part + ".")] if part else []
    norm, before = model.tail.norm, model.tail.norm.running_mean.clone()
    model(x)
    moving = not torch.equal(before, norm.running_mean)
    learns = all(p.grad is not None for p in outside) and (moving or not part)
    return "learns on" if learns else "is frozen too"


class VotesBench(nn.Module):
    """Let a function ask a model with batch norm and dropout about crops, and tell what it makes of the answers."""

    def forward(self, function: Callable[..., Any], given: dict, crops: torch.Tensor) -> dict[str, str]:
        model = Noisy(crops.shape[1], True, given["mode"])
        with torch.no_grad():  # clear answers, so that a mean of logits is told from one of probabilities
            model.head[-1].weight *= 6
        before = _values(model)
        returned = target(function)(model, crops)
        pages, modes = model.diary, set(model.modes().values())
        forward = {
            "training" if p["norm"] == "training" or p["dropout"] != "off" else "evaluation" for p in pages
        }
        return {
            "forward": forward.pop() if len(forward) == 1 else "both" if forward else "none: the model is not asked",
            "result": _made(returned, [p["outputs"] for p in pages], len(crops)),
            "mode": "as before" if model.modes() == model.before else "training" if modes == {True} else "evaluation" if modes == {False} else "mixed",
            "model": "as before" if _same(before, _values(model)) else "changed",
        }  # fmt: skip


MADE: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "the mean of the crops' probabilities": lambda o: o.softmax(-1).mean(0),
    "the probabilities of the mean logits": lambda o: o.mean(0).softmax(-1),
    "the mean of the logits": lambda o: o.mean(0),
    "the sum of the crops' probabilities": lambda o: o.softmax(-1).sum(0),
    "every crop's own probabilities": lambda o: o.softmax(-1),
    "every crop's own logits": lambda o: o,
    "the mean of softmaxes over the crops": lambda o: o.softmax(0).mean(0),
    "the largest probability of each class": lambda o: o.softmax(-1).amax(0),
    "the median of the probabilities": lambda o: o.softmax(-1).median(0).values,
    "the mean of the log-probabilities": lambda o: o.log_softmax(-1).mean(0),
    "the first crop's probabilities": lambda o: o[0].softmax(-1),
    "the last crop's probabilities": lambda o: o[-1].softmax(-1),
    "one mean of everything": lambda o: o.softmax(-1).mean(),
    "a mean for each crop": lambda o: o.softmax(-1).mean(1),
    "the mean of the crops' sigmoids": lambda o: o.sigmoid().mean(0),
    "the geometric mean of the probabilities": lambda o: o.log_softmax(-1).mean(0).exp(),
    "softmax of the mean probabilities": lambda o: o.softmax(-1).mean(0).softmax(-1),
    "the class": lambda o: o.softmax(-1).mean(0).argmax(),
    "the share of the crops that vote for each class": lambda o: functional.one_hot(o.argmax(-1), o.shape[-1]).double().mean(0),
}  # fmt: skip


def _made(value: Any, outputs: list[torch.Tensor], n: int) -> str:
    """Return what a result is, made of the outputs (n, f) of all crops."""
    if value is None:
        return "nothing"
    if not isinstance(value, torch.Tensor):
        return f"a {type(value).__name__}, no tensor"
    every = torch.cat(outputs) if outputs else torch.empty(0, 1)
    if len(every) != n:
        return f"made of {len(every)} outputs for {n} crops"
    for name, made in MADE.items():
        goal = made(every)
        if goal.shape == value.shape and torch.allclose(
            goal.double(), value.detach().double(), rtol=1e-4, atol=1e-5
        ):
            return name
    return f"numbers of shape {tuple(value.shape)}"


BENCHES = {"freezing": FreezingBench, "votes": VotesBench, **HEADS}
