"""What is missing from a part of a log, and which entries say that it was erased.

A verifier accepts a value that is closed only where a later entry of the same bundle says that it
was erased: from the same intent, or about the same person. This finds, as entries go by, for which
of them such an entry is still wanting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from signoff.core.words import IntentId, WorkspaceId
from signoff.engine.log.entries import leaf_of
from signoff.engine.log.erasing import NAMED
from signoff.engine.log.ports import LogEntry, LogStore

ERASURE = "erasure.done"
_AT_ONCE = 500

About = tuple[str, str]
"""``intent`` or ``person``, and which."""


class Excuses:
    """What was seen so far. Entries come in order, but for the erasures that are fetched later."""

    def __init__(self) -> None:
        self._missing: dict[tuple[About, ...], dict[str, int]] = {}  # where a name is closed last
        self._given: dict[About, dict[str, int]] = {}  # the last erasure of a name, or of all: ""

    def take(self, entries: Sequence[LogEntry]) -> None:
        """Look at what is written into the bundle."""
        for entry in entries:
            if entry.type == ERASURE:
                for about, names in _excused(leaf_of(entry)):
                    given = self._given.setdefault(about, {})
                    for name in names:
                        given[name] = max(given.get(name, -1), entry.index)
            closed = [name for name in entry.erased if name != NAMED]
            if closed:
                abouts = tuple(_about(leaf_of(entry)))
                self._missing.setdefault(abouts, {}).update(dict.fromkeys(closed, entry.index))

    def wanting(self) -> list[About]:
        """Of whom something is missing that no entry has excused."""
        return [
            about
            for abouts, names in self._missing.items()
            if any(not self._covered(abouts, name, index) for name, index in names.items())
            for about in abouts
        ]

    async def found(self, store: LogStore, workspace: WorkspaceId, start: int) -> list[LogEntry]:
        """Every erasure of what is wanting from this place on, in order.

        For a person this reads all entries from there on; for intents it does not.
        """
        wanting = self.wanting()
        found: dict[int, LogEntry] = {}
        for kind, which in wanting:
            if kind == "intent":
                entries = await store.log_entries_of(workspace, IntentId(which))
                found |= {each.index: each for each in entries if each.type == ERASURE}
        people = {about for about in wanting if about[0] == "person"}
        at = start
        while people and (entries := await store.log_entries(workspace, at, limit=_AT_ONCE)):
            for each in entries:
                if each.type == ERASURE and people & {who for who, _ in _excused(leaf_of(each))}:
                    found[each.index] = each
            at = entries[-1].index + 1
        return [found[index] for index in sorted(found) if index >= start]

    def _covered(self, abouts: Sequence[About], name: str, index: int) -> bool:
        given = [self._given.get(about, {}) for about in abouts]
        return any(max(each.get(name, -1), each.get("", -1)) > index for each in given)


async def erased_after(store: LogStore, workspace: WorkspaceId, start: int) -> bool:
    """Whether something was erased from this place on."""
    while entries := await store.log_entries(workspace, start, limit=_AT_ONCE):
        if any(each.type == ERASURE for each in entries):
            return True
        start = entries[-1].index + 1
    return False


def _excused(leaf: Mapping[str, Any]) -> Iterator[tuple[About, Sequence[str]]]:
    names = leaf.get("data", {}).get("fields") or ("",)
    for about in _about(leaf):
        yield about, names


def _about(leaf: Mapping[str, Any]) -> Iterator[About]:
    if (intent := leaf.get("intent")) is not None:
        yield "intent", intent
    if (person := leaf.get("data", {}).get("person_id")) is not None:
        yield "person", person
