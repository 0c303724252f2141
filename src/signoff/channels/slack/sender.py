"""The Slack channel: a message for each person asked, and one in a channel where that is set.

A person is a Slack user by an identity of theirs. Where there is none yet, the user of their mail
address in our team is taken for them, once, and kept: Slack has that address verified.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from uuid6 import uuid7

from signoff.channels.slack.api import NotPosted, SlackApi
from signoff.channels.slack.blocks import message, note
from signoff.core.plan import NoticeReason
from signoff.core.preferences import Channel
from signoff.core.routing import Person, Selector
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.channels import (
    UTC,
    Became,
    Item,
    Letter,
    Refused,
    Sent,
    address_digest,
)
from signoff.engine.identities import Identity
from signoff.engine.ports import Store
from signoff.engine.slack_posts import SlackPost
from signoff.errors import AlreadyExists
from signoff.language import speaking

_BELOW = frozenset({NoticeReason.REMINDED, NoticeReason.COMMENTED, NoticeReason.REVISED})
"""What is said below a message about the task that is there already."""

_STRANGER_SECONDS = 3600.0
_MOST_STRANGERS = 10_000


def issuer_of(team: str) -> str:
    """How a Slack team is called where it vouches for people."""
    return f"slack:{team}"


class SlackSender:
    """Tells people in one Slack team.

    :param address: how this server is reached, without a slash at the end.
    :param rooms: for selector tokens such as ``role:approver`` the channel that is told too.
    """

    channel = Channel.SLACK
    at_once = 4

    def __init__(
        self, store: Store, api: SlackApi, address: str, *, rooms: Mapping[str, str] | None = None
    ) -> None:
        self._store = store
        self._api = api
        self._address = address
        self._rooms = rooms or {}
        self._strangers: dict[str, float] = {}

    async def reaches(
        self, workspace: WorkspaceId, people: Sequence[Person]
    ) -> Collection[PersonId]:
        """Those who are known in the team, and those of whom we have not asked yet."""
        return [each.id for each in people if not self._is_stranger(workspace, each)]

    async def places(self, workspace: WorkspaceId, to: Sequence[Selector]) -> Sequence[str]:
        rooms = (self._rooms.get(selector.token) for selector in to)
        return [*dict.fromkeys(room for room in rooms if room)]

    def endpoint(self, letter: Letter) -> str:
        return "slack"

    async def send(self, letter: Letter) -> Became:
        try:
            user = await self._user(letter)
            if user is None:
                return Refused(detail="nobody in Slack has the person's mail address")
            with speaking(letter.reader.chosen.language if letter.reader else None):
                sent = [await self._post(letter, item, user) for item in letter.items]
        except NotPosted as error:
            return error.became
        return Sent(provider_id=sent[-1], address=address_digest(letter.workspace, user))

    async def _post(self, letter: Letter, item: Item, to: str) -> str:
        notice, task = item.notice, item.found.task
        team = await self._api.team()
        above = await self._above(letter, item)
        if above is not None and notice.reason in _BELOW:
            _, ts = await self._api.post(
                above.channel, note(item.found, notice.reason), thread=above.ts
            )
            return ts
        post_id = f"slk_{uuid7().hex}"
        intent = await self._store.intent(letter.workspace, task.intent_id)
        zone = letter.reader.zone if letter.reader else UTC
        url = f"{self._address}/inbox/tasks/{task.id}"
        shown = message(item.found, notice.reason, post_id, url, zone=zone)
        channel, ts = await self._api.post(to, shown)
        post = SlackPost(
            workspace=letter.workspace,
            id=post_id,
            intent_id=task.intent_id,
            task_id=task.id,
            notice_id=notice.id,
            person_id=notice.person_id,
            team=team,
            channel=channel,
            ts=ts,
            view_digest=task.view_digest,
            seq=intent.seq if intent else 0,
            created_at=await self._store.now(),
            closed=not task.live,
        )
        await self._store.save_slack_post(post)
        return ts

    async def _above(self, letter: Letter, item: Item) -> SlackPost | None:
        """The message about this task that the same reader has already."""
        posts = await self._store.slack_posts(letter.workspace, item.found.task.id)
        notice = item.notice
        return next(
            (
                each
                for each in reversed(posts)
                if each.person_id == notice.person_id
                and (notice.person_id is not None or each.channel == notice.place)
            ),
            None,
        )

    async def _user(self, letter: Letter) -> str | None:
        if letter.reader is None:
            return letter.items[0].notice.place
        person, workspace = letter.reader.person, letter.workspace
        issuer = issuer_of(await self._api.team())
        known = await self._store.subjects(workspace, issuer, [person.id])
        if person.id in known:
            return known[person.id]
        user = await self._api.user_of(person.email)
        if user is None:
            self._note_stranger(workspace, person)
            return None
        identity = Identity(
            workspace=workspace,
            issuer=issuer,
            subject=user,
            person_id=person.id,
            label=None,
            created_at=await self._store.now(),
        )
        try:
            await self._store.add_identity(identity)
        except AlreadyExists:
            return None  # the user is somebody else here
        return user

    def _is_stranger(self, workspace: WorkspaceId, person: Person) -> bool:
        """Whether Slack said a while ago that it does not know them; it is asked again later."""
        asked = self._strangers.get(_key(workspace, person))
        return asked is not None and _time() - asked < _STRANGER_SECONDS

    def _note_stranger(self, workspace: WorkspaceId, person: Person) -> None:
        if len(self._strangers) >= _MOST_STRANGERS:
            self._strangers.clear()
        self._strangers[_key(workspace, person)] = _time()


def _key(workspace: WorkspaceId, person: Person) -> str:
    return f"{workspace} {person.id} {person.email}"


def _time() -> float:
    return asyncio.get_running_loop().time()
