"""Train the network whose weights unit 10 loads, say how well it does, and write its file.

    python benchmarks/clothes_weights.py [--seed N] [--threads N] [--solution NOTEBOOK] [--write]

The network is the instructor's own `ResidualNet(BasicBlock, 2, width=12)`, read from the notebook: depth 14, 98,782 weights.
It learns the 10,000 bundled training images of Fashion-MNIST, fourteen times, in about two and a half minutes on one idle
core. The 2,000 bundled test images are measured once, after the last epoch: 90.75 % right. With `--write` its tensors are
saved as float16, in the safetensors format, under the names that another library, MXNet, gives such layers; the count of
batches, which MXNet does not keep, has a name of our own. Without it, what is written already is measured as well.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
from fashion_resnet import NOTEBOOK, solution
from torch import nn

from convbook import data, training
from convbook.training.weights_file import clothes_weights, read_weights, write_weights

RECIPE = training.Recipe(
    epochs=14, batch_size=64, learning_rate=0.1, weight_decay=5e-4, flips=True, channels_last=True
)
NORM = {
    "weight": "gamma", "bias": "beta", "running_mean": "running_mean", "running_var": "running_var",
    "num_batches_tracked": "batches",
}  # fmt: skip


def renamed(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return a model's tensors as float16 under the names that MXNet gives: each kind of layer is counted by itself."""
    found, counts = {}, {"conv": 0, "batchnorm": 0, "dense": 0}
    for layer in model.modules():
        kind = {nn.Conv2d: "conv", nn.BatchNorm2d: "batchnorm", nn.Linear: "dense"}.get(type(layer))
        if kind is None:
            continue
        for name, tensor in layer.state_dict().items():
            word = NORM[name] if kind == "batchnorm" else name
            found[f"{kind}{counts[kind]}_{word}"] = tensor.half() if tensor.is_floating_point() else tensor
        counts[kind] += 1
    return found


def main() -> None:
    """Train, measure, and write if asked to."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seed", type=int, default=10)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--solution", type=Path, default=NOTEBOOK)
    options.add_argument("--write", action="store_true", help="write the file that the course bundles")
    chosen = options.parse_args()
    make, block = (solution(chosen.solution, name) for name in ("ResidualNet", "BasicBlock"))
    clothes = data.fashion_mnist()
    test = (clothes.test_images, clothes.test_labels)
    torch.manual_seed(chosen.seed)
    model = make(block, 2, width=12)
    print(f"{sum(p.numel() for p in model.parameters()):,} weights; {RECIPE}", flush=True)
    used = time.process_time()
    history = training.fit(
        model, (clothes.train_images, clothes.train_labels), recipe=RECIPE, seed=chosen.seed,
        threads=chosen.threads, progress=False, on_epoch=lambda now: print(f"epoch {now.epoch}: {now.accuracy:.3f}", flush=True),
    )  # fmt: skip
    print(history)
    print(
        f"{time.process_time() - used:.0f} s of processor time; test accuracy {training.evaluate(model, *test).accuracy:.2%}"
    )
    if chosen.write:
        path = write_weights(clothes_weights(), renamed(model))
        print(f"written: {path.name}, {path.stat().st_size:,} bytes")
    again = make(block, 2, width=12)
    for mine, theirs in zip(
        again.state_dict().values(), read_weights(clothes_weights()).values(), strict=True
    ):
        mine.copy_(theirs)
    print(f"test accuracy of what the file holds: {training.evaluate(again, *test).accuracy:.2%}")


if __name__ == "__main__":
    main()
