"""Loops over batches that are bent in some respects, and the small network on which they are tried.

`taught` trains for one pass, `judged` evaluates: each performs what `engine/epochs.bent` declares, `respect=manner`. The network
is that of `answers/benches`, given as plain arrays, and computed here with functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

HIDDEN, EPSILON, MOVING = 3, 1e-5, 0.1


def example(rng: np.random.Generator, sizes: tuple[int, ...], **state: Any) -> tuple[Any, Any]:
    """Return a small network as plain data, its weights and the state it comes in, and batches of these sizes."""
    classes, inputs = 4, 5
    weights = {"0.weight": rng.normal(size=(HIDDEN, inputs)), "0.bias": rng.normal(size=HIDDEN), "3.weight": rng.normal(size=(classes, HIDDEN)),
               "3.bias": rng.normal(size=classes), "1.0.weight": rng.normal(1, 0.2, HIDDEN), "1.0.bias": rng.normal(size=HIDDEN),
               "1.0.running_mean": rng.normal(size=HIDDEN), "1.0.running_var": rng.random(HIDDEN) + 0.5}  # fmt: skip
    batches = [(rng.normal(size=(size, inputs)), rng.integers(0, classes, size)) for size in sizes]
    return {"weights": weights, **state}, batches


def scores(weights: Mapping[str, Any], x: Any, own_statistics: bool) -> Any:
    """Return the logits of the bench's network, written with functions."""
    hidden = functional.linear(x, weights["0.weight"], weights["0.bias"])
    mean, var = (None, None) if own_statistics else (weights["1.0.running_mean"], weights["1.0.running_var"])
    normed = functional.batch_norm(
        hidden, mean, var, weights["1.0.weight"], weights["1.0.bias"], own_statistics, MOVING, EPSILON
    )
    return functional.linear(normed.tanh(), weights["3.weight"], weights["3.bias"])


LEARNED = ("0.weight", "0.bias", "1.0.weight", "1.0.bias", "3.weight", "3.bias")


def taught(how: Mapping[str, str]) -> Callable[..., Any]:
    """Return a training loop that is bent in these respects."""

    def bent_epoch(model: Any, batches: Any, optimizer: Any) -> Any:
        if how.get("mode") != "as it was":
            model.train(how.get("mode") != "evaluation")
        losses, sizes, right = [], [], 0
        for x, y in regrouped(batches, how.get("batches", "")):
            logits = model(x.reshape(x.shape))
            spoilt = logits.softmax(1) if how.get("logits") == "softmax" else logits
            measure = functional.nll_loss if how.get("logits") == "raw" else functional.cross_entropy
            loss = measure(spoilt, y, reduction="sum" if how.get("reduction") == "sum" else "mean")
            gradients = torch.autograd.grad(loss, list(model.parameters()))
            _move(model, optimizer, gradients, how)
            losses.append(measure(model(x) if how.get("report") == "after" else spoilt, y).item())
            sizes.append(len(y))
            right += int((logits.argmax(1) == y).sum())
        if how.get("step") == "once":
            optimizer.step()
        if how.get("left") == "evaluation":
            model.eval()
        return reported(how.get("report", ""), np.array(losses), np.array(sizes), right)

    return bent_epoch


def regrouped(batches: Iterable[Any], manner: str) -> Iterable[Any]:
    """Return the batches that a bent loop takes: all of them, unless it is bent there."""
    if manner == "first":
        return islice(batches, 1)
    if manner not in ("joined", "full"):
        return batches
    batches = list(batches)
    if manner == "joined":
        return [tuple(torch.cat([pair[part] for pair in batches]) for part in (0, 1))]
    return [pair for pair in batches if len(pair[1]) == len(batches[0][1])]


def _move(model: Any, optimizer: Any, gradients: Any, how: Mapping[str, str]) -> None:
    manner = how.get("step", "")
    if manner == "before":
        optimizer.step()
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        old = (
            parameter.grad
            if manner in ("kept", "once") and parameter.grad is not None
            else torch.zeros_like(gradient)
        )
        parameter.grad = old + gradient
    for _ in range({"never": 0, "before": 0, "emptied": 0, "once": 0, "twice": 2}.get(manner, 1)):
        optimizer.step()


def reported(manner: str, losses: np.ndarray, sizes: np.ndarray, right: int) -> Any:
    """Return what a loop reports of its losses."""
    ways = {"batches": losses.mean(), "sum": losses.sum(), "all": (losses * sizes).sum(), "last": losses[-1], "first": losses[0], "mixed": losses.sum() / sizes.sum(),
            "accuracy": right / sizes.sum(), "list": losses.tolist(), "nothing": None,
            "graph": torch.tensor(np.average(losses, weights=sizes), requires_grad=True)}  # fmt: skip
    return ways.get(manner, float(np.average(losses, weights=sizes)))


def judged(how: Mapping[str, str]) -> Callable[..., Any]:
    """Return an evaluation that is bent in these respects."""

    def bent_evaluation(model: Any, batches: Any) -> Any:
        modes, was_on = [(part, part.training) for part in model.modules()], torch.is_grad_enabled()
        if how.get("mode") not in ("training", "as it was"):
            model.eval()
        elif how["mode"] == "training":
            model.train()
        torch.set_grad_enabled(how.get("gradients") == "forced" or (how.get("gradients") == "on" and was_on))
        pairs = [(model(x), y) for x, y in batches]
        if how.get("gradients") != "left off":
            torch.set_grad_enabled(was_on or how.get("gradients") == "left on")
        restored, was = how.get("restored", ""), dict(modes)
        for part, training in modes:
            part.training = {"training": True, "evaluation": False, "the model's": modes[0][1]}.get(
                restored, training
            )
        for child in model.children() if restored == "the children's" else ():
            child.train(was[child])
        for parameter in model.parameters():
            parameter.requires_grad_(how.get("model") != "frozen")
            parameter.grad = None if how.get("model") == "emptied" else parameter.grad
        return counted(how.get("report", ""), pairs)

    return bent_evaluation


def counted(manner: str, pairs: list[Any]) -> Any:
    """Return what an evaluation reports of its logits and labels."""
    hits = [(logits.argmax(1) == y).double() for logits, y in pairs]
    every = torch.cat(hits)
    loss = functional.cross_entropy(torch.cat([z for z, _ in pairs]), torch.cat([y for _, y in pairs]))
    ways = {"batches": torch.stack([h.mean() for h in hits]).mean(), "percent": 100 * every.mean(), "count": every.sum(), "error": 1 - every.mean(),
            "last": hits[-1].mean(), "first": hits[0].mean(), "loss": loss, "over batches": every.sum() / len(hits), "nothing": None,
            "equal": every.sum() / (len(hits) * len(hits[0])), "smallest": torch.cat([(z.argmin(1) == y).double() for z, y in pairs]).mean(),
            "probability": torch.cat([z.softmax(1)[torch.arange(len(y)), y] for z, y in pairs]).mean(), "rounded": every.mean().round(decimals=2)}  # fmt: skip
    answer = ways.get(manner, every.mean())
    return answer if answer is None else float(answer)
