"""From the fields of a request to its stages: who is asked, in which order, and who never is.

A chain that could never be gone through is refused here, with the place in the request and the
names of those who are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from signoff.core.calendar import Calendars
from signoff.core.chain import Quota, Stage
from signoff.core.conditions import holds
from signoff.core.ladder import Rung
from signoff.core.quorums import require_enough
from signoff.core.references import listed, quota_names
from signoff.core.routing import Directory, Person, Selector, SelectorKind, names_person, resolve
from signoff.core.words import Pick, TaskType
from signoff.errors import InvalidTask

MAX_ASKED = 50
MAX_STAGES = 10
MAX_NEED = 50

SEVERAL_ANSWER = frozenset(
    {
        TaskType.APPROVAL,
        TaskType.REVIEW,
        TaskType.CONFIRMATION,
        TaskType.MANUAL_ACTION,
        TaskType.OVERRIDE,
    }
)
"""Types several people can answer as one. Of two filled-in forms nobody could say which counts."""

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the stages are read with.

    :param names: what a condition may speak of.
    :param barred: references to people who never answer, such as the requester.
    :param several: whether more than one person may have to answer a stage.
    :param ladder: reads the rows of a stage's own ladder, which stand at a path.
    :param calendars: reads what working time counts by: a value, whoever is asked by name, a path.
    """

    directory: Directory
    names: Mapping[str, Any]
    barred: Sequence[str]
    several: bool
    ladder: Callable[[Sequence[Fields], Calendars, str], tuple[Rung, ...]]
    calendars: Callable[[Any, Person | None, str], Calendars]


def read_stages(fields: Fields, reading: Reading) -> tuple[Stage, ...]:
    """Resolve everybody the chain, or one of its short forms, asks.

    :raises InvalidTask: nobody is asked, too many are, or too few could ever answer a stage.
    :raises UnknownPerson: somebody named is not in the directory.
    """
    links = _links(fields)
    if not links:
        raise InvalidTask.at(
            "task.assignee", "say who is asked: a mail address, role:NAME or group:NAME"
        )
    if fields.get("chain") and (fields.get("assignee") or fields.get("assignees")):
        raise InvalidTask.at("task.chain", "give either a chain or assignees, not both")
    if len(links) > MAX_STAGES:
        raise InvalidTask.at("task.chain", f"a chain has at most {MAX_STAGES} stages")
    never = _selectors(fields.get("exclude"), "task.exclude", reading.directory, disabled=True)
    task_calendar = fields.get("calendar")
    stages = tuple(_stage(link, never, task_calendar, reading) for link in links)
    if not any(stage.applies for stage in stages):
        raise InvalidTask.at(
            "task.chain", "the condition of no stage holds, so nobody would be asked"
        )
    paths = [f"{link.where}.need" if fields.get("chain") else "task.assignee" for link in links]
    require_enough(stages, paths, reading.directory, barred=reading.barred)
    return stages


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """One stage in its long form; ``asked`` are the references with the paths they stand at."""

    where: str
    asked: Sequence[tuple[str, str]]
    fields: Fields


def _links(fields: Fields) -> list[_Link]:
    """The chain in its long form, whichever of the three short forms was used."""
    chain: Sequence[str | Fields] = fields.get("chain") or ()
    if chain:
        return [_long(link, f"task.chain.{at}") for at, link in enumerate(chain)]
    direct = [*_at(fields.get("assignee"), "task.assignee")]
    direct += _at(fields.get("assignees"), "task.assignees")
    return [_Link(where="task", asked=direct, fields={})] if direct else []


def _long(link: str | Fields, where: str) -> _Link:
    if isinstance(link, str):
        return _Link(where=where, asked=[(link, where)], fields={})
    asked = _at(link.get("who"), f"{where}.who")
    if not asked:
        asked = [(name, f"{where}.need") for name in quota_names(link)]
    return _Link(where=where, asked=asked, fields=link)


def _at(value: Any, field: str) -> list[tuple[str, str]]:
    """References with the path each stands at."""
    if isinstance(value, str):
        return [(value, field)] if value else []
    return [(reference, f"{field}.{at}") for at, reference in enumerate(listed(value))]


