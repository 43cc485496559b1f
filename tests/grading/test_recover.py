"""Whatever has happened to a file, what can be read of it is read, and what cannot says why in one sentence."""

from __future__ import annotations

import json
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convbook.grading.reading.recover import Found, Unreadable, read_notebook

CELLS = [
    {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": f"x = {n}\ny = 'é'", "outputs": []}
    for n in range(5)
]
WHOLE = json.dumps(
    {"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1, ensure_ascii=False
)


def sources(found: Found) -> list[str]:
    return [cell["source"] for cell in found.cells]


def test_a_whole_notebook_needs_no_mending():
    found = read_notebook(WHOLE.encode())
    assert found.mended == [] and sources(found) == [cell["source"] for cell in CELLS]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_another_encoding_is_read_and_told(encoding):
    found = read_notebook(WHOLE.encode(encoding))
    assert sources(found) == [cell["source"] for cell in CELLS] and len(found.mended) == 1


@given(st.integers(0, len(WHOLE.encode())))
def test_a_truncated_file_gives_its_complete_cells_or_one_sentence(end):
    content = WHOLE.encode()[:end]
    try:
        found = read_notebook(content)
    except Unreadable as error:
        assert str(error) and "\n" not in str(error)
    else:
        assert sources(found) == [cell["source"] for cell in CELLS][: len(found.cells)]


@given(st.binary(max_size=400))
def test_no_bytes_at_all_raise_anything_else(content):
    try:
        read_notebook(content)
    except Unreadable as error:
        assert "\n" not in str(error)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["cells", "cell_type", "source", "metadata", "outputs", "id", "worksheets", "nbgrader"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_no_json_at_all_raises_anything_else(value):
    try:
        found = read_notebook(json.dumps(value).encode())
    except Unreadable:
        return
    for cell in found.cells:
        assert (
            cell["cell_type"] in ("code", "markdown", "raw")
            and isinstance(cell["source"], str)
            and cell["id"]
        )


def test_a_conflict_gives_the_student_s_own_side():
    text = WHOLE.replace(
        '   "source": "x = 2\\ny = \'é\'",',
        '<<<<<<< HEAD\n   "source": "mine",\n=======\n   "source": "theirs",\n>>>>>>> b',
    )
    found = read_notebook(text.encode())
    assert sources(found)[2] == "mine" and "conflict" in found.mended[0]


def test_cells_without_ids_or_with_the_same_id_get_their_own():
    cells = [
        {"cell_type": "code", "source": ["a\n", "b"]},
        {"cell_type": "code", "id": "x", "source": ""},
        {"cell_type": "code", "id": "x", "source": ""},
    ]
    found = read_notebook(json.dumps({"cells": cells}).encode())
    assert len({cell["id"] for cell in found.cells}) == 3 and sources(found)[0] == "a\nb"


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\0", b"{}", b"[]", b"null", b'{"cells": 5}', b'{"cells": []}', b"[" * 100_000]
)
def test_what_is_no_notebook_says_so(content):
    with pytest.raises(Unreadable, match=r"empty|notebook|cells"):
        read_notebook(content)


# --- what would take too much


def with_cells(*more):
    return json.dumps({"cells": [*CELLS, *more], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def cell(source, **rest):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], **rest}


LISTS = b'{"metadata": {"x": [' + b"[]," * 4_000_000 + b'1]}, "cells": []}'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (with_cells(cell("x = !ls\n" * 480 + "y = 1\n" * 39_520)), "too many magics and shell commands"),
        (with_cells(*[cell("a = b\n" * 8_000)] * 20), "characters of code, more than the 500,000"),
        (with_cells(*[cell("a " * 950_000)] * 5), "characters of text, more than the 8,000,000"),
        (with_cells(*[cell("")] * 5_000), "5,005 cells, more than the 5,000"),
        (LISTS, "more than the 3,000,000 numbers and texts"),
        (b'{"cells": "' + b"\xc3\xa9" * 16_000_000, "MB besides large pictures, more than the 30 MB"),
    ],
    ids=["magics", "code", "text", "cells", "lists", "bytes"],
)
def test_what_would_take_too_long_is_unreadable_at_once(content, reason):
    began = time.process_time()
    with pytest.raises(Unreadable, match=reason):
        read_notebook(content)
    assert time.process_time() - began < 3


def test_pictures_that_cells_have_shown_take_no_room():
    shown = {"output_type": "display_data", "data": {"image/png": "iVBO" * 800_000}, "metadata": {}}
    content = with_cells(*[cell("1", outputs=[shown, shown]) for _ in range(6)])
    tracemalloc.start()
    found = read_notebook(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(content) > 35e6 and peak < 10e6
    assert found.mended == [] and found.cells[-1]["outputs"] == [{"output_type": "display_data"}]


@pytest.mark.parametrize("depth", [30, 700, 100_000])
def test_metadata_nested_very_deep_are_left_out_or_the_file_s_cells_are(depth):
    deep = "[" * depth + "]" * depth
    content = with_cells(cell("z = 1", id="deep")).replace(
        b'"metadata": {}, "source": "z', f'"metadata": {{"tags": ["t"], "x": {deep}}}, "source": "z'.encode()
    )
    found = read_notebook(content)
    assert len(found.mended) == 1 and sources(found)[:5] == [cell["source"] for cell in CELLS]
    if depth < 1000:
        assert found.cells[5]["metadata"] == {"tags": ["t"]} and "nested too deep" in found.mended[0]


def test_attachments_that_are_damaged_or_too_large_are_left_out_and_said():
    attached = {
        "a.png": {"image/png": "iVBO"},
        "b.png": {"image/png": 7},
        "c.png": {"image/png": "i" * 11_000_000},
    }
    found = read_notebook(with_cells({"cell_type": "markdown", "source": "x", "attachments": attached}))
    assert list(found.cells[-1]["attachments"]) == ["a.png"] and "2 attached files" in found.mended[0]
