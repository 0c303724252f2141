"""CloudEvents 1.0 in JSON, one a line: the leaf and what was opened of it are the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .about import About, Entry, leaf_hash, text_of

TYPE_PREFIX = "dev.signoff."


def convert(entries: Iterable[Entry], about: About) -> Iterator[str]:
    """Yield one event for each entry. The extension attributes say where in the log it is."""
    for entry in entries:
        leaf = entry["leaf"]
        event = {
            "specversion": "1.0",
            "id": leaf["event_id"],
            "source": f"//{about.origin}",
            "type": TYPE_PREFIX + leaf["type"],
            "time": leaf["occurred_at"],
            "datacontenttype": "application/json",
            "data": {"leaf": leaf, "open": entry["open"]},
            "signoffindex": entry["index"],
            "signofftreesize": about.size,
            "signoffleafhash": leaf_hash(entry),
        }
        if (subject := leaf.get("task") or leaf.get("intent")) is not None:
            event["subject"] = subject
        yield text_of(event) + "\n"
