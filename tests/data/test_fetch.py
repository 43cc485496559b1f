"""Downloads, against a server on this machine: whole, broken off, wrong, missing, and with the disk full."""

from __future__ import annotations

import dataclasses
import errno
import os
from pathlib import Path

import pytest

from convbook import data
from convbook.bar import Bar
from convbook.data import sources
from convbook.data.errors import DataError
from convbook.data.fetch import TRIES, fetch

CONTENT = bytes(range(256)) * 3000  # 768,000 bytes: several chunks


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(file, folder) -> str:
    """Return the sentence with which a fetch fails, and hold it to being one sentence."""
    with pytest.raises(DataError) as failure:
        fetch(file, folder, quiet=True)
    message = str(failure.value)
    assert "\n" not in message and len(message) < 400
    assert failure.value._render_traceback_() == [message]
    return message


def test_a_file_arrives_whole_under_its_own_name(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    assert fetch(file, tmp_path / "new" / "folder", quiet=True).read_bytes() == CONTENT
    assert left_in(tmp_path / "new" / "folder") == ["images.gz"]


def test_a_file_that_is_there_and_right_is_not_fetched_again(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    (tmp_path / "images.gz").write_bytes(CONTENT)
    fetch(file, tmp_path, quiet=True)
    assert shop.asked == []


def test_a_file_that_is_there_and_damaged_is_replaced(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    (tmp_path / "images.gz").write_bytes(CONTENT[:-1] + b"!")
    assert fetch(file, tmp_path, quiet=True).read_bytes() == CONTENT


def test_a_damaged_file_stays_as_it_is_when_no_better_one_can_be_had(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    del shop.files["images.gz"]
    (tmp_path / "images.gz").write_bytes(b"damaged")
    refused(file, tmp_path)
    assert (tmp_path / "images.gz").read_bytes() == b"damaged"


def test_a_dropped_connection_is_taken_up_where_it_stopped(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    shop.cuts = [300_000]
    assert fetch(file, tmp_path, quiet=True).read_bytes() == CONTENT
    assert shop.asked == [("images.gz", None), ("images.gz", "bytes=300000-")]
    assert left_in(tmp_path) == ["images.gz"]


def test_many_drops_are_survived_as_long_as_each_try_brings_something(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    shop.cuts = [70_000] * (2 * TRIES)
    assert fetch(file, tmp_path, quiet=True).read_bytes() == CONTENT


def test_a_drop_without_an_announced_length_is_seen_too(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    shop.lengths, shop.cuts = False, [300_000]
    assert fetch(file, tmp_path, quiet=True).read_bytes() == CONTENT


def test_without_range_support_the_file_is_fetched_from_its_beginning(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    shop.ranges, shop.cuts = False, [300_000]
    assert fetch(file, tmp_path, quiet=True).read_bytes() == CONTENT
    assert len(shop.asked) == 2


def test_a_connection_that_keeps_dropping_is_given_up_and_what_came_is_kept(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    shop.cuts = [300_000] + [0] * TRIES
    message = refused(file, tmp_path)
    assert "did not come" in message and "is kept" in message
    assert left_in(tmp_path) == ["images.gz.part"]
    assert fetch(file, tmp_path, quiet=True).read_bytes() == CONTENT  # asked again later
    assert shop.asked[-1] == ("images.gz", "bytes=300000-")


def test_no_server_at_all_gives_one_clear_sentence(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    shop.shutdown()
    shop.server_close()
    assert "check the network" in refused(file, tmp_path)
    assert left_in(tmp_path) == []


def test_a_server_that_is_busy_for_a_moment_is_asked_again(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    shop.refusals = [503, 429]
    assert fetch(file, tmp_path, quiet=True).read_bytes() == CONTENT


def test_a_missing_file_is_told_at_once_and_leaves_nothing(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    del shop.files["images.gz"]
    assert "404" in refused(file, tmp_path)
    assert len(shop.asked) == 1
    assert left_in(tmp_path) == []


def test_a_wrong_hash_gives_one_clear_sentence_and_leaves_nothing(shop, tmp_path):
    file = dataclasses.replace(shop.offer("images.gz", CONTENT), sha256="0" * 64)
    assert "SHA-256" in refused(file, tmp_path)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("sent", [CONTENT[:-10], CONTENT + b"and more", b"<html>please log in</html>"],
                         ids=["shorter", "longer", "a web page"])  # fmt: skip
def test_another_file_than_the_promised_one_leaves_nothing(shop, tmp_path, sent):
    file = shop.offer("images.gz", CONTENT)
    shop.files["images.gz"] = sent
    assert "is not images.gz" in refused(file, tmp_path)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("beginning", [b"from another version", b"x" * len(CONTENT), CONTENT + b"too long"],
                         ids=["shorter", "as long", "longer"])  # fmt: skip
def test_a_wrong_beginning_from_an_earlier_time_is_thrown_away(shop, tmp_path, beginning):
    file = shop.offer("images.gz", CONTENT)
    (tmp_path / "images.gz.part").write_bytes(beginning)
    assert fetch(file, tmp_path, quiet=True).read_bytes() == CONTENT
    assert left_in(tmp_path) == ["images.gz"]


def test_the_second_address_is_asked_when_the_first_does_not_have_it(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    file = dataclasses.replace(file, addresses=(shop.address("elsewhere.gz"), *file.addresses))
    assert fetch(file, tmp_path, quiet=True).read_bytes() == CONTENT


def test_a_full_disk_gives_one_clear_sentence_and_leaves_nothing(shop, tmp_path, monkeypatch):
    file = shop.offer("images.gz", CONTENT)
    really_open = Path.open

    def open_on_a_full_disk(path, *arguments, **options):
        opened = really_open(path, *arguments, **options)
        return (
            Full(opened)
            if path.suffix == ".part" and "b" in arguments[0] and arguments[0] != "rb"
            else opened
        )

    monkeypatch.setattr(Path, "open", open_on_a_full_disk)
    message = refused(file, tmp_path)
    assert "full" in message and str(tmp_path) in message
    assert left_in(tmp_path) == []
    assert len(shop.asked) == 1  # another try would not help


class Full:
    """A file on a disk that has room for 400,000 bytes."""

    def __init__(self, opened):
        self.opened, self.room = opened, 400_000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.opened.close()

    def write(self, chunk):
        self.room -= len(chunk)
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.opened.write(chunk)


def test_a_folder_that_cannot_be_made_gives_one_clear_sentence(shop, tmp_path):
    file = shop.offer("images.gz", CONTENT)
    (tmp_path / "taken").write_text("a file, not a folder")
    assert "cannot be written to" in refused(file, tmp_path / "taken" / "below")


def test_an_interrupted_download_goes_on_the_next_time(shop, tmp_path, monkeypatch):
    file = shop.offer("images.gz", CONTENT)

    def stop(self, came=1):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Bar, "update", stop)
        with pytest.raises(KeyboardInterrupt):
            fetch(file, tmp_path, quiet=True)
    assert left_in(tmp_path) == ["images.gz.part"]
    assert fetch(file, tmp_path, quiet=True).read_bytes() == CONTENT
    assert shop.asked[-1][1].startswith("bytes=")


def shown_by(file, folder, monkeypatch, capsys) -> list[str]:
    """Return the states of the bar that a person sees while `file` is fetched."""
    monkeypatch.setattr("convbook.bar.watched", lambda: True)
    fetch(file, folder)
    shown = capsys.readouterr()
    assert shown.out.endswith("\n") and shown.err == ""
    return shown.out.rstrip().split("\r")


def test_the_progress_bar_ends_full_and_writes_nothing_to_stderr(shop, tmp_path, monkeypatch, capsys):
    last = shown_by(shop.offer("images.gz", CONTENT), tmp_path, monkeypatch, capsys)[-1]
    assert last.startswith("images.gz: 100%|") and "768k/768k" in last and "B/s" in last


def test_the_progress_bar_of_a_resumed_file_begins_where_it_stopped(shop, tmp_path, monkeypatch, capsys):
    (tmp_path / "images.gz.part").write_bytes(CONTENT[: len(CONTENT) // 2])
    states = shown_by(shop.offer("images.gz", CONTENT), tmp_path, monkeypatch, capsys)
    assert states[1].startswith("images.gz:  50%|") and states[-1].startswith("images.gz: 100%|")


def test_download_fetches_every_file_into_a_folder_of_its_own(shop, tmp_path, monkeypatch):
    files = (shop.offer("one.gz", b"one"), shop.offer("two.gz", b"two"))
    monkeypatch.setitem(sources.SOURCES, "fashion-mnist", files)
    folder = data.download("fashion-mnist", tmp_path, quiet=True)
    assert folder == tmp_path / "fashion-mnist" and left_in(folder) == ["one.gz", "two.gz"]


def test_download_goes_where_the_loader_looks(shop, bare_machine, monkeypatch):
    monkeypatch.setitem(sources.SOURCES, "cifar-10", (shop.offer("one.gz", b"one"),))
    assert data.download("cifar-10", quiet=True) == bare_machine / "cache" / "cifar-10"
    monkeypatch.setenv("CONVBOOK_DATA", str(bare_machine / "mine"))
    assert data.download("cifar-10", quiet=True) == bare_machine / "mine" / "cifar-10"


def test_an_unknown_data_set_is_told_with_the_names_that_are_known(tmp_path):
    with pytest.raises(DataError, match="'imagenet'; choose one of 'fashion-mnist', 'cifar-10'"):
        data.download("imagenet", tmp_path)


def test_every_source_is_public_https_with_a_whole_sha256():
    for files in sources.SOURCES.values():
        for file in files:
            assert len(bytes.fromhex(file.sha256)) == 32 and file.size > 0
            assert file.addresses and all(address.startswith("https://") for address in file.addresses)
            assert all(address.endswith("/" + file.name) for address in file.addresses)
