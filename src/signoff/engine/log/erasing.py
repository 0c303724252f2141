"""Erasing from one intent, or about one person: which values and salts go, and what is written.

Pure. The leaves are not touched, so no proof changes. The state of the intent is what its blanked
events give when they are replayed; nothing is erased from it that is not erased from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from signoff.core.facts import Erased, Fact
from signoff.core.intent import Intent, replay
from signoff.core.words import PersonId, TaskId
from signoff.engine.log.blanks import blanked, is_blank, without
from signoff.engine.log.fields import LAYOUTS, Layout
from signoff.engine.log.plans import slices
from signoff.engine.log.ports import Erasable, Hold, Rewrite, StoredEvent, StoredFact
from signoff.engine.log.scribe import salts_in
from signoff.engine.records import EventRecord, encode, intent_record, read_event
from signoff.errors import IllegalMove, UnderHold

Stored = TypeVar("Stored", StoredEvent, StoredFact)
Change = Callable[[Stored], Stored]

NAMED = "@named"
"""What stands among the erased names where nothing was committed to but a label: who it was."""

_ITS_OWN = frozenset({Erased.type, "hold.placed", "hold.lifted"})
_COLUMNS = ("title", "payload", "on_behalf_of", "progress", "subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to erase, and how the log is told.

    :param fields: the commitments to erase, by name or by the last part of it; None: all.
    :param tell: makes the fact from how many records lost a value.
    :param words: texts that must not occur any more, each with what stands there instead.
    """

    fields: frozenset[str] | None
    tell: Callable[[int], Fact]
    words: Mapping[str, str] | None = None


def erase(found: Erasable, order: Order) -> Rewrite:
    """What erasing comes to; nothing where nothing is left to erase.

    :raises IllegalMove: the intent is not over, so its values are still needed.
    :raises UnderHold: a legal hold covers it.
    """
    if order.words is None and found.live:
        raise IllegalMove("the intent is still running; cancel it first, or wait for its end")
    if (hold := standing(found)) is not None:
        raise UnderHold(
            f"the legal hold {hold.id} stands against erasing this", about={"hold_id": hold.id}
        )
    events = list(_changed(found.events, _change(order, StoredEvent)))
    facts = list(_changed(_erasable(found.facts), _change(order, StoredFact)))
    if not events and not facts:
        return Rewrite()
    after = {event.seq: event for event in found.events} | {each.seq: each for each in events}
    intent = _replayed(found, [after[seq] for seq in sorted(after)])
    row = intent_record(intent)._asdict()
    return Rewrite(
        events=events,
        facts=facts,
        intent={name: row[name] for name in _COLUMNS},
        tasks={TaskId(task_id): encode(task) for task_id, task in intent.tasks.items()},
        facts_added=[order.tell(len(events) + len(facts))],
    )


def erase_person(found: Sequence[StoredFact], person_id: PersonId, order: Order) -> Rewrite:
    """What is said of a person beside the intents: all of what is about them, and their name.

    What is told of an intent goes when that is erased, so that one record excuses all of it.
    """

    def change(fact: StoredFact) -> StoredFact:
        if _about(fact) == person_id and (names := _names(fact, None)):
            fact = _without(fact, names, blanked(fact.data, names))
        return _unnamed(fact, order.words or {})

    facts = list(_changed([each for each in _erasable(found) if each.intent_id is None], change))
    if not facts and any(fact.type == Erased.type and _about(fact) == person_id for fact in found):
        return Rewrite()
    return Rewrite(facts=facts, facts_added=[order.tell(len(facts))])


def erasable(found: Erasable, fields: frozenset[str] | None) -> list[tuple[str, ...]]:
    """For each record that would lose something, the names of what it would lose."""
    stored: list[StoredEvent | StoredFact] = [*found.events, *_erasable(found.facts)]
    return [names for each in stored if (names := _names(each, fields))]


def standing(found: Erasable) -> Hold | None:
    """A hold that covers the intent, where one does."""
    about: Mapping[str, set[str | None]] = {
        "intent": {found.intent_id},
        "subject": {found.subject, *_principals(found)},
        "retention": {found.retention_class},
    }
    for hold in found.holds:
        if hold.scope == "workspace" or hold.target in about[hold.scope]:
            return hold
    return None


def _principals(found: Erasable) -> Iterator[str]:
    for event in found.events[:1]:
        if isinstance(said := msgspec.json.decode(event.data).get("on_behalf_of"), str):
            yield said


def _changed(found: Sequence[Stored], change: Change[Stored]) -> Iterator[Stored]:
    for stored in found:
        if (after := change(stored)) != stored:
            yield after


def _change(order: Order, kind: type[Stored]) -> Change[Stored]:
    def change(stored: Stored) -> Stored:
        if order.words is not None:
            return _unnamed(stored, order.words)
        names = _names(stored, order.fields)
        return _without(stored, names, blanked(stored.data, names)) if names else stored

    return change


def _erasable(found: Sequence[StoredFact]) -> list[StoredFact]:
    """All but what says why something was erased, or held: it is the reason for what is missing."""
    return [fact for fact in found if fact.type not in _ITS_OWN]


def _about(fact: StoredFact) -> object:
    return msgspec.json.decode(fact.data).get("person_id")


def _names(stored: StoredEvent | StoredFact, fields: frozenset[str] | None) -> tuple[str, ...]:
    """The values that are to go: those that can be opened, and those that only lost a word.

    A record that is older than the log has no salts, but values like any other.
    """
    salts = salts_in(stored.salts)
    values = slices(stored.type, stored.data)
    return tuple(
        name
        for name, value in values.items()
        if (fields is None or name in fields or name.rpartition(".")[2] in fields)
        and (name in salts or not is_blank(name, value))
    )


def _without(stored: Stored, names: Sequence[str], data: str) -> Stored:
    kept = {name: salt for name, salt in salts_in(stored.salts).items() if name not in names}
    return replace(
        stored,
        data=data,
        salts=encode(kept) if kept else "",
        erased=(*stored.erased, *(name for name in names if name not in stored.erased)),
    )


def _unnamed(stored: Stored, words: Mapping[str, str]) -> Stored:
    """Without the words; a commitment whose value is another now can be opened no more.

    What stands in the leaf stays in the body too, which would contradict it otherwise.
    """
    layout: Layout = LAYOUTS[stored.type]
    actor = without(stored.actor, words)
    data = without(stored.data, words, keep=(*layout.plain, *layout.implied))
    if data == stored.data and actor == stored.actor:
        return stored
    before, after = slices(stored.type, stored.data), slices(stored.type, data)
    spoilt = [name for name in before if before[name] != after.get(name)]
    stored = replace(stored, actor=actor)
    if not spoilt:
        erased = stored.erased if NAMED in stored.erased else (*stored.erased, NAMED)
        return replace(stored, data=data, erased=erased)
    return _without(stored, spoilt, data)


def _replayed(found: Erasable, events: Sequence[StoredEvent]) -> Intent:
    history = [
        read_event(
            EventRecord(
                workspace=found.workspace,
                intent_id=found.intent_id,
                seq=event.seq,
                type=event.type,
                at=event.at,
                actor=event.actor,
                data=event.data,
            )
        )
        for event in events
    ]
    intent = replay(history, intent_id=found.intent_id)
    assert intent is not None
    return intent
