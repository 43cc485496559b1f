"""The `convbook` command. What it says and parses is here; what it does is loaded only when asked for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

ABOUT = "A course on convolutional networks that you can run."
EPILOG = """\
a first visit:      convbook lab              opens the course in your browser
how far am I?       convbook progress         your points, unit by unit
a unit of my own:   convbook new unit 02_counting "Counting"
I wrote a unit:     convbook clean && convbook release && convbook check

`convbook COMMAND --help` explains one command, with examples.
"""
LAB = """\
Open the course in JupyterLab, in your own copy of the notebooks.

The first time, the notebooks are copied to work/. That copy is yours: it is never overwritten.
Later, new units are added to it. A unit that has changed since you got it is laid beside
yours as NAME.new.ipynb, and you are told.

examples
  convbook lab                        open unit 0 in the browser
  convbook lab --no-browser           only print the address, for a machine without a screen
  convbook lab --port 9000            on this port (otherwise the first free one from 8888)
"""
CHECK = """\
Prove that the course is whole: solutions run clean, the release is current, an unsolved unit
earns nothing, nothing leaks, and points, minutes, names and headings agree.

Prints one sentence for every fault, with the file and the cell. Warnings are matters of style.
Exit code: 0 nothing wrong, 1 something wrong, 2 the question could not be asked.

examples
  convbook check                      every unit
  convbook check 1                    unit 1 only; also 01, 01_convolution or convolution
  convbook check --no-run             only what can be told without running notebooks, in a second or two
"""
CLEAN = """\
Bring notebooks into the form in which they are committed: no outputs, no execution counts,
stable cell ids, only the metadata the course uses. Cleaning twice changes nothing more.

examples
  convbook clean                      all sources of the course
  convbook clean a.ipynb folder/      these
  convbook clean --check              change nothing, say what would change (exit code 1 if anything)
"""
RELEASE = """\
Make what learners receive from what authors write: solutions become stubs, hidden tests and
outputs go. Also renews the table of units in README.md. The same source gives the same bytes.

examples
  convbook release                    every unit
  convbook release 01 10              units 1 and 10
  convbook release --check            change nothing, say what is out of date (exit code 1 if anything)
"""
NEW = """\
Begin a unit or an exercise of your own: the check, the notebook's cells and right answers for
the tests, as a small example that runs. Or begin a widget that works already: Python, JavaScript,
still picture and test. Nothing that exists is overwritten. How to go on from there is told in
docs/authoring.md and, for widgets, in docs/widgets.md, step by step.

examples
  convbook new unit 02_counting "Counting"
  convbook new exercise 02_counting conv_params "Parameters of a layer" --points 3
  convbook new widget pixel_walk      a widget called PixelWalk
"""
PROGRESS = """\
Show how far you are: your points and what every check said, the mistakes you met and mended,
the predictions that surprised you, the drills that are due, and which exercise comes next.

Reads the saved notebooks in work/ and, beside them, progress.json, guesses.json and drills.json:
files that you can read, and delete at any time. Runs nothing, sends nothing.
Exit code: 0 all read, 2 a notebook could not be read (the others are shown) or there is none.

examples
  convbook progress                   all units, and the next step
  convbook progress 1                 unit 1, exercise by exercise
"""
SOLUTION = """\
Show the instructor's solution of one exercise: by its number in the headings, or by the name of
what you write. As long as you have not run the exercise's check, you get its hints first.

The solutions are a part of the course's folder. An instructor switches this command off with
the line `c.ConvbookCourse.solutions = False` in nbgrader_config.py.

examples
  convbook solution 01.6              exercise 6 of unit 1
  convbook solution conv2d_naive      the same
  convbook solution 01.6 --yes        at once, without a try
"""
GALLERY = """\
Write one page with all widgets alive: no kernel, no network, also opened from a disk.

examples
  convbook gallery                    write gallery.html here
  convbook gallery site/widgets.html  write it there
