"""Makes the leaf of a stored event or fact once more, from its body, and compares.

Whatever is in the leaf must follow from what is stored beside it. Of an erased value there is only
the commitment, and what else was read off it; these are taken over, and the rest must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from signoff import base64url
from signoff.audit import canonical
from signoff.audit.errors import Malformed
from signoff.engine.log.plans import slices
from signoff.engine.log.scribe import About, Again, leaf_of_event, leaf_of_fact, salts_in
from signoff.engine.records import EventRecord, FactRecord, read_event, read_fact


def event_differs(row: EventRecord, agent: str | None, erased: tuple[str, ...]) -> str | None:
    """In words, how the leaf of an event is not what its row gives; None where it is.

    :param agent: whose intent it is; None where that is not known, and is taken from the leaf.
    """

    def rebuilt(again: Again) -> str:
        whose = agent or msgspec.json.decode(row.leaf)["agent"]
        about = About(workspace=row.workspace, id=row.intent_id, agent=whose)
        return leaf_of_event(about, read_event(row), row.data, again).leaf

    return _differs(row, erased, rebuilt)


def fact_differs(row: FactRecord, erased: tuple[str, ...]) -> str | None:
    """In words, how the leaf of a fact is not what its row gives; None where it is."""

    def rebuilt(again: Again) -> str:
        return leaf_of_fact(read_fact(row), row.data, again).leaf

    return _differs(row, erased, rebuilt)


def _differs(
    row: EventRecord | FactRecord, erased: tuple[str, ...], rebuilt: Callable[[Again], str]
) -> str | None:
    try:
        stored: Mapping[str, Any] = canonical.decode_canonical(row.leaf.encode())
    except Malformed as error:
        return f"the leaf is no canonical JSON: {error}"
    commitments = stored.get("commitments", {})
    taken_over = {name: commitments[name] for name in erased if name in commitments}
    opened = {name: base64url.decoded(salt) for name, salt in salts_in(row.salts).items()}
    values = slices(row.type, row.data)
    if added := values.keys() - opened.keys() - set(erased):
        return f"the leaf commits to no {', '.join(sorted(added))}, and there is one"
    again = Again(
        event_id=stored["event_id"],
        software=stored["software"],
        salts=opened,
        taken_over=taken_over,
    )
    found = canonical.decode(rebuilt(again).encode())
    for part, names in _read_off(row.type, erased).items():
        found[part] = _taken_over(found.get(part, {}), stored.get(part, {}), names)
        if not found[part]:
            del found[part]
    if found == stored:
        return None
    differing = sorted(_differing(found, stored))
    return f"the leaf does not follow from what is stored: {', '.join(differing)} differ"


def _read_off(kind: str, erased: tuple[str, ...]) -> dict[str, set[str]]:
    """Which digests and plain fields are of values that are gone, part by part."""
    gone: dict[str, set[str]] = {}
    for name, values in _OF.get(kind, {}).items():
        if not values.isdisjoint(erased):
            part, _, last = name.partition(".")
            gone.setdefault(part, set()).add(last)
    return gone


def _taken_over(
    found: Mapping[str, Any], stored: Mapping[str, Any], names: set[str]
) -> dict[str, Any]:
    kept = {name: value for name, value in found.items() if name not in names}
    return kept | {name: stored[name] for name in names if name in stored}


def _differing(found: Mapping[str, Any], stored: Mapping[str, Any]) -> Iterator[str]:
    for name in {*found, *stored}:
        one, other = found.get(name), stored.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from (f"{name}.{each}" for each in _differing(one, other))
        elif one != other:
            yield name


_VIEW = frozenset({"ask.title", "ask.description", "ask.spec", "ask.schema"})

_OF: Mapping[str, Mapping[str, frozenset[str]]] = {
    "intent.submitted": {"digests.payload": frozenset({"payload"})},
    "intent.completed": {"digests.result": frozenset({"result"})},
    "step.recorded": {"digests.output": frozenset({"output"})},
    "task.opened": {
        "digests.view": _VIEW,
        "digests.action": frozenset({"ask.spec"}),
        "data.action": frozenset({"ask.spec"}),
    },
    "task.revised": {"digests.content": frozenset({"content"})},
    "task.concluded": {
        "digests.data": frozenset({"data"}),
        "digests.edit": frozenset({"data"}),
    },
}
"""What a leaf says that is read off values which can be erased, and which those are."""
