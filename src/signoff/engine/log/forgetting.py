"""Forgetting: erases what was asked for, intent by intent, and says what it came to.

Each intent is erased in a transaction of its own, with a record of it in the log; so whatever stops
this halfway leaves nothing half erased, and asking again goes on. What a legal hold covers, or what
is still running, is left alone and named.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from signoff.core.facts import Erased, Fact
from signoff.core.routing import Actor
from signoff.core.words import IntentId, PersonId, WorkspaceId
from signoff.engine.log.erasing import Order, erasable, erase, erase_person
from signoff.engine.log.ports import Erasable, Rewrite, StoredFact
from signoff.engine.log.telling import new_fact
from signoff.engine.ports import Store
from signoff.engine.records import addresses
from signoff.errors import IllegalMove, InvalidInput, NotFound, UnderHold

_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to erase: of one intent, a subject, a person, or a retention class.

    :param before: of a retention class, only intents that ended before then.
    :param fields: commitments by name, where not all are to go.
    """

    reason: str | None
    intent_id: IntentId | None = None
    subject: str | None = None
    person_id: PersonId | None = None
    retention_class: str | None = None
    before: datetime | None = None
    fields: frozenset[str] | None = None

    @property
    def scope(self) -> str:
        """In a word, as the log has it."""
        if self.fields is not None:
            return "field"
        if self.person_id is not None:
            return "person"
        if self.subject is not None:
            return "subject"
        return "retention" if self.retention_class is not None else "intent"


@dataclass(slots=True, kw_only=True)
class Forgotten:
    """What it came to.

    :param held: what was left alone, each with the reason.
    :param scrubbed: whether nothing of it is left in the files of the database either.
    """

    intents: int = 0
    entries: int = 0
    fields: set[str] = field(default_factory=set)
    held: list[str] = field(default_factory=list)
    scrubbed: bool = False


class _OnlyLooking(Exception):
    """Ends the transaction of a dry run without having changed anything."""

    def __init__(self, found: list[tuple[str, ...]]) -> None:
        super().__init__()
        self.found = found


