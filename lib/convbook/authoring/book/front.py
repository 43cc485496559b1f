"""The book's front page: what the course's README says first, its picture, and a card for each unit."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

from convbook.authoring.book.page import Page, raw
from convbook.authoring.course import Course

PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
HOW = {
    "click": "Solutions wait behind a click.",
    "shown": "Solutions are shown.",
    "hidden": "Solutions are not shown here: what follows an exercise uses PyTorch's result.",
}
CARD = """<a class="cb-card" href="{unit}.html">
<span class="cb-card-picture">{picture}</span>
<span class="cb-card-title">{title}</span>
<span class="cb-card-text">{promise}</span>
<span class="cb-card-cost">{cost}</span>
</a>"""


@dataclass(frozen=True)
class Opening:
    """Hold how a README opens: title, first paragraph, first picture with its sentence."""

    title: str
    promise: str = ""
    picture: Path | None = None
    alt: str = ""


def opening(course: Course) -> Opening:
    """Return how the course's README opens; its folder's name stands for a title where there is none."""
    readme = course.folder / "README.md"
    text = readme.read_text("utf-8") if readme.is_file() else ""
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    title = blocks[0].removeprefix("# ") if blocks and blocks[0].startswith("# ") else course.folder.name
    plain = [one for one in blocks if not re.match(r"[#!|<`-]|    ", one)]
    found = PICTURE.search(text)
    path = course.folder / found[2] if found else None
    if found is None or not path.is_file():
        return Opening(title, plain[0] if plain else "")
    return Opening(title, plain[0] if plain else "", path, found[1])


def front_page(opened: Opening, pages: list[Page], mode: str, static: Path) -> str:
    """Return the front page's Markdown and copy its picture into `static`."""
    parts = [f"# {opened.title}", opened.promise]
    if (
        opened.picture and mode != "hidden"
    ):  # the picture may show an answer at work, as the course's own does
        parts.append(raw(_moving(opened, static)))
    parts.append(
        f"Every picture you can touch here is alive, and every question waits for your guess. {HOW[mode]}"
    )
    parts.append(raw(f'<div class="cb-cards">{"".join(map(_card, pages))}</div>'))
    listed = "\n".join(page.unit for page in pages)
    parts.append(f"```{{toctree}}\n:hidden:\n\n{listed}\n```")
    return "\n\n".join(part for part in parts if part) + "\n"


def _moving(opened: Opening, static: Path) -> str:
    """Return the README's picture as HTML; where it moves, and the reader wants less movement, its last frame."""
    from PIL import Image

    assert opened.picture is not None
    name, alt = f"opening{opened.picture.suffix}", html.escape(opened.alt, quote=True)
    (static / name).write_bytes(opened.picture.read_bytes())
    try:
        with Image.open(opened.picture) as picture:
            width, height = picture.size
            picture.seek(getattr(picture, "n_frames", 1) - 1)
            picture.convert("RGB").save(static / "opening-still.png")
    except OSError:  # a drawing such as SVG has no frames
        return f'<img class="cb-opening" alt="{alt}" src="_static/{name}">'
    calm = '<source srcset="_static/opening-still.png" media="(prefers-reduced-motion: reduce)">'
    image = f'<img class="cb-opening" alt="{alt}" src="_static/{name}" width="{width}" height="{height}">'
    return f"<picture>{calm}{image}</picture>"


def _card(page: Page) -> str:
    title = page.title
    picture = f'<img alt="" src="{page.picture}" loading="lazy">' if page.picture else ""
    if title is None:
        return CARD.format(unit=page.unit, picture=picture, title=page.unit, promise="", cost="")
    cost = f"{title.minutes} min · {title.exercises} exercises" if title.minutes else ""
    return CARD.format(
        unit=page.unit, picture=picture, title=html.escape(f"{title.number} · {title.topic}"),
        promise=html.escape(re.sub(r"[*`_]", "", title.promise)), cost=cost.replace(" 1 exercises", " 1 exercise"),
    )  # fmt: skip
