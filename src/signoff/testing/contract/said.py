"""What says somebody's name wherever it can, and an erasure that takes the name away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from signoff.core import commands as c
from signoff.core.facts import Fact, NoticeFailed
from signoff.core.intent import Intent, replay
from signoff.core.words import TaskId
from signoff.engine.log.ports import Erasable, Rewrite, StoredEvent, StoredFact
from signoff.engine.ports import Store
from signoff.engine.records import EventRecord, intent_record, read_event, task_record
from signoff.testing.contract.world import (
    AGENT,
    MARIA,
    answer,
    ask,
    execute,
    step,
    submitted,
)

NAME = "Erika Mustermann"
Change = Callable[[Erasable], Rewrite]


async def ended_intent(store: Store) -> tuple[Intent, TaskId]:
    """An intent that says the name wherever it can, and is over."""
    task = ask(title=f"Refund {NAME}?", description=f"{NAME} asks for it")
    intent = await submitted(store, task, title=NAME, payload={"name": NAME})
    await execute(store, step("look", {"found": NAME}), intent.id)
    await execute(store, answer(task.id, comment=f"{NAME} called me"))
    ended = await execute(store, c.CompleteIntent(actor=AGENT, result=NAME), intent.id)
    return ended, task.id


async def erase(store: Store, intent: Intent, change: Change) -> Rewrite:
    """Erase of an intent what the change says."""
    return await store.rewrite(intent.workspace, intent.id, lambda found, now: change(found))


def blanked(*, names: tuple[str, ...] = ("all",), facts_added: Sequence[Fact] = ()) -> Change:
    """Everything without the name, and rows that say what the events then come to."""

    def change(found: Erasable) -> Rewrite:
        events = tuple(
            replace(event, data=event.data.replace(NAME, ""), salts="", erased=names)
            for event in found.events
        )
        state = replay(
            [read_event(_record(found, event)) for event in events], intent_id=found.intent_id
        )
        assert state is not None
        row = intent_record(state)
        texts = {"title": row.title, "payload": row.payload, "progress": row.progress}
        return Rewrite(
            events=events,
            facts=tuple(map(blank_fact, found.facts)),
            intent={**texts, "on_behalf_of": row.on_behalf_of, "subject": row.subject},
            tasks={task.id: task_record(state, task).document for task in state.tasks.values()},
            facts_added=tuple(facts_added),
        )

    return change


def _record(found: Erasable, event: StoredEvent) -> EventRecord:
    key = found.workspace, found.intent_id, event.seq
    return EventRecord(*key, event.type, event.at, event.actor, event.data)


def blank_fact(fact: StoredFact) -> StoredFact:
    """A fact without the name."""
    return replace(fact, data=fact.data.replace(NAME, ""), salts="", erased=("all",))


def all_of(entries: Sequence[object]) -> str:
    """All there is in entries, as text to look into."""
    return repr(entries)


def cancel() -> c.CancelIntent:
    """The end of an intent, with the name in its reason."""
    return c.CancelIntent(actor=AGENT, reason=NAME)


def failed() -> NoticeFailed:
    """A notice that could not be sent, with the name in what the channel said."""
    return NoticeFailed(
        notice_id="1", person_id=MARIA.id, channel="email", reason="opened", detail=NAME
    )
