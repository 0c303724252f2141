"""What is allowed, and what therefore happened: ``decide(state, command, now) -> events``.

A refused command raises a named error and nothing has happened. Time is an argument; whoever the
rules must know about is in ``directory``, read in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, assert_never

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.asking import AskRequest, favourable, judge, read_ask
from signoff.core.intent import TERMINAL, Intent, evolve
from signoff.core.ladder import Do, Firing, tick
from signoff.core.routing import Actor, Directory, Person, require_eligible, resolve
from signoff.core.task import Task
from signoff.core.tasks import review
from signoff.core.tasks.override import OVERRIDDEN, Takeover, read_takeover
from signoff.core.tasks.override import Answer as OverrideAnswer
from signoff.core.words import ActorKind, IntentId, IntentStatus, TaskId, TaskState, TaskType
from signoff.errors import (
    AgentMayNotDecide,
    AlreadyClaimed,
    AlreadyConcluded,
    Forbidden,
    IllegalMove,
    IntentClosed,
    InvalidInput,
    NotAPerson,
    NotClaimed,
    NotFound,
    SignoffError,
    StaleView,
    TaskExpired,
    TaskOverridden,
    TaskWithdrawn,
)

MAX_LIVE_TASKS = 100
OVERRIDE_ROLES = frozenset({"administrator", "operator"})

_LIVE = frozenset(IntentStatus) - TERMINAL - {IntentStatus.CREATED}
_WAITING = frozenset({IntentStatus.WAITING})

ALLOWED: Mapping[type[c.Command], frozenset[IntentStatus]] = {
    c.SubmitIntent: frozenset({IntentStatus.CREATED}),
    c.OpenTask: _LIVE,
    c.AnswerTask: _WAITING,
    c.ClaimTask: _WAITING,
    c.ReleaseTask: _WAITING,
    c.ReviseTask: _WAITING,
    c.WithdrawTask: _WAITING,
    c.RecordStep: _LIVE,
    c.Sleep: _LIVE,
    c.CompleteIntent: _LIVE,
    c.FailIntent: _LIVE,
    c.CancelIntent: _LIVE,
    c.OverrideIntent: _LIVE,
    c.FireTimer: _LIVE,
}
"""In which statuses each command can be taken at all. A test holds this against a literal."""


def decide(
    state: Intent | None,
    command: c.Command,
    *,
    now: datetime,
    directory: Directory,
    intent_id: IntentId,
) -> tuple[e.Event, ...]:
    """Return what happens because of the command, in order; nothing where nothing does.

    :param state: the intent with its live tasks and the one addressed; None before it exists.
    :param now: the store's time, read in the deciding transaction.
    :param directory: people the command names or is asked by, by id and by mail address.
    :raises SignoffError: a named refusal; then nothing has happened.
    """
    turn = _Turn(state, command.actor, now, directory, intent_id)
    status = state.status if state else IntentStatus.CREATED
    if isinstance(command, c.FireTimer):
        if status in _LIVE:
            _fire(turn, command)
        return tuple(turn.events)
    if task_id := _addressed(command):
        _require_live(turn.task(task_id))
    if status not in ALLOWED[type(command)]:
        raise _not_now(state, command)
    _HANDLERS[type(command)](turn, command)
    return tuple(turn.events)


class _Turn:
    """One command being decided: the state so far and the events that led there."""

    __slots__ = ("_state", "actor", "directory", "events", "intent_id", "now")

    def __init__(
        self,
        state: Intent | None,
        actor: Actor,
        now: datetime,
        directory: Directory,
        intent_id: IntentId,
    ) -> None:
        self._state = state
        self.actor = actor
        self.now = now
        self.directory = directory
        self.intent_id = intent_id
        self.events: list[e.Event] = []

    @property
    def state(self) -> Intent:
        if self._state is None:
            raise NotFound(f"there is no intent {self.intent_id}")
        return self._state

    def emit(self, body: e.Body, *, by: Actor | None = None) -> None:
        seq = (self._state.seq if self._state else 0) + 1
        event = e.Event(seq=seq, at=self.now, actor=by or self.actor, body=body)
        self._state = evolve(self._state, event, intent_id=self.intent_id)
        self.events.append(event)

    def task(self, task_id: TaskId) -> Task:
        task = self._state.tasks.get(task_id) if self._state else None
        if task is None:
            raise NotFound(f"there is no task {task_id}")
        return task

    def person(self) -> Person:
        """The acting person as the directory knows them now."""
        if self.actor.kind is ActorKind.AGENT:
            raise AgentMayNotDecide("an agent's key can never decide; a person has to")
        if self.actor.kind is not ActorKind.PERSON:
            raise NotAPerson("this key belongs to no person; use one made with --kind person")
        person = self.directory.get(self.actor.id)
        if person is None:
            raise NotFound("the person this key belongs to no longer exists")
        return person

    def settle(self) -> None:
        """Bring the status in line with what is waited for now."""
        state = self.state
        if state.terminal:
            return
        waits_for = state.waits_for()
        if waits_for is None:
            if state.status is IntentStatus.WAITING:
                self.emit(e.IntentResumed())
        elif waits_for is not state.waiting_reason:
            self.emit(e.IntentWaiting(reason=waits_for))


# Intents


def _submit(turn: _Turn, command: c.SubmitIntent) -> None:
    if command.deadline is not None and command.deadline <= turn.now:
        raise InvalidInput("the deadline of the intent has passed already")
    turn.emit(
        e.IntentSubmitted(
            workspace=command.workspace,
            intent_type=command.type,
            title=command.title,
            agent=command.agent,
            handled=command.handled,
            payload=command.payload,
            deadline=command.deadline,
            on_behalf_of=command.on_behalf_of,
        )
    )
    if command.task is not None:
        _open(turn, command.task)


def _open_task(turn: _Turn, command: c.OpenTask) -> None:
    if len(turn.state.live_tasks) >= MAX_LIVE_TASKS:
        raise InvalidInput(f"an intent waits on at most {MAX_LIVE_TASKS} tasks at a time")
    _open(turn, command.task)


def _open(turn: _Turn, request: AskRequest) -> None:
    ask = read_ask(request, turn.directory)
    turn.emit(e.TaskOpened(task_id=ask.id, ask=ask))
    turn.settle()


def _record_step(turn: _Turn, command: c.RecordStep) -> None:
    _start(turn)
    turn.emit(e.StepRecorded(name=command.name, kind=command.kind, output=command.output))


def _start(turn: _Turn) -> None:
    if turn.state.status in (
        IntentStatus.SUBMITTED,
        IntentStatus.DELIVERED,
        IntentStatus.ACKNOWLEDGED,
    ):
        turn.emit(e.IntentStarted())


def _sleep(turn: _Turn, command: c.Sleep) -> None:
    _start(turn)
    until = max(command.until, turn.now)
    turn.emit(e.StepRecorded(name=command.name, kind="sleep", output=until.isoformat()))
    turn.emit(e.IntentSleeping(name=command.name, until=until))
    turn.settle()


def _complete(turn: _Turn, command: c.CompleteIntent) -> None:
    if not turn.state.handled:
        raise IllegalMove("this intent completes with its task's decision, not with a result")
    if turn.state.live_tasks:
        raise IllegalMove("people are still being asked; withdraw the open tasks first")
    _start(turn)
    turn.emit(e.IntentCompleted(result=command.result))


def _fail(turn: _Turn, command: c.FailIntent) -> None:
    _close_tasks(turn, command.reason)
    turn.emit(e.IntentFailed(reason=command.reason))


def _cancel(turn: _Turn, command: c.CancelIntent) -> None:
    _close_tasks(turn, command.reason)
    turn.emit(e.IntentCanceled(reason=command.reason))


def _close_tasks(turn: _Turn, reason: str) -> None:
    for task in turn.state.live_tasks:
        turn.emit(e.TaskWithdrawn(task_id=task.id, reason=reason))


# Tasks


def _answer(turn: _Turn, command: c.AnswerTask) -> None:
    task = turn.task(command.task_id)
    person = turn.person()
    _require_in_time(task, turn.now)
    _require_asked(turn, task, person)
    if command.view_digest not in (None, task.view_digest):
        raise StaleView(
            "the task changed after it was shown to you; look at it again and decide then",
            about={"shown": command.view_digest, "current": task.view_digest},
        )
    answer, data = judge(task.ask, command.raw)
    raw = command.raw
    turn.emit(
        e.TaskAnswered(
            task_id=task.id,
            outcome=raw.outcome,
            stage=task.stage,
            round=len(task.rounds),
            data=data,
            comment=raw.comment,
            evidence=raw.evidence,
            view_digest=task.view_digest,
            channel=command.channel,
        )
    )
    if _asks_again(task, raw.outcome):
        turn.emit(e.ChangesRequested(task_id=task.id, comment=raw.comment or ""))
        turn.settle()
    elif favourable(task.ask, raw.outcome) and task.stage + 1 < len(task.ask.stages):
        turn.emit(e.TaskAdvanced(task_id=task.id, stage=task.stage + 1))
    else:
        _conclude(turn, task, command, data)
        if isinstance(answer, OverrideAnswer) and raw.outcome == OVERRIDDEN:
            _take_over(turn, answer, raw.comment or "", f"{task.id}-handover")


def _require_asked(turn: _Turn, task: Task, person: Person) -> None:
    barred = [reference for reference in (turn.state.on_behalf_of,) if reference]
    require_eligible(task.asked, person, barred=barred)
    if task.claimed_by is not None and task.claimed_by.id != person.id:
        raise AlreadyClaimed(
            f"{task.claimed_by.label} has claimed this task; ask them to release it",
            about={"claimed_by": task.claimed_by.label},
        )
    if task.awaiting_revision:
        raise IllegalMove("changes were requested; the agent has not handed in its revision yet")


def _asks_again(task: Task, outcome: str) -> bool:
    if task.ask.type is not TaskType.REVIEW:
        return False
    spec = review.Spec(**task.ask.spec)  # type: ignore[arg-type]
    return review.asks_again(spec, outcome, rounds=len(task.rounds))


def _conclude(turn: _Turn, task: Task, command: c.AnswerTask, data: Any) -> None:
    raw = command.raw
    turn.emit(
        e.TaskConcluded(
            task_id=task.id,
            outcome=raw.outcome,
            data=data,
            comment=raw.comment,
            evidence=raw.evidence,
            reason="answered",
        )
    )
    overridden = task.ask.type is TaskType.OVERRIDE and raw.outcome == OVERRIDDEN
    if not overridden:
        _after_conclusion(turn, task.id)


def _after_conclusion(turn: _Turn, task_id: TaskId) -> None:
    """The agent goes on; an intent nobody handles ends with its last decision."""
    turn.settle()
    if turn.state.handled or turn.state.live_tasks:
        return
    decision = turn.task(task_id).decision
    assert decision is not None
    result = {"task_id": task_id, "outcome": decision.outcome, "data": decision.data}
    turn.emit(e.IntentCompleted(result=result))


def _claim(turn: _Turn, command: c.ClaimTask) -> None:
    task = turn.task(command.task_id)
    person = turn.person()
    _require_asked(turn, task, person)
    if task.claimed_by is None:
        turn.emit(e.TaskClaimed(task_id=task.id))


def _release(turn: _Turn, command: c.ReleaseTask) -> None:
    task = turn.task(command.task_id)
    if task.claimed_by is None:
        raise NotClaimed(f"nobody has claimed task {task.id}")
    if turn.actor.kind is not ActorKind.ADMIN and turn.person().id != task.claimed_by.id:
        raise AlreadyClaimed(
            f"{task.claimed_by.label} has claimed this task; only they or an administrator "
            "can release it",
            about={"claimed_by": task.claimed_by.label},
        )
    turn.emit(e.TaskReleased(task_id=task.id, reason="released"))


def _revise(turn: _Turn, command: c.ReviseTask) -> None:
    task = turn.task(command.task_id)
    if not task.awaiting_revision:
        raise IllegalMove("nobody has requested changes to this task")
    turn.emit(e.TaskRevised(task_id=task.id, content=command.content))
    turn.settle()


def _withdraw(turn: _Turn, command: c.WithdrawTask) -> None:
    turn.emit(e.TaskWithdrawn(task_id=command.task_id, reason=command.reason))
    turn.settle()
    if not turn.state.handled and not turn.state.live_tasks:
        turn.emit(e.IntentCanceled(reason=command.reason))


# Overrides


def _override(turn: _Turn, command: c.OverrideIntent) -> None:
    person = turn.person()
    if person.disabled or OVERRIDE_ROLES.isdisjoint(person.roles):
        needed = " or ".join(sorted(OVERRIDE_ROLES))
        raise Forbidden(f"taking a run over needs the role {needed}")
    if not command.justification.strip():
        raise InvalidInput("a takeover needs a justification; say why in a sentence")
    _take_over(turn, read_takeover(command.data), command.justification, command.task_id)


def _take_over(turn: _Turn, answer: OverrideAnswer, justification: str, new_task: str) -> None:
    takeover = answer.takeover
    assert takeover is not None
    turn.emit(e.IntentOverridden(action=takeover, justification=justification))
    for task in turn.state.live_tasks:
        turn.emit(e.TaskOverridden(task_id=task.id, justification=justification))
    match takeover:
        case Takeover.STOP:
            turn.emit(e.IntentCanceled(reason=f"stopped by {turn.actor.label}: {justification}"))
        case Takeover.REPLACE:
            turn.emit(e.IntentCompleted(result=answer.result))
        case Takeover.HAND_OVER:
            _hand_over(turn, answer.to or "", justification, TaskId(new_task))
        case _:
            assert_never(takeover)


def _hand_over(turn: _Turn, to: str, justification: str, task_id: TaskId) -> None:
    resolve(to, turn.directory, field="data.to")
    fields = {
        "type": TaskType.MANUAL_ACTION,
        "title": f"Take over: {turn.state.title}"[:300],
        "instructions": justification,
        "assignee": to,
    }
    _open(turn, AskRequest(id=task_id, fields=fields))


# Time


def _fire(turn: _Turn, command: c.FireTimer) -> None:
    match command.kind:
        case c.TimerKind.DEADLINE:
            _time_out(turn)
        case c.TimerKind.SLEEP:
            _wake(turn)
        case c.TimerKind.RUNG:
            if command.task_id is not None and command.task_id in turn.state.tasks:
                _climb(turn, turn.task(command.task_id))
        case _:
            assert_never(command.kind)


def _time_out(turn: _Turn) -> None:
    deadline = turn.state.deadline
    if deadline is None or turn.now < deadline:
        return
    reason = "the intent's own deadline passed"
    _close_tasks(turn, reason)
    turn.emit(e.IntentTimedOut(reason=reason))


def _wake(turn: _Turn) -> None:
    due = [name for name, until in turn.state.sleeps.items() if until <= turn.now]
    for name in due:
        turn.emit(e.IntentAwoke(name=name))
    turn.settle()


def _climb(turn: _Turn, task: Task) -> None:
    if not task.live:
        return
    due = tick(task.ask.ladder, opened_at=task.opened_at, behind=task.behind, now=turn.now)
    if due is None:
        return
    for firing in due.skipped:
        turn.emit(
            e.RungSkipped(
                task_id=task.id,
                rung=firing.rung,
                nth=firing.nth,
                due_at=task.opened_at + firing.after,
                reason="a later rung was due too",
            )
        )
    _fire_rung(turn, task, due.fire)


def _fire_rung(turn: _Turn, task: Task, firing: Firing) -> None:
    rung = task.ask.ladder[firing.rung]
    due_at = task.opened_at + firing.after
    match rung.do:
        case Do.REMIND:
            turn.emit(
                e.TaskReminded(task_id=task.id, rung=firing.rung, nth=firing.nth, due_at=due_at)
            )
        case Do.ESCALATE:
            if task.state is TaskState.CLAIMED:
                turn.emit(e.TaskReleased(task_id=task.id, reason="escalated"))
            turn.emit(e.TaskEscalated(task_id=task.id, rung=firing.rung, due_at=due_at, to=rung.to))
        case Do.CONCLUDE:
            _conclude_late(turn, task, rung.outcome or "")
        case Do.FAIL:
            turn.emit(e.TaskExpired(task_id=task.id, due_at=due_at))
            _close_tasks(turn, "another task of the intent expired")
            turn.emit(e.IntentFailed(reason=f"nobody decided task {task.id} in time"))
        case _:
            assert_never(rung.do)


def _conclude_late(turn: _Turn, task: Task, outcome: str) -> None:
    turn.emit(
        e.TaskConcluded(
            task_id=task.id,
            outcome=outcome,
            data=None,
            comment=None,
            evidence=(),
            reason="nobody decided in time; the ladder concluded",
        )
    )
    _after_conclusion(turn, task.id)


# Refusals


def _addressed(command: c.Command) -> TaskId | None:
    if isinstance(
        command, c.AnswerTask | c.ClaimTask | c.ReleaseTask | c.ReviseTask | c.WithdrawTask
    ):
        return command.task_id
    return None


def _require_live(task: Task) -> None:
    if not task.live:
        raise why_closed(task)


def why_closed(task: Task) -> SignoffError:
    """The error that tells a loser what became of the task, who decided it, and when."""
    about: dict[str, Any] = {"task_id": task.id, "state": task.state}
    if task.decision is not None:
        won = task.decision
        about |= {"outcome": won.outcome, "by": won.by.label, "at": won.at.isoformat()}
        return AlreadyConcluded(
            f"{won.by.label} decided {won.outcome} at {won.at.isoformat()}", about=about
        )
    named = {
        TaskState.EXPIRED: TaskExpired,
        TaskState.WITHDRAWN: TaskWithdrawn,
        TaskState.OVERRIDDEN: TaskOverridden,
    }
    return named[task.state](f"task {task.id} is {task.state}: {task.closed_because}", about=about)


def _not_now(state: Intent | None, command: c.Command) -> SignoffError:
    if state is None:
        return NotFound("there is no such intent")
    verb = type(command).__name__
    if state.terminal:
        about = {"status": state.status, "reason": state.ended_because}
        return IntentClosed(
            f"intent {state.id} is {state.status}; {verb} comes too late", about=about
        )
    return IllegalMove(f"intent {state.id} is {state.status}; {verb} is not possible now")


def _require_in_time(task: Task, now: datetime) -> None:
    if now >= task.due_at:
        raise TaskExpired(
            f"the deadline of task {task.id} passed at {task.due_at.isoformat()}",
            about={"task_id": task.id, "due_at": task.due_at.isoformat()},
        )


_HANDLERS: Mapping[type[c.Command], Callable[[_Turn, Any], None]] = {
    c.SubmitIntent: _submit,
    c.OpenTask: _open_task,
    c.AnswerTask: _answer,
    c.ClaimTask: _claim,
    c.ReleaseTask: _release,
    c.ReviseTask: _revise,
    c.WithdrawTask: _withdraw,
    c.RecordStep: _record_step,
    c.Sleep: _sleep,
    c.CompleteIntent: _complete,
    c.FailIntent: _fail,
    c.CancelIntent: _cancel,
    c.OverrideIntent: _override,
}
