"""What the opening of a stage comes to: its schedule, who stands in, who is picked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from signoff.core.chain import Stage, eligible, fill, members, places, why_out
from signoff.core.routing import MAX_STAND_INS, Absence, Directory, Person, Selector
from signoff.core.scheduling import lay_out
from signoff.core.tally import seen as answered_earlier
from signoff.core.task import Ask, Opening, StandIn, Task
from signoff.core.words import Pick, StandInReason


def open_stage(
    ask: Ask,
    stage: int,
    directory: Directory,
    *,
    now: datetime,
    until: datetime | None,
    barred: Sequence[str] = (),
    seen: Collection[str] = (),
) -> Opening:
    """Open one stage of a task.

    :param stage: its place in the chain; it applies.
    :param now: the moment its ladder counts from.
    :param until: the deadline of the intent, which no task of it outlives.
    :param barred: references to people who never answer here, such as the requester.
    :param seen: ids of those who have answered an earlier stage of this round.
    """
    opened = ask.stages[stage]
    ladder = ask.ladder if opened.ladder is None else opened.ladder
    zone = directory.settings.zone
    schedule = lay_out(ladder, opened_at=now, calendars=opened.calendars, zone=zone, until=until)
    picked = _picked(opened, directory, now=now, barred=barred, seen=seen)
    who = opened.who if picked is None else picked
    stand_ins = stand_ins_for(opened, who, directory, now=now, barred=barred, seen=seen)
    return Opening(schedule=schedule, stand_ins=stand_ins, picked=picked)


def stand_ins_for(
    asked: Task | Stage,
    who: Iterable[Selector],
    directory: Directory,
    *,
    now: datetime,
    barred: Sequence[str],
    seen: Collection[str] | None = None,
) -> tuple[StandIn, ...]:
    """Whoever stands in for those who are to be asked now and are away.

    Somebody away for whom nobody is there is asked all the same.

    :param asked: the task, or a stage of one that is about to open.
    :param who: whom it comes to ask.
    :param barred: references to people who never answer here, such as the requester.
    :param seen: ids of those who have answered an earlier stage; a task knows them itself.
    """
    stage, told = (asked.asked, asked.stand_ins) if isinstance(asked, Task) else (asked, ())
    if seen is None:
        seen = answered_earlier(asked) if isinstance(asked, Task) else ()
    coming = replace(stage, who=tuple(who))
    if not any(absence(each, now) for to in coming.who for each in members(to, directory)[0]):
        return ()
    known = {(each.owner.id, each.deputy.id) for each in told}
    found = (
        stand_in(stage, person, directory, now=now, barred=barred, seen=seen)
        for person in eligible(coming, directory, barred=barred, seen=seen).people
    )
    return tuple(each for each in found if each and (each.owner.id, each.deputy.id) not in known)


def stand_in(
    stage: Stage,
    person: Person,
    directory: Directory,
    *,
    now: datetime,
    barred: Sequence[str],
    seen: Collection[str] = (),
) -> StandIn | None:
    """Whoever stands in for this person, where they are away and somebody is there."""
    away = absence(person, now)
    deputy, gone, past = person, away, {person.id}
    for _ in range(MAX_STAND_INS):
        if gone is None or gone.substitute is None or gone.substitute in past:
            return None
        found = directory.get(gone.substitute)
        if found is None:
            return None
        deputy, gone = found, absence(found, now)
        past.add(deputy.id)
        if gone is None:
            break
    if gone is not None or away is None:
        return None
    if why_out(stage, deputy, barred=barred, seen=seen) is not None:
        return None
    return StandIn(
        owner=person.actor, deputy=deputy.actor, why=StandInReason.ABSENT, until=away.end
    )


def absence(person: Person, now: datetime) -> Absence | None:
    """The absence that keeps this person away now; of several, the one that ends last."""
    if not person.absences:
        return None
    current = (each for each in person.absences if each.start <= now < each.end)
    return max(current, key=lambda each: each.end, default=None)


def _picked(
    stage: Stage,
    directory: Directory,
    *,
    now: datetime,
    barred: Sequence[str],
    seen: Collection[str],
) -> tuple[Selector, ...] | None:
    """Those with the least on their desk, as many as the stage needs, whoever is there first.

    None, which asks everybody, where too few are known for that.
    """
    if stage.pick is Pick.EVERYBODY:
        return None
    found = eligible(stage, directory, barred=barred, seen=seen).people
    order = sorted(
        found,
        key=lambda each: (
            absence(each, now) is not None,
            directory.loads.get(each.id, 0),
            each.email,
        ),
    )
    wanted = places(stage)
    chosen = fill(wanted, order)
    if len(chosen) < len(wanted):
        return None
    return tuple(person.selector for person in order if person in chosen.values())
