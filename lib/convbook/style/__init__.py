"""One palette and one set of matplotlib settings for every figure, light and dark."""

from __future__ import annotations

import functools
import io
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes as MatplotlibAxes
from matplotlib.figure import Figure as MatplotlibFigure

from convbook.markup import image
from convbook.style import themed

# Okabe and Ito (2008): eight colours that stay apart for colour-blind readers.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
WINDOW, UNDER_WINDOW = "#8a3ffc", "#d9c7fb"  # a kernel's window, and an area it covers; as in the widgets
WRONG = VERMILION
CYCLE = (BLUE, PURPLE, GREEN, ORANGE, SKY, YELLOW)  # not vermilion: that is what is wrong
MARKERS = ("o", "s", "^", "D", "v", "P")  # never colour alone: every line has its own marker
SIGNED = "RdBu_r"  # 0 in the middle, white
AMOUNT = "cividis"  # from little to much, readable by everyone
GRAY = "gray"
COLOURS = 256  # in a picture's file: half the bytes and more, and no difference to be seen

# What follows the page. Every other colour stays as it is drawn: on a coloured cell write in ON_COLOUR or in white.
THEMES = {
    "light": {"ink": "#1f2023", "paper": "#fefefe", "faint": "#d3d3d5", "line": "#77787b"},
    "dark": {"ink": "#ececec", "paper": "#111213", "faint": "#3f4042", "line": "#8f9092"},
}
ON_COLOUR = "#000000"
WIDE = 8.3  # inches: a figure of this width is 800 pixels wide, and its text as large as the page's
_theme = "light"


def use(theme: str) -> None:
    """Draw all later figures in the "light" or the "dark" theme."""
    global _theme
    if theme not in THEMES:
        raise ValueError(f"no theme is called {theme!r}; choose one of {sorted(THEMES)}")
    _theme = theme


def settings() -> dict[str, Any]:
    """Return the matplotlib settings of the theme in use."""
    from cycler import cycler

    ink, paper, faint, line = THEMES[_theme].values()
    return {
        "figure.facecolor": paper, "axes.facecolor": paper, "savefig.facecolor": paper,
        "text.color": ink, "axes.labelcolor": ink, "axes.edgecolor": line, "grid.color": faint,
        "xtick.color": line, "ytick.color": line, "xtick.labelcolor": ink, "ytick.labelcolor": ink,
        "axes.prop_cycle": cycler(color=CYCLE) + cycler(marker=MARKERS),
        "axes.spines.top": False, "axes.spines.right": False,
        "axes.titlesize": 11, "axes.labelsize": 10, "font.size": 10, "lines.linewidth": 1.8,
        "lines.markersize": 5, "legend.frameon": False, "image.interpolation": "nearest",
        "figure.dpi": 110, "font.family": "DejaVu Sans",
    }  # fmt: skip


def ink() -> str:
    """Return the colour of text and thin lines in the theme in use; text that is drawn on axes has it by itself."""
    return THEMES[_theme]["ink"]


def paper() -> str:
    """Return the page's colour in the theme in use: for gaps between what is coloured."""
    return THEMES[_theme]["paper"]


def faint() -> str:
    """Return the colour of a grid in the theme in use."""
    return THEMES[_theme]["faint"]


def _settled(method: Any) -> Any:
    """Return a method of matplotlib that draws with our settings: text that is added later has the theme's ink."""

    @functools.wraps(method)
    def settled(*args: Any, **options: Any) -> Any:
        with rc_context(settings()):
            return method(*args, **options)

    return settled


class Axes(MatplotlibAxes):
    """Axes on which everything is drawn in the theme in use, whatever matplotlib's settings are in a notebook."""

    text, annotate = _settled(MatplotlibAxes.text), _settled(MatplotlibAxes.annotate)
    legend, imshow = _settled(MatplotlibAxes.legend), _settled(MatplotlibAxes.imshow)
    table, hist = _settled(MatplotlibAxes.table), _settled(MatplotlibAxes.hist)


class Figure(MatplotlibFigure):
    """A matplotlib figure that knows a sentence for those who cannot see it.

    A notebook shows it as a picture with that sentence as its alternative text.
    """

    alt: str = ""
    colorbar, legend = _settled(MatplotlibFigure.colorbar), _settled(MatplotlibFigure.legend)
    text, suptitle = _settled(MatplotlibFigure.text), _settled(MatplotlibFigure.suptitle)

    def png(self) -> bytes:
        """Return the picture as PNG bytes, in at most 256 colours: a saved notebook holds many pictures."""
        from PIL import Image

        buffer = io.BytesIO()
        with rc_context(settings()):
            self.savefig(buffer, format="png", bbox_inches="tight", metadata={"Software": None})
        small = io.BytesIO()
        whole = Image.open(buffer).convert("RGB")
        whole.quantize(COLOURS, dither=Image.Dither.NONE).save(small, format="PNG", optimize=True)
        return min(buffer.getvalue(), small.getvalue(), key=len)

    def svg(self) -> str:
        """Return the picture as the text of an SVG whose text and axes follow the page, light or dark."""
        with rc_context(settings()):
            return themed.svg(self, THEMES)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the picture once, as HTML: JupyterLab takes an alternative text from nowhere else."""
        return {"text/html": image(self.alt, themed.address(self.svg())), "text/plain": self.alt}


def subplots(rows: int = 1, columns: int = 1, *, alt: str, **options: Any) -> tuple[Figure, Any]:
    """Return a figure of ours and its axes, as `matplotlib.pyplot.subplots` does, outside pyplot's registry.

    `alt` says in one sentence what a reader sees in it.
    """
    gridspec = {k: options.pop(k) for k in ("sharex", "sharey", "width_ratios", "height_ratios", "squeeze")
                if k in options}  # fmt: skip
    with rc_context(settings()):
        figure = Figure(layout="constrained", **options)
        axes = figure.subplots(rows, columns, subplot_kw={"axes_class": Axes}, **gridspec)
    figure.alt = alt
    return figure, axes
