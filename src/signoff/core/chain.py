"""The stages of a task: who may answer one, in whose place, and when it is satisfied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from signoff.core.calendar import Calendars
from signoff.core.ladder import Rung
from signoff.core.routing import Person, Selector, names, selected
from signoff.core.words import Pick
from signoff.errors import NotEligible


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """So many people of this role or group."""

    of: Selector
    need: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One link of a task's chain.

    :param who: whom it asks.
    :param exclude: who never answers it.
    :param need: how many people must give the go-ahead; the sum of the quotas where there are any.
    :param quotas: how many of which role or group; one person counts for one quota alone.
    :param veto: whose refusal ends the task at once: anybody's (None), or only theirs. Another
        refusal counts against, and ends it when the go-ahead can no longer be reached.
    :param distinct: whether those who answered an earlier stage are out of this one.
    :param when: the condition under which it is asked at all (CEL), as written.
    :param applies: what the condition came to when the task was opened.
    :param pick: whether everybody is asked, or those with the least on their desk.
    :param ladder: its rungs, where they differ from the task's.
    :param calendars: what its working durations count by.
    """

    who: tuple[Selector, ...]
    exclude: tuple[Selector, ...] = ()
    need: int = 1
    quotas: tuple[Quota, ...] = ()
    veto: tuple[Selector, ...] | None = None
    distinct: bool = False
    when: str | None = None
    applies: bool = True
    pick: Pick = Pick.EVERYBODY
    ladder: tuple[Rung, ...] | None = None
    calendars: Calendars = ()


def require_eligible(stage: Stage, person: Person, *, barred: Iterable[str] = ()) -> None:
    """Raise unless this person may answer this stage now.

    :param barred: references to people who never answer here, such as the requester.
    :raises NotEligible: disabled, excluded, barred, or simply not asked.
    """
    if person.disabled:
        raise NotEligible(f"{person.email} is disabled and cannot answer")
    if selected(stage.exclude, person):
        raise NotEligible(f"{person.email} is excluded from this task")
    if any(names(reference, person) for reference in barred):
        raise NotEligible(f"{person.email} requested this, and nobody decides on their own request")
    if not selected(stage.who, person):
        asked = ", ".join(selector.label for selector in stage.who)
        raise NotEligible(f"{person.email} is not asked; this task asks {asked}")
