"""The channels over which people are told beside the inbox, as the engine uses them.

A channel says whom it reaches and tries to send; it never raises for a recipient's or a server's
sake, it says what became of the letter. Whatever it sends, it may send twice, under the same id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from signoff.core.preferences import Channel, Preferences
from signoff.core.routing import Person, Selector
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.notices import Notice
from signoff.engine.ports import FoundTask, PersonRow

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whom a letter is for, and how they want to read."""

    row: PersonRow
    chosen: Preferences

    @property
    def person(self) -> Person:
        return self.row.person

    @property
    def zone(self) -> tzinfo:
        return zone_of(self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One notice and the task it is about, as that is when the letter is written."""

    notice: Notice
    found: FoundTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is sent at once: one item, or in a digest several.

    :param id: the same whenever the same is sent again.
    :param reader: None where it goes to the ``place`` of its one notice.
    """

    id: str
    workspace: WorkspaceId
    reader: Reader | None
    items: tuple[Item, ...]

    @property
    def digest(self) -> bool:
        return self.items[0].notice.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The channel has taken it.

    :param provider_id: what the channel calls the message.
    :param address: the digest of where it went, as ``address_digest`` makes it.
    """

    provider_id: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It will never take it; ``detail`` says why in words without any address."""

    detail: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """It may take it later.

    :param seconds: how long it asks to be left alone, where it says so.
    """

    detail: str
    seconds: float | None = None


Became: TypeAlias = Sent | Refused | Later


class Sender(Protocol):
    """One channel. ``at_once`` is how many letters it is given at a time."""

    channel: Channel
    at_once: int

    async def reaches(
        self, workspace: WorkspaceId, people: Sequence[Person]
    ) -> Collection[PersonId]:
        """Which of these people can be told over this channel."""
        ...

    async def places(self, workspace: WorkspaceId, to: Sequence[Selector]) -> Sequence[str]:
        """Where several people at once are told what goes to these selectors; often nowhere."""
        ...

    def endpoint(self, letter: Letter) -> str:
        """What has to be up for this letter to be sent: one that is not holds up no other."""
        ...

    async def send(self, letter: Letter) -> Became: ...


def zone_of(row: PersonRow | None) -> tzinfo:
    """The time zone of a person; UTC where there is none, or none of that name here."""
    try:
        return ZoneInfo(row.time_zone) if row and row.time_zone else UTC
    except (KeyError, ValueError, OSError):
        return UTC


def address_digest(workspace: WorkspaceId, address: str) -> str:
    """What the record holds of where a notice went: it recognises an address and tells none."""
    text = f"{workspace}\n{address}"
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
