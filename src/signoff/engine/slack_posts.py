"""What the engine needs of a store for messages in Slack that stand for tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackPost:
    """A message that shows a task to one person, or in a channel to several.

    :param id: what its buttons carry: it says nothing to whoever reads it.
    :param team: the Slack team; ``channel`` and ``ts`` name the message in it.
    :param view_digest: what it shows to decide on.
    :param seq: the number of the intent's last event when it was last written.
    :param closed: whether it shows how the task ended, after which nothing changes.
    """

    workspace: WorkspaceId
    id: str
    intent_id: IntentId
    task_id: TaskId
    notice_id: str
    person_id: PersonId | None
    team: str
    channel: str
    ts: str
    view_digest: str
    seq: int
    created_at: datetime
    closed: bool = False


class SlackStore(Protocol):
    async def save_slack_post(self, post: SlackPost) -> None:
        """Write a message as it is now; one that is there already is written anew."""
        ...

    async def slack_post(self, post_id: str) -> SlackPost | None:
        """The message whose buttons carry this."""
        ...

    async def slack_post_at(self, team: str, channel: str, ts: str) -> SlackPost | None: ...
    async def slack_posts(self, workspace: WorkspaceId, task_id: TaskId) -> Sequence[SlackPost]:
        """All messages about a task, in the order of their ids."""
        ...

    async def stale_slack_posts(self, *, limit: int) -> Sequence[SlackPost]:
        """Messages about tasks of whose intents something has happened since."""
        ...

    async def first_time(self, channel: str, event_id: str) -> bool:
        """Note what came in from a channel; False where it has come in before."""
        ...
