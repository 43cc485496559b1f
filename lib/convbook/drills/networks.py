"""Drills of unit 12: LeNet-like networks from end to end."""

from __future__ import annotations

import numpy as np

from convbook.drills.kinds import Facts, Volume, kind, one_of, pick

TOLD = ("A network like LeNet gets ({c}, {n}, {n}) images: {f} filters of {k} × {k}, 2 × 2 pooling with stride 2, {g} filters of "
        "{k} × {k}, the same pooling; the convolutions are not padded, their stride is 1. ")  # fmt: skip
WALK = "{n} − {k} + 1 = {a}, halved {b}; {b} − {k} + 1 = {d}, halved {e}.\n"


def _net(rng: np.random.Generator) -> Facts:
    """Return a net in which every pooling divides without a remainder."""
    k, e = one_of(rng, 3, 5), pick(rng, 2, 5)
    d = 2 * e
    b = d + k - 1
    a = 2 * b
    return {"c": one_of(rng, 1, 3), "n": a + k - 1, "k": k, "f": one_of(rng, 4, 6, 8), "g": one_of(rng, 10, 12, 16), "a": a, "b": b,
            "d": d, "e": e, "classes": 10}  # fmt: skip


def _counted(rng: np.random.Generator) -> Facts:
    facts = _net(rng)
    c, k, f, g, e = (facts[name] for name in "ckfge")
    return {
        **facts,
        "one": (c * k * k + 1) * f,
        "two": (f * k * k + 1) * g,
        "flat": g * e * e,
        "last": (g * e * e + 1) * 10,
    }


EXAM = ("LeNet-like net",)
KINDS = (
    kind("lenet_volume", "12", "The maps of a LeNet-like net", exam=EXAM, draw=_net, ask=TOLD + "Which shape leaves the last pooling?",
         answer=lambda g, e: Volume(g, e, e), worked=WALK + "The last filters make {g} maps: {answer}.",
         mistakes={
             "the convolutions are taken to keep the size: without padding a side loses k − 1":
                 lambda g, n: Volume(g, n // 4, n // 4),
             "the last pooling is forgotten: it halves each side": lambda g, d: Volume(g, d, d),
             "the + 1 is missing: a side of n has n − k + 1 places":
                 lambda g, n, k: Volume(g, *[((n - k) // 2 - k) // 2] * 2),
             "the maps of both layers are multiplied: the second layer's filters make its maps": lambda f, g, e: Volume(f * g, e, e),
             "the first layer's maps are kept: the second layer's filters make its maps": lambda f, e: Volume(f, e, e),
             "the pooling divides the maps too: it works map by map": lambda g, e: Volume(g // 4, e, e),
         }),
    kind("lenet_inputs_of_the_head", "12", "What the dense layer gets", exam=EXAM, draw=_counted,
         ask=TOLD + "Then it is flattened. How many numbers does the first dense layer get?",
         answer=lambda flat: flat, worked=WALK + "{g} maps of {e} × {e}: {answer} numbers.",
         mistakes={
             "the maps are forgotten: every map is flattened": lambda e: e * e,
             "a map is taken to have one number along its side: it is a square": lambda g, e: g * e,
             "the last pooling is forgotten: it halves each side": lambda g, d: g * d * d,
             "the convolutions are taken to keep the size: without padding a side loses k − 1": lambda g, n: g * (n // 4) ** 2,
             "the first layer's maps are counted: the second layer's filters make its maps": lambda f, e: f * e * e,
             "it is the number of maps: a map has e × e numbers": lambda g: g,
         }),
    kind("lenet_parameters", "12", "The parameters of a LeNet-like net", exam=(*EXAM, "parameter count and what drives it"), draw=_counted,
         ask=TOLD + "One dense layer with {classes} units ends it; all layers with weights have biases. How many parameters does it have?",
         answer=lambda one, two, last: one + two + last,
         worked=WALK + "Convolutions: ({c} · {k} · {k} + 1) · {f} = {one} and ({f} · {k} · {k} + 1) · {g} = {two}.\n"
                       "Dense: ({flat} + 1) · 10 = {last}. Together {answer}.",
         mistakes={
             "the biases are missing: every filter and every unit has one": lambda one, two, last, f, g: one + two + last - f - g - 10,
             "the dense layer's biases are missing: every unit has one": lambda one, two, last: one + two + last - 10,
             "the dense layer is forgotten: it has the most weights": lambda one, two: one + two,
             "the second layer is taken to see the image's channels: it sees the first layer's maps":
                 lambda one, last, c, k, g: one + (c * k * k + 1) * g + last if c > 1 else None,
             "a filter is taken to be one kernel: it has one for each input channel":
                 lambda last, k, f, g: (k * k + 1) * f + (k * k + 1) * g + last,
             "the dense layer is taken to see one number a map: the maps are flattened":
                 lambda one, two, g: one + two + (g + 1) * 10,
             "the last pooling is forgotten: it leaves a quarter of the inputs": lambda one, two, g, d: one + two + (g * d * d + 1) * 10,
         }),
)  # fmt: skip
