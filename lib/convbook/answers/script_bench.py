"""A bench for a whole training script: runs it on small images of its own, and tells what it did, in plain values.

The script is text. It trains a network in whatever way it likes; PyTorch's own functions are watched, not the script's
words: `script_watch` sees every pass, loss, backward and step. Which behaviour is right, the check decides.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from convbook.answers.script_watch import Pass, Watcher

SETS = ("train", "validation", "test")
MANY = {"train": 64, "validation": 40, "test": 40}
LIGHT = {"train": 1.0, "validation": 1.3, "test": 0.6}
SIDE, CLASSES = 8, 4
SCRIPT = "<script>"


def image_sets(seed: int) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Return images (n, 1, 8, 8) and labels (n,) for training, validation and test: a bar in one of four places, and noise.

    The test images are darker and those of the validation brighter, so that each set has a mean of its own. All labels of
    the validation are wrong: its accuracy falls while a network learns, so that the best epoch is not the last.
    """
    draw = torch.Generator().manual_seed(seed)
    found = {}
    for name, n in MANY.items():
        labels = torch.randperm(n, generator=draw) % CLASSES
        images = torch.rand(n, 1, SIDE, SIDE, generator=draw)
        for image, label in zip(images, labels, strict=True):
            half = slice(0, 3) if label < 2 else slice(5, 8)
            (image[0, half] if label % 2 else image[0, :, half]).add_(0.15)
        if name == "validation":
            labels = (labels + 1) % CLASSES
        found[name] = (images * LIGHT[name], labels)
    return found


class ScriptBench(nn.Module):
    """Run a script with `train_images`, `train_labels` and so on, and return what it did, or where it stopped."""

    def forward(self, source: str, seed: int) -> dict[str, Any]:
        sets = image_sets(seed)
        space: dict[str, Any] = {"__name__": "script"}
        for name, (images, labels) in sets.items():
            space |= {f"{name}_images": images.clone(), f"{name}_labels": labels.clone()}
        torch.manual_seed(seed)
        watcher = Watcher()
        try:
            with watcher.watching():
                exec(compile(source, SCRIPT, "exec"), space)
        except Exception as error:
            return {"stopped": f"{type(error).__name__}: {error}"[:300], "line": line_of(error)}
        if not watcher.passes or not watcher.updates:
            return {"stopped": "it never trains", "line": 0}
        return Seen(watcher, sets, space).told()


def line_of(error: BaseException) -> int:
    """Return the line of the script in which an error arose, 0 where that is not known."""
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == SCRIPT:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


