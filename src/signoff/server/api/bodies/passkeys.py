"""What browsers reply with about passkeys, in the JSON form of WebAuthn Level 3, section 5.1."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from signoff.server.api.bodies.words import Body, Json

Bytes = Annotated[
    str, Meta(max_length=16_384, pattern=r"^[A-Za-z0-9_-]*$", description="Bytes in base64url.")
]
_Id = Annotated[str, Meta(min_length=1, max_length=1400, pattern=r"^[A-Za-z0-9_-]+$")]
_Extras = dict[str, Json]


class AttestationParts(Body):
    client_data: Bytes = field(name="clientDataJSON")
    attestation: Bytes = field(name="attestationObject")
    authenticator_data: Bytes | None = field(name="authenticatorData", default=None)
    public_key: Bytes | None = field(name="publicKey", default=None)
    algorithm: int | None = field(name="publicKeyAlgorithm", default=None)
    transports: Annotated[list[str], Meta(max_length=10)] | None = None


class Attestation(Body):
    """`PublicKeyCredential.toJSON()` of what `navigator.credentials.create` made."""

    id: _Id
    raw_id: _Id = field(name="rawId")
    type: Literal["public-key"]
    response: AttestationParts
    attachment: str | None = field(name="authenticatorAttachment", default=None)
    extensions: _Extras | None = field(name="clientExtensionResults", default=None)


class NewPasskey(Body):
    """A passkey just made; `label` is what its owner calls it."""

    credential: Attestation
    label: Annotated[str, Meta(max_length=100)] | None = None


class AssertionParts(Body):
    client_data: Bytes = field(name="clientDataJSON")
    authenticator_data: Bytes = field(name="authenticatorData")
    signature: Bytes
    user_handle: Bytes | None = field(name="userHandle", default=None)


class Assertion(Body):
    """`PublicKeyCredential.toJSON()` of what `navigator.credentials.get` signed."""

    id: _Id
    raw_id: _Id = field(name="rawId")
    type: Literal["public-key"]
    response: AssertionParts
    attachment: str | None = field(name="authenticatorAttachment", default=None)
    extensions: _Extras | None = field(name="clientExtensionResults", default=None)
