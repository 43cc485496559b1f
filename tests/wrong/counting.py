"""Wrong answers to the exercises of unit 02, as people really write them: only tests and benchmarks may know them."""

from __future__ import annotations

import math

import numpy as np

from wrong import wrong


@wrong("conv_params")
def no_bias_at_all(c_in, c_out, k, bias=True):
    return c_in * c_out * k * k


@wrong("conv_params")
def a_bias_always(c_in, c_out, k, bias=True):
    return (c_in * k * k + 1) * c_out


@wrong("conv_params")
def channels_of_the_input_forgotten(c_in, c_out, k, bias=True):
    return (k * k + bias) * c_out


@wrong("conv_params")
def plus_one_at_the_end(c_in, c_out, k, bias=True):
    return c_in * c_out * k * k + (1 if bias else 0)


@wrong("conv_params")
def bias_for_each_input_map(c_in, c_out, k, bias=True):
    n = c_in * c_out * k * k
    if bias:
        n += c_in
    return n


@wrong("conv_params")
def k_not_squared(c_in, c_out, k, bias=True):
    return c_out * (c_in * k + bias)


@wrong("conv_params")
def k_doubled(c_in, c_out, k, bias=True):
    return c_out * (c_in * k * 2 + bias)


@wrong("conv_params")
def bias_per_kernel(c_in, c_out, k, bias=True):
    return c_out * c_in * (k * k + bias)


@wrong("conv_params")
def one_filter_only(c_in, c_out, k, bias=True):
    return c_in * k**2 + bias


@wrong("conv_params")
def bias_the_wrong_way_round(c_in, c_out, k, bias=True):
    return c_in * c_out * k**2 + (0 if bias else c_out)


@wrong("conv_params")
def prints_it(c_in, c_out, k, bias=True):
    print(c_out * (c_in * k * k + bias))


@wrong("conv_params")
def square_of_the_filters(c_in, c_out, k, bias=True):
    return c_out * c_out * k * k + c_out * bias


@wrong("conv_params")
def cubed_kernel(c_in, c_out, k, bias=True):
    return c_out * (c_in * k**3 + bias)


@wrong("linear_params")
def only_channels(shape_in, shape_out, bias=True):
    return shape_in[0] * shape_out[0] + (shape_out[0] if bias else 0)


@wrong("linear_params")
def without_its_bias(shape_in, shape_out, bias=True):
    return math.prod(shape_in) * math.prod(shape_out)


@wrong("linear_params")
def with_bias_always(shape_in, shape_out, bias=True):
    return (math.prod(shape_in) + 1) * math.prod(shape_out)


@wrong("linear_params")
def bias_of_inputs(shape_in, shape_out, bias=True):
    inputs, outputs = math.prod(shape_in), math.prod(shape_out)
    return inputs * outputs + (inputs if bias else 0)


@wrong("linear_params")
def one_bias_in_all(shape_in, shape_out, bias=True):
    return math.prod(shape_in) * math.prod(shape_out) + int(bias)


@wrong("linear_params")
def sums_of_sides(shape_in, shape_out, bias=True):
    return sum(shape_in) * sum(shape_out) + sum(shape_out) * bias


@wrong("linear_params")
def bias_per_output_map(shape_in, shape_out, bias=True):
    return math.prod(shape_in) * math.prod(shape_out) + bias * shape_out[0]


@wrong("linear_params")
def inputs_plus_outputs(shape_in, shape_out, bias=True):
    return math.prod(shape_in) + math.prod(shape_out) + (math.prod(shape_out) if bias else 0)


@wrong("linear_params")
def channels_not_counted(shape_in, shape_out, bias=True):
    _, h, w = shape_in
    _, rows, columns = shape_out
    return (h * w + bias) * rows * columns


@wrong("linear_params")
def squares_the_height(shape_in, shape_out, bias=True):
    inputs, outputs = shape_in[0] * shape_in[1] ** 2, shape_out[0] * shape_out[1] ** 2
    return inputs * outputs + outputs * bias


@wrong("linear_params")
def a_convolution_of_one_pixel(shape_in, shape_out, bias=True):
    return (shape_in[0] + bias) * shape_out[0]


