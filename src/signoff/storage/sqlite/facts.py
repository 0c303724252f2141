"""Facts and first sights: written in the transaction of what they tell, with their places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.core.facts import Fact
from signoff.core.words import PersonId, TaskId, WorkspaceId
from signoff.engine.log.ports import View
from signoff.engine.records import FactRecord, encode
from signoff.storage.facts import fact_records
from signoff.storage.sqlite.connection import row, rows, write
from signoff.storage.sqlite.placing import placed
from signoff.storage.sqlite.values import maybe_moment


def add_facts(connection: apsw.Connection, facts: Sequence[Fact]) -> None:
    """Write facts; one whose id is there already is left as it is."""
    if facts:
        add_records(connection, fact_records(facts))


def add_records(connection: apsw.Connection, records: Sequence[FactRecord]) -> None:
    """Write facts that are laid out in rows; one whose id is there already is left as it is."""
    if not records:
        return
    new = {record[:2]: record for record in reversed(records)}
    for known in rows(connection, "known_facts", refs=encode([*new])):
        del new[cast(tuple[str, str], known)]
    write(connection, "insert_facts", placed(connection, [*reversed(new.values())]))


def record(connection: apsw.Connection, facts: Sequence[Fact], views: Sequence[View]) -> None:
    """Write facts that no other change brings about, and who saw what for the first time."""
    add_facts(connection, facts)
    if views:
        write(connection, "insert_views", [_view_row(view) for view in views])


def first_viewed(
    connection: apsw.Connection, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
) -> datetime | None:
    """When somebody was first shown a task."""
    asked = {"workspace": workspace, "task_id": task_id, "person_id": person_id}
    (found,) = cast(tuple[int | None], row(connection, "first_viewed", **asked))
    return maybe_moment(found)


def _view_row(view: View) -> tuple[object, ...]:
    return view.workspace, view.task_id, view.person_id, view.view_digest, view.at
