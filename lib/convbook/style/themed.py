"""Write a matplotlib figure as one SVG that is at home on a light and on a dark page.

The theme's colours become CSS variables in the picture, which follow the page: JupyterLab and Notebook 7 tell their
pictures which theme is on. Every other colour stays as it was drawn. Where nobody tells, the picture is as on a light page,
and a rim in the paper's colour keeps its text readable on any other.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping
from typing import Any

from matplotlib import rc_context

PAGES = {"light": "#ffffff", "dark": "#111111"}  # JupyterLab's two
TEXT_CONTRAST = 4.5  # WCAG AA, for text of a usual size
COLOURS = 256  # in a raster: a third of the bytes, and no difference to be seen
SETTINGS = {"svg.hashsalt": "convbook", "svg.fonttype": "path", "svg.image_inline": True}
NO_DATE = {"Date": None, "Creator": None, "Format": None, "Type": None}

FURNITURE = re.compile(r"<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
RASTER = re.compile(r"data:image/png;base64,\s*([A-Za-z0-9+/=\s]+)")
SHRUNK = re.compile(r'transform="matrix\(([-\d.e]+) [^>]*?style="image-rendering:crisp-edges;image-rendering:pixelated"')  # fmt: skip
TEXT = re.compile(
    r'<g style="([^"]*)"( transform="[^"]*scale\([\d.]+ -[\d.]+\)")'
)  # letters stand upside down in a font
FILL = re.compile(r"fill: (#[0-9a-f]{6})")
COLOUR = re.compile(r"((?:fill|stroke): )(#[0-9a-f]{6})")
GLYPH = re.compile(r'(?<= d=")([^"]*)" transform="scale\(0\.01562\)"')
LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")


def svg(figure: Any, themes: Mapping[str, Mapping[str, str]]) -> str:
    """Return a figure as the text of an SVG, without paper, in whose style the colours of `themes` follow the page.

    `themes` has the entries "light" and "dark", each a mapping from a name to a colour "#rrggbb".
    """
    for image in (image for ax in figure.axes for image in ax.images):
        image.set_interpolation("none")  # the numbers themselves, one pixel each: the browser enlarges them
    buffer = io.StringIO()
    with rc_context(SETTINGS):
        figure.savefig(buffer, format="svg", bbox_inches="tight", transparent=True, metadata=NO_DATE)
    text = FURNITURE.sub("", buffer.getvalue())
    text = RASTER.sub(_smaller, text)
    text = SHRUNK.sub(_smooth, text)
    variables = {colour: name for theme in themes.values() for name, colour in theme.items()}
    inks: dict[str, str] = {}
    text = TEXT.sub(lambda found: _text(found, variables, inks), text)
    text = COLOUR.sub(lambda found: found[1] + _variable(found[2], variables), text)
    text = LONG_NUMBER.sub(lambda found: _short(float(found[0])), text)
    text = _terse(re.sub(r"\s*\n\s*", " ", text).replace("> <", "><"))
    return re.sub(r"<style [^>]*>.*?</style>", f"<style>{_styles(themes, inks)}</style>", text, count=1)


def address(text: str) -> str:
    """Return an SVG as a data URL, a quarter shorter than in base64; it holds no quotation mark, `<` or `#` of its own."""
    short = text.replace("%", "%25").replace('"', "'")
    return "data:image/svg+xml," + short.replace("#", "%23").replace("<", "%3C").replace(">", "%3E")


def readable(colour: str, paper: str, wanted: float = TEXT_CONTRAST) -> str:
    """Return a colour, moved towards black or white until its contrast with the paper is as wanted.

    >>> readable("#0072b2", "#ffffff"), readable("#0072b2", "#111111")
    ('#0072b2', '#1f83bb')
    """
    end = 0.0 if luminance(paper) > 0.2 else 255.0
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    for step in range(101):
        moved = "#" + "".join(f"{round(part + (end - part) * step / 100):02x}" for part in parts)
        if contrast(moved, paper) >= wanted:
            break
    return moved


def contrast(one: str, other: str) -> float:
    """Return WCAG's contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of "#rrggbb", 0 for black and 1 for white."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _text(found: re.Match[str], variables: Mapping[str, str], inks: dict[str, str]) -> str:
    """Let a piece of text follow the page; gray text that is not the theme's lies on a colour of its own, and stays."""
    fill = FILL.search(found[1])
    colour = fill[1] if fill else "#000000"
    if colour not in variables and _is_gray(colour):
        return found[0]
    name = variables.get(colour) or inks.setdefault(colour, f"t{len(inks)}")
    style = FILL.sub(f"fill: var(--{name})", found[1])
    return f'<g class="rim" style="{style}"{found[2]}'


