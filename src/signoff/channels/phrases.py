"""The words of the inbox: outcomes, states, times, and what will happen next.

Pure. Sentences say what will happen with names and amounts; a person should never have to guess
what a button does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from signoff.core.ladder import Do, Rung
from signoff.core.routing import Selector
from signoff.core.tasks import review
from signoff.core.words import JSON, ActorKind, Risk, TaskState, TaskType

UTC = ZoneInfo("UTC")

TYPES: Mapping[TaskType, str] = {
    TaskType.APPROVAL: "Approval",
    TaskType.REVIEW: "Review",
    TaskType.CONFIRMATION: "Confirmation",
    TaskType.ASSIGNMENT: "Assignment",
    TaskType.FORM: "Form",
    TaskType.CLARIFICATION: "Question",
    TaskType.MANUAL_ACTION: "Manual action",
    TaskType.OVERRIDE: "Takeover",
}

RISKS: Mapping[Risk, str] = {
    Risk.LOW: "Low risk",
    Risk.MEDIUM: "Medium risk",
    Risk.HIGH: "High risk",
}

BUTTONS: Mapping[str, str] = {
    "approved": "Approve",
    "rejected": "Reject",
    "changes_requested": "Request changes",
    "confirmed": "Confirm",
    "denied": "Deny",
    "assigned": "Assign",
    "declined": "Decline",
    "submitted": "Submit",
    "answered": "Send answer",
    "completed": "Mark as done",
    "failed": "Could not be done",
    "overridden": "Take over",
    "refused": "Refuse the takeover",
}

ENDINGS: Mapping[TaskState, str] = {
    TaskState.EXPIRED: "Expired",
    TaskState.WITHDRAWN: "Withdrawn",
    TaskState.OVERRIDDEN: "Overridden",
}


EXTENSIONS: Mapping[str, timedelta] = {
    "1 hour": timedelta(hours=1),
    "4 hours": timedelta(hours=4),
    "1 day": timedelta(days=1),
    "3 days": timedelta(days=3),
    "1 week": timedelta(weeks=1),
}
"""By how much a task may be given more time, as elapsed time."""

MORNING = time(9, 0)


def outcome_word(outcome: str) -> str:
    """An outcome as the past tense a reader expects, e.g. ``Changes requested``."""
    words = outcome.replace("_", " ")
    return words[:1].upper() + words[1:]


def outcome_tone(outcome: str) -> str:
    """Whether an outcome lets the agent go on (``good``), stops it (``bad``) or sends it back."""
    if outcome == review.CHANGES_REQUESTED:
        return "back"
    stops = {"rejected", "denied", "declined", "failed", "refused"}
    return "bad" if outcome in stops else "good"


def agent_name(address: str) -> str:
    """The last part of an agent's address, which is how people call it."""
    return address.rstrip("/").rpartition("/")[2] or address


def who(selectors: Sequence[Selector]) -> str:
    return ", ".join(selector.label for selector in selectors)


def rung(step: Rung, asked: str) -> str:
    """What one rung of a ladder does, as a sentence."""
    unless = " unless somebody has begun" if step.unless_claimed else ""
    match step.do:
        case Do.REMIND:
            return f"A reminder goes to {asked}{unless}"
        case Do.NOTIFY:
            return f"{who(step.to)} is told{unless}"
        case Do.ESCALATE if not step.replace:
            return f"{who(step.to)} is asked as well{unless}"
        case Do.ESCALATE | Do.REASSIGN:
            return f"{who(step.to)} is asked instead{unless}"
        case Do.OVERRIDE:
            return f"{who(step.to)} is asked to take the run over{unless}"
        case Do.CONCLUDE:
            word = outcome_word(step.outcome or "").lower()
            return f"Nobody decided: the task ends as {word}{unless}"
        case Do.FAIL:
            return f"Nobody decided: the task expires and the agent's run fails{unless}"


def snoozed(asked: str) -> str:
    """The reminder somebody put off until then."""
    return f"A reminder that was put off goes to {asked}"


def by(kind: ActorKind, label: str) -> str:
    """Who did something, where the clock can be that somebody."""
    return "The ladder, because time ran out" if kind is ActorKind.LADDER else label


def relative(moment: datetime, now: datetime) -> str:
    """A distance in time in words: ``in 3 hours``, ``2 days ago``."""
    away = moment - now
    words = span(abs(away))
    if words == "less than a minute":
        return f"in {words}" if away > timedelta(0) else "just now"
    return f"in {words}" if away > timedelta(0) else f"{words} ago"


def span(length: timedelta) -> str:
    """A length of time in its largest fitting unit."""
    minutes = int(length.total_seconds() // 60)
    for size, unit, enough in ((1440, "day", 2880), (60, "hour", 120), (1, "minute", 1)):
        if minutes >= enough or (size > 1 and minutes == size):
            count = round(minutes / size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def zone(name: str | None) -> tzinfo:
    """A person's time zone, or UTC where there is none or it is unknown here."""
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, ValueError, OSError):
        return UTC


def exact(moment: datetime, where: tzinfo) -> str:
    """A moment in full, with its zone: ``24 November 2026, 17:30 CET``."""
    local = moment.astimezone(where)
    return f"{local.day} {local:%B %Y, %H:%M} {local.tzname()}"


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


def local(text: str, where: tzinfo) -> str:
    """A sentence of the rules with its moments in a reader's zone."""
    return _MOMENT.sub(lambda found: exact(datetime.fromisoformat(found[0]), where), text)


def sentence(text: str) -> str:
    """Words of the rules as a sentence of their own."""
    ended = text if text.endswith((".", "!", "?")) else f"{text}."
    return f"{ended[:1].upper()}{ended[1:]}"


def until_day(moment: datetime | None, now: datetime, where: tzinfo) -> str:
    """Until when, as the end of a phrase: `` until Thu 3 Dec``; nothing where that is open."""
    return f" until {ends(moment, now, where)}" if moment is not None else ""


def ends(moment: datetime, now: datetime, where: tzinfo) -> str:
    """The end of a time of days. Midnight is the end of the day before."""
    local = moment.astimezone(where)
    if (local.hour, local.minute) == (0, 0):
        return _day(local - timedelta(minutes=1), now.astimezone(where))
    return f"{_day(local, now.astimezone(where))}, {local:%H:%M} {local.tzname()}"


def begins(moment: datetime, now: datetime, where: tzinfo) -> str:
    """The beginning of a time of days."""
    local = moment.astimezone(where)
    day = _day(local, now.astimezone(where))
    midnight = (local.hour, local.minute) == (0, 0)
    return day if midnight else f"{day}, {local:%H:%M} {local.tzname()}"


def _day(local: datetime, today: datetime) -> str:
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local:%a} {local.day} {local:%b}{year}"


def next_morning(now: datetime, where: tzinfo) -> datetime:
    """Nine o'clock tomorrow, in this zone."""
    tomorrow = now.astimezone(where).date() + timedelta(days=1)
    return datetime.combine(tomorrow, MORNING, tzinfo=where).astimezone(UTC)


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(count: int) -> str:
    """A small number as a word."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else str(count)


def as_text(value: JSON) -> str:
    """A value as text to read and compare line by line."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)
