"""CIFAR-10, with small files in the real format."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from convbook import data
from convbook.data import cifar
from convbook.data.errors import DataError

N = 3  # images a file


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(cifar, "IMAGES_PER_FILE", N)


def made() -> dict[str, bytes]:
    """Return the six files: image i of file j has label (i + j) % 10, red i, green j, blue 7."""
    files = {}
    for j, name in enumerate((*cifar.TRAIN, cifar.TEST)):
        records = [
            bytes([(i + j) % 10]) + bytes([i]) * 1024 + bytes([j]) * 1024 + bytes([7]) * 1024
            for i in range(N)
        ]
        files[name] = b"".join(records)
    return files


def unpacked(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def archived(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    with tarfile.open(folder / cifar.ARCHIVE, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return folder


@pytest.mark.parametrize("form", [unpacked, archived])
def test_images_labels_and_channels_are_read_in_order(few, tmp_path, form):
    photos = data.cifar10(form(tmp_path / "set", made()))
    assert photos.train_images.shape == (5 * N, 3, 32, 32) and photos.test_images.shape == (N, 3, 32, 32)
    assert photos.train_labels.tolist() == [(i + j) % 10 for j in range(5) for i in range(N)]
    assert photos.test_labels.tolist() == [5, 6, 7]
    assert (photos.train_images[N + 2] == np.array([2, 1, 7]).reshape(3, 1, 1)).all()
    assert photos.train_images.dtype == np.uint8 and photos.train_labels.dtype == np.int64
    assert photos.class_names[3] == "cat"


def test_it_is_found_in_the_cache_where_the_download_puts_it(few, bare_machine):
    archived(bare_machine / "cache" / "cifar-10", made())
    assert len(data.cifar10().test_images) == N


def test_the_archive_unpacked_by_hand_is_found(few, tmp_path):
    unpacked(tmp_path / "cifar-10-batches-bin", made())
    assert len(data.cifar10(tmp_path).test_images) == N


def test_an_absent_set_is_told_with_the_way_to_get_it(bare_machine):
    with pytest.raises(DataError, match=r'CIFAR-10 is not here .*with data.download\("cifar-10"\)$'):
        data.cifar10()


def test_a_file_that_is_cut_short_is_named(few, tmp_path):
    files = made()
    files["data_batch_4.bin"] = files["data_batch_4.bin"][:-1]
    with pytest.raises(DataError, match=r"data_batch_4.bin has 9,218 bytes instead of 9,219"):
        data.cifar10(unpacked(tmp_path / "unpacked", files))
    with pytest.raises(DataError, match=r"lacks a whole data_batch_4.bin"):
        data.cifar10(archived(tmp_path / "archived", files))


def test_a_label_of_no_class_is_told(few, tmp_path):
    files = made()
    files["test_batch.bin"] = b"\x0b" + files["test_batch.bin"][1:]
    with pytest.raises(DataError, match=r"test_batch.bin is corrupt: it holds the label 11, above 9"):
        data.cifar10(archived(tmp_path / "set", files))


@pytest.mark.parametrize("fault", ["cut", "empty", "not gzip", "flipped"])
def test_a_faulty_archive_gives_one_clear_sentence_that_names_it(few, tmp_path, fault):
    path = archived(tmp_path / "set", made()) / cifar.ARCHIVE
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes({
        "cut": whole[:middle],
        "empty": b"",
        "not gzip": b"<html>not found</html>",
        "flipped": whole[:middle] + bytes(255 - byte for byte in whole[middle : middle + 20]) + whole[middle + 20 :],
    }[fault])  # fmt: skip
    with pytest.raises(DataError) as failure:
        data.cifar10(path.parent)
    assert cifar.ARCHIVE in str(failure.value) and "get it again" in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_link_in_the_archive_is_not_followed(few, tmp_path):
    files = made()
    del files["test_batch.bin"]
    path = archived(tmp_path / "set", files) / cifar.ARCHIVE
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("test_batch.bin")
        link.type, link.linkname, link.size = tarfile.SYMTYPE, "data_batch_1.bin", N * cifar.RECORD
        archive.addfile(link)
    with pytest.raises(DataError, match=r"lacks a whole test_batch.bin"):
        data.cifar10(path.parent)
