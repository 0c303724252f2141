"""The moves by which people change who is on a task: delegate, reassign, watch, unwatch.

Whoever is excluded, or wants what the task is about, is not brought in by any of them.
"""

from __future__ import annotations

from dataclasses import replace

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.chain import eligible, why_out
from signoff.core.moves.answers import require_asking, void_answers
from signoff.core.moves.overrides import OVERRIDE_ROLES
from signoff.core.moves.turn import Turn
from signoff.core.openings import stand_in, stand_ins_for
from signoff.core.routing import Person, Selector, SelectorKind, resolve, selected
from signoff.core.tally import seat_of, seen, votes
from signoff.core.task import StandIn, Task
from signoff.core.words import ActorKind, StandInReason
from signoff.errors import AlreadyAnswered, Forbidden, InvalidInput, NotEligible

MAX_REASSIGNED = 50
MAX_DELEGATIONS = 100
MAX_WATCHERS = 50


def delegate(turn: Turn, command: c.DelegateTask) -> None:
    """Let another person answer in one's place; the owner stays on record and may answer too."""
    task, person = turn.task(command.task_id), turn.person()
    barred = turn.barred(task.ask)
    seat = seat_of(task, person, turn.directory, barred=barred)
    require_asking(task)
    if any(vote.seat == seat.owner.id for vote in votes(task)):
        raise AlreadyAnswered(f"{seat.owner.email} has been answered for already")
    deputy = _person(turn, command.to, "to")
    if deputy.id in (person.id, seat.owner.id):
        raise InvalidInput.at("to", "name somebody else to answer in your place")
    if (why := why_out(task.asked, deputy, barred=barred, seen=seen(task))) is not None:
        raise NotEligible(why)
    if any((s.owner.id, s.deputy.id) == (seat.owner.id, deputy.id) for s in task.stand_ins):
        return
    if len(task.stand_ins) >= MAX_DELEGATIONS:
        raise InvalidInput.at(
            "to", f"a task has at most {MAX_DELEGATIONS} people standing in at a time"
        )
    if task.claimed_by is not None and task.claimed_by.id == person.id:
        turn.emit(e.TaskReleased(task_id=task.id, reason="delegated"))
    given = StandIn(
        owner=seat.owner.actor,
        deputy=deputy.actor,
        why=StandInReason.DELEGATED,
        note=command.note,
    )
    turn.emit(e.TaskDelegated(task_id=task.id, stand_in=given))
    _let_somebody_present(turn, task, seat.owner, deputy)


def _let_somebody_present(turn: Turn, task: Task, owner: Person, deputy: Person) -> None:
    """Where whoever it was delegated to is away, their substitute may answer for the owner too."""
    found = stand_in(
        task.asked,
        deputy,
        turn.directory,
        now=turn.now,
        barred=turn.barred(task.ask),
        seen=seen(task),
    )
    if found is None or found.deputy.id == owner.id:
        return
    note = f"{deputy.email} is away"
    given = replace(found, owner=owner.actor, note=note)
    turn.emit(e.TaskDelegated(task_id=task.id, stand_in=given))


def reassign(turn: Turn, command: c.ReassignTask) -> None:
    """Ask others instead: everybody's part, or one's own."""
    task = turn.task(command.task_id)
    mine = _own_part(turn, task)
    require_asking(task)
    if not command.reason.strip():
        raise InvalidInput.at("reason", "say in a sentence why others are asked")
    if not 0 < len(command.to) <= MAX_REASSIGNED:
        raise InvalidInput.at("to", f"name 1 to {MAX_REASSIGNED} people, roles or groups")
    to = tuple(dict.fromkeys(resolve(ref, turn.directory, field="to") for ref in command.to))
    kept = () if mine is None else tuple(each for each in task.asked.who if each != mine)
    who = tuple(dict.fromkeys((*kept, *to)))
    _require_enough(turn, task, who)
    if task.claimed_by is not None and not _still_asked(turn, task, who):
        turn.emit(e.TaskReleased(task_id=task.id, reason="reassigned"))
    barred = turn.barred(task.ask)
    new = tuple(each for each in to if each not in kept)
    turn.emit(
        e.TaskReassigned(
            task_id=task.id,
            who=who,
            to=new,
            reason=command.reason,
            stand_ins=stand_ins_for(task, new, turn.directory, now=turn.now, barred=barred),
        )
    )
    void_answers(turn, task.id)


def _own_part(turn: Turn, task: Task) -> Selector | None:
    """The part of it that is the actor's own, or None where they may reassign all of it."""
    if turn.actor.kind is ActorKind.ADMIN:
        return None
    person = turn.person()
    if person.disabled:
        raise Forbidden(f"{person.email} is disabled and cannot reassign anything")
    if not OVERRIDE_ROLES.isdisjoint(person.roles):
        return None
    for selector in task.asked.who:
        if (selector.kind, selector.value) == (SelectorKind.PERSON, person.id):
            return selector
    needed = " or ".join(sorted(OVERRIDE_ROLES))
    raise Forbidden(f"{person.email} is not asked by name; reassigning it needs the role {needed}")


def _require_enough(turn: Turn, task: Task, who: tuple[Selector, ...]) -> None:
    stage = replace(task.asked, who=who, quotas=())
    barred = turn.barred(task.ask)
    found = eligible(stage, turn.directory, barred=barred, seen=seen(task))
    if len(found.people) < stage.need and not found.more:
        able = ", ".join(person.email for person in found.people) or "nobody"
        raise InvalidInput.at("to", f"{stage.need} have to answer, and of these only {able} may")


def _still_asked(turn: Turn, task: Task, who: tuple[Selector, ...]) -> bool:
    holder = turn.directory.get(task.claimed_by.id) if task.claimed_by else None
    return holder is not None and selected(who, holder)


def watch(turn: Turn, command: c.WatchTask) -> None:
    task = turn.task(command.task_id)
    person = _watcher(turn, command.who)
    if _watching(task, person) is not None:
        return
    if len(task.watchers) >= MAX_WATCHERS:
        raise InvalidInput.at("who", f"a task has at most {MAX_WATCHERS} watchers")
    turn.emit(e.TaskWatched(task_id=task.id, who=person.selector))


def unwatch(turn: Turn, command: c.UnwatchTask) -> None:
    task = turn.task(command.task_id)
    found = _watching(task, _watcher(turn, command.who))
    if found is not None:
        turn.emit(e.TaskUnwatched(task_id=task.id, who=found))


def _watching(task: Task, person: Person) -> Selector | None:
    mine = (SelectorKind.PERSON, person.id)
    return next((each for each in task.watchers if (each.kind, each.value) == mine), None)


def _watcher(turn: Turn, who: str | None) -> Person:
    """Whom it is about: a person speaks for themselves, an administrator or the agent for any."""
    if turn.actor.kind is not ActorKind.PERSON:
        if who is None:
            raise InvalidInput.at("who", "say who is to watch")
        return _person(turn, who, "who")
    person = turn.person()
    if person.disabled:
        raise Forbidden(f"{person.email} is disabled and cannot watch anything")
    if who is None:
        return person
    other = _person(turn, who, "who")
    if other.id != person.id and "administrator" not in person.roles:
        raise Forbidden("anybody watches for themselves; an administrator adds others")
    return other


def _person(turn: Turn, reference: str, field: str) -> Person:
    selector = resolve(reference, turn.directory, field=field)
    person = turn.directory.get(selector.value)
    if selector.kind is not SelectorKind.PERSON or person is None:
        raise InvalidInput.at(
            field, f"{reference} is no single person; name one by mail address or id"
        )
    return person
