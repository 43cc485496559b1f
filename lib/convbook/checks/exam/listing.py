"""Show numbered lines: questions, or a script with its colours. Plain text wherever there is no page."""

from __future__ import annotations

import html
import io
import keyword
import tokenize
from dataclasses import dataclass

# JupyterLab's own colours of code, which follow its theme; elsewhere one that is readable on white and on black.
COLOURS = {
    "keyword": "var(--jp-mirror-editor-keyword-color, #0a8a3a)",
    "string": "var(--jp-mirror-editor-string-color, #c4432b)",
    "comment": "var(--jp-mirror-editor-comment-color, #46808e)",
    "number": "var(--jp-mirror-editor-number-color, #1a8a5a)",
}


@dataclass(frozen=True)
class Listing:
    """Hold numbered lines under a title; `code` says that they are Python."""

    title: str
    lines: list[str]
    code: bool = False

    def __repr__(self) -> str:
        if not self.code:
            return "\n\n".join([self.title, *self.lines])
        numbered = (f"{number:3}  {line}".rstrip() for number, line in enumerate(self.lines, 1))
        return "\n".join([self.title, *numbered])

    def _repr_html_(self) -> str:
        title = f"<strong>{html.escape(self.title)}</strong>"
        if not self.code:
            items = "".join(
                f"<p style='margin: 0.5em 0; max-width: 46em'>{html.escape(one)}</p>" for one in self.lines
            )
            return f"<div role='group' aria-label='{html.escape(self.title)}'>{title}{items}</div>"
        rows = "\n".join(
            f"<span style='user-select: none; opacity: 0.6'>{number:3}  </span>{line}"
            for number, line in enumerate(coloured(self.lines), 1)
        )
        look = "line-height: 1.35; overflow-x: auto; background: transparent; color: inherit"
        return f"<div role='group' aria-label='{html.escape(self.title)}'>{title}<pre style='{look}'>{rows}</pre></div>"


def coloured(lines: list[str]) -> list[str]:
    """Return lines of Python as HTML, with the colours of its keywords, texts, numbers and comments.

    >>> coloured(["return 1"])
    ["<span style='color: var(--jp-mirror-editor-keyword-color, #0a8a3a)'>return</span> <span style='color: var(--jp-mirror-editor-number-color, #1a8a5a)'>1</span>"]
    """
    marks: dict[int, list[tuple[int, int, str]]] = {}
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        if (kind := kind_of(token)) and token.start[0] == token.end[0]:
            marks.setdefault(token.start[0], []).append((token.start[1], token.end[1], kind))
    return [_painted(line, marks.get(number, [])) for number, line in enumerate(lines, 1)]


def kind_of(token: tokenize.TokenInfo) -> str:
    """Return the kind of a token that has a colour, or nothing."""
    if token.type == tokenize.NAME:
        return "keyword" if keyword.iskeyword(token.string) else ""
    return {tokenize.STRING: "string", tokenize.COMMENT: "comment", tokenize.NUMBER: "number"}.get(
        token.type, ""
    )


def _painted(line: str, marks: list[tuple[int, int, str]]) -> str:
    text, place = "", 0
    for start, end, kind in marks:
        text += html.escape(line[place:start])
        text += f"<span style='color: {COLOURS[kind]}'>{html.escape(line[start:end])}</span>"
        place = end
    return text + html.escape(line[place:])
