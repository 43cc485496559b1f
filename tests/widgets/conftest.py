"""The browser for the tests of this folder."""

from browser import chromium, lab, open_page, show, watch

__all__ = ["chromium", "lab", "open_page", "show", "watch"]