@wrong("linear_params")
def multiplies_tuples(shape_in, shape_out, bias=True):
    return shape_in * shape_out + shape_out * bias


@wrong("linear_params")
def only_pixels_of_the_output(shape_in, shape_out, bias=True):
    return (math.prod(shape_in) + bias) * math.prod(shape_out[1:])


@wrong("conv_macs")
def just_the_weights(c_in, c_out, k, h_out, w_out):
    return c_in * c_out * k * k


@wrong("conv_macs")
def flops(c_in, c_out, k, h_out, w_out):
    return 2 * c_in * c_out * k * k * h_out * w_out


@wrong("conv_macs")
def without_input_channels(c_in, c_out, k, h_out, w_out):
    return c_out * k * k * h_out * w_out


@wrong("conv_macs")
def without_output_channels(c_in, c_out, k, h_out, w_out):
    return c_in * k * k * h_out * w_out


@wrong("conv_macs")
def side_of_the_kernel_once(c_in, c_out, k, h_out, w_out):
    return c_in * c_out * k * h_out * w_out


@wrong("conv_macs")
def with_the_bias(c_in, c_out, k, h_out, w_out):
    return (c_in * k * k + 1) * c_out * h_out * w_out


@wrong("conv_macs")
def additions_one_fewer(c_in, c_out, k, h_out, w_out):
    return (c_in * k * k - 1) * c_out * h_out * w_out


@wrong("conv_macs")
def square_map(c_in, c_out, k, h_out, w_out):
    return c_in * c_out * k**2 * h_out**2


@wrong("conv_macs")
def sum_of_the_sides(c_in, c_out, k, h_out, w_out):
    return c_in * c_out * k**2 * (h_out + w_out)


@wrong("conv_macs")
def counted_at_the_input(c_in, c_out, k, h_out, w_out):
    return c_in * c_out * k**2 * (h_out + k - 1) * (w_out + k - 1)


@wrong("conv_macs")
def places_inside_the_map(c_in, c_out, k, h_out, w_out):
    return c_in * c_out * k**2 * (h_out - k + 1) * (w_out - k + 1)


@wrong("conv_macs")
def only_the_outputs(c_in, c_out, k, h_out, w_out):
    return c_out * h_out * w_out


