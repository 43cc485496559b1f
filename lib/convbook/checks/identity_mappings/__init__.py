"""The checks of unit 11: why the shortcut must stay clean."""

from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.checks.identity_mappings.blocks import PreActBlock, ShortcutBlock
from convbook.checks.identity_mappings.gain import path_gain
from convbook.checks.identity_mappings.slope import gradient_at_input
from convbook.checks.identity_mappings.unroll import residual_sum
from convbook.forms import Unit

EXERCISES = (PreActBlock, path_gain, residual_sum, ShortcutBlock, gradient_at_input)
unit = Unit("11_identity_mappings", "Identity mappings", EXERCISES)
progress = reporter(unit)
drill = driller(unit)

__all__ = [*(exercise.name for exercise in EXERCISES), "drill", "progress", "unit"]
