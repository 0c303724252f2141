"""Messages that only the browser they are for can read (RFC 8291)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec

from signoff import base64url

MOST_BYTES = 3000
"""What is sent at most: push services take 4096 bytes with what is added (RFC 8030, 7.2)."""

_KEY_SIZE = 65
_AUTH_SIZE = 16


def encrypted(message: bytes, p256dh: str, auth: str) -> bytes:
    """A message for a browser with this key and secret, as ``aes128gcm`` (RFC 8188)."""
    import http_ece

    found: bytes = http_ece.encrypt(
        message,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=base64url.decoded(p256dh),
        auth_secret=base64url.decoded(auth),
        version="aes128gcm",
    )
    return found


def is_sound(p256dh: str, auth: str) -> bool:
    """Whether these are a point of P-256 and a secret of 16 bytes, in base64url."""
    try:
        key, secret = base64url.decoded(p256dh), base64url.decoded(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError:
        return False
    return len(key) == _KEY_SIZE and len(secret) == _AUTH_SIZE
