"""Who was told of a task, over the wire: for whoever may see the task, and for no agent."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from signoff.core.words import TaskId
from signoff.engine.notices import NoticeState
from tests.server.test_openapi import wrong
from tests.server.world import HERE, MANAGER, World


async def test_who_was_told_over_what_and_with_what_result(world: World) -> None:
    task = await world.task()
    path, store = f"/v1/tasks/{task['id']}/notices", world.services.store
    async with asyncio.timeout(10):  # the loop that tells people runs beside this
        while not (found := await store.notices(HERE, TaskId(task["id"]))):
            await asyncio.sleep(0.02)
    failed = replace(
        found[0],
        id="1-somebody-email",
        channel="email",
        state=NoticeState.FAILED,
        detail="no such mailbox",
        attempts=5,
    )
    await store.settle_notices([failed])

    said = await world.get("manager", path)

    assert list(wrong("Notices", said.json())) == []
    shown = {each["channel"]: each for each in said.json()["notices"]}
    assert (shown["inbox"]["person"], shown["inbox"]["state"]) == (MANAGER, "sent")
    assert (shown["email"]["state"], shown["email"]["detail"]) == ("failed", "no such mailbox")
    assert (await world.get("agent", path)).status_code == 403
    assert (await world.get("outsider", path)).status_code == 404
