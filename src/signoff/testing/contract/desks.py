"""Part of ``StoreContract``: answers people have begun, and the tasks they look at."""

from __future__ import annotations

from datetime import timedelta

from signoff.core.words import TaskId
from signoff.engine.desks import DRAFT_LASTS, LOOKING_LASTS, Draft
from signoff.engine.ports import Store
from signoff.testing.clock import ManualClock
from signoff.testing.contract.world import HERE, JONAS, MARIA, asked


async def _two(store: Store) -> tuple[TaskId, TaskId]:
    return (await asked(store))[1], (await asked(store))[1]


class DeskContract:
    """Drafts and looks."""

    async def test_a_draft_is_kept_for_its_person_until_it_is_dropped(
        self, store: Store, clock: ManualClock
    ) -> None:
        task_id, other = await _two(store)
        draft = Draft(
            workspace=HERE,
            task_id=task_id,
            person_id=MARIA.id,
            view_digest="v1",
            form={"comment": ["half a"], "data.a": ["1", "2"]},
            saved_at=clock.now(),
        )
        later = Draft(
            workspace=HERE,
            task_id=task_id,
            person_id=MARIA.id,
            view_digest="v2",
            form={"comment": ["half a thought"]},
            saved_at=clock.now() + timedelta(seconds=5),
        )

        await store.save_draft(draft)
        assert await store.draft(HERE, task_id, MARIA.id) == draft
        await store.save_draft(later)
        assert await store.draft(HERE, task_id, MARIA.id) == later
        assert await store.draft(HERE, task_id, JONAS.id) is None
        assert await store.draft(HERE, other, MARIA.id) is None
        await store.drop_draft(HERE, task_id, JONAS.id)
        assert await store.draft(HERE, task_id, MARIA.id) == later
        await store.drop_draft(HERE, task_id, MARIA.id)
        assert await store.draft(HERE, task_id, MARIA.id) is None

    async def test_what_was_typed_long_ago_is_forgotten(
        self, store: Store, clock: ManualClock
    ) -> None:
        old, new = await _two(store)
        for task_id, at in ((old, clock.now()), (new, clock.now() + DRAFT_LASTS * 2)):
            draft = Draft(
                workspace=HERE,
                task_id=task_id,
                person_id=MARIA.id,
                view_digest="v",
                form={},
                saved_at=at,
            )
            await store.save_draft(draft)

        assert await store.draft(HERE, old, MARIA.id) is None
        assert await store.draft(HERE, new, MARIA.id) is not None

    async def test_who_looks_at_a_task_is_known_for_a_while(
        self, store: Store, clock: ManualClock
    ) -> None:
        task_id, other = await _two(store)
        now = clock.now()
        await store.note_looking(HERE, task_id, MARIA.id, now)
        await store.note_looking(HERE, task_id, JONAS.id, now + timedelta(seconds=30))
        await store.note_looking(HERE, other, MARIA.id, now)

        assert await store.looking(HERE, task_id, since=now) == sorted([MARIA.id, JONAS.id])
        since = now + timedelta(seconds=10)
        assert await store.looking(HERE, task_id, since=since) == [JONAS.id]
        await store.note_looking(HERE, task_id, MARIA.id, now + timedelta(seconds=40))
        assert await store.looking(HERE, task_id, since=since) == sorted([MARIA.id, JONAS.id])
        await store.stop_looking(HERE, task_id, JONAS.id)
        assert await store.looking(HERE, task_id, since=now) == [MARIA.id]
        await store.note_looking(HERE, task_id, JONAS.id, now + LOOKING_LASTS * 2)
        assert await store.looking(HERE, task_id, since=now) == [JONAS.id]