def _is_gray(colour: str) -> bool:
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return max(parts) - min(parts) < 16


def _variable(colour: str, variables: Mapping[str, str]) -> str:
    return f"var(--{variables[colour]})" if colour in variables else colour


def _styles(themes: Mapping[str, Mapping[str, str]], inks: Mapping[str, str]) -> str:
    """Return the picture's style sheet: its colours on a light and on a dark page, and the rim of its text."""

    def set_(theme: str) -> str:
        colours = [f"--{name}:{colour}" for name, colour in themes[theme].items()]
        colours += [f"--{name}:{readable(colour, PAGES[theme])}" for colour, name in inks.items()]
        return ":root{" + ";".join([*colours, f"--rim:{PAGES[theme]}"]) + "}"

    rim = "paint-order:stroke;stroke:var(--rim);stroke-width:90px;stroke-linejoin:round"
    return (
        f"*{{stroke-linejoin:round;stroke-linecap:butt}}{set_('light')}"
        f"@media(prefers-color-scheme:dark){{{set_('dark')}}}.rim use{{{rim}}}"
    )


def _terse(text: str) -> str:
    """Return an SVG with short names and coarser outlines of its letters: most of a small figure's bytes."""
    names: dict[str, str] = {}

    def renamed(found: re.Match[str]) -> str:
        return found[1] + names.setdefault(found[2], f"g{len(names)}")

    text = GLYPH.sub(_coarser, text)
    text = re.sub(r'(id="|href="#)(DejaVuSans[\w-]*)', renamed, text)
    text = re.sub(
        r' id="(?:figure|axes|patch|line2d|text|matplotlib\.axis|xtick|ytick|image|legend)[\w.]*"', "", text
    )
    text = re.sub(r'transform="translate\(([-\d.]+) ([-\d.]+)\)"/>', r'x="\1" y="\2"/>', text)
    return text.replace(' y="0"', "").replace("xlink:href", "href")


def _coarser(found: re.Match[str]) -> str:
    """Return a letter's outline in steps of a quarter of a hundredth of its size."""
    coarse = re.sub(r"-?\d+", lambda number: str(round(int(number[0]) / 16)), found[1])
    return re.sub(r" ?([A-Za-z]) ?", r"\1", coarse).replace(" -", "-") + '" transform="scale(.25)"'


def _smaller(found: re.Match[str]) -> str:
    """Return a raster with at most 256 colours, in the smallest file that loses nothing more."""
    from PIL import Image, features

    whole = base64.b64decode(found[1])
    picture = Image.open(io.BytesIO(whole))
    if picture.mode == "RGBA" and picture.getextrema()[3][0] < 255:
        return found[0]
    few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    files = {"png": io.BytesIO()}
    few.save(files["png"], format="PNG", optimize=True)
    if features.check("webp"):
        files["webp"] = io.BytesIO()
        few.convert("RGB").save(files["webp"], format="WEBP", lossless=True, quality=100, method=6)
    kind = min(files, key=lambda name: len(files[name].getvalue()))
    return f"data:image/{kind};base64," + base64.b64encode(files[kind].getvalue()).decode()


def _smooth(found: re.Match[str]) -> str:
    """Let the browser smooth a raster that has more pixels than its place on the page."""
    crisp = "image-rendering:crisp-edges;image-rendering:pixelated"
    return found[0] if float(found[1]) > 0.75 else found[0].replace(crisp, "image-rendering:auto")


def _short(number: float) -> str:
    digits = 2 if abs(number) >= 1 else 5
    return f"{number:.{digits}f}".rstrip("0").rstrip(".") or "0"
