"""The checks of unit 05: mini-batch SGD trains a LeNet."""

from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.checks.training.activations import activation, activation_gradient, dead_fraction
from convbook.checks.training.data import apply_normalizer, fit_normalizer, minibatches
from convbook.checks.training.loops import evaluate, train_epoch
from convbook.checks.training.networks import LeNet5, lenet_rows
from convbook.checks.training.steps import sgd_momentum_step, softmax_cross_entropy
from convbook.forms import Unit

exercises = (
    fit_normalizer, apply_normalizer, minibatches, sgd_momentum_step, softmax_cross_entropy, activation, activation_gradient,
    dead_fraction, LeNet5, train_epoch, evaluate,
)  # fmt: skip
unit = Unit("05_training", "Training", exercises)
progress = reporter(unit)
drill = driller(unit)

__all__ = ["lenet_rows", "drill", "progress", "unit", *(exercise.name for exercise in exercises)]
