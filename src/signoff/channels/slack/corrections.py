"""Keeps messages in Slack true: whatever surface something happens on, they show it.

A message remembers at which event of the intent it was written. Where more has happened since, it
is written anew; once it shows how the task ended nothing changes any more. So nothing has to be
remembered between a decision and its correction, and a correction made twice does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from signoff.channels.slack.api import NotPosted, SlackApi
from signoff.channels.slack.blocks import message
from signoff.core.plan import NoticeReason
from signoff.core.preferences import NONE
from signoff.engine.channels import Refused, zone_of
from signoff.engine.ports import Change, FoundTask, Store
from signoff.engine.slack_posts import SlackPost
from signoff.language import speaking
from signoff.logs import Log

_log = Log("signoff.slack")

AT_ONCE = 50
_SELDOM_SECONDS = 30.0
_PAUSE_SECONDS = 5.0


class Corrections:
    """The loop that corrects messages.

    :param address: how this server is reached, without a slash at the end.
    """

    def __init__(self, store: Store, api: SlackApi, address: str) -> None:
        self._store = store
        self._api = api
        self._address = address
        self._fresh = asyncio.Event()

    def committed(self, changes: Sequence[Change]) -> None:
        """Look at once: something has happened."""
        if changes:
            self._fresh.set()

    async def run(self) -> None:
        """Correct for ever."""
        while True:
            done = await self.flush()
            if not done:
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            try:
                async with asyncio.timeout(_SELDOM_SECONDS):
                    await self._fresh.wait()
            except TimeoutError:
                continue

    async def flush(self) -> bool:
        """Correct whatever is stale; False where Slack did not take all of it."""
        self._fresh.clear()
        while posts := await self._store.stale_slack_posts(limit=AT_ONCE):
            for post in posts:
                if not await self._correct(post):
                    return False
        return True

    async def _correct(self, post: SlackPost) -> bool:
        intent = await self._store.intent(post.workspace, post.intent_id)
        found = await self._store.task(post.workspace, post.task_id)
        if intent is None or found is None:
            await self._store.save_slack_post(replace(post, closed=True))
            return True
        try:
            await self._write(post, found)
        except NotPosted as error:
            if not isinstance(error.became, Refused):
                return False
            _log.warning("message_not_corrected", task=post.task_id, reason=error.became.detail)
        shown = replace(
            post,
            seq=intent.seq,
            view_digest=found.task.view_digest,
            closed=not found.task.live,
        )
        await self._store.save_slack_post(shown)
        return True

    async def _write(self, post: SlackPost, found: FoundTask) -> None:
        chosen, row = NONE, None
        if post.person_id is not None:
            row = await self._store.person(post.workspace, post.person_id)
            known = await self._store.preferences(post.workspace, [post.person_id])
            chosen = known.get(post.person_id, NONE)
        live = found.task.live
        with speaking(chosen.language):
            shown = message(
                found,
                NoticeReason.OPENED if live else NoticeReason.DECIDED,
                post.id,
                f"{self._address}/inbox/tasks/{post.task_id}",
                zone=zone_of(row) if row else ZoneInfo("UTC"),
            )
        await self._api.update(post.channel, post.ts, shown)
