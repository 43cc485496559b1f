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
    from convbook.widgets.dropout_lab import DropoutLab
    from convbook.widgets.feature_scope import FeatureScope
    from convbook.widgets.field_tracer import FieldTracer
    from convbook.widgets.filter_painter import FilterPainter
    from convbook.widgets.flow_scope import FlowScope
    from convbook.widgets.matrix_view import MatrixView
    from convbook.widgets.norm_lab import NormLab
    from convbook.widgets.pool_lab import PoolLab
    from convbook.widgets.predict import Predict
    from convbook.widgets.shape_calc import ShapeCalc
    from convbook.widgets.sketch_pad import SketchPad
    from convbook.widgets.slide_lab import SlideLab

__all__ = [
    "BackStep",
    "BlockXray",
    "ConvXray",
    "DropoutLab",
    "FeatureScope",
    "FieldTracer",
    "FilterPainter",
    "FlowScope",
    "MatrixView",
    "NormLab",
    "PoolLab",
    "Predict",
    "ShapeCalc",
    "SketchPad",
    "SlideLab",
]

_MODULES = {
    "BackStep": "back_step",
    "BlockXray": "block_xray",
    "ConvXray": "conv_xray",
    "DropoutLab": "dropout_lab",
    "FeatureScope": "feature_scope",
    "FieldTracer": "field_tracer",
    "FilterPainter": "filter_painter",
    "FlowScope": "flow_scope",
    "MatrixView": "matrix_view",
    "NormLab": "norm_lab",
    "PoolLab": "pool_lab",
    "Predict": "predict",
    "ShapeCalc": "shape_calc",
    "SketchPad": "sketch_pad",
    "SlideLab": "slide_lab",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(f"convbook.widgets.{_MODULES[name]}"), name)
    raise AttributeError(f"convbook.widgets has no {name!r}; it has {', '.join(sorted(_MODULES))}")
