"""How people want to be told: one document for each person who has chosen anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.core.facts import Fact
from signoff.core.preferences import Preferences
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.records import encode, read_preferences
from signoff.storage.sqlite.connection import rows, write
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.threaded import Threaded


class PreferenceHalf(Threaded):
    """The part of the store that knows what people have chosen."""

    async def preferences(
        self, workspace: WorkspaceId, people: Sequence[PersonId]
    ) -> Mapping[PersonId, Preferences]:
        return await self._readers.run(_of, workspace, people) if people else {}

    async def save_preferences(
        self,
        workspace: WorkspaceId,
        person_id: PersonId,
        chosen: Preferences,
        facts: Sequence[Fact] = (),
    ) -> None:
        await self._writer.run(
            _save, (workspace, person_id, encode(chosen), self._clock.now()), facts
        )


def _of(
    connection: apsw.Connection, workspace: WorkspaceId, people: Sequence[PersonId]
) -> dict[PersonId, Preferences]:
    found = rows(connection, "preferences_of_people", workspace=workspace, ids=encode(people))
    return {
        PersonId(person_id): read_preferences(document)
        for person_id, document in cast(list[tuple[str, str]], found)
    }


def _save(
    connection: apsw.Connection, row: tuple[str, str, str, datetime], facts: Sequence[Fact]
) -> None:
    write(connection, "save_preferences", [row])
    add_facts(connection, facts)
