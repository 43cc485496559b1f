"""The figures of unit 09: a bill layer by layer, error against cost; drawings are in `scale`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from convbook import style
from convbook.figures.scale import COLOURS, OTHER, Network, to_scale
from convbook.style import Figure

__all__ = ["against_cost", "bill", "to_scale"]

Row = tuple[str, float, float]
PER_CENT = FuncFormatter(lambda share, _: f"{100 * share:.0f} %")


def bill(rows: Sequence[Row] | Network) -> Figure:
    """Return a network, or rows (name, activations, parameters), as bars, each with its share of the whole.

    The bars of a network have the colours of its layers in drawings to scale.
    """
    colours: list[Sequence[str] | str] = [style.SKY, style.GREEN]
    if isinstance(rows, Network):
        colours = 2 * [[COLOURS.get(layer.kind, OTHER) for layer in rows.layers]]
        rows = [(layer.name, layer.activations, layer.parameters) for layer in rows.layers]
    if not rows:
        raise ValueError("the table has no rows: there is nothing to draw")
    names = [str(name) for name, _, _ in rows]
    amounts = {"activations": [float(row[1]) for row in rows], "parameters": [float(row[2]) for row in rows]}
    told = "; ".join(
        f"{what}: {sum(values):,.0f} in all, most in {names[int(np.argmax(values))]} ({max(values):,.0f})"
        for what, values in amounts.items()
    )
    alt = f"Bars for {len(rows)} layers, from {names[0]} to {names[-1]}. {told}."
    figure, axes = style.subplots(1, 2, alt=alt, figsize=(style.WIDE, 0.8 + 0.21 * len(rows)), sharey=True)
    for ax, (what, values), colour in zip(axes, amounts.items(), colours, strict=True):
        whole = sum(values) or 1.0
        ax.barh(range(len(rows)), values, color=colour, height=0.7)
        for place, value in enumerate(values):
            if value >= 0.01 * whole:
                ax.text(value, place, f" {value / whole:.0%}", va="center", fontsize=8)
        ax.set(title=f"{what}: {sum(values):,.0f}", xticks=[], xlim=(0, 1.15 * max(*values, 1.0)))
    axes[0].set(yticks=range(len(rows)), yticklabels=names)
    axes[0].tick_params(axis="y", labelsize=8)
    axes[0].invert_yaxis()
    return figure


def against_cost(results: Mapping[str, tuple[Network, float]], mine: str = "", most: int = 0) -> Figure:
    """Return the error (0–1) of networks against their multiply–adds; dots have the parameters as area.

    `mine` is marked; `most` draws a line at the multiply–adds that may be spent.
    """
    if not results:
        raise ValueError("there is no network to compare: train one first")
    told = "; ".join(
        f"{name} {error:.1%} with {network.macs:,} multiply–adds and {network.parameters:,} parameters"
        for name, (network, error) in results.items()
    )
    figure, ax = style.subplots(alt=f"Error against cost. {told}.", figsize=(style.WIDE, 4.0))
    largest = max(network.parameters for network, _ in results.values())
    for name, (network, error) in results.items():
        area = max(12.0, 900 * network.parameters / largest)
        colour = style.ORANGE if name == mine else style.SKY
        ax.scatter(network.macs, error, s=area, color=colour, edgecolors=style.ink(), linewidths=0.6,
                   zorder=3)  # fmt: skip
        left = network.macs <= most < 2 * network.macs  # the line of what may be spent is close, on the right
        away = (-1 if left else 1) * (0.55 * area**0.5 + 5)
        ax.annotate(
            f"{name}\n{network.parameters:,} parameters", (network.macs, error), xytext=(away, 0),
            textcoords="offset points", fontsize=8, va="center", ha="right" if left else "left", zorder=4,
            bbox={"facecolor": style.paper(), "linewidth": 0, "pad": 1},
        )  # fmt: skip
    costs = [network.macs for network, _ in results.values()] + [most] * bool(most)
    errors = [error for _, error in results.values()]
    room = max(0.25 * (max(errors) - min(errors)), 0.01)
    if most:
        ax.axvline(most, linestyle="--", linewidth=1, marker="", color=style.ink(), zorder=1.5)
        ax.text(most, max(errors) + room, " what may be spent", va="top", fontsize=8)
    ax.set(xscale="log", xlabel="multiply–adds for one image", ylabel="error on new images",
           xlim=(min(costs) / 1.6, max(costs) * 2.6),
               ylim=(min(errors) - room, max(errors) + room))  # fmt: skip
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter(PER_CENT)
    ax.grid(alpha=0.4)
    return figure
