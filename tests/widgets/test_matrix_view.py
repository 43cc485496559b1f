"""MatrixView: a weight is dragged and its whole stripe changes; transposed, the picture is mirrored and runs backward."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest

from browser import violations
from convbook.widgets import MatrixView
from matrix_cases import IMAGE, KERNEL, ROW, SQUARE, VECTORS, at, golden, leftovers

CELL = "[role=grid][aria-label^=matrix] .cb-cell"
MAPS = {name: f".cb-map-{name} .cb-cell" for name in ("pixel", "weight", "output")}


def row(**options) -> MatrixView:
    return MatrixView(ROW, KERNEL, **options)


def spoken(page) -> str:
    return page.inner_text(".cb-sentence")


def numbers(page) -> list[list[str]]:
    """Return the texts of the matrix, with the vector above it and the one at its left."""
    return page.evaluate("""() => [...document.querySelectorAll('[aria-label^=matrix] .cb-row')]
        .map((row) => [...row.children].map((cell) => cell.textContent))""")


def ringed(page, selector: str) -> list[int]:
    """Return which cells of a grid have a ring."""
    return page.evaluate(
        "(s) => [...document.querySelectorAll(s)].flatMap((c, i) => c.classList.contains('cb-linked') ? [i] : [])",
        selector,
    )


def middle(page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def point(page, selector: str) -> None:
    """Move the pointer over a cell, as a hand does: by more than one place."""
    page.hover(selector, position={"x": 6, "y": 6})
    page.hover(selector, position={"x": 12, "y": 14})


def test_the_committed_vectors_are_what_python_and_torch_give_now():
    committed, now = json.loads(VECTORS.read_text("utf-8")), json.loads(json.dumps(golden()))
    for widget, cases in now.items():
        for case, old in zip(cases, committed[widget], strict=True):
            for name, wanted in case.pop("numbers").items():
                assert wanted == pytest.approx(old["numbers"][name]), case["about"]
            assert case == {part: old[part] for part in case}, case["about"]


def test_the_pure_javascript_agrees_with_the_vectors():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine (Debian: apt-get install nodejs)")
    command = [node, "--test", str(VECTORS.parent / "matrix.test.mjs")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_a_weight_dragged_by_mouse_changes_its_whole_stripe_and_nothing_else_of_the_matrix(show):
    page = show(row())
    before = numbers(page)
    x, y = middle(page, f"{MAPS['weight']} >> nth=1")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 80, steps=8)
    page.mouse.up()
    page.wait_for_function("() => document.querySelector('.cb-sentence').textContent.includes('is 6.')")
    after = numbers(page)
    changed = [(r, c) for r in range(1, 5) for c in range(1, 7) if before[r][c] != after[r][c]]
    assert changed == [(1, 2), (2, 3), (3, 4), (4, 5)] and {after[r][c] for r, c in changed} == {"6"}
    assert [line[0] for line in after[1:]] == ["8", "15", "19", "23"], "and the outputs with it"
    assert {7 * r + c for r, c in changed} <= set(ringed(page, CELL)), "the stripe has rings"


def test_a_weight_is_dragged_by_a_finger_and_the_page_does_not_scroll(show):
    page = show(row(), width=400)
    page.evaluate("() => (document.body.style.height = '3000px')")
    touch = page.context.new_cdp_session(page)
    x, y = middle(page, f"{MAPS['weight']} >> nth=0")

    def send(kind: str, points: list) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", [{"x": x, "y": y}])
    for step in range(1, 9):
        send("touchMove", [{"x": x, "y": y + 10 * step}])
    send("touchEnd", [])
    page.wait_for_function("() => window.model.get('kernel')[0][0] < 1.5")
    assert page.evaluate("() => window.scrollY") == 0
    assert [numbers(page)[r][r] for r in range(1, 5)] == [numbers(page)[1][1]] * 4 != ["2"] * 4
    touch_action = "() => getComputedStyle(document.querySelector('.cb-map-pixel .cb-cell')).touchAction"
    assert page.evaluate(touch_action) == "manipulation", "elsewhere a finger scrolls the page"


def test_keys_walk_the_matrix_change_a_weight_and_stay_inside(show):
    page = show(row())
    page.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', (e) => window.heard.push(e.key)); }"
    )
    page.focus(f"{CELL}[tabindex='0']")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert spoken(page) == "Cell [0, 1] holds weight [1], which is 5: output [0] multiplies pixel [1] by it."
    page.focus(f"{MAPS['weight']}[tabindex='0']")
    for key in ("ArrowRight", "+", "0", "-"):
        page.keyboard.press(key)
    page.wait_for_function("() => document.querySelector('.cb-sentence').textContent.includes('is −0.1.')")
    assert page.evaluate("() => document.activeElement.textContent") == "−0.1", (
        "the focus stays on the weight"
    )
    assert page.evaluate("() => window.heard") == []


def test_a_matrix_cell_lights_up_its_weight_its_pixel_and_its_output(show):
    page = show(row())
    page.click(f"{CELL} >> nth={7 * 2 + 3}")
    assert [ringed(page, MAPS[name]) for name in ("pixel", "weight", "output")] == [[2], [1], [1]]
    assert spoken(page).startswith("Cell [1, 2] holds weight [1], which is 5")
    page.click(f"{CELL} >> nth={7 * 4 + 1}")
    assert [ringed(page, MAPS[name]) for name in ("pixel", "weight", "output")] == [[], [], []]
    assert spoken(page).startswith("Cell [3, 0] is 0: output [3] does not read pixel [0]")


def test_a_row_is_a_window_and_a_column_says_who_reads_a_pixel(show):
    page = show(row())
    page.click(f"{CELL} >> nth={7 * 3}")
    assert spoken(page) == "Row 2 is the window of output [2]: 2 · 2 + 5 · 1 + 3 · 3 = 18."
    assert ringed(page, MAPS["pixel"]) == [2, 3, 4]
    assert (
        page.locator(".cb-map-pixel .cb-window").count() == page.locator(".cb-matrix .cb-window").count() == 1
    )
    page.click(f"{CELL} >> nth=1")
    assert spoken(page) == "Column 0 says who reads pixel [0]: output [0], through the weight 2."
    assert ringed(page, MAPS["output"]) == [0]
    assert page.locator(".cb-map-pixel .cb-window").count() == 0


def test_what_the_pointer_is_over_is_shown_quietly_and_what_was_chosen_comes_back(show):
    page = show(row())
    chosen = spoken(page)
    point(page, f"{MAPS['output']} >> nth=3")
    assert spoken(page).startswith("Row 3 is the window of output [3]")
    assert page.get_attribute(".cb-sentence", "aria-live") == "off"
    page.mouse.move(2, 880)
    assert spoken(page) == chosen and page.evaluate("() => window.model.get('at')") == ["weight", 0]


def test_transposing_mirrors_the_matrix_turns_the_arrow_and_keeps_the_place(show):
    page = show(at(row(), ["pixel", 2]))
    before = np.array(numbers(page))[1:, 1:]
    assert page.get_attribute(".cb-arrow", "aria-label") == "forward"
    page.click("text=Transpose")
    page.wait_for_selector("[aria-label=backward]")
    assert (np.array(numbers(page))[1:, 1:] == before.T).all()
    assert numbers(page)[0][1:] == ["1", "−1", "2", "0"], "the gradients of the outputs go in"
    assert [line[0] for line in numbers(page)[1:]] == ["2", "3", "2", "7", "6", "0"], "of the pixels come out"
    assert spoken(page).startswith("Row 2 was column 2: pixel [2] gets 3 · 1 + 5 · (−1) + 2 · 2 = 2")
    assert page.evaluate("() => document.activeElement.textContent") == "Transpose"


def test_the_matrix_is_folded_over_unless_less_movement_is_asked_for(show):
    name = "() => getComputedStyle(document.querySelector('.cb-matrix')).animationName"
    for still, wanted in ((False, "cb-fold"), (True, "none")):
        page = show(row(), still=still)
        assert page.evaluate(name) == "none", "nothing starts by itself"
        page.click("text=Transpose")
        page.wait_for_selector("[aria-label=backward]")
        assert page.evaluate(name) == wanted


def test_in_im2col_one_pixel_stands_in_many_cells_and_the_transposed_one_gives_the_weights_gradients(show):
    page = show(at(row(), ["pixel", 2]))
    page.click("text=im2col")
    page.wait_for_function("() => document.querySelector('.cb-sentence').textContent.startsWith('Pixel')")
    assert (
        spoken(page)
        == "Pixel [2] is 2. It stands in 3 of the 4 · 3 cells: once for each window that it lies in."
    )
    assert numbers(page)[1:] == [
        ["8", "1", "0", "2"], ["13", "0", "2", "1"], ["18", "2", "1", "3"], ["20", "1", "3", "1"]
    ]  # fmt: skip
    page.click("text=Transpose")
    page.wait_for_selector("[aria-label=backward]")
    kernel = page.evaluate("() => window.model.get('kernel')")
    page.focus(f"{MAPS['weight']}[tabindex='0']")
    page.keyboard.press("+")
    assert page.evaluate("() => window.model.get('kernel')") == kernel, "what is shown there is no weight now"


def test_a_row_and_an_image_can_be_chosen_and_one_that_was_given_stands_alone(show):
    page = show(MatrixView())
    assert numbers(page)[2] == ["13", "0", "2", "5", "3", "0", "0"]
    height = page.evaluate("() => document.querySelector('.convbook').offsetHeight")
    page.click("text=an image")
    page.wait_for_function("() => document.querySelectorAll('[aria-label^=matrix] .cb-row').length === 7")
    assert page.get_attribute("button:text('an image')", "aria-pressed") == "true"
    assert numbers(page)[1] == ["12", "2", "5", "0", "0", "3", "1", "0", "0", "0", "0", "0", "0"]
    assert abs(page.evaluate("() => document.querySelector('.convbook').offsetHeight") - height) <= 2
    alone = show(row(choose=False))
    assert alone.locator("button:visible").all_inner_texts() == ["Transpose"]


def test_a_kernel_that_comes_from_python_is_shown_or_told_why_not(show):
    page = show(row())
    page.evaluate("() => window.model.arrive({ kernel: [[1, 1]] })")
    page.wait_for_function("() => document.querySelectorAll('[aria-label^=matrix] .cb-row').length === 6")
    page.evaluate("() => window.model.arrive({ kernel: [[1, 1, 1, 1, 1, 1, 1]] })")
    page.wait_for_function(
        "() => /larger than the image/.test(document.querySelector('.cb-sentence').textContent)"
    )
    page.evaluate("() => window.model.arrive({ kernel: [[2, 5, 3]] })")
    page.wait_for_function("() => document.querySelectorAll('[aria-label^=matrix] .cb-row').length === 5")


SIZES = """() => ({ height: document.querySelector('.convbook').offsetHeight, body: document.querySelector('.cb-body').offsetHeight,
  maps: document.querySelector('.cb-maps').getBoundingClientRect().right, board: document.querySelector('.cb-board').offsetLeft })"""


@pytest.mark.parametrize("width", [400, 900])
def test_it_fits_a_screen_and_nothing_jumps_when_it_is_transposed_or_pointed_at(show, width):
    page = show(MatrixView(IMAGE, SQUARE), width=width)
    before = page.evaluate(SIZES)
    assert before["height"] <= 600 or width < 900
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    for name in ("Transpose", "im2col", "Transpose", "Toeplitz"):
        page.click(f"text={name}")
        assert page.evaluate(SIZES)["body"] == before["body"]
    page.click(f"{CELL} >> nth=15")
    assert page.evaluate(SIZES) == before


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_the_browser_says_what_python_says(show, dark):
    for widget in (MatrixView(IMAGE, SQUARE), at(row(matrix="im2col", transposed=True), ["weight", 1])):
        page = show(widget, dark=dark)
        assert violations(page) == []
        assert spoken(page) == widget.words()


def test_what_a_finger_must_hit_is_large_enough_and_texts_fit(show):
    page = show(
        at(MatrixView(IMAGE, SQUARE, transposed=True), ["output", 1], kernel=[[9.9, -9.9], [-9.9, 9.9]]),
        width=380,
    )
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    assert page.evaluate(
        "() => [...document.querySelectorAll('.cb-cell')].every((c) => c.offsetWidth >= 24 && c.scrollWidth <= c.clientWidth + 1)"
    )


def test_fifty_shows_leave_nothing(show):
    widget = MatrixView()
    assert leftovers(show(widget), widget) == ["", 0, 0, 0]


@pytest.mark.parametrize("transposed", [False, True])
def test_a_still_picture_and_a_page_are_left(tmp_path, transposed):
    widget = at(MatrixView(IMAGE, SQUARE, transposed=transposed), ["pixel", 5])
    data, _ = widget._repr_mimebundle_()
    assert data["text/plain"] == widget.words() and len(data["image/png"]) > 10_000
    texts = [text.get_text() for axis in widget.picture().axes for text in axis.texts]
    wanted = {"Toeplitz matrix, transposed: 12 × 6", "gradient of the pixels", "↑"} if transposed else {"Toeplitz matrix: 6 × 12", "image", "↓"}  # fmt: skip
    assert wanted <= set(texts)
    assert widget.save_page(tmp_path / "p.html").stat().st_size < 250_000


@pytest.mark.parametrize(
    ("arguments", "options", "part"),
    [
        (("a", [1]), {}, "image must be an array of numbers"),
        (([1, 2, 3], "a"), {}, "kernel must be an array of numbers"),
        (([1, 2, 3], None), {}, "give an image and its kernel"),
        ((None, [1]), {}, "give an image and its kernel"),
        (([], [1]), {}, r"image has shape \(0,\)"),
        ((np.zeros((2, 3, 3)), [1]), {}, r"image has shape \(2, 3, 3\)"),
        (([1, np.nan], [1]), {}, "not finite"),
        ((np.zeros(17), [1]), {}, "at most 16"),
        ((np.zeros((5, 5)), [1]), {}, "the image has 25 pixels; the widget shows at most 16"),
        (([1, 2], [1, 2, 3]), {}, "the 1 × 3 kernel does not fit into the 1 × 2 image"),
        (([1, 2, 3], [1, 2], [1, 2, 3]), {}, r"gradient has shape \(1, 3\); there are 1 × 2 outputs"),
        (([1, 2], [1]), {"matrix": "toeplitz"}, "matrix is 'toeplitz'; wanted"),
    ],
)
def test_a_wrong_argument_gives_one_clear_sentence(arguments, options, part):
    with pytest.raises(ValueError, match=part) as told:
        MatrixView(*arguments, **options)
    assert "\n" not in str(told.value)
