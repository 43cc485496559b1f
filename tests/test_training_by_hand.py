"""What unit 5 trains with beside the learner's own functions: epochs that may be stopped, stand-ins, pictures of one's own."""

from __future__ import annotations

import _thread
import math

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from convbook.checks import training as check
from convbook.checks.engine.declare import question_of
from convbook.training import keeping, pictures, pieces


def counting_model():
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    return model


def add_one(model):
    with torch.no_grad():
        model.weight += 1
    return 1.0


def test_the_weights_of_the_best_epoch_are_kept():
    model, scores = counting_model(), iter((0.2, 0.9, 0.5))
    seen = keeping.keep_best(model, 3, lambda: add_one(model), lambda: next(scores))
    assert (seen.accuracies, seen.stopped, model.weight.item()) == ([0.2, 0.9, 0.5], "", 2.0)


def test_ctrl_c_in_the_middle_of_an_epoch_puts_the_best_weights_back(capsys, interruptible):
    model, scores = counting_model(), iter((0.2, 0.9, 0.5))

    def one_epoch():
        add_one(model)
        if model.weight.item() == 4:
            _thread.interrupt_main()  # what Ctrl-C and the ■ of JupyterLab do
            for _ in range(10**7):
                pass
        return 1.0

    seen = keeping.keep_best(model, 5, one_epoch, lambda: next(scores))
    assert (seen.stopped, model.weight.item()) == ("interrupted", 2.0)
    assert "the weights are those of epoch 2, the best so far" in capsys.readouterr().out


def test_ctrl_c_in_the_first_epoch_leaves_the_weights_as_before(capsys):
    model = counting_model()

    def one_epoch():
        add_one(model)
        raise KeyboardInterrupt

    assert keeping.keep_best(model, 2, one_epoch, lambda: 0.5).losses == []
    assert model.weight.item() == 0
    assert "no epoch was finished, so the weights are as before" in capsys.readouterr().out


def test_a_loss_that_is_no_number_ends_the_training_with_the_best_weights(capsys):
    model, losses = counting_model(), iter((1.0, math.nan))
    keeping.keep_best(model, 4, lambda: add_one(model) * next(losses), lambda: 0.5)
    assert model.weight.item() == 1
    assert "the loss became nan in epoch 2: lower the learning rate" in capsys.readouterr().out


def test_an_epoch_that_returns_nothing_is_told():
    with pytest.raises(ValueError, match="one_epoch must return a number; it returned NoneType"):
        keeping.keep_best(counting_model(), 1, lambda: None, lambda: 0.5)
    with pytest.raises(ValueError, match="at least 1 epoch"):
        keeping.keep_best(counting_model(), 0, lambda: 1.0, lambda: 0.5)


GOOD = np.zeros((4, 1, 32, 32)), np.array([0, 9, 3, 3])


@pytest.mark.parametrize(
    ("images", "labels", "batch_size", "told"),
    [
        (
            GOOD[0],
            np.array([0, 10, 1, 2]),
            2,
            "labels are whole numbers from 0 to 9; these are int64, from 0 to 10",
        ),
        (GOOD[0], np.array([0, -1, 1, 2]), 2, "from -1 to 2"),
        (GOOD[0], np.array([0.0, 1, 1, 2]), 2, "these are float64"),
        (GOOD[0][:0], GOOD[1][:0], 1, "there are no images"),
        (*GOOD, 5, "a batch holds between 1 and all 4 images; 5 is not among them"),
        (*GOOD, 0, "0 is not among them"),
        (GOOD[0] * np.nan, GOOD[1], 2, "the images hold NaN or infinity"),
        (np.zeros((4, 1, 28, 28)), GOOD[1], 2, r"these have \(4, 1, 28, 28\): pad"),
        (GOOD[0], GOOD[1][:3], 2, "4 images and labels of shape"),
    ],
)
def test_what_cannot_be_trained_on_is_told_in_one_sentence(images, labels, batch_size, told):
    with pytest.raises(ValueError, match=told) as failure:
        keeping.examined(images, labels, batch_size)
    assert "\n" not in str(failure.value)


def test_what_can_be_trained_on_passes():
    keeping.examined(*GOOD, 4)


