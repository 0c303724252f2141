"""The laws of time, checked from outside after every step.

What was promised is taken from the events alone: every firing of every schedule is an entry in the
book of its task, to be crossed out once, by the event that says it fired or why it did not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

import apsw

from signoff.core import events as e
from signoff.core.commands import TimerKind
from signoff.core.intent import Intent, evolve
from signoff.core.ladder import CLOSING, Do, Firing, Rung, Schedule
from signoff.core.task import Task
from signoff.core.words import ActorKind, IntentId, OutageRule, TaskId, WorkspaceId
from signoff.storage.sqlite import reading
from signoff.storage.sqlite.values import moment

NOTICEABLY_LATE = timedelta(seconds=60)

_FIRED = {
    e.TaskReminded: Do.REMIND,
    e.TaskNotified: Do.NOTIFY,
    e.TaskEscalated: Do.ESCALATE,
    e.TaskReassigned: Do.REASSIGN,
    e.OverrideAsked: Do.OVERRIDE,
}
_Rescheduled = e.TaskRecovered | e.TaskResumed | e.TaskSnoozed | e.TaskExtended

_Key = tuple[int | None, int]


class LawBroken(AssertionError):
    """What a law forbids has happened."""


@dataclass(slots=True)
class Book:
    """What one task has been promised and has not got yet."""

    pending: list[Firing]
    outage: OutageRule
    started: bool = False
    paused_at: datetime | None = None
    pause_ends: datetime | None = None
    open: bool = True
    decided: bool = False
    rungs: frozenset[int] = frozenset()
    """Rungs that close only what nobody has begun."""

    def reopened(self, schedule: Schedule, task: Task) -> None:
        self.pending = list(schedule)
        self.started = False
        self.paused_at = self.pause_ends = None
        self.rungs = frozenset(n for n, rung in enumerate(task.ladder) if rung.unless_claimed)

    @property
    def next_at(self) -> datetime:
        return self.pause_ends or self.pending[0].at

    @property
    def due(self) -> datetime:
        """The deadline in force: what comes at or after it comes too late."""
        binding = (
            f
            for f in self.pending
            if f.do in CLOSING and not (self.started and f.rung in self.rungs)
        )
        closing = next(binding, self.pending[-1]).at
        if self.paused_at is None or self.pause_ends is None:
            return closing
        return self.pause_ends + (closing - self.paused_at)


@dataclass(slots=True)
class Laws:
    """Everything that has been seen of one simulated workspace, and what must be so."""

    connection: apsw.Connection
    workspace: WorkspaceId
    intents: dict[IntentId, Intent] = field(default_factory=dict)
    books: dict[TaskId, Book] = field(default_factory=dict)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def live(self) -> list[tuple[Intent, Task]]:
        """Every task that waits, with its intent."""
        return [(i, task) for i in self.intents.values() if not i.terminal for task in i.live_tasks]

    def check(self) -> None:
        """Read what is on disk, and hold it against the laws.

        :raises LawBroken: something has happened that must not, or has not that must.
        """
        for intent_id, seq in self._sequences():
            known = self.intents.get(intent_id)
            if known is None or known.seq != seq:
                self._catch_up(intent_id, known)
        self._one_timer_each()

    def _sequences(self) -> list[tuple[IntentId, int]]:
        rows = self.connection.execute("select id, seq from intent").fetchall()
        return cast(list[tuple[IntentId, int]], rows)

    def _catch_up(self, intent_id: IntentId, state: Intent | None) -> None:
        after = state.seq if state else 0
        new = reading.events(self.connection, self.workspace, intent_id, after=after, limit=10_000)
        for event in new:
            before = state
            state = evolve(before, event, intent_id=intent_id)
            self._happened(before, event, state)
            self.seen[event.body.type] += 1
        stored = reading.intent(self.connection, self.workspace, intent_id)
        if state is None or stored is None:
            raise LawBroken(f"{intent_id} has no events, or no state")
        live = {task.id: task for task in state.live_tasks}
        if stored != replace(state, tasks=live):
            raise LawBroken(f"what the events of {intent_id} make is not what is stored of it")
        self.intents[intent_id] = state

    def _one_timer_each(self) -> None:
        """Law 5: what waits has exactly one armed next rung, and nothing else is armed."""
        rows = self.connection.execute("select task_id, kind, intent_id, due_at from timer")
        found = cast(list[tuple[str, str, str, int]], rows.fetchall())
        armed = {(kind, task or intent): moment(due) for task, kind, intent, due in found}
        expected: dict[tuple[object, object], datetime] = {}
        for intent in self.intents.values():
            if intent.terminal:
                continue
            for task in intent.live_tasks:
                expected[TimerKind.RUNG, task.id] = self.books[task.id].next_at
            if intent.deadline is not None:
                expected[TimerKind.DEADLINE, intent.id] = intent.deadline
            if intent.next_sleep is not None:
                expected[TimerKind.SLEEP, intent.id] = intent.next_sleep[1]
        if armed != expected:
            raise LawBroken(f"armed are {armed}, to be armed {expected}")

    # What one event may be

    def _happened(self, before: Intent | None, event: e.Event, after: Intent) -> None:
        body = event.body
        if before is not None and before.terminal:
            raise LawBroken(f"{body.type} happened to an intent that has ended")
        if not isinstance(body, e.TaskBody):
            return
        if isinstance(body, e.TaskOpened):
            self.books[body.task_id] = Book(pending=[], outage=body.ask.outage)
        book = self.books[body.task_id]
        if not book.open:
            raise LawBroken(f"{body.type} happened to a task that has closed")
        task = after.tasks[body.task_id]
        match body:
            case e.TaskOpened() | e.TaskAdvanced() | e.TaskRevised():
                book.reopened(body.opening.schedule, task)
                self._within(after.deadline, body.opening.schedule, event)
            case e.TaskAnswered() | e.TaskClaimed():
                self._in_time(book, event, after.deadline)
                book.started = True
            case e.TaskPaused(until=until):
                book.paused_at, book.pause_ends = event.at, until
            case e.TaskRecovered() | e.TaskResumed() | e.TaskSnoozed() | e.TaskExtended():
                self._rescheduled(book, event, body, task.ladder)
                self._within(after.deadline, body.schedule, event)
            case e.RungSkipped():
                self._skipped(book, event, body)
            case e.TaskExpired() | e.TaskConcluded():
                self._closed(book, event, body, after.deadline)
            case e.TaskWithdrawn() | e.TaskOverridden():
                book.open = False
            case _:
                self._fired(book, event, body)

    def _in_time(self, book: Book, event: e.Event, deadline: datetime | None) -> None:
        """Law 7: nothing is accepted at or after the deadline in force."""
        due = book.due if deadline is None else min(book.due, deadline)
        if event.at >= due:
            raise LawBroken(f"{event.body.type} at {event.at}, and the deadline was {due}")

    def _within(self, deadline: datetime | None, schedule: Schedule, event: e.Event) -> None:
        if not isinstance(event.body, _Rescheduled) and schedule[-1].at <= event.at:
            raise LawBroken(f"{event.body.type} at {event.at}: it is over before it begins")
        if deadline is not None and schedule[-1].at > deadline:
            raise LawBroken(f"a task would end at {schedule[-1].at}, its intent at {deadline}")

    # Law 6: a rung fires once, never early; late or skipped carries a reason

    def _fired(self, book: Book, event: e.Event, body: e.TaskBody) -> None:
        do = _FIRED.get(type(body))
        due_at = getattr(body, "due_at", None)
        if do is None or due_at is None:
            return
        rung = getattr(body, "rung", None)
        self._cross_out(book, event, (rung, getattr(body, "nth", 1)), due_at, do)
        late = getattr(body, "late", None)
        if event.at - due_at > NOTICEABLY_LATE and not late:
            raise LawBroken(f"{body.type} came {event.at - due_at} late, and says no reason")
        if book.paused_at is not None:
            raise LawBroken(f"{body.type} although the clock of the task stands still")

    def _skipped(self, book: Book, event: e.Event, body: e.RungSkipped) -> None:
        if not body.reason:
            raise LawBroken("a rung was skipped without a reason")
        self._cross_out(book, event, (body.rung, body.nth), body.due_at, None)

    def _closed(
        self,
        book: Book,
        event: e.Event,
        body: e.TaskExpired | e.TaskConcluded,
        deadline: datetime | None,
    ) -> None:
        book.open = False
        if event.actor.kind is ActorKind.PERSON:
            return
        due_at = body.due_at if isinstance(body, e.TaskExpired) else book.pending[0].at
        do = Do.FAIL if isinstance(body, e.TaskExpired) else Do.CONCLUDE
        key = book.pending[0].rung, book.pending[0].nth
        self._cross_out(book, event, key, due_at, do)
        missed = any(start < due_at < end for start, end in self.outages)
        if missed and book.outage is OutageRule.FAIR and due_at != deadline:
            raise LawBroken(f"{body.type} by a deadline that passed while no server ran: {due_at}")

    def _cross_out(
        self, book: Book, event: e.Event, key: _Key, due_at: datetime, do: Do | None
    ) -> None:
        where = f"{event.body.type} {key} at {event.at}"
        if event.at < due_at:
            raise LawBroken(f"{where} is early: it was due at {due_at}")
        for firing in book.pending:
            if (firing.rung, firing.nth) != key or firing.at != due_at:
                continue
            if do is None or firing.do is do:
                book.pending.remove(firing)
                return
        raise LawBroken(f"{where} is not to come, or came before; to come are {book.pending}")

    def _rescheduled(
        self, book: Book, event: e.Event, body: _Rescheduled, ladder: Sequence[Rung]
    ) -> None:
        """A new schedule brings nothing nearer, brings nothing back, and loses nothing.

        But for two things: a reminder asked for by snoozing is replaced by the next one, and what
        counts another kind of time than the end may come to lie behind it.
        """
        was = {(f.rung, f.nth, f.do): f for f in book.pending}
        now = {(f.rung, f.nth, f.do): f for f in body.schedule}
        end = body.schedule[-1]
        for key, firing in was.items():
            if firing.rung is None and firing.do is Do.REMIND:
                continue
            if key in now and now[key].at < firing.at:
                raise LawBroken(f"{body.type} brings {firing} forward to {now[key].at}")
            if key not in now and _by_calendar(firing, ladder) is _by_calendar(end, ladder):
                raise LawBroken(f"{body.type} loses {firing}, and now ends with {end}")
        for key, firing in now.items():
            if key not in was and firing.rung is not None:
                raise LawBroken(f"{body.type} brings back {firing}")
        if end.do not in CLOSING:
            raise LawBroken(f"{body.type} leaves the task without an end: {body.schedule}")
        if isinstance(body, e.TaskRecovered) and book.outage is not OutageRule.FAIR:
            raise LawBroken("a task that is strict about outages was given time back")
        if isinstance(body, e.TaskResumed):
            book.paused_at = book.pause_ends = None
        book.pending = list(body.schedule)


def _by_calendar(firing: Firing, ladder: Sequence[Rung]) -> bool | None:
    """Whether it counts working time; None for a moment that was set."""
    if firing.rung is None:
        return None
    rung = ladder[firing.rung]
    counted = rung.after if firing.nth == 1 or rung.every is None else rung.every
    return counted.needs_calendar
