"""Weights from a file: what is written comes back, what is no such file is refused, and the bundled ones know clothes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from convbook import data, training
from convbook.training.exchange import batch_norms, with_shortcut
from convbook.training.weights_file import clothes_weights, read_weights, write_weights
from right.resnet import Basic, ResidualOfDigits, free_shortcut, load_pairs


def test_what_is_written_comes_back_in_its_order_with_types_and_shapes(tmp_path):
    tensors = {"b": torch.arange(6.0).view(2, 3), "a": torch.tensor(7), "half": torch.tensor([0.5]).half()}
    found = read_weights(write_weights(tmp_path / "some.safetensors", tensors))
    assert list(found) == ["b", "a", "half"]
    assert all(
        torch.equal(found[name], tensor) and found[name].dtype == tensor.dtype
        for name, tensor in tensors.items()
    )


@pytest.mark.parametrize(
    "raw", [b"", b"12345678", (2**40).to_bytes(8, "little") + b"{}", b"\x02\0\0\0\0\0\0\0[]"]
)
def test_what_is_no_such_file_is_refused_in_one_sentence(raw, tmp_path):
    (tmp_path / "x.bin").write_bytes(raw)
    with pytest.raises(ValueError, match=r"x\.bin is no safetensors file, or is cut off") as refused:
        read_weights(tmp_path / "x.bin")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_cut_off_or_missing_is_told(tmp_path):
    path = write_weights(tmp_path / "some.bin", {"w": torch.ones(9)})
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ValueError, match="cut off"):
        read_weights(path)
    with pytest.raises(ValueError, match="cannot be read"):
        read_weights(tmp_path / "nowhere.bin")


def test_the_bundled_weights_are_small_foreign_and_fit_the_network_by_order():
    path, weights = clothes_weights(), read_weights(clothes_weights())
    net = ResidualOfDigits(Basic, 2, width=12)
    assert path.stat().st_size < 400_000
    assert not set(weights) & set(net.state_dict()), "no name agrees: only the order can help"
    load_pairs(net, weights)
    clothes = data.fashion_mnist()
    few = slice(None, None, 8)  # of every class
    assert training.evaluate(net, clothes.test_images[few], clothes.test_labels[few]).accuracy > 0.85


def test_a_projection_is_exchanged_for_a_shortcut_without_weights_and_nothing_else_changes():
    free = with_shortcut(Basic, free_shortcut)
    x = torch.randn(2, 4, 6, 6)
    torch.manual_seed(0)
    mine = Basic(4, 8, 2)
    torch.manual_seed(0)
    block = free(4, 8, 2)
    nn.init.zeros_(batch_norms(block)[-1].weight)
    assert torch.equal(block(x), free_shortcut(x, 8, 2).relu())
    saved = sum(p.numel() for p in mine.parameters()) - sum(p.numel() for p in block.parameters())
    assert saved == 4 * 8 + 2 * 8
    assert [tuple(p.shape) for p in free(4, 4).parameters()] == [
        tuple(p.shape) for p in Basic(4, 4).parameters()
    ]


def test_a_block_whose_projection_has_another_name_is_told_so():
    from right.resnet import ShortcutFirst

    with pytest.raises(ValueError, match="under another name than `downsample`"):
        with_shortcut(ShortcutFirst, free_shortcut)(4, 8, 2)


def test_what_was_measured_with_several_seeds_tells_the_command_and_holds_every_depth():
    spread = training.measured_spread()
    assert spread["command"].startswith("python benchmarks/degradation.py") and spread["depths"] == [
        8,
        20,
        38,
        56,
    ]
    for kind in ("plain", "residual"):
        assert len(spread[kind]) >= 5 and all(len(row) == 4 for row in spread[kind])
    assert min(row[-1] for row in spread["plain"]) > 0.4 > 0.05 > max(row[-1] for row in spread["residual"])


def test_adam_trains_and_another_optimizer_is_refused_in_one_sentence():
    digits = data.digits()
    train = digits.train_images[:256], digits.train_labels[:256]
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    history = training.fit(model, train, epochs=3, optimizer="Adam", learning_rate=0.01, progress=False)
    assert history.losses[-1] < history.losses[0]
    with pytest.raises(ValueError, match="no optimizer is called 'adam'; choose one of SGD, Adam"):
        training.fit(model, train, optimizer="adam")
