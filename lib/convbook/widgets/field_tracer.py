"""FieldTracer: say in one line what a person can do here."""

from __future__ import annotations

from typing import ClassVar

import traitlets

from convbook.widgets.base import Widget


class FieldTracer(Widget):
    """Show a number and its square, to be replaced by what this widget is about.

    >>> FieldTracer(side=3).words()
    'The square of 3 is 9.'
    """

    view: ClassVar[str] = "field_tracer"
    title: ClassVar[str] = "Field tracer"

    side = traitlets.Int(2, min=1, max=12).tag(sync=True)