def sides(shape, k, stride, padding):
    return tuple((side + 2 * padding - k) // stride + 1 for side in shape[1:])


def walk(layers, shape, conv=sides, pool=sides, flat=math.prod, channels=lambda c, shape: c):
    shapes = []
    for kind, *numbers in layers:
        if kind == "conv":
            shape = (channels(numbers[0], shape), *conv(shape, *numbers[1:]))
        elif kind == "pool":
            shape = (shape[0], *pool(shape, *numbers, 0))
        else:
            shape = (flat(shape),) if kind == "flatten" else tuple(numbers)
        shapes.append(shape)
    return shapes


@wrong("trace_shapes")
def no_plus_one(layers, shape):
    return walk(layers, shape, conv=lambda s, k, step, p: tuple((n + 2 * p - k) // step for n in s[1:]))


@wrong("trace_shapes")
def padding_once(layers, shape):
    return walk(layers, shape, conv=lambda s, k, step, p: tuple((n + p - k) // step + 1 for n in s[1:]))


@wrong("trace_shapes")
def no_padding(layers, shape):
    return walk(layers, shape, conv=lambda s, k, step, p: sides(s, k, step, 0))


@wrong("trace_shapes")
def no_stride(layers, shape):
    return walk(layers, shape, conv=lambda s, k, step, p: sides(s, k, 1, p))


@wrong("trace_shapes")
def pooling_divides(layers, shape):
    return walk(layers, shape, pool=lambda s, k, step, p: tuple(n // step for n in s[1:]))


@wrong("trace_shapes")
def pooling_divides_by_its_window(layers, shape):
    return walk(layers, shape, pool=lambda s, k, step, p: tuple(n // k for n in s[1:]))


@wrong("trace_shapes")
def pooling_rounds_up(layers, shape):
    return walk(layers, shape, pool=lambda s, k, step, p: tuple(-(-(n - k) // step) + 1 for n in s[1:]))


@wrong("trace_shapes")
def square_images_only(layers, shape):
    return walk(
        layers,
        shape,
        conv=lambda s, k, step, p: sides(s, k, step, p)[:1] * 2,
        pool=lambda s, k, step, p: sides(s, k, step, p)[:1] * 2,
    )


@wrong("trace_shapes")
def channels_stay(layers, shape):
    return walk(layers, shape, channels=lambda c, before: before[0])


@wrong("trace_shapes")
def channels_multiply(layers, shape):
    return walk(layers, shape, channels=lambda c, before: c * before[0])


@wrong("trace_shapes")
def flatten_pixels_only(layers, shape):
    return walk(layers, shape, flat=lambda s: math.prod(s[1:]))


@wrong("trace_shapes")
def flatten_adds_up(layers, shape):
    return walk(layers, shape, flat=sum)


@wrong("trace_shapes")
def numbers_in_the_end(layers, shape):
    return [s[0] if len(s) == 1 else s for s in walk(layers, shape)]


@wrong("trace_shapes")
def with_the_input(layers, shape):
    return [shape, *walk(layers, shape)]


@wrong("trace_shapes")
def only_the_end(layers, shape):
    return walk(layers, shape)[-1]


@wrong("trace_shapes")
def lists_inside(layers, shape):
    return [list(s) for s in walk(layers, shape)]


@wrong("trace_shapes")
def a_tuple_of_shapes(layers, shape):
    return tuple(walk(layers, shape))


@wrong("trace_shapes")
def divides_with_a_fraction(layers, shape):
    return walk(layers, shape, conv=lambda s, k, step, p: tuple((n + 2 * p - k) / step + 1 for n in s[1:]))


@wrong("trace_shapes")
def eats_the_list(layers, shape):
    shapes = []
    while layers:
        shapes += walk([layers.pop(0)], shapes[-1] if shapes else shape)
    return shapes


@wrong("trace_shapes")
def never_moves_on(layers, shape):
    return [walk([layer], shape)[0] for layer in layers]


@wrong("trace_shapes")
def padded_to_the_same_size(layers, shape):
    return walk(layers, shape, conv=lambda s, k, step, p: tuple(-(-n // step) for n in s[1:]))


@wrong("receptive_field")
def strides_forgotten(layers):
    return 1 + sum(k - 1 for k, _ in layers), math.prod(s for _, s in layers)


@wrong("receptive_field")
def jump_before_size(layers):
    size = jump = 1
    for k, stride in layers:
        jump *= stride
        size += (k - 1) * jump
    return size, jump


@wrong("receptive_field")
def from_the_wrong_end(layers):
    size = jump = 1
    for k, stride in reversed(layers):
        size += (k - 1) * jump
        jump *= stride
    return size, jump


@wrong("receptive_field")
def starts_at_0(layers):
    size, jump = 0, 1
    for k, stride in layers:
        size += (k - 1) * jump
        jump *= stride
    return size, jump


@wrong("receptive_field")
def adds_whole_kernels(layers):
    size, jump = 1, 1
    for k, stride in layers:
        size += k * jump
        jump *= stride
    return size, jump


@wrong("receptive_field")
def adds_whole_kernels_from_0(layers):
    size, jump = 0, 1
    for k, stride in layers:
        size += k * jump
        jump *= stride
    return size, jump


@wrong("receptive_field")
def own_stride_only(layers):
    size, jump = 1, 1
    for k, stride in layers:
        size += (k - 1) * stride
        jump *= stride
    return size, jump


@wrong("receptive_field")
def jump_of_sums(layers):
    size, jump = 1, 1
    for k, stride in layers:
        size += (k - 1) * jump
        jump += stride
    return size, jump


@wrong("receptive_field")
def jump_replaced(layers):
    size, jump = 1, 1
    for k, stride in layers:
        size += (k - 1) * jump
        jump = stride
    return size, jump


@wrong("receptive_field")
def only_the_size(layers):
    size, jump = 1, 1
    for k, stride in layers:
        size += (k - 1) * jump
        jump *= stride
    return size


@wrong("receptive_field")
def other_way_round(layers):
    size, jump = 1, 1
    for k, stride in layers:
        size += (k - 1) * jump
        jump *= stride
    return jump, size


@wrong("receptive_field")
def product_of_kernels(layers):
    return math.prod(k for k, _ in layers), math.prod(s for _, s in layers)


@wrong("receptive_field")
def half_windows(layers):
    size, jump = 1, 1
    for k, stride in layers:
        size += 2 * (k // 2) * jump
        jump *= stride
    return size, jump


@wrong("receptive_field")
def empty_is_nothing(layers):
    if not layers:
        return 0, 1
    size, jump = 1, 1
    for k, stride in layers:
        size += (k - 1) * jump
        jump *= stride
    return size, jump


@wrong("receptive_field")
def fails_without_layers(layers):
    size, jump = layers[0]
    for k, stride in layers[1:]:
        size += (k - 1) * jump
        jump *= stride
    return size, jump


@wrong("receptive_field")
def a_list_of_two(layers):
    size, jump = 1, 1
    for k, stride in layers:
        size += (k - 1) * jump
        jump *= stride
    return [size, jump]


@wrong("receptive_field")
def pops_the_layers(layers):
    size = jump = 1
    while layers:
        k, stride = layers.pop(0)
        size += (k - 1) * jump
        jump *= stride
    return size, jump


@wrong("receptive_field")
def pair_exchanged(layers):
    size = jump = 1
    for stride, k in layers:
        size += (k - 1) * jump
        jump *= stride
    return size, jump


@wrong("receptive_field")
def last_stride_left_out(layers):
    size, jump = 1, 1
    for i, (k, stride) in enumerate(layers):
        size += (k - 1) * jump
        if i < len(layers) - 1:
            jump *= stride
    return size, jump


@wrong("receptive_field")
def return_in_the_loop(layers):
    size = jump = 1
    for k, stride in layers:
        size += (k - 1) * jump
        jump *= stride
        return size, jump
    return size, jump


def mixed(x, w):
    return np.einsum("fc,nchw->nfhw", w, x)


@wrong("conv1x1")
def never_a_bias(x, w, b=None):
    return mixed(x, w)


@wrong("conv1x1")
def bias_at_the_end(x, w, b=None):
    return mixed(x, w) + (0 if b is None else b)


@wrong("conv1x1")
def asks_the_bias(x, w, b=None):
    return mixed(x, w) + b.reshape(-1, 1, 1) if b else mixed(x, w)


@wrong("conv1x1")
def transposed_weights(x, w, b=None):
    y = np.einsum("cf,nchw->nfhw", w, x)
    return y if b is None else y + b[:, None, None]


@wrong("conv1x1")
def filters_at_the_end(x, w, b=None):
    y = x.transpose(0, 2, 3, 1) @ w.T
    return y if b is None else y + b


@wrong("conv1x1")
def reshaped_back(x, w, b=None):
    n, _, height, width = x.shape
    y = x.transpose(0, 2, 3, 1) @ w.T
    return (y if b is None else y + b).reshape(n, len(w), height, width)


@wrong("conv1x1")
def plain_matrix_product(x, w, b=None):
    y = w @ x
    return y if b is None else y + b


@wrong("conv1x1")
def means_over_channels(x, w, b=None):
    y = mixed(x, w) / x.shape[1]
    return y if b is None else y + b[:, None, None]


@wrong("conv1x1")
def last_channel_wins(x, w, b=None):
    n, c, height, width = x.shape
    y = np.zeros((n, len(w), height, width))
    for f in range(len(w)):
        for channel in range(c):
            y[:, f] = w[f, channel] * x[:, channel]
        if b is not None:
            y[:, f] += b[f]
    return y


@wrong("conv1x1")
def bias_for_every_channel(x, w, b=None):
    n, c, height, width = x.shape
    y = np.zeros((n, len(w), height, width))
    for f in range(len(w)):
        for channel in range(c):
            y[:, f] += w[f, channel] * x[:, channel] + (0 if b is None else b[f])
    return y


@wrong("conv1x1")
def first_image_only(x, w, b=None):
    y = np.tensordot(w, x[0], 1)[None]
    return y if b is None else y + b[:, None, None]


@wrong("conv1x1")
def filters_before_images(x, w, b=None):
    y = np.tensordot(w, x, axes=(1, 1))
    return y if b is None else y + b[:, None, None, None]


@wrong("conv1x1")
def in_place(x, w, b=None):
    x *= w[0][:, None, None]
    return x.sum(1, keepdims=True)


@wrong("conv1x1")
def rectified(x, w, b=None):
    y = mixed(x, w) + (0 if b is None else b[:, None, None])
    return np.maximum(y, 0)


@wrong("conv1x1")
def whole_numbers(x, w, b=None):
    y = np.zeros((len(x), len(w), *x.shape[2:]), dtype=int)
    y[:] = mixed(x, w) + (0 if b is None else b[:, None, None])
    return y


@wrong("conv1x1")
def one_number_a_filter(x, w, b=None):
    y = np.stack([x.sum(1) * w[f, 0] for f in range(len(w))], axis=1)
    return y if b is None else y + b[:, None, None]


@wrong("bottleneck_params")
def only_the_second(c, squeeze, k):
    return squeeze * c * k * k


@wrong("bottleneck_params")
def one_number_a_small_filter(c, squeeze, k):
    return squeeze + squeeze * c * k * k


@wrong("bottleneck_params")
def with_biases(c, squeeze, k):
    return squeeze * (c + 1) + c * (squeeze * k * k + 1)


@wrong("bottleneck_params")
def no_square(c, squeeze, k):
    return c * squeeze + squeeze * c * k


@wrong("bottleneck_params")
def never_back_to_c(c, squeeze, k):
    return c * squeeze + squeeze * squeeze * k * k


@wrong("bottleneck_params")
def never_squeezed(c, squeeze, k):
    return c * squeeze + c * c * k * k


@wrong("bottleneck_params")
def k_in_both(c, squeeze, k):
    return 2 * c * squeeze * k * k


@wrong("bottleneck_params")
def the_saving(c, squeeze, k):
    return c * c * k * k - (c * squeeze + squeeze * c * k * k)


@wrong("bottleneck_params")
def the_share(c, squeeze, k):
    return (c * squeeze + squeeze * c * k * k) / (c * c * k * k)


@wrong("bottleneck_params")
def three_layers(c, squeeze, k):
    return c * squeeze + squeeze * squeeze * k * k + squeeze * c


@wrong("bottleneck_params")
def multiplied(c, squeeze, k):
    return (c * squeeze) * (squeeze * c * k * k)


@wrong("bottleneck_params")
def two_small_ones(c, squeeze, k):
    return c * squeeze + squeeze * c


@wrong("bottleneck_params")
def the_plain_one(c, squeeze, k):
    return c * c * k * k


@wrong("conv_params")
def channels_added(c_in, c_out, k, bias=True):
    return (c_in + c_out) * k * k + bias * c_out


@wrong("conv_params")
def bias_for_every_weight_of_a_kernel(c_in, c_out, k, bias=True):
    return c_out * (c_in * k * k + k * k * bias)


@wrong("linear_params")
def output_like_the_input(shape_in, shape_out, bias=True):
    return math.prod(shape_in) ** 2 + bias * math.prod(shape_in)


@wrong("linear_params")
def bias_turned_round(shape_in, shape_out, bias=True):
    outputs = math.prod(shape_out)
    return math.prod(shape_in) * outputs + (0 if bias else outputs)


@wrong("conv_macs")
def channels_in_and_out_added(c_in, c_out, k, h_out, w_out):
    return (c_in + c_out) * k * k * h_out * w_out


@wrong("conv_macs")
def additions_one_fewer_in_each_kernel(c_in, c_out, k, h_out, w_out):
    return c_in * c_out * (2 * k * k - 1) * h_out * w_out


def traced(layers, shape, conv, pool):
    shapes = []
    for layer in layers:
        if layer[0] == "conv":
            shape = conv(shape, *layer[1:])
        elif layer[0] == "pool":
            shape = pool(shape, *layer[1:])
        else:
            shape = (math.prod(shape),) if layer[0] == "flatten" else (layer[1],)
        shapes.append(shape)
    return shapes


def plain_conv(shape, c_out, k, stride, padding):
    return (c_out, *((side + 2 * padding - k) // stride + 1 for side in shape[1:]))


def plain_pool(shape, k, stride):
    return (shape[0], *((side - k) // stride + 1 for side in shape[1:]))


@wrong("trace_shapes")
def rounds_to_the_nearest(layers, shape):
    def conv(shape, c_out, k, stride, padding):
        return (c_out, *(round((side + 2 * padding - k) / stride) + 1 for side in shape[1:]))

    return traced(layers, shape, conv, plain_pool)


@wrong("trace_shapes")
def pooling_without_its_plus_one(layers, shape):
    def pool(shape, k, stride):
        return (shape[0], *((side - k) // stride for side in shape[1:]))

    return traced(layers, shape, plain_conv, pool)


@wrong("trace_shapes")
def pooling_padded(layers, shape):
    def pool(shape, k, stride):
        return (shape[0], *((side + 2 * (k // 2) - k) // stride + 1 for side in shape[1:]))

    return traced(layers, shape, plain_conv, pool)


@wrong("trace_shapes")
def pooling_over_the_channels(layers, shape):
    def pool(shape, k, stride):
        return (shape[0] // k, *plain_pool(shape, k, stride)[1:])

    return traced(layers, shape, plain_conv, pool)


@wrong("trace_shapes")
def pooling_into_one_map(layers, shape):
    return traced(layers, shape, plain_conv, lambda shape, k, stride: (1, *plain_pool(shape, k, stride)[1:]))


@wrong("trace_shapes")
def rows_and_columns_exchanged(layers, shape):
    def conv(shape, *numbers):
        c, rows, columns = plain_conv(shape, *numbers)
        return (c, columns, rows)

    return traced(layers, shape, conv, plain_pool)


def walked_up(layers, step):
    size, jump = 1, 1
    for k, stride in layers:
        size, jump = step(size, jump, k, stride)
    return size, jump


@wrong("receptive_field")
def always_windows_of_3(layers):
    return walked_up(layers, lambda size, jump, k, stride: (size + 2 * jump, jump * stride))


@wrong("receptive_field")
def strides_only_in_the_last_jump(layers):
    size = 1 + sum(k - 1 for k, _ in layers)
    return size, layers[-1][1] if layers else 1


@wrong("receptive_field")
def jump_never_told(layers):
    return walked_up(layers, lambda size, jump, k, stride: (size + (k - 1) * jump, jump * stride))[0], 1


@wrong("receptive_field")
def jump_grows_by_stride_minus_one(layers):
    return walked_up(layers, lambda size, jump, k, stride: (size + (k - 1) * jump, jump + stride - 1))


@wrong("receptive_field")
def jump_times_the_kernel(layers):
    return walked_up(layers, lambda size, jump, k, stride: (size + (k - 1) * jump, jump * k))


@wrong("receptive_field")
def kernel_minus_stride(layers):
    return walked_up(layers, lambda size, jump, k, stride: (size + (k - stride) * jump, jump * stride))


@wrong("receptive_field")
def area_of_the_field(layers):
    size, jump = walked_up(layers, lambda size, jump, k, stride: (size + (k - 1) * jump, jump * stride))
    return size**2, jump


@wrong("conv1x1")
def rows_made_by_a_reshape(x, w, b=None):
    n, c, height, width = x.shape
    y = x.reshape(-1, c) @ w.T
    if b is not None:
        y = y + b
    return y.reshape(n, len(w), height, width)


@wrong("conv1x1")
def images_in_the_same_rows(x, w, b=None):
    n, c, height, width = x.shape
    y = (w @ x.reshape(c, -1)).reshape(n, len(w), height, width)
    return y if b is None else y + b[:, None, None]


@wrong("bottleneck_params")
def only_the_first(c, squeeze, k):
    return c * squeeze


@wrong("bottleneck_params")
def first_keeps_c_maps(c, squeeze, k):
    return c * c + squeeze * c * k * k


@wrong("bottleneck_params")
def one_filter_in_the_second(c, squeeze, k):
    return c * squeeze + squeeze * k * k


@wrong("bottleneck_params")
def one_filter_in_the_first(c, squeeze, k):
    return c + squeeze * c * k * k


@wrong("linear_params")
def one_bias_a_place(shape_in, shape_out, bias=True):
    return math.prod(shape_in) * math.prod(shape_out) + bias * shape_out[1] * shape_out[2]


@wrong("linear_params")
def one_weight_an_input(shape_in, shape_out, bias=True):
    return math.prod(shape_in) + bias * math.prod(shape_out)
