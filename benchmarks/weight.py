"""How heavy a notebook is that was run and saved, with its figures and the state of its widgets.

    python benchmarks/weight.py                  # all units
    python benchmarks/weight.py 01_convolution

Every cell of the solution runs in a kernel, as Run All does. Each picture is stored once, as HTML with its sentence, or, of a
widget, as a PNG for where nothing moves; the code of a kind of widgets once a notebook.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

SOLUTIONS = Path(__file__).resolve().parent.parent / "solutions"
STATE = "application/vnd.jupyter.widget-state+json"


def ran(unit: str) -> nbformat.NotebookNode:
    """Return a unit's solution after all its cells have run, with the state of its widgets."""
    notebook = nbformat.read(SOLUTIONS / unit / f"{unit}.ipynb", as_version=4)
    place = {"metadata": {"path": str(SOLUTIONS / unit)}}
    return NotebookClient(notebook, timeout=1800, allow_errors=True, resources=place).execute()


def weight(notebook: nbformat.NotebookNode) -> dict[str, int]:
    """Return how many bytes a notebook takes, `whole`, and how many of them are figures, widgets' pictures and state."""
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())]
    state = notebook.metadata.get("widgets", {}).get(STATE, {})
    return {
        "whole": len(nbformat.writes(notebook).encode()),
        "figures": sum(len(one["text/html"]) for one in data if "data:image" in one.get("text/html", "")),
        "still pictures": sum(len(one.get("image/png", "")) for one in data),
        "state of widgets": len(json.dumps(state)),
    }


def main() -> None:
    """Print a line for each unit."""
    units = sys.argv[1:] or sorted(path.name for path in SOLUTIONS.iterdir() if path.is_dir())
    for unit in units:
        kinds = ", ".join(f"{kind} {size / 1000:,.0f} kB" for kind, size in weight(ran(unit)).items())
        print(f"{unit}: {kinds}", flush=True)


if __name__ == "__main__":
    main()
