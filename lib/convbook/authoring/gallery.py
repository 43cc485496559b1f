"""One page with all widgets alive: no kernel, no network, also opened from a disk."""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from convbook.widgets import page
from convbook.widgets.base import Widget
from convbook.widgets.bundle import stylesheet


@dataclass(frozen=True)
class Exhibit:
    """Hold one widget of the gallery: its heading, two sentences, its unit, and how it is made."""

    heading: str
    text: str
    unit: str
    make: Callable[[], Widget]


def _slide_lab() -> Widget:
    from convbook.widgets import SlideLab

    return SlideLab(bias=-1)


def _filter_painter() -> Widget:
    from convbook.widgets import FilterPainter

    return FilterPainter()


def _conv_xray() -> Widget:
    """Return the X-ray of a mistake the check knows: no answer is at hand here."""
    from convbook.checks import convolution
    from convbook.widgets import ConvXray

    return ConvXray(convolution.corr2d.mistakes[0].answer, exercise=convolution.corr2d)


def _shape_calc() -> Widget:
    from convbook.widgets import ShapeCalc

    return ShapeCalc(7, 3, stride=3)


def _field_tracer() -> Widget:
    """Return the light of a network with random weights: its pixels are uneven before any training."""
    import torch
    from torch import nn

    from convbook.widgets import FieldTracer

    torch.manual_seed(0)
    stack = [(3, 1, 1), (2, 2), *[(3, 1, 1)] * 4]
    layers = [nn.Conv2d(8, 8, 3, padding=1) for _ in range(4)]
    return FieldTracer(stack, model=nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.MaxPool2d(2), *layers))


def _matrix_view() -> Widget:
    from convbook.widgets import MatrixView

    return MatrixView()


def _back_step() -> Widget:
    from convbook.widgets import BackStep

    return BackStep()


def _norm_lab() -> Widget:
    from convbook.widgets import NormLab

    return NormLab()


def _pool_lab() -> Widget:
    from convbook.widgets import PoolLab

    return PoolLab()


def _dropout_lab() -> Widget:
    from convbook.widgets import DropoutLab

    return DropoutLab()


def _block_xray() -> Widget:
    """Return the X-ray of a mistake the check knows, made of the check's own graph: no answer is at hand here."""
    from convbook.checks import resnet
    from convbook.widgets import BlockXray

    wrong = next(one for one in resnet.BasicBlock.mistakes if one.name == "no ReLU in the middle")
    return BlockXray(wrong.answer, resnet.BasicBlock, args=(4, 8, 2))


def _flow_scope() -> Widget:
    """Return the curves of a small network, trained now."""
    from torch import nn

    from convbook import data, training
    from convbook.widgets import FlowScope

    digits = data.digits()
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))
    pairs = [(images.astype("float32"), labels) for images, labels in
             ((digits.train_images, digits.train_labels), (digits.test_images, digits.test_labels))]  # fmt: skip
    scope = FlowScope()
    follow = scope.follow("a small network, on digits")
    training.fit(model, *pairs, epochs=12, on_batch=follow, progress=False)
    scope.end()
    return scope


def _feature_scope() -> Widget:
    """Return a small network, trained now: a LeNet and 300 clothes would travel as 740 kB."""
    from torch import nn

    from convbook import data, training
    from convbook.widgets import FeatureScope

    digits = data.digits()
    layers = [nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Conv2d(6, 12, 3), nn.ReLU(), nn.Flatten(), nn.Linear(192, 10)]
    model = nn.Sequential(*layers)
    pairs = [(images.astype("float32"), labels) for images, labels in
             ((digits.train_images, digits.train_labels), (digits.test_images, digits.test_labels))]  # fmt: skip
    training.fit(model, *pairs, epochs=12, progress=False)
    return FeatureScope(model, digits.test_images[:300], digits.test_labels[:300], digits.class_names)


def _sketch_pad() -> Widget:
    """Return a bare linear map of digits: no network of anybody's own is at hand here."""
    import torch
    from torch import nn

    from convbook import data, training
    from convbook.widgets import SketchPad

    digits = data.digits()
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    training.fit(model, (digits.train_images, digits.train_labels), epochs=6, progress=False)

    def look(image):
        with torch.no_grad():
            logits = model(torch.from_numpy(image))[0]
        return logits, model[1].weight[logits.argmax()].view(8, 8) * torch.from_numpy(image[0, 0])

    return SketchPad(look, digits.test_images[:20], digits.class_names)


