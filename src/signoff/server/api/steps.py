"""Steps: what an agent has done, journalled once and replayed ever after; and its sleeps."""

from __future__ import annotations

from datetime import datetime

from signoff.core.commands import RecordStep, Sleep
from signoff.core.words import IntentId
from signoff.engine.execute import Done
from signoff.engine.ports import Step
from signoff.errors import FieldError, InvalidInput
from signoff.server import documents as d
from signoff.server import ids, rendering
from signoff.server.api import attempts, finding
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Reply
from signoff.server.api.times import moment, moment_after
from signoff.server.visibility import reads_whole

_Writes = Call[b.StepRecord, NoQuery] | Call[b.Nap, NoQuery]


async def record(call: Call[b.StepRecord, NoQuery]) -> Reply:
    """Record a step; one recorded before is answered as it was then."""
    body, actor = call.body, call.caller.actor
    command = RecordStep(actor=actor, name=body.name, kind=body.kind, output=body.output)
    return await _execute(call, await finding.own_intent(call), command)


async def sleep(call: Call[b.Nap, NoQuery]) -> Reply:
    """Wait for time, durably; the step's output is when the wait ends."""
    command = Sleep(actor=call.caller.actor, name=call.body.name, until=await _until(call))
    return await _execute(call, await finding.own_intent(call), command)


async def read_all(call: Call[None, NoQuery]) -> Reply:
    """The journal of an intent, in order."""
    found = await finding.intent(call)
    finding.require_reader(call.caller, found)
    await attempts.reading(call, found)
    steps = await call.services.store.steps(call.caller.workspace, found.id)
    return Reply(document=d.Steps(steps=[rendering.step(step) for step in steps]))


async def _until(call: Call[b.Nap, NoQuery]) -> datetime:
    body, store = call.body, call.services.store
    if (body.until is None) == (body.for_ is None):
        message = "say either until when or for how long"
        raise InvalidInput(message, errors=[FieldError("until", message)])
    if body.until is not None:
        return await moment(store, body.until, field="until")
    return await moment_after(store, body.for_ or "", field="for")


async def _execute(call: _Writes, intent_id: IntentId, command: RecordStep | Sleep) -> Reply:
    workspace = call.caller.workspace
    done: Done = await call.services.door.execute(
        workspace, command, intent_id, idempotency=call.idempotency(intent_id)
    )
    step = done.step or await _recorded(call, intent_id)
    whole = reads_whole(call.caller, done.intent.agent)
    shown = rendering.intent(done.intent, whole=whole)
    document = d.RecordedStep(step=rendering.step(step), intent=shown)
    return Reply(document=document, created=True, replayed=done.replayed)


async def _recorded(call: _Writes, intent_id: IntentId) -> Step:
    """The step of a request that was made before."""
    for step in await call.services.store.steps(call.caller.workspace, intent_id):
        if step.name == call.body.name:
            return step
    raise ids.no_such("step")
