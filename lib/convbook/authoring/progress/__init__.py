"""How far a learner is: points, mistakes met and mended, guesses that surprised, drills due, and what comes next.

All of it is read from the learner's folder: the saved notebooks, and the three files that lie beside them.
"""

from convbook.authoring.progress.lines import report
from convbook.authoring.progress.page import Page, page
from convbook.authoring.progress.states import State, heard, states

__all__ = ["Page", "State", "heard", "page", "report", "states"]
