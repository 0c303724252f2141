"""Which channels there are, by the settings."""

from __future__ import annotations

from collections.abc import Sequence

from signoff.config import Settings
from signoff.engine.channels import Sender
from signoff.engine.ports import Store


def senders_of(settings: Settings, store: Store) -> Sequence[Sender]:
    """The channels that are set up, beside the inbox.

    :raises InvalidInput: a setting cannot be used; the error names it.
    """
    found: list[Sender] = []
    if settings.smtp:
        from signoff.channels.email.sender import EmailSender
        from signoff.smtp import Mailer, mail_server

        found.append(EmailSender(store, Mailer(mail_server(settings.smtp)), settings.address))
    return found
