"""Reads signed notes (C2SP signed-note) and verifies their signatures; it never signs.

A note is a text, an empty line, and a line for each signature. Signatures of keys that nobody asked
about are left alone; one that names a known key and does not fit refutes the note.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .errors import Malformed, Refuted

ED25519, COSIGNATURE = 0x01, 0x04
MOST_SIGNATURES = 100
LONGEST = 1 << 20

_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key under a name. ``kind`` is 1 for a log's and 4 for a witness's."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as text, as policies name it."""
        encoded = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature that fits. ``time`` is of a cosignature: seconds since 1970."""

    key: Key
    time: int | None = None


def parse_vkey(text: str) -> Key:
    """Read a public key.

    :raises Malformed: it is none, or its id is not its own.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    material = unbase64(encoded)
    if not _NAME.fullmatch(name) or len(material) != 33 or material[0] not in (1, 4):
        raise Malformed(f"{text[:80]!a} is no Ed25519 verifier key")
    key = Key(name=name, kind=material[0], public=material[1:])
    if key.id.hex() != key_id:
        raise Malformed(f"the key id in {text[:80]!a} is not that of the key")
    return key


def split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a note, and its signatures: each a name and the bytes beside it.

    :raises Malformed: it is no note.
    """
    text, empty, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if len(note) > LONGEST or not empty or lines.pop() != "" or not lines or _CONTROL.search(note):
        raise Malformed("a signed note is a text, an empty line and signatures")
    if len(lines) > MOST_SIGNATURES:
        raise Malformed(f"a note has at most {MOST_SIGNATURES} signatures")
    found = []
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        signature = unbase64(encoded)
        if dash != "—" or not _NAME.fullmatch(name) or len(signature) < 5:
            raise Malformed("a line below the note is no signature")
        found.append((name, signature))
    return f"{text}\n", found


def opened(note: str, vkeys: Sequence[str]) -> list[Signed]:
    """The signatures on a note that are of these keys, each checked.

    :raises Malformed: it is no note.
    :raises Refuted: a signature names one of the keys and does not fit.
    """
    text, signatures = split(note)
    keys = {(key.name, key.id): key for key in map(parse_vkey, vkeys)}
    found: dict[Key, Signed] = {}
    for name, signature in signatures:
        key = keys.get((name, signature[:4]))
        if key is not None and key not in found:
            found[key] = _checked(key, text, signature[4:])
    return list(found.values())


def cosigned(text: str, time: int) -> bytes:
    """What a witness signs (C2SP tlog-cosignature, version 1)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def unbase64(text: str) -> bytes:
    """What the text stands for; nothing where it is not exactly how base64 writes it."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return found if base64.b64encode(found).decode() == text else b""


def _checked(key: Key, text: str, signature: bytes) -> Signed:
    time = None
    message = text.encode()
    if key.kind == COSIGNATURE:
        time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        message = cosigned(text, time)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refuted(f"the signature of {key.name} does not fit the checkpoint") from None
    return Signed(key=key, time=time)
