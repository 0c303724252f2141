"""Everybody the fields of a request name: where the names stand, and what they stand for.

A reference is a mail address, ``role:NAME``, ``group:NAME``, or ``payload:PATH`` for whoever the
payload of the intent names there. The edge expands the last kind before anything else reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from signoff.core.words import JSON, Pick
from signoff.errors import FieldError, InvalidTask

Fields = Mapping[str, Any]

FROM_PAYLOAD = "payload:"

_DIRECT = ("assignee", "assignees", "exclude", "watchers")
_OF_A_STAGE = ("who", "exclude", "veto")

_Change = Callable[[str, str], Sequence[str]]


def references(fields: Fields) -> Iterator[str]:
    """Every reference of a request, as it is written."""
    for name in _DIRECT:
        yield from listed(fields.get(name))
    for row in fields.get("ladder") or ():
        yield from listed(row.get("to"))
    for link in fields.get("chain") or ():
        if isinstance(link, str):
            yield link
            continue
        for name in _OF_A_STAGE:
            yield from listed(link.get(name))
        yield from quota_names(link)
        for row in link.get("ladder") or ():
            yield from listed(row.get("to"))


def picked_from(fields: Fields) -> Iterator[str]:
    """The references of the stages that pick whoever has least on their desk."""
    for link in fields.get("chain") or ():
        if isinstance(link, Mapping) and link.get("pick") == Pick.LEAST_LOADED:
            yield from listed(link.get("who"))
            yield from quota_names(link)


def listed(value: Any) -> Sequence[str]:
    """One reference, several or none, as several. ``veto: true`` names nobody."""
    if not value or isinstance(value, bool):
        return ()
    return (value,) if isinstance(value, str) else value


def quota_names(link: Fields) -> Sequence[str]:
    """The roles and groups of a stage's quotas."""
    need = link.get("need")
    return tuple(need) if isinstance(need, Mapping) else ()


def expand(fields: Fields, payload: JSON) -> Fields:
    """Put whoever the payload names in the place of every ``payload:PATH``.

    :param fields: of a request for a task; they are left as they are.
    :param payload: the payload of the intent.
    :raises InvalidTask: the payload has nothing there, or no reference.
    """
    if not any(reference.startswith(FROM_PAYLOAD) for reference in references(fields)):
        return fields

    def change(reference: str, field: str) -> Sequence[str]:
        if not reference.startswith(FROM_PAYLOAD):
            return (reference,)
        return _found(payload, reference, field)

    out = {**fields, **_changed(fields, _DIRECT, "task", change)}
    out |= _ladder(fields, "task", change)
    chain: Sequence[str | Fields] = fields.get("chain") or ()
    if chain:
        out["chain"] = [_link(link, f"task.chain.{at}", change) for at, link in enumerate(chain)]
    if isinstance(out.get("assignee"), list):
        out["assignees"] = [*out.pop("assignee"), *listed(out.get("assignees"))]
    return out


def _link(link: str | Fields, where: str, change: _Change) -> str | Fields:
    if isinstance(link, str):
        found = change(link, where)
        return found[0] if len(found) == 1 else {"who": list(found)}
    return {**link, **_changed(link, _OF_A_STAGE, where, change), **_ladder(link, where, change)}


def _ladder(fields: Fields, where: str, change: _Change) -> Fields:
    rows: Sequence[Fields] = fields.get("ladder") or ()
    if not rows:
        return {}
    return {
        "ladder": [
            {**row, **_changed(row, ("to",), f"{where}.ladder.{at}", change)}
            for at, row in enumerate(rows)
        ]
    }


def _changed(fields: Fields, names: Sequence[str], where: str, change: _Change) -> Fields:
    """Those of the fields that hold references, with each of these changed."""
    out: dict[str, Any] = {}
    for name in names:
        value = fields.get(name)
        if isinstance(value, str):
            found = change(value, f"{where}.{name}")
            out[name] = found[0] if len(found) == 1 else list(found)
        elif several := listed(value):
            out[name] = [
                each
                for at, reference in enumerate(several)
                for each in change(reference, f"{where}.{name}.{at}")
            ]
    return out


def _found(payload: JSON, reference: str, field: str) -> Sequence[str]:
    path = reference.removeprefix(FROM_PAYLOAD)
    value: JSON = payload
    for part in path.split("."):
        value = _within(value, part)
    found: Sequence[Any] = value if isinstance(value, list | tuple) else (value,)
    if not found or not all(map(_is_reference, found)):
        message = f"the payload must hold a reference, or a list of them, at {path!r}"
        raise InvalidTask(message, errors=[FieldError(field, message)])
    return found


def _within(value: JSON, part: str) -> JSON:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list | tuple) and part.isascii() and part.isdigit():
        at = int(part[:6])
        return value[at] if at < len(value) else None
    return None


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not value.startswith(FROM_PAYLOAD)
