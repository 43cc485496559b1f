"""Print how many lines of its own each widget has, and how many are shared.

    python benchmarks/widget_lines.py                      this checkout
    python benchmarks/widget_lines.py --against main       beside the lines of another commit
    python benchmarks/widget_lines.py --limit 900          exit code 1 where a widget has more

A widget's own are its Python module, its styles, its view and still picture, and the files of `static/` that bear a word of
its name, such as `_slide_paint.js` of `slide_lab.js`, and that no other widget imports. Counted are all lines, comments and
blank ones included; tests are not.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOM = "lib/convbook/widgets"
IMPORT = re.compile(r'from "\./(\w+)\.js"')
VIEW = re.compile(r'view: ClassVar\[str\] = "(\w+)"')
BROUGHT = re.compile(r"^from convbook\.widgets import (.+)$", re.MULTILINE)


def files(commit: str | None) -> dict[str, str]:
    """Return the texts of the widgets' files by their path in the room: of a commit, or of the checkout."""
    if commit is None:
        found = [*(ROOT / ROOM).glob("*.py"), *(ROOT / ROOM / "static").glob("*.[jc]s*")]
        return {str(path.relative_to(ROOT / ROOM)): path.read_text("utf-8") for path in found}

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    names = git("ls-tree", "-r", "--name-only", commit, ROOM).split()
    kept = [name for name in names if name.endswith((".py", ".js", ".css"))]
    return {name.removeprefix(f"{ROOM}/"): git("show", f"{commit}:{name}") for name in kept}


def reached(texts: dict[str, str], start: set[str]) -> set[str]:
    """Return these files of `static/` and all that they import."""
    found: set[str] = set()
    waiting = [name for name in start if name in texts]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [f"static/{one}.js" for one in IMPORT.findall(texts[name])]
    return found


def own(texts: dict[str, str]) -> dict[str, set[str]]:
    """Return the files of each widget that no other one uses."""
    views = {view: name for name, text in texts.items() for view in VIEW.findall(text)}
    used = {
        view: reached(texts, {f"static/{view}.js", f"static/{view}_still.js"})
        | {module, f"static/{view}.css"} & set(texts)
        | {f"{one}.py" for line in BROUGHT.findall(texts[module]) for one in re.split(r", *", line)}
        & set(texts)
        for view, module in views.items()
    }
    users = Counter(name for names in used.values() for name in names)
    return {
        view: {name for name in names if users[name] == 1 and _named_after(view, name)}
        for view, names in used.items()
    }


def _named_after(view: str, name: str) -> bool:
    """Return whether a file is a widget's piece by its name; `_slide_words.js` is one of `slide_lab`."""
    word = name.removeprefix("static/_").split("_")[0].removesuffix(".js")
    return not name.startswith("static/_") or any(one.startswith(word) for one in view.split("_"))


def lines(commit: str | None) -> dict[str, int]:
    """Return the lines that each widget has of its own, and those of all shared files of `static/`."""
    texts = files(commit)
    count = {name: len(text.splitlines()) for name, text in texts.items()}
    mine = own(texts)
    shared = {name for name in texts if name.startswith("static/_")} - set().union(*mine.values())
    return {view: sum(count[name] for name in names) for view, names in sorted(mine.items())} | {
        "shared": sum(count[name] for name in shared)
    }


def main(words: list[str] | None = None) -> int:
    """Print the table; return 1 where a widget has more lines of its own than the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--against", metavar="COMMIT", help="a commit whose lines stand beside")
    parser.add_argument("--limit", type=int, help="lines that one widget may have of its own")
    asked = parser.parse_args(words)
    now = lines(None)
    before = lines(asked.against) if asked.against else {}
    print(f"{'widget':<18}{'lines':>7}" + (f"{asked.against:>12}" if before else ""))
    for name in {**before, **now}:
        print(f"{name:<18}{now.get(name, '–'):>7}" + (f"{before.get(name, '–'):>12}" if before else ""))
    over = {
        name: many for name, many in now.items() if asked.limit and name != "shared" and many > asked.limit
    }
    for name, many in over.items():
        print(f"{name} has {many} lines of its own; at most {asked.limit} are meant")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