class Forgetting:
    """Erases from one workspace, in somebody's name."""

    def __init__(self, store: Store, workspace: WorkspaceId, by: Actor) -> None:
        self._store = store
        self._workspace = workspace
        self._by = by

    async def forget(
        self, wanted: Wanted, *, dry_run: bool = False, most: int | None = None
    ) -> Forgotten:
        """Erase what is wanted; in a dry run only say what that would be.

        :param most: from how many intents at most, where it need not be all of it now.
        :raises NotFound: there is no such intent or person.
        :raises IllegalMove: the one intent that is wanted is still running.
        :raises UnderHold: a legal hold covers the one intent that is wanted.
        :raises InvalidInput: nothing says how long the retention class is kept.
        """
        done = Forgotten()
        words = await self._words(wanted)
        async for intent_id in self._intents(wanted, words):
            if done.intents == most:
                break
            try:
                found = await self._erased(intent_id, wanted, words, dry_run=dry_run)
            except (UnderHold, IllegalMove) as refused:
                if wanted.intent_id is not None:
                    raise
                done.held.append(f"{intent_id}: {refused.message}")
                continue
            done.intents += bool(found)
            done.entries += len(found)
            done.fields |= {name for names in found for name in names}
        if wanted.person_id is not None:
            if (why := await self._kept(done)) is not None:
                done.held.append(f"{wanted.person_id}: {why}")
            elif not dry_run:
                done.entries += await self._person(wanted.person_id, wanted, words or {})
        if done.entries and not dry_run:
            done.scrubbed = await self._store.scrub()
        return done

    async def _intents(
        self, wanted: Wanted, words: Mapping[str, str] | None
    ) -> AsyncIterator[IntentId]:
        store, workspace = self._store, self._workspace
        if wanted.intent_id is not None:
            yield wanted.intent_id
        elif wanted.subject is not None:
            for intent_id in await store.intents_of_subject(workspace, wanted.subject):
                yield intent_id
        elif words is not None:
            for intent_id in await store.intents_naming(workspace, sorted(words)):
                yield intent_id
        elif wanted.retention_class is not None:
            before = wanted.before or await self._kept_until(wanted.retention_class)
            seen: set[IntentId] = set()
            while True:
                found = await store.intents_to_erase(
                    workspace, wanted.retention_class, before, limit=_AT_ONCE + len(seen)
                )
                new = [intent_id for intent_id in found if intent_id not in seen]
                if not new:
                    return
                seen |= set(new)
                for intent_id in new:
                    yield intent_id

    async def _kept(self, done: Forgotten) -> str | None:
        """Why a person's own row is left: without its addresses nothing finds what is held."""
        if done.held:
            return "what is held still names them; ask again when no hold stands"
        for hold in await self._store.holds(self._workspace):
            if hold.scope == "workspace" and hold.lifted_at is None:
                return f"the legal hold {hold.id} stands against erasing this"
        return None

    async def _kept_until(self, retention_class: str) -> datetime:
        settings = await self._store.settings(self._workspace)
        kept = settings.retention.get(retention_class)
        if kept is None:
            raise InvalidInput.at(
                "retention_class",
                f"nothing says how long {retention_class} is kept: set it for the workspace, or "
                "say before when the intents must have ended",
            )
        return await self._store.now() - kept

    async def _words(self, wanted: Wanted) -> Mapping[str, str] | None:
        """What must not occur any more: the addresses of a person, for whom the id stands."""
        if wanted.person_id is None:
            return None
        row = await self._store.person(self._workspace, wanted.person_id)
        if row is None:
            raise NotFound(f"there is no person {wanted.person_id}")
        return {address.lower(): row.person.id for address in addresses(row.person)}

    async def _erased(
        self,
        intent_id: IntentId,
        wanted: Wanted,
        words: Mapping[str, str] | None,
        *,
        dry_run: bool,
    ) -> list[tuple[str, ...]]:
        """For each record that lost something, or would, the names of it."""

        def tell(entries: int) -> Fact:
            names = {name for each in lost for name in each} if wanted.fields else ()
            return self._fact(
                wanted, entries, at=moment[0], intent_id=intent_id, fields=sorted(names)
            )

        order = Order(fields=wanted.fields, tell=tell, words=words)
        moment: list[datetime] = []
        lost: list[tuple[str, ...]] = []

        def decide(found: Erasable, now: datetime) -> Rewrite:
            moment.append(now)
            if words is None:
                lost[:] = erasable(found, wanted.fields)
            rewrite = erase(found, order)
            if words is not None:
                lost[:] = [each.erased for each in rewrite.events]
                lost.extend(each.erased for each in rewrite.facts)
            if dry_run:
                raise _OnlyLooking(lost)
            return rewrite

        try:
            await self._store.rewrite(self._workspace, intent_id, decide)
        except _OnlyLooking as looked:
            return looked.found
        return lost

    async def _person(self, person_id: PersonId, wanted: Wanted, words: Mapping[str, str]) -> int:
        def decide(found: Sequence[StoredFact], now: datetime) -> Rewrite:
            def tell(entries: int) -> Fact:
                return self._fact(wanted, entries, at=now, intent_id=None)

            order = Order(fields=None, tell=tell, words=words)
            return erase_person(found, person_id, order)

        rewrite = await self._store.rewrite_person(self._workspace, person_id, decide)
        return len(rewrite.facts)

    def _fact(
        self,
        wanted: Wanted,
        entries: int,
        *,
        at: datetime,
        intent_id: IntentId | None,
        fields: Sequence[str] = (),
    ) -> Fact:
        """``fields`` are the full names of what is gone, where not all of it is."""
        body = Erased(
            scope=wanted.scope,
            intents=0 if intent_id is None else 1,
            entries=entries,
            fields=tuple(fields),
            retention_class=wanted.retention_class,
            person_id=wanted.person_id,
            reason=wanted.reason,
        )
        return new_fact(self._workspace, self._by, body, at=at, intent_id=intent_id)
