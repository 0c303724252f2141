"""Entries of a log as bundles and receipts have them: the leaf, and what can be opened of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from signoff.core.words import WorkspaceId
from signoff.engine.log.plans import slices
from signoff.engine.log.ports import LogEntry, LogStore
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


async def passkeys_of(
    store: LogStore, workspace: WorkspaceId, entries: Iterable[LogEntry]
) -> Sequence[LogEntry]:
    """Where the passkeys were added that answers among these entries are signed with, in order."""
    facts = []
    for entry in entries:
        leaf = leaf_of(entry) if entry.type == "task.answered" else {}
        if signature := leaf.get("data", {}).get("credential", {}).get("signature"):
            found = await store.passkey_fact(workspace, signature["credential_id"])
            facts += [found] if found else []
    return await store.log_entries_named(workspace, facts) if facts else ()
