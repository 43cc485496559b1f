"""Papers on paper: one for each name, keys apart, nothing else needed; and the command that does it."""

from __future__ import annotations

import html
import re

import pytest

from convbook import drills
from convbook.__main__ import main
from convbook.drills import DrillError, printed

LIST = "\ufeffAda Lovelace\n\n  Jo\u0308rg   Müller \r\nADA  LOVELACE\n<b>Ἀλέξανδρος & Co</b>\n"


def plain(page):
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def test_a_list_of_names_loses_blanks_and_doubles_and_says_so():
    names, told = printed.names_in(LIST.removeprefix("\ufeff"))
    assert names == ["Ada Lovelace", "Jörg Müller", "<b>Ἀλέξανδρος & Co</b>"]
    assert told == ["line 4: ADA LOVELACE is on the list twice; there is one paper for that name"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "has no names"), (" \n\t\n", "has no names"), ("x" * 200, "line 1 has 200 characters")],
)
def test_a_list_that_is_none_is_told_in_one_sentence(text, words):
    with pytest.raises(DrillError, match=words):
        printed.names_in(text)


def test_a_list_in_another_coding_is_told(tmp_path):
    (tmp_path / "names.txt").write_bytes("Jörg".encode("latin-1"))
    with pytest.raises(DrillError, match="no text in UTF-8"):
        printed.read_names(tmp_path / "names.txt")


def test_the_command_writes_papers_and_keys_that_need_nothing_else(tmp_path, capsys):
    (tmp_path / "names.txt").write_text(LIST, "utf-8")
    words = [
        "drill",
        "--paper",
        str(tmp_path / "names.txt"),
        "--out",
        str(tmp_path / "out"),
        "--seed",
        "7",
        "--count",
        "4",
    ]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "ADA LOVELACE is on the list twice" in said and "3 papers of 4 questions (seed 7)" in said
    papers, keys = ((tmp_path / "out" / f"{name}.html").read_text("utf-8") for name in ("papers", "keys"))
    for page in (papers, keys):
        assert page.count("<article") == 3 and page.count("<li>") == 12 and "size: A4" in page
        assert not re.search(r"https?:|<script|<img|<link", page)
        assert "<b>" not in page and "<b>Ἀλέξανδρος & Co</b>" in html.unescape(page)
    paper = drills.paper("ada lovelace", 7, 4)
    for drill, (answer, way) in zip(paper.questions, drills.keyed(paper), strict=True):
        assert drill.text in plain(papers) and drill.text not in plain(keys)
        assert answer in plain(keys) and way in plain(keys) and way not in plain(papers)
    before = papers
    assert main(words) == 0
    assert (tmp_path / "out" / "papers.html").read_text("utf-8") == before, (
        "the same names and seed give the same papers"
    )


def test_every_name_can_have_a_file_of_its_own(tmp_path):
    papers = [
        drills.paper(name, 0, 2) for name in ("Ada", "../../etc/passwd", "keys", "Ada!", "?", "Jörg Müller")
    ]
    written = printed.write_papers(papers, tmp_path / "deep" / "er", each=True)
    assert [path.name for path in written] == ["Ada.html", "etcpasswd.html", "keys_2.html", "Ada_2.html", "paper.html", "Jörg_Müller.html",
                                               "keys.html"]  # fmt: skip
    assert all(path.parent == tmp_path / "deep" / "er" for path in written)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "seven"], "the seed 'seven' is no whole number"), (["--unit", "77"], "unit '77' has no drills"), (["--kind", "parameter"], "do you mean parameters"),
        (["--count", "0"], "0 questions cannot be drawn"), (["--paper", "nowhere.txt"], "could not read or write (nowhere.txt)"),
        (["--work", "nowhere"], "is no folder"),
    ],
)  # fmt: skip
def test_the_command_says_in_one_sentence_what_it_cannot_do(capsys, words, said):
    assert main(["drill", *words]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and error.startswith("convbook drill: ")


@pytest.mark.parametrize("count", ["-1", "many", "1.5"])
def test_a_count_that_is_no_number_is_told(capsys, count):
    with pytest.raises(SystemExit):
        main(["drill", "--count", count])
    assert "is no number of questions" in capsys.readouterr().err


def test_the_kinds_are_listed_by_unit(capsys):
    assert main(["drill", "--list", "--unit", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == [
        kind.name for kind in drills.KINDS.values() if kind.unit == "02"
    ]


def test_the_command_keeps_what_was_answered_in_the_learners_folder(tmp_path, capsys, monkeypatch):
    asked = iter(["?", "q"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(asked))
    assert main(["drill", "--work", str(tmp_path), "--unit", "11", "--seed", "3"]) == 0
    assert (tmp_path / "drills.json").exists() and "0 of 1 right" in capsys.readouterr().out
