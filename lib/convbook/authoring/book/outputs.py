"""A cell's outputs as HTML: figures with their sentences, tables, text, errors, and places for living widgets."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import struct
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convbook.widgets.export import LIVE

IMAGE = re.compile(r'<img alt="([^"]*)"[^>]*? src="(data:image/[^"]+)"[^>]*>')
SVG_SIZE = re.compile(r"<svg[^>]*? (width|height)=['\"]([\d.]+)pt['\"][^>]*? (width|height)=['\"]([\d.]+)pt")
PROGRESS = re.compile(r"\d+%\|[^|]*\| *\d+/\d+ \[")  # of tqdm
ENDINGS = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}
PIXELS_PER_POINT = 4 / 3
PLACE = "_static/figures"

MakeAlive = Callable[[str, str], str | None]  # a model's id and what stands there without scripts -> HTML


class Figures:
    """Write pictures to files of their own, each once, and know how the page shows them."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def image(self, alt: str, address: str) -> str:
        """Return an image of a data URL as HTML that shows a file; `alt` is its sentence, as HTML already."""
        kind, content = _decoded(address)
        name = f"{hashlib.sha256(content).hexdigest()[:16]}.{ENDINGS.get(kind, 'img')}"
        (self.folder / name).write_bytes(content)
        size = _size(kind, content)
        room = f' width="{size[0]}" height="{size[1]}"' if size else ""
        return f'<img class="cb-figure" alt="{alt}" src="{PLACE}/{name}"{room} loading="lazy">'

    def placed(self, page: str) -> str:
        """Return HTML with the pictures it holds moved to files."""
        return IMAGE.sub(lambda found: self.image(found[1], found[2]), page)


def outputs_html(cell: Any, figures: Figures, alive: MakeAlive) -> str:
    """Return all outputs of an executed cell as HTML, or nothing where it has none."""
    shown = [one for output in cell.get("outputs", []) if (one := _output(output, figures, alive))]
    return f'<div class="cb-out">{"".join(shown)}</div>' if shown else ""


def _output(output: Any, figures: Figures, alive: MakeAlive) -> str:
    if output["output_type"] == "stream":
        return _text(output["text"])
    if output["output_type"] == "error":
        return _error(output)
    data, about = output["data"], output.get("metadata", {})
    still = _still(data, about, figures)
    if LIVE in data:
        return alive(data[LIVE]["model_id"], still) or still
    return still


def _still(data: Any, about: Any, figures: Figures) -> str:
    """Return what shows an output where nothing moves."""
    if "text/html" in data:
        return f'<div class="cb-html">{figures.placed(_joined(data["text/html"]))}</div>'
    for kind in ("image/svg+xml", "image/png", "image/jpeg"):
        if kind in data:
            text = _joined(data[kind])
            coded = (
                base64.b64encode(text.encode()).decode() if kind == "image/svg+xml" else "".join(text.split())
            )
            alt = about.get(kind, {}).get("alt") or _joined(data.get("text/plain", ""))
            return figures.image(html.escape(alt, quote=True), f"data:{kind};base64,{coded}")
    return _text(data.get("text/plain", ""))


def _error(output: Any) -> str:
    """Return an error: its message, and behind a click where it was raised."""
    from nbconvert.filters import strip_ansi

    trace = strip_ansi("\n".join(output["traceback"]))
    if len(output["traceback"]) < 2:
        return _text(trace)
    message = strip_ansi(f"{output['ename']}: {output['evalue']}").splitlines()[0].removesuffix(": ")
    return f'<details class="cb-error"><summary>{html.escape(message)}</summary>{_text(trace)}</details>'


def _text(text: Any) -> str:
    from nbconvert.filters import strip_ansi

    said = _written(strip_ansi(_joined(text)))
    return f'<pre class="cb-text">{html.escape(said)}</pre>' if said else ""


def _written(text: str) -> str:
    """Return what stands on the screen in the end: a carriage return writes a line anew, and progress bars are over.

    >>> _written("50%|#  | 1/2 [00:01]\\rdone\\nyes\\n")
    'done\\nyes'
    """
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    return "\n".join(line for line in lines if not PROGRESS.search(line)).strip("\n")


def _joined(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)


def _decoded(address: str) -> tuple[str, bytes]:
    """Return the kind and the bytes of a data URL."""
    head, _, body = html.unescape(address).removeprefix("data:").partition(",")
    kind, *how = head.split(";")
    return kind, base64.b64decode(body) if "base64" in how else urllib.parse.unquote_to_bytes(body)


def _size(kind: str, content: bytes) -> tuple[int, int] | None:
    """Return a picture's width and height in pixels, so that the page keeps room for it."""
    if kind == "image/png":
        return struct.unpack(">II", content[16:24])
    found = SVG_SIZE.search(content[:2000].decode("utf-8", "replace")) if kind == "image/svg+xml" else None
    if found is None:
        return None
    sides = {found[1]: float(found[2]), found[3]: float(found[4])}
    return round(sides["width"] * PIXELS_PER_POINT), round(sides["height"] * PIXELS_PER_POINT)
