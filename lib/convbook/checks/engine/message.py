"""What a check says: one line when right, else the case, yours, wanted and why."""

from __future__ import annotations

import string
import textwrap
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.advice import advise
from convbook.checks.engine.causes import Cause
from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.observe import Trial
from convbook.checks.engine.outside import outside_data
from convbook.checks.engine.question import Question
from convbook.checks.engine.seed import secret
from convbook.forms import Mistake, Verdict

INDENT = " " * 12
COPY = {
    "NumPy": "an answer may not write into its arguments: work on a copy (`x = x.copy()`), or write into a new array (`np.zeros`)",
    "PyTorch": "an answer may not write into its arguments: `x += …` and `inplace=True` do; `x = x + …` makes a new tensor",
}
HINTS = {
    "NumPy": {
        "not finite": "a division by zero, a number that was never written (`np.empty`), or a root or logarithm of a negative one",
        "wrong type": "the last line of your function: what does it return?",
        "wrong dtype": "the dtype of the array you fill: `np.zeros(shape)` makes float64, `dtype=int` cuts the fractions off",
    },
    "PyTorch": {
        "not finite": "a division by zero, or a root or logarithm of a negative number",
        "wrong type": "the last line of your function: what does it return?",
        "wrong dtype": "a tensor made from another takes its type: `torch.zeros_like(x)`, `x.new_zeros(…)`",
    },
}
LOOP = "a `while` loop whose condition never turns false, or far more steps than this case needs"


def right(question: Question, cases: int, note: str = "") -> Verdict:
    """Return the verdict on a right answer; `note` is what else its green line says."""
    where = f"in all {cases} cases" if cases > 1 else "in its only case"
    text = f"✓ {question.name}: right {where} ({question.points} {'point' if question.points == 1 else 'points'})"
    return Verdict(question.name, "right", f"{text}; {note}" if note else text)


def not_attempted(question: Question) -> Verdict:
    """Return the verdict on an untouched stub."""
    return Verdict(question.name, "not attempted", f"• {question.name}: not attempted yet")


def not_given(question: Question, target: Any) -> Verdict:
    """Return the verdict on something else than what is wanted, often the result of calling the answer."""
    name, wants = question.name, question.observer.wants
    given = "nothing" if target is None else _brief(target)
    hint = f"hand over {wants} itself, without brackets: `check.{name}({name})`"
    rows = [("yours", given), ("wanted", f"{wants} {name}"), ("why", hint)]
    headline = f"✗ {name}: the check was not given a {wants.removeprefix('the ')}"
    return Verdict(name, "wrong type", page(headline, rows))


def wrong(question: Question, trial: Trial, cause: Cause) -> Verdict:
    """Return the verdict on a wrong result, with what explains it."""
    fault = trial.fault
    assert fault is not None
    rows = [("case", question.observer.case_text(question, trial.case)), *_yours_and_wanted(trial, fault)]
    hints = [_explained(question, mistake, where, trial) for mistake, where in cause.mistakes]
    if not hints:
        hints = [_hint(question, fault, cause) or filled(_rule(question, fault), question, trial)]
    rows += [("why", hint) for hint in (*hints, *cause.remarks)]
    if (
        trial.reply.status == "raised" and fault.kind == "wrong"
    ):  # another error than the one that is asked for
        rows.append(("advice", advise(trial.reply.error_kind, _error_text(trial), question)))
    return Verdict(
        question.name, fault.kind, page(_headline(question, fault, cause), rows, trial), cause.names,
        case=trial.case, cause=cause.relation,
    )  # fmt: skip


def _headline(question: Question, fault: Fault, cause: Cause) -> str:
    if cause.names:
        both = "two mistakes at once: " if len(cause.names) == 2 else ""
        return f"✗ {question.name}: {both}" + "; and ".join(cause.names)
    if cause.relation:
        return f"✗ {question.name}: it {cause.relation}"
    return f"✗ {question.name} {fault.sentence}"


def _hint(question: Question, fault: Fault, cause: Cause) -> str:
    if fault.hint or fault.final:
        return fault.hint
    return "" if cause.relation else HINTS[question.observer.library].get(fault.kind, "")


def _rule(question: Question, fault: Fault) -> str:
    return question.shape if fault.kind == "wrong shape" and question.shape else question.why


def changed_input(question: Question, trial: Trial) -> Verdict:
    """Return the verdict on an answer that changed what it was given."""
    pairs = zip(trial.case.args, trial.reply.arguments, strict=False)
    reshaped = any(isinstance(a, np.ndarray) and a.shape != np.shape(b) for a, b in pairs)
    what = "an argument has another shape" if reshaped else "an argument holds other numbers"
    headline = f"✗ {question.name} changes its input: {what} afterwards"
    rows = [
        ("case", question.observer.case_text(question, trial.case)),
        ("why", COPY[question.observer.library]),
    ]
    return Verdict(question.name, "changed input", page(headline, rows, trial), case=trial.case)


