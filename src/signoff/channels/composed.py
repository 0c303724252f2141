"""Which channels there are, by the settings. What a channel needs is loaded where it is set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signoff.config import Settings
from signoff.engine.channels import Sender
from signoff.engine.ports import Store
from signoff.errors import Broken, InvalidInput

if TYPE_CHECKING:
    from signoff.channels.slack.api import SlackApi
    from signoff.channels.slack.corrections import Corrections


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """What is set up.

    :param slack: the API of the Slack team, where one is; ``corrections`` keeps its messages true.
    """

    senders: Sequence[Sender] = ()
    slack: SlackApi | None = None
    corrections: Corrections | None = None


def channels_of(settings: Settings, store: Store, push: Sender) -> Channels:
    """The channels that are set up, beside the inbox.

    :param push: rings browsers, which needs no setting up.

    :raises InvalidInput: a setting cannot be used; the error names it.
    :raises Broken: a channel needs a library that is not installed.
    """
    senders: list[Sender] = [push]
    if settings.smtp:
        from signoff.channels.email.sender import EmailSender
        from signoff.smtp import Mailer, mail_server

        mailer = Mailer(mail_server(settings.smtp))
        domain = settings.mail_domain if settings.mail_provider else ""
        senders.append(EmailSender(store, mailer, settings.address, reply_domain=domain))
    if settings.chat_file:
        senders.append(_chat(settings))
    if not settings.slack_token:
        return Channels(senders=senders)
    from signoff.channels.slack.api import SlackApi
    from signoff.channels.slack.corrections import Corrections
    from signoff.channels.slack.sender import SlackSender

    _require_slack(settings)
    slack = SlackApi(settings.slack_token, settings.slack_api)
    rooms = _rooms(settings.slack_rooms)
    senders.append(SlackSender(store, slack, settings.address, rooms=rooms))
    return Channels(
        senders=senders, slack=slack, corrections=Corrections(store, slack, settings.address)
    )


def _chat(settings: Settings) -> Sender:
    from importlib.util import find_spec

    if find_spec("apprise") is None:
        raise Broken("SIGNOFF_CHAT_FILE needs `pip install 'signoff[chat]'`")
    from signoff.channels.chat.sender import ChatSender
    from signoff.channels.chat.targets import read_targets

    return ChatSender(read_targets(Path(settings.chat_file)), settings.address)


def _require_slack(settings: Settings) -> None:
    from importlib.util import find_spec

    if find_spec("slack_sdk") is None or find_spec("aiohttp") is None:
        raise Broken("SIGNOFF_SLACK_TOKEN needs `pip install 'signoff[slack]'`")
    if not settings.slack_signing_secret:
        message = "SIGNOFF_SLACK_SIGNING_SECRET is missing: without it nobody can answer in Slack"
        raise InvalidInput.at("slack_signing_secret", message)
    if not settings.slack_api.endswith("/"):
        message = "SIGNOFF_SLACK_API cannot be used: it ends with a slash"
        raise InvalidInput.at("slack_api", message)


def _rooms(text: str) -> Mapping[str, str]:
    found = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        token, equals, room = (part.strip() for part in pair.rpartition("="))
        if not (token and equals and room):
            message = "SIGNOFF_SLACK_ROOMS cannot be used: write role:approver=C0123,..."
            raise InvalidInput.at("slack_rooms", message)
        found[token] = room
    return found
