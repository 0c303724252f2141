"""Entries of a log as bundles and receipts have them: the leaf, and what can be opened of it."""

from __future__ import annotations

from typing import Any

import msgspec

from signoff.engine.log.plans import slices
from signoff.engine.log.ports import LogEntry
from signoff.engine.log.scribe import salts_in

_encode = msgspec.json.Encoder(order="deterministic").encode


def leaf_of(entry: LogEntry) -> dict[str, Any]:
    """The leaf as what it says."""
    found: dict[str, Any] = msgspec.json.decode(entry.leaf)
    return found


def opening(entry: LogEntry) -> dict[str, dict[str, str]]:
    """For each commitment that can still be opened, its salt and the exact text of the value."""
    if not entry.salts:
        return {}
    values = slices(entry.type, entry.data)
    return {
        name: {"salt": salt, "value": values[name].decode()}
        for name, salt in salts_in(entry.salts).items()
        if name in values
    }


def line(entry: LogEntry) -> bytes:
    """The entry as a line of a bundle, with its end."""
    opened = _encode(opening(entry))
    return b'{"index":%d,"leaf":%b,"open":%b}\n' % (entry.index, entry.leaf.encode(), opened)
