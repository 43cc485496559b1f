"""Wrong answers to unit 9's tables and stacks, as people really write them."""

from __future__ import annotations

import numpy as np
from scipy.signal import convolve2d, correlate2d

from wrong import wrong

PLAN = [
    ("conv1", 96, 11, 4, 0), ("pool1", 0, 3, 2, 0), ("conv2", 256, 5, 1, 2), ("pool2", 0, 3, 2, 0), ("conv3", 384, 3, 1, 1),
    ("conv4", 384, 3, 1, 1), ("conv5", 256, 3, 1, 1), ("pool5", 0, 3, 2, 0),
]  # fmt: skip
ENDS = [("fc6", (4096,)), ("fc7", (4096,)), ("fc8", (1000,))]


def followed(size, side=227, plan=PLAN, c=3):
    """Return AlexNet's rows by a learner's own rule for a size."""
    rows = []
    for name, filters, k, stride, padding in plan:
        c, side = filters or c, size(side, k, stride, padding)
        rows.append((name, (c, side, side)))
    return rows + ENDS


def usual(n, k, s, p):
    return (n + 2 * p - k) // s + 1


def changed(*names, **numbers):
    """Return the plan with other numbers in the layers of these names."""
    keys = ("name", "filters", "k", "stride", "padding")
    return [
        tuple((dict(zip(keys, row, strict=True)) | numbers).values()) if row[0] in names else row
        for row in PLAN
    ]


@wrong("alexnet_shapes")
def paper_as_printed():
    return followed(usual, side=224)


@wrong("alexnet_shapes")
def two_hundred_and_twenty_three():
    return followed(usual, side=223)


