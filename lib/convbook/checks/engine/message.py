"""What a check says: one line when right, else the case, yours, wanted and where to look."""

from __future__ import annotations

import inspect
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from convbook.checks.compare import Fault, shown
from convbook.checks.question import Question
from convbook.checks.seed import secret
from convbook.forms import Case, Mistake, Verdict

if TYPE_CHECKING:
    from convbook.checks.judge import Trial

INDENT = " " * 12
COPY = "an answer may not write into its arguments: work on a copy (`x = x.copy()`), or write into a new array (`np.zeros`)"
HINTS = {
    "not finite": "a division by zero, a number that was never written (`np.empty`), or a root or logarithm of a negative one",
    "wrong type": "the last line of your function: what does it return?",
    "wrong dtype": "the dtype of the array you fill: `np.zeros(shape)` makes float64, `dtype=int` cuts the fractions off",
}


def right(question: Question, cases: int) -> Verdict:
    """Return the verdict on a right answer."""
    text = f"✓ {question.name}: right in all {cases} cases ({question.points} points)"
    return Verdict(question.name, "right", text)


def not_attempted(question: Question) -> Verdict:
    """Return the verdict on an untouched stub."""
    return Verdict(question.name, "not attempted", f"• {question.name}: not attempted yet")


def not_a_function(question: Question, target: Any) -> Verdict:
    """Return the verdict on something that cannot be called, often the result of calling the answer."""
    name = question.name
    given = "nothing" if target is None else _brief(target)[:60]
    rows = [
        ("yours", f"an array of shape {target.shape}" if isinstance(target, np.ndarray) else given),
        ("wanted", f"the function {name}"),
        ("look at", f"hand over the function itself, without brackets: `check.{name}({name})`"),
    ]
    return Verdict(name, "wrong type", _page(f"✗ {name}: the check was not given a function", rows))


def _rule(question: Question, fault: Fault) -> str:
    return question.shape if fault.kind == "wrong shape" and question.shape else question.look_at


def wrong(question: Question, trial: Trial, named: list[tuple[Mistake, Trial]]) -> Verdict:
    """Return the verdict on a wrong result; `named` holds the recognised mistakes, each with a trial where it matters."""
    fault = trial.fault
    assert fault is not None
    names = tuple(mistake.name for mistake, _ in named)
    headline = f"✗ {question.name} {fault.sentence}"
    if names:
        headline = (
            f"✗ {question.name}: "
            + ("two mistakes at once: " if len(names) == 2 else "")
            + "; and ".join(names)
        )
    hints = [_explained(question, mistake, where, trial) for mistake, where in named]
    if not hints:
        hints = [fault.hint or HINTS.get(fault.kind) or _filled(_rule(question, fault), question, trial)]
    rows = [("case", told(question, trial.case)), *_yours_and_wanted(trial.case, fault)]
    rows += [("look at", hint) for hint in hints if hint]
    return Verdict(question.name, fault.kind, _page(headline, rows, trial), names, case=trial.case)


def changed_input(question: Question, trial: Trial) -> Verdict:
    """Return the verdict on an answer that changed an array it was given."""
    headline = f"✗ {question.name} changes its input: an array it was given holds other numbers afterwards"
    rows = [("case", told(question, trial.case)), ("look at", COPY)]
    return Verdict(question.name, "changed input", _page(headline, rows, trial), case=trial.case)


def endless(question: Question, trial: Trial, seconds: float) -> Verdict:
    """Return the verdict on an answer that was stopped by the clock."""
    headline = f"✗ {question.name} was stopped: it had not finished after {seconds:.0f} s"
    hint = "a `while` loop whose condition never turns false, or far more steps than this case needs"
    rows = [("case", told(question, trial.case)), ("look at", hint)]
    return Verdict(question.name, "endless", _page(headline, rows, trial), case=trial.case)


def forbidden(question: Question, trial: Trial) -> Verdict:
    """Return the verdict on an answer that hands the work to a library it may not use."""
    headline = f"✗ {question.name} hands the work to {question.forbid}"
    if trial.reply.forbidden not in ("", question.forbid):
        headline += f": it calls {trial.reply.forbidden}"
    hint = "the exercise is to build this yourself with NumPy; PyTorch is what your result is compared with"
    return Verdict(question.name, "forbidden", _page(headline, [("look at", hint)], trial), case=trial.case)


