"""Facts that follow from what the engine does: refused attempts, views, notices, pick-ups.

Pure. Each has an id made of what it tells, so that writing it twice is harmless.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from signoff.core import commands as c
from signoff.core.facts import (
    AnswerPickedUp,
    AttemptRefused,
    Fact,
    NoticeFailed,
    NoticeSent,
    NoticeSkipped,
    TaskViewed,
    Told,
)
from signoff.core.routing import CLOCK, Actor, Person
from signoff.core.task import Task
from signoff.core.words import ActorKind, IntentId, TaskId, WorkspaceId
from signoff.engine.log.ports import View
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.ports import (
    FoundTask,
)
from signoff.errors import Forbidden, SignoffError, WorldMoved

SECONDS_OF_ONE_ATTEMPT = 60
"""The same attempt of the same actor, refused for the same reason, is told once in this time."""


def fact_id(kind: str, *parts: object) -> str:
    """An id that is the same whenever the same is told: ``<kind>_`` and 32 hex digits."""
    text = "\n".join(str(part) for part in parts)
    return f"{kind}_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


# Refused attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Something somebody tried on a task or intent that exists.

    :param command: what would have happened, in the name of its command.
    """

    workspace: WorkspaceId
    actor: Actor
    command: str
    channel: str
    intent_id: IntentId
    task_id: TaskId | None = None


def counts(error: Exception) -> bool:
    """Whether a refusal says that somebody may not, or is too late, and not that they mistyped."""
    return isinstance(error, Forbidden | WorldMoved)


def attempted(command: c.Command) -> bool:
    """Whether a refusal of this command is an attempt on something that was there before it."""
    return not isinstance(command, c.SubmitIntent | c.FireTimer)


def refusal(attempt: Attempt, error: Exception, now: datetime) -> Fact | None:
    """What the log is told of a refusal, or None where it is nothing for the log."""
    if not isinstance(error, SignoffError) or not counts(error):
        return None
    minute = int(now.timestamp()) // SECONDS_OF_ONE_ATTEMPT
    actor, about = attempt.actor, attempt.task_id or attempt.intent_id
    return Fact(
        workspace=attempt.workspace,
        id=fact_id(
            "attempt",
            attempt.workspace,
            actor.kind,
            actor.id,
            about,
            attempt.command,
            error.code,
            minute,
        ),
        at=now,
        actor=actor,
        body=AttemptRefused(
            command=attempt.command,
            code=error.code,
            channel=attempt.channel,
            message=error.message,
        ),
        intent_id=attempt.intent_id,
        task_id=attempt.task_id,
    )


# Views


def view_id(workspace: WorkspaceId, task: Task, person: Person) -> str:
    """One for each person and each form in which they were shown a task."""
    return fact_id("view", workspace, task.id, person.id, task.view_digest)


def viewed(
    workspace: WorkspaceId, task: Task, person: Person, *, channel: str, at: datetime
) -> tuple[Fact, View]:
    """What the log is told of a view, and the row by which an answer finds it."""
    shown = task.view_digest
    fact = Fact(
        workspace=workspace,
        id=view_id(workspace, task, person),
        at=at,
        actor=person.actor,
        body=TaskViewed(person_id=person.id, view_digest=shown, channel=channel),
        intent_id=task.intent_id,
        task_id=task.id,
    )
    view = View(workspace=workspace, task_id=task.id, person_id=person.id, view_digest=shown, at=at)
    return fact, view


# Notices


MOST_IN_ONE = 50
"""So many people at most are told of in one fact: a leaf is small."""


def noticed(notices: Sequence[Notice]) -> list[Fact]:
    """What the log is told of what became of notices; of those still due, nothing.

    Those of one task that were sent at once, over one channel, are one fact; each other is one by
    itself. The clock sends them: nobody does so by hand.
    """
    sent: dict[tuple[str, str, str, str], list[Notice]] = {}
    others = []
    for notice in notices:
        if notice.state is NoticeState.SENT:
            about = notice.workspace, notice.task_id, notice.channel, notice.reason
            sent.setdefault(about, []).append(notice)
        elif notice.state is not NoticeState.DUE:
            others.append(_noticed([notice]))
    return others + [
        _noticed(together[start : start + MOST_IN_ONE])
        for together in sent.values()
        for start in range(0, len(together), MOST_IN_ONE)
    ]


def _noticed(notices: Sequence[Notice]) -> Fact:
    first = notices[0]
    state = () if first.state is NoticeState.SENT else (first.state,)
    return Fact(
        workspace=first.workspace,
        id=fact_id("notice", *state, *(notice.id for notice in notices)),
        at=first.at,
        actor=CLOCK,
        body=_became(notices),
        intent_id=first.intent_id,
        task_id=first.task_id,
    )


def _became(notices: Sequence[Notice]) -> NoticeSent | NoticeFailed | NoticeSkipped:
    first = notices[0]
    if first.state is NoticeState.SENT:
        return NoticeSent(channel=first.channel, reason=first.reason, told=_told(notices))
    if first.state is NoticeState.SKIPPED:
        return NoticeSkipped(
            notice_id=first.id,
            person_id=first.person_id,
            channel=first.channel,
            reason=first.reason,
            detail=first.detail,
        )
    return NoticeFailed(
        notice_id=first.id,
        person_id=first.person_id,
        channel=first.channel,
        reason=first.reason,
        detail=first.detail,
        address=first.address,
    )


def _told(notices: Sequence[Notice]) -> tuple[Told, ...]:
    return tuple(
        Told(
            notice_id=one.id,
            person_id=one.person_id,
            address=one.address,
            provider_id=one.provider_id,
        )
        for one in notices
    )


# Pick-ups


def pickup_id(task: Task) -> str:
    """``pickup_<task id>`` for what the task came to; the pick-up of a wish for changes is apart.

    An agent that reads that it should revise has not yet read how the task ended.
    """
    return f"pickup_{task.id}_{len(task.rounds)}" if task.live else f"pickup_{task.id}"


def picked_up(found: FoundTask, *, at: datetime, after_step: str | None) -> Fact:
    """What the log is told once an agent has read what became of its task."""
    task, agent = found.task, found.agent
    return Fact(
        workspace=found.workspace,
        id=pickup_id(task),
        at=at,
        actor=Actor(kind=ActorKind.AGENT, id=agent, label=agent),
        body=AnswerPickedUp(
            agent=agent,
            outcome=task.decision.outcome if task.decision else None,
            after_step=after_step,
        ),
        intent_id=task.intent_id,
        task_id=task.id,
    )
