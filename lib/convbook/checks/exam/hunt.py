"""Find the bugs: a script drawn for a name, the learner's fixes by line number, and what the mended script does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from convbook.answers import Answer, hold
from convbook.answers.answer import Built
from convbook.answers.values import Reference
from convbook.checks.engine.declare import Question, exercise, mistake
from convbook.checks.engine.shares import Found, Parts, Stopped, shared
from convbook.checks.exam import course
from convbook.checks.exam.conduct import NOWHERE, faults
from convbook.checks.exam.scripts import FAULTS, FAULTS_EACH, LINES, Script, drawn_script, indented

SECONDS = 20.0  # for one run: the first optimizer of a process makes PyTorch load for seconds
SEEDS = 6  # data sets that are tried until a run shows which epoch's weights were kept
MOST = 9  # lines that may be named
FORM = 'return name, fixes — with fixes as {line number: "the line as it should be"}, such as {37: "optimizer.zero_grad()"}'


def given_fixes(held: Answer) -> tuple[Script, dict[int, str]]:
    """Return the script of the name that an answer gives, and its fixes; raise `Stopped` where it gives none."""
    name, fixes = course.answered(held, dict, "fixes", FORM)
    script = drawn_script(name, course.seed())
    for line, text in fixes.items():
        if isinstance(line, str):
            raise Stopped(
                _unread(f"the line numbers are numbers, without quotation marks: not {line[:20]!r}")
            )
        if not isinstance(line, int) or isinstance(line, bool) or not 1 <= line <= len(LINES):
            raise Stopped(_unread(f"the script has lines 1 to {len(LINES)}, and no line {line!r}"))
        if not isinstance(text, str):
            raise Stopped(_unread(f"the fix of line {line} is no text but a {type(text).__name__}"))
    if not fixes:
        raise Stopped(Found(0.0, "not attempted yet", kind="not attempted"))
    if len(fixes) > MOST:
        said = f"it names {len(fixes)} lines; {FAULTS_EACH} have a fault, and at most {MOST} may be named"
        raise Stopped(_unread(said))
    return script, dict(fixes)


def _unread(headline: str) -> Found:
    return Found(0.0, headline, (("why", FORM),), kind="wrong type")


def mended(script: Script, fixes: Mapping[int, str]) -> tuple[str, list[int]]:
    """Return a script's text with some lines replaced, and for each of its lines the number it had before."""
    text: list[str] = []
    numbers: list[int] = []
    for number, line in enumerate(script.lines, 1):
        new = indented(fixes[number], line).split("\n") if number in fixes else [line]
        text += new
        numbers += [number] * len(new)
    return "\n".join(text) + "\n", numbers


class Runs:
    """Run a script with fixes on the answer's side, and say which faults it shows then."""

    def __init__(self, script: Script, bench: Built):
        self.script, self.bench = script, bench

    def shows(self, fixes: Mapping[int, str]) -> dict[str, bool | None]:
        """Return for every kind of fault whether the script shows it; raise `Stopped` where it does not run."""
        source, numbers = mended(self.script, fixes)
        found: dict[str, bool | None] = {}
        for seed in range(SEEDS):
            record = self.record(source, seed, numbers)
            found = faults(record)
            if not any(found[one.kind] is None for one in self.script.planted):
                break
        return found

    def record(self, source: str, seed: int, numbers: list[int]) -> Mapping[str, Any]:
        reply = self.bench.call(source, seed, seconds=SECONDS)
        if reply.status == "endless":
            why = "does a line of yours begin a loop that never ends?"
            raise Stopped(
                Found(0.0, f"the mended script runs for more than {SECONDS:.0f} s", (("why", why),))
            )
        if reply.status != "returned" or not isinstance(reply.value, dict):
            raise Stopped(self.ended(reply.error_kind or reply.status, 0, numbers))
        if "stopped" in reply.value:
            raise Stopped(self.ended(str(reply.value["stopped"]), int(reply.value["line"]), numbers))
        return reply.value

    def ended(self, said: str, line: int, numbers: list[int]) -> Found:
        where = f"line {numbers[line - 1]}: " if 0 < line <= len(numbers) else ""
        rows = (
            ("stopped", where + said),
            ("why", "the script ran through before: look at the lines that you changed"),
        )
        return Found(0.0, STOPS, rows, (STOPS,), "crash")


def tried_out(name: str, fixes: Mapping[int, str] | None = None) -> str:
    """Run a name's script on small images, with some of its lines replaced, and return what can be seen from outside.

    Raises `ValueError`, in one sentence, where it does not run.
    """
    script = drawn_script(course.named(name), course.seed())
    source, numbers = mended(script, dict(fixes or {}))
    bench = hold(tried_out).place(Reference("script"))
    try:
        record = Runs(script, bench).record(source, 0, numbers)
    except Stopped as stopped:
        raise ValueError("; ".join(text for _, text in stopped.found.rows)) from None
    return f"{len(record['losses'])} steps of training, {len(record['sets'])} evaluations, no error"


STOPS, NEEDLESS, NEW = (
    "the mended script stops",
    "a line without a fault is named",
    "a fix brings a new fault",
)
NEEDED = "each named line must be needed: with the old line in its place the script does just the same"


def left(kind: str) -> str:
    return f"a fault is left: {kind}"


