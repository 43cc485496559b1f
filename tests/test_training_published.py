"""Published weights go into a model that fits, and a file that does not fit changes nothing."""

from __future__ import annotations

import json
from collections import OrderedDict
from importlib.resources import files

import numpy as np
import pytest
import torch
from torch import nn

from convbook.training.published import load_published, published_weights


def network() -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 4, 3), bn1=nn.BatchNorm2d(4), pool=nn.AdaptiveAvgPool2d(1), flat=nn.Flatten(), fc=nn.Linear(4, 10)
        )
    )  # fmt: skip


def random_file(path, entries: dict) -> None:
    """Write random weights as torchvision does: an ordered dict of tensors, with `torch.save`."""
    state = OrderedDict(
        (name, torch.rand(shape) if shape else torch.tensor(7)) for name, shape in entries.items()
    )
    torch.save(state, path)


def entries_of(model: nn.Module) -> dict:
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


def state_of(model: nn.Module) -> dict:
    return {name: value.clone() for name, value in model.state_dict().items()}


def test_a_file_of_random_weights_fills_every_parameter_and_buffer(tmp_path):
    path, model = tmp_path / "small-0123abcd.pth", network()
    random_file(path, entries_of(model))
    assert load_published(model, path) is model
    written = torch.load(path, weights_only=True)
    assert all(torch.equal(value, written[name]) for name, value in model.state_dict().items())


def test_the_names_and_shapes_of_a_published_resnet_18_are_read(tmp_path):
    listed = json.loads(files("convbook.checks").joinpath("data/resnet_state_dicts.json").read_text())
    entries = {name: tuple(shape) for name, shape in listed["resnet18"]}
    random_file(tmp_path / "resnet18.pth", entries)
    found = published_weights(tmp_path / "resnet18.pth")
    learned = sum(
        value.numel() for name, value in found.items() if "running" not in name and "tracked" not in name
    )
    assert learned == 11_689_512


def written(path, kind: str) -> None:
    model = network()
    entries = entries_of(model)
    if kind == "text":
        path.write_text("<html>not found</html>")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "cut off":
        random_file(path, entries)
        path.write_bytes(path.read_bytes()[:-400])
    elif kind == "arrays":
        with path.open("wb") as file:
            np.savez(file, w=np.zeros(3))
    elif kind == "whole model":
        torch.save(model, path)
    elif kind == "checkpoint":
        torch.save({"epoch": 3, "state_dict": model.state_dict()}, path)
    elif kind == "list":
        torch.save([torch.zeros(2)], path)
    elif kind == "other names":
        random_file(path, {f"module.{name}": shape for name, shape in entries.items()})
    elif kind == "another head":
        random_file(path, entries | {"fc.weight": (3, 4), "fc.bias": (3,)})


@pytest.mark.parametrize(
    ("kind", "told"),
    [("text", "no file of weights"), ("empty", "no file of weights"), ("cut off", "no file of weights"), ("arrays", "no file of weights"),
     ("whole model", "no file of weights"), ("checkpoint", "under 'state_dict'"), ("list", "holds a list"),
     ("other names", "lacks 'conv1.weight'"), ("another head", "'fc.weight' has the shape (3, 4)"), ("nowhere", "there is no file")],
)  # fmt: skip
def test_a_file_of_another_format_is_refused_in_one_sentence_and_nothing_changes(tmp_path, kind, told):
    path, model = tmp_path / "weights.pth", network()
    written(path, kind)
    before = state_of(model)
    with pytest.raises(ValueError, match=r"\w") as failure:
        load_published(model, path)
    assert told in str(failure.value) and "\n" not in str(failure.value)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
