"""Wrong answers to the exercise of unit 00."""

# ruff: noqa: F821 -- wrong on purpose
from __future__ import annotations

import numpy as np

from wrong import wrong

gray = np.linspace(0, 1, 60).reshape(6, 10)  # the notebook's photograph, as a global name


@wrong("brightness")
def brightest_pixel(image):
    return image.max()


@wrong("brightness")
def divided_by_the_height(image):
    return image.sum() / len(image)


@wrong("brightness")
def divided_by_the_width(image):
    return image.sum() / image.shape[1]


@wrong("brightness")
def divided_by_the_height_squared(image):
    h = image.shape[0]
    return image.sum() / (h * h)


@wrong("brightness")
def divided_by_height_plus_width(image):
    h, w = image.shape
    return np.sum(image) / (h + w)


@wrong("brightness")
def the_sum(image):
    return image.sum()


@wrong("brightness")
def median(image):
    return np.median(image)


@wrong("brightness")
def middle_between_darkest_and_brightest(image):
    return (image.min() + image.max()) / 2


@wrong("brightness")
def mean_of_each_column(image):
    return np.mean(image, axis=0)


@wrong("brightness")
def pythons_sum_over_rows(image):
    return sum(image) / len(image)


@wrong("brightness")
def scaled_to_255(image):
    return image.mean() * 255


@wrong("brightness")
def divided_by_255_again(image):
    return (image / 255).mean()


@wrong("brightness")
def rounded(image):
    return round(image.mean(), 2)


@wrong("brightness")
def whole_number_division(image):
    return image.sum() // image.size


@wrong("brightness")
def printed_not_returned(image):
    print(image.mean())


@wrong("brightness")
def the_notebooks_gray(image):
    return gray.mean()


@wrong("brightness")
def returns_inside_the_loop(image):
    total = 0
    for row in image:
        for pixel in row:
            total += pixel
        return total / image.size


@wrong("brightness")
def loops_one_short(image):
    h, w = image.shape
    total = 0.0
    for i in range(h - 1):
        for j in range(w - 1):
            total += image[i, j]
    return total / (h * w)


@wrong("brightness")
def loops_over_the_height_twice(image):
    total = 0.0
    for i in range(image.shape[0]):
        for j in range(image.shape[0]):
            total += image[i, j]
    return total / image.size


@wrong("brightness")
def only_the_first_row(image):
    return image[0].mean()


@wrong("brightness")
def without_the_black_pixels(image):
    return image[image > 0].mean()


@wrong("brightness")
def share_of_bright_pixels(image):
    return (image > 0.5).mean()


@wrong("brightness")
def divided_in_place(image):
    image /= image.size
    return image.sum()


@wrong("brightness")
def as_text(image):
    return f"{image.mean():.3f}"


@wrong("brightness")
def method_without_brackets(image):
    return image.sum / image.size


@wrong("brightness")
def range_of_a_shape(image):
    total = 0
    for row in range(image.shape):
        total += image[row].sum()
    return total / image.size


@wrong("brightness")
def a_typo(image):
    return imgae.mean()


@wrong("brightness")
def luminance_of_rows(image):
    return np.mean(0.299 * image[0] + 0.587 * image[1] + 0.114 * image[2])


@wrong("brightness")
def length_of_a_list(image):
    return image.sum() / image.length
