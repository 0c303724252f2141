"""What an administrator has set for a workspace: defaults, limits and calendars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from signoff.core.calendar import Calendar
from signoff.core.words import JSONObject, OutageRule

OPERATING_ROLES = ("role:administrator", "role:operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an intent may ask for.

    :param own_ladder: whether a task may bring a ladder, or a deadline, of its own.
    :param shortest: no ladder closes a task sooner than this after asking, where set.
    :param longest: no ladder closes a task later than this after asking, where set.
    :param may_conclude: for each task type the go-ahead outcomes that time alone may give.
    :param self_approval: whether a task may let its requester decide.
    """

    own_ladder: bool = True
    shortest: timedelta | None = None
    longest: timedelta | None = None
    may_conclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    self_approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceSettings:
    """Everything that holds for all tasks of a workspace, unless they say otherwise.

    :param version: counts the changes; 0 where nothing has ever been set.
    :param zone: the zone of calendar days where no calendar says another.
    :param calendar: the name of the calendar that working time counts by, where set.
    :param calendars: the named calendars.
    :param ladders: for each task type its default ladder, as rows of a request.
    :param outage: what an outage means for tasks that do not say.
    :param may_extend: references to those who may extend a task's time.
    :param longest_pause: after how long a paused clock goes on by itself.
    :param reply_by_mail: whether a mail about what is of low risk may be answered by replying.
    :param retention: for each retention class how long after their end intents of it are kept;
        what is of a class that stands not here is kept for good.
    """

    version: int = 0
    zone: str = "UTC"
    calendar: str | None = None
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    ladders: Mapping[str, tuple[JSONObject, ...]] = field(default_factory=dict)
    outage: OutageRule = OutageRule.FAIR
    limits: Limits = field(default_factory=Limits)
    may_extend: tuple[str, ...] = OPERATING_ROLES
    longest_pause: timedelta = timedelta(days=7)
    reply_by_mail: bool = False
    retention: Mapping[str, timedelta] = field(default_factory=dict)
