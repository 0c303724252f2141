"""The answers people have begun, and the tasks they look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from signoff.core.words import PersonId, TaskId, WorkspaceId
from signoff.engine.desks import DRAFT_LASTS, LOOKING_LASTS, Draft
from signoff.engine.records import decode_json, encode
from signoff.storage.postgres.database import Database


class Desks:
    """The part of the store that knows what people have in front of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_draft(self, draft: Draft) -> None:
        await self._database.write(
            "save_draft",
            draft.workspace,
            draft.task_id,
            draft.person_id,
            draft.view_digest,
            encode(draft.form),
            draft.saved_at,
            draft.saved_at - DRAFT_LASTS,
        )

    async def draft(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> Draft | None:
        row = await self._database.row("draft_by_id", workspace, task_id, person_id)
        if row is None:
            return None
        view_digest, form, saved_at = row
        return Draft(
            workspace=workspace,
            task_id=task_id,
            person_id=person_id,
            view_digest=view_digest,
            form=decode_json(form),  # type: ignore[arg-type]
            saved_at=saved_at,
        )

    async def drop_draft(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> None:
        await self._database.write("drop_draft", workspace, task_id, person_id)

    async def note_looking(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId, at: datetime
    ) -> None:
        await self._database.write(
            "note_looking", workspace, task_id, person_id, at, at - LOOKING_LASTS
        )

    async def stop_looking(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> None:
        await self._database.write("stop_looking", workspace, task_id, person_id)

    async def looking(
        self, workspace: WorkspaceId, task_id: TaskId, *, since: datetime
    ) -> Sequence[PersonId]:
        rows = await self._database.rows("looking_at", workspace, task_id, since)
        return [PersonId(row[0]) for row in rows]