@wrong("alexnet_shapes")
def pools_rounded_up():
    return followed(lambda n, k, s, p: -(-n // 2) if (k, s) == (3, 2) else usual(n, k, s, p))


@wrong("alexnet_shapes")
def padded_by_half_a_window():
    return followed(lambda n, k, s, p: (n + 2 * (k // 2) - k) // s + 1)


@wrong("alexnet_shapes")
def no_one_added():
    return followed(lambda n, k, s, p: (n + 2 * p - k) // s)


@wrong("alexnet_shapes")
def padding_forgotten():
    return followed(lambda n, k, s, p: (n - k) // s + 1)


@wrong("alexnet_shapes")
def padding_on_one_side():
    return followed(lambda n, k, s, p: (n + p - k) // s + 1)


@wrong("alexnet_shapes")
def pool_of_zero_maps():
    return [
        (name, (f, side, side))
        for (name, f, *_), (_, (_, side, _)) in zip(PLAN, followed(usual), strict=False)
    ] + ENDS


@wrong("alexnet_shapes")
def channels_last():
    return [(name, (*shape[1:], shape[0]) if len(shape) == 3 else shape) for name, shape in followed(usual)]


@wrong("alexnet_shapes")
def commas_forgotten():
    return [*followed(usual)[:-3], ("fc6", 4096), ("fc7", 4096), ("fc8", 1000)]


@wrong("alexnet_shapes")
def flattened_map_as_fc6():
    return [*followed(usual)[:-3], ("fc6", (256 * 6 * 6,)), *ENDS[1:]]


@wrong("alexnet_shapes")
def image_first():
    return [("input", (3, 227, 227)), *followed(usual)]


@wrong("alexnet_shapes")
def one_of_two_cards():
    return [(name, (shape[0] // 2, *shape[1:])) for name, shape in followed(usual)[:-3]] + ENDS


@wrong("alexnet_shapes")
def batch_in_front():
    return [(name, (1, *shape)) for name, shape in followed(usual)]


@wrong("alexnet_shapes")
def strides_all_two():
    return followed(usual, plan=changed("conv1", stride=2))


@wrong("alexnet_shapes")
def conv2_padded_as_conv3():
    return followed(usual, plan=changed("conv2", padding=1))


@wrong("alexnet_shapes")
def poolings_last_as_in_the_table():
    rows = followed(usual)
    return [row for row in rows[:8] if row[0][:4] == "conv"] + [row for row in rows if row[0][:4] != "conv"]


def bill(weights, given=lambda c, side: c * side * side, flat=25_088, pool=lambda c: 0):
    """Return VGG-16's rows by a learner's own rule for weights, activations, what fc6 takes and what a pool learns."""
    rows, c, side = [], 3, 224
    for block, (count, f) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], 1):
        for i in range(count):
            rows.append((f"conv{block}_{i + 1}", given(f, side), weights(9, c, f)))
            c = f
        side //= 2
        rows.append((f"pool{block}", given(c, side), pool(c)))
    for name, units in (("fc6", 4096), ("fc7", 4096), ("fc8", 1000)):
        rows.append((name, units, weights(1, flat, units)))
        flat = units
    return rows


def learned(k, c, f):
    return k * c * f + f


@wrong("vgg16_table")
def weights_without_biases():
    return bill(lambda k, c, f: k * c * f)


@wrong("vgg16_table")
def no_biases_in_convolutions():
    return bill(lambda k, c, f: k * c * f + f * (k == 1))


@wrong("vgg16_table")
def one_bias_a_layer():
    return bill(lambda k, c, f: k * c * f + 1)


@wrong("vgg16_table")
def fc6_before_the_last_pool():
    return bill(learned, flat=512 * 14 * 14)


@wrong("vgg16_table")
def fc6_from_averaged_maps():
    return bill(learned, flat=512)


@wrong("vgg16_table")
def fc6_from_seven_by_seven():
    return bill(learned, flat=7 * 7)


@wrong("vgg16_table")
def pools_with_weights():
    return bill(learned, pool=lambda c: 4 * c)


@wrong("vgg16_table")
def pools_as_convolutions():
    return bill(learned, pool=lambda c: 2 * 2 * c * c + c)


@wrong("vgg16_table")
def kernels_of_one_channel():
    return bill(lambda k, c, f: k * f + f if k == 9 else c * f + f)


@wrong("vgg16_table")
def same_maps_in_and_out():
    return bill(lambda k, c, f: k * f * f + f if k == 9 else c * f + f)


@wrong("vgg16_table")
def k_instead_of_k_squared():
    return bill(lambda k, c, f: (3 if k == 9 else 1) * c * f + f)


@wrong("vgg16_table")
def map_without_channels():
    return bill(learned, given=lambda c, side: side * side)


@wrong("vgg16_table")
def activations_of_the_input():
    rows = bill(learned)
    taken = [3 * 224 * 224, *(a for _, a, _ in rows[:-1])]
    return [(name, a, p) for a, (name, _, p) in zip(taken, rows, strict=True)]


@wrong("vgg16_table")
def exchanged_columns():
    return [(name, p, a) for name, a, p in bill(learned)]


@wrong("vgg16_table")
def totals_appended():
    rows = bill(learned)
    return [*rows, ("total", sum(r[1] for r in rows), sum(r[2] for r in rows))]


@wrong("vgg16_table")
def pools_left_out():
    return [row for row in bill(learned) if not row[0].startswith("pool")]


@wrong("vgg16_table")
def weights_at_every_place():
    return [(n, a, p * (a // 64) if n == "conv1_1" else p) for n, a, p in bill(learned)]


@wrong("vgg16_table")
def relus_counted_as_layers():
    return [(n, a if n[:4] == "pool" or n == "fc8" else 2 * a, p) for n, a, p in bill(learned)]


@wrong("vgg16_table")
def flattened_size_never_updated():
    return [(n, a, 25_088 * 4096 + 4096 if n == "fc7" else p) for n, a, p in bill(learned)]


@wrong("stack_params")
def one_kernel_a_filter(c, k, layers):
    return layers * c * k * k


@wrong("stack_params")
def one_layer_only(c, k, layers):
    return c * c * k * k


@wrong("stack_params")
def with_biases(c, k, layers):
    return layers * (c * c * k * k + c)


@wrong("stack_params")
def one_side_of_the_kernel(c, k, layers):
    return layers * k * c * c


@wrong("stack_params")
def without_maps(c, k, layers):
    return layers * k * k


@wrong("stack_params")
def doubled_maps(c, k, layers):
    return layers * k * k * 2 * c


@wrong("stack_params")
def powers_of_layers(c, k, layers):
    return (k * k * c * c) ** layers


@wrong("stack_params")
def one_large_kernel(c, k, layers):
    return (1 + layers * (k - 1)) ** 2 * c * c


@wrong("stack_params")
def first_layer_of_one_map(c, k, layers):
    return k * k * c + (layers - 1) * k * k * c * c


@wrong("stack_params")
def kernel_of_twice_the_side(c, k, layers):
    return layers * 2 * k * c * c


@wrong("stack_params")
def always_three_by_three(c, k, layers):
    return 27 * c**2


@wrong("stack_field")
def windows_side_by_side(k, layers):
    return k * layers


@wrong("stack_field")
def centre_forgotten(k, layers):
    return layers * (k - 1)


@wrong("stack_field")
def first_layer_only(k, layers):
    return k


@wrong("stack_field")
def two_a_layer(k, layers):
    return 1 + 2 * layers


@wrong("stack_field")
def two_more_a_layer(k, layers):
    return k + 2 * (layers - 1)


@wrong("stack_field")
def powers(k, layers):
    return k**layers


@wrong("stack_field")
def half_a_kernel(k, layers):
    return 1 + layers * (k // 2)


@wrong("stack_field")
def always_odd(k, layers):
    return 1 + layers * 2 * (k // 2)


@wrong("stack_field")
def area(k, layers):
    return (1 + layers * (k - 1)) ** 2


@wrong("stack_field")
def one_more_a_layer(k, layers):
    return k + layers - 1


@wrong("stack_field")
def as_if_with_stride_two(k, layers):
    return 1 + sum((k - 1) * 2**i for i in range(layers))


@wrong("stack_field")
def loop_too_short(k, layers):
    size = k
    for _ in range(1, layers - 1):
        size += k - 1
    return size


@wrong("stack_field")
def loop_too_long(k, layers):
    size = k
    for _ in range(layers):
        size += k - 1
    return size


def run(join):
    """Return the collapsed stack by a learner's own rule for two kernels of one map, summed over the maps between."""

    def collapse(kernels):
        whole = kernels[0]
        for kernel in kernels[1:]:
            whole = join(whole, kernel) if kernel.ndim == 2 else mixed(whole, kernel, join)
        return whole

    return collapse


def mixed(whole, kernel, join, sum_=sum):
    return np.array([
        [sum_([join(whole[m, c], filter_[m]) for m in range(len(filter_))]) for c in range(whole.shape[1])] for filter_ in kernel
    ])  # fmt: skip


@wrong("collapse_stack")
def correlation_of_correlations(kernels):
    return run(correlate2d)(kernels)


@wrong("collapse_stack")
def second_kernel_flipped(kernels):
    return run(lambda a, b: correlate2d(b, a))(kernels)


@wrong("collapse_stack")
def last_kernel_first(kernels):
    return run(convolve2d)(kernels[::-1])


@wrong("collapse_stack")
def same_size(kernels):
    return run(lambda a, b: convolve2d(a, b, mode="same"))(kernels)


@wrong("collapse_stack")
def maps_averaged(kernels):
    whole = kernels[0]
    for kernel in kernels[1:]:
        if kernel.ndim == 2:
            whole = convolve2d(whole, kernel)
        else:
            whole = mixed(whole, kernel, convolve2d, lambda parts: np.mean(parts, axis=0))
    return whole


@wrong("collapse_stack")
def channels_not_summed(kernels):
    whole = kernels[0]
    for kernel in kernels[1:]:
        if kernel.ndim == 2:
            whole = convolve2d(whole, kernel)
        else:
            whole = mixed(whole, kernel, convolve2d, lambda parts: parts[0])
    return whole


@wrong("collapse_stack")
def return_in_the_loop(kernels):
    whole = kernels[0]
    for kernel in kernels[1:]:
        return convolve2d(whole, kernel) if kernel.ndim == 2 else mixed(whole, kernel, convolve2d)
    return whole


@wrong("collapse_stack")
def last_one_forgotten(kernels):
    return run(convolve2d)(kernels[:-1] if len(kernels) > 1 else kernels)


@wrong("collapse_stack")
def result_flipped(kernels):
    return run(convolve2d)(kernels)[..., ::-1, ::-1]


@wrong("collapse_stack")
def filters_behind_channels(kernels):
    whole = run(convolve2d)(kernels)
    return whole if whole.ndim == 2 else whole.transpose(1, 0, 2, 3)


@wrong("collapse_stack")
def emptied_list(kernels):
    whole = kernels.pop(0)
    while kernels:
        kernel = kernels.pop(0)
        whole = convolve2d(whole, kernel) if kernel.ndim == 2 else mixed(whole, kernel, convolve2d)
    return whole


@wrong("collapse_stack")
def added_kernels(kernels):
    size = [1 + sum(k.shape[axis] - 1 for k in kernels) for axis in (-2, -1)]
    lead = (kernels[-1].shape[0], kernels[0].shape[1]) if kernels[0].ndim == 4 else ()
    return np.zeros((*lead, *size))


@wrong("collapse_stack")
def two_axes_only(kernels):
    whole = kernels[0]
    for kernel in kernels[1:]:
        whole = convolve2d(whole, kernel)
    return whole


@wrong("collapse_stack")
def maps_summed_too_early(kernels):
    whole = kernels[0]
    for kernel in kernels[1:]:
        if kernel.ndim == 2:
            whole = convolve2d(whole, kernel)
        else:
            whole = np.array([
                [convolve2d(whole[:, c].sum(0), filter_.sum(0)) for c in range(whole.shape[1])] for filter_ in kernel
            ])  # fmt: skip
    return whole


@wrong("collapse_stack")
def sums_to_one(kernels):
    whole = run(convolve2d)(kernels)
    return whole / whole.sum()