def crash(question: Question, trial: Trial) -> Verdict:
    """Return the verdict on an answer that raised: its own exception goes on, with the case as a note."""
    error = trial.reply.error
    assert error is not None
    rows = [("case", told(question, trial.case))]
    if isinstance(trial.wanted, int | float) and not (trial.case.drawn and secret()):
        rows.append(("wanted", shown(trial.wanted)))
        if trial.reply.error_kind == "ValueError":  # refused on purpose, as often as not
            rows.append(("look at", _filled(question.look_at, question, trial)))
    if "read-only" in str(error):
        rows.append(("look at", COPY))
    note = _page(f"✗ {question.name} stopped with {trial.reply.error_kind}", rows, trial)
    if hasattr(error, "add_note"):
        error.add_note(note)
    return Verdict(question.name, "crash", note, error=error, case=trial.case)


def probe_failed(question: Question, kind: str, mistake: Mistake | None, yours: str, wanted: str) -> Verdict:
    """Return the verdict of a further probe (speed, say) that an answer did not pass."""
    name = mistake.name if mistake else f"is {kind}"
    rows = [("yours", yours), ("wanted", wanted)]
    if mistake:
        rows.append(("look at", mistake.explanation))
    names = (mistake.name,) if mistake else ()
    return Verdict(question.name, kind, _page(f"✗ {question.name}: {name}", rows), names)


def told(question: Question, case: Case) -> str:
    """Return a case as a person reads it: every argument by its name, small arrays in full."""
    hide = case.drawn and secret()
    arguments = (
        dict(zip(inspect.signature(question.oracle).parameters, case.args, strict=False)) | case.kwargs
    )
    arrays = {name: value for name, value in arguments.items() if isinstance(value, np.ndarray)}
    if hide and not arrays:
        return "one drawn for grading"
    text = ", ".join(f"{name} {_brief(value)}" for name, value in arguments.items() if value is not None)
    if case.about:
        text = f"{text} ({case.about})".strip()
    if arrays and not hide and sum(array.size for array in arrays.values()) <= 40:
        text += "".join(
            f"\n{name} = {_indented(shown(array), len(name) + 3)}" for name, array in arrays.items()
        )
    return text


def _indented(text: str, columns: int) -> str:
    return text.replace("\n", "\n" + " " * columns)


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray):
        kind = "" if value.dtype == np.float64 else f" {value.dtype}"
        return f"{value.shape}{kind}"
    return repr(value)


def _yours_and_wanted(case: Case, fault: Fault) -> list[tuple[str, str]]:
    if case.drawn and secret() and fault.kind in ("wrong", "not finite"):
        return []
    return [("yours", fault.yours), ("wanted", fault.wanted)]


def _explained(question: Question, mistake: Mistake, where: Trial, shown_trial: Trial) -> str:
    if not mistake.here or (where.case.drawn and secret()):
        return mistake.explanation
    here = _filled(mistake.here, question, where)
    if where is not shown_trial and where.case is not shown_trial.case:
        here = f"with {told(question, where.case).splitlines()[0]}: {here}"
    return f"{mistake.explanation}; {here}"


def _filled(template: str, question: Question, trial: Trial) -> str:
    """Return a template with the numbers of a trial in it, or nothing where they must stay untold."""
    if trial.case.drawn and secret():
        return "" if "{" in template else template
    facts = question.facts(*trial.case.args, **trial.case.kwargs)
    return template.format(wanted=shown(trial.wanted), yours=shown(trial.reply.value), **facts)


def _page(headline: str, rows: list[tuple[str, str]], trial: Trial | None = None) -> str:
    if trial is not None and trial.reply.printed.strip():
        printed = trial.reply.printed.strip()
        rows = [*rows, ("printed", printed if len(printed) <= 300 else printed[:297] + "...")]
    return "\n".join([headline, *(_row(label, text) for label, text in rows if text)])


def _row(label: str, text: str) -> str:
    lines = text.split("\n")
    if label == "look at":
        lines = textwrap.wrap(text, 96) or [""]
    return f"    {label:<8}" + ("\n" + INDENT).join(lines)
