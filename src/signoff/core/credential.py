"""How sure it is that an answer is its giver's: the credential it came with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Strength(StrEnum):
    """From the weakest to the strongest; each stands for what those before it do."""

    LINK = "link"
    KEY = "key"
    SESSION = "session"
    MFA = "mfa"
    SIGNED = "signed"

    def reaches(self, needed: Strength) -> bool:
        """Whether this is at least what is needed."""
        return _ORDER.index(self) >= _ORDER.index(needed)


_ORDER = tuple(Strength)


FRESH = timedelta(hours=1)
"""How long ago somebody may have proved who they are, to answer what is of high risk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A WebAuthn assertion over a statement of the answer; all but the statement in base64url.

    :param credential_id: of the passkey; the ``passkey.added`` record says whose, with its key.
    :param statement: what was signed, as canonical JSON; the challenge is its SHA-256.
    :param authenticator_data: as the authenticator returned it (WebAuthn Level 3, section 6.1).
    :param client_data: the ``clientDataJSON`` that the signature covers.
    :param signature: over ``authenticator_data`` and the SHA-256 of ``client_data``.
    """

    credential_id: str
    statement: str
    authenticator_data: str
    client_data: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What an answer came with.

    :param method: what the strength rests on: ``api_key``, ``session``, ``passkey``, ...
    :param id: of the key or passkey, where there is one.
    :param provider: who vouched for the person: ``local``, or an issuer.
    :param authenticated_at: when they last proved who they are.
    """

    strength: Strength
    method: str
    id: str | None = None
    provider: str = "local"
    authenticated_at: datetime | None = None
    signature: Signature | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether its person has proved who they are lately, where that is known at all.

        A key proves nothing about when: whoever needs more than that asks for more strength.
        """
        return self.authenticated_at is None or now - self.authenticated_at < FRESH


UNSAID = Credential(strength=Strength.LINK, method="unsaid")
"""What counts where a surface does not say: the weakest."""


def statement(
    *, workspace: str, task_id: str, outcome: str, answer_digest: str, view_digest: str
) -> str:
    """What a passkey signs for an answer: canonical JSON, whose SHA-256 is the challenge."""
    said = {
        "answer": answer_digest,
        "outcome": outcome,
        "task": task_id,
        "type": "signoff.answer/v1",
        "view": view_digest,
        "workspace": workspace,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
