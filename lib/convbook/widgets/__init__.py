"""Pictures a person can move: `from convbook.widgets import SlideLab`.

One Python class and one ES module each. Nothing is loaded before it is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convbook.widgets.back_step import BackStep
    from convbook.widgets.block_xray import BlockXray
    from convbook.widgets.conv_xray import ConvXray
    from convbook.widgets.field_tracer import FieldTracer
    from convbook.widgets.filter_painter import FilterPainter
    from convbook.widgets.flow_scope import FlowScope
    from convbook.widgets.matrix_view import MatrixView
    from convbook.widgets.predict import Predict
    from convbook.widgets.shape_calc import ShapeCalc
    from convbook.widgets.slide_lab import SlideLab

__all__ = [
    "BackStep",
    "BlockXray",
    "ConvXray",
    "FieldTracer",
    "FilterPainter",
    "FlowScope",
    "MatrixView",
    "Predict",
    "ShapeCalc",
    "SlideLab",
]

_MODULES = {
    "BackStep": "back_step",
    "BlockXray": "block_xray",
    "ConvXray": "conv_xray",
    "FieldTracer": "field_tracer",
    "FilterPainter": "filter_painter",
    "FlowScope": "flow_scope",
    "MatrixView": "matrix_view",
    "Predict": "predict",
    "ShapeCalc": "shape_calc",
    "SlideLab": "slide_lab",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(f"convbook.widgets.{_MODULES[name]}"), name)
    raise AttributeError(f"convbook.widgets has no {name!r}; it has {', '.join(sorted(_MODULES))}")
