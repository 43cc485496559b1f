"""The browser for the tests of this folder."""

from browser import chromium, open_page, watch

__all__ = ["chromium", "open_page", "watch"]
