"""Who is on a task: handed on in one's place, given to others, watched."""

from __future__ import annotations

from signoff.core.commands import DelegateTask, ReassignTask, UnwatchTask, WatchTask
from signoff.server import ids
from signoff.server.api import bodies as b
from signoff.server.api.doing import execute, one_task, seen_task
from signoff.server.api.operation import Call, NoQuery, Reply


async def delegate(call: Call[b.Delegation, NoQuery]) -> Reply:
    """A person lets another answer in their place, and stays on record."""
    command = DelegateTask(
        actor=call.caller.actor,
        task_id=ids.task_id(call.path["task_id"]),
        to=call.body.to,
        note=call.body.note,
    )
    return one_task(await execute(call, command))


async def reassign(call: Call[b.Reassignment, NoQuery]) -> Reply:
    """Others are asked instead: of everybody, or of whoever is asked by name and says so."""
    to = call.body.to
    command = ReassignTask(
        actor=call.caller.actor,
        task_id=ids.task_id(call.path["task_id"]),
        to=(to,) if isinstance(to, str) else tuple(to),
        reason=call.body.reason,
    )
    return one_task(await execute(call, command))


async def watch(call: Call[b.Watching, NoQuery]) -> Reply:
    """Be told what becomes of a task, without being asked."""
    task_id = await seen_task(call)
    command = WatchTask(actor=call.caller.actor, task_id=task_id, who=call.body.who)
    return one_task(await execute(call, command))


async def unwatch(call: Call[b.Watching, NoQuery]) -> Reply:
    """Be told no more."""
    task_id = await seen_task(call)
    command = UnwatchTask(actor=call.caller.actor, task_id=task_id, who=call.body.who)
    return one_task(await execute(call, command))
