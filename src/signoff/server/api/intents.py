"""Intents: submitted, read, waited for, and brought to their end."""

from __future__ import annotations

from datetime import datetime

import msgspec

from signoff.core.commands import (
    CancelIntent,
    Command,
    CompleteIntent,
    FailIntent,
    OverrideIntent,
    SubmitIntent,
)
from signoff.core.decide import OVERRIDE_ROLES
from signoff.core.intent import Intent
from signoff.core.provenance import Custody, Provenance
from signoff.core.routing import names_person
from signoff.core.words import IntentId
from signoff.engine.execute import Done
from signoff.engine.ports import IntentFilter, KeyKind, Page
from signoff.errors import FieldError, Forbidden, InvalidInput
from signoff.server import documents as d
from signoff.server import ids, rendering
from signoff.server.api import attempts, finding
from signoff.server.api import bodies as b
from signoff.server.api.asks import ask_request
from signoff.server.api.operation import Call, NoQuery, Reply
from signoff.server.api.times import moment_or_duration
from signoff.server.visibility import reads_all, reads_whole
from signoff.server.waiting import Patience


async def submit(call: Call[b.Submission, NoQuery]) -> Reply:
    """Create an intent, and open its task where there is one."""
    body, caller = call.body, call.caller
    idempotency = call.idempotency()
    title = body.title or body.type
    task = None
    if body.task is not None:
        task = ask_request(
            call.raw["task"],
            key=idempotency.key if idempotency else None,
            title=title,
            type_=body.type,
            payload=body.payload,
        )
    command = SubmitIntent(
        actor=caller.actor,
        workspace=caller.workspace,
        intent_id=ids.new_intent_id(),
        type=body.type,
        title=title,
        agent=caller.agent_address,
        payload=body.payload,
        handled=task is None if body.handled is None else body.handled,
        deadline=await _deadline(call),
        on_behalf_of=person_named(body.on_behalf_of),
        provenance=_provenance(body.provenance),
        custody=_custody(body.custody),
        task=task,
    )
    done = await call.services.door.execute(caller.workspace, command, idempotency=idempotency)
    owner = call.around.owners.note_intent(done.intent)
    opened = None
    if done.task is not None:
        call.around.owners.note(done.task.id, owner)
        opened = rendering.task_of(done.intent, done.task)
    shown = rendering.intent(done.intent, whole=True)
    document = d.SubmittedIntent(intent=shown, task=opened)
    return Reply(document=document, created=True, replayed=done.replayed)


def _provenance(given: b.GivenProvenance | None) -> Provenance | None:
    return None if given is None else Provenance(**msgspec.structs.asdict(given))


def _custody(given: b.GivenCustody | None) -> Custody | None:
    if given is None:
        return None
    return Custody(
        subject=given.subject,
        categories=tuple(dict.fromkeys(given.categories or ())),
        retention_class=given.retention_class,
    )


async def _deadline(call: Call[b.Submission, NoQuery]) -> datetime | None:
    if call.body.deadline is None:
        return None
    return await moment_or_duration(call.services.store, call.body.deadline, field="deadline")


def person_named(reference: str | None) -> str | None:
    """Whom this is done for, as people are filed; only a person can be acted for."""
    if reference is None:
        return None
    named = names_person(reference)
    if named is None:
        message = "must be a person, not a role or group"
        raise InvalidInput(f"on_behalf_of: {message}", errors=[FieldError("on_behalf_of", message)])
    return named


async def read_all(call: Call[None, b.IntentsQuery]) -> Reply:
    """List intents, newest first."""
    query, caller = call.query, call.caller
    agent = query.agent
    if caller.kind is KeyKind.AGENT:
        if agent not in (None, caller.agent):
            raise Forbidden("an agent's key lists that agent's own intents only")
        agent = caller.agent
    elif not reads_all(caller):
        raise Forbidden(
            "listing intents needs the role administrator or operator; /v1/tasks lists what "
            "asks you"
        )
    where = IntentFilter(statuses=(query.status,) if query.status else (), agent=agent)
    page = Page(limit=query.limit + 1, before=query.before)
    found = await call.services.store.intents(caller.workspace, where, page)
    rows = found[: query.limit]
    after = rows[-1].id if len(found) > query.limit else None
    documents = [rendering.intent(row, whole=True) for row in rows]
    return Reply(document=d.Intents(intents=documents, next=after))


async def read(call: Call[None, b.IntentQuery]) -> Reply:
    """One intent with its live tasks; with ``wait``, once it has news or has ended."""
    if call.query.wait > 0:
        found = await _after_news(call)
    else:
        found = await finding.intent(call)
    tasks = await finding.visible_tasks(call, found)
    shown = [rendering.task_of(found, task) for task in tasks]
    intent = rendering.intent(found, whole=reads_whole(call.caller, found.agent))
    return Reply(document=d.IntentAndTasks(intent=intent, tasks=shown))


async def _after_news(call: Call[None, b.IntentQuery]) -> Intent:
    query = call.query
    intent_id = ids.intent_id(call.path["intent_id"])
    wakeups = call.services.wakeups
    with wakeups.listen(intent_id) as bell, Patience(call.receive, seconds=query.wait) as patience:
        found = await finding.intent(call)
        after = found.seq if query.after is None else query.after
        while found.seq <= after and not found.terminal and await patience.ring(bell):
            await call.recheck()
            news = bell.news
            fresh = news is not None and news.seq > after
            found = news if news is not None and fresh else await finding.intent(call)
        return found


async def complete(call: Call[b.Completion, NoQuery]) -> Reply:
    """The agent reports its result."""
    command = CompleteIntent(actor=call.caller.actor, result=call.body.result)
    return await _execute(call, await finding.own_intent(call), command)


async def fail(call: Call[b.Reason, NoQuery]) -> Reply:
    """The agent gives up."""
    reason = call.body.reason or "the agent gave up"
    command = FailIntent(actor=call.caller.actor, reason=reason)
    return await _execute(call, await finding.own_intent(call), command)


async def cancel(call: Call[b.Reason, NoQuery]) -> Reply:
    """The intent is not wanted any more; its open tasks are withdrawn."""
    person = call.caller.person
    if person is not None and OVERRIDE_ROLES.isdisjoint(person.roles):
        error = Forbidden("cancelling an intent needs the role administrator or operator")
        name = "cancelIntent"
        await attempts.refused(call.around, call.caller, call.path, error, operation=name)
        raise error
    reason = call.body.reason or "canceled"
    command = CancelIntent(actor=call.caller.actor, reason=reason)
    return await _execute(call, await finding.own_intent(call), command)


async def override(call: Call[b.Takeover, NoQuery]) -> Reply:
    """A person takes the run over."""
    body = call.body
    command = OverrideIntent(
        actor=call.caller.actor,
        justification=body.justification,
        data={"action": body.action, "result": body.result, "to": body.to},
        task_id=ids.new_task_id(),
    )
    return await _execute(call, ids.intent_id(call.path["intent_id"]), command)


async def _execute(
    call: Call[b.Completion, NoQuery] | Call[b.Reason, NoQuery] | Call[b.Takeover, NoQuery],
    intent_id: IntentId,
    command: Command,
) -> Reply:
    done: Done = await call.services.door.execute(
        call.caller.workspace, command, intent_id, idempotency=call.idempotency(intent_id)
    )
    whole = reads_whole(call.caller, done.intent.agent)
    document = d.OneIntent(intent=rendering.intent(done.intent, whole=whole))
    return Reply(document=document, replayed=done.replayed)
