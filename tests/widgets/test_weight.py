"""A unit that was run and saved stays light: a learner's folder, a hand-in and a commit hold it many times."""

from __future__ import annotations

import importlib.util
from pathlib import Path

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "weight.py"
MOST = 1_500_000  # bytes, of the unit with the most pictures


def test_unit_1_with_all_its_outputs_and_widgets_is_saved_in_one_and_a_half_megabytes():
    spec = importlib.util.spec_from_file_location("weight", BENCHMARK)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    notebook = benchmark.ran("01_convolution")
    sizes = benchmark.weight(notebook)
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())]
    assert sum("data:image" in one.get("text/html", "") for one in data) >= 15  # the pictures are there
    assert sizes["figures"] > 300_000 and sizes["state of widgets"] > 100_000
    assert not any("image/png" in one and "data:image" in one.get("text/html", "") for one in data)
    assert sizes["whole"] < MOST, sizes
