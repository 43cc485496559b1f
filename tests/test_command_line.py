"""The `convbook` command: quick to answer, light to start, and clear when something is wrong."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from convbook.__main__ import build_parser, main

COMMANDS = (
    "lab",
    "progress",
    "solution",
    "drill",
    "check",
    "clean",
    "release",
    "gallery",
    "book",
    "new",
    "export",
    "roster",
)


def seconds(*words: str, tries: int = 5) -> float:
    """Return the shortest time a command took: what the machine does besides can only make it longer."""
    taken = []
    for _ in range(tries):
        started = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - started)
    return min(taken)


def test_help_answers_at_once():
    bare = seconds("-c", "pass")
    asked = seconds("-m", "convbook", "--help")
    assert asked < 0.3 or asked < 6 * bare  # the second on machines where nothing starts that fast


@pytest.mark.parametrize("words", [["--help"], *([c, "--help"] for c in COMMANDS)], ids=" ".join)
def test_help_loads_nothing_heavy(words):
    code = (
        "import sys\nfrom convbook.__main__ import main\n"
        f"try: main({words!r})\nexcept SystemExit: pass\n"
        "print(*sorted(m for m in ('torch', 'matplotlib', 'nbgrader', 'numpy', 'nbclient') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def test_help_names_every_command():
    text = build_parser([]).format_help()
    for command in (*COMMANDS, "grade", "report"):
        assert f"    {command} " in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example_of_itself(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert f"\n  convbook {command}" in capsys.readouterr().out.split("examples")[1]


def test_without_a_command_it_helps(capsys):
    assert main([]) == 0
    assert "convbook lab" in capsys.readouterr().out


def test_outside_a_course_it_says_so_in_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    said = capsys.readouterr().err
    assert "no course was found" in said
    assert "--course" in said
    assert said.count("\n") == 1


def test_an_unknown_unit_is_answered_with_those_there_are(tmp_path, capsys):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()")
    (tmp_path / "source" / "03_sharing").mkdir(parents=True)
    (tmp_path / "source" / "03_sharing" / "03_sharing.ipynb").write_text("{}")
    assert main(["release", "9", "--course", str(tmp_path)]) == 2
    assert "no unit is called '9'; this course has 03_sharing" in capsys.readouterr().err


def test_a_broken_configuration_is_one_sentence(tmp_path, capsys):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config(\n")
    assert main(["clean", "--course", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "could not be read: SyntaxError" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("word", ["0", "99999", "http"])
def test_a_port_that_is_none_is_refused(word, capsys):
    with pytest.raises(SystemExit):
        main(["lab", "--port", word])
    assert "is no port" in capsys.readouterr().err


def test_the_grader_is_loaded_only_when_it_is_asked_for(monkeypatch, capsys):
    import convbook.grading

    monkeypatch.setitem(sys.modules, "convbook.grading.command", None)  # importing it fails from here on
    monkeypatch.delattr(convbook.grading, "command", raising=False)
    assert main([]) == 0
    with pytest.raises(SystemExit) as end:
        main(["grade", "01"])
    assert end.value.code == 2
    assert "the grader cannot be loaded" in capsys.readouterr().err


def test_the_grader_gets_its_own_options(monkeypatch):
    from types import ModuleType

    command = ModuleType("convbook.grading.command")
    command.add_arguments = lambda parser: parser.add_argument("unit")
    command.run = lambda arguments: {"01": 7}[arguments.unit]
    monkeypatch.setitem(sys.modules, "convbook.grading.command", command)
    monkeypatch.setattr("convbook.grading.command", command, raising=False)
    assert main(["grade", "01"]) == 7
