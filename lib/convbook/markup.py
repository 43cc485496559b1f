"""Pictures in HTML: the one form that JupyterLab, Notebook 7, nbconvert and a feedback page give an alternative text."""

from __future__ import annotations

import html

FIGURE = 'style="max-width:100%" src="data:image/svg'


def image(alt: str, source: str) -> str:
    """Return an image as HTML, with the sentence for those who cannot see it.

    >>> image("a line", "line.png")
    '<img alt="a line" style="max-width:100%" src="line.png">'
    """
    return f'<img alt="{html.escape(alt, quote=True)}" style="max-width:100%" src="{source}">'


def dark(page: str) -> str:
    """Return HTML with its figures as on a dark page, for a page that does not tell its images that it is dark."""
    return page.replace(FIGURE, FIGURE.replace("100%", "100%;color-scheme:dark"))
