"""What every widget shares: traits, sentence, picture, page, and the rule that makes one module of several."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from cases import flat, full
from convbook import style
from convbook.authoring.gallery import EXHIBITS
from convbook.widgets import ConvXray, SlideLab, bundle, engine

ADDRESS = re.compile(r"https?://(?!www\.w3\.org/)")


@pytest.mark.parametrize("widget", [SlideLab(), ConvXray(flat())], ids=["slide", "xray"])
def test_the_output_carries_the_live_view_a_picture_and_the_sentence(widget):
    data, metadata = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == metadata["image/png"]["alt"] == widget.words()


def written(widget) -> list[str]:
    """Return the texts in a widget's still picture."""
    return [text.get_text() for axis in widget.picture().axes for text in axis.texts]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("widget", [SlideLab(padding=1, bias=0.5), ConvXray(flat())], ids=["slide", "xray"])
def test_the_still_picture_says_the_sentence_too(widget, theme):
    style.use(theme)
    try:
        assert " ".join(written(widget)).endswith(widget.words())
    finally:
        style.use("light")


def test_the_still_picture_of_a_slide_is_an_equation_with_a_question_mark_for_what_is_not_predicted_yet():
    texts = written(SlideLab(np.ones((2, 2)), np.ones((2, 2)), 3, padding=1, predict=True))
    assert texts.count("?") == 9 and {"image", "×", "weights", "+", "3", "bias", "=", "output"} <= set(texts)


def test_the_still_picture_of_an_xray_shows_foreign_weights():
    swapped = full(lambda x, w, b, s, p: (x, w[::-1], b, s, p))
    assert "a¹" in written(ConvXray(swapped, size=3, filters=2))


def fill_colours(widget) -> list[tuple[int, ...]]:
    """Return the colours of the filled areas of a still picture, as bytes."""
    patches = [patch for axis in widget.picture().axes for patch in axis.patches if patch.get_fill()]
    return [tuple(round(255 * part) for part in patch.get_facecolor()[:3]) for patch in patches]


def test_the_colours_of_the_still_picture_are_those_of_the_browser():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine (Debian: apt-get install nodejs)")
    code = (
        f"import {{ gray, signed }} from {(bundle.STATIC / '_colour.js').as_uri()!r};"
        "const all = [gray(0, 0, 4), gray(3, 0, 4), signed(-2, 2, false), signed(1, 2, false)];"
        "console.log(JSON.stringify(all.map((one) => one.background.match(/\\d+/g).map(Number))));"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-e", code], capture_output=True, text=True, check=True
    )
    drawn = fill_colours(SlideLab(np.array([[0.0, 3], [4, 4]]), np.array([[-2.0, 1]])))
    assert {tuple(colour) for colour in json.loads(done.stdout)} <= set(drawn)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("widget", [SlideLab(padding=2), ConvXray(flat(), size=9)], ids=["slide", "xray"])
def test_nothing_of_a_still_picture_is_cut_off(widget, theme):
    style.use(theme)
    try:
        figure = widget.picture()
        FigureCanvasAgg(figure)
        width, height = figure.get_size_inches() * figure.dpi
        for drawn in (*figure.axes[0].patches, *figure.axes[0].texts):
            box = drawn.get_window_extent(figure.canvas.get_renderer())
            assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, drawn
    finally:
        style.use("light")


@pytest.mark.parametrize("widget", [SlideLab(), ConvXray(flat())], ids=["slide", "xray"])
def test_the_right_border_of_the_last_grid_is_whole_and_has_paper_beside_it(widget):
    pixels = np.array(Image.open(io.BytesIO(widget.picture().png())).convert("RGB")).astype(int)
    paper = pixels[0, 0]
    drawn = np.abs(pixels - paper).max(axis=2) > 8
    right = np.flatnonzero(drawn.any(axis=0))[-1]
    assert pixels.shape[1] - 1 - right >= 8, "paper is left at the right"
    border = np.flatnonzero(drawn[:, right - 1 : right + 1].any(axis=1))
    assert len(border) == border[-1] - border[0] + 1 >= 4 * 32, (
        "one line along four rows of the map, without a gap"
    )


def test_without_an_engine_a_widget_still_leaves_a_sentence_and_a_picture(monkeypatch):
    monkeypatch.setitem(sys.modules, "quickjs", None)
    with pytest.warns(UserWarning, match="quickjs-ng is not installed"):
        data, metadata = SlideLab()._repr_mimebundle_()
    assert data["text/plain"] == "Slide a window: open this notebook in Jupyter to see it move."
    assert metadata["image/png"]["alt"] == data["text/plain"]
    assert len(base64.b64decode(data["image/png"])) > 2000


def test_a_module_that_fails_is_told_in_one_sentence():
    with pytest.raises(engine.NoAnswer, match=r"slide_lab_still\.js stopped in words: .*undefined"):
        engine.ask("slide_lab", "words", {})


def test_the_engine_may_be_asked_from_any_thread():
    said = []
    threads = [threading.Thread(target=lambda: said.append(SlideLab().words())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [SlideLab().words()] * 4


def test_an_exported_page_shows_the_picture_with_its_alternative_text():
    import nbformat
    from nbconvert import HTMLExporter

    data, metadata = SlideLab()._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("slide", outputs=[output])])
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    assert "image/png;base64" in page
    assert f'alt="{SlideLab().words()}"' in page


