"""The directory as the rules see it: people, members of tokens, loads and settings, by need.

Each kind of thing is one statement; all that is asked for at a time goes in one round trip.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from signoff.core.facts import Fact
from signoff.core.routing import MAX_MEMBERS, MAX_STAND_INS, Directory
from signoff.core.words import PersonId, WorkspaceId
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.ports import Lookup
from signoff.engine.records import PersonRecord, read_person, settings_record
from signoff.errors import ChangedMeanwhile
from signoff.storage.directories import EVER_AFTER, MAX_LOAD, Directories, lookup_in
from signoff.storage.postgres import bundle
from signoff.storage.postgres.database import Connection, Database, Row
from signoff.storage.remembered import Remembered


class Knowledge:
    """The part of the store that tells what the rules would know."""

    def __init__(self, database: Database, remembered: Remembered) -> None:
        self._database = database
        self._remembered = remembered

    async def settings(self, workspace: WorkspaceId) -> WorkspaceSettings:
        return (await self.directory(workspace)).settings

    async def save_settings(
        self,
        workspace: WorkspaceId,
        settings: WorkspaceSettings,
        *,
        by: str,
        facts: Sequence[Fact] = (),
    ) -> None:
        values = *settings_record(workspace, settings), self._database.given_time(), by
        if not await self._database.write("insert_settings", *values, facts=facts):
            raise ChangedMeanwhile(
                f"the settings are not at version {settings.version - 1} any more; read them again"
            )

    async def directory(
        self,
        workspace: WorkspaceId,
        *,
        people: Sequence[str] = (),
        tokens: Sequence[str] = (),
        picks: Sequence[str] = (),
    ) -> Directory:
        """What the rules would know, and who stands in for somebody now or later."""
        lookup = lookup_in(workspace, people=people, tokens=tokens, picks=picks)

        async def read(connection: Connection) -> Directory:
            gathered = Directories(lookup)
            wanted = Wanted(lookup, self._remembered)
            found = await bundle.read(connection, wanted.parts())
            wanted.add(found, gathered)
            now = self._database.given_time() or found["now"]
            await stand_ins(connection, gathered, since=now, until=EVER_AFTER)
            return gathered.built()[workspace]

        return await self._database.read(read)


class Wanted:
    """What one round trip asks of the directory, and where its rows go."""

    def __init__(self, lookup: Lookup, remembered: Remembered) -> None:
        self._lookup = lookup
        self._remembered = remembered
        self._known = remembered.of(lookup.settings)

    def parts(self) -> dict[str, Sequence[object]]:
        """The statements, by their names, with what they take; none where nothing is wanted."""
        lookup = self._lookup
        parts: dict[str, Sequence[object]] = {}
        if lookup.people:
            parts["load_people"] = columns(lookup.people)
        if lookup.tokens:
            parts["load_members"] = [*columns(lookup.tokens), MAX_MEMBERS]
        if lookup.picks:
            parts["load_loads"] = [*columns(lookup.picks), MAX_MEMBERS, MAX_LOAD]
        if self._known:
            known = [(workspace, settings.version) for workspace, settings in self._known.items()]
            parts["load_settings"] = columns(known)
        return parts

    def add(self, found: Row, into: Directories) -> None:
        """Take the rows that were found."""
        for row in found.get("load_people", ()):
            into.add_person(read_person(PersonRecord._make(row)))
        for token, *row in found.get("load_members", ()):
            member = PersonRecord._make(row)
            workspace = WorkspaceId(member.workspace)
            into.add_member(workspace, token, PersonId(member.id))
            if not into.knows(workspace, member.id):
                into.add_person(read_person(member))
        for workspace, person_id, load in found.get("load_loads", ()):
            into.add_load(workspace, person_id, load)
        for workspace, document in found.get("load_settings", ()):
            into.add_settings(workspace, self._latest(workspace, document))

    def _latest(self, workspace: WorkspaceId, document: str | None) -> WorkspaceSettings:
        if document is None:
            return self._known[workspace]
        return self._remembered.read(workspace, document)


async def stand_ins(
    connection: Connection, into: Directories, *, since: datetime, until: datetime
) -> None:
    """Read whoever stands in for those away between the moments, hop by hop."""
    for _ in range(MAX_STAND_INS):
        absent = into.absent(since=since, until=until)
        if not absent:
            return
        found = await bundle.read(connection, {"load_people": columns(absent)})
        for row in found["load_people"]:
            into.add_person(read_person(PersonRecord._make(row)))


def columns(rows: Iterable[Sequence[object]]) -> Sequence[Sequence[object]]:
    """Rows, of which there are some, as columns, which is how they are sent: one array for each."""
    return list(zip(*rows, strict=True))