def endless(question: Question, trial: Trial, seconds: float) -> Verdict:
    """Return the verdict on an answer that was stopped by the clock."""
    headline = f"✗ {question.name} was stopped: it had not finished after {seconds:.0f} s"
    rows = [("case", question.observer.case_text(question, trial.case)), ("why", LOOP)]
    return Verdict(question.name, "endless", page(headline, rows, trial), case=trial.case)


def forbidden(question: Question, trial: Trial) -> Verdict:
    """Return the verdict on an answer that hands the work to a library it may not use."""
    headline = f"✗ {question.name} hands the work to {question.forbid}"
    if trial.reply.forbidden not in ("", question.forbid):
        headline += f": it calls {trial.reply.forbidden}"
    hint = "the exercise is to build this yourself with NumPy; PyTorch is what your result is compared with"
    if question.observer.library == "PyTorch":
        headline = f"✗ {question.name} hands the work to a ready-made network: {trial.reply.forbidden}"
        hint = "the exercise is to build this yourself, from the layers of torch.nn"
    return Verdict(question.name, "forbidden", page(headline, [("why", hint)], trial), case=trial.case)


def crash(question: Question, trial: Trial, answer: Answer | None = None) -> Verdict:
    """Return the verdict on an answer that raised: its own exception goes on, with case and advice as a note."""
    error = trial.reply.error
    assert error is not None
    rows = [("case", question.observer.case_text(question, trial.case))]
    if isinstance(trial.wanted, int | float) and not (trial.case.drawn and secret()):
        rows.append(("wanted", shown(trial.wanted)))
        if trial.reply.error_kind == "ValueError":  # refused on purpose, as often as not
            rows.append(("why", filled(question.why, question, trial)))
    if answer is not None:
        rows += [("why", said) for said in outside_data(answer)]
    text = _error_text(trial)
    if "read-only" in text:
        rows.append(("why", COPY[question.observer.library]))
    rows.append(("advice", advise(trial.reply.error_kind, text, question)))
    note = page(f"✗ {question.name} stopped with {trial.reply.error_kind}", rows, trial)
    if hasattr(error, "add_note"):
        error.add_note(note)
    return Verdict(question.name, "crash", note, error=error, case=trial.case)


def _error_text(trial: Trial) -> str:
    return str(
        getattr(trial.reply.error, "message", trial.reply.error)
    )  # of another process: without its kind


def probe_failed(question: Question, kind: str, mistake: Mistake | None, yours: str, wanted: str) -> Verdict:
    """Return the verdict of a further probe (speed, say) that an answer did not pass."""
    name = mistake.name if mistake else f"is {kind}"
    rows = [("yours", yours), ("wanted", wanted), ("why", mistake.explanation if mistake else "")]
    names = (mistake.name,) if mistake else ()
    return Verdict(question.name, kind, page(f"✗ {question.name}: {name}", rows), names)


def _yours_and_wanted(trial: Trial, fault: Fault) -> list[tuple[str, str]]:
    if trial.case.drawn and secret() and fault.kind in ("wrong", "not finite"):
        return []
    return [("yours", fault.yours), ("wanted", fault.wanted)]


def _explained(question: Question, mistake: Mistake, where: Trial, shown_trial: Trial) -> str:
    here = filled(mistake.here, question, where)
    if not here:
        return mistake.explanation
    if where.case is not shown_trial.case:
        here = f"with {question.observer.case_text(question, where.case).splitlines()[0]}: {here}"
    return f"{mistake.explanation}; {here}"


class Filler(string.Formatter):
    """Put facts into a template: whole numbers without a point, arrays as a reader sees them."""

    def format_field(self, value: Any, spec: str) -> str:
        if hasattr(value, "detach"):
            value = value.detach().numpy()
        if isinstance(value, float) or (isinstance(value, np.ndarray) and value.ndim == 0):
            return format(float(value), spec or ".6g")
        return format(value, spec) if spec else (value if isinstance(value, str) else shown(value))


def filled(template: str, question: Question, trial: Trial) -> str:
    """Return a template with the numbers of a trial in it, or nothing where they must stay untold or do not exist."""
    if trial.case.drawn and secret():
        return "" if "{" in template else template
    if "{" not in template:
        return template
    try:
        return Filler().vformat(template, (), question.observer.facts_of(question, trial))
    except (KeyError, ValueError, ZeroDivisionError, IndexError):
        return ""


def page(headline: str, rows: list[tuple[str, str]], trial: Trial | None = None) -> str:
    """Return a message: a headline and labelled rows; what an answer printed comes last."""
    if trial is not None and trial.reply.printed.strip():
        printed = trial.reply.printed.strip()
        rows = [*rows, ("printed", printed if len(printed) <= 300 else printed[:297] + "...")]
    return "\n".join([headline, *(_row(label, text) for label, text in rows if text)])


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    text = f"a {type(value).__name__}" if hasattr(value, "parameters") else repr(value)
    return text[:60]


def _row(label: str, text: str) -> str:
    lines = text.split("\n")
    if label in ("why", "advice"):
        lines = textwrap.wrap(text, 96) or [""]
    return f"    {label:<8}" + ("\n" + INDENT).join(lines)
