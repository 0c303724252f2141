"""The answers people have begun, and the tasks they look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.core.words import PersonId, TaskId, WorkspaceId
from signoff.engine.desks import DRAFT_LASTS, LOOKING_LASTS, Draft
from signoff.engine.records import decode_json, encode
from signoff.storage.sqlite.connection import row, rows, run, write
from signoff.storage.sqlite.threaded import Threaded
from signoff.storage.sqlite.values import micros, moment


class DeskHalf(Threaded):
    """The part of the store that knows what people have in front of them."""

    async def save_draft(self, draft: Draft) -> None:
        await self._writer.run(_save, draft)

    async def draft(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> Draft | None:
        return await self._readers.run(_draft, workspace, task_id, person_id)

    async def drop_draft(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> None:
        await self._writer.run(_drop, "drop_draft", workspace, task_id, person_id)

    async def note_looking(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId, at: datetime
    ) -> None:
        await self._writer.run(_note, workspace, task_id, person_id, at)

    async def stop_looking(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> None:
        await self._writer.run(_drop, "stop_looking", workspace, task_id, person_id)

    async def looking(
        self, workspace: WorkspaceId, task_id: TaskId, *, since: datetime
    ) -> Sequence[PersonId]:
        return await self._readers.run(_looking, workspace, task_id, since)


def _save(connection: apsw.Connection, draft: Draft) -> None:
    run(connection, "forget_drafts", before=micros(draft.saved_at - DRAFT_LASTS))
    values = (
        draft.workspace,
        draft.task_id,
        draft.person_id,
        draft.view_digest,
        encode(draft.form),
        draft.saved_at,
    )
    write(connection, "save_draft", [values])


def _draft(
    connection: apsw.Connection, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
) -> Draft | None:
    found = row(
        connection, "draft_by_id", workspace=workspace, task_id=task_id, person_id=person_id
    )
    if found is None:
        return None
    view_digest, form, saved_at = cast(tuple[str, str, int], found)
    return Draft(
        workspace=workspace,
        task_id=task_id,
        person_id=person_id,
        view_digest=view_digest,
        form=decode_json(form),  # type: ignore[arg-type]
        saved_at=moment(saved_at),
    )


def _drop(
    connection: apsw.Connection,
    query: str,
    workspace: WorkspaceId,
    task_id: TaskId,
    person_id: PersonId,
) -> None:
    run(connection, query, workspace=workspace, task_id=task_id, person_id=person_id)


def _note(
    connection: apsw.Connection,
    workspace: WorkspaceId,
    task_id: TaskId,
    person_id: PersonId,
    at: datetime,
) -> None:
    run(connection, "forget_looking", before=micros(at - LOOKING_LASTS))
    write(connection, "note_looking", [(workspace, task_id, person_id, at)])


def _looking(
    connection: apsw.Connection, workspace: WorkspaceId, task_id: TaskId, since: datetime
) -> list[PersonId]:
    found = rows(
        connection, "looking_at", workspace=workspace, task_id=task_id, since=micros(since)
    )
    return [PersonId(person_id) for (person_id,) in cast(list[tuple[str]], found)]
