"""Checks the assertion of a passkey (WebAuthn Level 3, section 7.2) over an answer.

What was to be signed is the SHA-256 of a statement of the answer; the person was verified by the
authenticator. The counter is not looked at: passkeys that are synced have none.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from .exact import written

_PRESENT, _VERIFIED = 0x01, 0x04


def statement(*, workspace: str, task: str, outcome: str, answer: str, view: str) -> bytes:
    """What is signed: this answer, to this view of this task. Digests are ``sha256:<hex>``."""
    said = {"answer": answer, "outcome": outcome, "task": task, "view": view}
    return written(said | {"type": "signoff.answer/v1", "workspace": workspace})


def wrong(
    signature: Mapping[str, Any], said: bytes, *, public_key: str, relying_party: str
) -> str | None:
    """Why this is no signature of that passkey over the statement; None where it is one.

    :param public_key: the SubjectPublicKeyInfo (RFC 5280), in base64url like all of ``signature``.
    """
    try:
        data = unbase64url(signature["authenticator_data"])
        client_data = unbase64url(signature["client_data"])
        client = json.loads(client_data)
        kind, challenge = client["type"], client["challenge"]
        signed, spki = unbase64url(signature["signature"]), unbase64url(public_key)
    except (KeyError, TypeError, ValueError, RecursionError):
        return "it cannot be read"
    if kind != "webauthn.get":
        return "it was made for something else than signing"
    if challenge != urlsafe_b64encode(sha256(said).digest()).rstrip(b"=").decode():
        return "it is over another answer"
    if len(data) < 37 or data[:32] != sha256(relying_party.encode()).digest():
        return "it was made for another site"
    if data[32] & _PRESENT == 0 or data[32] & _VERIFIED == 0:
        return "the person was not verified"
    try:
        _verify(spki, signed, data + sha256(client_data).digest())
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return "the key is another"
    return None


def unbase64url(text: str) -> bytes:
    """:raises ValueError: it is not how base64url without padding writes anything."""
    found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if urlsafe_b64encode(found).rstrip(b"=").decode() != text:
        raise ValueError
    return found


def _verify(spki: bytes, signature: bytes, message: bytes) -> None:
    """EdDSA, ES256 or RS256, by what the key is."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    match load_der_public_key(spki):
        case ed25519.Ed25519PublicKey() as key:
            key.verify(signature, message)
        case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()) as key:
            key.verify(signature, message, ec.ECDSA(SHA256()))
        case rsa.RSAPublicKey() as key:
            key.verify(signature, message, padding.PKCS1v15(), SHA256())
        case _:
            raise ValueError
