"""The checks of unit 01: slide a window."""

from convbook.checks.convolution.columns import im2col
from convbook.checks.convolution.kernels import flip180, vertical_edge_kernel
from convbook.checks.convolution.layers import conv2d_im2col, conv2d_naive
from convbook.checks.convolution.sizes import conv_out_size, coverage_map, same_padding
from convbook.checks.convolution.window import corr2d
from convbook.checks.progress import reporter
from convbook.forms import Unit

unit = Unit(
    "01_convolution",
    "Convolution",
    (
        corr2d,
        flip180,
        conv_out_size,
        same_padding,
        coverage_map,
        conv2d_naive,
        im2col,
        conv2d_im2col,
        vertical_edge_kernel,
    ),
)
progress = reporter(unit)

__all__ = [
    "conv2d_im2col",
    "conv2d_naive",
    "conv_out_size",
    "corr2d",
    "coverage_map",
    "flip180",
    "im2col",
    "progress",
    "same_padding",
    "unit",
    "vertical_edge_kernel",
]
