"""Erasing every string that holds a marker, whatever it is part of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec

from signoff.core.intent import replay
from signoff.engine.log.ports import Erasable, Rewrite
from signoff.engine.records import EventRecord, intent_record, read_event, task_record


def blanking(marker: str) -> Callable[[Erasable, datetime], Rewrite]:
    """Decide to blank whatever string has the marker in it."""

    def blank(value: object) -> object:
        match value:
            case str():
                return "" if marker in value else value
            case list():
                return [blank(each) for each in value]
            case dict():
                return {key: blank(each) for key, each in value.items()}
            case _:
                return value

    def text(data: str) -> str:
        return msgspec.json.encode(blank(msgspec.json.decode(data))).decode()

    def decide(found: Erasable, now: datetime) -> Rewrite:
        events = [
            replace(event, data=text(event.data), salts="", erased=("all",))
            for event in found.events
        ]
        key = found.workspace, found.intent_id
        records = [EventRecord(*key, e.seq, e.type, e.at, e.actor, e.data) for e in events]
        state = replay(map(read_event, records), intent_id=found.intent_id)
        assert state is not None
        row = intent_record(state)
        return Rewrite(
            events=events,
            facts=[replace(f, data=text(f.data), salts="", erased=("all",)) for f in found.facts],
            intent={"title": row.title, "payload": row.payload, "progress": row.progress},
            tasks={task.id: task_record(state, task).document for task in state.tasks.values()},
        )

    return decide
