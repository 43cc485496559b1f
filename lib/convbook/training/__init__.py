"""Train a network and see what happens: `history = fit(model, (images, labels))`.

How this folder keeps clear of what unit 05 asks a learner to write: a training is one flat run of steps over
arrays in memory, planned as a table of image numbers, not epochs over batches. Short last batches are left out,
loss and accuracy come from the same forward pass, and a model is handed back in evaluation mode.
So there is no batch generator, no function for one epoch, no evaluation that puts modes back and no patience
counter here: read all of it, and the exercises are still to be done.
"""

from convbook.training.depth import DepthRun, deepest, degradation, depth_table, measured_spread
from convbook.training.exchange import batch_norms, with_shortcut
from convbook.training.fashion import fashion_net
from convbook.training.fitting import evaluate, fit
from convbook.training.history import History, Moment, Score
from convbook.training.norms import LayerNorms, layer_norms
from convbook.training.recipe import DIGITS, FASHION, FASHION_QUICK, FASHION_SUBSET, LENET, Recipe
from convbook.training.shortcuts import one_stage_net, race, ranking
from convbook.training.weights_file import clothes_weights, read_weights

__all__ = [
    "DIGITS", "FASHION", "FASHION_QUICK", "FASHION_SUBSET", "LENET", "DepthRun", "History", "LayerNorms", "Moment", "Recipe", "Score",
    "batch_norms", "clothes_weights", "deepest", "degradation", "depth_table", "evaluate", "fashion_net", "fit", "layer_norms",
    "measured_spread", "one_stage_net", "race", "ranking", "read_weights", "with_shortcut",
]  # fmt: skip
