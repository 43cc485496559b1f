"""The same grading behind nbgrader's own names: two lines in a course's `nbgrader_config.py`.

    from convbook.grading import stock
    stock.use(c)

Then `nbgrader autograde`, formgrader's button and `nbgrader generate_feedback` repair, sandbox, judge and clean as
`convbook grade` does, one submission after the other, and come to the same scores. This module is read
with every configuration, so it imports nothing heavy; what does the work is in `plugin`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

STEPS, SAFE = "convbook.grading.plugin", "convbook.grading.recording.safe"


def use(config: Any) -> None:
    """Set nbgrader's converters to grade with our engine; `config` is the `c` of an `nbgrader_config.py`.

    Where processes cannot be forked (Windows) `nbgrader autograde` stays nbgrader's own; feedback is cleaned all the same.
    """
    if hasattr(os, "fork"):
        config.Autograde.exporter_class = f"{STEPS}.Grader"
        config.Autograde.sanitize_preprocessors = []
        config.Autograde.autograde_preprocessors = [
            "nbgrader.preprocessors.SaveAutoGrades",
            "nbgrader.preprocessors.AssignLatePenalties",
            "nbgrader.preprocessors.CheckCellMetadata",
        ]
        config.Autograde.pre_convert_hook = f"{STEPS}.take_what_is_there"
    config.GenerateFeedback.exporter_class = f"{SAFE}.SafeHTML"
    config.GenerateFeedback.preprocessors = [
        "convbook.grading.recording.clean.Clean",
        "nbgrader.preprocessors.GetGrades",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    # Formgrader shows hand-ins in the instructor's browser, where a student's script could rewrite grades. Feedback
    # pages are cleaned by an exporter of ours.
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.template_file = str(Path(__file__).parent / "recording" / "formgrade.html.j2")
    config.HTMLExporter.filters = {
        "clean_html": f"{SAFE}.clean_html",
        "only_local": f"{SAFE}.only_local",
        "markdown2html": f"{SAFE}.safe_markdown",
        "strip_files_prefix": f"{SAFE}.unchanged",
    }
    config.SafeHTML.sanitize_html, config.SafeHTML.filters = False, {}
    config.SafeHTML.template_file = "index.html.j2"
