"""The intent: the durable unit of agent work, its lifecycle table, and what events make of it.

The law, which the table below states as data:

* An intent is created by being submitted. ``DELIVERED`` and ``ACKNOWLEDGED`` are for intents that
  a worker receives; an agent that submits its own goes straight on.
* It waits exactly while a task of it is live or a sleep is pending, and says for what.
* ``COMPLETED``, ``FAILED``, ``CANCELED`` and ``TIMED_OUT`` are terminal: such an intent never
  changes again, and none of its tasks is live.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from signoff.core import events as e
from signoff.core.provenance import Custody, Provenance
from signoff.core.routing import Actor
from signoff.core.task import Decision, Opening, Past, Round, Task, Vote
from signoff.core.tasks.override import Takeover
from signoff.core.words import (
    JSON,
    ActorKind,
    IntentId,
    IntentStatus,
    PersonId,
    TaskId,
    TaskState,
    TaskType,
    WaitingReason,
    WorkspaceId,
)
from signoff.errors import IllegalMove, IntentClosed

S = IntentStatus

TERMINAL = frozenset({S.COMPLETED, S.FAILED, S.CANCELED, S.TIMED_OUT})

_ENDINGS: Mapping[type[e.Body], IntentStatus] = {
    e.IntentCompleted: S.COMPLETED,
    e.IntentFailed: S.FAILED,
    e.IntentCanceled: S.CANCELED,
    e.IntentTimedOut: S.TIMED_OUT,
}
_BEFORE_WORK: Mapping[type[e.Body], IntentStatus] = {
    e.IntentStarted: S.IN_PROGRESS,
    e.IntentWaiting: S.WAITING,
    **_ENDINGS,
}

TRANSITIONS: Mapping[IntentStatus, Mapping[type[e.Body], IntentStatus]] = {
    S.CREATED: {e.IntentSubmitted: S.SUBMITTED},
    S.SUBMITTED: _BEFORE_WORK,
    S.DELIVERED: _BEFORE_WORK,
    S.ACKNOWLEDGED: _BEFORE_WORK,
    S.IN_PROGRESS: {e.IntentWaiting: S.WAITING, **_ENDINGS},
    S.WAITING: {e.IntentWaiting: S.WAITING, e.IntentResumed: S.IN_PROGRESS, **_ENDINGS},
    S.COMPLETED: {},
    S.FAILED: {},
    S.CANCELED: {},
    S.TIMED_OUT: {},
}
"""What each status becomes by each event that changes it. What is not here cannot happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An intent and those of its tasks that matter now: every live one, and any addressed.

    ``handled``: its agent reports the result. ``handed_over``: a person took the run from it.
    """

    workspace: WorkspaceId
    id: IntentId
    type: str
    title: str
    agent: str
    handled: bool
    payload: JSON
    status: IntentStatus
    waiting_reason: WaitingReason | None
    seq: int
    submitted_by: Actor
    submitted_at: datetime
    updated_at: datetime
    on_behalf_of: str | None = None
    deadline: datetime | None = None
    provenance: Provenance | None = None
    custody: Custody | None = None
    handed_over: bool = False
    sleeps: Mapping[str, datetime] = field(default_factory=dict)
    result: JSON = None
    ended_because: str | None = None
    tasks: Mapping[TaskId, Task] = field(default_factory=dict)

    @property
    def terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def requesters(self) -> tuple[str, ...]:
        """References to whoever asked for this: they never decide on it themselves."""
        submitter = self.submitted_by.id if self.submitted_by.kind is ActorKind.PERSON else None
        return tuple(reference for reference in (self.on_behalf_of, submitter) if reference)

    @property
    def ends_with_decision(self) -> bool:
        """Whether its last decision completes it, because no agent is going to."""
        return self.handed_over or not self.handled

    @property
    def live_tasks(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks.values() if task.live)

    @property
    def next_sleep(self) -> tuple[str, datetime] | None:
        """The sleep that ends first; there is one timer for all of them."""
        return min(self.sleeps.items(), key=lambda item: (item[1], item[0]), default=None)

    def waits_for(self) -> WaitingReason | None:
        """What the tasks and sleeps say this intent must be waiting for, or None."""
        live = self.live_tasks
        if any(not task.awaiting_revision for task in live):
            return WaitingReason.HUMAN
        if live:
            return WaitingReason.AGENT
        return WaitingReason.TIME if self.sleeps else None


def evolve(state: Intent | None, event: e.Event, *, intent_id: IntentId) -> Intent:
    """Return what is true after the event.

    :raises IllegalMove: the lifecycle table has no such transition; ``state`` is untouched.
    """
    body = event.body
    if isinstance(body, e.IntentSubmitted):
        return _submitted(state, event, body, intent_id)
    if state is None:
        raise IllegalMove(f"{body.type} cannot be the first thing that happens to an intent")
    if state.terminal:
        raise IntentClosed(f"intent {state.id} is {state.status} and never changes")
    if event.seq != state.seq + 1:
        raise IllegalMove(f"event {event.seq} cannot follow event {state.seq} of {state.id}")
    changes = {**_status_after(state, body), **_changes(state, event)}
    return replace(state, seq=event.seq, updated_at=event.at, **changes)


def replay(history: Iterable[e.Event], *, intent_id: IntentId) -> Intent | None:
    """Rebuild an intent, with all its tasks, from its events alone."""
    state: Intent | None = None
    for event in history:
        state = evolve(state, event, intent_id=intent_id)
    return state


def _submitted(
    state: Intent | None, event: e.Event, body: e.IntentSubmitted, intent_id: IntentId
) -> Intent:
    if state is not None or event.seq != 1:
        raise IllegalMove(f"intent {intent_id} has been submitted already")
    return Intent(
        workspace=body.workspace,
        id=intent_id,
        type=body.intent_type,
        title=body.title,
        agent=body.agent,
        handled=body.handled,
        payload=body.payload,
        status=TRANSITIONS[S.CREATED][e.IntentSubmitted],
        waiting_reason=None,
        seq=event.seq,
        submitted_by=event.actor,
        submitted_at=event.at,
        updated_at=event.at,
        on_behalf_of=body.on_behalf_of,
        deadline=body.deadline,
        provenance=body.provenance,
        custody=body.custody,
    )


_MOVERS = frozenset(mover for row in TRANSITIONS.values() for mover in row)


def _status_after(state: Intent, body: e.Body) -> dict[str, Any]:
    if type(body) not in _MOVERS:
        return {}
    status = TRANSITIONS[state.status].get(type(body))
    if status is None:
        raise IllegalMove(f"an intent that is {state.status} cannot become so by {body.type}")
    reason = body.reason if isinstance(body, e.IntentWaiting) else None
    return {"status": status, "waiting_reason": reason}


def _changes(state: Intent, event: e.Event) -> dict[str, Any]:
    match event.body:
        case e.IntentCompleted(result=result):
            return {"result": result}
        case e.IntentFailed(reason=reason) | e.IntentCanceled(reason=reason):
            return {"ended_because": reason}
        case e.IntentTimedOut(reason=reason):
            return {"ended_because": reason}
        case e.IntentOverridden(action=action):
            return {"handed_over": state.handed_over or action == Takeover.HAND_OVER}
        case e.IntentSleeping(name=name, until=until):
            return {"sleeps": {**state.sleeps, name: until}}
        case e.IntentAwoke(name=name):
            return {"sleeps": {k: v for k, v in state.sleeps.items() if k != name}}
        case e.TaskOpened(task_id=task_id):
            return {"tasks": {**state.tasks, task_id: _opened(state, event, event.body)}}
        case (
            e.IntentSubmitted()
            | e.IntentStarted()
            | e.IntentWaiting()
            | e.IntentResumed()
            | e.StepRecorded()
        ):
            return {}
        case body:
            before = state.tasks.get(body.task_id)
            if before is None:
                raise IllegalMove(f"{body.type} is about task {body.task_id}, which nobody opened")
            return {"tasks": {**state.tasks, before.id: _evolve_task(before, event, body)}}


def _opened(state: Intent, event: e.Event, body: e.TaskOpened) -> Task:
    if body.task_id in state.tasks:
        raise IllegalMove(f"task {body.task_id} has been opened already")
    content = body.ask.spec.get("content") if body.ask.type is TaskType.REVIEW else None
    return Task(
        intent_id=state.id,
        ask=body.ask,
        state=TaskState.OPEN,
        opened_at=event.at,
        stage=body.ask.first_stage,
        stage_opened_at=event.at,
        schedule=body.opening.schedule,
        instead=body.opening.picked,
        stand_ins=body.opening.stand_ins,
        watchers=body.ask.watchers,
        deadline=body.ask.deadline,
        content=content,
    )


_TaskBody = (
    e.TaskClaimed
    | e.TaskReleased
    | e.TaskReminded
    | e.TaskNotified
    | e.TaskEscalated
    | e.TaskReassigned
    | e.TaskDelegated
    | e.OverrideAsked
    | e.RungSkipped
    | e.TaskRecovered
    | e.TaskPaused
    | e.TaskResumed
    | e.TaskSnoozed
    | e.TaskExtended
    | e.TaskCommented
    | e.TaskWatched
    | e.TaskUnwatched
    | e.TaskAnswered
    | e.AnswerVoided
    | e.TaskAdvanced
    | e.ChangesRequested
    | e.TaskRevised
    | e.TaskConcluded
    | e.TaskExpired
    | e.TaskWithdrawn
    | e.TaskOverridden
)


def _evolve_task(task: Task, event: e.Event, body: _TaskBody) -> Task:
    if not task.live:
        raise IllegalMove(f"task {task.id} is {task.state} and never changes")
    match body:
        case e.TaskReminded() | e.TaskNotified():
            return _past(task, event)
        case e.RungSkipped(reason=reason):
            return _past(task, event, reason)
        case e.OverrideAsked(override_task_id=asked):
            return replace(_past(task, event), override_task=asked)
        case (
            e.TaskRecovered()
            | e.TaskPaused()
            | e.TaskResumed()
            | e.TaskSnoozed()
            | e.TaskExtended()
        ):
            return _timed(task, event, body)
        case e.TaskConcluded():
            return _closed(
                task, event, TaskState.CONCLUDED, body.reason, _decision(task, event, body)
            )
        case e.TaskExpired():
            return _closed(task, event, TaskState.EXPIRED, "nobody decided in time")
        case e.TaskWithdrawn(reason=reason):
            return _closed(task, event, TaskState.WITHDRAWN, reason)
        case e.TaskOverridden(justification=justification):
            return _closed(task, event, TaskState.OVERRIDDEN, justification)
        case (
            e.TaskClaimed()
            | e.TaskReleased()
            | e.TaskCommented()
            | e.TaskWatched()
            | e.TaskUnwatched()
            | e.TaskEscalated()
            | e.TaskReassigned()
            | e.TaskDelegated()
        ):
            return _asked(task, event, body)
        case _:
            return _answered(task, event, body)


def _past(task: Task, event: e.Event, skipped: str | None = None) -> Task:
    """The next firing is behind, for it did what it does or was skipped."""
    done = Past(firing=task.to_come[0], at=event.at, skipped=skipped)
    return replace(task, behind=task.behind + 1, past=(*task.past, done))


_Timed = e.TaskRecovered | e.TaskPaused | e.TaskResumed | e.TaskSnoozed | e.TaskExtended


def _timed(task: Task, event: e.Event, body: _Timed) -> Task:
    """What becomes of its clock. A new schedule is all that is still to come."""
    match body:
        case e.TaskPaused(until=until):
            return replace(task, paused_at=event.at, pause_ends=until)
        case e.TaskSnoozed(schedule=schedule, until=until):
            return replace(task, schedule=schedule, behind=0, snoozed_until=until)
        case e.TaskResumed(schedule=schedule):
            later = timedelta(0)
            task = _ran_again(task, event)
        case e.TaskRecovered(schedule=schedule, down_from=start, down_until=end):
            later = end - start
            task = replace(task, recovered_until=end)
        case e.TaskExtended(schedule=schedule, by=later):
            pass
        case _:
            assert_never(body)
    deadline = None if task.deadline is None else task.deadline + later
    return replace(task, schedule=schedule, behind=0, deadline=deadline)


def _ran_again(task: Task, event: e.Event) -> Task:
    """Its clock goes on, from when it may stand no longer at the latest."""
    at = event.at if task.pause_ends is None else min(event.at, task.pause_ends)
    return replace(
        task,
        paused_at=None,
        pause_ends=None,
        deadline=task.deadline_at(event.at),
        recovered_until=at,
    )


_Asked = (
    e.TaskClaimed
    | e.TaskReleased
    | e.TaskCommented
    | e.TaskWatched
    | e.TaskUnwatched
    | e.TaskEscalated
    | e.TaskReassigned
    | e.TaskDelegated
)


def _asked(task: Task, event: e.Event, body: _Asked) -> Task:
    """Who is on it, who is asked, who looks on."""
    match body:
        case e.TaskClaimed():
            return replace(task, state=TaskState.CLAIMED, claimed_by=event.actor, started=True)
        case e.TaskReleased():
            return replace(task, state=TaskState.OPEN, claimed_by=None)
        case e.TaskCommented():
            return replace(task, comments=task.comments + 1)
        case e.TaskWatched(who=who):
            return replace(task, watchers=(*task.watchers, who))
        case e.TaskUnwatched(who=who):
            return replace(task, watchers=tuple(each for each in task.watchers if each != who))
        case e.TaskEscalated(to=to, replaces=replaces):
            stand_ins = (*(() if replaces else task.stand_ins), *body.stand_ins)
            task = replace(_past(task, event), stand_ins=stand_ins)
            if replaces:
                return replace(task, instead=to, added=())
            return replace(task, added=(*task.added, *to))
        case e.TaskReassigned(who=who):
            if body.rung is not None:
                task = _past(task, event)
            kept = {selector.value for selector in who}
            still = tuple(each for each in task.stand_ins if each.owner.id in kept)
            stand_ins = (*still, *body.stand_ins)
            return replace(task, instead=who, added=(), stand_ins=stand_ins)
        case e.TaskDelegated(stand_in=stand_in):
            return replace(task, stand_ins=(*task.stand_ins, stand_in))
        case _:
            assert_never(body)


_Answered = e.TaskAnswered | e.AnswerVoided | e.TaskAdvanced | e.ChangesRequested | e.TaskRevised


def _answered(task: Task, event: e.Event, body: _Answered) -> Task:
    """What people have said, and which stage that leads to. An answer ends its own claim."""
    free = replace(task, state=TaskState.OPEN, claimed_by=None)
    match body:
        case e.TaskAnswered(seat=seat):
            vote = Vote(
                by=event.actor,
                seat=PersonId(seat.id),
                outcome=body.outcome,
                stage=body.stage,
                at=event.at,
                seat_label=seat.label,
                fills=body.fills,
                strength=body.credential.strength,
            )
            others = _without(task, body.stage, seat.id)
            return replace(free, votes=(*others, vote), started=True)
        case e.AnswerVoided(seat=voided):
            return replace(task, votes=_without(task, task.stage, voided))
        case e.TaskAdvanced(stage=stage, opening=opening):
            return _stage_opened(replace(free, stage=stage), event, opening)
        case e.ChangesRequested(comment=comment):
            told = Round(comment=comment, by=event.actor, at=event.at, content=task.content)
            rounds = (*task.rounds, told)
            return replace(free, awaiting_revision=True, rounds=rounds, votes=())
        case e.TaskRevised(content=content, opening=opening):
            first = task.ask.first_stage
            task = replace(task, awaiting_revision=False, content=content, stage=first)
            return _stage_opened(task, event, opening)
        case _:
            assert_never(body)


def _stage_opened(task: Task, event: e.Event, opening: Opening) -> Task:
    return replace(
        task,
        stage_opened_at=event.at,
        deadline=task.deadline_at(event.at),
        schedule=opening.schedule,
        behind=0,
        past=(),
        instead=opening.picked,
        added=(),
        stand_ins=opening.stand_ins,
        started=False,
        paused_at=None,
        pause_ends=None,
        snoozed_until=None,
    )


def _without(task: Task, stage: int, seat: str) -> tuple[Vote, ...]:
    return tuple(vote for vote in task.votes if (vote.stage, vote.seat) != (stage, seat))


def _closed(
    task: Task, event: e.Event, state: TaskState, reason: str, decision: Decision | None = None
) -> Task:
    return replace(
        task,
        state=state,
        claimed_by=None,
        awaiting_revision=False,
        schedule=task.schedule if task.paused_at is None else task.resumed_at(event.at),
        behind=task.behind if task.paused_at is None else 0,
        paused_at=None,
        pause_ends=None,
        decision=decision,
        closed_at=event.at,
        closed_because=reason,
    )


def _decision(task: Task, event: e.Event, body: e.TaskConcluded) -> Decision:
    given = [vote.strength for vote in task.votes if vote.by.id == event.actor.id]
    return Decision(
        outcome=body.outcome,
        by=event.actor,
        at=event.at,
        comment=body.comment,
        data=body.data,
        evidence=body.evidence,
        strength=given[-1] if given else None,
    )
