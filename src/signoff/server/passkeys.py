"""Passkeys: where they are valid, and how a person registers and removes them (WebAuthn Level 3).

Owns what is asked of a browser and what is kept of its reply; the checks themselves are those of
the ``webauthn`` library. What is signed with them is ``signoff.server.signatures``.

A **registration challenge** proves where it came from by itself: chance, an end, and an HMAC over
both and the person. Its key is the secret that the request itself carries, the session's cookie or
the API key, of which the store knows no more than the hash. So every replica can check it and none
has to remember it, it ends with the session, and whoever reads the database can make none: a secret
of the workspace would lie there to be read.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signoff import base64url
from signoff.core import facts as f
from signoff.core.words import JSON, PersonId
from signoff.engine.ports import PasskeyRow, PersonRow
from signoff.errors import InvalidInput
from signoff.server import recording, replies

if TYPE_CHECKING:
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.registration.verify_registration_response import VerifiedRegistration

    from signoff.server.services import Services

MOST = 20
LONGEST_LABEL = 100
CHALLENGE_LASTS = timedelta(minutes=10)

_NONCE, _END, _MAC = 16, 8, 32
_FORMATS = frozenset({"none", "packed"})
"""None is asked for; a key that attests for itself is passed on all the same (section 5.1.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where passkeys are valid: the relying party's id, and the origin its pages have."""

    rp_id: str
    origin: str


def site(address: str) -> Site:
    """The site at an address at which people reach the server.

    :raises InvalidInput: browsers allow no passkeys there.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    local = host == "localhost" or host.endswith(".localhost")
    if _is_number(host) or not (parts.scheme == "https" or local):
        raise InvalidInput(
            f"Browsers allow no passkeys at {address}: they ask for HTTPS and a name instead of a "
            "number, or for localhost. Whoever runs the server can set SIGNOFF_PUBLIC_URL."
        )
    usual = 443 if parts.scheme == "https" else 80
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return Site(rp_id=host, origin=f"{parts.scheme}://{host}{port}")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


# Registering


async def creation_options(services: Services, row: PersonRow, *, secret: str) -> dict[str, JSON]:
    """What a browser is asked to make: ``PublicKeyCredentialCreationOptionsJSON``.

    :param secret: what the request carries to prove whose it is.
    :raises InvalidInput: there is no room for another, or no passkeys at this address.
    """
    import webauthn
    from webauthn import helpers
    from webauthn.helpers import structs

    here, store, person = site(services.settings.address), services.store, row.person
    known = await store.passkeys(row.workspace, person.id)
    _require_room(known)
    options = webauthn.generate_registration_options(
        rp_id=here.rp_id,
        rp_name="Signoff",
        user_id=hashlib.sha256(f"{row.workspace}\n{person.id}".encode()).digest(),
        user_name=person.email,
        user_display_name=person.name or person.email,
        challenge=new_challenge(secret, person.id, await store.now()),
        timeout=replies.PROMPT_MILLISECONDS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=replies.named(known),
        supported_pub_key_algs=_algorithms(),
    )
    return helpers.options_to_json_dict(options)


async def register(
    services: Services,
    row: PersonRow,
    given: Mapping[str, Any],
    *,
    secret: str,
    label: str | None,
) -> PasskeyRow:
    """Keep a passkey that a browser made, as this person's.

    :param given: its reply, as ``RegistrationResponseJSON``.
    :raises InvalidInput: it is no reply to a challenge of ours to this person, or does not verify.
    :raises AlreadyExists: it is somebody's already.
    """
    here, store, person = site(services.settings.address), services.store, row.person
    now = await store.now()
    try:
        reply = replies.parts(given, replies.REGISTRATION)
        made = replies.believed(lambda: _registration(here, reply, secret, person.id, now))
        public_key = replies.believed(lambda: spki(made.credential_public_key))
    except replies.Disbelieved as error:
        raise InvalidInput.at("credential", str(error)) from None
    _require_room(await store.passkeys(row.workspace, person.id))
    passkey = PasskeyRow(
        workspace=row.workspace,
        credential_id=base64url.encoded(made.credential_id),
        person_id=person.id,
        public_key=base64url.encoded(made.credential_public_key),
        label=label,
        sign_count=made.sign_count,
        created_at=now,
    )
    added = f.PasskeyAdded(
        person_id=person.id,
        credential_id=passkey.credential_id,
        public_key=public_key,
        relying_party=here.rp_id,
        label=label,
    )
    told = await recording.told(store, row.workspace, person.actor, added)
    await store.add_passkey(passkey, told)
    return passkey


async def remove(services: Services, row: PersonRow, credential_id: str) -> PasskeyRow | None:
    """Take a passkey of this person away; None where they have no such one."""
    store, person = services.store, row.person
    known = await store.passkeys(row.workspace, person.id)
    found = next((each for each in known if each.credential_id == credential_id), None)
    if found is None:
        return None
    removed = f.PasskeyRemoved(person_id=person.id, credential_id=credential_id)
    told = await recording.told(store, row.workspace, person.actor, removed)
    return found if await store.remove_passkey(row.workspace, credential_id, told) else None


def new_challenge(secret: str, person_id: PersonId, now: datetime) -> bytes:
    """A challenge for registering that only this person's requests can have been given."""
    return REGISTERING.new(secret, now, about=person_id)


@dataclass(frozen=True, slots=True)
class Challenges:
    """Challenges for one ``purpose`` that prove by themselves where they came from, and end."""

    purpose: str

    def new(self, secret: str, now: datetime, *, about: str = "") -> bytes:
        """A challenge for whoever has the secret, and for what it is about alone."""
        end = int((now + CHALLENGE_LASTS).timestamp())
        head = secrets.token_bytes(_NONCE) + end.to_bytes(_END, "big")
        return head + self._mac(secret, about, head)

    def are_ours(self, challenge: bytes, secret: str, now: datetime, *, about: str = "") -> bool:
        """Whether it is one of these, and its time is not over."""
        head, mac = challenge[:-_MAC], challenge[-_MAC:]
        good = hmac.compare_digest(mac, self._mac(secret, about, head))
        return good and int.from_bytes(head[_NONCE:], "big") > now.timestamp()

    def _mac(self, secret: str, about: str, head: bytes) -> bytes:
        key = hmac.digest(secret.encode(), f"signoff passkey {self.purpose}".encode(), "sha256")
        return hmac.digest(key, head + about.encode(), "sha256")


REGISTERING = Challenges("registration")


def count_of_use(here: Site, reply: replies.Reply, used: PasskeyRow, challenge: bytes) -> int:
    """The counter of a reply in which this passkey answers this challenge, verified."""
    import webauthn

    verified = webauthn.verify_authentication_response(
        credential=reply,
        expected_challenge=challenge,
        expected_rp_id=here.rp_id,
        expected_origin=here.origin,
        credential_public_key=base64url.decoded(used.public_key),
        credential_current_sign_count=used.sign_count,
        require_user_verification=True,
    )
    return verified.new_sign_count


def _registration(
    here: Site, reply: replies.Reply, secret: str, person_id: PersonId, now: datetime
) -> VerifiedRegistration:
    import webauthn
    from webauthn import helpers

    response = reply["response"]
    challenge = base64url.decoded(replies.client_data(response["clientDataJSON"])["challenge"])
    if not REGISTERING.are_ours(challenge, secret, now, about=person_id):
        raise replies.Disbelieved("it took too long, or was begun in another session; try again")
    attested = helpers.parse_attestation_object(base64url.decoded(response["attestationObject"]))
    if attested.fmt not in _FORMATS:
        raise replies.Disbelieved("its attestation was not asked for")
    return webauthn.verify_registration_response(
        credential=reply,
        expected_challenge=challenge,
        expected_rp_id=here.rp_id,
        expected_origin=here.origin,
        require_user_verification=True,
        supported_pub_key_algs=_algorithms(),
    )


def _algorithms() -> list[COSEAlgorithmIdentifier]:
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    return [
        COSEAlgorithmIdentifier.ECDSA_SHA_256,
        COSEAlgorithmIdentifier.EDDSA,
        COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
    ]


def spki(cose: bytes) -> str:
    """A COSE key as a SubjectPublicKeyInfo (RFC 5280) in base64url, which any library reads.

    :raises Disbelieved: its curve is not P-256, as section 5.8.5 asks of ES256.
    """
    from webauthn import helpers

    decoded = helpers.decode_credential_public_key(cose)
    public = helpers.decoded_public_key_to_cryptography(decoded)
    if isinstance(public, EllipticCurvePublicKey) and not isinstance(public.curve, SECP256R1):
        raise replies.Disbelieved("its key is of a kind that was not asked for")
    return base64url.encoded(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _require_room(known: Sequence[PasskeyRow]) -> None:
    if len(known) >= MOST:
        raise InvalidInput(f"There is room for {MOST} passkeys. Remove one first.")
