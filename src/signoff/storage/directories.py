"""What the rules may know of workspaces, gathered from one query after the other.

The same for every store: a store says what its rows are, this says what they come to, and whom to
ask about next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from signoff.core.routing import Directory, Person
from signoff.core.words import PersonId, WorkspaceId
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.needs import substitutes
from signoff.engine.ports import Lookup, PersonRow
from signoff.engine.records import addresses

MAX_LOAD = 1_000
"""How many tasks on a desk are counted: who has more has as good as this many."""

EVER_AFTER = datetime.max.replace(tzinfo=UTC)


def lookup_in(
    workspace: WorkspaceId, *, people: Sequence[str], tokens: Sequence[str], picks: Sequence[str]
) -> Lookup:
    """What is asked about one workspace, its settings too."""
    return Lookup(
        people=frozenset((workspace, person) for person in people),
        tokens=frozenset((workspace, token) for token in tokens),
        picks=frozenset((workspace, token) for token in picks),
        settings=frozenset({workspace}),
    )


class Directories:
    """The directories of one batch. Who is loaded twice is known once."""

    def __init__(self, lookup: Lookup) -> None:
        self._people: dict[WorkspaceId, dict[str, Person]] = {}
        self._members: dict[WorkspaceId, dict[str, list[PersonId]]] = {}
        self._loads: dict[WorkspaceId, dict[str, int]] = {}
        self._settings: dict[WorkspaceId, WorkspaceSettings] = {}
        self.expect(lookup)

    def expect(self, lookup: Lookup) -> None:
        """Take note of what is asked about, so that what is not found is known not to be."""
        named = (*lookup.intents, *lookup.tasks, *lookup.people, *lookup.tokens)
        for workspace in {*(key[0] for key in named), *lookup.settings}:
            self._people.setdefault(workspace, {})
        for workspace, token in lookup.tokens:
            self._members.setdefault(workspace, {}).setdefault(token, [])

    def missing(self, needed: Lookup, asked: Lookup) -> Lookup:
        """Of what is needed, that which has not been asked about and is not here."""
        return Lookup(
            people=frozenset(key for key in needed.people - asked.people if not self.knows(*key)),
            tokens=needed.tokens - asked.tokens,
            picks=needed.picks - asked.picks,
            settings=needed.settings - asked.settings,
        )

    def knows(self, workspace: WorkspaceId, reference: str) -> bool:
        """Whether that person is here."""
        return reference in self._people.get(workspace, ())

    def add_person(self, row: PersonRow) -> None:
        """Somebody, under their id and every address of theirs."""
        people = self._people.setdefault(row.workspace, {})
        people[row.person.id] = row.person
        for address in addresses(row.person):
            people[address] = row.person

    def add_member(self, workspace: WorkspaceId, token: str, person_id: PersonId) -> None:
        """Somebody whom a token reaches."""
        self._members.setdefault(workspace, {}).setdefault(token, []).append(person_id)

    def add_load(self, workspace: WorkspaceId, person_id: PersonId, load: int) -> None:
        """How much is on somebody's desk."""
        self._loads.setdefault(workspace, {})[person_id] = load

    def add_settings(self, workspace: WorkspaceId, settings: WorkspaceSettings) -> None:
        """What an administrator has set."""
        self._settings[workspace] = settings

    def absent(
        self, *, since: datetime, until: datetime
    ) -> frozenset[tuple[WorkspaceId, PersonId]]:
        """Whoever stands in for somebody away between the two moments, and is not here yet."""
        return frozenset(
            (workspace, person_id)
            for workspace, people in self._people.items()
            for person_id in substitutes(people.values(), since=since, until=until)
            if person_id not in people
        )

    def built(self) -> dict[WorkspaceId, Directory]:
        """What all of it comes to."""
        return {
            workspace: Directory(
                people=people,
                members={
                    token: tuple(members)
                    for token, members in self._members.get(workspace, {}).items()
                },
                loads=self._loads.get(workspace, {}),
                settings=self._settings.get(workspace, _NOTHING_SET),
            )
            for workspace, people in self._people.items()
        }


_NOTHING_SET = WorkspaceSettings()
