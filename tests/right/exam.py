"""Right answers to the exercises of unit 12, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import itertools

import numpy as np
import torch
import torch.nn.functional as F

from convbook.checks.exam.paper import questions
from convbook.checks.exam.scripts import drawn_script
from convbook.drills.papers import shown_value
from right import way


@way("ten_drills")
def plain_numbers():
    answers = [drill.answer for drill in questions("Grace Hopper")]
    return "Grace Hopper", [tuple(one) if isinstance(one, tuple) else one for one in answers]


@way("ten_drills")
def typed_as_text_under_a_name_with_an_umlaut():
    return "  Käthe  Müller", [shown_value(drill.answer) for drill in questions("käthe müller")]


@way("ten_drills")
def a_tuple_of_answers():
    return "Ada", tuple(shown_value(drill.answer) for drill in questions("ada"))


# For every kind of fault another right line than the one that stood there.
OTHERWISE = {
    "labels of other images": {
        "x_train": "x_train, y_train = train_images.sub(mean).div(std), train_labels.clone()",
        "loss": "loss = nn.CrossEntropyLoss()(model(x_train[batch]), y_train[batch])",
    },
    "images normalised by their own numbers": {
        "x_test": "x_test, y_test = (test_images - train_images.mean()) / train_images.std(), test_labels",
        "x_val": "x_val = (validation_images - mean) / std\ny_val = validation_labels",
    },
    "the test data's numbers in the normalisation": {"mean": "std, mean = torch.std_mean(train_images)"},
    "a padding that does not keep the size": {"self.conv": 'self.conv = nn.Conv2d(1, 8, kernel_size=3, padding="same")'},
    "running statistics that never move": {"self.norm": "self.norm = nn.BatchNorm2d(8, momentum=0.3)"},
    "dropout in evaluation": {"x = F.dropout": "if self.training:\n    x = F.dropout(x, 0.2)"},
    "evaluation in training mode": {"model": "model.train(False)"},
    "a step up the gradient": {"optimizer": "optimizer = torch.optim.SGD(list(model.parameters()), 0.05, 0.9)"},
    "parameters that the optimizer does not have": {
        "optimizer": "optimizer = torch.optim.Adam(model.parameters(), lr=0.01)"
    },
    "training in evaluation mode": {"model": "model = model.train(True)"},
    "batches in the same order in every epoch": {
        "for": "for batch in torch.tensor(sorted(range(64), key=lambda i: torch.rand(1).item())).split(16):"
    },
    "a softmax before the cross-entropy": {
        "loss": "loss = F.nll_loss(F.log_softmax(model(x_train[batch]), 1), y_train[batch])",
        "return": "scores = self.head(x)\nreturn scores",
    },
    "a loss that is summed": {
        "loss": 'loss = F.cross_entropy(model(x_train[batch]), y_train[batch], reduction="sum") / len(batch)'
    },
    "gradients that pile up": {
        "if": "for p in model.parameters(): p.grad = None", "#": "model.zero_grad()",
    },
    "an epoch chosen by the test data": {"score": "score = accuracy(model, x=x_val, y=y_val)"},
    "weights that are not those of the best epoch": {
        "best": "best, kept = score, {name: value.clone() for name, value in model.state_dict().items()}",
        "kept": "kept, best = copy.deepcopy(model.state_dict()), score",
        "model": "model.load_state_dict(dict(kept))",
    },
    "a result on images that were used before": {
        "result": "result = (model.eval()(x_test).argmax(1) == y_test).double().mean()"
    },
}  # fmt: skip


def otherwise(name: str) -> dict[int, str]:
    """Return fixes of a name's script by lines that are right in another way."""
    fixes = {}
    for one in drawn_script(name).planted:
        old = one.text.strip()
        (fixes[one.line],) = [new for start, new in OTHERWISE[one.kind].items() if old.startswith(start)][:1]
    return fixes


