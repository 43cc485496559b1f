"""Wrong answers to the exercises of unit 08, as people really write them."""

from __future__ import annotations

import numpy as np

from wrong import wrong

# ---- random_flip


@wrong("random_flip")
def one_coin_for_the_batch(x, p, rng):
    return x[..., ::-1] if rng.random() < p else x


@wrong("random_flip")
def axis_two(x, p, rng):
    return np.stack([image[:, ::-1] if rng.random() < p else image for image in x])


@wrong("random_flip")
def axis_two_of_the_batch(x, p, rng):
    y = x.copy()
    chosen = rng.random(len(x)) < p
    y[chosen] = y[chosen, :, ::-1]
    return y


@wrong("random_flip")
def both_axes(x, p, rng):
    return np.stack([np.flip(image, (1, 2)) if rng.random() < p else image for image in x])


@wrong("random_flip")
def flip_without_an_axis(x, p, rng):
    return np.stack([np.flip(image) if rng.random() < p else image for image in x])


@wrong("random_flip")
def greater_than_p(x, p, rng):
    return np.where((rng.random(len(x)) > p)[:, None, None, None], x[..., ::-1], x)


@wrong("random_flip")
def numpys_own_generator(x, p, rng):
    return np.where((np.random.random(len(x)) < p)[:, None, None, None], x[..., ::-1], x)


@wrong("random_flip")
def seeded_inside(x, p, rng):
    rng = np.random.default_rng(42)
    return np.where((rng.random(len(x)) < p)[:, None, None, None], x[..., ::-1], x)


@wrong("random_flip")
def written_into_x(x, p, rng):
    for i in range(len(x)):
        if rng.random() < p:
            x[i] = x[i, :, :, ::-1].copy()
    return x


@wrong("random_flip")
def a_fixed_number(x, p, rng):
    y = x.copy()
    chosen = rng.choice(len(x), round(p * len(x)), replace=False)
    y[chosen] = y[chosen][..., ::-1]
    return y


@wrong("random_flip")
def a_coin_for_each_channel(x, p, rng):
    return np.where((rng.random(x.shape[:2]) < p)[:, :, None, None], x[..., ::-1], x)


@wrong("random_flip")
def only_the_flipped_ones(x, p, rng):
    return x[rng.random(len(x)) < p][..., ::-1]


# ---- random_crop


def _padded(x, padding, **options):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), **options)


def _cut(x, full, draw):
    h, w = x.shape[2:]
    return np.stack([image[:, r : r + h, q : q + w] for image, (r, q) in zip(full, draw, strict=True)])


@wrong("random_crop")
def upper_bound_left_out(x, padding, rng):
    return _cut(x, _padded(x, padding), rng.integers(0, max(1, 2 * padding), (len(x), 2)))


@wrong("random_crop")
def up_to_padding(x, padding, rng):
    return _cut(x, _padded(x, padding), rng.integers(0, padding + 1, (len(x), 2)))


@wrong("random_crop")
def one_offset_for_all(x, padding, rng):
    r, q = rng.integers(0, 2 * padding + 1, 2)
    return _padded(x, padding)[:, :, r : r + x.shape[2], q : q + x.shape[3]]


@wrong("random_crop")
def one_number_for_both_axes(x, padding, rng):
    return _cut(x, _padded(x, padding), [(o, o) for o in rng.integers(0, 2 * padding + 1, len(x))])


@wrong("random_crop")
def rolled(x, padding, rng):
    return np.stack([np.roll(image, rng.integers(-padding, padding + 1, 2), (1, 2)) for image in x])


@wrong("random_crop")
def reflected(x, padding, rng):
    return _cut(x, _padded(x, padding, mode="reflect"), rng.integers(0, 2 * padding + 1, (len(x), 2)))


@wrong("random_crop")
def edges_repeated(x, padding, rng):
    return _cut(x, _padded(x, padding, mode="edge"), rng.integers(0, 2 * padding + 1, (len(x), 2)))


@wrong("random_crop")
def only_padded(x, padding, rng):
    return _padded(x, padding)


@wrong("random_crop")
def rounded_uniform(x, padding, rng):
    return _cut(x, _padded(x, padding), rng.uniform(0, 2 * padding, (len(x), 2)).round().astype(int))


@wrong("random_crop")
def numpys_global_draws(x, padding, rng):
    return _cut(x, _padded(x, padding), np.random.randint(0, 2 * padding + 1, (len(x), 2)))


