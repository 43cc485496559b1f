"""A course for the book's tests: the real unit 0, and a small unit that shows each thing a page can hold."""

from __future__ import annotations

import shutil
from pathlib import Path

from tiny import code, make_course, markdown, nbgrader, notebook, write

UNIT = "01_small"
PROMISE = "Everything a page can hold, in one unit."
SOLUTION = '''def corr2d(x, k):
    """Slide the kernel `k` over the image `x`."""
    ### BEGIN SOLUTION
    gathered_total = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
    for zeile in range(gathered_total.shape[0]):
        for spalte in range(gathered_total.shape[1]):
            gathered_total[zeile, spalte] = (x[zeile : zeile + k.shape[0], spalte : spalte + k.shape[1]] * k).sum()
    return gathered_total
    ### END SOLUTION'''
FLAG = {"tags": ["raises-exception"]}
ALT = "Tables of numbers. seen: 1 0 0; 0 1 0; 0 0 1."


def cells() -> list[dict]:
    """Return the cells of the small unit."""
    return [
        markdown(
            f"# 1 · Small\n{PROMISE}\n\n**After this notebook you can** read.\n"
            "**5 min · 1 exercise · 2 points · needs 0 Start here · runs on a CPU**"
        ),
        code(
            "import numpy as np\nfrom convbook.checks import convolution as check\n"
            "from convbook.figures import pictures\nfrom convbook.widgets import Predict, SlideLab"
        ),
        code("ask = Predict('Which corner is lit?', choices=['the upper', 'the lower'])\nask"),
        code("print('the lower')\nask.truth('the lower', why='It is nearer.')"),
        code("SlideLab()"),
        code("pictures.grids({'seen': np.eye(3)})"),
        markdown("A mean of\n$$\\hat x = \\frac{x-\\mu}{\\sigma}$$\nand $\\sigma$ beside it."),
        code("print('5%|#   | 1/20 [00:00<00:01]\\r100%|####| 20/20 [00:01<00:00]')\nprint('<b> & done')"),
        code("print('a very long line ' * 30)"),
        markdown("### ✏️ Exercise 1.1 — Slide\n**5 min · ●○○ · 2 points** — write `corr2d`."),
        code(SOLUTION, nbgrader=nbgrader("corr2d"), **FLAG),
        code("corr2d(np.full((2, 2), 1371.0), np.ones((2, 2)))", **FLAG),
        code("check.corr2d(corr2d)", nbgrader=nbgrader("check-corr2d", 2), **FLAG),
        markdown(
            "<details><summary>Hint — where to begin?</summary>\n\nAt the **first** window.\n\n</details>"
        ),
        code("later = Predict('How large is the sum?', unit='pixels')\nlater", **FLAG),
        code("later.truth(corr2d(np.ones((2, 2)), np.ones((2, 2)))[0, 0])", **FLAG),
        code("check.drill(count=2)"),
        code("Predict.recap()"),
        markdown(
            "## Recap\nYou read. Go back to [0 · Start here](../00_start_here/00_start_here.ipynb), "
            "or on to [9 · Nothing](../09_nothing/09_nothing.ipynb)."
        ),
    ]


def make(folder: Path, repository: Path) -> Path:
    """Write the course, its small unit released, and return its folder."""
    from convbook.authoring import release
    from convbook.authoring.course import open_course

    make_course(folder, cells(), UNIT)
    readme = (
        "# A small course\n\nA course to *try* the book with.\n\n![A check that speaks.](docs/moving.gif)\n"
    )
    (folder / "README.md").write_text(readme)
    (folder / "docs").mkdir()
    shutil.copyfile(repository / "docs" / "convbook.gif", folder / "docs" / "moving.gif")
    for kind in ("solutions", "notebooks"):
        shutil.copytree(repository / kind / "00_start_here", folder / kind / "00_start_here")
    release.release(open_course(folder), [UNIT])
    return folder


def break_it(folder: Path) -> None:
    """Let a cell of the small unit fail."""
    path = folder / "solutions" / UNIT / f"{UNIT}.ipynb"
    write(path, notebook([{**code("1 / 0"), "id": "fails"}, *cells()]))