class Seen:
    """Read what a watched script did, given the images that it had."""

    def __init__(self, watcher: Watcher, sets: dict, space: dict[str, Any]):
        self.watcher, self.sets, self.space = watcher, sets, space
        self.images = torch.cat([images for images, _ in sets.values()]).flatten(1)
        self.labels = torch.cat([labels for _, labels in sets.values()])
        self.home = [name for name in SETS for _ in range(MANY[name])]
        standard = self.images - self.images.mean(1, keepdim=True)
        self.standard = standard / standard.norm(dim=1, keepdim=True)
        self.training = [one.passed for one in watcher.updates if one.passed is not None]
        self.tests = [one for one in watcher.passes if not any(one is other for other in self.training)]
        for one in watcher.passes:
            one.which = self.recognised(one.images)
        ids = [self.home[one.which[0]] if one.which else "unknown" for one in self.tests]
        self.on = ids  # the set of each test

    def recognised(self, images: torch.Tensor) -> list[int]:
        """Return which of the images a batch holds, whatever they were normalised by."""
        flat = images.detach().flatten(1)
        if flat.shape[1] != self.standard.shape[1]:
            return []
        flat = flat - flat.mean(1, keepdim=True)
        return (flat @ self.standard.T).argmax(1).tolist()

    def told(self) -> dict[str, Any]:
        """Return all that a check may want to know."""
        return {
            "sets": self.on,
            "labels": self.labels_fit(),
            "losses": self.losses(),
            "before": [one.before for one in self.watcher.updates],
            "direction": self.watcher.direction(),
            "covered": self.watcher.covered(),
            "epochs": self.epochs(),
            "sizes": sorted({one.size for one in self.watcher.passes}),
            "affine": self.affine(),
            "training norm": [one.norm for one in self.training],
            "training dropout": [one.dropout for one in self.training],
            "test norm": [one.norm for one in self.tests],
            "test dropout": [one.dropout for one in self.tests],
            "dropout in evaluation": self.probed(),
            "statistics": self.watcher.statistics(),
            "kept": self.kept(),
            "result": self.result(),
        }

    def labels_fit(self) -> float:
        """Return the share of training examples whose target was the image's own label."""
        right = total = 0
        for one in self.watcher.updates:
            if one.target is None or one.passed is None or len(one.target) != len(one.passed.which):
                continue
            right += int((one.target == self.labels[one.passed.which]).sum())
            total += len(one.target)
        return right / total if total else 1.0

    def losses(self) -> list[str]:
        """Return in a word what each loss was of its batch."""
        return [one.told(self.labels[one.passed.which if one.passed else []]) for one in self.watcher.updates]

    def epochs(self) -> str:
        """Return whether every epoch takes each training image once, in an order of its own."""
        order = [which for one in self.training for which in one.which]
        n = MANY["train"]
        parts = [order[start : start + n] for start in range(0, len(order) - n + 1, n)]
        if len(parts) < 2 or any(sorted(part) != list(range(n)) for part in parts):
            return "other images"
        return "one order" if parts[0] == parts[1] else "shuffled"

    def affine(self) -> dict[str, list[float]]:
        """Return for every set by which mean and standard deviation its images were normalised."""
        found: dict[str, list[float]] = {}
        for one in self.watcher.passes:
            if not one.which or self.home[one.which[0]] in found:
                continue
            given, own = one.images.detach().flatten().double(), self.images[one.which].flatten().double()
            scale = float(((given - given.mean()) * (own - own.mean())).mean() / own.var(correction=0))
            mean = float(own.mean() - given.mean() / scale) if scale else float("nan")
            found[self.home[one.which[0]]] = [mean, 1 / scale if scale else float("nan")]
        train = self.sets["train"][0]
        return found | {"wanted": [float(train.mean()), float(train.std())]}

    def accuracy(self, one: Pass) -> float:
        return float((one.outputs.argmax(1) == self.labels[one.which]).double().mean())

    def kept(self) -> str:
        """Return which weights the last test saw: those of the best epoch, the last, or others; "" where that cannot be said."""
        *epochs, last = self.tests if len(self.tests) > 2 else (None, None)
        if last is None:
            return "other"
        scores = [self.accuracy(one) for one in epochs]
        best = [one for one, score in zip(epochs, scores, strict=True) if score == max(scores)]
        if any(one is epochs[-1] for one in best):
            return ""
        if any(last.same_weights(one) for one in best):
            return "best"
        return "last" if last.same_weights(epochs[-1]) else "other"

    def probed(self) -> bool | None:
        """Return whether dropout is on while the model is in evaluation mode; None where there is no model."""
        model = self.watcher.model
        if model is None:
            return None
        modes = {module: module.training for module in model.modules()}
        seen = Watcher()
        try:
            with torch.no_grad(), seen.watching():
                model.eval()(self.tests[-1].images if self.tests else self.training[-1].images)
        finally:
            for module, mode in modes.items():
                module.training = mode
        return bool(seen.passes and seen.passes[-1].dropout)

    def result(self) -> str:
        """Return what the script's `result` is: the accuracy of its last test, or something else."""
        value = self.space.get("result")
        if not isinstance(value, int | float | torch.Tensor) or not self.tests:
            return "missing"
        return "right" if abs(float(value) - self.accuracy(self.tests[-1])) < 1e-5 else "another number"
