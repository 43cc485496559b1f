"""Record what a module really runs: every operation, what it took, what it used, what it gave."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode

KINDS = {
    "conv1d": "conv", "conv2d": "conv", "conv3d": "conv", "convolution": "conv", "batch_norm": "bn",
    "max_pool2d": "maxpool", "avg_pool2d": "avgpool", "adaptive_avg_pool2d": "avgpool", "adaptive_max_pool2d": "maxpool",
    "__add__": "add", "__radd__": "add", "__iadd__": "add", "concat": "cat", "concatenate": "cat",
    "__sub__": "sub", "__rsub__": "sub", "subtract": "sub", "__mul__": "mul", "multiply": "mul", "__rmul__": "mul",
    "__getitem__": "slice", "view": "reshape", "flatten": "reshape", "squeeze": "reshape", "clamp_min": "clamp",
}  # fmt: skip
POSITIONS = {  # where the arguments worth recording stand in a call; keywords are recorded as they come
    "conv": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "bn": ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"),
    "linear": ("input", "weight", "bias"),
    "maxpool": ("input", "kernel_size", "stride", "padding"),
    "avgpool": ("input", "kernel_size", "stride", "padding"),
}


def kind_of(function: Callable[..., Any]) -> str:
    """Return one word for an operation.

    >>> kind_of(torch.conv2d), kind_of(torch.Tensor.relu_), kind_of(torch.Tensor.__iadd__)
    ('conv', 'relu', 'add')
    """
    name = getattr(function, "__name__", type(function).__name__)
    if name in KINDS:
        return KINDS[name]
    name = name if name.startswith("__") else name.rstrip("_")
    return KINDS.get(name, name)


def traced(module: nn.Module, inputs: list[Any], plain: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """Run `module` on tensors and return one dict an operation, as `Built.trace` describes them."""
    with torch.no_grad(), recording(module, inputs, plain) as recorder:
        result = module(*inputs)
    for place, entry in enumerate(recorder.entries):
        entry["result"] = recorder.made.get(id(result)) == place
    return recorder.entries


@contextlib.contextmanager
def recording(module: nn.Module, inputs: list[Any], plain: Callable[[Any], Any]) -> Iterator[_Recorder]:
    """Write down all that runs in `module` inside the block; the entries stay where the module stops before its end."""
    running: list[str] = []
    hooks = []

    def leave(*_: Any) -> None:  # a hook that returned anything would replace the layer's output
        running.pop()

    _refuse_compiled(module)
    for name, part in module.named_modules():
        hooks.append(part.register_forward_pre_hook(lambda *_, name=name: running.append(name)))
        hooks.append(part.register_forward_hook(leave, always_call=True))
    try:
        with _Recorder(module, inputs, running, plain) as recorder:
            yield recorder
    finally:
        for hook in hooks:
            hook.remove()


def _refuse_compiled(module: nn.Module) -> None:
    for part in module.modules():
        if isinstance(part, torch.jit.ScriptModule):
            raise TypeError(
                f"the module {part.original_name} was compiled by torch.jit, and what runs in it cannot be seen: "
                "use the module itself (functions may be compiled by torch.jit.script)"
            )


@contextlib.contextmanager
def scripts_as_python() -> Iterator[None]:
    """Let `@torch.jit.script` functions run the Python they were made from: PyTorch tells nobody what compiled code does.

    To be entered outside the clock, which may cut short what a block does at its end.
    """
    compiled = torch.jit.ScriptFunction.__call__

    def call(function: Any, *args: Any, **kwargs: Any) -> Any:
        python = getattr(function, "_torchdynamo_inline", None)  # PyTorch keeps it there for `torch.compile`
        return (python or functools.partial(compiled, function))(*args, **kwargs)

    torch.jit.ScriptFunction.__call__ = call
    try:
        yield
    finally:
        torch.jit.ScriptFunction.__call__ = compiled


class _Recorder(TorchFunctionMode):
    """Write down every operation that gives a tensor.

    Tensors are recognised by identity, so all of them are kept alive until the end.
    """

    def __init__(self, module: nn.Module, inputs: list[Any], running: list[str], plain: Callable[[Any], Any]):
        super().__init__()
        self.names: dict[int, str] = {}
        for name, tensor in module.state_dict(keep_vars=True).items():
            self.names.setdefault(id(tensor), name)  # set twice, it goes by its first name, as in a gradient
        self.running, self.plain = running, plain
        self.made: dict[int, int] = {id(tensor): -1 - place for place, tensor in enumerate(inputs)}
        self.kept: list[Any] = list(inputs)
        self.entries: list[dict[str, Any]] = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        taken = [t for t in _flat([*args, *kwargs.values()]) if isinstance(t, torch.Tensor)]
        if function in _GETTERS or not taken or any(is_lazy(tensor) for tensor in taken):
            return function(*args, **kwargs)
        before = self.plain(taken[0])  # an operation in place would overwrite it
        result = function(*args, **kwargs)
        made = [t for t in _flat([result]) if isinstance(t, torch.Tensor)]
        counted = all(id(t) in self.names for t in made)  # a buffer written in place: batches counted, say
        if made and not counted:
            self._write(function, args, kwargs, taken, before, made)
        return result

    def _write(self, function, args, kwargs, taken, before, made) -> None:
        kind = kind_of(function)
        arguments = dict(zip(POSITIONS.get(kind, ()), args, strict=False)) | kwargs
        self.entries.append(
            {
                "name": self.running[-1] if self.running else "",
                "kind": kind,
                "settings": {
                    name: _simple(v) for name, v in arguments.items() if not isinstance(v, torch.Tensor)
                },
                "tensors": {
                    name: self._name(v)
                    for name, v in arguments.items()
                    if isinstance(v, torch.Tensor) and name != "input"
                },
                "sources": [self.made[id(t)] for t in taken if id(t) in self.made],
                "input": before,
                "output": self.plain(made[0]),
            }
        )
        for tensor in made:
            if id(tensor) not in self.names:
                self.made[id(tensor)] = len(self.entries) - 1
        self.kept += [*made, *taken]

    def _name(self, tensor: torch.Tensor) -> str:
        """Return a tensor's name in the state-dict, also where it is looked at in another shape; "" if it has none."""
        return self.names.get(id(tensor)) or self.names.get(id(tensor._base), "")


_GETTERS = {torch.Tensor.data.__get__, torch.Tensor.grad.__get__, torch.Tensor.requires_grad_}


def _flat(values: Any) -> list[Any]:
    found = []
    for value in values:
        found += _flat(value) if isinstance(value, (list, tuple)) else [value]
    return found


def _simple(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_simple(item) for item in value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
