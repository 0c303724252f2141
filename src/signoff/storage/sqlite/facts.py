"""Facts and first sights: written in the transaction of what they tell, queued by the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.core.facts import Fact
from signoff.core.words import PersonId, TaskId, WorkspaceId
from signoff.engine.log.ports import View
from signoff.storage.facts import fact_records
from signoff.storage.sqlite.connection import row, write
from signoff.storage.sqlite.values import maybe_moment


def add_facts(connection: apsw.Connection, facts: Sequence[Fact]) -> None:
    """Write facts; one whose id is there already is left as it is, and queued no second time."""
    if facts:
        write(connection, "insert_facts", fact_records(facts))


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
