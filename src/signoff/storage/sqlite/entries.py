"""What is read of the log: leaves, entries with what can be opened of them, anchors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count, takewhile
from operator import attrgetter
from typing import cast

import apsw

from signoff.core.words import IntentId, TaskId, WorkspaceId
from signoff.engine.log.ports import Anchored, LogEntry
from signoff.engine.records import encode
from signoff.storage.erasing import read_names
from signoff.storage.sqlite.connection import Row, row, rows, write
from signoff.storage.sqlite.values import micros, moment

_LAST = 2**63 - 1


def leaves(
    connection: apsw.Connection, workspace: WorkspaceId, start: int, *, limit: int
) -> list[str]:
    """The exact leaves from one place on, in order, up to the first place that is not there."""
    found = rows(connection, "log_leaves", workspace=workspace, start=start, limit=limit)
    placed = zip(cast(list[tuple[int, str]], found), count(start))
    return [leaf for (_, leaf), _ in takewhile(lambda each: each[0][0] == each[1], placed)]


def entries(
    connection: apsw.Connection, workspace: WorkspaceId, start: int, *, limit: int
) -> list[LogEntry]:
    """Entries from one place on, in order."""
    found = rows(connection, "log_entries", workspace=workspace, start=start, limit=limit)
    return [_entry(each) for each in found]


def entries_of(
    connection: apsw.Connection, workspace: WorkspaceId, intent_id: IntentId
) -> list[LogEntry]:
    """Every entry about one intent, in order."""
    found = rows(connection, "log_entries_of", workspace=workspace, intent_id=intent_id)
    return [_entry(each) for each in found]


def entries_named(
    connection: apsw.Connection, workspace: WorkspaceId, facts: Sequence[str]
) -> list[LogEntry]:
    """The entries of these facts, in order."""
    ids = encode(sorted(set(facts)))
    found = rows(connection, "log_entries_named", workspace=workspace, ids=ids)
    return sorted((_entry(each) for each in found), key=attrgetter("index"))


def passkey_fact(
    connection: apsw.Connection, workspace: WorkspaceId, credential_id: str
) -> str | None:
    """The fact by which a passkey was added."""
    named = {"workspace": workspace, "credential_id": credential_id}
    found = row(connection, "passkey_fact", **named)
    return None if found is None else cast(str, found[0])


def span(
    connection: apsw.Connection,
    workspace: WorkspaceId,
    since: datetime | None,
    until: datetime | None,
) -> tuple[int, int]:
    """The smallest range of places, end exclusive, with all that happened in that time."""
    first, last = cast(
        tuple[int | None, int | None],
        row(
            connection,
            "log_span",
            workspace=workspace,
            since=-_LAST if since is None else micros(since),
            until=_LAST if until is None else micros(until),
        ),
    )
    return (0, 0) if first is None or last is None else (first, last + 1)


def add_anchor(connection: apsw.Connection, new: Anchored) -> None:
    """Keep what somebody else holds of a checkpoint."""
    what = new.kind, new.name, new.size, new.checkpoint, new.at, new.evidence, new.detail
    write(connection, "insert_anchor", [(new.workspace, new.id, *what)])


def anchors(
    connection: apsw.Connection, workspace: WorkspaceId, *, up_to: int | None, limit: int
) -> list[Anchored]:
    """What others hold of checkpoints, newest first."""
    most = _LAST if up_to is None else up_to
    found = rows(connection, "anchors", workspace=workspace, up_to=most, limit=limit)
    return [_anchored(each) for each in found]


def _entry(found: Row) -> LogEntry:
    index, source, seq, kind, leaf, data, salts, erased, actor, at = cast(
        tuple[int, str, int, str, str, str, str, str, str, int], found[:10]
    )
    intent_id, task_id = cast(tuple[str | None, str | None], found[10:])
    return LogEntry(
        index=index,
        source=source,
        seq=seq,
        type=kind,
        leaf=leaf,
        data=data,
        salts=salts,
        erased=read_names(erased),
        actor=actor,
        at=moment(at),
        intent_id=IntentId(intent_id) if intent_id is not None else None,
        task_id=TaskId(task_id) if task_id is not None else None,
    )


def _anchored(found: Row) -> Anchored:
    workspace, anchor_id, kind, name, size, checkpoint, at = cast(
        tuple[str, str, str, str, int, str, int], found[:7]
    )
    evidence, detail = cast(tuple[str | None, str | None], found[7:])
    return Anchored(
        workspace=WorkspaceId(workspace),
        id=anchor_id,
        kind=kind,
        name=name,
        size=size,
        checkpoint=checkpoint,
        at=moment(at),
        evidence=evidence,
        detail=detail,
    )
