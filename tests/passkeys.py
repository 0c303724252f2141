"""An authenticator in software: it makes passkeys and signs with them as a device would.

ES256, attestation "none". What a device would never do (another origin, nobody verified, a counter
that goes back) it does when told to, for tests of what is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
Json = dict[str, Any]


@dataclass
class Passkey:
    """One key pair on the device, with the counter of its uses."""

    id: bytes
    key: ec.EllipticCurvePrivateKey
    count: int = 0

    @property
    def cose(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


@dataclass
class Authenticator:
    """A device of one person, in a browser on a page of ``origin``.

    :param counts: whether its counters go up; those of many passkeys stay 0.
    :param verifies: whether it makes sure who holds it.
    """

    origin: str
    counts: bool = True
    verifies: bool = True
    passkeys: list[Passkey] = field(default_factory=list)

    def create(self, options: Mapping[str, Any], **said: Any) -> Json:
        """Make a passkey; ``said`` is put into the client data instead of what is true."""
        self.passkeys.append(
            Passkey(id=os.urandom(16), key=ec.generate_private_key(ec.SECP256R1()))
        )
        return self.attest(self.passkeys[-1], options, **said)

    def attest(self, made: Passkey, options: Mapping[str, Any], **said: Any) -> Json:
        """Hand out this passkey as if it had been made just now."""
        data = self._data(options["rp"]["id"], made, flags=ATTESTED)
        data += bytes(16) + len(made.id).to_bytes(2, "big") + made.id + made.cose
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"], said)
        return self._reply(
            made,
            {"clientDataJSON": _text(client), "attestationObject": _text(attestation)},
        )

    def get(self, options: Mapping[str, Any], **said: Any) -> Json:
        """Sign with the first passkey that the page allows and this device has."""
        allowed = {each["id"] for each in options["allowCredentials"]}
        fits = (each for each in self.passkeys if not allowed or _text(each.id) in allowed)
        used = next(fits)
        return self.sign(used, options["rpId"], options["challenge"], said)

    def sign(
        self, used: Passkey, rp_id: str, challenge: str, said: Mapping[str, Any] | None = None
    ) -> Json:
        """Sign whatever it is told to, as no page could ask for."""
        used.count += self.counts
        data = self._data(rp_id, used)
        client = self._client("webauthn.get", challenge, said or {})
        signature = used.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._reply(used, {name: _text(part) for name, part in parts.items()})

    def _data(self, rp_id: str, used: Passkey, *, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        head = hashlib.sha256(rp_id.encode()).digest()
        return head + bytes([flags]) + used.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, said: Mapping[str, Any]) -> bytes:
        true = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(true | dict(said)).encode()

    def _reply(self, used: Passkey, response: Json) -> Json:
        return {
            "id": _text(used.id),
            "rawId": _text(used.id),
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }


def _text(data: bytes) -> str:
    return bytes_to_base64url(data)
