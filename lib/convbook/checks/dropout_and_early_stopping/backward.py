"""The backward pass of dropout."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.forms import Case


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield upstream gradients with masks: small first, in evaluation, with channels, in every layout."""
    yield case(np.array([1.0, 10.0, 100.0]), np.array([2.0, 0.0, 2.0]), about="p = 0.5")
    yield case(counting(2, 3) - 4, np.array([[0.0, 1.25, 1.25], [1.25, 0.0, 1.25]]), about="p = 0.2")
    yield case(counting(2, 3), np.ones((2, 3)), about="evaluation: the mask is 1")
    yield case(counting(2, 3), np.zeros((2, 3)), about="nothing was kept")
    yield from every_layout(counting(2, 3), np.array([[4.0, 0.0, 4.0], [0.0, 4.0, 4.0]]))
    yield case(counting(2, 2).astype(np.float32), np.float32([[0, 2], [2, 2]]), about="float32")
    for _ in range(6):
        shape, keep = tuple(int(side) for side in rng.integers(2, 6, 4)), rng.uniform(0.2, 0.9)
        yield drawn(rng.normal(size=shape), (rng.random(shape) < keep) / keep)


LINEAR = "y is x · mask, so each gradient meets the same number of the mask as its x did"


@exercise(
    "Dropout, backward", points=3, cases=backward_cases, facts={"scale": lambda mask: mask.max()},
    why="what was dropped gets no gradient, and what was kept gets {scale:.4g} times what comes from above",
    help=("operands could not be broadcast together",),
    mistakes=(
        mistake("the scale is forgotten", LINEAR, "kept units get {scale:.4g} times the gradient", mask=lambda mask: (mask > 0).double()),
        mistake("the mask is not used", LINEAR, "what was dropped gets 0", mask=lambda mask: mask * 0 + 1,
                ways=({"mask": lambda mask: mask * 0 + float(mask.any())},)),
        mistake("the mask is used twice", LINEAR, "{scale:.4g}, not its square", mask=lambda mask: mask**2),
        mistake("it divides by the scale", LINEAR, "{scale:.4g} times, not 1 / {scale:.4g} times",
                mask=lambda mask: mask.reciprocal().nan_to_num(posinf=0.0)),
        mistake("it divides by the mask", LINEAR, "multiply by it", instead=lambda dout, mask: dout / mask),
        mistake("it is divided by the sum of the mask", LINEAR, "{scale:.4g} times, and nothing to divide", result=lambda y, mask: y / mask.sum()),
        mistake("it is multiplied by the share that was kept", "the mask carries the scale already", "{scale:.4g} times, and no more",
                result=lambda y, mask: y * (mask > 0).double().mean()),
        mistake("it is divided by the share that was kept", "the mask carries the scale already", "{scale:.4g} times, and no more",
                result=lambda y, mask: y / (mask > 0).double().mean().clamp(min=1e-9)),
        mistake("the root of the mask is used", LINEAR, "{scale:.4g} times, not its root", mask=lambda mask: mask**0.5),
        mistake("the scale is always 2", "1 / (1 − p) is 2 for p = 0.5 only; the mask holds it", "{scale:.4g} times", mask=lambda mask: 2.0 * (mask > 0)),
        mistake("the mask is cut to whole numbers", "a mask holds 1 / (1 − p), which has fractions: leave it a float", "{scale:.4g} times", mask=lambda mask: mask.floor()),
        mistake("the mask is added", LINEAR, "multiply by it", instead=lambda dout, mask: dout + mask),
        mistake("the mask is subtracted", LINEAR, "multiply by it", instead=lambda dout, mask: dout - mask),
        mistake("the gradient goes where units were dropped", LINEAR, "it goes where the mask is not 0", mask=lambda mask: (mask == 0).double(),
                ways=({"mask": lambda mask: (mask == 0) * mask.max()},)),
        mistake("what was dropped gets the full gradient", LINEAR, "0 where the mask is 0", mask=lambda mask: torch_where(mask)),
        mistake("it uses 1 − mask", LINEAR, "{scale:.4g} where it kept, 0 where it dropped", mask=lambda mask: 1 - mask),
        mistake("what was dropped gets as much as what was kept", LINEAR, "0 where the mask is 0", mask=lambda mask: mask * 0 + mask.max()),
        mistake("it is divided by the number of images", "each x has a gradient of its own; where a mean was taken, `dout` knows it already", "nothing to divide",
                result=lambda y, dout: y / len(dout)),
        mistake("it is divided by the number of gradients", "each x has a gradient of its own; where a mean was taken, `dout` knows it already", "nothing to divide",
                result=lambda y: y / y.numel()),
        mistake("the mask itself is the result", LINEAR, "times the upstream gradient", dout=lambda dout: dout * 0 + 1,
                ways=({"dout": lambda dout: (dout > 0).double()},)),
        mistake("what was dropped gets the negative gradient", LINEAR, "0 where the mask is 0", mask=lambda mask: mask - (mask == 0).double()),
        mistake("the gradients that were dropped are taken out", "they are 0, and stay in their places: `dout * mask`, not `dout[mask > 0]`", "the shape is that of x",
                instead=lambda dout, mask: dout[mask > 0], ways=({"instead": lambda dout, mask: (dout * mask)[mask > 0]},)),
        mistake("the sign is turned", "dropout has no minus sign, and neither has its gradient", "{scale:.4g} times", result=lambda y: -y),
        mistake("all gradients are added up", "each x has a gradient of its own", "the shape is that of x", result=lambda y: y.sum()),
        mistake("the gradients of all images are added up", "each x has a gradient of its own", "the shape is that of x", result=lambda y: y.sum(0)),
        mistake("negative gradients are lost", "dropout is no ReLU: it looks at the mask alone", "signs stay", result=lambda y: y.relu()),
    ),
)  # fmt: skip
def dropout_backward(dout, mask):
    x = mask.clone().requires_grad_()
    (x * mask * dout).sum().backward()  # `backward(dout)` imports sympy first: half a second
    return x.grad


def torch_where(mask):
    return mask + (mask == 0)
