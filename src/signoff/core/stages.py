"""From the fields of a request to its stages: who is asked, in which order, and who never is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from signoff.core.chain import Stage
from signoff.core.routing import Directory, Selector, SelectorKind, names_person, resolve
from signoff.errors import FieldError, InvalidTask

MAX_ASKED = 50
MAX_STAGES = 10

Fields = Mapping[str, Any]


def read_stages(fields: Fields, directory: Directory) -> tuple[Stage, ...]:
    """Resolve everybody the chain, or one of its short forms, asks.

    :raises InvalidTask: nobody is asked, too many are, or nobody could ever answer a stage.
    :raises UnknownPerson: somebody named is not in the directory.
    """
    links = _links(fields)
    if not links:
        raise _refused("task.assignee", "say who is asked: a mail address, role:NAME or group:NAME")
    if fields.get("chain") and (fields.get("assignee") or fields.get("assignees")):
        raise _refused("task.chain", "give either a chain or assignees, not both")
    if len(links) > MAX_STAGES:
        raise _refused("task.chain", f"a chain has at most {MAX_STAGES} stages")
    return tuple(_stage(link, directory) for link in links)


def _links(fields: Fields) -> list[Fields]:
    """The chain in its long form, whichever of the three short forms was used."""
    out = _listed(fields.get("exclude"))
    if fields.get("chain"):
        return [_long(link, out) for link in fields["chain"]]
    direct = [*_listed(fields.get("assignee")), *_listed(fields.get("assignees"))]
    return [{"who": direct, "exclude": out}] if direct else []


def _long(link: str | Fields, out: Sequence[str]) -> Fields:
    if isinstance(link, str):
        return {"who": [link], "exclude": out}
    return {"who": _listed(link.get("who")), "exclude": [*out, *_listed(link.get("exclude"))]}


def _listed(references: str | Sequence[str] | None) -> Sequence[str]:
    if not references:
        return ()
    return (references,) if isinstance(references, str) else references


def _stage(link: Fields, directory: Directory) -> Stage:
    if not 0 < len(link["who"]) <= MAX_ASKED:
        raise _refused("task.assignees", f"a stage asks 1 to {MAX_ASKED} people or groups")
    who = dict.fromkeys(resolve(ref, directory, field="task.assignee") for ref in link["who"])
    exclude = tuple(dict.fromkeys(_excluded(ref, directory) for ref in link["exclude"]))
    if all(_is_one_of(selector, exclude) for selector in who):
        raise _refused("task.exclude", "everybody who is asked is excluded; nobody could answer")
    return Stage(who=tuple(who), exclude=exclude)


def _excluded(reference: str, directory: Directory) -> Selector:
    """A person, also one who is disabled by now, or everybody with a role or in a group."""
    named = names_person(reference)
    if named is not None and (known := directory.get(named)) is not None:
        return known.selector
    return resolve(reference, directory, field="task.exclude")


def _is_one_of(selector: Selector, exclude: Sequence[Selector]) -> bool:
    return selector.kind is SelectorKind.PERSON and selector.value in {x.value for x in exclude}


def _refused(field: str, message: str) -> InvalidTask:
    return InvalidTask(message, errors=[FieldError(field, message)])
