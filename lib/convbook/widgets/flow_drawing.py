"""FlowScope's still picture: the same three charts, for where the widget cannot live."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from convbook import style
from convbook.figures.resnet import LOOKS
from convbook.style import Figure
from convbook.widgets.drawing import sheet
from convbook.widgets.wording import number

Row = dict[str, Any]
SINGLE = {
    "training": LOOKS["residual"],
    "validation": {"color": style.GREEN, "linestyle": "--", "marker": "s"},
}
WORDS_BY_LAYER = {
    "gradient": "norm of each layer's gradient",
    "signal": "root mean square of each layer's input",
}
PER_CENT = FuncFormatter(lambda share, _: f"{number(100 * share, 1)} %")
PLAIN = FuncFormatter(lambda value, _: number(value, 4))
LETTERS_ACROSS = {1: 70, 3: 160}


def flow_picture(runs: list[Row], norms: list[Row], depth: int, seed: int, view: str, alt: str) -> Figure:
    """Return the errors by epoch, and for an experiment over depths the errors by depth and the norms by layer."""
    if not runs:
        return sheet(20, 0, alt)[0]
    of_experiment = [run for run in runs if run["kind"] in LOOKS]
    across = 3 if of_experiment else 1
    size = (12.5, 3.8) if of_experiment else (5.8, 3.6)
    figure, axes = style.subplots(1, across, alt=alt, figsize=size, squeeze=False)
    with rc_context(style.settings()):
        if of_experiment:
            _curves(axes[0][0], [run for run in of_experiment if run["seed"] == seed], depth)
            _by_depth(axes[0][1], of_experiment)
            _by_layer(
                axes[0][2], [row for row in norms if (row["depth"], row["seed"]) == (depth, seed)], view
            )
            axes[0][2].set_title(f"{WORDS_BY_LAYER[view]}, depth {depth}", loc="left", fontsize=10)
        else:
            _single(axes[0][0], runs[-1])
        said = textwrap.fill(alt, LETTERS_ACROSS[across])
        figure.supxlabel(said, x=0.01, ha="left", fontsize=10)
    return figure


def _single(ax: Axes, run: Row) -> None:
    for name, errors in (("training", run["errors"]), ("validation", run["validation"])):
        if errors:
            ax.plot(range(1, len(errors) + 1), errors, label=name, **SINGLE[name])
    _errors(ax, "error by epoch", "epoch", _top(run["errors"] + run["validation"]))


def _curves(ax: Axes, runs: list[Row], depth: int) -> None:
    for run in runs:
        mine = run["depth"] == depth
        look = LOOKS[run["kind"]] | ({"label": run["kind"]} if mine else {"alpha": 0.25, "linewidth": 1})
        ax.plot(range(1, len(run["errors"]) + 1), run["errors"], **look)
    others = " (faint: others)" if len({run["depth"] for run in runs}) > 1 else ""
    _errors(
        ax,
        f"training error, depth {depth}{others}",
        "epoch",
        _top([error for run in runs for error in run["errors"]]),
    )


def _by_depth(ax: Axes, runs: list[Row]) -> None:
    for kind, look in LOOKS.items():
        finals: dict[int, list[float]] = {}
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
    _errors(ax, "training error by depth, at the end", "depth: weighted layers", 1.0)


def _by_layer(ax: Axes, rows: list[Row], view: str) -> None:
    for row in rows:
        values = [value if value is not None else float("nan") for value in row[view]]
        ax.plot(range(1, len(values) + 1), values, **LOOKS[row["kind"]] | {"markersize": 3})
    ax.set_xlabel("layer, from the input to the output")
    norms = [value for row in rows for value in row["gradient"] if value]
    if view == "gradient" and norms:
        ax.set_yscale("log")
        ax.set_ylim(10.0 ** math.floor(math.log10(min(norms))), 10.0 ** math.ceil(math.log10(max(norms))))
        ax.yaxis.set_major_formatter(PLAIN)
        ax.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
    elif view == "signal":
        ax.set_ylim(bottom=0)


def _top(errors: list[float | None]) -> float:
    """Return where the axis of errors ends, as in the browser."""
    most = max((error for error in errors if error is not None), default=1.0)
    return 1.0 if most > 0.6 else max(0.05, 1.15 * most)


def _errors(ax: Axes, title: str, across: str, top: float) -> None:
    """Finish a chart of errors: its words, an axis from 0 in per cent, whole epochs, a legend where lines have names."""
    ax.set(xlabel=across, ylim=(-0.02 * top, 1.02 * top))
    ax.set_title(title, loc="left", fontsize=10)
    ax.yaxis.set_major_formatter(PER_CENT)
    if across == "epoch":
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False)
