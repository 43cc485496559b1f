"""The hosts for the tests of this folder; the browser itself is everybody's."""

from browser import lab, notebook7, show

__all__ = ["lab", "notebook7", "show"]