@pytest.mark.parametrize("widget", [SlideLab(), ConvXray(flat())], ids=["slide", "xray"])
def test_a_page_asks_the_network_for_nothing(widget, tmp_path):
    text = widget.save_page(tmp_path / "page.html").read_text("utf-8")
    assert ADDRESS.findall(text) == []
    assert re.findall(r"\b(?:src|href)=\"(?!data:)", text) == []
    assert list(tmp_path.iterdir()) == [tmp_path / "page.html"]


def test_a_state_cannot_break_out_of_the_page(tmp_path):
    widget = ConvXray(flat())
    widget.blocked = "</script><script>alert(1)</script>"
    assert "<script>alert" not in widget.save_page(tmp_path / "page.html").read_text("utf-8")


def test_a_missing_folder_gives_one_clear_sentence(tmp_path):
    with pytest.raises(ValueError, match="there is no folder"):
        SlideLab().save_page(tmp_path / "nowhere" / "page.html")


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda one: one.heading)
def test_a_module_imports_nothing_and_is_small(exhibit):
    module = str(exhibit.make()._esm)
    assert not re.search(r"^import\b", module, re.MULTILINE)
    assert len(module) < 70_000, "a notebook keeps it once, however often the widget is shown"


@pytest.mark.parametrize(
    "line",
    ['import * as a from "./_b.js";', 'import a from "./_b.js";', 'import { a } from "https://cdn/x.js";',
     'export { a };', "export default 3;", 'export * from "./_b.js";', 'import "./_b.js";'],
)  # fmt: skip
def test_what_the_rule_does_not_know_is_refused(tmp_path, line):
    (tmp_path / "_b.js").write_text("export const a = 1;\n")
    (tmp_path / "_c.js").write_text(line + "\n")
    (tmp_path / "w.js").write_text('import { c } from "./_c.js";\nexport default { c };\n')
    with pytest.raises(ValueError, match=r"_c\.js: cannot inline"):
        bundle.es_module("w", tmp_path)


def test_comments_on_lines_of_their_own_stay_behind_and_nothing_else_does(tmp_path):
    (tmp_path / "w.js").write_text(
        '// one\n/**\n * two\n */\nconst a = /** @type {any} */ (1); // three\n/** four */ const b = "/* five */";\n'
        "  // six\nexport default { a, b };\n"
    )
    assert bundle.es_module("w", tmp_path) == (
        'const a = /** @type {any} */ (1); // three\n/** four */ const b = "/* five */";\nexport default { a, b };\n'
    )


def test_indentation_and_empty_lines_stay_behind_and_texts_keep_their_spaces(tmp_path):
    (tmp_path / "w.js").write_text('const a = {\n  b: "  c  ",\n\n    d: `  e`,\n};\nexport default { a };\n')
    assert bundle.es_module("w", tmp_path) == (
        'const a = {\nb: "  c  ",\nd: `  e`,\n};\nexport default { a };\n'
    )


def test_a_text_between_backticks_over_several_lines_is_refused(tmp_path):
    (tmp_path / "w.js").write_text("const a = `one\n  two`;\nexport default { a };\n")
    with pytest.raises(ValueError, match="must end on its line: 'const a = `one'"):
        bundle.es_module("w", tmp_path)


def test_shared_files_are_taken_once_each_in_the_order_they_need(tmp_path):
    (tmp_path / "_a.js").write_text("export const one = 1;\n")
    (tmp_path / "_b.js").write_text(
        'import { one as first } from "./_a.js";\nexport const two = first + 1;\n'
    )
    (tmp_path / "w.js").write_text(
        'import { two } from "./_b.js";\nimport { one } from "./_a.js";\nexport default { two, one };\n'
    )
    text = bundle.es_module("w", tmp_path)
    assert text.count("const one = 1;") == 1
    assert text.index("const $_a") < text.index("const $_b")
    assert "const { one: first } = $_a;" in text


def test_files_that_import_each_other_are_told(tmp_path):
    (tmp_path / "_a.js").write_text('import { b } from "./_b.js";\nexport const a = b;\n')
    (tmp_path / "_b.js").write_text('import { a } from "./_a.js";\nexport const b = a;\n')
    (tmp_path / "w.js").write_text('import { a } from "./_a.js";\nexport default { a };\n')
    with pytest.raises(ValueError, match="imports itself"):
        bundle.es_module("w", tmp_path)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("a",), "image must be an array of numbers"),
        ((np.zeros((2, 2, 2, 2)),), "image has shape"),
        ((np.zeros((20, 20)),), "at most 12"),
        ((np.full((4, 4), np.nan),), "not finite"),
        ((np.zeros((3, 4, 4)), np.zeros((2, 2))), "the image has 3 channels and the kernels 1"),
        ((np.zeros((2, 2)), np.zeros((3, 3))), "does not fit"),
        ((np.zeros((4, 4)), np.zeros((2, 1, 3, 3)), [1.0]), "2 kernels and 1 biases"),
        (([],), "image has shape"),
    ],
)
def test_a_wrong_argument_gives_one_clear_sentence(arguments, part):
    with pytest.raises(ValueError, match=part):
        SlideLab(*arguments)


def test_callbacks_run_one_at_a_time_in_whatever_thread():
    widget, running, most = SlideLab(), [0], [0]

    def act():
        running[0] += 1
        most[0] = max(most[0], running[0])
        threading.Event().wait(0.02)
        running[0] -= 1

    widget.listen(act, "at", "predict")
    threads = [
        threading.Thread(target=widget._trait_notifiers["at"]["change"][-1], args=({},)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_the_room_loads_nothing_before_a_widget_is_asked_for():
    code = "import sys, convbook.widgets; print([m for m in ('anywidget', 'torch', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
