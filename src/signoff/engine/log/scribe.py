"""The scribe: writes the leaf of an event or a fact, with the salts that open its commitments.

On the path of every command, so nothing is worked out twice and chance is asked for once. Given the
event id and the salts again, the same leaf comes out again, byte for byte.
"""

from __future__ import annotations

import os
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import msgspec

from signoff.core.events import Event, TaskAnswered
from signoff.core.facts import Fact
from signoff.core.intent import Intent
from signoff.core.moments import rfc3339
from signoff.core.routing import Actor
from signoff.engine.log.fields import LAYOUTS, Layout

SCHEMA = 1
SALT_SIZE = 32

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID_CHANCE = 10
_MICROSECOND = timedelta(microseconds=1)
_NOTHING = (b"null", b"[]", b'""', b"{}")
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_encode = msgspec.json.Encoder(order="deterministic").encode
_salts_of = msgspec.json.Decoder(dict[str, str]).decode
_raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Written(NamedTuple):
    """A leaf as text, and the salts of its commitments as a JSON object."""

    leaf: str
    salts: str


UNWRITTEN = Written("", "")
"""What stands in the row of something that is not logged."""


def _software() -> str:
    try:
        return f"signoff {version('signoff')}"
    except PackageNotFoundError:  # run from a folder that nobody installed
        return "signoff"


SOFTWARE = _software()


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What chance gave: for writing the same leaf once more.

    :param salts: by the name of the commitment; a value without one is not committed to.
    :param taken_over: commitments that can be worked out no more, because their value is erased.
    """

    event_id: str
    software: str
    salts: Mapping[str, bytes]
    taken_over: Mapping[str, str] = field(default_factory=dict)


class About(NamedTuple):
    """As much of an intent as a leaf says of it."""

    workspace: str
    id: str
    agent: str


def leaf_of_event(
    about: Intent | About, event: Event, data: str, again: Again | None = None
) -> Written:
    """The leaf of one event of an intent.

    :param data: the body as it is stored.
    """
    body = event.body
    leaf = _head(about.workspace, event.at, event.actor, body.type)
    leaf["intent"], leaf["seq"], leaf["agent"] = about.id, event.seq, about.agent
    if (task_id := getattr(body, "task_id", None)) is not None:
        leaf["task"] = task_id
    plain = _plain(LAYOUTS[body.type], body)
    if isinstance(body, TaskAnswered) and body.first_viewed_at is not None:
        plain["dwell_us"] = _microseconds(event.at - body.first_viewed_at)
    return _written(leaf, plain, body, data, at=event.at, again=again)


def leaf_of_fact(fact: Fact, data: str, again: Again | None = None) -> Written:
    """The leaf of one fact."""
    leaf = _head(fact.workspace, fact.at, fact.actor, fact.body.type)
    if fact.intent_id is not None:
        leaf["intent"] = fact.intent_id
    if fact.task_id is not None:
        leaf["task"] = fact.task_id
    plain = _plain(LAYOUTS[fact.body.type], fact.body)
    return _written(leaf, plain, fact.body, data, at=fact.at, again=again)


def slices(data: str, paths: Sequence[tuple[str, ...]]) -> dict[str, bytes]:
    """The exact bytes of the fields at these paths, by dotted name; empty ones left out."""
    if not paths:
        return {}
    fields = _raw(data)
    parts: dict[str, Mapping[str, msgspec.Raw]] = {}
    found = {}
    for path in paths:
        holder = fields
        if len(path) == 2:
            if path[0] not in parts:
                inner = fields.get(path[0])
                parts[path[0]] = _inner(inner)
            holder = parts[path[0]]  # type: ignore[assignment]
        value = holder.get(path[-1])
        if value is not None and (raw := bytes(value)) not in _NOTHING:
            found[".".join(path)] = raw
    return found


def salts_in(text: str) -> dict[str, str]:
    """The salts of a row, by the names of their commitments; none where it has none."""
    return _salts_of(text) if text else {}


def commitment(salt: bytes, value: bytes) -> str:
    """The commitment to a field: SHA-256 over the salt and the bytes, in hex."""
    return sha256(salt + value).hexdigest()


def _inner(raw: msgspec.Raw | None) -> Mapping[str, msgspec.Raw]:
    return {} if raw is None or bytes(raw) == b"null" else _raw(raw)


def _head(workspace: str, at: datetime, actor: Actor, type_: str) -> dict[str, Any]:
    moment = _moment(at)
    return {
        "schema": SCHEMA,
        "software": SOFTWARE,
        "type": type_,
        "workspace": workspace,
        "occurred_at": moment,
        "recorded_at": moment,
        "actor": {"kind": actor.kind, "ref": actor.id},
    }


def _written(
    leaf: dict[str, Any],
    plain: Mapping[str, Any],
    body: Any,
    data: str,
    *,
    at: datetime,
    again: Again | None,
) -> Written:
    layout = LAYOUTS[body.type]
    if plain:
        leaf["data"] = plain
    if layout.digests and (digests := _digests(layout, body)):
        leaf["digests"] = digests
    values = slices(data, layout.committed) if layout.committed else {}
    if again is None:
        leaf["event_id"], salts = _chance(at, values)
    else:
        leaf["event_id"], leaf["software"], salts = again.event_id, again.software, again.salts
    commitments = {
        name: commitment(salts[name], value) for name, value in values.items() if name in salts
    }
    if again is not None:
        commitments |= again.taken_over
    if commitments:
        leaf["commitments"] = commitments
    kept = {name: _text(salt) for name, salt in salts.items()}
    return Written(_encode(leaf).decode(), _encode(kept).decode() if kept else "")


def _chance(at: datetime, values: Mapping[str, bytes]) -> tuple[str, Mapping[str, bytes]]:
    """An event id and a salt for each value."""
    chance = os.urandom(_ID_CHANCE + SALT_SIZE * len(values))
    starts = range(_ID_CHANCE, len(chance), SALT_SIZE)
    salts = {name: chance[at : at + SALT_SIZE] for name, at in zip(values, starts, strict=True)}
    return _uuid7(at, chance[:_ID_CHANCE]), salts


def _plain(layout: Layout, body: Any) -> dict[str, Any]:
    found = {}
    for name, read in layout.plain.items():
        value = read(body)
        if value is not None and value not in ((), {}):
            found[name] = _settled(value)
    return found


def _digests(layout: Layout, body: Any) -> dict[str, str]:
    return {name: value for name, read in layout.digests.items() if (value := read(body))}


def _settled(value: Any) -> Any:
    """The value as a leaf can hold it: a moment as text, a length of time in microseconds."""
    if isinstance(value, datetime):
        return _moment(value)
    return _microseconds(value) if isinstance(value, timedelta) else value


def _microseconds(length: timedelta) -> int:
    return length // _MICROSECOND


@lru_cache(maxsize=64)
def _moment(at: datetime) -> str:
    """What is written of one batch happened at one moment."""
    return rfc3339(at)


def _uuid7(at: datetime, chance: bytes) -> str:
    """A UUID of version 7 (RFC 9562, section 5.7) of that moment."""
    since = at - _EPOCH
    milliseconds = (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000
    found = f"{milliseconds:012x}{chance.hex()}"
    variant = "89ab"[chance[2] >> 6]
    return f"{found[:8]}-{found[8:12]}-7{found[13:16]}-{variant}{found[17:20]}-{found[20:]}"


def _text(salt: bytes) -> str:
    return b2a_base64(salt, newline=False).translate(_URL_SAFE, b"=").decode()
