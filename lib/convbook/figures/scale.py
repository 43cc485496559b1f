"""Networks drawn to scale: what a layer gives as a volume, what it learns as an area.

A `Network` is plain data; `checks.engine.modules.survey` makes one of any module.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Patch, Polygon, Rectangle

from convbook import style
from convbook.style import Figure

SLANT = 0.22  # how far a map of one pixel reaches to the back, to the right and up
COLOURS = {"conv": style.SKY, "linear": style.GREEN, "maxpool": style.ORANGE, "avgpool": style.YELLOW}
OTHER = "#a9a9ad"
NAME_SIZE = 7.7  # points: ten pixels on a page
WORDS = {"conv": "convolution", "linear": "linear layer", "maxpool": "max pooling",
    "avgpool": "average pooling"}  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """Hold one layer: the shape it gives, (c, h, w) or (units,), and the names of the layers it takes."""

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int = 0
    macs: int = 0
    sources: tuple[str, ...] = ("x",)

    @property
    def activations(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Network:
    """Hold the layers of a network in the order in which they run, for one image of a shape (c, h, w)."""

    image: tuple[int, ...]
    layers: tuple[Layer, ...]

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)

    @property
    def activations(self) -> int:
        return sum(layer.activations for layer in self.layers)

    def __str__(self) -> str:
        return (
            f"{self.parameters:,} parameters, {self.macs:,} multiply–adds, {self.activations:,} activations"
        )


@dataclass(frozen=True)
class Scale:
    """Hold lengths on the paper, in pixels: of one map, of the side for one parameter, of a gap."""

    map: float
    root: float
    gap: float

    @classmethod
    def of(cls, networks: Sequence[Network]) -> Scale:
        """Return the scale at which volumes and areas of some networks are about equally large."""
        side = max(max(network.image) for network in networks)
        maps = max(sum(one.shape[0] for one in network.layers if len(one.shape) == 3) for network in networks)
        most = max(
            max(sum(one.parameters for one in column) for column in columns(network)) for network in networks
        )
        depth = max(len(columns(network)) for network in networks)
        return cls(
            3.5 * side / max(maps, 1), 0.9 * side / math.sqrt(max(most, 1)), 0.06 * side * min(1, 30 / depth)
        )

    def extent(self, layer: Layer) -> tuple[float, float, float]:
        """Return how long a layer's box is, how far it reaches to the back, and how high it is."""
        if len(layer.shape) == 3:
            return self.map * layer.shape[0], SLANT * layer.shape[2], layer.shape[1]
        side = math.sqrt(layer.activations)  # a vector is folded into a square map
        return self.map, SLANT * side, side


@dataclass
class Column:
    """Hold the layers that lie equally deep in a network, where each stands, and the size of all."""

    layers: list[Layer]
    left: float
    feet: list[float]
    width: float
    height: float
    side: float


def to_scale(networks: Mapping[str, Network] | Network, like: Sequence[Network] = ()) -> Figure:
    """Return networks as drawings to one scale, a row for each.

    A layer is a box as high as its maps, and as long as there are many: its volume is the number of
    activations. A vector is folded into a square map. The area of the square below is the number of parameters.
    `like` are networks that are not drawn: the scale is that of a picture in which they are, too.
    Raises `ValueError` where there is nothing to draw.
    """
    networks = {"": networks} if isinstance(networks, Network) else dict(networks)
    everyone = [*networks.values(), *like]
    if not networks or any(not network.layers for network in everyone):
        raise ValueError("there is nothing to draw: give at least one network with at least one layer")
    scale = Scale.of(everyone)
    plans = {name: planned(network, scale) for name, network in networks.items()}
    wide = (
        max(_end(plan) for plan in (*plans.values(), *(planned(network, scale) for network in like)))
        + scale.gap
    )
    floor = _room_for_names(plans.values()) * wide
    rooms = {
        name: (max(c.height for c in plan) + scale.gap, floor + max(c.side for c in plan))
        for name, plan in plans.items()
    }
    heights = [sum(room) for room in rooms.values()]
    alt = ("Networks" if len(plans) > 1 else "A network") + " drawn to scale. "
    figure, axes = style.subplots(
        len(plans), 1, alt=alt + " ".join(_told(name, one) for name, one in networks.items()), squeeze=False,
        figsize=(style.WIDE, style.WIDE * sum(heights) / wide + 0.3 * len(plans) + 0.35),
            height_ratios=heights,
    )  # fmt: skip
    for ax, (name, plan) in zip(axes[:, 0], plans.items(), strict=True):
        above, below = rooms[name]
        _draw(ax, plan, scale, floor, apart=0.015 * wide)
        ax.set(xlim=(0, wide), ylim=(-below, above), aspect="equal")
        ax.set_title(f"{name + ': ' if name else ''}{_counts(networks[name])}", loc="left", fontsize=10)
        ax.axis("off")
    _legend(figure, networks)
    return figure


def columns(network: Network) -> list[list[Layer]]:
    """Return the layers of a network by their depth: side by side in one list, the image first."""
    depths, found = {"x": 0}, [[Layer(_given(network), "image", network.image, sources=())]]
    for layer in network.layers:
        depth = depths[layer.name] = 1 + max((depths.get(source, 0) for source in layer.sources), default=0)
        found += [[]] * (depth == len(found))
        found[depth] = [*found[depth], layer]
    return found


def _given(network: Network) -> str:
    """Return what a network takes, in a word: gray or coloured images, or the maps of other layers."""
    return "image" if network.image[0] in (1, 3) else "input"


