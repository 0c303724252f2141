"""Who may read what: an agent its own work, a person what asks them, readers everything.

A person also reads what they watch, what they were told of, and what they may answer in the place
of another. Deciding is another matter: who watches decides nothing.

Pure. What somebody may not see answers exactly as if it were not there.
"""

from __future__ import annotations

from collections.abc import Sequence

from signoff.core import events as e
from signoff.core.events import Event
from signoff.core.routing import Person, Selector, selected
from signoff.core.task import StandIn, Task
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


def reads_whole(caller: Caller, agent: str) -> bool:
    """Whether this key reads of an intent also where it comes from and whose data it holds.

    Whoever is only asked something in it does not.
    """
    return reads_all(caller) or owns(caller, agent)


def asks_now(task: Task, person: Person) -> bool:
    """Whether the task asks this person, or lets them answer in the place of another.

    As far as its present stage says: whether that one may still answer is for the rules to say.
    """
    asked = task.asked
    if selected(asked.exclude, person):
        return False
    return selected(asked.who, person) or _stands_in(task.stand_ins, person)


def may_see(found: FoundTask, history: Sequence[Event], person: Person) -> bool:
    """Asked now or before, told of it, watching, has said something, or reads all by role.

    :param history: the events of the task's intent.
    """
    task = found.task
    if reads_all_by_role(person) or selected(task.watchers, person) or asks_now(task, person):
        return True
    about = [event for event in history if _task_of(event) == task.id]
    if any(event.actor.id == person.id and isinstance(event.body, _SAID) for event in about):
        return True
    if any(selected(_told(event.body), person) for event in about):
        return True
    reached = task.ask.stages[: task.stage + 1]
    if any(
        selected(stage.who, person) and not selected(stage.exclude, person)
        for stage in reached
        if stage.applies
    ):
        return True
    if selected(task.asked.exclude, person):
        return False
    return any(_came(event.body, person) for event in about)


_SAID = (e.TaskAnswered, e.TaskCommented, e.TaskDelegated)


def _task_of(event: Event) -> str | None:
    return getattr(event.body, "task_id", None)


def _told(body: e.Body) -> tuple[Selector, ...]:
    """Whom something told of the task without asking them."""
    return body.to if isinstance(body, e.TaskNotified) else ()


def _came(body: e.Body, person: Person) -> bool:
    """Whether something brought this person to the task: by name, role, group or as a deputy."""
    match body:
        case e.TaskEscalated(to=to) | e.TaskReassigned(to=to):
            return selected(to, person) or _stands_in(body.stand_ins, person)
        case e.TaskOpened(opening=opening) | e.TaskAdvanced(opening=opening):
            return _stands_in(opening.stand_ins, person)
        case e.TaskRevised(opening=opening):
            return _stands_in(opening.stand_ins, person)
        case e.TaskDelegated(stand_in=given):
            return given.deputy.id == person.id
        case _:
            return False


def _stands_in(given: Sequence[StandIn], person: Person) -> bool:
    return any(each.deputy.id == person.id for each in given)
