"""What is said about a task beside the answers."""

from __future__ import annotations

from signoff.core.commands import CommentTask
from signoff.core.events import Event, TaskCommented
from signoff.core.moments import rfc3339
from signoff.core.words import TaskId
from signoff.server import documents as d
from signoff.server.api import bodies as b
from signoff.server.api import finding
from signoff.server.api.doing import execute, one_task, seen_task
from signoff.server.api.operation import Call, NoQuery, Reply


async def add(call: Call[b.NewComment, NoQuery]) -> Reply:
    """Say something about a task without answering it."""
    task_id = await seen_task(call)
    command = CommentTask(actor=call.caller.actor, task_id=task_id, text=call.body.text)
    return one_task(await execute(call, command))


async def read_all(call: Call[None, NoQuery]) -> Reply:
    """Everything that was said, oldest first, for whoever may see the task."""
    found = await finding.task(call)
    history = await finding.history(call, found) if found.task.comments else ()
    shown = [_comment(each, found.task.id) for each in history]
    return Reply(document=d.Comments(comments=[each for each in shown if each is not None]))


def _comment(happened: Event, task_id: TaskId) -> d.Comment | None:
    body = happened.body
    if not isinstance(body, TaskCommented) or body.task_id != task_id:
        return None
    return d.Comment(by=happened.actor.label, at=rfc3339(happened.at), text=body.text)
