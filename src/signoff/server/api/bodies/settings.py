"""What an administrator sets for a workspace."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from signoff.core.words import OutageRule, TaskType
from signoff.server.api.bodies.asking import CalendarFields, Ladder
from signoff.server.api.bodies.words import (
    Body,
    CalendarName,
    Kept,
    Number,
    Outcome,
    References,
    Span,
    Word,
    Zone,
)


class GivenLimits(Body):
    """What a task may ask for. A null resets to the default."""

    own_ladder: Annotated[bool, Meta(description="A ladder or deadline of its own.")] | None = None
    shortest: Span | None = None
    longest: Span | None = None
    may_conclude: (
        Annotated[
            dict[TaskType, Annotated[list[Outcome], Meta(max_length=10)]],
            Meta(description="For each type the go-ahead outcomes that time alone may give."),
        ]
        | None
    ) = None
    self_approval: (
        Annotated[bool, Meta(description="Whether a task may let its requester decide.")] | None
    ) = None


class SettingsChange(Body):
    """What is left out stays as it is; what is null goes back to its default.

    With `version`, only if that is still the latest.
    """

    version: Number | None = None
    zone: Zone | None | UnsetType = UNSET
    calendar: CalendarName | None | UnsetType = UNSET
    calendars: (
        Annotated[dict[CalendarName, CalendarFields], Meta(max_length=100)] | None | UnsetType
    ) = UNSET
    ladders: dict[TaskType, Ladder] | None | UnsetType = UNSET
    outage: OutageRule | None | UnsetType = UNSET
    limits: GivenLimits | None | UnsetType = UNSET
    may_extend: References | None | UnsetType = UNSET
    longest_pause: Span | None | UnsetType = UNSET
    reply_by_mail: bool | None | UnsetType = UNSET
    retention: (
        Annotated[
            dict[Word, Kept | None],
            Meta(max_length=100, description="For each retention class how long it is kept."),
        ]
        | None
        | UnsetType
    ) = UNSET
