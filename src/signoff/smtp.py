"""Hands mail in at the mail server that is set up (RFC 6409), and says what became of it.

Every failure is a ``NotTaken``; it never repeats an address, a password, or what the server said in
words, for that may hold either.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from signoff.errors import Broken, InvalidInput

if TYPE_CHECKING:
    import aiosmtplib

_SUBMISSION_PORT = 587
_TLS_PORT = 465
_PERMANENT = range(500, 600)
_OF_THE_SERVER = frozenset({530, 534, 535, 538, 454})
"""About signing in (RFC 4954): the next mail fares no better, and the mailbox may be fine."""


class NotTaken(Broken):
    """The mail server did not take a mail.

    :param code: what it answered with, where it did.
    :param permanent: whether it says that it never will (RFC 5321, section 4.2.1).
    """

    def __init__(
        self, message: str = "the mail server did not take it", *, code: int | None = None
    ) -> None:
        super().__init__(message)
        self.smtp_code = code
        self.permanent = code in _PERMANENT and code not in _OF_THE_SERVER


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in.

    :param tls: TLS from the first byte (``smtps``); otherwise STARTTLS, without which no password
        is ever sent, unless to this machine itself.
    :param sender: whom it is from.
    """

    host: str
    port: int
    tls: bool
    sender: str
    username: str | None = None
    password: str | None = None

    @property
    def start_tls(self) -> bool | None:
        """Whether STARTTLS is asked for; None where it is used if the server has it."""
        if self.tls:
            return False
        return True if self.password and not _is_here(self.host) else None

    @property
    def domain(self) -> str:
        """The domain of whom it is from, for the ids of messages."""
        return parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"


def mail_server(url: str) -> MailServer:
    """Read ``smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS``; ``smtps`` where it begins with TLS.

    :raises InvalidInput: it is not such an address. The message does not repeat it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unusable("it has no port that is a number") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise _unusable("it is smtp://USER:PASSWORD@HOST:PORT or smtps://...")
    tls = parts.scheme == "smtps"
    user = unquote(parts.username) if parts.username else None
    given = parse_qs(parts.query).get("from")
    sender = given[0] if given else (user if user and "@" in user else f"signoff@{parts.hostname}")
    return MailServer(
        host=parts.hostname,
        port=port or (_TLS_PORT if tls else _SUBMISSION_PORT),
        tls=tls,
        sender=sender,
        username=user,
        password=unquote(parts.password) if parts.password else None,
    )


class Mailer:
    """Hands in one mail at a time over a connection of its own, several at once if asked to.

    :param patience: seconds to wait for each answer of the mail server.
    """

    def __init__(self, server: MailServer, *, patience: float = 20.0) -> None:
        self.server = server
        self._patience = patience

    async def send(
        self, mail: EmailMessage, *, to: Sequence[str] | None = None, return_path: str | None = None
    ) -> str:
        """Hand a mail in and return what the server said when it took it.

        :param to: whom it goes to; those of its headers unless this says otherwise.
        :param return_path: where a bounce goes (RFC 5321, section 4.4); the sender otherwise.
        :raises NotTaken: it was not taken.
        """
        client = self._client()
        try:
            with _told_as_ours():
                await client.connect()
                _, said = await client.send_message(mail, sender=return_path, recipients=to)
            await _leave(client)
        finally:
            client.close()
        return said

    def _client(self) -> aiosmtplib.SMTP:
        import aiosmtplib

        server = self.server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.start_tls,
            timeout=self._patience,
        )


@contextmanager
def _told_as_ours() -> Iterator[None]:
    import aiosmtplib

    try:
        yield
    except aiosmtplib.SMTPRecipientsRefused as error:
        code = next((each.code for each in error.recipients), None)
        raise NotTaken(f"the mail server refused the address with {code}", code=code) from None
    except aiosmtplib.SMTPResponseException as error:
        raise NotTaken(f"the mail server refused it with {error.code}", code=error.code) from None
    except aiosmtplib.SMTPException as error:
        raise NotTaken(f"the mail server did not take it: {type(error).__name__}") from None
    except (OSError, ValueError) as error:
        raise NotTaken(f"the mail server cannot be used: {type(error).__name__}") from None


async def _leave(client: aiosmtplib.SMTP) -> None:
    """It has taken the mail: whatever goes wrong from here on, it has taken it."""
    import aiosmtplib

    try:
        async with asyncio.timeout(1):
            await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        return


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unusable(why: str) -> InvalidInput:
    return InvalidInput.at("smtp", f"SIGNOFF_SMTP cannot be used: {why}")
