"""One page with all widgets alive: no kernel, no network, also opened from a disk."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from convbook.widgets import page
from convbook.widgets.base import Widget
from convbook.widgets.bundle import es_module, stylesheet


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


def _matrix_view() -> Widget:
    from convbook.widgets import MatrixView

    return MatrixView()


def _back_step() -> Widget:
    from convbook.widgets import BackStep

    return BackStep()


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
    Exhibit("A convolution is a matrix", "One weight stands in many cells of the convolution's matrix. "
            "Drag it and its whole stripe changes; transpose the matrix, and it runs backward.",
            "03_sharing_and_symmetry", _matrix_view),
    Exhibit("A step back", "The gradient of an output splits through the weights into the gradient of the image. "
            "Pour one after the other, or ask a cell of dX which outputs paid for it.",
            "04_pooling_and_backprop", _back_step),
    Exhibit("How training flows", "The errors of a small network, epoch by epoch; point at the chart for the numbers. "
            "In the notebook the curves grow while a network trains, and Stop keeps its best weights.",
            "10_resnet", _flow_scope),
)  # fmt: skip

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>convbook: the widgets</title>
<style>
body {{ margin: 0; background: #fff; color: #1f2023; font: 16px/1.5 system-ui, sans-serif; }}
main {{ max-width: 60rem; margin: 0 auto; padding: 1rem; }}
section {{ margin-bottom: 3rem; }}
a {{ color: #0b5cad; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #161616; color: #ececec; }} a {{ color: #7cc4ff; }} }}
{css}
</style>
</head>
<body>
<main>
<h1>The widgets of convbook</h1>
{sections}
</main>
{scripts}
</body>
</html>
"""
SECTION = """<section>
<h2>{heading}</h2>
<p>{text} {unit}</p>
<div id="{view}"></div>
</section>"""
SCRIPT = """<script type="application/json" id="{view}-state">{state}</script>
<script type="module">
{module}
show(widget, document.getElementById("{view}"), document.getElementById("{view}-state").textContent);
</script>"""


def write_gallery(path: str | os.PathLike[str], notebooks: Path | None = None) -> Path:
    """Write the page to `path` and return it; the units' links lead into the folder `notebooks`.

    Raises `ValueError` where the folder of `path` does not exist.
    """
    target = Path(path)
    shown = [(exhibit, exhibit.make()) for exhibit in EXHIBITS]
    base = os.path.relpath(notebooks, target.resolve().parent) if notebooks else "notebooks"
    views = dict.fromkeys(widget.view for _, widget in shown)
    shared = stylesheet("")
    own = "".join(stylesheet(view).removeprefix(shared) for view in views)
    written = {
        exhibit.unit for exhibit, _ in shown if notebooks is None or (notebooks / exhibit.unit).is_dir()
    }
    sections = "\n".join(
        _section(exhibit, widget, Path(base).as_posix(), written) for exhibit, widget in shown
    )
    scripts = "\n".join(_script(widget) for _, widget in shown)
    return page.write(target, PAGE.format(css=shared + own, sections=sections, scripts=scripts))


def _section(exhibit: Exhibit, widget: Widget, base: str, written: set[str]) -> str:
    """Return one widget's part of the page; its unit is a link where there is such a notebook."""
    link = html.escape(f"{base}/{exhibit.unit}/{exhibit.unit}.ipynb", quote=True)
    unit = f"Unit {exhibit.unit[:2]}"
    if exhibit.unit in written:
        unit = f'<a href="{link}">{unit}</a>'
    return SECTION.format(
        heading=html.escape(exhibit.heading), text=html.escape(exhibit.text), view=widget.view, unit=unit
    )


def _script(widget: Widget) -> str:
    module = es_module("_page") + "\n" + es_module(widget.view).replace("export default", "const widget =")
    state = json.dumps(widget.state()).replace("<", "\\u003c")
    return SCRIPT.format(view=widget.view, state=state, module=module.replace("</script", "<\\/script"))
