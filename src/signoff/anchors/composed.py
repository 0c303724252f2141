"""From the settings to the anchors they name. What an anchor needs is loaded where it is set."""

from __future__ import annotations

import re
from pathlib import Path

from signoff.config import Settings
from signoff.engine.log.anchoring import Anchor
from signoff.engine.log.cosigned import Enough, anybody
from signoff.errors import InvalidInput

_ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")


def anchors_of(settings: Settings) -> list[Anchor]:
    """Every anchor that is set.

    :raises InvalidInput: a setting cannot be used; the error names it.
    :raises Broken: an anchor needs a library that is not installed.
    """
    found: list[Anchor] = []
    if settings.anchor_file:
        from signoff.anchors.file import FileAnchor

        found.append(FileAnchor(Path(settings.anchor_file)))
    if settings.anchor_git:
        from signoff.anchors.git import GitAnchor

        found.append(GitAnchor(Path(settings.anchor_git)))
    if settings.anchor_mail:
        found.append(_mail(settings))
    if settings.anchor_timestamp:
        from signoff.anchors.timestamp import TimestampAnchor, require_library

        require_library()
        found.append(TimestampAnchor(settings.anchor_timestamp))
    if settings.anchor_witnesses:
        from signoff.anchors.witness import witnesses

        found += witnesses(Path(settings.anchor_witnesses))
    return found


def quorum_of(settings: Settings) -> Enough:
    """Which cosignatures are enough: those that the file with the witnesses asks for.

    :raises InvalidInput: it is no policy.
    """
    if not settings.anchor_witnesses:
        return anybody
    from signoff.anchors.witness import quorum

    return quorum(Path(settings.anchor_witnesses))


def _mail(settings: Settings) -> Anchor:
    from signoff.anchors.mail import MailAnchor
    from signoff.smtp import mail_server

    if not settings.smtp:
        message = "SIGNOFF_ANCHOR_MAIL needs SIGNOFF_SMTP to send it with"
        raise InvalidInput.at("smtp", message)
    if not _ADDRESS.fullmatch(settings.anchor_mail):
        message = "SIGNOFF_ANCHOR_MAIL cannot be used: it is no mail address"
        raise InvalidInput.at("anchor_mail", message)
    return MailAnchor(
        mail_server(settings.smtp),
        settings.anchor_mail,
        every_seconds=settings.anchor_mail_seconds,
    )
