"""events.md: every event type with its fields."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

from generating.markdown import Undocumented, code, document, table
from signoff.core import events as e

_INTRO = """What happened to an intent, in order. Each intent has its own sequence: `seq` counts
from 1 without a gap. `GET /v1/intents/{id}/events` and `signoff events` show them.

An event on the wire is `{"seq", "type", "at", "actor", "data"}`. `at` is RFC 3339 in UTC. `actor`
is who caused it: a person's mail address, an agent's address, `ladder` or `clock`. `data` has the
fields below."""

# What the class names and fields leave open. An event that is not here fails the generator.
_MEANS = {
    "intent.submitted": "An intent came into being.",
    "intent.started": "Its agent began to work on it.",
    "intent.waiting": "It waits now; `reason` says for what.",
    "intent.resumed": "It waits no longer; the agent goes on.",
    "intent.sleeping": "The agent asked to be left alone until a time.",
    "intent.awoke": "That time has come.",
    "intent.completed": "It ended with a result.",
    "intent.failed": "It ended without one: the agent gave up, or nobody decided in time.",
    "intent.canceled": "It was called off.",
    "intent.timed_out": "Its own deadline passed.",
    "intent.overridden": "A person took the run over. What becomes of it follows as its own event.",
    "step.recorded": "A piece of the agent's work was journalled: recorded once, replayed after.",
    "task.opened": "People are asked. `opening` says when which rung fires, and who stands in.",
    "task.claimed": "Somebody took it; nobody else can answer meanwhile.",
    "task.released": "It was given back, or the ladder took it away.",
    "task.reminded": "The ladder reminded the people asked.",
    "task.notified": "The ladder told people who are not asked.",
    "task.escalated": "The ladder asked more people, or others instead.",
    "task.reassigned": "Others are asked instead of those asked so far.",
    "task.delegated": "Somebody asked let another answer in their place.",
    "task.override_asked": "The ladder asked operators, in a task of their own, to take it over.",
    "task.rung_skipped": "A rung of the ladder did not fire; `reason` says why.",
    "task.recovered": "No server ran while a rung was due; the task is given the time back.",
    "task.paused": "Its clock stands while it waits on whoever asked, at most `until` then.",
    "task.resumed": "Its clock goes on; `schedule` is what is still to come.",
    "task.snoozed": "Somebody asked put the reminders off.",
    "task.extended": "Whatever is still to come comes later.",
    "task.commented": "Somebody said something without answering.",
    "task.watched": "Somebody wants to be told how it goes, without being asked.",
    "task.unwatched": "Somebody does not want that any more.",
    "task.answered": "One person's answer was accepted; `seat` is in whose place it counts.",
    "task.answer_voided": "An earlier answer no longer counts: whoever gave it may not any more.",
    "task.advanced": "The next stage of the chain is asked.",
    "task.changes_requested": "The reviewer wants another round; the agent is asked to revise.",
    "task.revised": "The agent handed in its revision; people are asked again.",
    "task.concluded": "It is decided. This is written once and never changes.",
    "task.expired": "The ladder closed it: nobody decided in time.",
    "task.withdrawn": "Nobody needs the answer any more.",
    "task.overridden": "A takeover of the run closed it.",
}


def page() -> str:
    """The page, with every event the code defines."""
    parts = [
        _group("Of an intent", get_args(e.IntentBody)),
        _group("Of a task", get_args(e.TaskBody)),
    ]
    return document("Events", _INTRO, parts)


def _group(title: str, bodies: tuple[type[e.Body], ...]) -> str:
    rows = ((code(body.type), meaning(body.type), _fields(body)) for body in bodies)
    return f"## {title}\n\n{table(('type', 'means', 'data'), rows)}"


def meaning(kind: str) -> str:
    """What an event of this type says."""
    if kind not in _MEANS:
        raise Undocumented(f"the event {kind} is not described in docs/generating/events.py")
    return _MEANS[kind]


def _fields(body: type[e.Body]) -> str:
    return ", ".join(code(field.name) for field in fields(body)) or "none"
