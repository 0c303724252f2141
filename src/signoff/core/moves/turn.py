"""One command being decided: the state so far and the events that led there.

A turn is thrown away when a move raises, so a refused command has changed nothing.
"""

from __future__ import annotations

from datetime import datetime

from signoff.core import events as e
from signoff.core.intent import Intent, evolve
from signoff.core.openings import open_stage
from signoff.core.routing import Actor, Directory, Person
from signoff.core.tally import barred
from signoff.core.task import Ask, Opening, Task
from signoff.core.words import ActorKind, IntentId, IntentStatus, TaskId
from signoff.errors import AgentMayNotDecide, NotAPerson, NotFound


class Turn:
    """Moves read the state and ``now`` and write by ``emit`` alone. ``after`` is what they made."""

    __slots__ = ("actor", "after", "directory", "events", "intent_id", "now")

    def __init__(
        self,
        state: Intent | None,
        actor: Actor,
        now: datetime,
        directory: Directory,
        intent_id: IntentId,
    ) -> None:
        self.after = state
        self.actor = actor
        self.now = now
        self.directory = directory
        self.intent_id = intent_id
        self.events: list[e.Event] = []

    @property
    def state(self) -> Intent:
        if self.after is None:
            raise NotFound(f"there is no intent {self.intent_id}")
        return self.after

    def emit(self, body: e.Body, *, by: Actor | None = None) -> None:
        """Make it so: number the event, apply it, and go on from the state after it."""
        seq = (self.after.seq if self.after else 0) + 1
        event = e.Event(seq=seq, at=self.now, actor=by or self.actor, body=body)
        self.after = evolve(self.after, event, intent_id=self.intent_id)
        self.events.append(event)

    def task(self, task_id: TaskId) -> Task:
        task = self.after.tasks.get(task_id) if self.after else None
        if task is None:
            raise NotFound(f"there is no task {task_id}")
        return task

    def opening(self, ask: Ask, stage: int, *, after: Task | None = None) -> Opening:
        """What the opening of a stage comes to now.

        :param after: the task whose next stage, or new round, it is.
        """
        deadline = ask.deadline if after is None else after.deadline_at(self.now)
        given = after.votes if after is not None else ()
        return open_stage(
            ask,
            stage,
            self.directory,
            now=self.now,
            until=min(filter(None, (deadline, self.state.deadline)), default=None),
            barred=self.barred(ask),
            seen=frozenset(each for vote in given for each in (vote.by.id, vote.seat)),
        )

    def barred(self, ask: Ask) -> tuple[str, ...]:
        """References to those who never decide on this ask."""
        return barred(ask, self.state.requesters)

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
        self._drop_overrides()
        state = self.state
        if state.terminal:
            return
        waits_for = state.waits_for()
        if waits_for is None:
            if state.status is IntentStatus.WAITING:
                self.emit(e.IntentResumed())
        elif waits_for is not state.waiting_reason:
            self.emit(e.IntentWaiting(reason=waits_for))

    def _drop_overrides(self) -> None:
        """Ask operators no longer once there is nothing left for them to decide."""
        for task in self.after.tasks.values() if self.after else ():
            asked = self.state.tasks.get(task.override_task) if task.override_task else None
            if asked is not None and asked.live and not task.live:
                reason = "the task it was asked for is closed"
                self.emit(e.TaskWithdrawn(task_id=asked.id, reason=reason))

    def close_tasks(self, reason: str) -> None:
        """Withdraw whatever people are still asked, before the intent ends."""
        for task in self.state.live_tasks:
            self.emit(e.TaskWithdrawn(task_id=task.id, reason=reason))
