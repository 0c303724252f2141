"""The chat channel: a line that says what it is about, and the address of the page to decide on.

A chat we know nothing of shows no buttons, and is told nothing that it might take for markup.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from signoff.channels.card import card, marked, news, subject, together
from signoff.channels.chat.targets import Targets
from signoff.core.preferences import Channel
from signoff.core.routing import Person, Selector
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.channels import Became, Item, Later, Letter, Refused, Sent, address_digest
from signoff.language import _, ngettext, speaking

_TAME = str.maketrans("@<>[]`*|", "＠‹›［］ˋ＊｜")
"""What chats make mentions, links and markup of, as signs that look alike and do nothing."""

_MOST_ITEMS = 10


class ChatSender:
    """Tells people in chats.

    :param address: how this server is reached, without a slash at the end.
    """

    channel = Channel.CHAT
    at_once = 4

    def __init__(self, targets: Targets, address: str) -> None:
        self._targets = targets
        self._home = f"{address}/inbox"

    async def reaches(
        self, workspace: WorkspaceId, people: Sequence[Person]
    ) -> Collection[PersonId]:
        """Those for whom the operator has written an address down."""
        return [each.id for each in people if each.email.lower() in self._targets.people]

    async def places(self, workspace: WorkspaceId, to: Sequence[Selector]) -> Sequence[str]:
        return [each.token for each in to if each.token in self._targets.rooms]

    def endpoint(self, letter: Letter) -> str:
        return self._target(letter) or ""

    async def send(self, letter: Letter) -> Became:
        import apprise

        url = self._target(letter)
        if url is None:
            return Refused(detail="no chat is written down for them any more")
        with speaking(letter.reader.chosen.language if letter.reader else None):
            title, body = self._written(letter)
        asset = apprise.AppriseAsset(
            app_id="Signoff", interpret_emojis=False, allow_templates=False
        )
        chat = apprise.Apprise(asset=asset)
        chat.add(url)
        told = await chat.async_notify(
            title=title, body=body, body_format=apprise.NotifyFormat.TEXT
        )
        if not told:
            return Later(detail="the chat did not take it")
        return Sent(address=address_digest(letter.workspace, url))

    def _target(self, letter: Letter) -> str | None:
        if letter.reader is not None:
            return self._targets.people.get(letter.reader.person.email.lower())
        return self._targets.rooms.get(letter.items[0].notice.place or "")

    def _written(self, letter: Letter) -> tuple[str, str]:
        """The title and what stands below, in the language that is spoken."""
        if not letter.digest:
            return self._one(letter.items[0])
        count = len(letter.items)
        lines = [self._one(each)[0] for each in letter.items[:_MOST_ITEMS]]
        if count > _MOST_ITEMS:
            left = count - _MOST_ITEMS
            lines.append(ngettext("and %(num)s more", "and %(num)s more", left))
        return together(count), "\n".join([*lines, "", self._home])

    def _one(self, item: Item) -> tuple[str, str]:
        shown = card(item.found)
        title = marked(tamed(subject(item.notice.reason, shown)), shown)
        asks = _("%(agent)s asks.", agent=tamed(shown.agent))
        said = f"{news(item.notice.reason, shown)} {asks}"
        return title, f"{said}\n\n{self._home}/tasks/{shown.task_id}"


def tamed(text: str) -> str:
    """A text in which no chat finds a mention or a link that is not ours."""
    return text.translate(_TAME).replace("://", ":⁄⁄")