def test_steps_end_with_their_seconds_and_with_ctrl_c(capsys):
    batches = [(np.zeros(1), np.zeros(1))] * 5
    assert len(keeping.take_steps(lambda x, y: 0.5, batches).losses) == 5
    assert len(keeping.take_steps(lambda x, y: 0.5, batches, seconds=-1).losses) == 1
    assert "stopped after 1 of 5 steps" in capsys.readouterr().out
    left = iter((0.5, 0.4))

    def step(x, y):
        try:
            return next(left)
        except StopIteration:
            raise KeyboardInterrupt from None

    assert keeping.take_steps(step, batches).losses == [0.5, 0.4]
    assert "interrupted after 2 of 5 steps" in capsys.readouterr().out


def test_the_stand_ins_give_what_autograd_gives():
    rng = np.random.default_rng(2)
    x, w, b = rng.normal(size=(2, 3, 7, 7)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, w, b)]
    out = torch.nn.functional.conv2d(*leaves, stride=2, padding=1)
    dout = rng.normal(size=tuple(out.shape))
    out.backward(torch.tensor(dout))
    assert np.allclose(pieces.conv2d(x, w, b, 2, 1), out.detach())
    assert np.allclose(pieces.conv2d_backward_input(dout, x.shape, w, 2, 1), leaves[0].grad)
    for mine, leaf in zip(pieces.conv2d_backward_weight(dout, x, w.shape, 2, 1), leaves[1:], strict=True):
        assert np.allclose(mine, leaf.grad)
    assert np.allclose(pieces.maxpool2d_backward(np.ones((2, 3, 3, 3)), x, 2).sum(), 54)
    assert pieces.relu_backward(np.ones(3), np.array([-1.0, 0.0, 2.0])).tolist() == [0, 0, 1]


def test_the_stand_ins_of_this_unit_pass_its_checks():
    for name in ("activation", "activation_gradient", "softmax_cross_entropy", "sgd_momentum_step"):
        question = question_of(getattr(check, name))
        rng = np.random.default_rng(0)
        for case in list(question.cases(rng))[:6]:
            reply = question.observer.observe(question, Allowed(getattr(pieces, name)), case, 4.0, "")
            assert (
                question.observer.fault(question, case, reply, question.observer.wanted(question, case))
                is None
            )


def Allowed(function):
    from convbook.answers import hold

    return hold(function)


def test_a_lenet_of_plain_arrays_starts_where_pytorch_starts_and_learns():
    params = keeping.lenet_parameters(0)
    assert sum(p.size for p in params) == 61_706
    rng = np.random.default_rng(0)
    batch = rng.normal(size=(8, 1, 32, 32)), np.arange(8)
    losses = keeping.pytorch_losses(params, [batch] * 12, 0.05, 0.9)
    assert abs(losses[0] - math.log(10)) < 0.1 and losses[-1] < losses[0] - 0.1
    assert all(np.array_equal(a, b) for a, b in zip(params, keeping.lenet_parameters(0), strict=True))


def test_a_picture_of_ones_own_is_centred_on_black(tmp_path):
    page = np.full((40, 80), 255, np.uint8)
    page[10:30, 20:60] = 30
    Image.fromarray(page).save(tmp_path / "shoe.png")
    image = pictures.own_picture(tmp_path / "shoe.png")
    assert image.shape == (1, 28, 28) and image[0, 0].max() == 0 and image[0, 14, 14] > 0.8


def test_what_is_no_picture_is_told(tmp_path):
    with pytest.raises(ValueError, match=r"there is no file .*nothing\.png"):
        pictures.own_picture(tmp_path / "nothing.png")
    (tmp_path / "words.txt").write_text("no picture")
    with pytest.raises(ValueError, match="is no picture that can be read"):
        pictures.own_picture(tmp_path / "words.txt")
    with pytest.raises(ValueError, match="leaves nothing of an image of 28 × 28 pixels"):
        pictures.shifted(np.zeros((1, 28, 28)), right=28)


def test_where_the_loop_is_open_the_course_trains_and_evaluates_in_its_place():
    torch.manual_seed(0)
    net, images, labels = pieces.small_net(), torch.randn(10, 1, 32, 32), torch.arange(10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    losses = [pieces.epoch_of_fit(net, [(images, labels)], optimizer) for _ in range(30)]
    assert losses[-1] < losses[0]
    assert pieces.evaluate(net, [(images[:7], labels[:7]), (images[7:], labels[7:])]) > 0.5
