"""Let a learner's code run without leaving a mark: PyTorch's random numbers, types, threads and gradient mode."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch

SEED = 0


class Stream:
    """Hold one module's own stream of random numbers.

    Dropout drawn in two calls differs, two checks of one answer agree, and the notebook's generator never moves.
    """

    def __init__(self, seed: int = SEED):
        self.state = torch.Generator().manual_seed(seed).get_state()


@contextlib.contextmanager
def steady(stream: Stream) -> Iterator[None]:
    """Run a block on `stream`, in float32, on one thread, with gradients on, and put everything back afterwards."""
    outside, dtype = torch.get_rng_state(), torch.get_default_dtype()
    torch.set_rng_state(stream.state)
    torch.set_default_dtype(torch.float32)
    gradients = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    modes = _modes()
    try:
        with one_thread():
            yield
    finally:
        _restore(modes)
        torch.set_grad_enabled(gradients)
        torch.set_default_dtype(dtype)
        stream.state = torch.get_rng_state()
        torch.set_rng_state(outside)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Run a block on one thread: for small tensors the fastest, and the only safe way on a machine that is busy."""
    threads = torch.get_num_threads()
    if threads != 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)


# A call that is stopped by the clock may be stopped inside PyTorch's own bookkeeping of function modes; what it
# leaves there would watch the rest of the notebook.


def _modes() -> list[Any]:
    return [torch._C._get_function_stack_at(place) for place in range(torch._C._len_torch_function_stack())]


def _restore(modes: list[Any]) -> None:
    if _modes() == modes:
        return
    while torch._C._len_torch_function_stack():
        torch._C._pop_torch_function_stack()
    for mode in modes:
        torch._C._push_on_torch_function_stack(mode)
