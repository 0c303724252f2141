"""What is mutated: sound bundles with everything in them that the log of a workspace may have.

Every key is made from a seed, so that a mutant is the same in every process.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from signoff.audit import note
from signoff.audit.checkpoint import Checkpoint
from signoff.audit.tree import root
from tests.audit import building
from tests.audit.building import (
    AT,
    ORIGIN,
    SIGNER,
    Log,
    Members,
    Passkey,
    Written,
    base64url,
    decision,
    entry,
    erasure,
)
from tests.audit.mutants.mutant import Made, Mutant, stored

SECOND = note.Signer(name=ORIGIN, seed=b"second generation".ljust(32, b"."))
WITNESSES = {
    f"w{number}": note.Signer(name=f"witness.test/w{number}", seed=bytes([number]) * 32)
    for number in (1, 2, 3)
}
ERASED_INTENT, ERASED_FIELD, LATE_ERASED = "int_20", "int_30", "int_55"
_P = """
w+TdeIbOdI1EYTJMk+bxHBJFEhIfk943ZvOuOYTwvBwjHRKucg7iEO/f8lP7rxAbp1dCyEYLgxww98p2m05dDEtDedUU8kq4
DfFcyCqyqfiReDwGmpiEvKQZZs4Tfz72Xb9GPb6/Bp2sVKX3d41WRlnfTLDBJCVgUlSNaoNwA9E="""
_Q = """
u4noPI4pfTQQMKQsnP6BsWkCeMssFt98uT61cT+y5+rzX3HqaVBxtsf8JLccjedNrH7HpsKi+4/ECM8lkyhi/JjQqNcaOSPI
1WOSsPu1wmjUak/pBJRl8ahxncwPBSK0iXq9NGEjXhFctVx62GA/B89oTyNq4mOI0c4rmGrWMbk="""


class SeededPasskey(Passkey):
    """A passkey that is the same in every process, and whose signatures are."""

    def __init__(self, person: str = "per_maria", kind: str = "es256") -> None:
        self.person = person
        self.id = base64url(hashlib.sha256(f"{person} {kind}".encode()).digest()[:16])
        seed = hashlib.sha256(f"key of {self.id}".encode()).digest()
        match kind:
            case "eddsa":
                self._private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
            case "es256":
                self._private = _Deterministic(seed)
            case _:
                self._private = _rsa()


class _Deterministic:
    """ECDSA as RFC 6979 has it."""

    def __init__(self, seed: bytes) -> None:
        self._key = ec.derive_private_key(int.from_bytes(seed, "big") >> 1, ec.SECP256R1())

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._key.public_key()

    def sign(self, message: bytes, *_: object) -> bytes:
        return self._key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))


def _rsa() -> rsa.RSAPrivateKey:
    """Made once for these tests, and good for nothing else."""
    p, q = (int.from_bytes(base64.b64decode(each), "big") for each in (_P, _Q))
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    ends = d % (p - 1), d % (q - 1), pow(q, -1, p)
    return rsa.RSAPrivateNumbers(p, q, d, *ends, public).private_key()


PASSKEYS = [SeededPasskey(kind=kind) for kind in ("es256", "eddsa", "rs256")]


class Witnessed(Log):
    """A log of two generations of keys, with two of three witnesses below its checkpoints."""

    def __init__(self, entries: Sequence[Written], *, witnesses: Sequence[str] = ("w1", "w3")):
        super().__init__(entries)
        self.signers = [SIGNER, SECOND]
        self.witnesses = witnesses

    def checkpoint(self, size: int | None = None) -> str:
        signed = super().checkpoint(size)
        return signed + "".join(cosignature(signed, each) for each in self.witnesses)

    @property
    def policy(self) -> str:
        return "\n".join(
            [
                *(f"log {each.vkey}" for each in self.signers),
                *(f"witness {name} {_vkey(each)}" for name, each in WITNESSES.items()),
                f"group two-of-three 2 {' '.join(WITNESSES)}",
                "quorum two-of-three",
                "",
            ]
        )


class Deep(Log):
    """A log of so many entries that its tree has three levels of tiles; few are written out."""

    def __init__(self, size: int, few: Mapping[int, Written]) -> None:
        super().__init__(())
        self._size = size
        self.entries = dict(few)  # type: ignore[assignment]  # only looked up by index

    @property
    def size(self) -> int:
        return self._size

    @cached_property
    def hashes(self) -> list[bytes]:
        few: Any = self.entries
        found = [hashlib.sha256(b"%d" % index).digest() for index in range(self._size)]
        for index, written in few.items():
            found[index] = Log([written]).hashes[0]
        return found

    @cached_property
    def _root(self) -> bytes:
        return root(self.hashes)

    def checkpoint(self, size: int | None = None) -> str:
        assert size is None
        now = Checkpoint(origin=self.origin, size=self._size, root=self._root)
        return note.sign(now.encode(), self.signers)


@dataclass(frozen=True, kw_only=True)
class Specimen:
    """A sound bundle. ``places`` are the indices of its entries, ``policy`` whom to rely on."""

    name: str
    log: Log
    members: Members
    places: Sequence[int]
    policy: str

    @property
    def complete(self) -> bool:
        return len(self.places) == self.log.size

    @cached_property
    def lines(self) -> Sequence[bytes]:
        """Those of ``events.jsonl``, with their ends."""
        return tuple(f"{each}\n".encode() for each in self.events.decode().split("\n")[:-1])

    @property
    def events(self) -> bytes:
        return self.members["events.jsonl"]

    def tile_name(self, number: int) -> str:
        """The member that is the tile of leaves with this number."""
        start = f"tile/0/{number // 1000:03}" if number > 999 else "tile/0/"
        assert number < 1000, start
        return next(
            name
            for name in (f"tile/0/{number:03}", f"tile/0/{number:03}.p/{self.log.size % 256}")
            if name in self.members
        )


def changed_bundle(
    specimen: Specimen,
    name: str,
    members: Members | Sequence[tuple[str, bytes]],
    *,
    index: int | None = None,
    policy: str | None = "",
    unreadable: bool = False,
) -> Mutant:
    """:param policy: the specimen's, where nothing else is said."""
    relied = specimen.policy if policy == "" else policy

    def make() -> Made:
        return Made(stored(members), index, relied, unreadable=unreadable)

    return Mutant(name=f"{specimen.name}: {name}", make=make)