"""
BOOK = """\
Build the course as a book: a site of all units, made of executed notebooks, with every widget,
question and drill alive. It needs no kernel, no server and no network, also opened from a disk.

Notebooks that have changed are executed first; for the whole course that takes minutes (`convbook
check` prints how long each unit takes), and what is executed is kept in .convbook/, also by
`convbook check`. Building the site from executed notebooks takes seconds. The last book stays
until the new one is whole. Needs pip install 'convbook[book]'.
Exit code: 0 built, 1 links lead nowhere, 2 it could not be built.

examples
  convbook book                       all units, into book/
  convbook book 01 10 --out site/     these units, into site/
  convbook book --solutions hidden    no solution is anywhere in it (or: shown, click)
  convbook book --jobs 2              execute two notebooks at once
"""
DRILL = """\
Ask exam questions, each with its worked answer; what went wrong comes back soon. Leave at any
time with q. Or print papers: another one for each name in a list, with the keys on pages of
their own. The same name and seed give the same paper.

examples
  convbook drill                      ten questions from all units
  convbook drill --unit 02 --count 5  five questions from unit 2
  convbook drill --list               the kinds of questions, unit by unit
  convbook drill --paper names.txt --out papers/            papers.html and keys.html, A4
  convbook drill --paper names.txt --out papers/ --each     a file for each name
"""
EXPORT = """\
Write grades as a file that Canvas or Moodle imports, of one unit or of the whole course, with what
being late costs as nbgrader counts it. Give the class list that you exported there (`--roster`), or
import it once with `convbook roster`: its own ids and columns are used. Students who are not in it
are named, and their grades stand in a file beside.

Exit code: 0 everybody matched, 1 somebody did not, 2 not possible.

examples
  convbook export --to canvas --roster canvas.csv       all graded units
  convbook export 1 --to moodle --roster moodle.csv     unit 1; also Moodle's grading worksheet
  convbook export --to csv --out grades.csv             a plain table, from the gradebook alone
"""
ROSTER = """\
Enter a class list into the gradebook: the CSV that Canvas (Grades, Export) or Moodle (Participants or
Grades, Export) gives, or any table with an id, a name or an e-mail address. Students who are there
already are found by id, login, e-mail address or name and keep their id. Whoever is in the
gradebook and not in the list is named, and nobody is removed.

Exit code: 0 everybody matched, 1 somebody did not, 2 not possible.

examples
  convbook roster canvas.csv
  convbook roster moodle.csv --id Username      new students get this column as their id
  convbook roster canvas.csv --check            change nothing, only say what would change
