"""The browser for the tests of this folder."""

from browser import chromium, lab, notebook7, open_page, show, watch

__all__ = ["chromium", "lab", "notebook7", "open_page", "show", "watch"]
