"""Messages in Slack: found by what their buttons carry, and stale once something has happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from signoff.core import commands as c
from signoff.core.intent import Intent
from signoff.core.words import TaskId
from signoff.engine.ports import Store
from signoff.engine.slack_posts import SlackPost
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.world import HERE, MARIA, THERE, World, answer, asked, execute, fresh


class SlackContract(World):
    async def test_a_message_is_found_by_its_id_its_place_and_its_task(self, store: Store) -> None:
        intent, task_id = await asked(store)
        post, shared = _post(intent, task_id), replace(_post(intent, task_id), person_id=None)
        for each in (post, shared):
            await store.save_slack_post(each)

        assert await store.slack_post(post.id) == post
        assert await store.slack_post("slk_no") is None
        assert await store.slack_post_at("T01", shared.channel, shared.ts) == shared
        assert await store.slack_post_at("T02", shared.channel, shared.ts) is None
        assert await store.slack_posts(HERE, task_id) == sorted(
            [post, shared], key=lambda each: each.id
        )
        assert await store.slack_posts(THERE, task_id) == []

    async def test_a_message_is_stale_once_something_has_happened_until_it_is_written_anew(
        self, store: Store
    ) -> None:
        intent, task_id = await asked(store)
        post = _post(intent, task_id)
        await store.save_slack_post(post)
        assert await store.stale_slack_posts(limit=9) == []

        claimed = await execute(store, c.ClaimTask(actor=MARIA.actor, task_id=task_id))
        assert await store.stale_slack_posts(limit=9) == [post]
        shown = replace(post, seq=claimed.seq)
        await store.save_slack_post(shown)
        assert await store.stale_slack_posts(limit=9) == []

        decided = await execute(store, answer(task_id))
        assert await store.stale_slack_posts(limit=9) == [shown]
        await store.save_slack_post(replace(shown, closed=True))
        assert await store.stale_slack_posts(limit=9) == []
        assert decided.seq > claimed.seq

    async def test_what_comes_in_again_is_known_for_a_while(
        self, store: Store, clock: ManualClock
    ) -> None:
        assert await store.first_time("slack", "Ev1")
        assert not await store.first_time("slack", "Ev1")
        assert await store.first_time("mail", "Ev1")
        clock.advance(timedelta(days=3))
        assert await store.first_time("slack", "Ev2")
        assert await store.first_time("slack", "Ev1")


def _post(intent: Intent, task_id: TaskId) -> SlackPost:
    post_id = fresh("slk")
    return SlackPost(
        workspace=HERE,
        id=post_id,
        intent_id=intent.id,
        task_id=task_id,
        notice_id="1",
        person_id=MARIA.id,
        team="T01",
        channel="D01",
        ts=post_id[-6:],
        view_digest="sha256:0",
        seq=intent.seq,
        created_at=START,
    )
