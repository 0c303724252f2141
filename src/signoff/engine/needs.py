"""Whom the rules must know because of the tasks that were loaded, beyond those a command names.

A store asks this after it has read the intents, within the same transaction. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from signoff.core.intent import Intent
from signoff.core.routing import Selector, SelectorKind
from signoff.core.task import Task
from signoff.core.words import Pick, TaskId, WorkspaceId
from signoff.engine.ports import Lookup


def needs_of(
    intents: Iterable[Intent], addressed: Collection[tuple[WorkspaceId, TaskId]]
) -> Lookup:
    """People and tokens that judging a command on one of the addressed tasks takes.

    :param intents: as loaded, with their tasks.
    :param addressed: the tasks that commands of the batch are for.
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
            for selector, picked in _selectors(task):
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


def _people(task: Task) -> Iterator[str]:
    """Whoever has answered, and both sides of everybody standing in."""
    for vote in task.votes:
        yield vote.by.id
        yield vote.seat
    for each in task.stand_ins:
        yield each.owner.id
        yield each.deputy.id


def _selectors(task: Task) -> Iterator[tuple[Selector, bool]]:
    """Whom a next stage, a new round or the next rung would ask; and where refusals are counted."""
    stages = task.ask.stages
    if task.asked.veto is not None:
        yield from ((selector, False) for selector in task.asked.who)
    later = stages if task.awaiting_revision else stages[task.stage + 1 :]
    for stage in later:
        if stage.applies:
            yield from ((selector, stage.pick is Pick.LEAST_LOADED) for selector in stage.who)
    for firing in task.to_come[:1]:
        if firing.rung is not None:
            yield from ((selector, False) for selector in task.ladder[firing.rung].to)
