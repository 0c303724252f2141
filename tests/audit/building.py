"""Builds logs, bundles and receipts for tests: real keys, real trees, and nothing of the engine.

A ``Log`` is made of ``Written`` entries. Its bundle is first a mapping from names to bytes, so that
a test can tamper with a member before ``zipped`` makes a file of it. ``python -m
tests.audit.building COUNT FILE`` writes a bundle of that many entries, for measuring.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signoff.audit import note, tiles, tree
from signoff.audit.canonical import encode
from signoff.audit.checkpoint import Checkpoint
from signoff.audit.passkey import statement
from signoff.audit.receipt import Proven, Receipt

WORKSPACE = "default/main"
ORIGIN = f"log.test/{WORKSPACE}"
SIGNER = note.Signer(name=ORIGIN, seed=b"log key of the tests, 32 bytes.".ljust(32, b"."))
OTHER = note.Signer(name=ORIGIN, seed=b"another key".ljust(32, b"."))
WITNESS = "witness.test/w1"
WITNESS_SEED = b"witness key".ljust(32, b".")
RELYING_PARTY = "signoff.test"
AT = 1_772_442_000

Members = dict[str, bytes]


@dataclass(frozen=True)
class Written:
    """A leaf with what opens it. ``gone`` are commitments whose value was erased."""

    leaf: dict[str, Any]
    opened: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)

    def without(self, *names: str) -> Written:
        """As it is after these values were erased."""
        kept = {name: value for name, value in self.opened.items() if name not in names}
        return Written(self.leaf, kept, self.shown)


def entry(
    kind: str,
    *,
    intent: str | None = None,
    seq: int | None = None,
    task: str | None = None,
    actor: tuple[str, str] = ("service", "server"),
    data: Mapping[str, Any] | None = None,
    digests: Mapping[str, str] | None = None,
    commit: Mapping[str, Any] | None = None,
    shown: Mapping[str, str] | None = None,
    number: int = 0,
    workspace: str = WORKSPACE,
) -> Written:
    """One entry. ``commit`` has the values that the leaf commits to; all of them are opened."""
    at = f"2026-11-25T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.123456Z"
    leaf: dict[str, Any] = {
        "schema": 1,
        "event_id": f"019ab0f3-{number >> 16:04x}-7{number & 0xFFF:03x}-8000-{number:012x}",
        "type": kind,
        "workspace": workspace,
        "occurred_at": at,
        "recorded_at": at,
        "actor": {"kind": actor[0], "ref": actor[1]},
        "software": "signoff 0.1.0",
    }
    if seq is not None:
        leaf |= {"seq": seq, "agent": "agent://default/main/refunds"}
    given = {"intent": intent, "task": task, "data": data, "digests": digests}
    leaf |= {name: value for name, value in given.items() if value is not None}
    opened, commitments = {}, {}
    for name, value in (commit or {}).items():
        salt = hashlib.sha256(f"{number} {name}".encode()).digest()
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        commitments[name] = hashlib.sha256(salt + text.encode()).hexdigest()
        opened[name] = {"salt": base64url(salt), "value": text}
    if commitments:
        leaf["commitments"] = commitments
    return Written(leaf, opened, shown or {})


class Passkey:
    """A person's passkey, of one of the three kinds that authenticators make."""

    def __init__(self, person: str = "per_maria", kind: str = "es256") -> None:
        self.person = person
        self.id = base64url(hashlib.sha256(f"{person} {kind}".encode()).digest()[:16])
        self._private: Any
        match kind:
            case "eddsa":
                self._private = ed25519.Ed25519PrivateKey.generate()
            case "es256":
                self._private = ec.generate_private_key(ec.SECP256R1())
            case _:
                self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public_key(self) -> str:
        public = self._private.public_key()
        return base64url(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def added(self, number: int = 0) -> Written:
        data = {
            "person_id": self.person,
            "credential_id": self.id,
            "public_key": self.public_key,
            "relying_party": RELYING_PARTY,
        }
        return entry(
            "passkey.added",
            actor=("person", self.person),
            data=data,
            commit={"label": "phone"},
            number=number,
        )

    def assertion(
        self,
        said: bytes,
        *,
        kind: str = "webauthn.get",
        relying_party: str = RELYING_PARTY,
        flags: int = 0x05,
        challenge: bytes | None = None,
    ) -> dict[str, str]:
        """The signature over a statement, as a browser returns it."""
        digest = hashlib.sha256(said).digest() if challenge is None else challenge
        client = {
            "type": kind,
            "challenge": base64url(digest),
            "origin": f"https://{RELYING_PARTY}",
            "crossOrigin": False,
        }
        client_data = json.dumps(client, separators=(",", ":")).encode()
        data = hashlib.sha256(relying_party.encode()).digest() + bytes([flags]) + bytes(4)
        message = data + hashlib.sha256(client_data).digest()
        match self._private:
            case ed25519.Ed25519PrivateKey() as key:
                signature = key.sign(message)
            case ec.EllipticCurvePrivateKey() as key:
                signature = key.sign(message, ec.ECDSA(SHA256()))
            case key:
                signature = key.sign(message, padding.PKCS1v15(), SHA256())
        return {
            "credential_id": self.id,
            "authenticator_data": base64url(data),
            "client_data": base64url(client_data),
            "signature": base64url(signature),
        }


def answered(
    *,
    intent: str,
    seq: int,
    task: str,
    person: str = "per_maria",
    outcome: str = "approved",
    comment: str | None = "Looks right.",
    data: Any = None,
    passkey: Passkey | None = None,
    number: int = 0,
    digests: Mapping[str, str] | None = None,
    **assertion: Any,
) -> Written:
    """An answer, signed where there is a passkey."""
    judged = {"comment": comment, "data": data, "evidence": [], "outcome": outcome}
    own = {"answer": digest(judged), "view": digest(VIEW)} | dict(digests or {})
    credential: dict[str, Any] = {"strength": "session", "method": "session", "provider": "local"}
    if passkey is not None:
        said = statement(
            workspace=WORKSPACE,
            task=task,
            outcome=outcome,
            answer=own["answer"],
            view=own["view"],
        )
        signature = passkey.assertion(said, **assertion)
        credential |= {"strength": "signed", "method": "passkey", "signature": signature}
    values = {"comment": comment, "data": data}
    return entry(
        "task.answered",
        intent=intent,
        seq=seq,
        task=task,
        actor=("person", person),
        data={
            "outcome": outcome,
            "stage": 0,
            "round": 0,
            "channel": "inbox",
            "seat": person,
            "credential": credential,
            "dwell_us": 34_000_000,
        },
        digests=own,
        commit={name: value for name, value in values.items() if value is not None},
        number=number,
    )


LOG_STORY = [3, 4, 5, 6, 7]
"""In a history with a passkey: its registration, and what led to the decision at 8."""
VIEW = {"task": "tsk_1", "title": "Refund 240 EUR to cus_123?", "type": "approval"}


def decision(
    number: int, *, intent: str = "int_1", task: str = "tsk_1", passkey: Passkey | None = None
) -> list[Written]:
    """An intent with one task from its beginning to its decision."""
    view = json.dumps(VIEW, sort_keys=True, separators=(",", ":"))
    shared: Any = {"intent": intent, "task": task}
    agent: Any = {"actor": ("agent", "agent://default/main/refunds")}
    return [
        entry(
            "intent.submitted",
            intent=intent,
            seq=1,
            data={"intent_type": "refund", "handled": True},
            commit={"title": "Refund cus_123", "payload": {"amount": 240, "currency": "EUR"}},
            number=number,
            **agent,
        ),
        entry(
            "task.opened",
            seq=2,
            data={"task_type": "approval", "risk": "high", "outcomes": ["approved", "rejected"]},
            digests={"view": digest(VIEW)},
            commit={
                "ask.title": VIEW["title"],
                "ask.spec": {"amount": 240},
                "opening": {"who": []},
            },
            shown={"view": view},
            number=number + 1,
            **shared,
            **agent,
        ),
        entry(
            "task.viewed",
            actor=("person", "per_maria"),
            data={"person_id": "per_maria", "channel": "inbox"},
            digests={"view": digest(VIEW)},
            number=number + 2,
            **shared,
        ),
        answered(seq=3, passkey=passkey, number=number + 3, **shared),
        entry(
            "task.concluded",
            seq=4,
            data={"outcome": "approved"},
            commit={"comment": "Looks right."},
            number=number + 4,
            **shared,
        ),
    ]


def history(decisions: int = 3, *, passkey: Passkey | None = None) -> list[Written]:
    """A log from its beginning: keys, a person, a passkey where there is one, and decisions."""
    found = [
        entry("log.opened", data={"origin": ORIGIN, "earlier": 0}, number=0),
        entry("log.key_added", data={"generation": 1, "key": SIGNER.vkey}, number=1),
        entry(
            "person.added",
            data={"person_id": "per_maria", "roles": ["approver"]},
            commit={"email": "maria@acme.test", "name": "Maria Weiß"},
            number=2,
        ),
    ]
    if passkey is not None:
        found.append(passkey.added(3))
    for each in range(1, decisions + 1):
        found += decision(len(found), intent=f"int_{each}", task=f"tsk_{each}", passkey=passkey)
    return found


def erasure(intent: str | None, *, number: int = 0, **data: Any) -> Written:
    """The record that values were erased: of an intent, or of a person (``person_id``)."""
    said = {"scope": "intent" if intent else "person", "intents": 1, "entries": 1} | data
    return entry("erasure.done", intent=intent, data=said, number=number)


class Log:
    """Entries with their tree, and who signs it."""

    def __init__(
        self,
        entries: Iterable[Written],
        signer: note.Signer = SIGNER,
        *,
        origin: str = ORIGIN,
        cosigned: bool = False,
    ) -> None:
        self.entries = list(entries)
        self.signers = [signer]
        self.origin = origin
        self.cosigned = cosigned

    @property
    def size(self) -> int:
        return len(self.entries)

    @cached_property
    def hashes(self) -> list[bytes]:
        return [tree.leaf_hash(encode(each.leaf)) for each in self.entries]

    def checkpoint(self, size: int | None = None) -> str:
        """The signed note of the first entries, or of all."""
        count = self.size if size is None else size
        now = Checkpoint(origin=self.origin, size=count, root=tree.root(self.hashes[:count]))
        signed = note.sign(now.encode(), self.signers)
        return signed + (note.cosign(signed, WITNESS, WITNESS_SEED, AT) if self.cosigned else "")

    def hash_at(self, level: int, number: int) -> bytes:
        return tree.root(self.hashes[number << level : (number + 1) << level])

    @property
    def policy(self) -> str:
        """A policy file that pins its key, and the witness where it has one."""
        lines = [f"log {each.vkey}" for each in self.signers]
        if self.cosigned:
            lines.append(f"witness w1 {note.cosigner_vkey(WITNESS, WITNESS_SEED)}")
        return "\n".join([*lines, f"quorum {'w1' if self.cosigned else 'none'}", ""])


def bundle(
    entries: Log | Sequence[Written],
    *,
    chosen: Sequence[int] | None = None,
    choice: Mapping[str, Any] | None = None,
    anchors: Mapping[str, tuple[str, bytes]] | None = None,
) -> Members:
    """The members of a bundle of a log.

    :param chosen: the entries that are in it, where not all are; ``choice`` is the filter then.
    :param anchors: by ``<kind>-<size>-<id>`` the checkpoint somebody holds, and the evidence.
    """
    log = entries if isinstance(entries, Log) else Log(entries)
    places = range(log.size) if chosen is None else chosen
    members = {
        "manifest.json": manifest(
            log.origin, log.size, places, choice=choice or ({"intent": "int_1"} if chosen else None)
        ),
        "checkpoint": log.checkpoint().encode(),
        "log.vkey": "".join(f"{each.vkey}\n" for each in log.signers).encode(),
        "events.jsonl": b"".join(line(index, log.entries[index]) for index in places),
    }
    wanted = {index // 256 for index in places} | ({(log.size - 1) // 256} if log.size else set())
    for (level, number), found in tiles.extended(0, log.hashes, _no_tile).items():
        if level or number in wanted:
            members[tiles.tile_path(level, number, len(found) // 32)] = found
    for name, (held, evidence) in (anchors or {}).items():
        members[f"anchors/{name}"] = evidence
        members[f"anchors/{name}.checkpoint"] = held.encode()
    return members


def manifest(
    origin: str, size: int, places: Sequence[int], *, choice: Mapping[str, Any] | None = None
) -> bytes:
    return encode(
        {
            "format": "signoff-bundle/1",
            "origin": origin,
            "workspace": WORKSPACE,
            "size": size,
            "entries": len(places),
            "first": places[0] if places else None,
            "last": places[-1] if places else None,
            "filter": dict(choice) if choice is not None else None,
        }
    )


def line(index: int, written: Written) -> bytes:
    """A line of ``events.jsonl``."""
    return encode({"index": index, "leaf": written.leaf, "open": dict(written.opened)}) + b"\n"


def zipped(members: Members | Sequence[tuple[str, bytes]], path: Path) -> Path:
    """Write the members to a file; a sequence of pairs may have a name twice."""
    pairs = members.items() if isinstance(members, dict) else members
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    path.write_bytes(buffer.getvalue())
    return path


def receipt(
    log: Log,
    about: int,
    also: Sequence[int] = (),
    *,
    keys: bool = False,
    change: Callable[[Proven], Proven] = lambda proven: proven,
) -> str:
    """The receipt of one entry, with others beside it."""

    def proven(index: int) -> Proven:
        written = log.entries[index]
        return change(
            Proven(
                index=index,
                leaf=written.leaf,
                opened=dict(written.opened),
                shown=dict(written.shown),
                proof=tree.inclusion_proof(index, log.size, log.hash_at),
            )
        )

    return Receipt(
        about=proven(about),
        also=[proven(index) for index in also],
        note=log.checkpoint(),
        keys=[each.vkey for each in log.signers] if keys else [],
    ).encode()


def digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def write_large(path: Path, count: int) -> None:
    """A bundle of so many entries, written as it is made: a third of them open three values."""
    hashes: list[bytes] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("events.jsonl", "w", force_zip64=True) as file:
            for index, written in enumerate(_endless(count)):
                hashes.append(tree.leaf_hash(encode(written.leaf)))
                file.write(line(index, written))
        now = Checkpoint(origin=ORIGIN, size=count, root=tree.root(hashes))
        archive.writestr("checkpoint", note.sign(now.encode(), [SIGNER]))
        archive.writestr("log.vkey", f"{SIGNER.vkey}\n")
        archive.writestr("manifest.json", manifest(ORIGIN, count, range(count)))
        for (level, number), found in tiles.extended(0, hashes, _no_tile).items():
            archive.writestr(tiles.tile_path(level, number, len(found) // 32), found)


def _endless(count: int) -> Iterator[Written]:
    yield from history(0)
    for index in range(3, count):
        intent, step = f"int_{(index - 3) // 6:032x}", (index - 3) % 6
        values = {"title": "Refund cus_123", "payload": {"amount": index}, "note": "x" * 40}
        yield entry(
            ("intent.submitted", "task.opened", "step.recorded")[step % 3],
            intent=intent,
            seq=step + 1,
            task=f"tsk_{index:032x}",
            data={"reason": "a" * 60, "schedule": [{"do": "remind", "rung": 0}]},
            digests={"view": f"sha256:{index:064x}"},
            commit=values if index % 3 == 0 else None,
            number=index,
        )


def _no_tile(level: int, number: int) -> bytes:
    raise AssertionError("a new tree has no tiles")


if __name__ == "__main__":
    write_large(Path(sys.argv[2]), int(sys.argv[1]))
