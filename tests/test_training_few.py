"""Training on a handful of photographs: classes are chosen, steps are taken, and what cannot be meant is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from convbook.training.few import answers, body_and_head, learn, of_classes

RNG = np.random.default_rng(8)
IMAGES = RNG.integers(0, 256, (12, 1, 16, 16), dtype=np.uint8)
LABELS = np.repeat([3, 5, 7], 4)


def bright_and_dark(n: int = 16) -> tuple[np.ndarray, np.ndarray]:
    labels = np.arange(n) % 2
    noise = RNG.uniform(0, 0.2, (n, 1, 16, 16))
    return (noise + 0.7 * labels[:, None, None, None]).astype(np.float32), labels


def test_classes_are_counted_anew_in_the_order_in_which_they_are_asked_for():
    images, labels = of_classes(IMAGES, LABELS, [7, 3])
    assert images.dtype == np.float32 and images.max() <= 1
    assert labels.tolist() == [1] * 4 + [0] * 4
    np.testing.assert_allclose(images[0], IMAGES[0] / 255, rtol=1e-6)


@pytest.mark.parametrize(
    ("classes", "told"), [([], "at least one"), ([3, 3], "each once"), ([3, 4], "no image of class 4")]
)
def test_classes_that_cannot_be_meant_are_refused_in_one_sentence(classes, told):
    with pytest.raises(ValueError, match=told):
        of_classes(IMAGES, LABELS, classes)


def test_a_few_steps_tell_bright_from_dark_and_only_the_given_groups_move():
    model = body_and_head(2)
    before = [p.clone() for p in model.body.parameters()]
    train = bright_and_dark()
    learn(model, train, 40, [{"params": model.head.parameters(), "lr": 0.1}])
    assert (answers(model, train[0]) == train[1]).mean() > 0.9
    assert not model.training
    assert all(torch.equal(p, q) for p, q in zip(model.body.parameters(), before, strict=True))


def test_every_batch_is_seen_through_the_view_and_the_same_seed_gives_the_same_weights():
    seen = []

    def view(x):
        seen.append(x.shape)
        return x[..., ::-1]

    models = [learn(body_and_head(2), bright_and_dark(), 3, view=view, batch=5, seed=1) for _ in range(1)]
    assert seen == [(5, 1, 16, 16)] * 3 and isinstance(models[0], torch.nn.Module)
    one, other = (learn(body_and_head(2, 4), (IMAGES, LABELS // 5), 2, seed=2) for _ in range(2))
    assert all(torch.equal(p, q) for p, q in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: body_and_head(0), "at least 1 class"),
        (lambda: learn(body_and_head(2), bright_and_dark(), 0), "at least 1 step"),
        (lambda: learn(body_and_head(2), (IMAGES, LABELS[:3]), 2), "one label for each image"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_the_first_step(ask, told):
    with pytest.raises(ValueError, match=told):
        ask()
