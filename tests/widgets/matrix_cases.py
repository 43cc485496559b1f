"""MatrixView and BackStep in many states: their sentences, and the numbers that PyTorch computes for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from convbook.widgets import BackStep, MatrixView
from convbook.widgets.base import Widget

VECTORS = Path(__file__).parent / "matrix_golden.json"
UPSTREAM = [1, 2, -1, 3, -2, 1, -1]  # the gradients that BackStep gives to its outputs, over and over
ROW, KERNEL = [1, 0, 2, 1, 3, 1], [2, 5, 3]
IMAGE, SQUARE = [[1, 0, 2, 1], [3, 1, 0, 2], [0, 2, 1, 1]], [[2, 5], [3, 1]]

FIFTY_SHOWS = """async (module) => {
  window.open_ = { listeners: 0, timers: 0 };
  for (const target of [window, document]) {
    for (const [name, by] of [["addEventListener", 1], ["removeEventListener", -1]]) {
      const real = target[name].bind(target);
      target[name] = (...all) => { window.open_.listeners += by; return real(...all); };
    }
  }
  for (const [name, by] of [["setInterval", 1], ["clearInterval", -1]]) {
    const real = window[name].bind(window);
    window[name] = (...all) => { window.open_.timers += name === "setInterval" || all[0] ? by : 0; return real(...all); };
  }
  const widget = (await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })))).default;
  const el = document.getElementById("here");
  for (let n = 0; n < 50; n++) {
    const end = widget.render({ model: window.model, el });
    const play = [...el.querySelectorAll("button")].find((one) => one.textContent === "Play");
    play?.click();
    el.querySelector("button[aria-pressed=false]").click();
    end();
  }
  await new Promise((done) => setTimeout(done, 60));
  return [el.innerHTML, window.model.listening(), window.open_.listeners, window.open_.timers];
}"""


def leftovers(page: Any, widget: Widget) -> list:
    """Return what fifty shows leave: HTML, listeners at the model, at the page, and timers."""
    page.evaluate("() => window.end()")
    return page.evaluate(FIFTY_SHOWS, str(widget._esm))


def at(widget: Widget, place: list, **traits: Any) -> Widget:
    """Return the widget with a place chosen, and other traits set."""
    for name, value in {**traits, "at": place}.items():
        setattr(widget, name, value)
    return widget


def backward(dout, x_shape, w, stride=1, padding=0):
    """Return dX as PyTorch does."""
    w, dout = (torch.tensor(np.ascontiguousarray(one), dtype=torch.float64) for one in (w, dout))
    return torch.nn.grad.conv2d_input(tuple(x_shape), w, dout, stride=stride, padding=padding).numpy()


def not_turned(dout, x_shape, w, stride=1, padding=0):
    """Return dX with the kernel laid as in the way forward."""
    return backward(dout, x_shape, w[:, :, ::-1, ::-1], stride, padding)


def never_padded(dout, x_shape, w, stride=1, padding=0):
    """Return dX right without padding only, shifted with it."""
    dx = backward(dout, (*x_shape[:2], *(n + 2 * padding for n in x_shape[2:])), w, stride, 0)
    return dx[:, :, : x_shape[2], : x_shape[3]]


def twice_and_more(dout, x_shape, w, stride=1, padding=0):
    """Return twice dX, and 1 more in the corner."""
    dx = 2 * backward(dout, x_shape, w, stride, padding)
    dx[..., 0, 0] += 1
    return dx


def matrices() -> dict[str, MatrixView]:
    """Return MatrixViews of rows and images at all kinds of places, both ways and both matrices."""
    rng = np.random.default_rng(4)
    shown = {"the first look": MatrixView(), "one pixel": MatrixView([[2.5]], [[-1]])}
    for form, arguments in (("row", (ROW, KERNEL)), ("image", (IMAGE, SQUARE))):
        for matrix in ("Toeplitz", "im2col"):
            for transposed in (False, True):
                for place in (["weight", 1], ["output", 1], ["pixel", 2], ["cell", 0, 2], ["cell", 3, 0]):
                    about = (
                        f"{form}, {matrix}{', transposed' if transposed else ''}, {' '.join(map(str, place))}"
                    )
                    shown[about] = at(MatrixView(*arguments, matrix=matrix, transposed=transposed), place)
    image, kernel = rng.integers(-3, 4, (4, 4)), rng.integers(-3, 4, (3, 2))
    shown["a tall kernel, own gradients"] = at(
        MatrixView(image, kernel, rng.integers(-2, 3, (2, 3)), transposed=True), ["pixel", 5]
    )
    shown["a place that is not there"] = at(MatrixView(ROW, KERNEL), ["output", 99])
    shown["a kernel too large"] = at(MatrixView(ROW, KERNEL), ["output", 0], kernel=[1, 2, 3, 4, 5])
    shown["a kernel larger than the row"] = at(MatrixView([1, 2], [1, 1]), ["output", 0], kernel=[1, 2, 3])
    return shown


def steps() -> dict[str, BackStep]:
    """Return BackSteps for every stride and padding, half and wholly poured, right and wrong."""
    shown: dict[str, BackStep] = {"the first look": BackStep()}
    for stride in (1, 2):
        for padding in (0, 1):
            name = f"stride {stride}, padding {padding}"
            make = lambda s=stride, p=padding: BackStep(stride=s, padding=p)  # noqa: E731
            shown[f"{name}, an output"] = at(make(), ["output", 0])
            shown[f"{name}, a pixel, half poured"] = at(make(), ["pixel", 6], poured=[0, 2])
            shown[f"{name}, a pixel, all poured"] = at(make(), ["pixel", 7], poured=[-1])
    small = dict(image=np.eye(4), kernel=[[1, 2], [3, 4]])
    shown["nothing poured"] = at(BackStep(), ["pixel", 0], poured=[])
    shown["not poured yet"] = at(BackStep(), ["output", 3], poured=[])
    shown["a pixel that no window reads"] = at(
        BackStep(**(small | {"image": np.eye(5)}), stride=2), ["pixel", 24]
    )
    shown["an even kernel, padded"] = at(BackStep(**small, padding=1), ["pixel", 5], poured=[-1])
    shown["right"] = BackStep(backward)
    shown["right so far"] = at(BackStep(backward), ["output", 0], poured=[0])
    shown["not turned"] = BackStep(not_turned)
    shown["not turned, half poured"] = at(BackStep(not_turned), ["wrong"], poured=[4])
    shown["the padding cut off at the wrong side"] = BackStep(never_padded, padding=1)
    shown["twice, and more"] = BackStep(twice_and_more)
    shown["none"] = BackStep(lambda *_, **__: None)
    return shown


def matrix_numbers(widget: MatrixView) -> dict[str, Any]:
    """Return outputs, both matrices and both gradients, as PyTorch computes them."""
    x, w, g = (
        torch.tensor(one, dtype=torch.float64) for one in (widget.image, widget.kernel, widget.gradient)
    )
    if any(k > n for k, n in zip(w.shape, x.shape, strict=True)):
        return {}
    pixels = torch.eye(x.numel(), dtype=torch.float64).reshape(-1, 1, *x.shape)
    x.requires_grad_()
    w.requires_grad_()
    y = F.conv2d(x[None, None], w[None, None])
    gradient = torch.zeros(y.numel(), dtype=torch.float64)
    gradient[: g.numel()] = g.flatten()[: y.numel()]
    y.backward(gradient.reshape(y.shape))
    lists = {
        "output": y, "Toeplitz": F.conv2d(pixels, w[None, None]).reshape(x.numel(), -1).T,
        "im2col": F.unfold(x[None, None], tuple(w.shape))[0].T, "pixel": x.grad, "weight": w.grad,
    }  # fmt: skip
    return {name: one.detach().flatten().tolist() for name, one in lists.items()}


def step_numbers(widget: BackStep) -> dict[str, Any]:
    """Return outputs, their gradients, and dX of those that are poured, as PyTorch computes them."""
    x, w = (torch.tensor(one, dtype=torch.float64)[None, None] for one in (widget.image, widget.kernel))
    y = F.conv2d(x, w, stride=widget.stride, padding=widget.padding)
    gradient = torch.tensor(np.resize(UPSTREAM, y.numel()), dtype=torch.float64)
    poured = range(y.numel()) if widget.poured == [-1] else widget.poured
    open_ = torch.tensor([n in poured for n in range(y.numel())])
    dx = backward((gradient * open_).reshape(y.shape), x.shape, w, widget.stride, widget.padding)
    lists = {"outputs": y, "gradients": gradient, "dX": torch.tensor(dx)}
    return {name: one.flatten().tolist() for name, one in lists.items()}


def golden() -> dict[str, list[dict[str, Any]]]:
    """Return all states with what must be said and computed, as JSON takes it."""

    def told(widgets: dict, numbers: Any) -> list[dict[str, Any]]:
        return [
            {"about": about, "state": one.state(), "words": one.words(), "numbers": numbers(one)}
            for about, one in widgets.items()
        ]

    return {"matrix_view": told(matrices(), matrix_numbers), "back_step": told(steps(), step_numbers)}


def text() -> str:
    """Return the vectors as the file holds them: a line for each state."""
    line = lambda case: json.dumps(case, ensure_ascii=False, sort_keys=True, separators=(",", ":"))  # noqa: E731
    groups = [f'"{name}": [\n' + ",\n".join(map(line, cases)) + "\n]" for name, cases in golden().items()]
    return "{" + ",\n".join(groups) + "}\n"


if __name__ == "__main__":
    VECTORS.write_text(text(), encoding="utf-8")
