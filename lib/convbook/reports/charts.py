"""Small pictures for the page: SVG, coloured by its stylesheet, each with a sentence for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

KINDS = ("right", "wrong", "stopped", "not_attempted")
WORDS = {"right": "right", "wrong": "wrong", "stopped": "stopped", "not_attempted": "not attempted"}


def _svg(width: float, height: float, alt: str, inside: str, kind: str) -> str:
    """Return a picture of this size; `inside` is SVG of ours, without words of others."""
    box = f'viewBox="0 0 {width:g} {height:g}"'
    return f'<svg class="{kind}" {box} role="img" aria-label="{escape(alt)}">{inside}</svg>'


def histogram(bins: Sequence[int], median: float | None = None) -> str:
    """Return the scores in tenths as bars, the median as a line."""
    width, height, base, step = 400, 210, 184, 40
    most = max([*bins, 1])
    parts = []
    for place, students in enumerate(bins):
        tall = 150 * students / most
        x, y = place * step, base - tall
        parts.append(
            f'<rect class="bar" x="{x + 2}" y="{y:.1f}" width="{step - 4}" height="{tall:.1f}" rx="3"/>'
        )
        if students:
            parts.append(f'<text class="count" x="{x + step / 2}" y="{y - 5:.1f}">{students}</text>')
    parts.append(f'<path class="axis" d="M0 {base}.5H{width}"/>')
    parts += [
        f'<text class="tick" x="{min(max(n * step, 12), width - 20)}" y="203">{n * 10} %</text>'
        for n in (0, 5, 10)
    ]
    if median is not None:
        parts.append(f'<path class="median" d="M{width * median:.1f} 4V{base}"/>')
    words = ", ".join(
        f"{students} from {10 * n} to {10 * n + 10} %" for n, students in enumerate(bins) if students
    )
    return _svg(
        width, height, f"Scores of {sum(bins)} students: {words or 'none'}", "".join(parts), "histogram"
    )


def stacked(numbers: dict[str, int]) -> str:
    """Return one bar of what became of an exercise: right, wrong, stopped, not attempted."""
    everyone, x, parts = sum(numbers.get(kind, 0) for kind in KINDS), 0.0, []
    for kind in KINDS:
        wide = 200 * numbers.get(kind, 0) / everyone if everyone else 0.0
        if wide:
            parts.append(
                f'<rect class="{kind}" x="{x:.2f}" y="0" width="{max(0.6, wide - 1):.2f}" height="14"/>'
            )
        x += wide
    words = ", ".join(f"{numbers[kind]} {WORDS[kind]}" for kind in KINDS if numbers.get(kind))
    return _svg(200, 14, words or "nobody", "".join(parts), "stacked")


def share(value: float, kind: str = "bar") -> str:
    """Return a share from 0 to 1 as a bar; the number stands beside it for screen readers."""
    wide = 100 * min(1.0, max(0.0, value))
    inside = '<rect class="track" width="100" height="8" rx="4"/>'
    inside += f'<rect class="{kind}" width="{wide:.1f}" height="8" rx="4"/>'
    return f'<svg class="share" viewBox="0 0 100 8" aria-hidden="true">{inside}</svg>'


def change(before: float, now: float) -> str:
    """Return two points on a line from 0 to 1, the earlier one hollow."""
    a, b = 6 + 108 * before, 6 + 108 * now
    inside = (
        f'<path class="axis" d="M6 7H114"/><path class="move" d="M{a:.1f} 7H{b:.1f}"/>'
        f'<circle class="before" cx="{a:.1f}" cy="7" r="4"/><circle class="now" cx="{b:.1f}" cy="7" r="5"/>'
    )
    return f'<svg class="change" viewBox="0 0 120 14" aria-hidden="true">{inside}</svg>'


def correlation(value: float) -> str:
    """Return a number from −1 to 1 as a point on a line with its middle marked."""
    x = 40 + 36 * value
    inside = f'<path class="axis" d="M4 7H76M40 2V12"/><circle class="now" cx="{x:.1f}" cy="7" r="5"/>'
    return f'<svg class="correlation" viewBox="0 0 80 14" aria-hidden="true">{inside}</svg>'


def boxes(units: Sequence[tuple[str, float, float, float]]) -> str:
    """Return for every unit the median as a point and the middle half of the class as a bar.

    Each is `(label, lower quartile, median, upper quartile)`, shares from 0 to 1.
    """
    left, base = 44, 190
    step = (400 - left) / max(len(units), 1)
    parts = [f'<path class="grid" d="M{left} {base - 180 * n:g}H400"/>' for n in (0, 0.5, 1)]
    parts += [
        f'<text class="tick" x="{left / 2 - 4}" y="{base - 180 * n + 5:g}">{100 * n:g} %</text>'
        for n in (0, 0.5, 1)
    ]
    for place, (label, low, middle, high) in enumerate(units):
        x = left + step * (place + 0.5)
        top, tall = base - 180 * high, max(2.0, 180 * (high - low))
        parts.append(
            f'<rect class="half" x="{x - 7:.1f}" y="{top:.1f}" width="14" height="{tall:.1f}" rx="6"/>'
        )
        parts.append(f'<circle class="now" cx="{x:.1f}" cy="{base - 180 * middle:.1f}" r="6"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{base + 20}">{escape(label)}</text>')
    words = "; ".join(f"{label}: median {m:.0%}, middle half {a:.0%} to {b:.0%}" for label, a, m, b in units)
    return _svg(400, 216, f"Scores by unit. {words}", "".join(parts), "boxes")
