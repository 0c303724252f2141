"""What an erasure may write, and when nothing is left to erase: the same for every store. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

import msgspec

from signoff.core.words import PersonId
from signoff.engine.log.ports import Erasable, Rewrite, StoredEvent, StoredFact
from signoff.storage.writes import WriteConflict

Stored = TypeVar("Stored", StoredEvent, StoredFact)

INTENT_TEXTS = ("title", "payload", "on_behalf_of", "progress", "subject")
"""The columns of an intent's row that an erasure may rewrite."""

ERASED_NAME = "[erased]"
_NO_SALTS = frozenset({"", "{}"})


class ErasedEvent(NamedTuple):
    """What is written of an event: only what may differ, under its key."""

    workspace: str
    intent_id: str
    seq: int
    actor: str
    data: str
    salts: str
    erased: Sequence[str]


class ErasedFact(NamedTuple):
    """What is written of a fact: only what may differ, under its key."""

    workspace: str
    id: str
    actor: str
    data: str
    salts: str
    erased: Sequence[str]


def erased_events(found: Erasable, rewrite: Rewrite) -> list[ErasedEvent]:
    """The events that change.

    :raises WriteConflict: an event is not one of the intent's, or more of it would change.
    """
    return [
        ErasedEvent(
            found.workspace,
            found.intent_id,
            *(event.seq, event.actor, event.data, event.salts, event.erased),
        )
        for event in _changed({each.seq: each for each in found.events}, _by_seq(rewrite))
    ]


def erased_facts(workspace: str, found: Sequence[StoredFact], rewrite: Rewrite) -> list[ErasedFact]:
    """The facts that change.

    :raises WriteConflict: a fact was not read, or more of it would change.
    """
    new = {fact.id: fact for fact in rewrite.facts}
    return [
        ErasedFact(workspace, fact.id, fact.actor, fact.data, fact.salts, fact.erased)
        for fact in _changed({each.id: each for each in found}, new)
    ]


def intent_texts(found: Mapping[str, str | None], rewrite: Rewrite) -> dict[str, str | None]:
    """The erasable columns of the intent's row as they are afterwards.

    :raises WriteConflict: another column would change.
    """
    new = rewrite.intent or {}
    if not new.keys() <= found.keys():
        raise WriteConflict(f"an erasure rewrites none of {sorted(new.keys() - found.keys())}")
    return {**found, **new}


def wholly(found: Erasable, rewrite: Rewrite) -> bool:
    """Whether nothing of what happened to the intent can be opened, nor ever will."""
    if found.live:
        return False
    after = {event.seq: event for event in found.events} | _by_seq(rewrite)
    return all(event.salts in _NO_SALTS for event in after.values())


def erased_address(person_id: PersonId) -> str:
    """The address of somebody of whom nothing is left; nobody can have it (RFC 6761)."""
    return f"erased-{person_id}@erased.invalid".lower()


def read_names(stored: str) -> tuple[str, ...]:
    """The names of what is gone, as they are stored: a JSON array."""
    return _NAMES.decode(stored)


def _by_seq(rewrite: Rewrite) -> dict[int, StoredEvent]:
    return {event.seq: event for event in rewrite.events}


_K = TypeVar("_K")


def _changed(old: Mapping[_K, Stored], new: Mapping[_K, Stored]) -> list[Stored]:
    changed = []
    for key, after in new.items():
        before = old.get(key)
        if before is None or _with_erasable(before, after) != after:
            raise WriteConflict(f"an erasure cannot change {key}: only what is erasable of it")
        if before != after:
            changed.append(after)
    return changed


def _with_erasable(before: Stored, after: Stored) -> Stored:
    """What was read, with all that may differ as it is to be."""
    return replace(
        before,
        actor=after.actor,
        data=after.data,
        salts=after.salts,
        erased=after.erased,
    )


_NAMES = msgspec.json.Decoder(tuple[str, ...])