def planned(network: Network, scale: Scale) -> list[Column]:
    """Return where the columns of a network stand."""
    left, found, placed = scale.gap, [], {}
    for layers in columns(network):
        foot, feet = 0.0, []
        for layer in reversed(layers):
            foot = max(
                foot,
                placed.get(layer.sources[0], 0.0) if len(layer.sources) == 1 and len(layers) > 1 else 0.0,
            )
            feet.insert(0, foot)
            placed[layer.name] = foot
            foot += sum(scale.extent(layer)[1:]) + scale.gap
        side = scale.root * math.sqrt(sum(layer.parameters for layer in layers))
        width = max(side, *(sum(scale.extent(layer)[:2]) for layer in layers))
        found.append(Column(layers, left, feet, width, foot - scale.gap, side))
        left += width + scale.gap
    return found


def _end(plan: Sequence[Column]) -> float:
    return plan[-1].left + plan[-1].width


def _room_for_names(plans: Iterable[Sequence[Column]]) -> float:
    """Return how much of the figure's width the names need that stand upright between a volume and its area."""
    columns = [column for plan in plans for column in plan if column.side]
    longest = max((len(_prefix([layer.name for layer in column.layers])) for column in columns), default=0)
    return max(
        0.06, (0.64 * NAME_SIZE * longest + 6) / (72 * style.WIDE)
    )  # a letter is about 0.6 of its size wide


def _draw(ax: Axes, plan: Sequence[Column], scale: Scale, floor: float, apart: float) -> None:
    """Draw a network; names that would stand closer than `apart` are left out."""
    ends: dict[str, tuple[float, float]] = {}
    named, last = -floor, ""
    for column in plan:
        for layer, foot in zip(column.layers, column.feet, strict=True):
            long, back, high = scale.extent(layer)
            if len(column.layers) > 1:
                inputs = [ends.get(one, ends["x"]) for one in layer.sources]
                _join(ax, inputs, column, foot + high / 2, scale.gap, first=layer is column.layers[0])
            ends["x" if layer.kind == "image" else layer.name] = (
                column.left + long + back / 2,
                foot + (high + back) / 2,
            )
            _box(ax, column.left, foot, layer, (long, back, high))
        name = _prefix([layer.name for layer in column.layers])
        if name != last and column.left - named > apart:
            ax.text(column.left, -0.1 * floor, name, rotation=90, fontsize=NAME_SIZE, ha="left", va="top")
            named, last = column.left, name
        if column.side:
            colour = COLOURS.get(max(column.layers, key=lambda one: one.parameters).kind, OTHER)
            corner = (column.left, -floor - column.side)
            ax.add_patch(Rectangle(corner, column.side, column.side, facecolor=colour, linewidth=0))


def _join(
    ax: Axes, ends: Sequence[tuple[float, float]], column: Column, y: float, gap: float, first: bool
) -> None:
    """Draw a line from a layer's input to the layer; several meet in one point, drawn with the first."""
    meeting = (column.left - 0.4 * gap, column.height / 2)
    lines = [(end, meeting) for end in ends if first] + [(meeting, (column.left, y))]
    for line in lines if len(ends) > 1 else [(ends[0], (column.left, y))]:
        ax.plot(*zip(*line, strict=True), color=style.ink(), linewidth=0.4, marker="", zorder=0)


def _prefix(names: Sequence[str]) -> str:
    """Return a name, or how several names begin.

    What is only a place in a `Sequential` is no name: it is left out.

    >>> _prefix(["3a 1×1", "3a 3×3 reduce"]), _prefix(["conv1"]), _prefix(["one.0", "two.0"])
    ('3a', 'conv1', '')
    >>> _prefix(["2.one.0", "2.two.0"]), _prefix(["1.conv 1"])
    ('branches', 'conv 1')
    """
    firsts = {re.split("[ .]", name)[0] for name in names}
    if len(names) > 1:
        name = firsts.pop() if len(firsts) == 1 else ""
        name = "branches" if name.isdigit() else name
    else:
        name = re.sub(r"^(\d+\.)+(?=\D)", "", names[0])
    return name if len(name) < 14 else f"{name[:12]}…"


def _box(ax: Axes, left: float, foot: float, layer: Layer, extent: tuple[float, float, float]) -> None:
    """Draw a box: its front, its top and its right side, each in a shade of its own."""
    long, back, high = extent
    colour, right, top = COLOURS.get(layer.kind, OTHER), left + long, foot + high
    faces = (
        ([(left, foot), (right, foot), (right, top), (left, top)], 1.0),
        ([(left, top), (right, top), (right + back, top + back), (left + back, top + back)], 0.75),
        ([(right, foot), (right, top), (right + back, top + back), (right + back, foot + back)], 0.5),
    )
    for corners, shade in faces:
        ax.add_patch(Polygon(corners, facecolor=_shaded(colour, shade), edgecolor=style.ink(), linewidth=0.3))


def _shaded(colour: str, shade: float) -> str:
    return "#" + "".join(f"{round(shade * int(colour[i : i + 2], 16)):02x}" for i in (1, 3, 5))


def _legend(figure: Figure, networks: Mapping[str, Network]) -> None:
    kinds = dict.fromkeys(layer.kind for network in networks.values() for layer in network.layers)
    handles = [Patch(facecolor=COLOURS[kind], label=WORDS[kind]) for kind in COLOURS if kind in kinds]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), fontsize=8)


def _counts(network: Network) -> str:
    return f"{network.activations:,} activations (volumes), {network.parameters:,} parameters (areas)"


def _told(name: str, network: Network) -> str:
    most = max(network.layers, key=lambda layer: layer.parameters)
    largest = max(network.layers, key=lambda layer: layer.activations)
    return (
        f"{name or 'It'}: {len(network.layers)} layers, {network.parameters:,} parameters, "
        f"most of them in {most.name} ({most.parameters:,}); {network.activations:,} activations, most of them after {largest.name} "
        f"({largest.activations:,})."
    )
