"""FlowScope's still picture: the same three charts, for where the widget cannot live."""

from __future__ import annotations

from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from convbook import style
from convbook.figures.resnet import LOOKS, PER_CENT
from convbook.style import Figure

Row = dict[str, Any]
WORDS_BY_LAYER = {"gradient": "norm of the weights' gradient", "signal": "root mean square of the input"}


def flow_picture(runs: list[Row], norms: list[Row], depth: int, seed: int, view: str, alt: str) -> Figure:
    """Return the errors by epoch, and for an experiment over depths the errors by depth and the norms by layer."""
    of_experiment = [run for run in runs if run["kind"] in LOOKS]
    if not of_experiment:
        figure, ax = style.subplots(alt=alt, figsize=(5.5, 3.2))
        for run in runs[-1:]:
            _single(ax, run)
        return _finished(figure, ax, "error by epoch", "epoch")
    figure, axes = style.subplots(1, 3, alt=alt, figsize=(12.5, 3.4))
    with rc_context(style.settings()):
        _curves(axes[0], [run for run in of_experiment if run["seed"] == seed], depth)
        _by_depth(axes[1], of_experiment)
        _by_layer(axes[2], [row for row in norms if (row["depth"], row["seed"]) == (depth, seed)], view)
    _finished(figure, axes[0], f"training error, depth {depth}", "epoch")
    _finished(figure, axes[1], "training error at the end", "depth")
    axes[2].set_title(f"{WORDS_BY_LAYER[view]}, depth {depth}", loc="left")
    axes[2].set_xlabel("layer, from the input to the output")
    return figure


def _single(ax: Axes, run: Row) -> None:
    for name in ("errors", "validation"):
        if run[name]:
            label = "training" if name == "errors" else "validation"
            ax.plot(range(1, len(run[name]) + 1), run[name], label=label)


def _curves(ax: Axes, runs: list[Row], depth: int) -> None:
    for run in runs:
        mine = run["depth"] == depth
        look = LOOKS[run["kind"]] | ({"label": run["kind"]} if mine else {"alpha": 0.25, "linewidth": 1})
        ax.plot(range(1, len(run["errors"]) + 1), run["errors"], **look)


def _by_depth(ax: Axes, runs: list[Row]) -> None:
    for kind, look in LOOKS.items():
        finals = {}
        for run in runs:
            if run["kind"] == kind and run["final"] is not None:
                finals.setdefault(run["depth"], []).append(run["final"])
        for depth, errors in finals.items():
            ax.plot(
                [depth] * len(errors), errors, look["marker"], color=look["color"], alpha=0.35, markersize=4
            )
        depths = sorted(finals)
        ax.plot(depths, [sum(finals[depth]) / len(finals[depth]) for depth in depths], label=kind, **look)
    ax.set_xticks(sorted({run["depth"] for run in runs}))


def _by_layer(ax: Axes, rows: list[Row], view: str) -> None:
    for row in rows:
        values = [value if value is not None else float("nan") for value in row[view]]
        ax.plot(range(1, len(values) + 1), values, **LOOKS[row["kind"]] | {"markersize": 3})
    if view == "gradient" and rows:
        ax.set_yscale("log")


def _finished(figure: Figure, ax: Axes, title: str, across: str) -> Figure:
    ax.set_title(title, loc="left")
    ax.set_xlabel(across)
    ax.yaxis.set_major_formatter(PER_CENT)
    if across == "epoch":
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False)
    return figure
