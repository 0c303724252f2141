"""Tasks: opened by agents, read and waited for, answered by people."""

from __future__ import annotations

from typing import Any

from signoff.core.commands import (
    AnswerTask,
    ClaimTask,
    OpenTask,
    ReleaseTask,
    ReviseTask,
    WithdrawTask,
)
from signoff.core.intent import Intent
from signoff.core.routing import tokens
from signoff.core.task import Task
from signoff.core.words import IntentId, TaskId, TaskState
from signoff.engine.ports import FoundTask, KeyKind, Page, TaskFilter
from signoff.errors import FieldError, Forbidden, InvalidInput, SignoffError
from signoff.server import documents as d
from signoff.server import edge, ids, rendering
from signoff.server.api import answering, finding
from signoff.server.api import bodies as b
from signoff.server.api.asks import ask_request, needs_intent
from signoff.server.api.doing import done_before, execute, one_task, task_and_intent, task_of
from signoff.server.api.operation import Call, NoQuery, Nothing, Reply
from signoff.server.auth import Caller
from signoff.server.visibility import asks_now, reads_all
from signoff.server.waiting import Patience

LIVE = (TaskState.OPEN, TaskState.CLAIMED)


async def open_task(call: Call[b.OpenTask, NoQuery]) -> Reply:
    """Ask people something inside an intent."""
    intent_id = await finding.own_intent(call)
    given = _task_fields(call.raw)
    idempotency = call.idempotency(intent_id)
    parent = await _parent(call, intent_id) if needs_intent(given) else None
    request = ask_request(
        given,
        key=idempotency.key if idempotency else None,
        title=parent.title if parent else "",
        type_=parent.type if parent else "",
        payload=parent.payload if parent else None,
    )
    done = await call.services.door.execute(
        call.caller.workspace,
        OpenTask(actor=call.caller.actor, task=request),
        intent_id,
        idempotency=idempotency,
    )
    owner = call.around.owners.note_intent(done.intent)
    call.around.owners.note(task_of(done).id, owner)
    return task_and_intent(call, done, created=True)


def _task_fields(raw: Any) -> dict[str, Any]:
    """The fields of the task, whether bare or wrapped in ``task``."""
    if set(raw) == {"task"}:
        edge.shaped(raw, b.WrappedTask)
        return dict(raw["task"])
    edge.shaped(raw, b.TaskFields)
    return dict(raw)


async def _parent(call: Call[Any, Any], intent_id: IntentId) -> Intent:
    found = await call.services.store.intent(call.caller.workspace, intent_id)
    if found is None:
        raise ids.no_such("intent")
    return found


# Reading


async def read_all(call: Call[None, b.TasksQuery]) -> Reply:
    """List tasks, newest first. A person's key lists what asks that person, unless by role."""
    query, caller = call.query, call.caller
    where = TaskFilter(
        states=_states(caller, query.state),
        agent=_agent(caller, query.agent),
        intent_id=IntentId(query.intent) if query.intent else None,
        audience=_audience(caller, mine=query.mine),
    )
    page = Page(limit=query.limit + 1, before=query.before)
    found = await call.services.store.tasks(caller.workspace, where, page)
    rows = found[: query.limit]
    after = rows[-1].task.id if len(found) > query.limit else None
    shown = [row for row in rows if where.audience is None or _asked(row, caller)]
    return Reply(document=d.Tasks(tasks=[rendering.task(row) for row in shown], next=after))


def _states(caller: Caller, state: str | None) -> tuple[TaskState, ...]:
    if state is None:
        return LIVE if caller.kind is KeyKind.PERSON else ()
    return LIVE if state == "live" else (TaskState(state),)


def _agent(caller: Caller, agent: str | None) -> str | None:
    if caller.kind is not KeyKind.AGENT:
        return agent
    if agent not in (None, caller.agent):
        raise Forbidden("an agent's key lists that agent's own tasks only")
    return caller.agent


def _audience(caller: Caller, *, mine: bool) -> tuple[str, ...] | None:
    if caller.person is None:
        if mine:
            message = "only a person's key has tasks of its own"
            raise InvalidInput(message, errors=[FieldError("mine", message)])
        return None
    return tokens(caller.person) if mine or not reads_all(caller) else None


