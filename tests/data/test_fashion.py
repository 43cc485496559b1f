"""Fashion-MNIST: the bundle, the full set, and files that are not what they should be."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest

from convbook import data
from convbook.data import fashion, make_subset, places
from convbook.data.errors import DataError
from convbook.data.idx import read_idx

# SHA-256 of the four files' content, unpacked; the archives of the publisher and of Debian differ in their wrapping.
PUBLISHED = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


@pytest.fixture(scope="module")
def full():
    """The full set's arrays, where they are on this machine and are the published ones."""
    try:
        folder = fashion.find()
    except DataError as absent:
        pytest.skip(f"{absent} (or install Debian's package dataset-fashion-mnist)")
    for name, published in PUBLISHED.items():
        path = fashion._file(folder, name)
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == published, f"{path} is not the published file"
    return fashion.read_full(folder)


def test_the_bundle_holds_equally_many_images_of_every_class():
    clothes = data.fashion_mnist()
    assert clothes.train_images.shape == (10_000, 1, 28, 28) and clothes.test_images.shape == (
        2_000,
        1,
        28,
        28,
    )
    assert clothes.train_images.dtype == np.uint8 and clothes.train_labels.dtype == np.int64
    assert np.bincount(clothes.train_labels).tolist() == [1_000] * 10
    assert np.bincount(clothes.test_labels).tolist() == [200] * 10
    assert len(clothes.class_names) == 10
    assert clothes.train_images.flags.writeable and clothes.train_images.flags.c_contiguous


def test_the_bundle_is_at_most_8_megabytes_and_carries_its_licence():
    assert fashion.BUNDLE.stat().st_size <= 8_000_000
    notice = fashion.BUNDLE.with_name("fashion_mnist_LICENSE.txt").read_text(encoding="utf-8")
    assert "MIT License" in notice and "2017 Zalando SE" in notice and "WITHOUT WARRANTY" in notice


def test_the_bundle_is_read_in_less_than_half_a_second():
    started = time.process_time()  # the processor's time: a busy machine does not count
    data.fashion_mnist()
    assert time.process_time() - started < 0.5


def test_no_image_of_the_bundle_comes_twice():
    clothes = data.fashion_mnist()
    both = np.concatenate([clothes.train_images, clothes.test_images]).reshape(12_000, -1)
    assert len(np.unique(both, axis=0)) >= 11_990  # the full set itself holds a few equal images


def test_the_bundle_is_what_the_full_set_gives(full):
    made, bundled = make_subset.subset(full), fashion.read_subset()
    assert made.keys() == bundled.keys()
    for name in made:
        assert np.array_equal(made[name], bundled[name]) and made[name].dtype == bundled[name].dtype


@pytest.mark.skipif(
    "ng" in zlib.ZLIB_RUNTIME_VERSION, reason="this Python compresses with zlib-ng, which gives other bytes"
)
def test_the_script_makes_the_bundle_byte_for_byte(full):
    assert make_subset.packed(make_subset.subset(full)) == fashion.BUNDLE.read_bytes()


