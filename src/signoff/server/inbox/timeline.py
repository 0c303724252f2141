"""One run as a picture: its steps, its tasks and what happened to them, who was told, and when the
agent went on.

Pure. Time runs to the right, but not evenly: a night is wider than a second and no thousand times
as wide, so that all of it fits. What the picture shows is told beside it as a list, for those who
do not see it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signoff.core import events as e
from signoff.core.events import Event
from signoff.core.words import TaskId
from signoff.engine.notices import Notice, NoticeState
from signoff.language import _

WIDTH = 1000
LEFT = 150
RIGHT = 970
ROW = 44
TOP = 30
_LEAST, _MOST_GAP = 1.0, 9.0

_TASK_MARKS = {
    "task.claimed": ("claim", "claimed"),
    "task.released": ("claim", "released"),
    "task.reminded": ("rung", "reminder"),
    "task.notified": ("rung", "told of it"),
    "task.escalated": ("rung", "escalated"),
    "task.reassigned": ("rung", "reassigned"),
    "task.delegated": ("claim", "delegated"),
    "task.rung_skipped": ("rung", "rung skipped"),
    "task.paused": ("claim", "paused"),
    "task.resumed": ("claim", "clock went on"),
    "task.snoozed": ("claim", "snoozed"),
    "task.extended": ("rung", "given more time"),
    "task.commented": ("said", "comment"),
    "task.answered": ("answer", "answered"),
    "task.answer_voided": ("answer", "answer voided"),
    "task.advanced": ("answer", "on to the next stage"),
    "task.changes_requested": ("answer", "changes asked for"),
    "task.revised": ("step", "new version"),
    "task.concluded": ("end", "decided"),
    "task.expired": ("end", "expired"),
    "task.withdrawn": ("end", "withdrawn"),
    "task.overridden": ("end", "overridden"),
}
_RUN_MARKS = {
    "intent.submitted": ("step", "submitted"),
    "intent.started": ("step", "started"),
    "intent.resumed": ("step", "went on"),
    "intent.completed": ("end", "completed"),
    "intent.failed": ("end", "failed"),
    "intent.canceled": ("end", "canceled"),
    "intent.timed_out": ("end", "timed out"),
    "intent.overridden": ("end", "taken over"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened, at a place. ``kind`` says how it is drawn."""

    x: int
    y: int
    kind: str
    says: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of time in which something was open."""

    x: int
    y: int
    width: int
    kind: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One row: the run, one of its tasks, or what people were told."""

    y: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A moment the axis names."""

    x: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    height: int
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUp:
    """When the agent read what became of a task."""

    task_id: TaskId
    at: datetime


def timeline(
    history: Sequence[Event],
    notices: Sequence[Notice] = (),
    pickups: Sequence[PickUp] = (),
    *,
    now: datetime,
) -> Timeline:
    """Lay one run out.

    :param history: its events in order; none gives an empty picture.
    :param now: where a run that goes on ends for now.
    """
    moments = [each.at for each in history]
    moments += [each.at for each in notices] + [each.at for each in pickups]
    scale = _Scale([*moments, now] if _goes_on(history) else moments)
    tasks = _tasks(history)
    rows = {task_id: index + 1 for index, task_id in enumerate(tasks)}
    told = len(rows) + 1 if notices else None
    marks = [*_marks(history, rows, scale), *_picked(pickups, rows, scale)]
    if told is not None:
        marks += _told(notices, told, scale)
    lanes = [Lane(y=_y(0), label=_("The run"))]
    lanes += [Lane(y=_y(rows[each]), label=tasks[each]) for each in tasks]
    lanes += [Lane(y=_y(told), label=_("Notices"))] if told is not None else []
    return Timeline(
        height=TOP + ROW * len(lanes) + 30,
        lanes=tuple(lanes),
        bars=tuple(_bars(history, rows, scale, now)),
        marks=tuple(sorted(marks, key=lambda each: each.at)),
        ticks=tuple(scale.ticks()),
    )


class _Scale:
    """Where moments stand: each gap is as wide as the logarithm of its length."""

    def __init__(self, moments: Sequence[datetime]) -> None:
        self._known = sorted(set(moments))
        place, self._places = 0.0, dict[datetime, float]()
        for before, at in zip([None, *self._known], self._known, strict=False):
            if before is not None:
                seconds = (at - before).total_seconds()
                place += min(_MOST_GAP, _LEAST + math.log10(1 + seconds))
            self._places[at] = place
        self._whole = place or 1.0

    def __call__(self, at: datetime) -> int:
        return round(LEFT + (RIGHT - LEFT) * self._places[at] / self._whole)

    def ticks(self) -> Iterator[Tick]:
        """The first and last moment, and those after the longest gaps."""
        if not self._known:
            return
        longest = sorted(
            range(1, len(self._known)),
            key=lambda index: self._known[index] - self._known[index - 1],
            reverse=True,
        )
        chosen = {0, len(self._known) - 1, *longest[:2]}
        last = -WIDTH
        for index in sorted(chosen):
            x = self(self._known[index])
            if x - last > 150:
                last = x
                yield Tick(x=x, at=self._known[index])


def _y(row: int) -> int:
    return TOP + ROW * row + ROW // 2


def _goes_on(history: Sequence[Event]) -> bool:
    return bool(history) and _RUN_MARKS.get(history[-1].body.type, ("",))[0] != "end"


def _tasks(history: Sequence[Event]) -> dict[TaskId, str]:
    """The tasks of the run in the order in which they were opened, by title."""
    opened = (event.body for event in history if isinstance(event.body, e.TaskOpened))
    return {body.task_id: body.ask.title for body in opened}


def _task_of(event: Event) -> TaskId | None:
    found: TaskId | None = getattr(event.body, "task_id", None)
    return found


def _marks(history: Sequence[Event], rows: dict[TaskId, int], scale: _Scale) -> Iterator[Mark]:
    for event in history:
        kind, says = _mark_of(event)
        if not kind:
            continue
        task_id = _task_of(event)
        row = rows.get(task_id, 0) if task_id else 0
        yield Mark(x=scale(event.at), y=_y(row), kind=kind, says=says, at=event.at)


def _mark_of(event: Event) -> tuple[str, str]:
    body = event.body
    if isinstance(body, e.StepRecorded):
        return "step", body.name
    kind, says = _TASK_MARKS.get(body.type) or _RUN_MARKS.get(body.type) or ("", "")
    if isinstance(body, e.TaskAnswered):
        return kind, f"{event.actor.label}: {body.outcome}"
    if isinstance(body, e.TaskConcluded):
        return kind, f"{says}: {body.outcome}"
    return kind, says


def _picked(pickups: Sequence[PickUp], rows: dict[TaskId, int], scale: _Scale) -> Iterator[Mark]:
    for each in pickups:
        if each.task_id in rows:
            y = _y(rows[each.task_id])
            yield Mark(x=scale(each.at), y=y, kind="pickup", says=_("picked up"), at=each.at)


def _told(notices: Sequence[Notice], row: int, scale: _Scale) -> Iterator[Mark]:
    for each in notices:
        kind = "failed" if each.state is NoticeState.FAILED else "told"
        says = f"{each.channel}: {each.reason}, {each.state.value}"
        yield Mark(x=scale(each.at), y=_y(row), kind=kind, says=says, at=each.at)


def _bars(
    history: Sequence[Event], rows: dict[TaskId, int], scale: _Scale, now: datetime
) -> Iterator[Bar]:
    if not history:
        return
    end = now if _goes_on(history) else history[-1].at
    yield _bar(scale, history[0].at, end, row=0, kind="run", says=_("The run"))
    opened: dict[TaskId, datetime] = {}
    for event in history:
        task_id = _task_of(event)
        if isinstance(event.body, e.TaskOpened) and task_id:
            opened[task_id] = event.at
        elif task_id in opened and _TASK_MARKS.get(event.body.type, ("",))[0] == "end":
            began = opened.pop(task_id)
            yield _bar(scale, began, event.at, row=rows[task_id], kind="task", says=_("open"))
    for task_id, began in opened.items():
        yield _bar(scale, began, end, row=rows[task_id], kind="task", says=_("open"))


def _bar(scale: _Scale, began: datetime, ended: datetime, *, row: int, kind: str, says: str) -> Bar:
    x, end = scale(began), scale(ended)
    lasted = str(timedelta(seconds=round((ended - began).total_seconds())))
    return Bar(x=x, y=_y(row), width=max(2, end - x), kind=kind, says=f"{says} {lasted}")
