"""SketchPad: the kernel's network answers after each stroke, and what speaks for its answer is laid over the drawing."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch

from browser import violations
from convbook.widgets import SketchPad
from hands import drag_mouse, in_node, point, spoken, trait

PAD = ".cb-pad"
CLASSES = ["bright", "dark", "odd"]


def look(image):
    """Answer with tensors, as a network does: a bright image is bright, and every bright place speaks for it."""
    assert image.shape == (1, 1, 12, 12) and image.dtype == np.float32
    pixels = torch.from_numpy(image)[0, 0]
    return torch.stack([10 * pixels.mean(), torch.tensor(0.5), torch.tensor(-1.0)]), pixels[::4, ::4] - 0.5


def pad() -> SketchPad:
    images = np.zeros((2, 1, 12, 12))
    images[1] = 1
    return SketchPad(look, images, CLASSES)


def test_the_answer_belongs_to_what_is_drawn_and_changes_with_it():
    widget = pad()
    assert (
        widget.words()
        == "The network takes this image for dark, with a logit of 0.5; next comes bright, with 0."
    )
    widget.drawing = base64.b64encode(np.full(144, 255, np.uint8).tobytes()).decode()
    assert (
        widget.words()
        == "The network takes this image for bright, with a logit of 10; next comes dark, with 0.5."
    )
    assert widget.answered == widget.drawing and widget.evidence == [[0.5] * 3] * 3


def test_a_drawing_without_an_answer_yet_says_that_it_waits():
    state = pad().state() | {"drawing": "AAAA"}
    assert in_node("_sketch_pad", "part.words(state)", state=state).startswith(
        "The kernel is asked for an answer"
    )


def test_whatever_the_network_raises_is_one_sentence_and_the_pad_goes_on():
    state = {"broken": False}

    def answer(image):
        if state["broken"]:
            raise RuntimeError("no weights")
        return look(image)

    widget = SketchPad(answer, np.zeros((1, 1, 12, 12)), CLASSES)
    state["broken"] = True
    widget.drawing = base64.b64encode(bytes(range(144))).decode()
    assert widget.words() == "The network gave no answer: RuntimeError: no weights."
    state["broken"] = False
    widget.drawing = base64.b64encode(bytes(144)).decode()
    assert "dark" in widget.words()


@pytest.mark.parametrize(
    ("answer", "images", "classes", "told"),
    [
        (look, np.zeros((1, 3, 12, 12)), CLASSES, "wanted (n, 1, h, w)"),
        (look, np.full((1, 1, 12, 12), 255), CLASSES, "divide by 255"),
        (look, np.zeros((1, 1, 12, 12)), ["one"], "wanted from 2 to 20 names"),
        (look, np.zeros((1, 1, 12, 12)), ["one", "two"], "look gave 3 logits; there are 2 classes"),
        (lambda image: ([[1.0, 2.0]], [[1.0]]), np.zeros((1, 1, 12, 12)), CLASSES, "logits has shape (1, 2)"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(answer, images, classes, told):
    with pytest.raises(ValueError) as refused:
        SketchPad(answer, images, classes)
    assert told in str(refused.value) and "\n" not in str(refused.value)


def test_evidence_is_red_for_the_answer_and_blue_against_it_over_the_image():
    state = {"size": [2, 4], "evidence": [[1.0, -1.0]]}
    colours = np.array(
        in_node("_sketch_pad", "part.seen(state, new Uint8ClampedArray(8))", state=state)
    ).reshape(2, 4, 3)
    left, right = colours[0, 0], colours[0, 3]
    assert left[0] > left[2] and right[2] > right[0]
    assert np.array_equal(colours[0], colours[1])


def test_a_stroke_and_a_stored_image_reach_python(show):
    page = show(pad())
    before = trait(page, "drawing")
    drag_mouse(page, point(page, PAD, 0.2, 0.5), point(page, PAD, 0.8, 0.5))
    drawn = np.frombuffer(base64.b64decode(trait(page, "drawing")), np.uint8).reshape(12, 12)
    assert trait(page, "drawing") != before and drawn[5:7, 3:9].min() > 100 and drawn[0].max() == 0
    assert spoken(page).startswith("The kernel is asked for an answer")
    page.get_by_role("button", name="Next image").click()
    assert set(base64.b64decode(trait(page, "drawing"))) == {255}
    page.get_by_role("button", name="Invert").click()
    assert trait(page, "drawing") == before and "takes this image for dark" in spoken(page)


def test_nobody_is_shut_out(show):
    assert violations(show(pad())) == []


def test_a_still_picture_a_sentence_and_a_page_are_left(tmp_path):
    widget = pad()
    data, metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == widget.words()
    texts = {text.get_text() for text in widget.picture().axes[0].texts}
    assert {"▸ dark", "bright", "red speaks for the answer"} <= texts
    assert widget.save_page(tmp_path / "page.html").stat().st_size < 200_000


NOTEBOOK = """import numpy as np
from convbook.widgets import SketchPad
def look(image):
    return [10 * image.mean(), 0.5], image[0, 0, ::4, ::4]
SketchPad(look, np.zeros((1, 1, 12, 12)), ["bright", "dark"])"""


def test_in_jupyterlab_the_kernel_answers_what_was_drawn(chromium, lab, watch):
    lab.write("pad.ipynb", [NOTEBOOK])
    context = chromium.new_context(viewport={"width": 1200, "height": 1000})
    watch.guard(context)
    page = context.new_page()
    lab.open(page, "pad.ipynb")
    lab.run_all(page)
    page.wait_for_selector(f".sketch-pad {PAD}")
    page.locator(f".sketch-pad {PAD}").scroll_into_view_if_needed()
    sentence = "document.querySelector('.sketch-pad .cb-sentence').textContent"
    answered = f"(before) => {sentence} !== before && {sentence}.includes('takes this image for')"
    blank = page.evaluate(sentence)
    assert "next comes bright, with 0." in blank
    drag_mouse(page, point(page, PAD, 0.2, 0.5), point(page, PAD, 0.8, 0.5))
    page.wait_for_function(answered, arg=blank)
    drawn = page.evaluate(sentence)
    page.get_by_role("button", name="Invert").click()
    page.wait_for_function(answered, arg=drawn)
    assert "takes this image for bright" in page.evaluate(sentence)
    context.close()
