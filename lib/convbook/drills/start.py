"""Drills of unit 00: what an image is made of."""

from __future__ import annotations

import numpy as np

from convbook.checks.start_here import brightness
from convbook.drills.kinds import Facts, kind, one_of, pick, shown
from convbook.drills.shared import right, slips


def _image(rng: np.random.Generator) -> Facts:
    tenths = rng.integers(0, 11, (2, 4))
    while tenths.sum() % 2:  # an eighth of it has three decimals then, not four
        tenths = rng.integers(0, 11, (2, 4))
    image = tenths / 10
    return {"image": image, "rows": image.tolist(), "total": float(image.sum())}


def table(rows: list[list[float]]) -> str:
    """Return rows of numbers as they stand in a sentence."""
    return " / ".join(" ".join(map(shown, row)) for row in rows)


KINDS = (
    kind("mean_pixel", "00", "The brightness of an image", draw=_image, decimals=3,
         ask=lambda rows: f"An image has the pixels {table(rows)} (two rows). What is its brightness, the mean pixel? (Three decimals.)",
         answer=lambda image: right(brightness, image=image),
         worked=lambda total, answer: f"2 · 4 = 8 pixels, {shown(total)} together.\n{shown(total)} / 8 = {shown(answer)}.",
         mistakes=slips(brightness, "it is the sum, not the mean", "it is divided by the height only",
                        "it is divided by the width only", "it is the brightest pixel", "it is the mean of the first row",
                        "it is the middle between darkest and brightest")),
    kind("numbers_in_an_image", "00", "Numbers in an image",
         draw=lambda rng: {"c": one_of(rng, 2, 3, 4), "h": pick(rng, 4, 12), "w": 10 * pick(rng, 2, 9)},
         ask="An image has {c} channels of {h} × {w} pixels. How many numbers does it hold?",
         answer=lambda c, h, w: c * h * w, worked="{c} · {h} · {w} = {answer}.",
         mistakes={
             "the channels are left out: each pixel has a number in every channel": lambda h, w: h * w,
             "the sides are added: a channel has a number for every row and column together": lambda c, h, w: c * (h + w),
             "the image is taken for a square: rows and columns are counted each by themselves": lambda c, w: c * w * w,
             "all three are added: they are multiplied": lambda c, h, w: c + h + w,
         }),
    kind("pixel_in_0_to_1", "00", "From 0–255 to 0–1", decimals=3,
         draw=lambda rng: {"value": 51 * pick(rng, 1, 4)},
         ask="A file holds the pixel value {value}, where 0 is black and 255 is white. Which number is it in the range 0–1? "
             "(Three decimals.)",
         answer=lambda value: value / 255, worked="{value} / 255 = {answer}.",
         mistakes={
             "it is divided by 256: white is 255, and becomes 1": lambda value: value / 256,
             "it is measured from white: black is 0": lambda value: 1 - value / 255,
             "it is a percentage: white becomes 1, not 100": lambda value: value / 2.55,
             "it is divided by 100: white is 255": lambda value: value / 100,
         }),
)  # fmt: skip
