"""What people have in front of them: the answers they have begun, and the tasks they look at just
now, as a store keeps them. Neither is a record: both are forgotten after a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from signoff.core.words import PersonId, TaskId, WorkspaceId

DRAFT_LASTS = timedelta(days=30)
LOOKING_LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An answer somebody has begun.

    :param view_digest: of the task as they saw it.
    :param form: what they had typed, by the names of the fields.
    """

    workspace: WorkspaceId
    task_id: TaskId
    person_id: PersonId
    view_digest: str
    form: Mapping[str, Sequence[str]]
    saved_at: datetime


class DeskStore(Protocol):
    async def save_draft(self, draft: Draft) -> None:
        """Keep a draft in the place of an earlier one; those older than ``DRAFT_LASTS`` go."""
        ...

    async def draft(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> Draft | None: ...
    async def drop_draft(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> None: ...
    async def note_looking(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId, at: datetime
    ) -> None:
        """Somebody looks at a task; looks older than ``LOOKING_LASTS`` are forgotten."""
        ...

    async def stop_looking(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> None: ...
    async def looking(
        self, workspace: WorkspaceId, task_id: TaskId, *, since: datetime
    ) -> Sequence[PersonId]:
        """Who has been seen at a task since a moment, in the order of their ids."""
        ...
