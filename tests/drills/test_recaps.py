"""The recap of every unit offers three drills of its own; nothing about them is graded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convbook import checks, drills

SOURCES = Path(__file__).resolve().parents[2] / "solutions"
UNITS = [unit for unit in checks.units() if (SOURCES / unit.folder).is_dir()]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.folder)
def test_the_recap_offers_three_drills_right_after_the_predictions(unit):
    cells = json.loads((SOURCES / unit.folder / f"{unit.folder}.ipynb").read_text("utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    place = sources.index("check.drill(count=3)")
    assert sources[place - 1] == "Predict.recap()"
    assert cells[place]["metadata"] == {"tags": ["raises-exception"]}, (
        "it is no graded cell, and stops nothing"
    )


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.folder)
def test_drill_of_a_units_checks_asks_that_units_own_kinds(unit):
    module = __import__(f"convbook.checks.{unit.folder[3:]}", fromlist=["drill"])
    asked = module.drill(count=3).questions
    assert {one.kind.unit for one in asked} == {unit.folder[:2]} and len(
        {one.kind.name for one in asked}
    ) == 3
    assert "drill" in module.__all__
    assert sum(kind.unit == unit.folder[:2] for kind in drills.KINDS.values()) >= 3
