"""The checks of unit 08: augmentation, crops at test time, and transfer learning."""

from convbook.checks.augmentation_and_transfer.flips_and_crops import random_crop, random_flip
from convbook.checks.augmentation_and_transfer.patches import random_resized_patch
from convbook.checks.augmentation_and_transfer.sizes import resize_short_side, ten_crop
from convbook.checks.augmentation_and_transfer.transfer import freeze, parameter_groups, replace_head
from convbook.checks.augmentation_and_transfer.votes import multi_crop_predict
from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.forms import Unit

exercises = (
    random_flip, random_crop, resize_short_side, random_resized_patch, ten_crop, multi_crop_predict, freeze, replace_head,
    parameter_groups,
)  # fmt: skip
unit = Unit("08_augmentation_and_transfer", "Augmentation and transfer learning", exercises)
progress = reporter(unit)
drill = driller(unit)

__all__ = ["drill", "progress", "unit", *(exercise.name for exercise in exercises)]
