"""The checks of unit 07: dropout, the many networks in one, and early stopping."""

from convbook.checks.dropout_and_early_stopping.connections import dropconnect_linear
from convbook.checks.dropout_and_early_stopping.many import log10_masks, number_of_masks, subnetwork_average
from convbook.checks.dropout_and_early_stopping.models import EarlyStopper, mc_predict
from convbook.checks.dropout_and_early_stopping.recipes import dropout, dropout_backward, dropout_classic
from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.forms import Unit

exercises = (
    dropout_classic,
    dropout,
    dropout_backward,
    number_of_masks,
    log10_masks,
    subnetwork_average,
    dropconnect_linear,
    mc_predict,
    EarlyStopper,
)
unit = Unit("07_dropout_and_early_stopping", "Dropout and early stopping", exercises)
progress = reporter(unit)
drill = driller(unit)

__all__ = ["drill", "progress", "unit", *(exercise.name for exercise in exercises)]
