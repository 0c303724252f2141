"""Erasing: what is stored about an intent or a person is read, blanked and written back at once.

The leaves stay; what they commit to goes, with the salts. The triggers of the schema let nothing
else through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.core.intent import TERMINAL
from signoff.core.words import IntentId, IntentStatus, PersonId, TaskId, WorkspaceId
from signoff.engine.log.ports import Erasable, Rewrite, StoredEvent, StoredFact
from signoff.engine.ports import Clock
from signoff.engine.records import encode
from signoff.errors import NotFound
from signoff.storage import erasing as blank
from signoff.storage.sqlite.connection import BUSY_MILLISECONDS, Row, row, rows, run
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.holds import holds
from signoff.storage.sqlite.people import forget
from signoff.storage.sqlite.values import micros, moment
from signoff.storage.sqlite.writing import write_all

DecideIntent = Callable[[Erasable, datetime], Rewrite]
DecidePerson = Callable[[Sequence[StoredFact], datetime], Rewrite]

_ENDINGS = (
    "end_sessions",
    "end_sign_ins",
    "drop_passkeys",
    "drop_identities",
    "drop_preferences",
    "drop_drafts",
    "drop_presences",
    "drop_links",
    "drop_browsers",
)


def rewrite(
    connection: apsw.Connection,
    clock: Clock,
    workspace: WorkspaceId,
    intent_id: IntentId,
    decide: DecideIntent,
) -> Rewrite:
    """Erase of one intent what ``decide`` says.

    :raises NotFound: there is no such intent.
    """
    found = row(connection, "intent_to_erase", workspace=workspace, id=intent_id)
    if found is None:
        raise NotFound(f"there is no intent {intent_id}")
    now = clock.now()
    erasable = _erasable(connection, workspace, intent_id, found)
    decided = decide(erasable, now)
    facts = blank.erased_facts(workspace, erasable.facts, decided)
    _events(connection, blank.erased_events(erasable, decided))
    _facts(connection, facts)
    if decided.intent is not None or decided.events or decided.tasks:
        texts = dict(zip(_TEXTS, cast(tuple[str | None, ...], found[3:]), strict=True))
        texts = {"subject": cast(str | None, found[1]), **texts}
        run(
            connection,
            "erase_intent",
            workspace=workspace,
            id=intent_id,
            now=micros(now),
            wholly=int(blank.wholly(erasable, decided)),
            **blank.intent_texts(texts, decided),
        )
        _beside(connection, erasable)
    tasks = decided.tasks or {}
    written = [(workspace, task_id, document) for task_id, document in tasks.items()]
    write_all(connection, "erase_tasks", written)
    add_facts(connection, decided.facts_added)
    return decided


def rewrite_person(
    connection: apsw.Connection,
    clock: Clock,
    workspace: WorkspaceId,
    person_id: PersonId,
    decide: DecidePerson,
) -> Rewrite:
    """Blank a person's row, and of the facts that name them what ``decide`` says.

    :raises NotFound: there is no such person.
    """
    now = clock.now()
    named = {"workspace": workspace, "person_id": person_id}
    about = rows(connection, "facts_about_person", **named)
    by = rows(connection, "facts_by_person", **named)
    found = _in_order([*about, *by])
    decided = decide(found, now)
    _facts(connection, blank.erased_facts(workspace, found, decided))
    if not forget(connection, workspace, person_id):
        raise NotFound(f"there is no person {person_id}")
    for ending in _ENDINGS:
        run(connection, ending, **named)
    run(connection, "end_keys", now=micros(now), **named)
    add_facts(connection, decided.facts_added)
    return decided


def intents_of_subject(
    connection: apsw.Connection, workspace: WorkspaceId, subject: str
) -> list[IntentId]:
    """Intents whose subject, or on whose behalf, this is."""
    return _ids(rows(connection, "intents_of_subject", workspace=workspace, subject=subject))


def intents_naming(
    connection: apsw.Connection, workspace: WorkspaceId, words: Sequence[str]
) -> list[IntentId]:
    """Intents of which an event holds one of these words."""
    return _ids(rows(connection, "intents_naming", workspace=workspace, words=encode(list(words))))


def intents_to_erase(
    connection: apsw.Connection,
    workspace: WorkspaceId,
    retention_class: str,
    before: datetime,
    *,
    limit: int,
) -> list[IntentId]:
    """Ended intents of a class, last changed before then, of which something is left."""
    named = {"workspace": workspace, "retention_class": retention_class}
    return _ids(rows(connection, "intents_to_erase", before=micros(before), limit=limit, **named))


def write_anew(connection: apsw.Connection, *, most_bytes: int | None = None) -> bool:
    """Write the file anew; False where it is too large, or somebody else is writing it.

    Freed cells are overwritten as they are freed (``secure_delete``). But where SQLite moves cells
    from one page to another it leaves copies of a few in the free space of the old one, so only a
    file that is written anew holds none. Nothing else is written meanwhile: four seconds a GB.

    :param most_bytes: how large a file may be.
    """
    if most_bytes is not None and _size(connection) > most_bytes:
        return False
    try:
        connection.execute("vacuum")
    except apsw.BusyError:
        return False
    return True


def empty_journal(connection: apsw.Connection) -> bool:
    """Write the write-ahead log into the file, and empty it; False where a reader needs it."""
    connection.set_busy_timeout(_PATIENCE_MILLISECONDS)
    try:
        (busy, *_), *_ = connection.execute("pragma wal_checkpoint(truncate)").fetchall()
    except apsw.BusyError:
        return False
    finally:
        connection.set_busy_timeout(BUSY_MILLISECONDS)
    return not busy


def _size(connection: apsw.Connection) -> int:
    pages, page = (
        cast(int, connection.execute(f"pragma {name}").fetchall()[0][0])
        for name in ("page_count", "page_size")
    )
    return pages * page


_PATIENCE_MILLISECONDS = 250
_TEXTS = ("title", "payload", "on_behalf_of", "progress")


def _erasable(
    connection: apsw.Connection, workspace: WorkspaceId, intent_id: IntentId, found: Row
) -> Erasable:
    status, subject, retention_class = cast(tuple[str, str | None, str | None], found[:3])
    named = {"workspace": workspace, "intent_id": intent_id}
    return Erasable(
        workspace=workspace,
        intent_id=intent_id,
        live=IntentStatus(status) not in TERMINAL,
        subject=subject,
        retention_class=retention_class,
        events=[_event(each) for each in rows(connection, "events_to_erase", **named)],
        facts=_in_order(rows(connection, "facts_to_erase", **named)),
        holds=[hold for hold in holds(connection, workspace) if hold.lifted_at is None],
    )


def _beside(connection: apsw.Connection, found: Erasable) -> None:
    """What else holds plain text about the intent: errors of channels, answers begun, notices due.

    As long as it is live, people are still told: a notice is gone as soon as it is sent.
    """
    named = {"workspace": found.workspace, "intent_id": found.intent_id}
    tasks = encode([task_id for (task_id,) in rows(connection, "tasks_of_intent", **named)])
    run(connection, "erase_notices", workspace=found.workspace, ids=tasks)
    run(connection, "drop_drafts_of_tasks", workspace=found.workspace, ids=tasks)
    if not found.live:
        run(connection, "drop_notices", workspace=found.workspace, ids=tasks)


def _events(connection: apsw.Connection, events: Sequence[blank.ErasedEvent]) -> None:
    written = [(*event[:-1], encode(event.erased)) for event in events]
    write_all(connection, "erase_events", written)


def _facts(connection: apsw.Connection, facts: Sequence[blank.ErasedFact]) -> None:
    written = [(*fact[:-1], encode(fact.erased)) for fact in facts]
    write_all(connection, "erase_facts", written)


def _event(found: Row) -> StoredEvent:
    seq, kind, at, actor, data, leaf, salts, erased = cast(
        tuple[int, str, int, str, str, str, str, str], found
    )
    return StoredEvent(
        seq=seq,
        type=kind,
        at=moment(at),
        actor=actor,
        data=data,
        leaf=leaf,
        salts=salts,
        erased=blank.read_names(erased),
    )


def _in_order(found: Sequence[Row]) -> list[StoredFact]:
    """Each fact once, in the order in which they happened."""
    facts = {fact.id: fact for fact in map(_fact, found)}
    return sorted(facts.values(), key=lambda fact: (fact.at, fact.id))


def _fact(found: Row) -> StoredFact:
    fact_id, kind, at, actor = cast(tuple[str, str, int, str], found[:4])
    intent_id, task_id = cast(tuple[str | None, str | None], found[4:6])
    data, leaf, salts, erased = cast(tuple[str, str, str, str], found[6:])
    return StoredFact(
        id=fact_id,
        type=kind,
        at=moment(at),
        actor=actor,
        intent_id=IntentId(intent_id) if intent_id is not None else None,
        task_id=TaskId(task_id) if task_id is not None else None,
        data=data,
        leaf=leaf,
        salts=salts,
        erased=blank.read_names(erased),
    )


def _ids(found: Sequence[Row]) -> list[IntentId]:
    return [IntentId(intent_id) for (intent_id,) in cast(list[tuple[str]], found)]
