"""Messages in Slack that stand for tasks, and what came in and has been dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.slack_posts import SlackPost
from signoff.storage.postgres.database import Database, Row

REMEMBERED = timedelta(days=2)
"""For so long it is known what came in: longer than anybody tries to deliver it again."""


class SlackPosts:
    """The part of the store that knows messages in Slack."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_slack_post(self, post: SlackPost) -> None:
        await self._database.write(
            "save_slack_post",
            *(post.workspace, post.id, post.intent_id, post.task_id, post.notice_id),
            *(post.person_id, post.team, post.channel, post.ts, post.view_digest, post.seq),
            *(post.created_at, post.closed),
        )

    async def slack_post(self, post_id: str) -> SlackPost | None:
        row = await self._database.row("slack_post_by_id", post_id)
        return None if row is None else _post(row)

    async def slack_post_at(self, team: str, channel: str, ts: str) -> SlackPost | None:
        row = await self._database.row("slack_post_by_message", team, channel, ts)
        return None if row is None else _post(row)

    async def slack_posts(self, workspace: WorkspaceId, task_id: TaskId) -> Sequence[SlackPost]:
        rows = await self._database.rows("slack_posts_of_task", workspace, task_id)
        return [_post(row) for row in rows]

    async def stale_slack_posts(self, *, limit: int) -> Sequence[SlackPost]:
        return [_post(row) for row in await self._database.rows("stale_slack_posts", limit)]

    async def first_time(self, channel: str, event_id: str) -> bool:
        now = await self._database.now()
        values = channel, event_id, now, now - REMEMBERED
        return bool(await self._database.write("insert_inbound", *values))


def _post(row: Row) -> SlackPost:
    workspace, post_id, intent_id, task_id, notice_id, person_id, team, channel = row[:8]
    ts, view_digest, seq, created_at, closed = row[8:]
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
        created_at=created_at,
        closed=closed,
    )
