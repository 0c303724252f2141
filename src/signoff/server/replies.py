"""What browsers reply with when a page asks for a passkey: bytes of anybody, until verified.

Owns the shape and the limits of a reply and how a bad one is refused; knows nothing of whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from signoff import base64url
from signoff.engine.ports import PasskeyRow
from signoff.server.edge import read_json

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

REGISTRATION = ("clientDataJSON", "attestationObject")
ASSERTION = ("clientDataJSON", "authenticatorData", "signature")
PROMPT_MILLISECONDS = 300_000
"""How long a browser may ask for."""
LONGEST_PART = 16_384
"""How long a part of a reply may be. The largest key and its attestation stay far below."""

Reply: TypeAlias = dict[str, Any]
T = TypeVar("T")


class Disbelieved(Exception):
    """A reply that does not verify; the message is a sentence for whoever sent it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The passkey was not accepted: {why}.")


def parts(given: Mapping[str, Any], names: Sequence[str]) -> Reply:
    """What is verified of a reply. The rest, which browsers add to, is not looked at.

    :param names: ``REGISTRATION`` or ``ASSERTION``.
    :raises Disbelieved: it is not shaped like one, or holds more than one can.
    """
    response = given.get("response")
    response = response if isinstance(response, Mapping) else {}
    found = {name: given.get(name) for name in ("id", "rawId", "type")}
    inside = {name: response.get(name) for name in names}
    for text in (*found.values(), *inside.values()):
        if not isinstance(text, str) or len(text) > LONGEST_PART:
            raise Disbelieved("it is malformed")
    return {**found, "response": inside}


def believed(check: Callable[[], T]) -> T:
    """Do what parses and verifies a reply.

    :raises Disbelieved: whatever is wrong with it.
    """
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return check()
    except Disbelieved:
        raise
    except WebAuthnException as error:
        raise Disbelieved(str(error)) from None
    except Exception:
        # Bytes of anybody go through parsers of others (CBOR, COSE, DER): whatever these raise.
        raise Disbelieved("it is malformed") from None


def client_data(text: str) -> Mapping[str, Any]:
    """What the browser says it did, read strictly: whoever verifies it later reads the same.

    :raises Disbelieved: it did so in a frame of another site, which none of our pages is.
    """
    found = read_json(base64url.decoded(text))
    if not isinstance(found, dict) or found.get("crossOrigin"):
        raise Disbelieved("it was not used on a page of this site")
    return found


def named(known: Sequence[PasskeyRow]) -> list[PublicKeyCredentialDescriptor]:
    """These passkeys, as a browser is told of them."""
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [
        PublicKeyCredentialDescriptor(id=base64url.decoded(each.credential_id)) for each in known
    ]
