"""People who answer the next task that asks them."""

from __future__ import annotations

import asyncio
from typing import Any

import signoff
from signoff import TaskDocument


async def next_task(person: signoff.Client, *, title: str | None = None) -> TaskDocument:
    """The first task that asks this person and can be answered now, as soon as there is one."""
    async with asyncio.timeout(10):
        while True:
            for task in await person.tasks(mine=True):
                if not task["awaiting_revision"] and title in (None, task["title"]):
                    return task
            await asyncio.sleep(0.01)


async def answers(
    person: signoff.Client, outcome: str, *, title: str | None = None, **more: Any
) -> TaskDocument:
    """Wait to be asked, then answer what was shown."""
    task = await next_task(person, title=title)
    return await person.answer(task["id"], outcome, view=task["view_digest"], **more)