def looked_at(question: Question, held: Answer) -> Found:
    """Return which planted faults a learner's fixes have mended, by what the mended script does."""
    script, fixes = given_fixes(held)
    runs = Runs(script, held.place(Reference("script")))
    after = runs.shows(fixes)
    planted = {one.kind: one.line for one in script.planted}
    gone = {kind for kind in planted if after[kind] is False}
    new = [kind for kind, there in after.items() if there and kind not in planted]
    needless = [line for line in fixes if line not in planted.values() and unneeded(runs, fixes, line, gone)]
    share = max(0, len(gone) - len(new) - len(needless)) / len(planted)
    if share == 1.0:
        return Found(1.0, f"{script.name}'s script is mended: {len(planted)} faults of {len(planted)}")
    return told(script, fixes, gone, new, needless, share)


def unneeded(runs: Runs, fixes: dict[int, str], line: int, gone: set[str]) -> bool:
    """Tell whether a fix changes nothing: without it the same faults are gone."""
    rest = {number: text for number, text in fixes.items() if number != line}
    try:
        without = runs.shows(rest)
    except Stopped:
        return False
    return all(without[kind] is False for kind in gone)


def told(script: Script, fixes: Mapping[int, str], gone: set[str], new: list[str], needless: list[int],
         share: float) -> Found:  # fmt: skip
    """Return what is to be said of fixes that are not all right."""
    missed = [one for one in script.planted if one.kind not in gone]
    tried = [one for one in missed if one.line in fixes]
    rows = [("mended", f"{len(gone)} of {len(script.planted)} faults in {script.name}'s script")]
    rows += [("left", one.kind) for one in missed if one not in tried]
    rows += [
        ("left", f"{one.kind}: line {one.line} is the right one, its new text does not help") for one in tried
    ]
    rows += [("extra", f"line {line} had no fault") for line in needless]
    rows += [("new", kind) for kind in new]
    mistakes = [*(left(one.kind) for one in missed), *[NEEDLESS] * bool(needless), *[NEW] * bool(new)]
    why = [WHY[one.kind] for one in missed] + [NEEDED] * bool(needless) + [WHY[kind] for kind in new]
    headline = mistakes[0] if len(mistakes) == 1 else f"{len(mistakes)} things are not right yet"
    rows += [("why", one) for one in why[:3]]
    return Found(share, headline, tuple(rows), tuple(mistakes))


WHY = {
    "labels of other images": "image and label must stay together, whatever is shuffled or cut",
    "images normalised by their own numbers": "all images are normalised by the training images' mean and spread",
    "the test data's numbers in the normalisation": "mean and spread come from the training images alone",
    "a padding that does not keep the size": "the comment says what size the maps should have, with the same 3 × 3 kernels",
    "running statistics that never move": "batch norm must learn mean and variance while it trains, for the evaluation",
    "dropout in evaluation": "dropout is on in training mode and off in evaluation mode; it is no part that may be left out",
    "evaluation in training mode": "an evaluation uses running statistics, and no batch of its own",
    "a step up the gradient": "the loss should go down",
    NOWHERE: "no parameter moves: are there gradients when the optimizer steps?",
    "parameters that the optimizer does not have": "what the optimizer was not given stays as it was drawn",
    "training in evaluation mode": "an evaluation leaves the model in its mode: each epoch begins by switching back",
    "batches in the same order in every epoch": "every epoch takes all training images once, in an order of its own",
    "a softmax before the cross-entropy": "PyTorch's cross-entropy takes the scores themselves, not squeezed between 0 and 1",
    "a loss that is summed": "the step must not grow with the batch: the loss is a mean",
    "gradients that pile up": "PyTorch adds to `.grad`, in every batch",
    "an epoch chosen by the test data": "what chooses between epochs cannot measure them as well; the validation images are there to choose",
    "weights that are not those of the best epoch": "what is loaded at the end are the numbers of the best epoch, not of the last",
    "a result on images that were used before": "the result is measured on images that nothing was chosen or learned by",
}  # fmt: skip


def _hunter(kind: str, new: str = "", more: Mapping[int, str] | None = None) -> Callable[[], Any]:
    """Return an answer that mends all faults of a script but those of a kind; that one's line becomes `new`, if given."""
    scripts = (drawn_script(f"hunter {number}") for number in range(10_000))
    script = next(one for one in scripts if kind in kinds(one) and EVALUATION not in kinds(one) - {kind})
    fixes = {one.line: LINES[one.line - 1] if one.kind != kind else new for one in script.planted}
    fixes = {line: text for line, text in fixes.items() if text} | dict(more or {})
    return lambda: (script.name, dict(fixes))


def kinds(script: Script) -> set[str]:
    return {one.kind for one in script.planted}


PILE, EVALUATION = "gradients that pile up", "training in evaluation mode"
ZERO = "optimizer.zero_grad()"


@shared(looked_at)
@exercise(
    "Find the bugs", points=6, cases=lambda rng: (), observe=Parts(), forbid="",
    why="each script has three faults; the mended script is run, and what it does is looked at",
    help=("unexpected indent", "invalid syntax"),
    mistakes=(
        *(mistake(left(kind), WHY[kind], answer=_hunter(kind)) for kind in FAULTS),
        mistake(NEEDLESS, NEEDED, answer=_hunter(PILE, ZERO, {1: "import copy  # as it was"})),
        mistake(NEW, "the mended script shows a fault that it did not show before",
                answer=_hunter(PILE, f"{ZERO}; model.eval()")),
        mistake(STOPS, "a line that you changed cannot be run", answer=_hunter(PILE, "optimiser.zero_grad()")),
    ),
)  # fmt: skip
def find_the_bugs():
    return {}