def test_the_script_writes_the_bundle_in_one_piece(full, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(make_subset, "BUNDLE", tmp_path / "bundle.npz")
    make_subset.main([])
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.npz"]
    assert capsys.readouterr().out == f"bundle.npz: {(tmp_path / 'bundle.npz').stat().st_size:,} bytes\n"


def test_the_full_set_has_seventy_thousand_images(full):
    clothes = data.fashion_mnist("full")
    assert clothes.train_images.shape == (60_000, 1, 28, 28) and clothes.test_images.shape == (
        10_000,
        1,
        28,
        28,
    )
    assert np.bincount(clothes.train_labels).tolist() == [6_000] * 10
    assert repr(clothes) == (
        "Images(60,000 to train on, 10,000 to test with, each (1, 28, 28) of uint8, 10 classes)"
    )


def test_a_damaged_bundle_gives_one_clear_sentence(tmp_path, monkeypatch):
    whole = fashion.BUNDLE.read_bytes()
    for content in (b"", whole[: len(whole) // 2], whole[:100_000] + b"????" + whole[100_004:]):
        (tmp_path / "bundle.npz").write_bytes(content)
        monkeypatch.setattr(fashion, "BUNDLE", tmp_path / "bundle.npz")
        with pytest.raises(DataError, match=r"bundle.npz is missing or damaged: install the course again"):
            data.fashion_mnist()


def test_an_unknown_size_and_a_folder_for_the_subset_are_told(tmp_path):
    with pytest.raises(DataError, match='"subset" or "full", not \'half\''):
        data.fashion_mnist("half")
    with pytest.raises(DataError, match='ask for size="full"'):
        data.fashion_mnist(folder=tmp_path)


# A full set of 20 + 10 images, in the real format.


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A folder with a whole tiny set, and the sizes of the full set changed to its."""
    monkeypatch.setattr(fashion, "PARTS", {"train": ("train", 20), "test": ("t10k", 10)})
    folder = tmp_path / "own"
    folder.mkdir()
    write_set(folder)
    return folder


def write_set(folder: Path) -> None:
    for prefix, n in fashion.PARTS.values():
        images = np.arange(n * 784).astype(np.uint8).reshape(n, 28, 28)
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", (np.arange(n) % 10).astype(np.uint8))


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def write_idx(path: Path, array: np.ndarray) -> None:
    path.write_bytes(gzip.compress(idx(array)) if path.suffix == ".gz" else idx(array))


def test_the_full_set_is_read_from_a_named_folder_and_from_one_below_it(tiny, bare_machine):
    assert data.fashion_mnist("full", tiny).train_images[1, 0, 0, 0] == 784 % 256
    tiny.rename(tiny.with_name("fashion-mnist"))
    assert len(data.fashion_mnist("full", str(tiny.parent)).test_images) == 10


def test_files_that_were_unpacked_are_read_too(tiny):
    for path in tiny.glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert len(data.fashion_mnist("full", tiny).train_images) == 20


def test_the_variable_comes_before_the_cache_and_the_cache_before_debian(tiny, bare_machine, monkeypatch):
    spots = [
        bare_machine / "debian" / "fashion-mnist",
        bare_machine / "cache" / "fashion-mnist",
        bare_machine / "mine",
    ]
    monkeypatch.setenv("CONVBOOK_DATA", str(bare_machine / "mine"))
    for spot in spots:
        spot.mkdir(parents=True)
        write_set(spot)
        assert fashion.find() == spot


def test_an_absent_full_set_is_told_with_the_places_and_the_way_to_get_it(bare_machine):
    with pytest.raises(DataError) as failure:
        data.fashion_mnist("full")
    message = str(failure.value)
    assert message.endswith('get it once, 31 MB, with data.download("fashion-mnist")') and "\n" not in message
    assert str(bare_machine / "cache" / "fashion-mnist") in message


def test_a_named_folder_without_the_files_is_told_and_nothing_else_is_read(tmp_path):
    with pytest.raises(DataError, match=r'data.download\("fashion-mnist", ".*nowhere"\)'):
        data.fashion_mnist("full", tmp_path / "nowhere")


def test_a_missing_file_is_named(tiny):
    (tiny / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"own lacks t10k-labels-idx1-ubyte.gz; get it once"):
        data.fashion_mnist("full", tiny)


def test_labels_of_no_class_are_told(tiny):
    write_idx(tiny / "train-labels-idx1-ubyte.gz", np.full(20, 77, np.uint8))
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte.gz holds labels above 9"):
        data.fashion_mnist("full", tiny)


PICTURES = np.arange(2 * 3 * 4).astype(np.uint8).reshape(2, 3, 4)
PACKED = gzip.compress(idx(PICTURES), mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.gz", PACKED[:-9], "is cut short"),
        ("a.gz", PACKED[:25] + b"!!" + PACKED[27:], "is corrupt"),
        ("a.gz", PACKED[:10] + b"\xff" + PACKED[11:], "is corrupt"),
        ("a.gz", b"<html>not found</html>", "is corrupt"),
        ("a.gz", b"", "is cut short"),
        ("a", b"\0\0", "not even a header"),
        ("a", idx(PICTURES)[:10], "is cut short: 10 bytes instead of 40"),
        ("a", idx(PICTURES)[:-1], "is cut short: 39 bytes instead of 40"),
        ("a", idx(PICTURES) + b"x", "is too long: 41 bytes instead of 40"),
        ("a", idx(PICTURES[:1]), r"holds an array of shape \(1, 3, 4\), not \(2, 3, 4\)"),
        ("a", idx(PICTURES[0]), "is not an IDX file of 3 axes: it begins with 00 00 08 02"),
        ("a", b"\0\0\x0d" + idx(PICTURES)[3:], "is not an IDX file of 3 axes: it begins with 00 00 0d 03"),
    ],
    ids=[
        "cut gzip", "altered gzip", "no gzip block", "a web page", "empty gzip", "two bytes", "cut header", "a byte less",
        "a byte more", "fewer images", "fewer axes", "floats",
    ],
)  # fmt: skip
def test_a_faulty_idx_file_gives_one_clear_sentence_that_names_it(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=sentence) as failure:
        read_idx(tmp_path / name, (2, 3, 4))
    assert str(failure.value).startswith(str(tmp_path / name)) and "\n" not in str(failure.value)


def test_a_right_idx_file_is_read_as_it_is(tmp_path):
    for name in ("a", "a.gz"):
        write_idx(tmp_path / name, PICTURES)
        assert np.array_equal(read_idx(tmp_path / name, (2, 3, 4)), PICTURES)


def test_an_idx_file_that_is_absent_or_a_folder_gives_one_clear_sentence(tmp_path):
    with pytest.raises(DataError, match="is missing"):
        read_idx(tmp_path / "a.gz", (2, 3, 4))
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path, (2, 3, 4))


def test_each_platform_has_its_own_cache_folder(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ada"))
    assert places.cache_folder("linux", {}) == Path("/home/ada/.cache/convbook")
    assert places.cache_folder("linux", {"XDG_CACHE_HOME": "/fast"}) == Path("/fast/convbook")
    assert places.cache_folder("linux", {"XDG_CACHE_HOME": "not/absolute"}) == Path(
        "/home/ada/.cache/convbook"
    )
    assert places.cache_folder("darwin", {}) == Path("/home/ada/Library/Caches/convbook")
    assert places.cache_folder("win32", {"LOCALAPPDATA": "/local"}) == Path("/local/convbook")
    assert places.cache_folder("win32", {}) == Path("/home/ada/AppData/Local/convbook")


def test_a_user_without_a_home_still_finds_what_the_system_has(monkeypatch):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("CONVBOOK_DATA", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert places.places("fashion-mnist") == [places.DEBIAN / "fashion-mnist"]
    with pytest.raises(DataError, match="no home folder"):
        places.download_folder("fashion-mnist")


def test_importing_data_loads_nothing_heavy_and_no_network():
    heavy = ("torch", "sklearn", "matplotlib", "PIL", "urllib.request", "http.client")
    program = f"import sys; from convbook import data; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout == "[]\n"
