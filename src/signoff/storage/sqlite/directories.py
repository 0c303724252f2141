"""The directory as the rules see it: people, members of tokens, loads and settings, by need."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import apsw

from signoff.core.routing import MAX_MEMBERS, MAX_STAND_INS, Directory
from signoff.core.words import PersonId, WorkspaceId
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.ports import Clock, Lookup
from signoff.engine.records import PersonRecord, encode, read_person
from signoff.storage.directories import EVER_AFTER, MAX_LOAD, Directories
from signoff.storage.remembered import Remembered
from signoff.storage.sqlite.connection import rows
from signoff.storage.sqlite.values import record


def directory(
    connection: apsw.Connection,
    clock: Clock,
    remembered: Remembered,
    workspace: WorkspaceId,
    lookup: Lookup,
) -> Directory:
    """One workspace's, with whoever stands in for somebody now or later."""
    gathered = Directories(lookup)
    gather(connection, remembered, gathered, lookup, since=clock.now(), until=EVER_AFTER)
    return gathered.built()[workspace]


def gather(
    connection: apsw.Connection,
    remembered: Remembered,
    into: Directories,
    lookup: Lookup,
    *,
    since: datetime,
    until: datetime,
) -> None:
    """Read what the lookup names, and who stands in for those away between the moments."""
    _people(connection, into, lookup.people)
    _members(connection, into, lookup.tokens)
    _loads(connection, into, lookup.picks)
    for workspace, settings in _settings(connection, remembered, lookup.settings).items():
        into.add_settings(workspace, settings)
    for _ in range(MAX_STAND_INS):
        absent = into.absent(since=since, until=until)
        if not absent:
            break
        _people(connection, into, absent)


def settings(
    connection: apsw.Connection, remembered: Remembered, workspace: WorkspaceId
) -> WorkspaceSettings:
    """What is set in one workspace."""
    found = _settings(connection, remembered, frozenset({workspace}))
    return found.get(workspace, WorkspaceSettings())


def _people(
    connection: apsw.Connection,
    into: Directories,
    keys: frozenset[tuple[WorkspaceId, str]] | frozenset[tuple[WorkspaceId, PersonId]],
) -> None:
    if keys:
        for row in rows(connection, "load_people", refs=encode(sorted(keys))):
            into.add_person(read_person(record(PersonRecord, row)))


def _members(
    connection: apsw.Connection, into: Directories, keys: frozenset[tuple[WorkspaceId, str]]
) -> None:
    for workspace, token in sorted(keys):
        found = rows(
            connection, "load_members", workspace=workspace, token=token, limit=MAX_MEMBERS
        )
        for row in found:
            member = record(PersonRecord, row)
            into.add_member(workspace, token, PersonId(member.id))
            if not into.knows(workspace, member.id):
                into.add_person(read_person(member))


def _loads(
    connection: apsw.Connection, into: Directories, keys: frozenset[tuple[WorkspaceId, str]]
) -> None:
    for workspace, token in sorted(keys):
        asked = {"workspace": workspace, "token": token}
        found = rows(connection, "load_loads", **asked, limit=MAX_MEMBERS, most=MAX_LOAD)
        for person_id, load in cast(list[tuple[str, int]], found):
            into.add_load(workspace, PersonId(person_id), load)


def _settings(
    connection: apsw.Connection, remembered: Remembered, workspaces: frozenset[WorkspaceId]
) -> dict[WorkspaceId, WorkspaceSettings]:
    """Those that are set; a document is read where the latest is not the one remembered."""
    if not workspaces:
        return {}
    known = remembered.of(workspaces)
    refs = encode([(workspace, settings.version) for workspace, settings in known.items()])
    found = cast(list[tuple[WorkspaceId, str | None]], rows(connection, "load_settings", refs=refs))
    return {
        workspace: known[workspace] if document is None else remembered.read(workspace, document)
        for workspace, document in found
    }
