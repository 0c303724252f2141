"""An OpenID provider that vouches for people (OpenID Connect Core 1.0, the code flow with PKCE).

What is asked of it and what is believed of its answer; who that is to us is
``signoff.server.inbox.sign_in_oidc``. A person is the issuer with the subject; a mail address is
shown, and finds somebody the first time only where that is set.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from signoff import base64url
from signoff.config import Settings
from signoff.core.credential import Strength
from signoff.errors import Broken, Forbidden, InvalidInput

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY_SECONDS = 60
SECONDS = 10.0
KEEP_SECONDS = 3600.0
_SEVERAL = frozenset({"mfa", "hwk", "otp", "swk", "sc", "fpt", "face", "pop"})
"""Ways of proving oneself (RFC 8176) that go beyond something one knows."""

_UNREACHABLE = "the identity provider does not answer as it should"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody a provider vouches for.

    :param verified: whether the provider has verified the mail address.
    :param at: when they last proved who they are, where it says so.
    """

    issuer: str
    subject: str
    email: str | None
    verified: bool
    strength: Strength
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What one sign-in rests on, all of it derived from one secret in the browser's cookie."""

    state: str
    nonce: str
    verifier: str


def secrets_of(start: str) -> Secrets:
    """The state, nonce and PKCE verifier of a sign-in begun with this secret."""

    def derived(name: str) -> str:
        digest = hmac.digest(start.encode(), f"signoff oidc {name}".encode(), "sha256")
        return base64url.encoded(digest)

    return Secrets(state=derived("state"), nonce=derived("nonce"), verifier=derived("verifier"))


class Provider:
    """The one provider that is set up.

    :param issuer: its address, exactly as it names itself.
    :param redirect_uri: where it sends people back to.
    """

    def __init__(
        self, issuer: str, *, client_id: str, client_secret: str, redirect_uri: str
    ) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._kept: tuple[float, dict[str, Any], KeySet] | None = None

    async def begin(self, start: str, *, again: bool = False) -> str:
        """The address at which somebody signs in there.

        :param again: whether they shall prove who they are even if the provider remembers them.
        :raises Broken: the provider does not answer.
        """
        said, _keys = await self._metadata()
        secrets = secrets_of(start)
        challenge = hashlib.sha256(secrets.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email profile",
            "state": secrets.state,
            "nonce": secrets.nonce,
            "code_challenge": base64url.encoded(challenge),
            "code_challenge_method": "S256",
        }
        if again:
            asked |= {"prompt": "login", "max_age": "0"}
        mark = "&" if "?" in said["authorization_endpoint"] else "?"
        return f"{said['authorization_endpoint']}{mark}{urlencode(asked)}"

    async def finish(self, start: str, *, state: str, code: str) -> Known:
        """Whom the provider vouches for.

        :raises Forbidden: the answer is not to what this browser asked for, or does not verify.
        :raises Broken: the provider does not answer.
        """
        secrets = secrets_of(start)
        if not start or not hmac.compare_digest(state.encode(), secrets.state.encode()):
            raise Forbidden("This sign-in was not begun in this browser. Begin it again.")
        said, keys = await self._metadata()
        token = await self._token(said, code, secrets.verifier)
        return self._believed(token, keys, secrets.nonce)

    def _believed(self, token: str, keys: KeySet, nonce: str) -> Known:
        from joserfc import errors, jwt

        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
            registry.validate(claims)
        except (errors.JoseError, ValueError, TypeError):
            raise Forbidden("The identity provider's answer does not verify.") from None
        audience = claims["aud"]
        if (
            isinstance(audience, list)
            and len(audience) > 1
            and claims.get("azp") != self._client_id
        ):
            raise Forbidden("The identity provider's answer is for somebody else.")
        return self._known(claims)

    def _known(self, claims: Mapping[str, Any]) -> Known:
        email, at = claims.get("email"), claims.get("auth_time")
        methods = claims.get("amr")
        several = isinstance(methods, list) and not _SEVERAL.isdisjoint(map(str, methods))
        return Known(
            issuer=self.issuer,
            subject=str(claims["sub"]),
            email=email.lower() if isinstance(email, str) else None,
            verified=claims.get("email_verified") is True,
            strength=Strength.MFA if several else Strength.SESSION,
            at=datetime.fromtimestamp(at, UTC) if isinstance(at, int) else None,
        )

    async def _token(self, said: Mapping[str, Any], code: str, verifier: str) -> str:
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "client_id": self._client_id,
            "code_verifier": verifier,
        }
        credentials = (self._client_id, self._client_secret) if self._client_secret else None
        answer = await self._ask("POST", said["token_endpoint"], data=asked, auth=credentials)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Broken(_UNREACHABLE)
        return token

    async def _metadata(self) -> tuple[dict[str, Any], KeySet]:
        """What the provider says of itself (OpenID Connect Discovery 1.0), and its keys."""
        from joserfc.jwk import KeySet

        if self._kept is not None and self._kept[0] > time.monotonic():
            return self._kept[1:]
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        said = await self._ask("GET", url)
        if said.get("issuer") != self.issuer:
            raise Broken("the identity provider calls itself something else")
        try:
            keys = KeySet.import_key_set(await self._ask("GET", said["jwks_uri"]))  # type: ignore[arg-type]
        except (KeyError, ValueError, TypeError):
            raise Broken(_UNREACHABLE) from None
        self._kept = time.monotonic() + KEEP_SECONDS, said, keys
        return said, keys

    async def _ask(self, method: str, url: str, **how: Any) -> dict[str, Any]:
        import httpx2

        try:
            async with httpx2.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
                answer = await client.request(method, url, **how)
                found = answer.json() if answer.is_success else None
        except (httpx2.HTTPError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise Broken(_UNREACHABLE)
        return found


def provider_of(settings: Settings) -> Provider | None:
    """The identity provider that is set up, where one is.

    :raises InvalidInput: only half of it is.
    """
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        message = "SIGNOFF_OIDC_CLIENT_ID is missing: the provider knows this server by it"
        raise InvalidInput.at("oidc_client_id", message)
    return Provider(
        settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        redirect_uri=f"{settings.address}/sign-in/oidc/callback",
    )
