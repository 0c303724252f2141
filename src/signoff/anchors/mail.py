"""Mails the checkpoint to an auditor, whose mailbox is out of the operator's reach.

The mail is plain text with the note as it was signed, and the same bytes attached. Its
``Message-ID`` is made of the checkpoint, so that one sent twice is seen to be one.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from signoff.engine.log.anchoring import Point
from signoff.errors import Broken, InvalidInput

_SUBMISSION_PORT = 587
_TLS_PORT = 465


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


class MailAnchor:
    """Mails checkpoints.

    :param every_seconds: how often at most.
    :param patience: seconds to wait for each answer of the mail server.
    """

    kind = "mail"

    def __init__(
        self, server: MailServer, to: str, *, every_seconds: float, patience: float = 20.0
    ) -> None:
        self.name = to
        self.every_seconds = every_seconds
        self._server = server
        self._patience = patience

    async def anchor(self, point: Point) -> str:
        """The evidence is the ``Message-ID``, and what the server said when it took the mail."""
        mail = _mail(point, to=self.name, sender=self._server.sender)
        server = self._server
        try:
            _, said = await aiosmtplib.send(
                mail,
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=server.tls,
                start_tls=server.start_tls,
                timeout=self._patience,
            )
        except aiosmtplib.SMTPResponseException as error:
            raise Broken(f"the mail server refused it with {error.code}") from None
        except aiosmtplib.SMTPException as error:
            raise Broken(f"the mail server did not take it: {type(error).__name__}") from None
        except (OSError, ValueError) as error:
            raise Broken(f"the mail server cannot be used: {type(error).__name__}") from None
        return f"Message-ID: {mail['Message-ID']}\n{said[:200]}\n"


def _mail(point: Point, *, to: str, sender: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = f"Checkpoint {point.size} of {point.origin}"
    mail["Date"] = format_datetime(point.at)
    mail["Message-ID"] = _message_id(point, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_TEXT.format(size=point.size, note=point.checkpoint), cte="quoted-printable")
    mail.add_attachment(
        point.checkpoint.encode(),
        maintype="application",
        subtype="octet-stream",
        filename=f"checkpoint-{point.size}",
    )
    return mail


_TEXT = """\
Keep this mail. It holds whoever runs this log to its first {size} entries: whatever is changed
among them from now on no longer fits the checkpoint below. The attached file is the same
checkpoint; hold an export of the log against it with

  signoff audit verify EXPORT --since CHECKPOINT

{note}"""


def _message_id(point: Point, sender: str) -> str:
    """The same for the same tree, however often it was signed."""
    head = point.checkpoint.partition("\n\n")[0]
    digest = hashlib.sha256(head.encode()).hexdigest()[:32]
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<checkpoint.{digest}@{domain}>"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unusable(why: str) -> InvalidInput:
    return InvalidInput.at("smtp", f"SIGNOFF_SMTP cannot be used: {why}")
