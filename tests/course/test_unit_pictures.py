"""Every unit has a picture in the README's table: small, alike in size, with a surface and a sentence of its own."""

from __future__ import annotations

import importlib.util
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from convbook import style
from convbook.authoring.course import Course, open_course
from convbook.authoring.table import table

ROOT = Path(__file__).resolve().parents[2]
UNITS = open_course(ROOT).units()


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location(
        "make_unit_pictures", ROOT / "docs" / "make_unit_pictures.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("unit", UNITS)
def test_a_units_picture_is_small_and_reads_on_any_page(unit):
    path = ROOT / "docs" / "units" / f"{unit[:2]}.png"
    assert path.stat().st_size < 25_000
    picture = Image.open(path)
    assert picture.size == (640, 400)
    words = picture.info["Description"]
    assert words.endswith(".") and 20 < len(words) < 120
    rgba = np.asarray(picture.convert("RGBA"))
    corner, inside = rgba[0, 0, 3], rgba[60:-60, 60:-60, 3]
    assert corner < 8 and inside.min() > 247  # round corners, and paper of its own
    assert f'alt="{words}"' in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_script_draws_every_unit_and_what_it_draws_is_what_is_there(script):
    assert list(script.UNITS) == [unit[:2] for unit in UNITS]
    style.use("light")
    draw, words = script.UNITS["03"]
    fresh = Image.open(io.BytesIO(script.with_words(draw(), words)))
    kept = Image.open(ROOT / "docs" / "units" / "03.png")
    assert fresh.info["Description"] == kept.info["Description"]
    difference = np.asarray(fresh.convert("RGBA"), dtype=float) - np.asarray(
        kept.convert("RGBA"), dtype=float
    )
    assert np.abs(difference).mean() < 4  # of 255; other versions draw edges a little differently


def test_the_table_has_a_picture_where_there_is_one_and_no_column_where_there_is_none(tmp_path):
    import tiny

    course: Course = open_course(tiny.make_course(tmp_path / "course"))
    assert table(course).startswith("| unit |")
    folder = course.folder / "docs" / "units"
    folder.mkdir(parents=True)
    told = PngInfo()
    told.add_text("Description", 'A "cat" | a <dog>.')
    Image.new("L", (4, 4)).save(folder / "01.png", pnginfo=told)
    head, _, row = table(course).splitlines()
    assert head.startswith("| picture | unit |") and row.count("|") == head.count("|")
    assert (
        '<img src="docs/units/01.png" width="160" alt="A &quot;cat&quot; &#124; a &lt;dog&gt;."></a>' in row
    )
