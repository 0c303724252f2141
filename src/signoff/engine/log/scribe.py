"""The scribe: writes the leaf of an event or a fact, with the salts that open its commitments.

On the path of every command, so nothing is worked out twice and chance is asked for once. Given the
event id and the salts again, the same leaf comes out again, byte for byte.
"""

from __future__ import annotations

import os
import threading
from binascii import b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import msgspec

from signoff.core.events import Event, TaskAnswered
from signoff.core.facts import Fact
from signoff.core.intent import Intent
from signoff.core.routing import Actor
from signoff.engine.log.plans import PLANS, microseconds, moment_text, said, slices

SCHEMA = 1
SALT_SIZE = 32

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID_CHANCE = 10
_VARIANT = ["89ab"[byte >> 6] for byte in range(256)]
_DRAWN_AT_ONCE = 1024
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_encode = msgspec.json.Encoder(order="deterministic").encode
_salts_of = msgspec.json.Decoder(dict[str, str]).decode


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
    leaf = _head(about.workspace, event.at, event.actor, body)
    leaf["intent"], leaf["seq"], leaf["agent"] = about.id, event.seq, about.agent
    if (task_id := getattr(body, "task_id", None)) is not None:
        leaf["task"] = task_id
    if isinstance(body, TaskAnswered) and body.first_viewed_at is not None:
        leaf["data"]["dwell_us"] = microseconds(event.at - body.first_viewed_at)
    values = slices(body.type, data)
    return _written(leaf, values, event.at) if again is None else _rewritten(leaf, values, again)


def leaf_of_fact(fact: Fact, data: str, again: Again | None = None) -> Written:
    """The leaf of one fact."""
    leaf = _head(fact.workspace, fact.at, fact.actor, fact.body)
    if fact.intent_id is not None:
        leaf["intent"] = fact.intent_id
    if fact.task_id is not None:
        leaf["task"] = fact.task_id
    values = slices(fact.body.type, data)
    return _written(leaf, values, fact.at) if again is None else _rewritten(leaf, values, again)


def salts_in(text: str) -> dict[str, str]:
    """The salts of a row, by the names of their commitments; none where it has none."""
    return _salts_of(text) if text else {}


def _head(workspace: str, at: datetime, actor: Actor, body: Any) -> dict[str, Any]:
    plan = PLANS[body.type]
    moment = moment_text(at)
    leaf: dict[str, Any] = {
        "schema": SCHEMA,
        "software": SOFTWARE,
        "type": body.type,
        "workspace": workspace,
        "occurred_at": moment,
        "recorded_at": moment,
        "actor": {"kind": actor.kind, "ref": actor.id},
    }
    if plain := said(plan.plain, body):
        leaf["data"] = plain
    if digests := said(plan.digests, body):
        leaf["digests"] = digests
    return leaf


def _written(leaf: dict[str, Any], values: Mapping[str, bytes], at: datetime) -> Written:
    """The leaf with an event id, and a salt for each value."""
    start = _ID_CHANCE
    chance = _chance(start + SALT_SIZE * len(values))
    leaf["event_id"] = _uuid7(at, chance)
    if not values:
        return Written(_encode(leaf).decode(), "")
    leaf["commitments"] = commitments = {}
    salts = {}
    for name, value in values.items():
        salt = chance[start : start + SALT_SIZE]
        start += SALT_SIZE
        commitments[name] = sha256(salt + value).hexdigest()
        salts[name] = _text(salt)
    return Written(_encode(leaf).decode(), _encode(salts).decode())


def _rewritten(leaf: dict[str, Any], values: Mapping[str, bytes], again: Again) -> Written:
    leaf["event_id"], leaf["software"], salts = again.event_id, again.software, again.salts
    commitments = {
        name: sha256(salts[name] + value).hexdigest()
        for name, value in values.items()
        if name in salts
    }
    if commitments or again.taken_over:
        leaf["commitments"] = {**commitments, **again.taken_over}
    kept = {name: _text(salt) for name, salt in salts.items()}
    return Written(_encode(leaf).decode(), _encode(kept).decode() if kept else "")


@lru_cache(maxsize=64)
def _began(at: datetime) -> str:
    """The first half of a UUID of version 7 (RFC 9562, section 5.7): its milliseconds."""
    since = at - _EPOCH
    milliseconds = (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000
    found = f"{milliseconds:012x}"
    return f"{found[:8]}-{found[8:]}-7"


def _uuid7(at: datetime, chance: bytes) -> str:
    """A UUID of version 7 of that moment, from the first bytes of this chance."""
    found = chance[:_ID_CHANCE].hex()
    return f"{_began(at)}{found[:3]}-{_VARIANT[chance[2]]}{found[5:8]}-{found[8:20]}"


class _Drawn(threading.local):
    """Chance that was asked for and not given out yet, of each thread."""

    rest = b""


_drawn = _Drawn()


def _chance(size: int) -> bytes:
    """Bytes from the system's generator, asked for by the page; none is given out twice."""
    rest = _drawn.rest
    if len(rest) < size:
        rest = os.urandom(max(size, _DRAWN_AT_ONCE))
    _drawn.rest = rest[size:]
    return rest[:size]


def _forget_chance() -> None:
    """A forked process must not give out what its parent does."""
    _drawn.rest = b""


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_chance)


def _text(salt: bytes) -> str:
    return b2a_base64(salt, newline=False).translate(_URL_SAFE, b"=").decode()
