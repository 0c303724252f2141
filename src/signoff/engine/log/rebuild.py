"""Makes the leaf of a stored event or fact once more, from its body, and compares.

Whatever is in the leaf must follow from what is stored beside it. Of an erased value the commitment
is all there is; it is taken over, and the rest must agree.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from signoff.audit import canonical
from signoff.audit.errors import Malformed
from signoff.engine.log.scribe import About, Again, leaf_of_event, leaf_of_fact
from signoff.engine.records import EventRecord, FactRecord, read_event, read_fact

_salts = msgspec.json.Decoder(dict[str, str]).decode


def event_differs(row: EventRecord, agent: str | None, erased: tuple[str, ...]) -> str | None:
    """In words, how the leaf of an event is not what its row gives; None where it is.

    :param agent: whose intent it is; None where that is not known, and is taken from the leaf.
    """

    def rebuilt(again: Again) -> str:
        whose = agent or msgspec.json.decode(row.leaf)["agent"]
        about = About(workspace=row.workspace, id=row.intent_id, agent=whose)
        return leaf_of_event(about, read_event(row), row.data, again).leaf

    return _differs(row.leaf, row.salts, erased, rebuilt)


def fact_differs(row: FactRecord, erased: tuple[str, ...]) -> str | None:
    """In words, how the leaf of a fact is not what its row gives; None where it is."""

    def rebuilt(again: Again) -> str:
        return leaf_of_fact(read_fact(row), row.data, again).leaf

    return _differs(row.leaf, row.salts, erased, rebuilt)


def _differs(leaf: str, salts: str, erased: tuple[str, ...], rebuilt: Any) -> str | None:
    try:
        stored: Mapping[str, Any] = canonical.decode_canonical(leaf.encode())
    except Malformed as error:
        return f"the leaf is no canonical JSON: {error}"
    commitments = stored.get("commitments", {})
    taken_over = {name: commitments[name] for name in erased if name in commitments}
    opened = {name: _bytes(salt) for name, salt in (_salts(salts) if salts else {}).items()}
    again = Again(
        event_id=stored["event_id"],
        software=stored["software"],
        salts=opened,
        taken_over=taken_over,
    )
    found = canonical.decode(rebuilt(again).encode())
    if "digests" in stored and erased:
        found["digests"] = stored["digests"]  # they are of values that are gone
    if erased:
        found = _with_plain_of(found, stored)
    if found == stored:
        return None
    differing = sorted(name for name in {*found, *stored} if found.get(name) != stored.get(name))
    return f"the leaf does not follow from what is stored: {', '.join(differing)} differ"


def _with_plain_of(found: dict[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Plain fields that are read off an erased value are as they were recorded."""
    data = {**found.get("data", {}), **stored.get("data", {})}
    return found | ({"data": data} if data else {})


def _bytes(salt: str) -> bytes:
    return base64.urlsafe_b64decode(salt + "=" * (-len(salt) % 4))
