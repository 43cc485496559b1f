"""Questions and guesses as text: for a terminal, for GitHub and nbconvert, and for the end of a unit."""

from __future__ import annotations

import html
from typing import Any


def plain(question: Any) -> str:
    """Return a question as one line, with the guess and the answer as far as they are there."""
    asked, parts = question.asked, [question.asked.text]
    if question.answer is None and asked.choices:
        parts.append(f"({' / '.join(asked.choices)})")
    if question.guess is not None:
        parts.append(f"Your guess: {asked.said(question.guess)}.")
    if question.answer is not None:
        parts.append(f"The answer: {asked.said(question.answer)}.")
        parts += [question.why] if question.why else []
    return " ".join(parts)


def page(question: Any) -> str:
    """Return a question as HTML that needs no script: the answer, once it is known, is folded away."""
    asked, esc = question.asked, html.escape
    lines = [f"<p><strong>Predict.</strong> {esc(asked.text)}</p>"]
    if asked.choices:
        lines.append(f"<ul>{''.join(f'<li>{esc(choice)}</li>' for choice in asked.choices)}</ul>")
    if question.answer is not None:
        told = f"{asked.said(question.answer)}. {question.why}".strip()
        lines.append(f"<details><summary>The answer</summary><p>{esc(told)}</p></details>")
    return "".join(lines)


class Recap:
    """What was asked, what was guessed, and what surprised: a table in a notebook, lines elsewhere."""

    def __init__(self, questions: list[Any]):
        self.questions = questions

    @property
    def surprises(self) -> list[Any]:
        """Return the questions whose answer was another than the guess."""
        return [one for one in self.questions if one.surprised]

    def headline(self) -> str:
        """Return one sentence that counts."""
        guessed = sum(one.guess is not None and one.answer is not None for one in self.questions)
        if not guessed:
            return "You have made no guess yet whose answer has been computed."
        many = len(self.surprises)
        times = "once" if many == 1 else "never" if many == 0 else f"{many} times"
        return f"You guessed {guessed} of {len(self.questions)} answers, and were surprised {times}."

    def rows(self) -> list[tuple[str, str, str]]:
        """Return question, guess and answer of every surprise."""
        return [
            (one.asked.text, one.asked.said(one.guess), one.asked.said(one.answer)) for one in self.surprises
        ]

    def __repr__(self) -> str:
        lines = [f"{text} You: {guess}. The answer: {answer}." for text, guess, answer in self.rows()]
        return "\n".join([self.headline(), *lines])

    def _repr_html_(self) -> str:
        body = "".join(
            "<tr>"
            + "".join(f'<td style="text-align:left">{html.escape(cell)}</td>' for cell in row)
            + "</tr>"
            for row in self.rows()
        )
        if not body:
            return f"<p>{html.escape(self.headline())}</p>"
        names = ("What surprised you", "your guess", "the answer")
        head = "".join(f'<th scope="col" style="text-align:left">{name}</th>' for name in names)
        return f"<p>{html.escape(self.headline())}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
