"""Whether a chain can be gone through at all: enough people for every stage, said beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from signoff.core.chain import (
    Eligible,
    Stage,
    beyond,
    eligible,
    fill,
    has_enough,
    members,
    missing,
    places,
)
from signoff.core.routing import Directory, names, selected
from signoff.errors import InvalidTask


def require_enough(
    stages: Sequence[Stage], paths: Sequence[str], directory: Directory, *, barred: Sequence[str]
) -> None:
    """Raise where a stage that applies needs more people than may ever answer it.

    :param paths: where each stage's need stands in the request.
    :param barred: references to people who never answer, such as the requester.
    :raises InvalidTask: saying who may answer, and what is missing.
    """
    past: list[_Counted] = []
    apart = any(stage.distinct for stage in stages)
    for at, (stage, path) in enumerate(zip(stages, paths, strict=True)):
        if not stage.applies:
            continue
        if not apart and has_enough(stage, directory, barred=barred):
            continue
        counted = _Counted(at, stage, eligible(stage, directory, barred=barred))
        _require(stage, counted.found, path, directory, barred)
        for earlier in past if stage.distinct else ():
            _require_others(counted, earlier, path)
        past.append(counted)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A stage, its place in the chain, and whom it can count on."""

    at: int
    stage: Stage
    found: Eligible


def _require(
    stage: Stage, found: Eligible, path: str, directory: Directory, barred: Sequence[str]
) -> None:
    wanted = places(stage)
    filled = fill(wanted, found.people)
    if len(filled) == len(wanted) or beyond(wanted, filled, found):
        return
    able = ", ".join(person.email for person in found.people) or "nobody"
    reasons = "; ".join(_reasons(stage, directory, barred))
    lacking = " and ".join(missing(wanted, filled))
    message = f"{stage.need} have to answer and {able} may; missing: {lacking}"
    raise InvalidTask.at(path, f"{message} ({reasons})" if reasons else message)


def _reasons(stage: Stage, directory: Directory, barred: Sequence[str]) -> Iterator[str]:
    """Which roles and groups have nobody, and who of those asked may not answer."""
    out: dict[str, str] = {}
    for selector in dict.fromkeys((*stage.who, *(quota.of for quota in stage.quotas))):
        reached, everybody = members(selector, directory)
        if not reached and everybody:
            yield f"{selector.label} has nobody"
        for person in reached:
            if selected(stage.exclude, person):
                out[person.email] = f"{person.email} is excluded"
            elif any(names(reference, person) for reference in barred):
                out[person.email] = f"{person.email} requested this"
    yield from out.values()


def _require_others(counted: _Counted, earlier: _Counted, path: str) -> None:
    """Raise where nobody would be left for a stage that wants others than an earlier one had."""
    if counted.found.more or earlier.found.more:
        return
    wanted = [
        replace(place, among=frozenset(person.id for person in each.found.people))
        for each in (earlier, counted)
        for place in places(each.stage)
    ]
    people = {p.id: p for p in (*earlier.found.people, *counted.found.people)}
    if len(fill(wanted, people.values())) < len(wanted):
        able = ", ".join(person.email for person in counted.found.people)
        message = (
            f"{counted.stage.need} others than those who answer stage {earlier.at + 1} have to "
            f"answer, and only {able} may"
        )
        raise InvalidTask.at(path, message)