def hunters(count: int) -> list[str]:
    """Return names whose scripts hold every kind of fault."""
    names, seen = [], set()
    for number in itertools.count():
        kinds = {one.kind for one in drawn_script(f"right {number}").planted}
        if kinds - seen:
            names.append(f"right {number}")
            seen |= kinds
        if len(names) == count or seen == set(OTHERWISE):
            return names


def of_hunter(name: str):
    def mended():
        return name, otherwise(name)

    mended.__name__ = f"other_lines_for_{name.replace(' ', '_')}"
    return way("find_the_bugs")(mended)


for hunter in hunters(9):
    of_hunter(hunter)


@way("find_the_bugs")
def mended_on_another_line():
    """The gradients are emptied where they are computed, and the line that had the fault stays."""
    number = next(n for n in itertools.count() if "gradients that pile up" in _kinds(f"elsewhere {n}"))
    name = f"elsewhere {number}"
    fixes = otherwise(name)
    script = drawn_script(name)
    pile = next(one.line for one in script.planted if one.kind == "gradients that pile up")
    del fixes[pile]
    fixes[pile + 1] = "optimizer.zero_grad(); loss.backward()"
    return name, fixes


def _kinds(name: str) -> set[str]:
    return {one.kind for one in drawn_script(name).planted}


@way("test_conv2d")
def against_pytorch_with_many_drawn_layers(implementation):
    rng = np.random.default_rng(0)
    for _ in range(24):
        n, c, f, stride, padding = rng.integers(1, 4, 5)
        kh, kw = rng.integers(1, 5, 2)
        h, w = rng.integers(6, 12, 2)
        x, k, b = rng.normal(size=(n, c, h, w)), rng.normal(size=(f, c, kh, kw)), rng.normal(size=f)
        for bias, pad in ((b, int(padding)), (None, 0)):
            given = x.copy(), k.copy(), None if bias is None else bias.copy()
            wanted = F.conv2d(
                *(v if v is None else torch.tensor(v) for v in given), stride=int(stride), padding=pad
            )
            yours = implementation(*given, int(stride), pad)
            np.testing.assert_allclose(yours, wanted.numpy(), rtol=1e-3, atol=1e-4)
            assert np.array_equal(given[0], x) and np.array_equal(given[1], k)
    first, second = (implementation(x, k * factor, stride=2, padding=1) for factor in (1.0, 2.0))
    assert np.allclose(2 * first, second, atol=1e-3)


def slow(x, w, b, stride, padding):
    n, c, h, width = x.shape
    f, _, kh, kw = w.shape
    frame = np.zeros((n, c, h + 2 * padding, width + 2 * padding))
    frame[:, :, padding : padding + h, padding : padding + width] = x
    rows, columns = (frame.shape[2] - kh) // stride + 1, (frame.shape[3] - kw) // stride + 1
    y = np.zeros((n, f, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = frame[:, None, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            y[:, :, i, j] = (window * w).sum((2, 3, 4)) + (0 if b is None else b)
    return y


@way("test_conv2d")
def with_loops_and_hand_made_cases(implementation):
    rng = np.random.default_rng(7)
    shapes = [((2, 3, 7, 9), (4, 3, 2, 3)), ((3, 2, 9, 8), (2, 2, 3, 3)), ((1, 1, 9, 9), (1, 1, 4, 2))]
    for xs, ws in shapes:
        for stride in (1, 2, 3):
            for padding in (0, 1, 2):
                for with_bias in (True, False):
                    x, w = rng.uniform(-2, 2, xs), rng.uniform(-2, 2, ws)
                    b = rng.uniform(-2, 2, ws[0]) if with_bias else None
                    wanted, before = slow(x, w, b, stride, padding), (x.copy(), w.copy())
                    yours = implementation(x, w, b, stride=stride, padding=padding)
                    if yours.shape != wanted.shape:
                        raise ValueError("shape")
                    if abs(yours - wanted).max() > 1e-3:
                        raise ValueError("numbers")
                    if (x != before[0]).any() or (w != before[1]).any():
                        raise ValueError("arguments")
