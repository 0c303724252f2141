"""CSV (RFC 4180) for a spreadsheet: the complete population, one entry a row.

A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection).
Every row says of how many it is one, so that a sample can be drawn and defended.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from .about import About, Entry, leaf_hash, opened, text_of

COLUMNS = (
    "index",
    "tree_size",
    "recorded_at",
    "occurred_at",
    "type",
    "intent",
    "seq",
    "task",
    "agent",
    "actor_kind",
    "actor_ref",
    "outcome",
    "channel",
    "strength",
    "event_id",
    "leaf_hash",
    "data",
    "digests",
    "opened",
    "not_opened",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def convert(entries: Iterable[Entry], about: About) -> Iterator[str]:
    """Yield the header and then one row for each entry."""
    yield _line(COLUMNS)
    for entry in entries:
        yield _line(_cells(entry, about))


def _cells(entry: Entry, about: About) -> list[Any]:
    leaf = entry["leaf"]
    data = leaf.get("data", {})
    credential = data.get("credential", {})
    closed = sorted(set(leaf.get("commitments", {})) - set(entry["open"]))
    return [
        entry["index"],
        about.size,
        leaf["recorded_at"],
        leaf["occurred_at"],
        leaf["type"],
        leaf.get("intent"),
        leaf.get("seq"),
        leaf.get("task"),
        leaf.get("agent"),
        leaf["actor"]["kind"],
        leaf["actor"]["ref"],
        data.get("outcome"),
        data.get("channel"),
        credential.get("strength"),
        leaf["event_id"],
        leaf_hash(entry),
        text_of(data) if data else "",
        text_of(leaf["digests"]) if leaf.get("digests") else "",
        text_of(opened(entry)) if entry["open"] else "",
        " ".join(closed),
    ]


def _line(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_safe(cell) for cell in cells])
    return line.getvalue()


def _safe(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
