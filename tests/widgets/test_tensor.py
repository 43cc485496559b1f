"""The small tensors of the browser are those of PyTorch: convolution, pooling and normalisation, forward and backward."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
import torch
from torch.nn import functional

from convbook.widgets import bundle


def in_node(code: str, **values: Any) -> Any:
    """Return what JavaScript code makes of values, with `static/_tensor.js` as `tensor`; tensors become flat lists."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine (Debian: apt-get install nodejs)")
    plain = {
        name: one.detach().flatten().tolist() if isinstance(one, torch.Tensor) else one
        for name, one in values.items()
    }
    text = (
        f"import * as tensor from {(bundle.STATIC / '_tensor.js').as_uri()!r};"
        f"const {{ {', '.join(values)} }} = {json.dumps(plain)};"
        f"const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value);"
        f"console.log(JSON.stringify({code}, plain));"
    )
    command = [node, "--input-type=module", "-e", text]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def numbers(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def same(found: list, wanted: torch.Tensor) -> bool:
    return found == pytest.approx(wanted.detach().flatten().tolist(), abs=1e-9)


@pytest.mark.parametrize(
    ("stride", "padding", "dilation"), [(1, 0, 1), (2, 1, 1), (3, 2, 1), (1, 0, 2), (2, 3, 2), (1, 4, 3)]
)
def test_a_convolution_and_its_gradients_are_those_of_torch(stride, padding, dilation):
    torch.manual_seed(0)
    x, w, b = numbers(2, 7, 6), numbers(3, 2, 3, 3), numbers(3)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    y = functional.conv2d(x[None], w, b, **options)[0]
    g = torch.randn_like(y)
    y.backward(g)
    how = {"channels": 2, "height": 7, "width": 6, "filters": 3, "side": 3, **options}
    code = "[tensor.conv2d(x, w, how, b), tensor.conv2dBackward(x, w, how, g)]"
    maps, gradient = in_node(code, how=how, x=x, w=w, b=b, g=g)
    assert same(maps, y)
    assert all(same(gradient[name], one.grad) for name, one in {"image": x, "kernels": w, "bias": b}.items())


@pytest.mark.parametrize(("side", "stride", "padding"), [(2, 2, 0), (3, 2, 0), (3, 1, 1), (2, 1, 1)])
@pytest.mark.parametrize("kind", ["max", "mean"])
def test_pooling_and_its_gradient_are_those_of_torch(kind, side, stride, padding):
    torch.manual_seed(1)
    x = numbers(2, 6, 5)
    pool = functional.max_pool2d if kind == "max" else functional.avg_pool2d
    y = pool(x[None], side, stride, padding)[0]
    g = torch.randn_like(y)
    y.backward(g)
    how = {"channels": 2, "height": 6, "width": 5, "side": side, "stride": stride, "padding": padding}
    back = {
        "max": "tensor.maxPoolBackward(x.length, tensor.pool(x, how, 'max').from, g)",
        "mean": "tensor.meanPoolBackward(x.length, how, g)",
    }
    values, gradient = in_node(
        f"[tensor.pool(x, how, kind).values, {back[kind]}]", how=how, kind=kind, x=x, g=g
    )
    assert same(values, y) and same(gradient, x.grad)


def test_of_equal_pixels_the_first_gets_the_whole_gradient_as_in_torch():
    x = torch.tensor([[3, 3, 1, 2], [3, 3, 2, 2], [0, 0, 5, 4], [0, 0, 5, 5]], dtype=torch.float64)
    x = x[None].requires_grad_()
    y = functional.max_pool2d(x[None], 2)[0]
    g = torch.tensor([[1.0, 2], [3, 4]], dtype=torch.float64)[None]
    y.backward(g)
    how = {"channels": 1, "height": 4, "width": 4, "side": 2}
    gradient = in_node("tensor.maxPoolBackward(16, tensor.pool(x, how, 'max').from, g)", how=how, x=x, g=g)
    assert same(gradient, x.grad)
    assert [i for i, value in enumerate(gradient) if value] == [0, 3, 8, 10]


KINDS = {
    "batch": lambda x: functional.batch_norm(x, None, None, training=True),
    "layer": lambda x: functional.layer_norm(x, x.shape[1:]),
    "instance": functional.instance_norm,
    "group": lambda x: functional.group_norm(x, 2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_normalisation_and_its_gradient_are_those_of_torch(kind):
    torch.manual_seed(2)
    x = numbers(3, 4, 3, 2)
    y = KINDS[kind](x)
    g = torch.randn_like(y)
    y.backward(g)
    code = "tensor.normaliseGroups(x, tensor.groupsOf(kind, [3, 4, 3, 2], 2), g)"
    found = in_node(code, kind=kind, x=x, g=g)
    assert same(found["values"], y) and same(found["gradient"], x.grad)


def test_one_group_and_its_gradient_are_those_of_torch():
    torch.manual_seed(3)
    x = numbers(20)
    y = functional.layer_norm(x, (20,))
    g = torch.randn_like(y)
    y.backward(g)
    found = in_node("tensor.normalise(x, g)", x=x, g=g)
    assert same(found["values"], y) and same(found["gradient"], x.grad)
