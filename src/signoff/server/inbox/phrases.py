"""The words of the inbox: outcomes, states, times, and what will happen next.

Pure. Sentences say what will happen with names and amounts; a person should never have to guess
what a button does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from signoff.core.asking import favourable
from signoff.core.ladder import Do, Rung
from signoff.core.routing import Selector
from signoff.core.task import Task
from signoff.core.tasks import review
from signoff.core.words import JSON, ActorKind, Risk, TaskState, TaskType
from signoff.server.inbox.visible import fits_in_a_sentence

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


def consequence(task: Task, agent: str, outcome: str) -> str:
    """What pressing this outcome's button makes happen."""
    name = agent_name(agent)
    if favourable(task.ask, outcome):
        if task.stage + 1 < len(task.ask.stages):
            following = who(task.ask.stages[task.stage + 1].who)
            return (
                f"{_your_yes(task)} is recorded; then {following} is asked. {name} keeps waiting."
            )
        return _go_ahead(task, name)
    if outcome == review.CHANGES_REQUESTED and _asks_again(task):
        return f"{name} gets your comment and revises; you are asked again about the new version."
    if task.ask.type is TaskType.APPROVAL:
        return f"{_action(task)} does not run. {name} is told {outcome_word(outcome).lower()}."
    if task.ask.type is TaskType.OVERRIDE:
        return f"Nothing is taken over; {name} goes on."
    return f"The task ends here. {name} is told {outcome_word(outcome).lower()}."


def _your_yes(task: Task) -> str:
    if task.ask.type is not TaskType.APPROVAL:
        return "Your answer"
    return f"Your yes to {_action(task)}{'' if task.ask.spec.get('editable') else _amounts(task)}"


def _go_ahead(task: Task, name: str) -> str:
    match task.ask.type:
        case TaskType.APPROVAL if task.ask.spec.get("editable"):
            return f"{name} may run {_action(task)} once, with the arguments as they stand above."
        case TaskType.APPROVAL:
            return f"{name} may run {_action(task)}{_amounts(task)} once, exactly as shown."
        case TaskType.REVIEW:
            return f"{name} goes on with this version."
        case TaskType.CONFIRMATION:
            return f"You state, under your name, that this is so. {name} goes on."
        case TaskType.ASSIGNMENT:
            return f"{name} is told whom you picked and goes on."
        case TaskType.FORM:
            return f"{name} receives these values and goes on."
        case TaskType.CLARIFICATION:
            return f"{name} receives your answer and goes on."
        case TaskType.MANUAL_ACTION:
            return f"You state, under your name, that it is done. {name} goes on."
        case TaskType.OVERRIDE:
            return f"What you chose above happens to the run of {name} at once, under your name."


def _action(task: Task) -> str:
    action = task.ask.spec.get("action")
    named = action.get("name") if isinstance(action, Mapping) else None
    if not isinstance(named, str) or not named.strip():
        return "what is asked"
    return named if fits_in_a_sentence(named) else "the action above"


def _amounts(task: Task) -> str:
    """The first few short arguments, so that the sentence names them; the table has them all."""
    action = task.ask.spec.get("action")
    arguments = action.get("arguments") if isinstance(action, Mapping) else None
    if not isinstance(arguments, Mapping):
        return ""
    short = [
        f"{key} {value if isinstance(value, str) else json.dumps(value)}"
        for key, value in arguments.items()
        if isinstance(value, str | int | float) and fits_in_a_sentence(f"{key}{value}")
    ]
    left = len(arguments) - len(short[:4])
    more = f" and {left} more" if left and short else ""
    return f" ({', '.join(short[:4])}{more})" if short else ""


def _asks_again(task: Task) -> bool:
    spec = review.Spec(**task.ask.spec)  # type: ignore[arg-type]
    return review.asks_again(spec, review.CHANGES_REQUESTED, rounds=len(task.rounds))


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


def as_text(value: JSON) -> str:
    """A value as text to read and compare line by line."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)