def cosignature(signed: str, witness: str) -> str:
    """The line of one of the witnesses."""
    signer = WITNESSES[witness]
    return note.cosign(signed, signer.name, signer.seed, AT)


def _vkey(signer: note.Signer) -> str:
    return note.cosigner_vkey(signer.name, signer.seed)


def story(*, erased: bool = True) -> list[Written]:
    """The history of the richest of them.

    :param erased: whether the values are gone that its erasures speak of.
    """
    found = [
        entry("log.opened", data={"origin": ORIGIN, "earlier": 0}, number=0),
        entry("log.key_added", data={"generation": 1, "key": SIGNER.vkey}, number=1),
        _person("per_maria", "Maria Weiß", 2),
        _person("per_jon", "Jon", 3),
    ]
    for each_key in PASSKEYS:
        found.append(each_key.added(len(found)))
    for each in range(1, 113):
        passkey = PASSKEYS[each % 3] if each % 40 < 6 else None
        found += decision(len(found), intent=f"int_{each}", task=f"tsk_{each}", passkey=passkey)
        if each % 10 == 0:
            found.append(_comment(f"int_{each}", f"tsk_{each}", len(found)))
        match each:
            case 35:
                data = {"generation": 2, "key": SECOND.vkey}
                found.append(entry("log.key_added", data=data, number=len(found)))
            case 50:
                found.append(erasure(ERASED_INTENT, number=len(found)))
                found.append(erasure(ERASED_FIELD, fields=["comment"], number=len(found)))
            case 70:
                found.append(erasure(None, person_id="per_jon", number=len(found)))
            case 80:
                found.append(erasure(LATE_ERASED, number=len(found)))
    return [_after_erasure(each) for each in found] if erased else found


