"""HTML and Markdown of students as a page may show them: nothing in it runs, and nothing takes long.

nh3 (Mozilla's ammonia) cleans HTML; what is long or has very many tags is cut first, because its parser's time grows
with the square of the depth.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any
from urllib.parse import unquote

import nh3
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import markdown2html
from nbformat import NotebookNode

from convbook.markup import image

LONGEST = 50_000  # characters of one Markdown cell
CUT = "\n\n… the rest was cut: the text is too long."
MOST_TAGS = 5_000  # of one text; what has more is shown as it was written
ATTRIBUTES = nh3.ALLOWED_ATTRIBUTES | {
    "*": {"class", "title", "align"},
    "img": {"src", "alt", "width", "height"},
    **{f"h{n}": {"id"} for n in range(1, 7)},
}
# A formula's link may call a script.
TEX_LINK = re.compile(r"(\\|&#0*92;|&#x0*5c;|&bsol;)href", re.IGNORECASE)
SVG_TAGS = frozenset(["svg", "defs", "style", "g", "path", "use", "image", "clipPath", "rect", "pattern"])
ELSEWHERE = re.compile(  # an address that leads out of the picture, or an entity that could hide one
    r"(?:href|src)\s*=(?!\s*['\"]?(?:#|data:image/(?:png|webp);base64,))|url\((?!#)|@import|&|javascript:",
    re.IGNORECASE,
)
HANDLER = re.compile(r"\son\w+\s*=", re.IGNORECASE)
DATA_PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")
ATTACHED = re.compile(
    r"!\[([^\[\]\n]*)\]\(\s*<?attachment:((?:[^()<>\n\"]|\([^()\n]*\))*)>?(?:\s*\"[^\"\n]*\")?\s*\)"
)
PICTURES = ("image/png", "image/jpeg", "image/gif")
SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.IGNORECASE | re.DOTALL)
SCRIPT_ELSEWHERE = re.compile(r"<script\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>\s*</script\s*>", re.IGNORECASE)
# What nbgrader's page calls a graded cell.
LABEL = re.compile(r'(<a href="#([^"<>]+)">)(Test cell|Coding free-response|Written response|Task)</a>')


def clean_html(text: str) -> str:
    """Return HTML without anything a browser would execute; text with too many tags as it was written.

    >>> clean_html('<b onclick="steal()">bold</b><script>steal()</script>')
    '<b>bold</b>'
    """
    if text.count("<") > MOST_TAGS:
        return as_written(text)
    schemes = {"http", "https", "mailto", "data"}
    shown = nh3.clean(text, attributes=ATTRIBUTES, attribute_filter=_allowed, url_schemes=schemes)
    return TEX_LINK.sub(r"\\text ", shown)


def as_written(text: str) -> str:
    """Return a text as HTML that shows it as it was written; what is too long is cut."""
    return f"<pre>{html.escape(cut(text))}</pre>"


def cut(text: str) -> str:
    """Return a text, or the beginning of one that is too long."""
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT


def _allowed(tag: str, name: str, value: str) -> str | None:
    address = re.sub(r"[\x00-\x20]+", "", value[:100]).lower()
    if not address.startswith("data:"):
        return value
    safe = DATA_PICTURE.fullmatch(value.strip()) is not None or _is_drawing(value)
    return value if (tag, name) == ("img", "src") and safe else None


def _is_drawing(address: str) -> bool:
    """Tell whether a data URL is an SVG as our figures are: browsers run nothing in an image, and this has nothing to run.

    >>> _is_drawing("data:image/svg+xml,%3Csvg%3E%3Cpath d='M0 0'/%3E%3C/svg%3E")
    True
    """
    kind, _, text = address.strip().partition(",")
    text = unquote(text)
    if kind != "data:image/svg+xml" or ELSEWHERE.search(text) or HANDLER.search(text):
        return False
    return all(name in SVG_TAGS for name in re.findall(r"<\s*+/?\s*+([^\s/>]+)", text))


def with_pictures(text: str, attachments: Any) -> str:
    """Return Markdown with its attached pictures in it; of one that is not there, with its alternative text.

    >>> with_pictures("![a plot](attachment:my%20plot.png)", {"my plot.png": {"image/png": "iVBORw0KGgo="}})
    '<img alt="a plot" style="max-width:100%" src="data:image/png;base64,iVBORw0KGgo=">'
    >>> with_pictures("![a plot](attachment:my plot.png)", {})
    '[a plot]'
    """
    there = {_plain_name(name): kinds for name, kinds in (attachments or {}).items()}

    def shown(found: re.Match[str]) -> str:
        alt, kinds = found[1] or unquote(found[2]), there.get(_plain_name(found[2]), {})
        for kind in PICTURES:
            if isinstance(kinds.get(kind), str) and kinds[kind]:
                return image(alt, f"data:{kind};base64,{''.join(kinds[kind].split())}")
        return f"[{alt}]"

    return ATTACHED.sub(shown, text)


def _plain_name(name: str) -> str:
    """Return a file's name without escapes; a letter with dots is written in one way or another, as systems differ."""
    return unicodedata.normalize("NFC", unquote(name)).strip()


@pass_context
def safe_markdown(context: Any, source: str) -> str:
    """Return Markdown as HTML that runs nothing; as it was written where it cannot be rendered."""
    try:
        text = with_pictures(cut(source), context.get("cell", {}).get("attachments", {}))
        return clean_html(markdown2html(text))
    # A link to an attachment that is not there, brackets nested too deep, and whatever else.
    except Exception:
        return as_written(source)


def unchanged(text: str) -> str:
    """Return a text: in place of nbconvert's filter for links of IPython 2, which takes the square of a text's length."""
    return text


def only_local(text: str) -> str:
    """Return HTML without scripts of other servers: MathJax is nowhere on this machine, so formulas stay in TeX.

    >>> only_local('<script src="https://cdn.example/latest.js"> </script><script src="/static/own.js"></script>')
    '<script src="/static/own.js"></script>'
    """
    return SCRIPT_ELSEWHERE.sub("", text)


class SafeHTML(HTMLExporter):
    """Export as nbgrader's feedback pages are exported: Markdown cleaned after it was rendered, and no script at all.

    So formulas stay as they were written in TeX, and no page asks another server for anything.
    """

    def default_filters(self) -> Any:
        """Yield the exporter's filters, the one for Markdown among them in its safe form."""
        yield from super().default_filters()
        yield ("markdown2html", safe_markdown)
        yield ("strip_files_prefix", unchanged)

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **more: Any) -> tuple[str, dict]:
        """Return the page, with each test by its name."""
        page, resources = super().from_notebook_node(nb, resources, **more)
        return LABEL.sub(_labelled, SCRIPT.sub("", page)), resources


def _labelled(found: re.Match[str]) -> str:
    """Return nbgrader's word for a graded cell with the cell's name in plain words.

    >>> _labelled(LABEL.match('<a href="#check-conv2d_naive">Test cell</a>'))
    '<a href="#check-conv2d_naive">Test: conv2d naive</a>'
    """
    link, name, kind = found.groups()
    plain = re.sub(r"[-_\s]+", " ", re.sub(r"^(check|test)[-_]", "", name)).strip()
    return f"{link}{kind.removesuffix(' cell')}: {plain}</a>"
