"""The timeline of one intent as a picture: an SVG that is readable on a phone and in print.

Time runs downwards, one row for each entry; what lies between two of them is written, not drawn to
scale, for a milliseconds' step and a three days' wait stand side by side here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from .about import Entry
from .phrases import GOOD, LANES, lane, phrase

_ROW, _TOP, _LEFT, _LANE, _TEXT, _WIDTH = 30, 46, 92, 24, 188, 480
_WORTH_SAYING = timedelta(seconds=1)


def picture(entries: Sequence[Entry]) -> str:
    """Draw the entries of one intent, in the order of the log."""
    height = _TOP + _ROW * len(entries) + 10
    parts = [
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height}" xmlns="http://www.w3.org/2000/svg">',
        f"<title>Timeline of {escape(str(entries[0]['leaf'].get('intent', '')))}</title>",
        *_heads(height),
        *_path(entries),
    ]
    for row, entry in enumerate(entries):
        before = entries[row - 1] if row else None
        parts += _entry(row, entry, before)
    return "\n".join([*parts, "</svg>"])


def _heads(height: int) -> list[str]:
    parts = []
    for number, name in enumerate(LANES):
        x = _x(number)
        parts.append(f'<line class="lane" x1="{x}" x2="{x}" y1="{_TOP - 8}" y2="{height - 8}"/>')
        turned = f"translate({x + 3},{_TOP - 12}) rotate(-40)"
        parts.append(f'<text class="head" transform="{turned}">{name}</text>')
    return parts


def _path(entries: Sequence[Entry]) -> list[str]:
    points = " ".join(f"{_x(lane(entry))},{_y(row)}" for row, entry in enumerate(entries))
    return [f'<polyline class="path" points="{points}"/>']


def _entry(row: int, entry: Entry, before: Entry | None) -> list[str]:
    leaf = entry["leaf"]
    x, y = _x(lane(entry)), _y(row)
    said = escape(phrase(entry))
    hint = f"{escape(leaf['type'])} at {leaf['occurred_at']}, entry {entry['index']}"
    parts = [
        f'<g class="{_mood(entry)}"><title>{hint}</title>',
        f'<circle cx="{x}" cy="{y}" r="6"/>',
        f'<text class="said" x="{_TEXT}" y="{y + 4}">{said}</text></g>',
    ]
    if before is None:
        parts.append(_side(y, leaf["occurred_at"][11:19]))
    elif (passed := _at(entry) - _at(before)) >= _WORTH_SAYING:
        parts.append(_side(y - _ROW // 2, f"+{span(passed)}"))
    return parts


def _side(y: int, text: str) -> str:
    return f'<text class="time" x="{_LEFT - 16}" y="{y + 4}" text-anchor="end">{text}</text>'


def _mood(entry: Entry) -> str:
    leaf = entry["leaf"]
    outcome = leaf.get("data", {}).get("outcome")
    if leaf["type"] in ("task.concluded", "task.answered"):
        return "good" if outcome in GOOD else "bad"
    if leaf["type"] in ("attempt.refused", "notice.failed", "task.rung_skipped", "intent.failed"):
        return "bad"
    return "plain"


def span(passed: timedelta) -> str:
    """A length of time in its two largest units: ``3 d 4 h``."""
    seconds = int(passed.total_seconds())
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        if seconds >= size:
            parts.append(f"{seconds // size} {name}")
            seconds %= size
    return " ".join(parts[:2]) or "0 s"


def _at(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry["leaf"]["occurred_at"])


def _x(number: int) -> int:
    return _LEFT + _LANE * number


def _y(row: int) -> int:
    return _TOP + _ROW * row + _ROW // 2
