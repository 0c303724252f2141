"""Mails the checkpoint to an auditor, whose mailbox is out of the operator's reach.

The mail is plain text with the note as it was signed, and the same bytes attached. Its
``Message-ID`` is made of the checkpoint, so that one sent twice is seen to be one.
"""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.utils import format_datetime

from signoff.engine.log.anchoring import Point
from signoff.smtp import Mailer, MailServer


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
        self._mailer = Mailer(server, patience=patience)

    async def anchor(self, point: Point) -> str:
        """The evidence is the ``Message-ID``, and what the server said when it took the mail."""
        mail = _mail(point, to=self.name, server=self._mailer.server)
        said = await self._mailer.send(mail)
        return f"Message-ID: {mail['Message-ID']}\n{said[:200]}\n"


def _mail(point: Point, *, to: str, server: MailServer) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = server.sender
    mail["To"] = to
    mail["Subject"] = f"Checkpoint {point.size} of {point.origin}"
    mail["Date"] = format_datetime(point.at)
    mail["Message-ID"] = _message_id(point, server.domain)
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


def _message_id(point: Point, domain: str) -> str:
    """The same for the same tree, however often it was signed."""
    head = point.checkpoint.partition("\n\n")[0]
    digest = hashlib.sha256(head.encode()).hexdigest()[:32]
    return f"<checkpoint.{digest}@{domain}>"
