"""The check of unit 00: a first green line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from convbook.checks.judge import exercise
from convbook.checks.progress import reporter
from convbook.checks.question import Question, bent, case, drawn, every_layout
from convbook.forms import Case, Unit


def mean_pixel(image, *, rule="mean"):
    """Return the mean of an image (h, w); bent, another number that is easily taken for it."""
    import torch

    pixels = torch.from_numpy(np.array(image, dtype=np.float64, order="C"))
    rules = {
        "mean": pixels.mean,
        "sum": pixels.sum,
        "largest": pixels.max,
        "middle of the range": lambda: (pixels.max() + pixels.min()) / 2,
        "median": lambda: pixels.quantile(0.5),
        "out of 255": lambda: pixels.mean() / 255,
        "first row": lambda: pixels[0].mean(),
        "only the height": lambda: pixels.sum() / pixels.shape[0],
        "columns": lambda: pixels.mean(0),
        "rows": lambda: pixels.mean(1),
        "out of 1": lambda: pixels.mean() * 255,
        "whole number": lambda: pixels.mean().trunc(),
        "only the width": lambda: pixels.sum() / pixels.shape[1],
        "column sums": lambda: pixels.sum(0),
        "two digits": lambda: pixels.mean().round(decimals=2),
        "height squared": lambda: pixels.sum() / pixels.shape[0] ** 2,
        "short": lambda: pixels[:-1, :-1].sum() / pixels.numel(),
    }
    result = rules[rule]()
    return result.numpy().copy() if result.ndim else float(result)


def image_facts(image: np.ndarray) -> dict[str, Any]:
    """Return the numbers that explain a mean."""
    return {"h": image.shape[0], "w": image.shape[1], "pixels": image.size, "total": f"{image.sum():.4g}"}


def image_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small images, dark to bright, of all shapes and layouts."""
    yield case(np.array([[0.0, 1.0], [1.0, 1.0]]))
    yield case(np.array([[0.25, 0.5, 0.0]]))
    yield case(np.array([[0.0, 0.2, 0.4], [0.6, 0.8, 0.1]]))
    yield case(np.zeros((2, 3)))
    yield from every_layout(np.arange(6.0).reshape(2, 3) / 8)
    yield case(np.arange(6, dtype=np.float32).reshape(3, 2) / 8, about="float32")
    for _ in range(6):
        yield drawn(rng.uniform(size=tuple(rng.integers(2, 7, 2))))
    yield drawn(rng.uniform(size=(40, 50)))


brightness = exercise(
    Question(
        name="brightness",
        title="A first green check",
        points=2,
        oracle=mean_pixel,
        cases=image_cases,
        facts=image_facts,
        look_at="the sum of all pixels is {total}, and there are {h} · {w} = {pixels} of them",
        mistakes=(
            bent(mean_pixel, "it is the sum, not the mean", "a mean is the sum divided by how many there are",
                 "the sum is {total}; there are {h} · {w} = {pixels} pixels", rule="sum"),
            bent(mean_pixel, "it is divided by the height only", "every pixel counts, so divide by height times width",
                 "{h} · {w} = {pixels} pixels", rule="only the height"),
            bent(mean_pixel, "it is divided by 255", "the pixels lie in 0–1 already", "their sum is {total}", rule="out of 255"),
            bent(mean_pixel, "it is the brightest pixel", "a mean takes all pixels into account",
                 "there are {pixels}", rule="largest"),
            bent(mean_pixel, "it is the middle between darkest and brightest", "a mean takes all pixels into account",
                 "there are {pixels}", rule="middle of the range"),
            bent(mean_pixel, "it is the median", "the median is the pixel in the middle of the order, the mean shares out the sum",
                 "{total} shared out over {pixels}", rule="median"),
            bent(mean_pixel, "it is the mean of the first row", "all rows count", "there are {h}", rule="first row"),
            bent(mean_pixel, "it is one mean for every column", "one number for the whole image is asked for: leave `axis` out",
                 "it must be 1 number, not {w}", rule="columns"),
            bent(mean_pixel, "it is one mean for every row", "one number for the whole image is asked for: leave `axis` out",
                 "it must be 1 number, not {h}", rule="rows"),
            bent(mean_pixel, "it is multiplied by 255", "the result lies in 0–1, as the pixels do", "their sum is {total}", rule="out of 1"),
            bent(mean_pixel, "it is cut to a whole number", "a mean of pixels in 0–1 is a fraction: neither `int` nor `//` may touch it",
                 "{total} / {pixels}", rule="whole number"),
            bent(mean_pixel, "it is divided by the width only",
                 "every pixel counts, so divide by height times width (whoever adds up the means of the rows divides by the width alone)",
                 "{h} · {w} = {pixels} pixels", rule="only the width"),
            bent(mean_pixel, "it is one sum for every column", "Python's own `sum` adds up the rows of an array: ask the array, `image.sum()`",
                 "it must be 1 number, not {w}", rule="column sums"),
            bent(mean_pixel, "it is rounded", "return all digits: rounding is for people who read a number", "{total} / {pixels}", rule="two digits"),
            bent(mean_pixel, "the image is taken for a square", "divide by height times width, not by the height twice",
                 "{h} · {w} = {pixels} pixels", rule="height squared"),
            bent(mean_pixel, "the last row and column are left out", "`range(n)` already stops at n − 1: all rows and columns count",
                 "there are {h} rows and {w} columns", rule="short"),
        ),
    )
)  # fmt: skip

unit = Unit("00_start_here", "Start here", (brightness,))
progress = reporter(unit)

__all__ = ["brightness", "progress", "unit"]
