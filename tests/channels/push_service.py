"""A strict push service and a browser behind it: refuses what a real one would, and can read.

Written after RFC 8030, RFC 8291 and RFC 8292, and nothing of it is shared with what sends.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.anchors.serving import served

_DAY = 24 * 60 * 60


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


@dataclass
class Device:
    """A browser that is subscribed.

    :param server_key: the only one whose messages it takes.
    """

    name: str
    server_key: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = b"0123456789abcdef"
    shown: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    def read(self, body: bytes) -> bytes:
        """Decrypt a message of one record (RFC 8291, 3.4; RFC 8188, 2)."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), theirs)
        about = b"WebPush: info\x00" + point(self.key.public_key()) + sender
        secret = derived(shared, self.auth, about, 32)
        key = derived(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = derived(secret, salt, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert plain[-1:] == b"\x02", "the last record"
        return plain[:-1]


@dataclass
class PushService:
    """Where browsers are subscribed.

    :param answers: what it says instead of taking a message.
    """

    url: str = ""
    devices: dict[str, Device] = field(default_factory=dict)
    answers: Callable[[Request], Response] | None = None

    def subscribe(self, name: str, server_key: str) -> dict[str, Any]:
        """What a browser's script is given, as JSON."""
        device = self.devices[name] = Device(name, server_key)
        return {
            "endpoint": f"{self.url}/push/{name}",
            "expirationTime": None,
            "keys": {"p256dh": b64(point(device.key.public_key())), "auth": b64(device.auth)},
        }

    def unsubscribe(self, name: str) -> None:
        del self.devices[name]

    async def push(self, request: Request) -> Response:
        body = await request.body()
        if self.answers is not None:
            return self.answers(request)
        device = self.devices.get(request.path_params["name"])
        if device is None:
            return PlainTextResponse("not subscribed", status_code=410)
        headers = dict(request.headers)
        problem = _unusable(headers, body) or self._unproven(headers["authorization"], device)
        if problem:
            return PlainTextResponse(problem, status_code=400)
        device.asked.append(headers)
        device.shown.append(json.loads(device.read(body)))
        return Response(status_code=201, headers={"location": f"{self.url}/message/1"})

    def _unproven(self, header: str, device: Device) -> str | None:
        """Whether it is whom the browser has subscribed to (RFC 8292, 2 and 3)."""
        found = re.fullmatch(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)", header)
        if found is None:
            return "no vapid"
        head, claims, sign, key = found.groups()
        if key != device.server_key:
            return "another key"
        said = json.loads(unb64(claims))
        raw = unb64(sign)
        number = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(key)).verify(
            utils.encode_dss_signature(*number),
            f"{head}.{claims}".encode(),
            ec.ECDSA(hashes.SHA256()),
        )
        if json.loads(unb64(head))["alg"] != "ES256" or said["aud"] != self.url:
            return "of somewhere else"
        if not time.time() - _DAY * 3650 < said["exp"] or not re.match(
            r"mailto:.+@.+|https://", said["sub"]
        ):
            return "nobody to turn to"
        return None


def _unusable(headers: dict[str, str], body: bytes) -> str | None:
    if headers.get("content-encoding") != "aes128gcm" or len(body) > 4096:
        return "a body that no browser reads"
    if not headers.get("ttl", "").isdigit():
        return "no TTL"
    if headers.get("urgency") not in {"very-low", "low", "normal", "high"}:
        return "no such urgency"
    if not re.fullmatch(r"[\w-]{1,32}", headers.get("topic", "none")):
        return "no such topic"
    return None


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    service = PushService()
    app = Starlette(routes=[Route("/push/{name:str}", service.push, methods=["POST"])])
    async with served(app) as address:
        service.url = address
        yield service