@wrong("random_crop")
def a_generator_of_its_own(x, padding, rng):
    return _cut(x, _padded(x, padding), np.random.default_rng(0).integers(0, 2 * padding + 1, (len(x), 2)))


@wrong("random_crop")
def starts_at_one(x, padding, rng):
    low = min(1, padding)
    return _cut(x, _padded(x, padding), rng.integers(low, 2 * padding + 1, (len(x), 2)))


# ---- resize_short_side


def _grid(image, rows, columns, centre=0.5):
    for axis, side in ((1, rows), (2, columns)):
        old = image.shape[axis]
        at = np.clip((np.arange(side) + centre) * old / side - centre, 0, old - 1)
        weights = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(old)))
        image = np.moveaxis(np.tensordot(weights, image, (1, axis)), 0, axis)
    return image


def _short(image, size, rule=lambda size, long, short: size * long // short):
    h, w = image.shape[1:]
    other = rule(size, max(h, w), min(h, w))
    return (size, other) if h <= w else (other, size)


@wrong("resize_short_side")
def corners_aligned(image, size):
    h, w = image.shape[1:]
    rows, columns = _short(image, size)
    r, q = np.linspace(0, h - 1, rows), np.linspace(0, w - 1, columns)
    a, b = (np.maximum(0, 1 - np.abs(at[:, None] - np.arange(n))) for at, n in ((r, h), (q, w)))
    return a @ image @ b.T


@wrong("resize_short_side")
def no_half_pixels(image, size):
    return _grid(image, *_short(image, size), centre=0)


@wrong("resize_short_side")
def the_long_side(image, size):
    h, w = image.shape[1:]
    return _grid(image, *((size, max(1, size * w // h)) if h >= w else (max(1, size * h // w), size)))


@wrong("resize_short_side")
def rounded_up(image, size):
    return _grid(image, *_short(image, size, lambda size, long, short: -(-size * long // short)))


@wrong("resize_short_side")
def rounded(image, size):
    return _grid(image, *_short(image, size, lambda size, long, short: round(size * long / short)))


@wrong("resize_short_side")
def whole_scale(image, size):
    return _grid(image, *_short(image, size, lambda size, long, short: size * (long // short)))


@wrong("resize_short_side")
def a_square(image, size):
    return _grid(image, size, size)


@wrong("resize_short_side")
def always_the_height(image, size):
    return _grid(image, size, max(1, size * image.shape[2] // image.shape[1]))


@wrong("resize_short_side")
def always_the_width(image, size):
    return _grid(image, max(1, size * image.shape[1] // image.shape[2]), size)


@wrong("resize_short_side")
def nearest(image, size):
    h, w = image.shape[1:]
    rows, columns = _short(image, size)
    return image[:, np.arange(rows) * h // rows][:, :, np.arange(columns) * w // columns]


@wrong("resize_short_side")
def sides_swapped(image, size):
    rows, columns = _short(image, size)
    return _grid(image, columns, rows)


# ---- ten_crop


def _five(image, size, nudge=0):
    h, w = image.shape[1:]
    r, q = (h - size) // 2 + nudge, (w - size) // 2 + nudge
    places = [(0, 0), (0, w - size), (h - size, 0), (h - size, w - size), (r, q)]
    return [image[:, a : a + size, b : b + size] for a, b in places]


@wrong("ten_crop")
def centre_one_too_far(image, size):
    h, w = image.shape[1:]
    five = _five(image, size)
    r, q = min((h - size) // 2 + 1, h - size), min((w - size) // 2 + 1, w - size)
    five[4] = image[:, r : r + size, q : q + size]
    return np.stack(five + [crop[..., ::-1] for crop in five])


@wrong("ten_crop")
def flipped_upside_down(image, size):
    five = _five(image, size)
    return np.stack(five + [crop[:, ::-1] for crop in five])


@wrong("ten_crop")
def flipped_both_ways(image, size):
    five = _five(image, size)
    return np.stack(five + [crop[:, ::-1, ::-1] for crop in five])


@wrong("ten_crop")
def five_only(image, size):
    return np.stack(_five(image, size))


@wrong("ten_crop")
def each_twice(image, size):
    return np.stack(_five(image, size) * 2)


@wrong("ten_crop")
def no_centre(image, size):
    four = _five(image, size)[:4]
    return np.stack(four + [crop[..., ::-1] for crop in four])


@wrong("ten_crop")
def channels_flipped(image, size):
    five = _five(image, size)
    return np.stack(five + [crop[::-1] for crop in five])


@wrong("ten_crop")
def a_list(image, size):
    five = _five(image, size)
    return five + [crop[..., ::-1] for crop in five]


@wrong("ten_crop")
def corners_of_a_square(image, size):
    h = image.shape[1]
    places = [(0, 0), (0, h - size), (h - size, 0), (h - size, h - size), ((h - size) // 2,) * 2]
    five = [image[:, a : a + size, b : b + size] for a, b in places]
    return np.stack(five + [crop[..., ::-1] for crop in five])


@wrong("ten_crop")
def flips_without_the_centre(image, size):
    five = _five(image, size)
    return np.stack(five + [crop[..., ::-1] for crop in five[:4]] + five[4:])


@wrong("ten_crop")
def last_corner_cut_at_minus_size_minus_one(image, size):
    five = _five(image, size)
    h, w = image.shape[1:]
    r, q = max(0, h - size - 1), max(0, w - size - 1)
    five[3] = image[:, r : r + size, q : q + size]
    return np.stack(five + [crop[..., ::-1] for crop in five])


# ---- random_resized_patch


def _resized(image, size):
    return _grid(image, *_short(image, size))


def _patch(full, size, rng, extra=1):
    row = int(rng.integers(0, max(1, full.shape[1] - size + extra)))
    column = int(rng.integers(0, max(1, full.shape[2] - size + extra)))
    return full[:, row : row + size, column : column + size]


@wrong("random_resized_patch")
def high_left_out(image, low, high, size, rng):
    return _patch(_resized(image, int(rng.integers(low, max(high, low + 1)))), size, rng)


@wrong("random_resized_patch")
def last_place_left_out(image, low, high, size, rng):
    return _patch(_resized(image, int(rng.integers(low, high + 1))), size, rng, extra=0)


@wrong("random_resized_patch")
def centre_patch(image, low, high, size, rng):
    full = _resized(image, int(rng.integers(low, high + 1)))
    row, column = (full.shape[1] - size) // 2, (full.shape[2] - size) // 2
    return full[:, row : row + size, column : column + size]


@wrong("random_resized_patch")
def corner_patch(image, low, high, size, rng):
    return _resized(image, int(rng.integers(low, high + 1)))[:, :size, :size]


@wrong("random_resized_patch")
def one_offset_for_both_axes(image, low, high, size, rng):
    full = _resized(image, int(rng.integers(low, high + 1)))
    start = int(rng.integers(0, min(full.shape[1:]) - size + 1))
    return full[:, start : start + size, start : start + size]


@wrong("random_resized_patch")
def resized_to_a_square(image, low, high, size, rng):
    side = int(rng.integers(low, high + 1))
    return _patch(_grid(image, side, side), size, rng)


@wrong("random_resized_patch")
def never_resized(image, low, high, size, rng):
    return _patch(image, size, rng)


@wrong("random_resized_patch")
def always_low(image, low, high, size, rng):
    return _patch(_resized(image, low), size, rng)


@wrong("random_resized_patch")
def low_or_high(image, low, high, size, rng):
    return _patch(_resized(image, low if rng.random() < 0.5 else high), size, rng)


@wrong("random_resized_patch")
def flipped_as_well(image, low, high, size, rng):
    patch = _patch(_resized(image, int(rng.integers(low, high + 1))), size, rng)
    return patch[..., ::-1] if rng.random() < 0.5 else patch


@wrong("random_resized_patch")
def resized_only(image, low, high, size, rng):
    return _resized(image, int(rng.integers(low, high + 1)))


@wrong("random_resized_patch")
def numpys_own_draws(image, low, high, size, rng):
    return _patch(_resized(image, np.random.randint(low, high + 1)), size, np.random.default_rng())


@wrong("random_resized_patch")
def seeded_in_each_call(image, low, high, size, rng):
    rng = np.random.default_rng(8)
    return _patch(_resized(image, int(rng.integers(low, high + 1))), size, rng)


@wrong("random_resized_patch")
def batch_of_one(image, low, high, size, rng):
    return _patch(_resized(image, int(rng.integers(low, high + 1))), size, rng)[None]
