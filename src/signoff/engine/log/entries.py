"""Entries of a log as bundles and receipts have them: the leaf, and what can be opened of it."""

from __future__ import annotations

import msgspec

from signoff.engine.log.fields import LAYOUTS
from signoff.engine.log.ports import LogEntry
from signoff.engine.log.scribe import slices

_salts = msgspec.json.Decoder(dict[str, str]).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def opening(entry: LogEntry) -> dict[str, dict[str, str]]:
    """For each commitment that can still be opened, its salt and the exact text of the value."""
    if not entry.salts:
        return {}
    values = slices(entry.data, LAYOUTS[entry.type].committed)
    return {
        name: {"salt": salt, "value": values[name].decode()}
        for name, salt in _salts(entry.salts).items()
        if name in values
    }


def line(entry: LogEntry) -> bytes:
    """The entry as a line of a bundle, with its end."""
    opened = _encode(opening(entry))
    return b'{"index":%d,"leaf":%b,"open":%b}\n' % (entry.index, entry.leaf.encode(), opened)
