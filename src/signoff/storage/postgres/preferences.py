"""How people want to be told: one document for each person who has chosen anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from signoff.core.facts import Fact
from signoff.core.preferences import Preferences
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.records import encode, read_preferences
from signoff.storage.postgres.database import Database


class PreferencesKept:
    """The part of the store that knows what people have chosen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def preferences(
        self, workspace: WorkspaceId, people: Sequence[PersonId]
    ) -> Mapping[PersonId, Preferences]:
        rows = await self._database.rows("preferences_of_people", workspace, list(people))
        return {PersonId(person_id): read_preferences(document) for person_id, document in rows}

    async def save_preferences(
        self,
        workspace: WorkspaceId,
        person_id: PersonId,
        chosen: Preferences,
        facts: Sequence[Fact] = (),
    ) -> None:
        now = self._database.given_time()
        await self._database.write(
            "save_preferences", workspace, person_id, encode(chosen), now, facts=facts
        )