def _stage(link: _Link, never: tuple[Selector, ...], task_calendar: Any, reading: Reading) -> Stage:
    where, fields, directory = link.where, link.fields, reading.directory
    many = "task.assignees" if where == "task" else f"{where}.who"
    if not 0 < len(link.asked) <= MAX_ASKED:
        raise InvalidTask.at(many, f"a stage asks 1 to {MAX_ASKED} people or groups")
    who = tuple(dict.fromkeys(resolve(ref, directory, field=path) for ref, path in link.asked))
    out = _selectors(fields.get("exclude"), f"{where}.exclude", directory, disabled=True)
    calendar, at = fields.get("calendar"), f"{where}.calendar"
    if calendar is None:
        calendar, at = task_calendar, "task.calendar"
    need, quotas = _need(fields.get("need"), f"{where}.need", reading)
    stage = Stage(
        who=who,
        exclude=tuple(dict.fromkeys((*never, *out))),
        need=need,
        quotas=quotas,
        veto=_veto(fields.get("veto"), f"{where}.veto", directory),
        distinct=bool(fields.get("distinct")),
        pick=_pick(fields.get("pick"), f"{where}.pick"),
        calendars=reading.calendars(calendar, _by_name(who, directory), at),
    )
    if fields.get("ladder") is not None:
        rungs = reading.ladder(fields["ladder"], stage.calendars, f"{where}.ladder")
        stage = replace(stage, ladder=rungs)
    if (condition := fields.get("when")) is None:
        return stage
    applies = holds(condition, reading.names, field=f"{where}.when")
    return replace(stage, when=condition, applies=applies)


def _by_name(who: Sequence[Selector], directory: Directory) -> Person | None:
    """Whoever is asked by name, and alone."""
    only = who[0] if len(who) == 1 else None
    if only is None or only.kind is not SelectorKind.PERSON:
        return None
    return directory.get(only.value)


def _need(value: Any, field: str, reading: Reading) -> tuple[int, tuple[Quota, ...]]:
    quotas: tuple[Quota, ...] = ()
    if isinstance(value, Mapping):
        quotas = tuple(_quota(name, n, field, reading.directory) for name, n in value.items())
        need = sum(quota.need for quota in quotas)
    else:
        need = 1 if value is None else _number(value, field)
    if not 0 < need <= MAX_NEED:
        raise InvalidTask.at(field, f"a stage needs 1 to {MAX_NEED} people")
    if need > 1 and not reading.several:
        raise InvalidTask.at(field, "this task takes one answer, so a stage of it needs one person")
    return need, quotas


def _quota(name: str, number: Any, field: str, directory: Directory) -> Quota:
    if names_person(name) is not None:
        raise InvalidTask.at(
            field, f"{name!r} is no role or group; write e.g. {{'role:engineer': 2}}"
        )
    of = resolve(name, directory, field=field)
    need = _number(number, field)
    if need < 1:
        raise InvalidTask.at(field, f"{name} must be asked for 1 person or more")
    return Quota(of=of, need=need)


def _number(value: Any, field: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidTask.at(field, "write a number of people, or how many of which role or group")
    return value


def _veto(value: Any, field: str, directory: Directory) -> tuple[Selector, ...] | None:
    if value is None or value is True:
        return None
    return _selectors(value, field, directory)


def _pick(value: Any, field: str) -> Pick:
    try:
        return Pick(value or Pick.EVERYBODY)
    except ValueError:
        choices = ", ".join(Pick)
        raise InvalidTask.at(field, f"{value!r} is none of {choices}") from None


def _selectors(
    value: Any, field: str, directory: Directory, *, disabled: bool = False
) -> tuple[Selector, ...]:
    """Read references. ``disabled``: they may name somebody who is disabled by now."""
    found: Iterable[Selector] = (
        (known.selector if disabled and (known := _known(ref, directory)) else None)
        or resolve(ref, directory, field=path)
        for ref, path in _at(value, field)
    )
    return tuple(dict.fromkeys(found))


def _known(reference: str, directory: Directory) -> Person | None:
    named = names_person(reference)
    return None if named is None else directory.get(named)
