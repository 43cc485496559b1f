"""What a check of a module says: in the same form as the check of a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convbook.answers.values import Reference
from convbook.checks.compare import shown
from convbook.checks.message import _page as page
from convbook.checks.modules.question import ModuleQuestion
from convbook.checks.modules.remarks import LAYERS
from convbook.checks.modules.watching import Difference, ModuleCase
from convbook.checks.seed import secret
from convbook.forms import Mistake, Reply, Verdict

STUCK = "a `while` loop whose condition never turns false, or far more layers than this small case asks for"


def right(question: Any, cases: int) -> Verdict:
    """Return the verdict on a right answer."""
    text = f"✓ {question.name}: right in all {cases} cases ({question.points} points)"
    return Verdict(question.name, "right", text)


def wrong(
    question: ModuleQuestion,
    case: ModuleCase,
    difference: Difference,
    mistakes: tuple[Mistake, ...],
    remarks: Sequence[str] = (),
) -> Verdict:
    """Return the verdict on a module that behaves otherwise than it should; `remarks` say what is odd in it."""
    fault = difference.fault
    headline = f"✗ {question.name} {fault.sentence}"
    if difference.aspect and not mistakes:
        headline = f"✗ {question.name}: its {_subject(difference.aspect)} {fault.sentence}"
    if len(mistakes) == 1:
        headline = f"✗ {question.name}: {mistakes[0].name}"
    if len(mistakes) == 2:
        headline = f"✗ {question.name}: two mistakes at once: {mistakes[0].name}; and {mistakes[1].name}"
    rows = [("case", told(question, case, difference.aspect))]
    if not (case.drawn and secret()):
        rows += [("yours", fault.yours), ("wanted", fault.wanted)]
    hints = [_explained(question, mistake, case, difference) for mistake in mistakes]
    if not hints and fault.kind != "wrong type":
        hints = [_filled(question.look_at, question, case, difference)]
    rows += [("look at", hint) for hint in (*remarks, *hints)]
    names = tuple(mistake.name for mistake in mistakes)
    return Verdict(question.name, fault.kind, page(headline, rows), names)


def stopped(question: ModuleQuestion, case: ModuleCase, reply: Reply, seconds: float) -> Verdict:
    """Return the verdict on a module that could not be built or run."""
    if reply.status == "stub":
        return Verdict(question.name, "not attempted", f"• {question.name}: not attempted yet")
    rows = [("case", told(question, case))]
    if reply.status == "endless":
        headline = f"✗ {question.name} was stopped: it had not finished after {seconds:.0f} s"
        return Verdict(question.name, "endless", page(headline, [*rows, ("look at", STUCK)]))
    if reply.status == "forbidden":
        headline = f"✗ {question.name} hands the work to a ready-made network: {reply.forbidden}"
        hint = "the exercise is to build this yourself, from the layers of torch.nn"
        return Verdict(question.name, "forbidden", page(headline, [("look at", hint)]))
    note = page(f"✗ {question.name} stopped with {reply.error_kind}", rows)
    if hasattr(reply.error, "add_note"):
        reply.error.add_note(note)
    return Verdict(question.name, "crash", note, error=reply.error)


def not_a_module(question: Any, case: ModuleCase, yours: str) -> Verdict:
    """Return the verdict on a call that built no module."""
    rows = [("case", told(question, case)), ("yours", yours), ("wanted", "a torch.nn.Module")]
    headline = f"✗ {question.name} builds no module: does the class derive from nn.Module?"
    return Verdict(question.name, "wrong type", page(headline, rows))


def not_a_class(question: Any, target: Any) -> Verdict:
    """Return the verdict on an object where the class is asked for, often the result of calling it."""
    name = question.name
    given = "nothing" if target is None else f"a {type(target).__name__}"
    hint = f"hand over the class itself, without brackets: `check.{name}({name})`"
    rows = [("yours", given), ("wanted", f"the class {name}"), ("look at", hint)]
    return Verdict(name, "wrong type", page(f"✗ {name}: the check was not given a class", rows))


def without_sizes(question: Any, case: ModuleCase) -> Verdict:
    """Return the verdict on a module whose tensors have no sizes yet."""
    rows = [("case", told(question, case)), ("wanted", "a module that holds all its tensors once it is built"),
            ("look at", "an `nn.Lazy…` layer has no sizes before its first input: give it its sizes")]  # fmt: skip
    return Verdict(question.name, "wrong", page(f"✗ {question.name} leaves the size of a layer open", rows))


def loose(question: ModuleQuestion, case: ModuleCase, kind: str) -> Verdict:
    """Return the verdict on layers that the module does not know it has."""
    headline = f"✗ {question.name} uses a {LAYERS[kind]} that it does not own"
    hint = (
        "a layer belongs to a module when it is set as an attribute in __init__, or sits in an nn.Sequential or "
        "nn.ModuleList; one in a plain list, or made anew in forward, is never trained or saved"
    )
    rows = [("case", told(question, case)), ("look at", hint)]
    return Verdict(question.name, "wrong", page(headline, rows))


def changed_input(question: ModuleQuestion, case: ModuleCase) -> Verdict:
    """Return the verdict on a module that writes into its input."""
    headline = f"✗ {question.name} changes its input: the tensor it was given holds other numbers afterwards"
    hint = "the first operation on x must not work in place: `nn.ReLU(inplace=True)` on x, or `x += …`, overwrites it"
    rows = [("case", told(question, case)), ("look at", hint)]
    return Verdict(question.name, "changed input", page(headline, rows))


def wrong_attribute(question: ModuleQuestion, name: str, yours: str, wanted: str) -> Verdict:
    """Return the verdict on a class attribute that is missing or wrong."""
    headline = f"✗ {question.name}: the class attribute `{name}` is not {wanted}"
    hint = f"write `{name} = {wanted}` in the class body, above __init__: whoever stacks blocks asks the class for it"
    return Verdict(
        question.name, "wrong", page(headline, [("yours", yours), ("wanted", wanted), ("look at", hint)])
    )


def told(question: Any, case: ModuleCase, aspect: str = "") -> str:
    """Return a case as a person reads it: how the class is built, the input, the weights."""
    if case.drawn and secret():
        return "one drawn for grading"
    args = ", ".join(
        f"{name}={_argument(value)}" for name, value in zip(question.arguments, case.args, strict=False)
    )
    text = f"{question.name}({args}), x {case.x.shape}"
    if case.weights == "last gamma 0" and aspect:
        text += ", last gamma and beta 0"
    if aspect:
        text += f", {aspect}"
    if case.about:
        text += f" ({case.about})"
    if case.x.size <= 24 and aspect:
        text += "\nx = " + shown(case.x).replace("\n\n", "\n").replace("\n", "\n    ")
    return text


def _argument(value: Any) -> str:
    return "the check's own block" if isinstance(value, Reference) else repr(value)


def _subject(aspect: str) -> str:
    if aspect == "running statistics":
        return "running mean or variance"
    return aspect if aspect[0] == "g" else f"output in {aspect}"


def _explained(question: ModuleQuestion, mistake: Mistake, case: ModuleCase, difference: Difference) -> str:
    filled = _filled(mistake.here, question, case, difference) if mistake.here else ""
    return f"{mistake.explanation}; {filled}" if filled else mistake.explanation


def _filled(template: str, question: ModuleQuestion, case: ModuleCase, difference: Difference) -> str:
    """Return a template with the case's numbers in it, or an empty string where they are secret or do not exist."""
    if case.drawn and secret():
        return ""
    try:
        return template.format(**question.facts(case), **difference.numbers)
    except KeyError:
        return ""
