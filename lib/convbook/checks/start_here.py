"""The check of unit 00: a first green line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convbook.checks.engine import families
from convbook.checks.engine.declare import case, counting, draws, every_form, exercise, mistake, table
from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.forms import Case, Unit

SIZE = "{h} · {w} = {pixels} pixels"
ALL = "a mean takes all pixels into account"
ONE = "one number for the whole image is asked for, not one for each of its parts"


def image_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small images, dark to bright, of all shapes and layouts."""
    yield from table(([[0.0, 1], [1, 1]],), ([[0.25, 0.5, 0]],), ([[0, 0.2, 0.4], [0.6, 0.8, 0.1]],))
    yield case(np.zeros((2, 3)))
    yield from every_form(counting(2, 3) / 8)
    yield from draws(rng, 6, "image (h, w)", h=(2, 6), w=(2, 6), fill=rng.random)
    yield from draws(rng, 1, "image (h, w)", h=40, w=50, fill=rng.random)


@exercise(
    "A first green check", points=2, cases=image_cases, shapes="image (h, w)",
    facts={"pixels": lambda h, w: h * w, "total": lambda image: image.sum()},
    why="the sum of all pixels is {total:.4g}, and there are " + SIZE.removesuffix(" pixels") + " of them",
    mistakes=(
        mistake("it is the sum, not the mean", "a mean is the sum divided by how many there are",
                "the sum is {total:.4g}; there are " + SIZE, result=lambda y, pixels: y * pixels),
        mistake("it is divided by the height only", "every pixel counts, so divide by height times width",
                SIZE, result=lambda y, w: y * w),
        *families.rescaled("their sum is {total:.4g}"), *families.rounded("{total:.4g} / {pixels}"),
        mistake("it is the brightest pixel", ALL, "there are {pixels}", instead=lambda image: image.max()),
        mistake("it is the middle between darkest and brightest", ALL, "there are {pixels}",
                instead=lambda image: (image.max() + image.min()) / 2),
        mistake("it is the median", "the median is the pixel in the middle of the order, the mean shares out "
                "the sum", "{total:.4g} shared out over {pixels}", instead=lambda image: image.quantile(0.5)),
        mistake("it is the mean of the first row", "all rows count", "there are {h}",
                image=lambda image: image[:1]),
        mistake("it is one mean for every column", ONE, "it must be 1 number, not {w}",
                instead=lambda image: image.mean(0)),
        mistake("it is one mean for every row", ONE, "it must be 1 number, not {h}",
                instead=lambda image: image.mean(1)),
        mistake("it is divided by the width only", "every pixel counts, so divide by height times width "
                "(whoever adds up the means of the rows divides by the width alone)", SIZE,
                result=lambda y, h: y * h),
        mistake("it is one sum for every column", "Python's own `sum` adds up the rows of an array: ask the "
                "array, `image.sum()`", "it must be 1 number, not {w}", instead=lambda image: image.sum(0)),
        mistake("the image is taken for a square", "divide by height times width, not by the height twice",
                SIZE, result=lambda y, h, w: y * w / h),
        mistake("the last row and column are left out", "`range(n)` already stops at n − 1: all rows and "
                "columns count", "there are {h} rows and {w} columns",
                result=lambda image, pixels: image[:-1, :-1].sum() / pixels),
    ),
)  # fmt: skip
def brightness(image):
    return image.mean()


unit = Unit("00_start_here", "Start here", (brightness,))
progress = reporter(unit)
drill = driller(unit)

__all__ = ["brightness", "drill", "progress", "unit"]
