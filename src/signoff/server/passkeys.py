"""Passkeys: how a person registers one, and how an answer is signed with it (WebAuthn Level 3).

Owns what is asked of a browser and what is believed of its reply; the checks themselves are those
of the ``webauthn`` library. Never says whether an answer is allowed: that is the rules' to say.

A **registration challenge** proves where it came from by itself: chance, an end, and an HMAC over
both and the person. Its key is the secret that the request itself carries, the session's cookie or
the API key, of which the store knows no more than the hash. So every replica can check it and none
has to remember it, it ends with the session, and whoever reads the database can make none: a secret
of the workspace would lie there to be read.

The **challenge of an answer** is the SHA-256 of its statement, which names the workspace, the task
in the form it was shown in, and the answer. It needs no memory either: it fits no other answer, and
given once more it finds the task answered.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import webauthn
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn import helpers
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from signoff.core import facts as f
from signoff.core.credential import Credential, Signature, Strength
from signoff.core.words import JSON, PersonId
from signoff.engine.ports import PasskeyRow, PersonRow
from signoff.errors import InvalidAnswer, InvalidInput
from signoff.server import edge, recording

if TYPE_CHECKING:
    from signoff.server.services import Services

MOST = 20
LONGEST_LABEL = 100
CHALLENGE_LASTS = timedelta(minutes=10)
PROMPT_LASTS = timedelta(minutes=5)
LONGEST_PART = 16_384
"""How long a part of a reply may be. The largest key and its attestation stay far below."""

_NONCE, _END, _MAC = 16, 8, 32
_ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_FORMATS = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
"""None is asked for; a key that attests for itself is passed on all the same (section 5.1.3)."""

_PARTS = {
    "registration": ("clientDataJSON", "attestationObject"),
    "assertion": ("clientDataJSON", "authenticatorData", "signature"),
}
T = TypeVar("T")


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
        timeout=_milliseconds(PROMPT_LASTS),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(known),
        supported_pub_key_algs=_ALGORITHMS,
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
    _require_short(given, "registration")
    made = _checked(lambda: _registration(here, given, secret, person.id, now), InvalidInput)
    _require_room(await store.passkeys(row.workspace, person.id))
    passkey = PasskeyRow(
        workspace=row.workspace,
        credential_id=helpers.bytes_to_base64url(made.credential_id),
        person_id=person.id,
        public_key=helpers.bytes_to_base64url(made.credential_public_key),
        label=label,
        sign_count=made.sign_count,
        created_at=now,
    )
    added = f.PasskeyAdded(
        person_id=person.id,
        credential_id=passkey.credential_id,
        public_key=_checked(lambda: spki(made.credential_public_key), InvalidInput),
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
    end = int((now + CHALLENGE_LASTS).timestamp())
    head = secrets.token_bytes(_NONCE) + end.to_bytes(_END, "big")
    return head + _mac(secret, person_id, head)


def _is_ours(challenge: bytes, secret: str, person_id: PersonId, now: datetime) -> bool:
    head, mac = challenge[:-_MAC], challenge[-_MAC:]
    good = hmac.compare_digest(mac, _mac(secret, person_id, head))
    return good and int.from_bytes(head[_NONCE:], "big") > now.timestamp()


def _mac(secret: str, person_id: PersonId, head: bytes) -> bytes:
    key = hmac.digest(secret.encode(), b"signoff passkey registration", "sha256")
    return hmac.digest(key, head + person_id.encode(), "sha256")


def _registration(
    here: Site, given: Mapping[str, Any], secret: str, person_id: PersonId, now: datetime
) -> Any:
    response = given["response"]
    challenge = _bytes(_client_data(response["clientDataJSON"])["challenge"])
    if not _is_ours(challenge, secret, person_id, now):
        raise _Refused("it took too long, or was begun in another session; try again")
    attested = helpers.parse_attestation_object(_bytes(response["attestationObject"]))
    if attested.fmt not in _FORMATS:
        raise _Refused("its attestation was not asked for")
    return webauthn.verify_registration_response(
        credential=_parts(given, "registration"),
        expected_challenge=challenge,
        expected_rp_id=here.rp_id,
        expected_origin=here.origin,
        require_user_verification=True,
        supported_pub_key_algs=_ALGORITHMS,
    )


def spki(cose: bytes) -> str:
    """A COSE key as a SubjectPublicKeyInfo (RFC 5280) in base64url, which any library reads."""
    decoded = helpers.decode_credential_public_key(cose)
    public = helpers.decoded_public_key_to_cryptography(decoded)
    return helpers.bytes_to_base64url(
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


def _require_room(known: Sequence[PasskeyRow]) -> None:
    if len(known) >= MOST:
        raise InvalidInput(f"There is room for {MOST} passkeys. Remove one first.")


# Signing


def request_options(here: Site, known: Sequence[PasskeyRow], statement: str) -> dict[str, JSON]:
    """What a browser is asked to sign: ``PublicKeyCredentialRequestOptionsJSON``."""
    options = webauthn.generate_authentication_options(
        rp_id=here.rp_id,
        challenge=challenge_of(statement),
        timeout=_milliseconds(PROMPT_LASTS),
        allow_credentials=_named(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return helpers.options_to_json_dict(options)


def challenge_of(statement: str) -> bytes:
    """What an authenticator signs for this statement: its SHA-256."""
    return hashlib.sha256(statement.encode()).digest()


async def signed(
    services: Services, row: PersonRow, given: Mapping[str, Any], *, statement: str
) -> Credential:
    """The credential of an answer that this person signed with a passkey of theirs.

    :param given: the browser's reply, as ``AuthenticationResponseJSON``.
    :param statement: of the answer that came with it, in the form the task has now.
    :raises InvalidAnswer: it is no signature of theirs over this statement, made here, by
        somebody the authenticator has verified; or its counter says that the passkey was copied.
    """
    here, store = site(services.settings.address), services.store
    _require_short(given, "assertion")
    known = await store.passkeys(row.workspace, row.person.id)
    used = next((each for each in known if each.credential_id == given.get("id")), None)
    if used is None:
        raise _unsigned("it is no passkey of yours; it may have been removed")
    count = _checked(lambda: _assertion(here, given, used, statement), InvalidAnswer)
    if not await store.used_passkey(row.workspace, used.credential_id, count):
        raise _unsigned("its counter did not go up, as that of a copy would not")
    response = given["response"]
    return Credential(
        strength=Strength.SIGNED,
        method="passkey",
        id=used.credential_id,
        authenticated_at=await store.now(),
        signature=Signature(
            credential_id=used.credential_id,
            statement=statement,
            authenticator_data=_again(response["authenticatorData"]),
            client_data=_again(response["clientDataJSON"]),
            signature=_again(response["signature"]),
        ),
    )


def _assertion(here: Site, given: Mapping[str, Any], used: PasskeyRow, statement: str) -> int:
    """The counter of a reply that verifies."""
    challenge = challenge_of(statement)
    said = _client_data(given["response"]["clientDataJSON"])
    if said.get("challenge") != helpers.bytes_to_base64url(challenge):
        raise _Refused("it signs something else than this answer to this task as it stands")
    verified = webauthn.verify_authentication_response(
        credential=_parts(given, "assertion"),
        expected_challenge=challenge,
        expected_rp_id=here.rp_id,
        expected_origin=here.origin,
        credential_public_key=_bytes(used.public_key),
        credential_current_sign_count=used.sign_count,
        require_user_verification=True,
    )
    return verified.new_sign_count


# What browsers reply


class _Refused(Exception):
    """A reply that is well-formed and is not believed."""


def _checked(check: Callable[[], T], kind: type[InvalidInput]) -> T:
    """Do what parses and verifies a reply, and say in one way that it is no good."""
    try:
        return check()
    except (_Refused, WebAuthnException) as error:
        raise _bad(str(error), kind) from None
    except Exception:
        # Bytes of anybody go through parsers of others (CBOR, COSE, DER): whatever these raise.
        raise _bad("it is malformed", kind) from None


def _unsigned(why: str) -> InvalidInput:
    return _bad(why, InvalidAnswer)


def _bad(why: str, kind: type[InvalidInput]) -> InvalidInput:
    field = "signature" if kind is InvalidAnswer else "credential"
    return kind.at(field, f"The passkey was not accepted: {why}.")


def _require_short(given: Mapping[str, Any], kind: str) -> None:
    """Refuse what is not shaped like a reply, or holds more than one can."""
    response = given.get("response")
    parts = response if isinstance(response, Mapping) else {}
    texts = [given.get("id"), given.get("rawId"), *(parts.get(name) for name in _PARTS[kind])]
    if not all(isinstance(each, str) and len(each) <= LONGEST_PART for each in texts):
        raise _bad("it is malformed", InvalidAnswer if kind == "assertion" else InvalidInput)


def _parts(given: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What is verified of a reply; the rest, which browsers add to, is not looked at."""
    response = {name: given["response"][name] for name in _PARTS[kind]}
    return {**{name: given.get(name) for name in ("id", "rawId", "type")}, "response": response}


def _client_data(text: str) -> Mapping[str, Any]:
    """What the browser says it did, read strictly: whoever verifies it later reads the same.

    A frame of another site is none of our pages.
    """
    found = edge.read_json(_bytes(text))
    if not isinstance(found, dict) or found.get("crossOrigin"):
        raise _Refused("it was not used on a page of this site")
    return found


def _named(known: Sequence[PasskeyRow]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=_bytes(each.credential_id)) for each in known]


def _bytes(text: str) -> bytes:
    return helpers.base64url_to_bytes(text)


def _again(text: str) -> str:
    """The same bytes in the one way to write them."""
    return helpers.bytes_to_base64url(_bytes(text))


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
