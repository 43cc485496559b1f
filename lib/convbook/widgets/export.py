"""Make `jupyter nbconvert --to html` show questions, pictures and figures that need no script and no network.

Where a notebook was saved with the state of its widgets, nbconvert writes only a script that asks a server far away
for the living ones: without a network the page shows nothing. `etc/jupyter/jupyter_nbconvert_config.json`, which is
installed with the course, names this preprocessor.
"""

from __future__ import annotations

from typing import Any

from nbconvert.preprocessors import Preprocessor

from convbook.markup import FIGURE, dark, image

LIVE = "application/vnd.jupyter.widget-view+json"


class StillPictures(Preprocessor):
    """Put what a widget left where nothing moves in its place: an image with its sentence, or a question as text."""

    def preprocess(self, nb: Any, resources: dict) -> tuple[Any, dict]:
        """Return the notebook without living widgets of ours, and without their state where no other is left."""
        nb, resources = super().preprocess(nb, resources)
        outputs = [output for cell in nb.cells for output in cell.get("outputs", [])]
        if not any(LIVE in output.get("data", {}) for output in outputs):
            nb.metadata.pop("widgets", None)
        return nb, resources

    def preprocess_cell(self, cell: Any, resources: dict, index: int) -> tuple[Any, dict]:
        """Return the cell with still pictures only; other widgets stay as they are."""
        for output in cell.get("outputs", []):
            data, about = output.get("data", {}), output.get("metadata", {})
            still(data, about)
            if resources.get("theme") in ("dark", "JupyterLab Dark") and FIGURE in str(data.get("text/html")):
                data["text/html"] = dark(data["text/html"])
        return cell, resources


def still(data: dict, about: dict) -> None:
    """Change an output of ours that lives in a browser into HTML that says or shows the same."""
    sentence = about.get("image/png", {}).get("alt")
    if sentence and "image/png" in data:
        data.pop(LIVE, None)
        picture = "".join("".join(data.pop("image/png")).split())
        data["text/html"] = image(sentence, f"data:image/png;base64,{picture}")
    elif "text/html" in data:
        data.pop(LIVE, None)
