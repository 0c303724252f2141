"""What must hold at the end of the demo, judged from what the API and the ledger say alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from signoff.cli.connection import Connection, Document
from signoff.cli.demo.picture import LIVE, TERMINAL, Picture
from signoff.core.words import TaskType


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything there is to judge: the last picture, each intent's events, and the ledger."""

    picture: Picture
    events: Mapping[str, Sequence[Document]]
    ledger: Sequence[Document]
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One invariant: the sentence it is, and what contradicts it (empty where it held)."""

    sentence: str
    against: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        return not self.against


def gather(server: Connection, picture: Picture, ledger: Path, *, requests: int) -> Record:
    """Read every intent's events and the ledger."""
    lines = ledger.read_text(encoding="utf-8").splitlines() if ledger.exists() else []
    return Record(
        picture=picture,
        events={intent["id"]: list(server.events(intent["id"])) for intent in picture.intents},
        ledger=[json.loads(line) for line in lines],
        requests=requests,
    )


def verify(record: Record) -> list[Finding]:
    """Judge every invariant; none is skipped because another one failed."""
    return [
        Finding(sentence=sentence, against=tuple(check(record)))
        for sentence, check in (
            ("every request became exactly one intent", _one_intent_each),
            ("every intent came to an end", _all_ended),
            ("every task was decided exactly once, by a person", _decided_once),
            ("every intent's events count from 1 without a gap", _no_gaps),
            ("no refund was paid twice", _paid_once),
            ("the ledger agrees with the results", _ledger_agrees),
            ("the ledger agrees with what people decided", _ledger_obeys),
            ("all eight types of task occurred", _all_types),
            ("nobody was bothered with a small refund", _small_unasked),
        )
    ]


def _one_intent_each(record: Record) -> Iterator[str]:
    asked = Counter(_reference(intent) for intent in record.picture.intents)
    yield from (f"{name} has {count} intents" for name, count in asked.items() if count > 1)
    if len(asked) != record.requests:
        yield f"{record.requests} requests, {len(asked)} intents"


def _all_ended(record: Record) -> Iterator[str]:
    for intent in record.picture.intents:
        if intent["status"] not in TERMINAL:
            yield f"{_reference(intent)} is {intent['status']}"


def _decided_once(record: Record) -> Iterator[str]:
    concluded = Counter(
        event["data"].get("task_id")
        for events in record.events.values()
        for event in events
        if event["type"] == "task.concluded"
    )
    for task in record.picture.tasks:
        if task["state"] in LIVE:
            yield f"{task['id']} is still {task['state']}"
        elif task["state"] == "concluded" and concluded[task["id"]] != 1:
            yield f"{task['id']} was concluded {concluded[task['id']]} times"
        elif task["decision"] and "@" not in task["decision"]["by"]:
            yield f"{task['id']} was decided by {task['decision']['by']}"


def _no_gaps(record: Record) -> Iterator[str]:
    for intent in record.picture.intents:
        seen = [event["seq"] for event in record.events[intent["id"]]]
        if seen != list(range(1, intent["seq"] + 1)):
            yield f"{intent['id']} has the events {seen}, its seq is {intent['seq']}"


def _paid_once(record: Record) -> Iterator[str]:
    paid = Counter(line["reference"] for line in record.ledger)
    yield from (f"{name} was paid {count} times" for name, count in paid.items() if count > 1)


def _ledger_agrees(record: Record) -> Iterator[str]:
    paid = {line["reference"]: f"{line['amount']} {line['currency']}" for line in record.ledger}
    for intent in record.picture.intents:
        result = intent.get("result")
        said = result.get("paid") if isinstance(result, dict) else None
        if said != paid.pop(_reference(intent), None):
            yield f"{_reference(intent)} says it paid {said}, the ledger says otherwise"
    yield from (f"{name} was paid without a request" for name in paid)


def _ledger_obeys(record: Record) -> Iterator[str]:
    paid = {line["reference"]: line["amount"] for line in record.ledger}
    references = {intent["id"]: _reference(intent) for intent in record.picture.intents}
    for task in record.picture.tasks:
        if task["type"] != TaskType.APPROVAL:
            continue
        reference = references[task["intent_id"]]
        allowed = _allowed(task)
        if paid.get(reference) != allowed:
            yield f"{reference}: allowed {allowed}, paid {paid.get(reference)}"


def _allowed(task: Document) -> str | None:
    """The amount an approval lets be paid: as asked, as edited, or none."""
    decision = task.get("decision")
    if not decision or decision["outcome"] != "approved":
        return None
    data = decision.get("data")
    edited = data.get("arguments") if isinstance(data, dict) else None
    arguments = edited or task["spec"]["action"]["arguments"]
    return str(arguments["amount"])


def _all_types(record: Record) -> Iterator[str]:
    missing = set(TaskType) - {TaskType(task["type"]) for task in record.picture.tasks}
    yield from (f"no {name} occurred" for name in sorted(missing))


def _small_unasked(record: Record) -> Iterator[str]:
    asked = {task["intent_id"] for task in record.picture.tasks}
    for intent in record.picture.intents:
        if intent["id"] in asked and intent["payload"]["plain_and_small"]:
            yield f"{_reference(intent)} asked somebody"


def _reference(intent: Document) -> str:
    return str(intent["payload"]["id"])
