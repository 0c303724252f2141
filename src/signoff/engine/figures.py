"""What operators look at: how long people take, what comes of it, and where it sticks.

The figures are counted here, from rows of tasks that have closed; a store only finds the rows. They
are of the newest ``MOST`` at most, and say so where that is not all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from signoff.core.words import IntentId, TaskId, TaskState, TaskType, WorkspaceId
from signoff.engine.notices import Notice

T = TypeVar("T")

MOST = 20_000
QUICK = timedelta(seconds=5)
"""Whoever has looked at a task for less than this has hardly read it."""

_FEW = 10
_NEARLY_ALL = 0.95
_HARDLY_AGAINST = frozenset({"approved", "confirmed", "completed", "submitted", "answered"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTask:
    """One task that has closed.

    :param closed_by: the person who decided it, where somebody did.
    :param seen_at: when that person was first shown it, where that is known.
    """

    type: TaskType
    state: TaskState
    outcome: str | None
    opened_at: datetime
    closed_at: datetime
    closed_by: str | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTasks:
    """What waits just now; ``oldest`` is when the one that has waited longest was opened."""

    count: int = 0
    high: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A decision that its agent has not picked up."""

    task_id: TaskId
    intent_id: IntentId
    agent: str
    title: str
    since: datetime
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentHealth:
    """How an agent is doing. Counts go as far as a store counts.

    :param last_at: when anything last happened in its newest run.
    """

    agent: str
    waiting: int
    working: int
    failed: int
    last_at: datetime | None
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """How one person decides. ``dwell`` is the median of how long they looked first."""

    person_id: str
    decisions: int
    favourable: float
    dwell: timedelta | None
    quick: float

    @property
    def signal(self) -> bool:
        """Whether they seem to wave everything through: many, nearly all, hardly read."""
        often = self.decisions >= _FEW
        return often and self.favourable >= _NEARLY_ALL and self.quick >= 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of the tasks that closed within a time.

    :param hours: how many people decided, hour by hour, the earliest first.
    :param median: how long it took from opening to the decision of a person; ``p90`` likewise.
    :param in_time: the share that a person decided before its ladder closed it.
    :param outcomes: for each type how often what came of it.
    :param complete: whether these are all of them.
    """

    since: datetime
    until: datetime
    decided: int
    hours: tuple[int, ...]
    median: timedelta | None
    p90: timedelta | None
    in_time: float | None
    outcomes: Mapping[TaskType, Mapping[str, int]]
    deciders: tuple[Decider, ...]
    complete: bool


def figures(
    closed: Sequence[ClosedTask], *, since: datetime, until: datetime, most: int = MOST
) -> Figures:
    """Count what came of the tasks that closed between two moments."""
    people = [each for each in closed if each.closed_by is not None]
    took = sorted(each.closed_at - each.opened_at for each in people)
    late = sum(1 for each in closed if each.state is TaskState.EXPIRED or _by_the_clock(each))
    outcomes: defaultdict[TaskType, Counter[str]] = defaultdict(Counter)
    for each in closed:
        outcomes[each.type][each.outcome or each.state.value] += 1
    return Figures(
        since=since,
        until=until,
        decided=len(people),
        hours=_by_hour(people, since, until),
        median=_share(took, 0.5),
        p90=_share(took, 0.9),
        in_time=len(people) / (len(people) + late) if people or late else None,
        outcomes={kind: dict(counts) for kind, counts in sorted(outcomes.items())},
        deciders=_deciders(people),
        complete=len(closed) < most,
    )


def _by_the_clock(task: ClosedTask) -> bool:
    """Whether its ladder decided it, because nobody had."""
    return task.state is TaskState.CONCLUDED and task.closed_by is None


def _by_hour(people: Sequence[ClosedTask], since: datetime, until: datetime) -> tuple[int, ...]:
    hours = [0] * max(1, round((until - since) / timedelta(hours=1)))
    for each in people:
        at = int((each.closed_at - since) / timedelta(hours=1))
        if 0 <= at < len(hours):
            hours[at] += 1
    return tuple(hours)


def _share(took: Sequence[timedelta], share: float) -> timedelta | None:
    """The time within which that share of them was decided (nearest rank)."""
    if not took:
        return None
    rank = -int(-share * len(took) // 1)
    return took[max(0, rank - 1)]


def _deciders(people: Sequence[ClosedTask]) -> tuple[Decider, ...]:
    by_person: defaultdict[str, list[ClosedTask]] = defaultdict(list)
    for each in people:
        by_person[each.closed_by or ""].append(each)
    found = (_decider(person_id, tasks) for person_id, tasks in by_person.items())
    return tuple(sorted(found, key=lambda each: (-each.decisions, each.person_id)))


def _decider(person_id: str, tasks: Sequence[ClosedTask]) -> Decider:
    looked = [each.closed_at - each.seen_at for each in tasks if each.seen_at is not None]
    return Decider(
        person_id=person_id,
        decisions=len(tasks),
        favourable=_part(tasks, lambda each: each.outcome in _HARDLY_AGAINST),
        dwell=_share(sorted(looked), 0.5),
        quick=_part(looked, lambda dwell: dwell < QUICK),
    )


def _part(of: Sequence[T], holds: Callable[[T], bool]) -> float:
    return sum(map(holds, of)) / len(of) if of else 0.0


class FigureStore(Protocol):
    async def closed_tasks(
        self, workspace: WorkspaceId, *, since: datetime, limit: int
    ) -> Sequence[ClosedTask]:
        """Tasks that have closed since a moment, the newest first."""
        ...

    async def open_tasks(self, workspace: WorkspaceId) -> OpenTasks: ...
    async def failed_notices(
        self, workspace: WorkspaceId, *, since: datetime, limit: int
    ) -> Sequence[Notice]:
        """Notices that reached nobody, the newest first."""
        ...

    async def unread(
        self, workspace: WorkspaceId, *, before: datetime, limit: int
    ) -> Sequence[Unread]:
        """Decisions from before a moment that their agents have not picked up, oldest first."""
        ...

    async def tell_again(self, workspace: WorkspaceId, task_ids: Sequence[TaskId]) -> int:
        """Tell agents at once of decisions they have not picked up; of how many."""
        ...

    async def agents(self, workspace: WorkspaceId) -> Sequence[AgentHealth]: ...
