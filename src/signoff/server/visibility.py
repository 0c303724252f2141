"""Who may read what. An agent reads its own work, a person what asks them, readers everything.

Pure. What somebody may not see answers exactly as if it were not there.
"""

from __future__ import annotations

from collections.abc import Sequence

from signoff.core.events import Event, TaskAnswered, TaskEscalated
from signoff.core.routing import Person, Selector, selected
from signoff.core.task import Task
from signoff.engine.ports import FoundTask, KeyKind
from signoff.server.auth import Caller

READING_ROLES = frozenset({"administrator", "operator"})


def reads_all(caller: Caller) -> bool:
    """Whether this key reads everything in its workspace."""
    if caller.kind in (KeyKind.ADMIN, KeyKind.AUDITOR):
        return True
    return caller.person is not None and reads_all_by_role(caller.person)


def reads_all_by_role(person: Person) -> bool:
    return not READING_ROLES.isdisjoint(person.roles)


def owns(caller: Caller, agent: str) -> bool:
    """Whether this is a key of the agent that the work belongs to."""
    return caller.kind is KeyKind.AGENT and caller.agent == agent


def asks_now(task: Task, person: Person) -> bool:
    """Whether the task asks this person, as far as its present stage says."""
    asked = task.asked
    return not selected(asked.exclude, person) and selected(asked.who, person)


def may_see(found: FoundTask, history: Sequence[Event], person: Person) -> bool:
    """Asked now or before, has answered, or reads everything by role.

    :param history: the events of the task's intent.
    """
    if reads_all_by_role(person):
        return True
    task = found.task
    reached = task.ask.stages[: task.stage + 1]
    if any(
        selected(stage.who, person) and not selected(stage.exclude, person) for stage in reached
    ):
        return True
    if selected(_escalated_to(task, history), person) and not selected(task.asked.exclude, person):
        return True
    return any(event.actor.id == person.id for event in _answers(task, history))


def _answers(task: Task, history: Sequence[Event]) -> list[Event]:
    return [
        event
        for event in history
        if isinstance(event.body, TaskAnswered) and event.body.task_id == task.id
    ]


def _escalated_to(task: Task, history: Sequence[Event]) -> list[Selector]:
    return [
        selector
        for event in history
        if isinstance(event.body, TaskEscalated) and event.body.task_id == task.id
        for selector in event.body.to
    ]
