"""How somebody wants to be told, and to read: their channels, quiet hours, digest, language.

Pure. ``routes`` says over which channels a notice goes and when, ``fallback`` which one is tried
where one has failed. The inbox is not chosen: a task is there by being open.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

from signoff.core.plan import NoticeReason
from signoff.core.words import Risk


class Channel(StrEnum):
    """Over what people are told."""

    INBOX = "inbox"
    PUSH = "push"
    SLACK = "slack"
    EMAIL = "email"
    CHAT = "chat"


CHOSEN = (Channel.SLACK, Channel.EMAIL, Channel.CHAT)
"""What people choose among; the order is the one in which they are tried unless somebody says so.

A browser that somebody has asked to ring is no part of that: it rings in any case.
"""


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Digest(StrEnum):
    """How often what can wait is told together."""

    OFF = "off"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From when until when, by the wall clock, nothing rings; it may go over midnight.

    :param urgent: whether what is urgent rings all the same.
    """

    start: time
    end: time
    urgent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFilter:
    """A view of the inbox somebody has named. ``query`` is the part of its address after ``?``."""

    name: str
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What somebody has chosen; what they have not said is as for everybody.

    :param language: the code of a language, None for what their browser asks for.
    :param channels: in which order to try, None for the usual one.
    :param everywhere: whether to tell over all of them at once instead of the first that works.
    :param muted: what they are not told but in the inbox.
    :param digest_at: when the daily digest comes, by the wall clock.
    """

    language: str | None = None
    theme: Theme = Theme.SYSTEM
    channels: tuple[Channel, ...] | None = None
    everywhere: bool = False
    muted: tuple[NoticeReason, ...] = ()
    quiet: QuietHours | None = None
    digest: Digest = Digest.OFF
    digest_at: time = time(9, 0)
    filters: tuple[SavedFilter, ...] = ()


NONE = Preferences()
"""Of somebody who has chosen nothing."""

_CANNOT_WAIT = frozenset({NoticeReason.REMINDED, NoticeReason.ESCALATED, NoticeReason.NOTIFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Over which channel a notice goes, and when; ``digest``: together with what else is due."""

    channel: Channel
    due_at: datetime
    digest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What somebody is to be told.

    :param closes: when the task closes, where it does and is what they are asked.
    """

    reason: NoticeReason
    risk: Risk
    closes: datetime | None = None

    @property
    def urgent(self) -> bool:
        return self.risk is Risk.HIGH or self.reason in _CANNOT_WAIT


def routes(
    chosen: Preferences, news: News, *, reach: Collection[Channel], now: datetime, zone: tzinfo
) -> tuple[Route, ...]:
    """Over which channels somebody is told, beside the inbox; none where nothing reaches them.

    :param reach: the channels that reach this person at all.
    :param now: when it happened, aware.
    :param zone: the person's time zone, for their wall clock.
    """
    if news.reason in chosen.muted:
        return ()
    due_at, digest = _when(chosen, news, now, zone)
    ordered = in_order(chosen, reach)
    used = ordered if chosen.everywhere else ordered[:1]
    rings = [Channel.PUSH] if Channel.PUSH in reach else []
    return tuple(
        Route(channel=channel, due_at=due_at, digest=digest) for channel in (*rings, *used)
    )


def fallback(chosen: Preferences, failed: Channel, *, reach: Collection[Channel]) -> Channel | None:
    """Which channel is tried after this one has failed; None where no further one is left."""
    if chosen.everywhere or failed is Channel.PUSH:
        return None
    ordered = in_order(chosen, reach)
    if failed not in ordered:
        return ordered[0] if ordered else None
    rest = ordered[ordered.index(failed) + 1 :]
    return rest[0] if rest else None


def in_order(chosen: Preferences, reach: Collection[Channel]) -> Sequence[Channel]:
    """The channels that reach somebody, in the order in which they want to be told."""
    wanted = CHOSEN if chosen.channels is None else chosen.channels
    return [channel for channel in wanted if channel in reach]


def _when(chosen: Preferences, news: News, now: datetime, zone: tzinfo) -> tuple[datetime, bool]:
    """When somebody is told, and whether in a digest. Nothing waits until it is too late."""
    at, digest = now, False
    if chosen.digest is not Digest.OFF and not news.urgent:
        at, digest = _next_digest(chosen, now, zone), True
    if chosen.quiet is not None and not (news.urgent and chosen.quiet.urgent):
        at = _after_quiet(chosen.quiet, at, zone)
    if news.closes is not None and at >= news.closes:
        return now, False
    return at, digest


def _next_digest(chosen: Preferences, now: datetime, zone: tzinfo) -> datetime:
    local = now.astimezone(zone)
    if chosen.digest is Digest.HOURLY:
        whole = local.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return whole + timedelta(hours=1)
    return _next_at(chosen.digest_at, now, zone)


def _after_quiet(quiet: QuietHours, at: datetime, zone: tzinfo) -> datetime:
    clock = at.astimezone(zone).time()
    if quiet.start <= quiet.end:
        within = quiet.start <= clock < quiet.end
    else:
        within = clock >= quiet.start or clock < quiet.end
    return _next_at(quiet.end, at, zone) if within else at


def _next_at(clock: time, after: datetime, zone: tzinfo) -> datetime:
    """The next moment at which the wall clock shows this, later than ``after``.

    A time that a change of the clock leaves out is taken as it was before the change, and of one
    that comes twice the first counts (PEP 495, ``fold=0``).
    """
    day = after.astimezone(zone).date()
    for ahead in range(3):
        moment = datetime.combine(day + timedelta(days=ahead), clock, tzinfo=zone).astimezone(UTC)
        if moment > after:
            return moment
    return after
