"""Make `jupyter nbconvert --to html` show the widgets' still pictures, with their sentences.

Where a notebook was saved with the state of its widgets, nbconvert writes only a script that asks a server far away
for the living ones: without a network the page shows nothing. `etc/jupyter/jupyter_nbconvert_config.json`, which is
installed with the course, names this preprocessor.
"""

from __future__ import annotations

import html
from typing import Any

from nbconvert.preprocessors import Preprocessor

LIVE = "application/vnd.jupyter.widget-view+json"


class StillPictures(Preprocessor):
    """Put, in place of every widget that left a picture and a sentence, an image that bears the sentence."""

    def preprocess_cell(self, cell: Any, resources: dict, index: int) -> tuple[Any, dict]:
        """Return the cell with still pictures only; other widgets stay as they are."""
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            sentence = output.get("metadata", {}).get("image/png", {}).get("alt")
            if sentence and LIVE in data and "image/png" in data:
                del data[LIVE]
                alt = html.escape(sentence, quote=True)
                picture = "".join(data.pop("image/png").split())
                data["text/html"] = (
                    f'<img alt="{alt}" style="max-width:100%" src="data:image/png;base64,{picture}">'
                )
        return cell, resources