def _after_erasure(written: Written) -> Written:
    match written.leaf.get("intent"):
        case "int_20" | "int_55":
            return written.without(*written.opened)
        case "int_30":
            return written.without("comment")
        case None if written.leaf["data"].get("person_id") == "per_jon":
            return written.without(*written.opened)
        case _:
            return written


def _person(person: str, name: str, number: int) -> Written:
    return entry(
        "person.added",
        data={"person_id": person, "roles": ["approver"]},
        commit={"email": f"{person}@acme.test", "name": name},
        number=number,
    )


def _comment(intent: str, task: str, number: int) -> Written:
    return entry(
        "task.commented",
        intent=intent,
        seq=5,
        task=task,
        actor=("person", "per_jon"),
        data={"stage": 0, "über": [1, -2, {"\U0001f600": None, "\uffee": True}]},
        commit={"text": 'Größe \U0001f600 "\u2028" \\', "at": {"b": [1, 2], "a": 240}},
        number=number,
    )


def _anchors(log: Witnessed, one: int, two: int, three: int) -> dict[str, tuple[str, bytes]]:
    """Of the first only the first generation of keys had signed."""
    first = Witnessed(log.entries)
    first.signers = [SIGNER]
    cosigned = log.checkpoint(two)
    return {
        f"file-{one}-ledger": (first.checkpoint(one), b'{"bytes":412,"sha256":"00"}'),
        f"file-{three}-ledger": (log.checkpoint(three), b'{"bytes":824,"sha256":"11"}'),
        f"witness-{two}-w2": (cosigned, cosignature(cosigned, "w2").encode()),
    }


LOG = Witnessed(story())
WHOLE = Specimen(
    name="whole",
    log=LOG,
    members=building.bundle(LOG, anchors=_anchors(LOG, 100, 400, 512)),
    places=range(LOG.size),
    policy=LOG.policy,
)
_SMALL = Witnessed(story(erased=False)[:60])
SMALL = Specimen(
    name="small",
    log=_SMALL,
    members=building.bundle(_SMALL, anchors=_anchors(_SMALL, 20, 31, 60)),
    places=range(_SMALL.size),
    policy=_SMALL.policy,
)


def part(name: str, places: Sequence[int], choice: Mapping[str, str]) -> Specimen:
    """A bundle of some entries of the log."""
    return Specimen(
        name=name,
        log=LOG,
        members=building.bundle(LOG, chosen=places, choice=choice),
        places=places,
        policy=LOG.policy,
    )


def erasures(*intents: str) -> list[int]:
    """Where the records are of what was erased in these intents."""
    return [
        index
        for index, each in enumerate(LOG.entries)
        if each.leaf["type"] == "erasure.done" and each.leaf.get("intent") in intents
    ]


RANGE = part(
    "range",
    [*range(215, 300), *erasures(LATE_ERASED)],
    {"since": "2026-11-25T00:03:35.000000Z", "until": "2026-11-25T00:05:00.000000Z"},
)
INTENT = part(
    "intent",
    [at for at, each in enumerate(LOG.entries) if each.leaf.get("intent") == ERASED_FIELD],
    {"intent": ERASED_FIELD},
)
_DEEP = Deep(70_000, {400 + at: each for at, each in enumerate(decision(400))})
DEEP = Specimen(
    name="deep",
    log=_DEEP,
    members=building.bundle(_DEEP, chosen=range(400, 405), choice={"intent": "int_1"}),
    places=range(400, 405),
    policy=_DEEP.policy,
)
SPECIMENS = {each.name: each for each in (WHOLE, SMALL, RANGE, INTENT, DEEP)}
