"""API keys: how one is made, and who a request comes from.

A key reads ``signoff_<kind>_<random><crc32>``. The checksum catches typing errors without a query
and lets secret scanners recognise a leaked key; the store knows only the SHA-256 of the whole.
A key's row is remembered for a second, so a revocation holds at once in the process that made it
and within a second everywhere else.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from signoff.core.credential import Credential, Strength
from signoff.core.routing import Actor, Person
from signoff.core.words import ActorKind, KeyId, WorkspaceId
from signoff.engine.ports import KeyKind, KeyRow, PersonRow, Store
from signoff.errors import Forbidden, Unauthenticated

REMEMBER_SECONDS = 1.0
REMEMBER_AT_MOST = 10_000

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_LENGTH = 32
_KEY = re.compile(
    rf"(signoff_(?:{'|'.join(KeyKind)})_[0-9A-Za-z]{{{_RANDOM_LENGTH}}})([0-9a-f]{{8}})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made. ``secret`` is shown once; ``hash`` and ``hint`` are what is kept."""

    secret: str
    hash: str
    hint: str


def mint(kind: KeyKind) -> NewKey:
    """Make a key of this kind with 190 bits of chance."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    stem = f"signoff_{kind}_{random}"
    secret = stem + _checksum(stem)
    return NewKey(secret=secret, hash=hash_of(secret), hint=secret[-4:])


def hash_of(secret: str) -> str:
    """What the store keeps of a key: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def well_formed(secret: str) -> bool:
    """Whether this can be a key at all: the right shape and the right checksum."""
    found = _KEY.fullmatch(secret)
    return found is not None and _checksum(found[1]) == found[2]


def _checksum(stem: str) -> str:
    return f"{zlib.crc32(stem.encode()):08x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who a request comes from: the key, and whom it stands for."""

    kind: KeyKind
    key_id: KeyId
    workspace: WorkspaceId
    label: str
    agent: str | None = None
    row: PersonRow | None = None

    @property
    def person(self) -> Person | None:
        return self.row.person if self.row else None

    @property
    def actor(self) -> Actor:
        """Who the events will name.

        :raises Forbidden: an auditor only reads, so nothing is ever done in their name.
        """
        match self.kind:
            case KeyKind.AGENT if self.agent is not None:
                return Actor(kind=ActorKind.AGENT, id=self.agent, label=self.agent)
            case KeyKind.PERSON if self.person is not None:
                return self.person.actor
            case KeyKind.ADMIN:
                return Actor(kind=ActorKind.ADMIN, id=self.key_id, label=self.label)
            case _:
                raise Forbidden("an auditor's key only reads; use another key to change anything")

    @property
    def reader(self) -> Actor:
        """Who the log names for what only reads: an auditor too."""
        if self.kind is KeyKind.AUDITOR:
            return Actor(kind=ActorKind.AUDITOR, id=self.key_id, label=self.label)
        return self.actor

    @property
    def credential(self) -> Credential:
        """What an answer given with this key comes with."""
        return Credential(strength=Strength.KEY, method="api_key", id=self.key_id)

    @property
    def agent_address(self) -> str:
        """The agent an intent submitted with this key belongs to."""
        return self.agent or f"agent://{self.workspace}/{self.kind}"

    @property
    def scope(self) -> str:
        """Whose idempotency keys these are: all keys of one agent or person share them."""
        actor = self.actor
        return f"{actor.kind}:{actor.id}"


class KeyRing:
    """Finds the caller of a request, remembering key rows for a moment.

    :param monotonic: seconds that only ever grow; given in tests.
    """

    def __init__(self, store: Store, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, Caller]] = {}
        self._generation = 0

    async def caller(self, authorization: bytes | None) -> Caller:
        """Find who sends this ``Authorization`` header.

        :raises Unauthenticated: there is none, or it is no key of anybody's any more.
        """
        hashed = hash_of(_bearer(authorization))
        known = self._known.get(hashed)
        if known is not None and known[0] > self._monotonic():
            return known[1]
        generation = self._generation
        caller = await self._look_up(hashed)
        if generation == self._generation:  # else what was read may have been revoked since
            if len(self._known) >= REMEMBER_AT_MOST:
                self._known.clear()
            self._known[hashed] = (self._monotonic() + REMEMBER_SECONDS, caller)
        return caller

    def forget(self) -> None:
        """Look everybody up anew: a key was revoked, or a person changed."""
        self._generation += 1
        self._known.clear()

    async def _look_up(self, hashed: str) -> Caller:
        row = await self._store.key(hashed)
        if row is None:
            raise Unauthenticated("nobody issued this key; check SIGNOFF_KEY")
        if row.revoked_at is not None:
            raise Unauthenticated("this key was revoked; ask an administrator for a new one")
        return _caller(row, await self._person(row))

    async def _person(self, row: KeyRow) -> PersonRow | None:
        if row.person_id is None:
            return None
        person = await self._store.person(row.workspace, row.person_id)
        if person is None or person.person.disabled:
            raise Unauthenticated("the person this key belongs to is disabled")
        return person


def _caller(row: KeyRow, person: PersonRow | None) -> Caller:
    return Caller(
        kind=row.kind,
        key_id=row.id,
        workspace=row.workspace,
        label=row.label or f"{row.kind} key {row.hint}",
        agent=row.agent,
        row=person,
    )


def _bearer(authorization: bytes | None) -> str:
    if not authorization:
        raise Unauthenticated("send a key: Authorization: Bearer signoff_...")
    scheme, _, secret = authorization.decode("latin-1").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not well_formed(secret):
        raise Unauthenticated("that is no Signoff key, or it was mistyped; check SIGNOFF_KEY")
    return secret
