"""By what push services know this server (RFC 8292): a key that all servers of a database share."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signoff import base64url
from signoff.engine.log.keys import Seal
from signoff.engine.ports import Store

_NAME = "vapid"
_SIZE = 32
_LASTS = timedelta(hours=12)  # 24 hours is the most (RFC 8292, 2)


class ServerKey:
    """The key.

    :param contact: whom a push service turns to: an ``https`` or ``mailto`` address.
    """

    def __init__(self, private: ec.EllipticCurvePrivateKey, contact: str) -> None:
        self._private = private
        self._contact = contact

    @cached_property
    def public(self) -> str:
        """What a browser is told when it is asked to subscribe, in base64url."""
        key = self._private.public_key()
        return base64url.encoded(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def authorization(self, endpoint: str, now: datetime) -> str:
        """The header that proves to the push service of an endpoint who is sending."""
        from joserfc import jwt
        from joserfc.jwk import ECKey

        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + _LASTS).timestamp()),
            "sub": self._contact,
        }
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, ECKey.import_key(self._private))
        return f"vapid t={token}, k={self.public}"


async def server_key(store: Store, seal: Seal, contact: str) -> ServerKey:
    """The key of this database's servers; it is made where there is none yet.

    :raises Broken: it is sealed, and not with what this server has.
    """
    about = f"server secret {_NAME}".encode()
    fresh = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    sealed = seal.sealed(fresh.to_bytes(_SIZE, "big"), about)
    kept = await store.server_secret(_NAME, sealed, await store.now())
    number = int.from_bytes(seal.opened(kept, about), "big")
    return ServerKey(ec.derive_private_key(number, ec.SECP256R1()), contact)