"""
GRADED = {
    "grade": "grade a class's submissions, many at once, each in its own sandbox",
    "report": "show what a graded class got, and what it misunderstood",
}


def main(words: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 well, 1 findings, 2 not possible."""
    words = sys.argv[1:] if words is None else words
    _speak_utf8()
    parser = build_parser(words)
    arguments = parser.parse_args(words)
    if not arguments.command:
        parser.print_help()
        return 0
    from convbook.nbgrader_course import CourseError

    try:
        return arguments.run(arguments)
    except CourseError as error:
        print(f"convbook {arguments.command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `convbook report 1 | head`: whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        from convbook.authoring.files import why

        place = f" ({error.filename})" if error.filename else ""
        print(f"convbook {arguments.command}: could not read or write{place}: {why(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"convbook {arguments.command}: stopped", file=sys.stderr)
        return 130


def build_parser(words: list[str]) -> argparse.ArgumentParser:
    """Return the parser of the whole command.

    `words` say which command is meant: the options of `grade` and `report` belong to the
    grader, which is loaded only for them.
    """
    parser = argparse.ArgumentParser("convbook", description=ABOUT, epilog=EPILOG, formatter_class=_Plain)
    from convbook import __version__

    parser.add_argument("--version", action="version", version=f"convbook {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    lab = _command(commands, "lab", "open the course in JupyterLab", LAB, _lab)
    lab.add_argument("--no-browser", action="store_true", help="do not open a browser")
    lab.add_argument("--port", type=_port, help="the port to use")
    _work(lab), _course(lab)

    progress = _command(commands, "progress", "show how far you are", PROGRESS, _progress)
    _units(progress), _work(progress), _course(progress)

    solution = _command(commands, "solution", "show the solution of one exercise", SOLUTION, _solution)
    solution.add_argument("exercise", metavar="EXERCISE", help="its number, as 01.6, or its name")
    solution.add_argument("--yes", action="store_true", help="also before the first try")
    _work(solution), _course(solution)

    _drills(_command(commands, "drill", "ask exam questions, or print papers", DRILL, _drill))

    check = _command(commands, "check", "prove that the course is whole", CHECK, _check)
    _units(check), _course(check)
    check.add_argument("--no-run", action="store_true", help="do not run notebooks")
    check.add_argument("--jobs", type=int, default=1, metavar="N", help="units to run at once (default: 1)")
    check.add_argument(
        "--budget", type=float, default=300, metavar="S", help="seconds a solution may take (300)"
    )

    clean = _command(commands, "clean", "bring notebooks into their committed form", CLEAN, _clean)
    clean.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="notebooks or folders of them")
    _only_check(clean), _course(clean)

    release = _command(commands, "release", "make the learners' notebooks", RELEASE, _release)
    _units(release), _only_check(release), _course(release)

    gallery = _command(commands, "gallery", "write a page with all widgets alive", GALLERY, _gallery)
    gallery.add_argument("path", nargs="?", type=Path, default=Path("gallery.html"), metavar="PATH")
    _course(gallery)

    book = _command(commands, "book", "build the course as a site to read", BOOK, _book)
    _units(book), _course(book)
    book.add_argument(
        "--out", type=Path, default=Path("book"), metavar="DIR", help="where the site goes (book)"
    )
    book.add_argument(
        "--solutions",
        choices=("click", "shown", "hidden"),
        default="click",
        help="how solutions appear (click)",
    )
    book.add_argument("--jobs", type=int, default=1, metavar="N", help="notebooks to execute at once (1)")

    _kinds(_command(commands, "new", "begin a unit, an exercise or a widget of your own", NEW, _new))

    _exports(_command(commands, "export", "write grades for Canvas or Moodle", EXPORT, _export))
    _rosters(_command(commands, "roster", "enter a class list into the gradebook", ROSTER, _roster))

    for name, about in GRADED.items():
        _graded(commands, name, about, asked=words[:1] == [name])
    return parser


class _Plain(argparse.RawDescriptionHelpFormatter):
    """Leave descriptions and examples as they are written."""


def _command(commands, name: str, about: str, text: str, run: Callable) -> argparse.ArgumentParser:
    description, _, examples = text.partition("\nexamples\n")
    parser = commands.add_parser(
        name, help=about, description=description, epilog=f"examples\n{examples}", formatter_class=_Plain
    )
    parser.set_defaults(run=run)
    return parser


def _graded(commands, name: str, about: str, asked: bool) -> None:
    """Add a command of the grader; its options are the grader's own."""
    parser = commands.add_parser(
        name, help=about, formatter_class=_Plain, description=about.capitalize() + "."
    )
    if not asked:
        return
    try:
        if name == "report":
            from convbook.reports import command
        else:
            from convbook.grading import command
    except ImportError as error:
        reason = f"the grader cannot be loaded ({error}); install the course again with `make lab`"
        parser.error(reason)
    command.add_arguments(parser)
    parser.set_defaults(run=command.run)


def _exports(parser: argparse.ArgumentParser) -> None:
    """Add which grades go where, and how."""
    _units(parser)
    parser.add_argument(
        "--to", choices=("canvas", "moodle", "csv"), required=True, help="who is to read the file"
    )
    parser.add_argument("--roster", type=Path, metavar="FILE", help="the class list, exported from there")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where it goes (grades-canvas.csv and so on)"
    )
    parser.add_argument(
        "--absent",
        choices=("zero", "blank"),
        default="zero",
        help="who handed in nothing: 0, or an empty cell (zero)",
    )
    _course(parser)


def _rosters(parser: argparse.ArgumentParser) -> None:
    """Add which list is entered, and how new students are called."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the class list, as CSV")
    parser.add_argument(
        "--id", metavar="COLUMN", help="the column that is the id of new students (default: the login)"
    )
    _only_check(parser), _course(parser)


def _kinds(parser: argparse.ArgumentParser) -> None:
    """Add what `new` can begin."""
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True, title="kinds")
    unit = kinds.add_parser("unit", help="a unit without exercises: its list of checks and its notebook")
    unit.add_argument("folder", metavar="NN_TOPIC", help="two digits and the topic: 02_counting")
    unit.add_argument("title", metavar="TITLE", help='what learners read: "Counting"')
    exercise = kinds.add_parser("exercise", help="an exercise, in a unit that exists")
    exercise.add_argument("unit", metavar="UNIT", help="number or name of the unit")
    exercise.add_argument(
        "name", metavar="NAME", help="what learners write: a function conv_params, or a class ConvLayer"
    )
    exercise.add_argument("title", metavar="TITLE", help='what learners read: "Parameters of a layer"')
    exercise.add_argument("--points", required=True, metavar="N", help="what it is worth")
    exercise.add_argument("--page", metavar="FILE", help="the file for the check, where a unit has several")
    widget = kinds.add_parser("widget", help="a widget that works already, with its test")
    widget.add_argument("name", metavar="NAME", help="small letters with _ between: pixel_walk")
    _course(unit), _course(exercise), _course(widget)


def _drills(parser: argparse.ArgumentParser) -> None:
    """Add what is asked, for whom, and where papers go."""
    parser.add_argument("--unit", action="append", metavar="UNIT", help="only this unit; may be given again")
    parser.add_argument("--kind", action="append", metavar="KIND", help="only this kind; may be given again")
    parser.add_argument("--count", type=_whole, default=10, metavar="N", help="how many questions (10)")
    parser.add_argument("--name", default="", help="whose questions: another name has other numbers")
    parser.add_argument("--seed", metavar="N", help="a whole number: the same seed asks the same")
    parser.add_argument("--list", action="store_true", help="only list the kinds of questions")
    parser.add_argument(
        "--paper", type=Path, metavar="FILE", help="print papers for the names in FILE, one a line"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("papers"), metavar="DIR", help="where papers go (papers)"
    )
    parser.add_argument("--each", action="store_true", help="a file for each name, not all in one")
    _work(parser), _course(parser)


def _units(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("units", nargs="*", metavar="UNIT", help="numbers or names of units (default: all)")


def _course(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--course", type=Path, metavar="DIR", help="the course's folder (default: here or above)"
    )


def _work(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="your copy (default: work/ in the course's folder)"
    )


def _only_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="change nothing, only say what would change")


def _whole(word: str) -> int:
    if word.isdecimal() and len(word) < 5:
        return int(word)
    raise argparse.ArgumentTypeError(f"{word!r} is no number of questions; give a whole number such as 10")


def _port(word: str) -> int:
    if word.isdigit() and 1 <= int(word) <= 65535:
        return int(word)
    raise argparse.ArgumentTypeError(f"{word!r} is no port; give a number from 1 to 65535")


def _speak_utf8() -> None:
    """Print · ✓ ✗ also where the terminal's own encoding has none, as on Windows."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _lab(arguments: argparse.Namespace) -> int:
    from convbook.authoring import lab

    return lab.open_lab(arguments.course, arguments.work, arguments.port, browser=not arguments.no_browser)


def _progress(arguments: argparse.Namespace) -> int:
    from convbook.authoring import progress

    text, faults = progress.report(arguments.course, arguments.work, arguments.units)
    print(text, end="\n" if text else "")
    for sentence in faults:
        print(f"convbook progress: {sentence}", file=sys.stderr)
    return 2 if faults else 0


def _solution(arguments: argparse.Namespace) -> int:
    from convbook.authoring import solution

    print(solution.shown(arguments.course, arguments.work, arguments.exercise, arguments.yes))
    return 0


def _drill(arguments: argparse.Namespace) -> int:
    from convbook.authoring import drilling

    if arguments.list:
        return drilling.list_kinds(arguments.unit)
    if arguments.paper:
        return drilling.print_papers(arguments)
    return drilling.practise(arguments)


def _check(arguments: argparse.Namespace) -> int:
    from convbook.authoring import health
    from convbook.authoring.course import open_course

    course = open_course(arguments.course)
    units = course.units(arguments.units)
    return health.report(course, units, not arguments.no_run, arguments.jobs, arguments.budget)


def _clean(arguments: argparse.Namespace) -> int:
    from convbook.authoring import canonical
    from convbook.authoring.course import open_course

    paths = arguments.paths or [open_course(arguments.course).source]
    changed = canonical.clean(paths, check=arguments.check)
    verb = "is not in its committed form; run `convbook clean`" if arguments.check else "cleaned"
    for path in changed:
        print(f"{path}: {verb}")
    if not changed:
        print("all notebooks are in their committed form")
    return 1 if arguments.check and changed else 0


def _new(arguments: argparse.Namespace) -> int:
    from convbook.authoring import new
    from convbook.authoring.course import open_course
    from convbook.authoring.new_widget import new_widget

    course = open_course(arguments.course)
    if arguments.kind == "unit":
        done = new.new_unit(course, arguments.folder, arguments.title)
    elif arguments.kind == "widget":
        done = [course.short(path) for path in new_widget(course.source.parent, arguments.name)]
    else:
        a = arguments
        done = new.new_exercise(course, a.unit, a.name, a.title, a.points, a.page)
    print("\n".join(done))
    return 0


def _release(arguments: argparse.Namespace) -> int:
    from convbook.authoring import release, table
    from convbook.authoring.course import open_course

    course = open_course(arguments.course)
    units = course.units(arguments.units)
    if arguments.check:
        late = [course.short(path) for path in release.stale(course, units)]
        late += [] if table.readme_is_current(course) else ["README.md"]
        for name in late:
            print(f"{name}: out of date; run `convbook release`")
        print(f"{len(late)} files out of date" if late else "the release is current")
        return 1 if late else 0
    changed = release.release(course, units)
    renewed = table.renew_readme(course)
    for name in [*map(course.short, changed), *(["README.md"] if renewed else [])]:
        print(f"{name}: renewed")
    if not changed and not renewed:
        print("the release was current already")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from convbook.reports import exporting

    return exporting.run_export(arguments)


def _roster(arguments: argparse.Namespace) -> int:
    from convbook.reports import exporting

    return exporting.run_roster(arguments)


def _gallery(arguments: argparse.Namespace) -> int:
    from convbook.authoring import gallery
    from convbook.authoring.course import open_course
    from convbook.nbgrader_course import CourseError

    notebooks = open_course(arguments.course).release
    try:
        print(gallery.write_gallery(arguments.path, notebooks))
    except ValueError as error:
        raise CourseError(str(error)) from None
    return 0


def _book(arguments: argparse.Namespace) -> int:
    from convbook.authoring import book
    from convbook.authoring.course import open_course

    course = open_course(arguments.course)
    units = course.units(arguments.units)
    return book.make_book(course, units, arguments.out, arguments.solutions, arguments.jobs)


if __name__ == "__main__":
    sys.exit(main())
