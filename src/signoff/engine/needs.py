"""Whom the rules must know because of what was loaded, beyond those a command names.

A store asks this after it has read the intents, and again after it has read the people, within the
same transaction. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from signoff.core.intent import Intent
from signoff.core.routing import Person, Selector, SelectorKind
from signoff.core.task import Task
from signoff.core.words import PersonId, Pick, TaskId, WorkspaceId
from signoff.engine.ports import Lookup


def needs_of(
    intents: Iterable[Intent], addressed: Collection[tuple[WorkspaceId, TaskId]], *, now: datetime
) -> Lookup:
    """People and tokens that judging a command on one of the addressed tasks takes.

    :param intents: as loaded, with their tasks.
    :param addressed: the tasks that commands of the batch are for.
    :param now: the moment they are judged at: the ladder asks people only in what is due by then.
    """
    people: set[tuple[WorkspaceId, str]] = set()
    tokens: set[tuple[WorkspaceId, str]] = set()
    picks: set[tuple[WorkspaceId, str]] = set()
    settings: set[WorkspaceId] = set()
    for intent in intents:
        where = intent.workspace
        for task in intent.tasks.values():
            if not task.live or (where, task.id) not in addressed:
                continue
            settings.add(where)
            people |= {(where, person) for person in _people(task)}
            people |= {(where, reference) for reference in intent.requesters}
            for selector, picked in _selectors(task, now):
                if selector.kind is SelectorKind.PERSON:
                    people.add((where, selector.value))
                else:
                    tokens.add((where, selector.token))
                if picked:
                    picks.add((where, selector.token))
    return Lookup(
        people=frozenset(people),
        tokens=frozenset(tokens),
        picks=frozenset(picks),
        settings=frozenset(settings),
    )


def together(one: Lookup, more: Lookup) -> Lookup:
    """What either of the two names of the directory, and the rest of the first."""
    return replace(
        one,
        people=one.people | more.people,
        tokens=one.tokens | more.tokens,
        picks=one.picks | more.picks,
        settings=one.settings | more.settings,
    )


def substitutes(
    people: Iterable[Person], *, since: datetime, until: datetime
) -> frozenset[PersonId]:
    """Who stands in for those of the people that are away at any time between the two moments."""
    return frozenset(
        absence.substitute
        for person in people
        for absence in person.absences
        if absence.substitute and absence.start <= until and since < absence.end
    )


def _people(task: Task) -> Iterator[str]:
    """Whoever has claimed it or answered, and both sides of everybody standing in."""
    if task.claimed_by is not None:
        yield task.claimed_by.id
    for vote in task.votes:
        yield vote.by.id
        yield vote.seat
    for each in task.stand_ins:
        yield each.owner.id
        yield each.deputy.id


def _selectors(task: Task, now: datetime) -> Iterator[tuple[Selector, bool]]:
    """Whom a next stage, a new round or a due rung would ask, and whom this stage asks.

    Of a role or group that is asked now all are needed only where refusals are counted against
    those who are left; else it is taken to have enough members, as it had when it was asked.
    """
    stages = task.ask.stages
    for selector in task.asked.who:
        if selector.kind is SelectorKind.PERSON or task.asked.veto is not None:
            yield selector, False
    later = stages if task.awaiting_revision else stages[task.stage + 1 :]
    for stage in later:
        if stage.applies:
            yield from ((selector, stage.pick is Pick.LEAST_LOADED) for selector in stage.who)
    for firing in task.to_come:
        if firing.at <= now and firing.rung is not None:
            yield from ((selector, False) for selector in task.ladder[firing.rung].to)
