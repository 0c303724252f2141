"""Messages in Slack that stand for tasks, and what came in and has been dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

import apsw

from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.slack_posts import SlackPost
from signoff.storage.sqlite.connection import Row, row, rows, run, write
from signoff.storage.sqlite.threaded import Threaded
from signoff.storage.sqlite.values import micros, moment

REMEMBERED = timedelta(days=2)
"""For so long it is known what came in: longer than anybody tries to deliver it again."""


class SlackHalf(Threaded):
    """The part of the store that knows messages in Slack."""

    async def save_slack_post(self, post: SlackPost) -> None:
        await self._writer.run(_save, post)

    async def slack_post(self, post_id: str) -> SlackPost | None:
        return await self._readers.run(_one, "slack_post_by_id", id=post_id)

    async def slack_post_at(self, team: str, channel: str, ts: str) -> SlackPost | None:
        at = {"team": team, "channel": channel, "ts": ts}
        return await self._readers.run(_one, "slack_post_by_message", **at)

    async def slack_posts(self, workspace: WorkspaceId, task_id: TaskId) -> Sequence[SlackPost]:
        return await self._readers.run(_of_task, workspace, task_id)

    async def stale_slack_posts(self, *, limit: int) -> Sequence[SlackPost]:
        return await self._readers.run(_stale, limit)

    async def first_time(self, channel: str, event_id: str) -> bool:
        return await self._writer.run(_first_time, channel, event_id, self._clock.now())


def _save(connection: apsw.Connection, post: SlackPost) -> None:
    values = (
        *(post.workspace, post.id, post.intent_id, post.task_id, post.notice_id, post.person_id),
        *(post.team, post.channel, post.ts, post.view_digest, post.seq, post.created_at),
        post.closed,
    )
    write(connection, "save_slack_post", [values])


def _one(connection: apsw.Connection, query: str, /, **named: str) -> SlackPost | None:
    found = row(connection, query, **named)
    return None if found is None else _post(found)


def _of_task(
    connection: apsw.Connection, workspace: WorkspaceId, task_id: TaskId
) -> list[SlackPost]:
    found = rows(connection, "slack_posts_of_task", workspace=workspace, task_id=task_id)
    return sorted(map(_post, found), key=lambda post: post.id)


def _stale(connection: apsw.Connection, limit: int) -> list[SlackPost]:
    return [_post(found) for found in rows(connection, "stale_slack_posts", limit=limit)]


def _first_time(connection: apsw.Connection, channel: str, event_id: str, now: datetime) -> bool:
    run(connection, "forget_inbound", before=micros(now - REMEMBERED))
    return bool(write(connection, "insert_inbound", [(channel, event_id, now)]))


def _post(found: Row) -> SlackPost:
    workspace, post_id, intent_id, task_id, notice_id = cast(tuple[str, ...], found[:5])
    person_id, team, channel, ts, view_digest = cast(
        tuple[str | None, str, str, str, str], found[5:10]
    )
    seq, created_at, closed = cast(tuple[int, int, int], found[10:])
    return SlackPost(
        workspace=WorkspaceId(workspace),
        id=post_id,
        intent_id=IntentId(intent_id),
        task_id=TaskId(task_id),
        notice_id=notice_id,
        person_id=PersonId(person_id) if person_id else None,
        team=team,
        channel=channel,
        ts=ts,
        view_digest=view_digest,
        seq=seq,
        created_at=moment(created_at),
        closed=bool(closed),
    )
