"""What a cell shows: a bounded list of nbformat outputs, and the check that a list really is one."""

from __future__ import annotations

import io
import re
from typing import Any

FLOOD = "\n… the rest of the output was cut: it is too long.\n"
FIELDS = {  # of every type of output, and what they hold
    "stream": {"name": str, "text": str},
    "display_data": {"data": dict, "metadata": dict},
    "execute_result": {"data": dict, "metadata": dict, "execution_count": object},
    "error": {"ename": str, "evalue": str, "traceback": list},
}
DATA_ADDRESS = re.compile(r'src="data:image/[^"]*"')
PICTURE_ROOM = 20  # pictures may take this many times the room of text
MOST_ERRORS, MOST_LINES, LONGEST_LINE = 3, 100, 2_000
NOTEBOOK_TIMES = 8  # all cells together may show this many times what one may


class Outputs:
    """Collect the outputs of one cell, up to a number of bytes."""

    def __init__(self, room: int):
        self.room = room
        self.clear()

    def clear(self) -> None:
        """Forget all outputs."""
        self.items: list[dict[str, Any]] = []
        self.used, self.flooded = 0, False

    def write(self, name: str, text: str) -> None:
        """Add text to a stream, or to the stream that was written last."""
        if self.flooded:
            return
        text = text[: self.room - self.used]
        self.used += len(text)
        last = self.items[-1] if self.items else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        elif text:
            self.items.append({"output_type": "stream", "name": name, "text": text})
        if self.used >= self.room:
            self._flood()

    def add(self, output_type: str, **fields: Any) -> None:
        """Add an output of any other type."""
        output = {"output_type": output_type, **fields}
        self.used += size([output])
        if output_type != "error" and self.used > self.room:
            self._flood()
        if output_type == "error" or not self.flooded:
            self.items.append(output)

    def taken(self) -> list[dict[str, Any]]:
        """Return the outputs and begin anew."""
        items = self.items
        self.clear()
        return items

    def _flood(self) -> None:
        if not self.flooded:
            self.flooded = True
            self.items.append({"output_type": "stream", "name": "stderr", "text": FLOOD})


def size(outputs: list[dict[str, Any]]) -> int:
    """Return the room that outputs take: their characters, or less for those of pictures."""
    total = 0
    for output in outputs:
        data = output.get("data", {})
        drawn = DATA_ADDRESS.findall(str(data.get("text/html", "")))  # as the course's own figures are stored
        pictures = len(str(data.get("image/png", ""))) + sum(map(len, drawn))
        text = len(output["text"]) if "text" in output else len(str(output)) - pictures
        total += max(text, pictures // PICTURE_ROOM)
    return total


class Stream(io.TextIOBase):
    """Stand for `sys.stdout` or `sys.stderr` while a cell runs."""

    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str):
        self.outputs, self.stream = outputs, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.outputs.write(self.stream, text)
        return len(text)


def only_outputs(items: Any, room: int) -> list[dict[str, Any]]:
    """Return what in `items` has the form of nbformat outputs; the rest, and what is too much, is left out."""
    kept = Outputs(room)
    for item in items if isinstance(items, list) else []:
        kind = item.get("output_type") if isinstance(item, dict) else None
        wanted = FIELDS.get(kind, {}) if isinstance(kind, str) else {}
        fields = {name: item[name] for name in wanted if name in item}
        if not _well_formed(fields, wanted):
            continue
        if kind == "stream":
            kept.write(**fields)
        elif kind != "error":
            kept.add(kind, **fields)
        elif sum(one["output_type"] == "error" for one in kept.items) < MOST_ERRORS:
            # None of its fields is long: errors are kept however much a cell has shown.
            lines = [line[:LONGEST_LINE] for line in fields["traceback"][:MOST_LINES]]
            kept.add(kind, ename=fields["ename"][:100], evalue=fields["evalue"][:10_000], traceback=lines)
    return kept.items


def _well_formed(fields: dict[str, Any], wanted: dict[str, type]) -> bool:
    return (
        bool(wanted)
        and all(name in fields and isinstance(fields[name], kind) for name, kind in wanted.items())
        and fields.get("name", "stdout") in ("stdout", "stderr")
        and all(isinstance(line, str) for line in fields.get("traceback", ()))
        and _plain(fields.get("data"), 0)
    )


def _plain(value: Any, depth: int) -> bool:
    if isinstance(value, dict):
        return depth < 20 and all(isinstance(k, str) and _plain(v, depth + 1) for k, v in value.items())
    if isinstance(value, list):
        return depth < 20 and all(_plain(item, depth + 1) for item in value)
    return value is None or type(value) in (str, int, float, bool)
