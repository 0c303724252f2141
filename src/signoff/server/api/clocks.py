"""The clock of a task: reminders put off, time added, stopped while it waits, started again."""

from __future__ import annotations

from signoff.core.commands import ExtendTask, PauseTask, ResumeTask, SnoozeTask
from signoff.core.durations import parse_elapsed
from signoff.server import ids
from signoff.server.api import bodies as b
from signoff.server.api import finding
from signoff.server.api.doing import execute, one_task
from signoff.server.api.operation import Call, NoQuery, Reply
from signoff.server.api.times import moment_or_duration


async def snooze(call: Call[b.Snooze, NoQuery]) -> Reply:
    """Nobody is reminded before that time, and everybody then; the task stays due when it is."""
    command = SnoozeTask(
        actor=call.caller.actor,
        task_id=ids.task_id(call.path["task_id"]),
        until=await moment_or_duration(call.services.store, call.body.until, field="until"),
    )
    return one_task(await execute(call, command))


async def extend(call: Call[b.Extension, NoQuery]) -> Reply:
    """Whatever is still to come comes later."""
    command = ExtendTask(
        actor=call.caller.actor,
        task_id=ids.task_id(call.path["task_id"]),
        by=parse_elapsed(call.body.by, field="by"),
        reason=call.body.reason,
    )
    return one_task(await execute(call, command))


async def pause(call: Call[b.Pause, NoQuery]) -> Reply:
    """The clock stands, because the task waits on its requester."""
    command = PauseTask(
        actor=call.caller.actor,
        task_id=ids.task_id(call.path["task_id"]),
        reason=call.body.reason,
    )
    return one_task(await execute(call, command))


async def resume(call: Call[b.Reason, NoQuery]) -> Reply:
    """The clock goes on, with as much time left as there was."""
    task_id, actor = await finding.own_task(call), call.caller.actor
    if call.body.reason is None:
        command = ResumeTask(actor=actor, task_id=task_id)
    else:
        command = ResumeTask(actor=actor, task_id=task_id, reason=call.body.reason)
    return one_task(await execute(call, command))
