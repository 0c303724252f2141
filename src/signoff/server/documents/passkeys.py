"""Passkeys, and what a browser is asked to do with them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.server.documents.values import Document, Json, Time

Options = Annotated[
    dict[str, Json],
    Meta(description="For the browser, in the JSON form of WebAuthn Level 3, section 5.1."),
]


class Passkey(Document):
    """A passkey of a person; `id` is its credential id."""

    id: str
    label: str | None
    created_at: Time


class OnePasskey(Document):
    passkey: Passkey


class Passkeys(Document):
    """Oldest first."""

    passkeys: list[Passkey]


class PasskeyRequest(Document):
    """What to make a passkey with: `options` for `navigator.credentials.create`."""

    options: Options


class SigningRequest(Document):
    """What to sign an answer with: `options` for `navigator.credentials.get`."""

    statement: Annotated[
        str, Meta(description="What is signed, as canonical JSON; the challenge is its SHA-256.")
    ]
    options: Options