def _asked(row: FoundTask, caller: Caller) -> bool:
    """The index knows roles and groups but not who is excluded."""
    return caller.person is not None and asks_now(row.task, caller.person)


async def read(call: Call[None, b.TaskQuery]) -> Reply:
    """One task; with ``wait``, once it is closed or awaits a revision."""
    found = await _when_settled(call) if call.query.wait > 0 else await finding.task(call)
    if call.caller.kind is KeyKind.AGENT and _settled(found.task):
        await call.services.pickups.note(found)
    await _note_view(call, found)
    shown = rendering.task(found)
    return Reply(document=d.OneTask(task=shown), etag=shown.view_digest)


async def _note_view(call: Call[None, b.TaskQuery], found: FoundTask) -> None:
    """A person is shown an open task; an answer of theirs will say since when."""
    workspace, person, views = call.caller.workspace, call.caller.person, call.services.views
    if person is not None and views.news(workspace, found.task, person):
        at = await call.services.store.now()
        views.note(workspace, found.task, person, channel="api", at=at)


async def _when_settled(call: Call[None, b.TaskQuery]) -> FoundTask:
    """Wait for the task. What the bell brings along is answered without a query."""
    task_id = ids.task_id(call.path["task_id"])
    owner = await finding.owner_of_task(call, task_id)
    if owner is None:
        raise ids.no_such("task")
    wakeups, wait = call.services.wakeups, call.query.wait
    with wakeups.listen(owner.intent_id) as bell, Patience(call.receive, seconds=wait) as patience:
        found = await finding.task(call)
        while not _settled(found.task) and await patience.ring(bell):
            await call.recheck()
            found = _in_news(bell.news, task_id) or await finding.task(call)
        return found


def _in_news(news: Intent | None, task_id: TaskId) -> FoundTask | None:
    """The task as a commit of this process left it, where that settled it."""
    task = news.tasks.get(task_id) if news is not None else None
    if news is None or task is None or not _settled(task):
        return None
    return finding.found_task(news, task)


def _settled(task: Task) -> bool:
    return not task.live or task.awaiting_revision


# Deciding


async def answer(call: Call[b.Answer, NoQuery]) -> Reply:
    """A person answers."""
    task_id, raw = ids.task_id(call.path["task_id"]), answering.raw_answer(call.body)
    if call.caller.person is not None:
        await call.services.views.settled(task_id, call.caller.person.id)
    try:
        credential = await answering.credential(call, raw)
    except SignoffError:
        # A signature counts once, so sent again it is refused, unless it was recorded then.
        if (done := await done_before(call)) is None:
            raise
        return task_and_intent(call, done)
    command = AnswerTask(
        actor=call.caller.actor,
        task_id=task_id,
        raw=raw,
        view_digest=edge.shown_view(call.headers),
        channel="api",
        credential=credential,
    )
    return task_and_intent(call, await execute(call, command))


async def claim(call: Call[Nothing, NoQuery]) -> Reply:
    """A person says that they are on it."""
    task_id = ids.task_id(call.path["task_id"])
    return one_task(await execute(call, ClaimTask(actor=call.caller.actor, task_id=task_id)))


async def release(call: Call[Nothing, NoQuery]) -> Reply:
    """Whoever claimed it lets it go, or an administrator does it for them."""
    task_id = ids.task_id(call.path["task_id"])
    return one_task(await execute(call, ReleaseTask(actor=call.caller.actor, task_id=task_id)))


async def revise(call: Call[b.Revision, NoQuery]) -> Reply:
    """The agent hands in what was asked for; the same task is asked again."""
    task_id = await finding.own_task(call)
    content = call.body.content
    command = ReviseTask(actor=call.caller.actor, task_id=task_id, content=content)
    return one_task(await execute(call, command))


async def withdraw(call: Call[b.Reason, NoQuery]) -> Reply:
    """Nobody needs the answer any more."""
    task_id = await finding.own_task(call)
    reason = call.body.reason or "withdrawn"
    command = WithdrawTask(actor=call.caller.actor, task_id=task_id, reason=reason)
    return one_task(await execute(call, command))
