"""Drills of unit 02 about bills: parameters, what drives them, multiply–adds, dense layers, the bottleneck."""

from __future__ import annotations

import math

import numpy as np

from convbook.checks.counting import bottleneck_params, conv_macs, conv_params, linear_params
from convbook.drills.kinds import Facts, kind, one_of, pick
from convbook.drills.shared import right, slips

CHANGES = {
    "the filters are {b} × {b} instead of {a} × {a}": (3, 5, 2),
    "the input has {b} channels instead of {a}": (8, 24, 1),
    "there are {b} filters instead of {a}": (16, 64, 1),
    "the image has {b} × {b} pixels instead of {a} × {a}": (32, 64, 0),
    "the stride is {b} instead of {a}": (1, 2, 0),
}


def _layer(rng: np.random.Generator) -> Facts:
    c_in, c_out, k = one_of(rng, 2, 3, 4, 6, 8), one_of(rng, 5, 10, 12, 16, 20), one_of(rng, 3, 5)
    return {"c_in": c_in, "c_out": c_out, "k": k, "bias": True, "each": c_in * k * k,
            "n": one_of(rng, 28, 32, 64), "stride": pick(rng, 1, 2)}  # fmt: skip


def _driver(rng: np.random.Generator) -> Facts:
    change = one_of(rng, *CHANGES)
    a, _, power = CHANGES[change]
    times = pick(rng, 2, 4)
    b = {2: one_of(rng, 6, 9, 12)}.get(power, a * times)
    return {"change": change.format(a=a, b=b), "a": a, "b": b, "power": power, "times": b // a}


def _macs(rng: np.random.Generator) -> Facts:
    c_in, c_out, k = one_of(rng, 2, 3, 4), one_of(rng, 4, 5, 8), one_of(rng, 2, 3)
    h_out, w_out = one_of(rng, 4, 6, 8), one_of(rng, 5, 7, 10)
    return {"c_in": c_in, "c_out": c_out, "k": k, "h_out": h_out, "w_out": w_out, "each": c_in * k * k,
            "outputs": c_out * h_out * w_out}  # fmt: skip


def _dense(rng: np.random.Generator) -> Facts:
    shape_in = (one_of(rng, 2, 3), one_of(rng, 4, 5), one_of(rng, 6, 8))
    units = one_of(rng, 10, 12, 20)
    return {
        "shape_in": shape_in,
        "shape_out": (units, 1, 1),
        "units": units,
        "inputs": math.prod(shape_in),
        "bias": True,
    }


def _squeeze(rng: np.random.Generator) -> Facts:
    c, squeeze = one_of(rng, 24, 32, 48, 64), one_of(rng, 4, 8, 16)
    return {"c": c, "squeeze": squeeze, "k": 3, "first": c * squeeze, "second": squeeze * c * 9}


KINDS = (
    kind("parameters", "02", "Parameters of a layer", exam=("parameter count and what drives it",), draw=_layer,
         ask="A convolution makes {c_out} maps of an input of shape ({c_in}, {n}, {n}), with {k} × {k} filters, stride {stride} "
             "and biases. How many parameters does it learn?",
         answer=lambda c_in, c_out, k: right(conv_params, c_in=c_in, c_out=c_out, k=k),
         worked="A filter has {k} · {k} · {c_in} = {each} weights, and one bias.\n"
                "{c_out} filters: ({each} + 1) · {c_out} = {answer}. Image and stride play no part.",
         mistakes=slips(conv_params, "the biases are missing", "the input's channels are left out",
                        "there is one bias for the whole layer", "only one filter is counted",
                        "a kernel is taken to have k weights", "there is a bias for every kernel")),
    kind("what_drives_parameters", "02", "What drives the parameters", exam=("parameter count and what drives it",),
         draw=_driver,
         ask="By which factor does the number of weights of a convolution grow if {change}? All else stays as it is.",
         answer=lambda times, power: times**power,
         worked=lambda times, power, answer:
             "The weights are k · k · input channels · filters.\n" + (
                 "What is changed is not among them: the factor is 1." if power == 0 else
                 f"The factor of {times} counts {'twice' if power == 2 else 'once'}: {answer}."),
         mistakes={
             "the side counts once: a filter has k · k weights, so its side counts twice":
                 lambda times, power: times if power == 2 else None,
             "it counts squared: channels and filters stand in the product once":
                 lambda times, power: times**2 if power == 1 else None,
             "the image's size or the stride is counted: the same weights are used at every place":
                 lambda times, power: times if power == 0 else None,
             "the image's pixels are counted: the same weights are used at every place":
                 lambda times, power: times**2 if power == 0 else None,
             "nothing is taken to change: the filter's size, the channels and the filters all count":
                 lambda power: 1 if power else None,
         }),
    kind("multiply_adds", "02", "Multiply–adds", draw=_macs,
         ask="{c_out} filters of {k} × {k} look at {c_in} channels and make maps of {h_out} × {w_out}. "
             "How many multiply–adds is that, without biases?",
         answer=lambda c_in, c_out, k, h_out, w_out: right(
             conv_macs, c_in=c_in, c_out=c_out, k=k, h_out=h_out, w_out=w_out),
         worked="Each output is a sum of {k} · {k} · {c_in} = {each} products.\n"
                "{c_out} · {h_out} · {w_out} = {outputs} outputs: {each} · {outputs} = {answer}.",
         mistakes=slips(conv_macs, "multiplications and additions are counted one by one",
                        "the weights are counted, not their use", "the input's channels are left out",
                        "only one map is counted", "one is counted for each output number", "the bias is counted")),
    kind("dense_parameters", "02", "Parameters of a dense layer", draw=_dense,
         ask="Maps of shape {shape_in} are flattened and fully connected to {units} units, with biases. "
             "How many parameters is that?",
         answer=lambda shape_in, shape_out: right(linear_params, shape_in=shape_in, shape_out=shape_out),
         worked="{inputs} inputs, each with a weight for every unit: {inputs} · {units}.\nWith {units} biases: {answer}.",
         mistakes=slips(linear_params, "the biases are missing", "there is one bias for the whole layer",
                        "the channels are left out", "inputs and outputs are added, not multiplied",
                        "there is a bias for every input")),
    kind("bottleneck_weights", "02", "The bottleneck's saving", draw=_squeeze,
         ask="A 1 × 1 convolution squeezes {c} maps to {squeeze}; a {k} × {k} convolution makes {c} maps of them again. "
             "How many weights do both have together, without biases?",
         answer=lambda c, squeeze, k: right(bottleneck_params, c=c, squeeze=squeeze, k=k),
         worked="1 × 1: {c} · {squeeze} = {first}.\n{k} × {k}: {squeeze} · {c} · 9 = {second}.\nTogether {answer}.",
         mistakes=slips(bottleneck_params, "the 1 × 1 layer is left out", "the k × k layer looks at all c maps",
                        "a 1 × 1 filter is taken to be one number", "biases are counted",
                        "it is what is saved, not what is left", "both layers are k × k") | {
             "it is the layer without a bottleneck: the k × k filters look at the squeezed maps": lambda c, k: k * k * c * c,
         }),
)  # fmt: skip
