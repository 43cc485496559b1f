"""The site around the pages: a Sphinx project in a temporary folder, built with the Furo theme."""

from __future__ import annotations

import io
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from convbook.nbgrader_course import CourseError

NEEDED = {"sphinx": "sphinx", "myst_parser": "myst-parser", "furo": "furo"}
STATIC = Path(__file__).parent / "static"
# What a screen reader needs besides what Furo writes: names for its two sidebars, a heading for the search page.
NAMED = {
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Units">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
}
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def need_generator() -> None:
    """Raise `CourseError` where what builds the site is not installed."""
    missing = [name for module, name in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise CourseError(
            f"the book is built with {' and '.join(missing)}, not installed here: pip install 'convbook[book]'"
        )


def settings(title: str, scripts: dict[str, list[str]]) -> dict[str, object]:
    """Return Sphinx' settings: nothing is fetched from anywhere, and all works from a disk."""
    return {
        "extensions": ["myst_parser", "convbook.authoring.book.sphinx_parts"],
        "project": title,
        "language": "en",
        "root_doc": "index",
        "myst_enable_extensions": ["dollarmath"],
        "myst_dmath_double_inline": True,
        "myst_heading_anchors": 3,
        "html_theme": "furo",
        "html_title": title,
        "html_static_path": ["_static"],
        "html_css_files": ["widgets.css", "book.css"],
        "html_math_renderer": "mathml",
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_copyright": False,
        "html_show_search_summary": False,  # it would fetch pages, which a browser refuses from a disk
        "html_use_index": False,
        "html_permalinks_icon": "#",
        "html_theme_options": {"navigation_with_keys": False},
        "book_scripts": scripts,
        "suppress_warnings": ["myst.header"],
    }


def build(source: Path, target: Path, options: dict[str, object]) -> list[str]:
    """Build the site of the pages in `source` into `target`; return Sphinx' warnings, one a line."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    said = io.StringIO()
    trees = source.parent / "trees"
    with patch_docutils(), docutils_namespace():
        app = Sphinx(str(source), None, str(target), str(trees), "html", options, status=None, warning=said)
        app.build(force_all=True)
    for path in target.rglob("*.html"):
        text = path.read_text("utf-8")
        for before, after in NAMED.items():
            text = text.replace(before, after)
        path.write_text(text, "utf-8")
    shutil.rmtree(target / "_sources", ignore_errors=True)  # Sphinx makes it, and leaves it empty
    (target / ".nojekyll").touch()  # GitHub Pages would leave out every folder that begins with _
    lines = COLOUR.sub("", said.getvalue()).splitlines()
    return [line.replace(f"{source}/", "") for line in lines if line.strip()]
