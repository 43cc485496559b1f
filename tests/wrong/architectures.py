"""Wrong answers to unit 9, as people really write them."""

from __future__ import annotations

import numpy as np
from scipy.signal import correlate2d

from right.architectures import BranchesInAList, counted_row_by_row, written_down
from wrong import wrong


@wrong("vgg16_table")
def weights_without_biases():
    return [
        (n, a, p - (p > 0) * (a if n.startswith("fc") else {"1": 64, "2": 128, "3": 256}.get(n[4], 512)))
        for n, a, p in counted_row_by_row()
    ]


@wrong("alexnet_shapes")
def paper_as_printed():
    return [("conv1", (96, 54, 54)), ("pool1", (96, 26, 26)), ("conv2", (256, 26, 26)), ("pool2", (256, 12, 12)),
            *[(n, (f, 12, 12)) for n, f in (("conv3", 384), ("conv4", 384), ("conv5", 256))],
            ("pool5", (256, 5, 5)), *written_down()[-3:]]  # fmt: skip


@wrong("stack_field")
def windows_side_by_side(k, layers):
    return k * layers


@wrong("stack_params")
def one_kernel_a_filter(c, k, layers):
    return layers * c * k * k


@wrong("collapse_stack")
def correlation_of_correlations(kernels):
    whole = kernels[0]
    for kernel in kernels[1:]:
        if kernel.ndim == 2:
            whole = correlate2d(whole, kernel)
            continue
        whole = np.array(
            [
                [sum(correlate2d(whole[m, c], f[m]) for m in range(len(f))) for c in range(whole.shape[1])]
                for f in kernel
            ]
        )
    return whole


@wrong("inception_macs")
def projection_in_the_naive_module(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    reduced = c_in * (r3 + r5) + 9 * r3 * c3 + 25 * r5 * c5
    return h * w * (c_in * (c1 + pool) + (reduced if bottleneck else c_in * (9 * c3 + 25 * c5)))


@wrong("Inception")
class ProjectedFirst(BranchesInAList):
    def __init__(self, *numbers):
        super().__init__(*numbers)
        pool, conv, relu = self.branches[3]
        self.branches[3] = type(self.branches[3])(conv, pool, relu)
