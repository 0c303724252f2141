"""Signs notes (C2SP signed-note) with Ed25519 keys, and cosigns them as witnesses do.

What verifies them is in ``signatures``, which a verifier needs alone; its names are here too.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .errors import Malformed
from .signatures import COSIGNATURE, ED25519, Key, Signed, cosigned, opened, parse_vkey, split

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "Key",
    "Signed",
    "Signer",
    "cosign",
    "cosigner_vkey",
    "opened",
    "parse_vkey",
    "sign",
    "split",
    "vkey",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A log's private key; ``name`` is the origin of the log."""

    name: str
    seed: bytes

    @property
    def public(self) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    @property
    def vkey(self) -> str:
        return vkey(self.name, self.public)


def vkey(name: str, public: bytes) -> str:
    """A log's public key as text."""
    return Key(name=name, kind=ED25519, public=public).vkey


def cosigner_vkey(name: str, seed: bytes) -> str:
    """The public key of a witness as text."""
    public = Signer(name=name, seed=seed).public
    return Key(name=name, kind=COSIGNATURE, public=public).vkey


def sign(text: str, signers: Iterable[Signer]) -> str:
    """Sign a text that ends with a newline, once with each key."""
    if not text.endswith("\n") or "\n\n" in text:
        raise Malformed("the text of a note ends with a newline and has no empty line")
    lines = []
    for signer in signers:
        private = Ed25519PrivateKey.from_private_bytes(signer.seed)
        key = Key(name=signer.name, kind=ED25519, public=signer.public)
        lines.append(_line(key, private.sign(text.encode())))
    return f"{text}\n{''.join(lines)}"


def cosign(note: str, name: str, seed: bytes, time: int) -> str:
    """The line by which a witness cosigns a checkpoint (C2SP tlog-cosignature, version 1)."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key = Key(name=name, kind=COSIGNATURE, public=private.public_key().public_bytes_raw())
    signature = private.sign(cosigned(split(note)[0], time))
    return _line(key, time.to_bytes(8, "big") + signature)


def _line(key: Key, signature: bytes) -> str:
    return f"— {key.name} {base64.b64encode(key.id + signature).decode()}\n"