EXHIBITS = (
    Exhibit("Slide a window", "A convolution multiplies a window of the image by its weights and adds up. "
            "Drag the window over the image, or predict each number before you see it.",
            "01_convolution", _slide_lab),
    Exhibit("Paint a filter", "A kernel decides what a whole photograph turns into. "
            "Drag its weights up and down, or add one kernel to another.",
            "01_convolution", _filter_painter),
    Exhibit("X-ray of a convolution", "This function has a mistake: the X-ray shows which pixel each weight really met. "
            "In the notebook it looks at your own function.",
            "01_convolution", _conv_xray),
    Exhibit("Which settings give this size?", "The size of an output follows from five settings and one division with a remainder. "
            "Drag the edge of the output, and every setting that reaches that size lights up.",
            "02_counting", _shape_calc),
    Exhibit("What one unit sees", "A unit high up sees a wide field of the image, but does not look at all of it equally. "
            "Drag the unit, and add or remove layers.",
            "02_counting", _field_tracer),
    Exhibit("A convolution is a matrix", "One weight stands in many cells of the convolution's matrix. "
            "Drag it and its whole stripe changes; transpose the matrix, and it runs backward.",
            "03_sharing_and_symmetry", _matrix_view),
    Exhibit("What pooling keeps", "Drag the image by a pixel under its fixed windows: few outputs stay as they are, and those glow. "
            "Pull a thread from an output, and its gradient lands on the pixel that the maximum came from.",
            "04_pooling_and_backprop", _pool_lab),
    Exhibit("A step back", "The gradient of an output splits through the weights into the gradient of the image. "
            "Pour one after the other, or ask a cell of dX which outputs paid for it.",
            "04_pooling_and_backprop", _back_step),
    Exhibit("What the channels carry", "Draw, and the maps and logits of a trained network follow each stroke. "
            "Drag a channel to the bin: some channels carry the load, most do not.",
            "05_training", _feature_scope),
    Exhibit("Which numbers share a mean?", "Batch, layer, instance and group norm differ only in which numbers of a batch share a mean. "
            "Drag a saw through the batch, and slide the batch to 1.",
            "06_normalization", _norm_lab),
    Exhibit("The mean of all sub-networks", "Each mask of a dropout leaves another network, and evaluation stands for the mean of them all. "
            "Hold the button and masks rain; behind a ReLU that mean keeps a gap.",
            "07_dropout_and_early_stopping", _dropout_lab),
    Exhibit("X-ray of a module", "This residual block lacks one operation: walk along the boxes, and see shapes, statistics and gradients. "
            "In the notebook it is your own module that ran.",
            "10_resnet", _block_xray),
    Exhibit("How training flows", "The errors of a small network, epoch by epoch; point at the chart for the numbers. "
            "In the notebook the curves grow while a network trains, and Stop keeps its best weights.",
            "10_resnet", _flow_scope),
    Exhibit("What a network says of a drawing", "The kernel's network answers after each stroke, and shows which places speak for it. "
            "Here no kernel runs, so this is one answer; in the notebook it is your own network.",
            "10_resnet", _sketch_pad),
)  # fmt: skip

SECTION = """<section>
<h2>{heading}</h2>
<p>{text} {unit}</p>
<div id="{place}"><noscript><p>{words}</p></noscript></div>
</section>"""


def write_gallery(path: str | os.PathLike[str], notebooks: Path | None = None) -> Path:
    """Write the page to `path` and return it; the units' links lead into the folder `notebooks`.

    Raises `ValueError` where the folder of `path` does not exist.
    """
    target = Path(path)
    shown = {f"exhibit-{number}": (exhibit, exhibit.make()) for number, exhibit in enumerate(EXHIBITS)}
    base = os.path.relpath(notebooks, target.resolve().parent) if notebooks else "notebooks"
    shared = stylesheet("")
    views = dict.fromkeys(widget.view for _, widget in shown.values())
    own = "".join(stylesheet(view).removeprefix(shared) for view in views)
    units = {exhibit.unit for exhibit, _ in shown.values()}
    written = {unit for unit in units if notebooks is None or (notebooks / unit).is_dir()}
    sections = [_section(place, *one, Path(base).as_posix(), written) for place, one in shown.items()]
    scripts = [page.scene(place, widget.view, widget.state()) for place, (_, widget) in shown.items()]
    body = "\n".join(["<h1>The widgets of convbook</h1>", *sections])
    return page.write(target, page.document("convbook: the widgets", shared + own, body, "\n".join(scripts)))


def _section(place: str, exhibit: Exhibit, widget: Widget, base: str, written: set[str]) -> str:
    """Return one widget's part of the page; its unit is a link where there is such a notebook."""
    link = html.escape(f"{base}/{exhibit.unit}/{exhibit.unit}.ipynb", quote=True)
    unit = f"Unit {exhibit.unit[:2]}"
    if exhibit.unit in written:
        unit = f'<a href="{link}">{unit}</a>'
    return SECTION.format(
        heading=html.escape(exhibit.heading), text=html.escape(exhibit.text), place=place, unit=unit, words=html.escape(widget.words()),
    )  # fmt: skip
