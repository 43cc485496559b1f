"""The checks of unit 01: slide a window."""

from convbook.checks.convolution.edges import vertical_edge_kernel
from convbook.checks.convolution.layers import conv2d_im2col, conv2d_naive, im2col
from convbook.checks.convolution.sizes import conv_out_size, coverage_map, same_padding
from convbook.checks.convolution.window import corr2d, flip180
from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.forms import Unit

exercises = (
    corr2d,
    flip180,
    conv_out_size,
    same_padding,
    coverage_map,
    conv2d_naive,
    im2col,
    conv2d_im2col,
    vertical_edge_kernel,
)
unit = Unit("01_convolution", "Convolution", exercises)
progress = reporter(unit)
drill = driller(unit)

__all__ = ["drill", "progress", "unit", *(exercise.name for exercise in exercises)]
