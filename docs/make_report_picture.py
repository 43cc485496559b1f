"""Make the picture of a report: a made class of 300 in unit 1, the first screen of its page.

    python docs/make_report_picture.py               # writes docs/report.png

Needs Chromium, and the packages of the `dev` extra. The class is drawn from a seed: the picture is always the same,
but for the time of the run.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SIZE = {"width": 1240, "height": 940}
COLOURS = 128


def main() -> None:
    """Make the class, its page, and the picture of it."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from PIL import Image
    from playwright.sync_api import sync_playwright

    from convbook.grading.course import Course
    from convbook.reports import analysis, pages
    from reports import made_class

    with tempfile.TemporaryDirectory(prefix="convbook-report-") as folder:
        course = Course(made_class.make(Path(folder) / "course", 300))
        made_class.make_units(course.root)
        page = pages.unit_page(analysis.of_unit(course, made_class.UNIT))
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport=SIZE)
        tab.set_content(page)
        picture = tab.screenshot()
        browser.close()
    small = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(HERE / "report.png", optimize=True)
    print(f"report.png: {(HERE / 'report.png').stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
