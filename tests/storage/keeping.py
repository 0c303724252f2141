"""What nobody may do to the record, in SQL that both dialects take."""

from __future__ import annotations

from signoff.core import commands as c
from signoff.core.intent import Intent
from signoff.core.words import TaskId
from signoff.engine.ports import Store
from signoff.testing.contract.logged import logged, opened, told
from signoff.testing.contract.world import AGENT, HERE, answer, asked, execute

FORBIDDEN = {
    "a leaf changes": "update event set leaf = 'x', erased = '[1]'",
    "an event gets another number": "update event set seq = 99, erased = '[1]' where seq = 1",
    "an event gets another type": "update event set type = 'x', erased = '[1]'",
    "an event changes unsaid": "update event set data = '{}'",
    "an event's actor changes unsaid": "update event set actor = '{}'",
    "an event's salts change unsaid": "update event set salts = ''",
    "an erasure is taken back": "update event set data = '{}', erased = '[]' where erased <> '[]'",
    "an event is deleted": "delete from event",
    "a fact's leaf changes": "update fact set leaf = 'x', erased = '[1]'",
    "a fact gets another id": "update fact set id = 'x', erased = '[1]'",
    "a fact is about something else": "update fact set intent_id = 'x', erased = '[1]'",
    "a fact changes unsaid": "update fact set data = '{}'",
    "a fact is deleted": "delete from fact",
    "a log shrinks": "update log_head set sequenced = sequenced - 1",
    "a checkpoint goes back": "update log_head set size = size - 1",
    "a checkpoint is forgotten": "update log_head set checkpoint = null",
    "a log gets another origin": "update log_head set origin = 'x'",
    "a log is deleted": "delete from log_head",
    "a checkpoint runs ahead": "update log_head set size = sequenced + 1",
    "a tile changes": "update log_tile set hashes = substr(hashes, 2)",
    "a tile is deleted": "delete from log_tile",
    "an ended intent changes": "update intent set title = 'x'",
    "an ended intent begins again": (
        "update intent set status = 'IN_PROGRESS', erased_at = updated_at"
    ),
    "an ended intent is another's": "update intent set agent = 'x', erased_at = updated_at",
    "a closed task changes": "update task set document = '{}'",
    "a closed task is decided anew": "update task set outcome = 'rejected'",
}

ERASED_INTENT = "update intent set erased_at = updated_at, title = ''"
OF_AN_ERASED_INTENT = {
    "a closed task is decided anew": "update task set outcome = 'rejected', document = '{}'",
    "a closed task opens again": (
        "update task set state = 'open', outcome = null, closed_at = null, document = '{}'"
    ),
    "it ends in another way": "update intent set status = 'FAILED'",
    "its erasure is taken back": "update intent set erased_at = null, title = 'x'",
}

ALLOWED = (
    "update event set data = '{}', actor = '{}', salts = '', erased = '[\"all\"]'",
    "update fact set data = '{}', actor = '{}', salts = '', erased = '[\"all\"]'",
    "update task set document = '{}'",
    "update intent set title = 'x', payload = '1', progress = '{}'",
    "update intent set on_behalf_of = 'x', subject = 'x'",
)


async def kept(store: Store) -> tuple[Intent, TaskId]:
    """An ended intent with a decision, a fact about it, and a log that covers all of it."""
    await opened(store)
    intent, task_id = await asked(store)
    await execute(store, answer(task_id))
    ended = await execute(store, c.CompleteIntent(actor=AGENT, result=None), intent.id)
    await store.record([told(intent_id=intent.id)])
    size = len(await logged(store))
    hashes = {(0, 0): b"a" * 32 * size}
    assert await store.publish(HERE, expected=0, size=size, checkpoint="c", tiles=hashes)
    return ended, task_id
