"""What the book adds to Sphinx: formulas as MathML, and the scripts of a page's own widgets. Sphinx loads it by name."""

from __future__ import annotations

from typing import Any


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx; `book_scripts` are the scripts of each page by its name."""
    app.add_config_value("book_scripts", {}, "html", types=[dict])
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("html-page-context", _scripts_of_the_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _scripts_of_the_page(app: Any, page: str, template: str, context: Any, doctree: Any) -> None:
    for name in app.config.book_scripts.get(page, ["book.js"]):
        app.add_js_file(name, loading_method="defer")


def _inline(translator: Any, node: Any) -> None:
    _formula(translator, node, as_block=False)


def _block(translator: Any, node: Any) -> None:
    _formula(translator, node, as_block=True)


def _formula(translator: Any, node: Any, as_block: bool) -> None:
    """Write a formula as MathML, which every browser of today draws by itself; docutils translates it."""
    from docutils import nodes
    from docutils.utils.math import MathError, latex2mathml

    try:
        math = latex2mathml.tex2mathml(node.astext(), as_block=as_block)
    except MathError as error:
        _warn(node, f"a formula cannot be shown: {error}")
        math = f"<code>{translator.encode(node.astext())}</code>"
    translator.body.append(f'<div class="cb-formula">{math}</div>' if as_block else math)
    raise nodes.SkipNode


def _warn(node: Any, text: str) -> None:
    from sphinx.util import logging

    logging.getLogger(__name__).warning(text, location=node)
