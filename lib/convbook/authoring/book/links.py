"""Does every link of a built site lead somewhere? Files and places on pages; no address outside is asked."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

LINKS = ("href", "src", "srcset", "poster")
ELSEWHERE = ("http", "https", "mailto", "data", "javascript")


class _Reader(HTMLParser):
    """Collect a page's links and the places on it that a link can name."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in LINKS and value:
                self.links.append(value.split()[0] if name == "srcset" else value)
            if value and (name == "id" or (tag == "a" and name == "name")):
                self.places.add(value)


def broken_links(site: Path) -> Iterator[str]:
    """Yield a sentence for every link of a site's pages that leads to no file, or to no place on a page."""
    read: dict[Path, _Reader] = {}
    for path in sorted(site.rglob("*.html")):
        read[path.resolve()] = reader = _Reader()
        reader.feed(path.read_text("utf-8"))
    for path, reader in read.items():
        for link in dict.fromkeys(reader.links):
            parts = urllib.parse.urlsplit(link)
            if parts.scheme in ELSEWHERE or parts.netloc or link == "#":
                continue
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            place = urllib.parse.unquote(parts.fragment)
            if not target.is_file():
                yield f"{path.name}: the link {link} leads to no file"
            elif place and target in read and place not in read[target].places:
                yield f"{path.name}: the link {link} leads to no such place on {target.name}"
