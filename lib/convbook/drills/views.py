"""Drills of unit 08: crops and views, resized sides, averages over crops, and what stays frozen."""

from __future__ import annotations

import numpy as np

from convbook.drills.kinds import Facts, kind, one_of, pick, shown, some


def _padded(rng: np.random.Generator) -> Facts:
    padding = one_of(rng, 2, 3, 4, 5, 6)
    return {"n": one_of(rng, 28, 32, 64), "padding": padding, "starts": 2 * padding + 1}


def _views(rng: np.random.Generator) -> Facts:
    return {"images": 10 * pick(rng, 2, 9), "scales": pick(rng, 2, 5), "crops": 10}


def _resized(rng: np.random.Generator) -> Facts:
    while True:
        h, w, size = 10 * pick(rng, 10, 40), 10 * pick(rng, 12, 60), one_of(rng, 64, 96, 100, 128)
        if w > h and (w * size) % h and (w * size / h) % 1 > 0.5 and h != size:
            return {"h": h, "w": w, "size": size, "exact": w * size / h}


def _head(rng: np.random.Generator) -> Facts:
    return {
        "features": one_of(rng, 32, 64, 100, 128),
        "classes": pick(rng, 3, 12),
        "old": 1000,
        "body": 1000 * pick(rng, 11, 90),
    }


def _patch(rng: np.random.Generator) -> Facts:
    h, w, size = pick(rng, 30, 40), pick(rng, 41, 60), pick(rng, 20, 28)
    return {"h": h, "w": w, "size": size, "rows": h - size + 1, "columns": w - size + 1}


def _crops(rng: np.random.Generator) -> Facts:
    parts = some(rng, 4, 20, 99)
    while sum(parts) % 2:  # their mean has three decimals then, not four
        parts = some(rng, 4, 20, 99)
    shares = [part / 100 for part in parts]
    return {"shares": shares, "total": sum(shares)}


KINDS = (
    kind("random_crops", "08", "How many random crops", draw=_padded,
         ask="An image of {n} × {n} pixels gets a frame of {padding} zeros on each side; then a patch of {n} × {n} is cut out at "
             "random. How many different places can it have?",
         answer=lambda starts: starts**2,
         worked="In each direction it starts at 0 … 2 · {padding}: {starts} places.\n{starts} · {starts} = {answer}.",
         mistakes={
             "the + 1 is missing: the first place counts too": lambda padding: (2 * padding) ** 2,
             "only one direction is counted: the patch moves down and across": lambda starts: starts,
             "the padding is counted once: there is a frame on both sides": lambda padding: (padding + 1) ** 2,
             "the places of both directions are added: each row meets each column": lambda starts: 2 * starts,
             "the mirror images are counted too: only the place is asked for": lambda starts: 2 * starts**2,
         }),
    kind("patch_places", "08", "Where a patch can lie", draw=_patch,
         ask="A patch of {size} × {size} pixels is cut out of an image of {h} × {w} pixels. At how many places can it lie?",
         answer=lambda rows, columns: rows * columns,
         worked="{h} − {size} + 1 = {rows} rows and {w} − {size} + 1 = {columns} columns to start in.\n{rows} · {columns} = {answer}.",
         mistakes={
             "the + 1 is missing: the first place counts too, before any step is taken": lambda h, w, size: (h - size) * (w - size),
             "every pixel is taken for a start: the patch must lie completely inside": lambda h, w: h * w,
             "rows and columns are added: each row meets each column": lambda rows, columns: rows + columns,
             "the image is taken for a square: rows and columns are counted each by themselves": lambda rows: rows**2,
         }),
    kind("views_at_test_time", "08", "Ten crops at several sizes", draw=_views,
         ask="At test time each of {images} images is resized to {scales} sizes, and ten crops are taken of each. "
             "How many crops pass the network?",
         answer=lambda images, scales: images * scales * 10,
         worked="Four corners and the centre, each also mirrored: 10 crops.\n{images} · {scales} · 10 = {answer}.",
         mistakes={
             "the mirror images are left out: ten crops are five places and their flips": lambda images, scales: images * scales * 5,
             "the mirror images are counted twice: they are among the ten": lambda images, scales: images * scales * 20,
             "the sizes are left out: each size has crops of its own": lambda images: images * 10,
             "one image is counted: each has its own crops": lambda scales: scales * 10,
             "sizes and crops are added: each size has ten crops": lambda images, scales: images * (scales + 10),
         }),
    kind("resized_side", "08", "The long side after resizing", draw=_resized,
         ask="An image of {h} × {w} pixels (height, width) is resized so that its short side has {size} pixels; the aspect is kept, and "
             "the long side is rounded down. How many pixels long is it then?",
         answer=lambda h, w, size: w * size // h,
         worked="Both sides are scaled by {size} / {h}.\n{w} · {size} / {h} = {exact}, rounded down: {answer}.",
         mistakes={
             "it is not rounded: a side has whole pixels": lambda exact: exact,
             "it is rounded to the nearest: the long side is rounded down": lambda exact: round(exact),
             "the long side stays as it was: the aspect is kept": lambda w: w,
             "both sides get the same size: the aspect is kept": lambda size: size,
             "the difference of the sides is kept: their ratio is": lambda h, w, size: size + w - h,
             "the aspect is upside down: the long side stays the long one": lambda h, w, size: h * size // w,
         }),
    kind("frozen_body", "08", "What is still trained", draw=_head,
         ask="A network has {body} parameters in its body, which is frozen. Its head, a linear layer from {features} features to "
             "{old} classes, is replaced by one for {classes} classes, with biases. How many parameters are trained?",
         answer=lambda features, classes: features * classes + classes,
         worked="Only the new head: {features} · {classes} weights and {classes} biases.\nTogether {answer}.",
         mistakes={
             "the biases are missing: every class has one": lambda features, classes: features * classes,
             "the body is counted too: it is frozen": lambda body, features, classes: body + features * classes + classes,
             "it is the old head: it has been replaced": lambda features, old: features * old + old,
             "there is a bias for every feature: every output has one": lambda features, classes: features * classes + features,
             "there is one bias: every class has its own": lambda features, classes: features * classes + 1,
         }),
    kind("mean_over_crops", "08", "Average at test time", draw=_crops, decimals=3,
         ask=lambda shares: f"A network gives a class the probabilities {', '.join(map(shown, shares))} in four crops of an image. What is "
                            "the prediction for the image? (Three decimals.)",
         answer=lambda total: total / 4, worked="The mean of the crops' probabilities: {total} / 4 = {answer}.",
         mistakes={
             "it is the largest: the crops' probabilities are averaged": lambda shares: max(shares),
             "it is the sum: a mean is divided by how many there are": lambda total: total,
             "it is the last crop's: all of them count": lambda shares: shares[-1],
             "it is the middle between the smallest and the largest: all of them count":
                 lambda shares: (min(shares) + max(shares)) / 2,
         }),
)  # fmt: skip
