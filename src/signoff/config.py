"""The settings of a server: one frozen object, read once from the environment or given in code.

Every field ``name`` is also read from ``SIGNOFF_NAME``. Clients do not use this: they read
``SIGNOFF_URL`` and ``SIGNOFF_KEY`` by themselves.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from signoff.errors import FieldError, InvalidInput

PREFIX = "SIGNOFF_"
DEFAULT_DATABASE = "sqlite:///./signoff.db"

_DATABASES = ("sqlite:///", "postgresql://", "postgres://")
_Positive = Annotated[float, Meta(gt=0)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator can set.

    :param host: the address to listen on.
    :param port: the port to listen on; 0 takes a free one.
    :param database: ``sqlite:///PATH`` or ``postgresql://...``.
    :param public_url: how people reach this server from outside, for links; by default the
        address it listens on. With ``https`` the cookies are ``Secure``.
    :param log_level: how much goes to the log: ``debug``, ``info``, ``warning`` or ``error``.
    :param shutdown_seconds: how long open requests may take to finish when the server stops.
    :param poll_seconds: how often to look for work that nobody announced.
    :param lease_seconds: after how long work of a replica that died is taken over.
    :param outage_seconds: how long no server must have run for that to count as an outage, which
        tasks with ``outage: fair`` are given back.
    :param log_origin: what the names of new logs begin with, such as a domain of yours; it is fixed
        when a log is opened. By default a random name.
    :param log_seal: 32 random bytes in base64 under which the keys of the logs are encrypted in the
        database.
    :param anchor_seconds: how often a checkpoint that has moved is given to each anchor.
    :param anchor_file: path of an append-only file that is given the checkpoints.
    :param anchor_git: path of such a file inside a git work tree, committed and pushed.
    :param anchor_mail: whom to mail the checkpoints to: your auditor.
    :param anchor_mail_seconds: how often at most they are mailed.
    :param smtp: ``smtp://USER:PASSWORD@HOST:PORT`` or ``smtps://...``, for what is mailed;
        ``?from=ADDRESS`` says who it is from.
    :param mail_domain: the domain of the addresses that replies to our mails come to, where these
        are handed to us.
    :param mail_secret: what whoever hands us mail proves itself with.
    :param mail_provider: the ``authserv-id`` by which your mail provider says what it found out
        about a mail; without it no reply answers anything.
    :param webhook_allow: names and networks inside that webhooks may be sent to, and browsers rung
        through, beside public ones: ``hooks.internal, 10.1.0.0/16``.
    :param oidc_issuer: the address of an OpenID provider with whose accounts people sign in; it
        sends them back to ``/sign-in/oidc/callback``.
    :param oidc_client_id: what that provider knows this server as.
    :param oidc_client_secret: what this server proves itself with there, where it has one.
    :param oidc_name: what people call the provider.
    :param oidc_trust_mail: whether a mail address that the provider has verified finds somebody
        the first time.
    :param slack_token: the token of a Slack app's bot, ``xoxb-...``; people are told in its team.
    :param slack_signing_secret: what that app signs its requests to us with.
    :param slack_rooms: for selectors such as ``role:approver`` the channel that is told beside the
        people: ``role:approver=C0123,group:payments=C0456``.
    :param slack_api: the address of Slack's Web API.
    :param chat_file: path of a file that says who is told in which other chat.
    :param anchor_timestamp: URL of an RFC 3161 timestamp authority.
    :param anchor_witnesses: path of a C2SP tlog-policy file; its witnesses that have a URL are
        asked to cosign.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8600
    database: str = DEFAULT_DATABASE
    public_url: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    shutdown_seconds: _Positive = 5.0
    poll_seconds: _Positive = 5.0
    lease_seconds: _Positive = 30.0
    outage_seconds: _Positive = 60.0
    log_origin: str = ""
    log_seal: str = ""
    anchor_seconds: _Positive = 3600.0
    anchor_file: str = ""
    anchor_git: str = ""
    anchor_mail: str = ""
    anchor_mail_seconds: _Positive = 86400.0
    smtp: str = ""
    mail_domain: str = ""
    mail_secret: str = ""
    mail_provider: str = ""
    webhook_allow: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = "your account"
    oidc_trust_mail: bool = False
    slack_token: str = ""
    slack_signing_secret: str = ""
    slack_rooms: str = ""
    slack_api: str = "https://slack.com/api/"
    chat_file: str = ""
    anchor_timestamp: str = ""
    anchor_witnesses: str = ""

    @property
    def address(self) -> str:
        """The address that links begin with, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104
        named = f"[{host}]" if ":" in host else host
        return f"http://{named}:{self.port}"

    @property
    def secure_cookies(self) -> bool:
        """Whether people reach this server over HTTPS."""
        return self.address.startswith("https://")


def read_settings(environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Read the settings: what is given in code counts, then the environment, then the defaults.

    :param given: settings by name; None means not given.
    :raises InvalidInput: a setting cannot be used; the error names it.
    """
    names = Settings.__struct_fields__
    found: dict[str, Any] = {
        name: environment[variable]
        for name in names
        if (variable := PREFIX + name.upper()) in environment
    }
    found |= {name: value for name, value in given.items() if value is not None}
    try:
        settings = msgspec.convert(found, Settings, strict=False)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        raise _unusable(where.strip("`$.") or "settings", message) from None
    if not settings.database.startswith(_DATABASES):
        raise _unusable("database", "a database is sqlite:///PATH or postgresql://...")
    if settings.public_url:
        parts = urlsplit(settings.public_url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise _unusable("public_url", "it starts with http:// or https:// and names a host")
    return settings


def _unusable(name: str, message: str) -> InvalidInput:
    return InvalidInput(
        f"{PREFIX}{name.upper()} cannot be used: {message}", errors=[FieldError(name, message)]
    )
