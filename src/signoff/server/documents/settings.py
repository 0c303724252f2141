"""What holds for a workspace, and its calendars."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.core.words import OutageRule
from signoff.server.documents.values import Document, Json


class Calendar(Document):
    """When work is done."""

    zone: str
    hours: Annotated[str, Meta(examples=["Mon-Fri 09:00-17:30, Sat 10:00-12:00"])]
    holidays: Annotated[str | None, Meta(description="A country, or a part of it.")]
    days: Annotated[dict[str, str], Meta(description="The hours of single days.")]


class NamedCalendar(Calendar):
    name: str


class Limits(Document):
    """What a task may ask for."""

    own_ladder: bool
    shortest: str | None
    longest: str | None
    may_conclude: Annotated[
        dict[str, list[str]],
        Meta(description="For each type the go-ahead outcomes that time alone may give."),
    ]
    self_approval: bool


class Settings(Document):
    """What holds for every task of the workspace, unless it says otherwise."""

    version: Annotated[int, Meta(description="Counts the changes; 0 where nothing was ever set.")]
    zone: Annotated[str, Meta(description="The zone of calendar days, where no calendar says.")]
    calendar: Annotated[str | None, Meta(description="What working time counts by.")]
    calendars: dict[str, Calendar]
    ladders: Annotated[
        dict[str, list[dict[str, Json]]],
        Meta(description="For each type of task its ladder, where it is another than the usual."),
    ]
    outage: OutageRule
    limits: Limits
    may_extend: Annotated[list[str], Meta(description="Who may give a task more time.")]
    longest_pause: Annotated[str, Meta(description="How long a clock may stand.")]
    reply_by_mail: Annotated[
        bool, Meta(description="Whether a mail about low risk may be answered by replying.")
    ]
    retention: Annotated[
        dict[str, str],
        Meta(description="For each retention class how long intents are kept after their end."),
    ]


class WorkspaceSettings(Document):
    settings: Settings


class OneCalendar(Document):
    calendar: NamedCalendar


class CalendarsListed(Document):
    calendars: list[NamedCalendar]
