"""The judge of the demo notices each way in which a run could have gone wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signoff.cli.demo.picture import Picture
from signoff.cli.demo.verify import Record, verify
from signoff.core.words import TaskType

Spoil = Callable[[dict[str, Any]], object]


def facts() -> dict[str, Any]:
    """A flawless small run: one paid without asking, and one asked for every type."""
    intents = [_intent("int_0", "R-0", paid="10.00 EUR", small=True)]
    tasks: list[dict[str, Any]] = []
    ledger = [{"reference": "R-0", "amount": "10.00", "currency": "EUR"}]
    for number, kind in enumerate(TaskType, start=1):
        approved = kind is TaskType.APPROVAL
        paid = "200.00 EUR" if approved else None
        intents.append(_intent(f"int_{number}", f"R-{number}", paid=paid, small=False))
        tasks.append(_task(f"task_{number}", f"int_{number}", kind))
        if approved:
            line = {"reference": f"R-{number}", "amount": "200.00", "currency": "EUR"}
            ledger.append(line)
    events = {
        intent["id"]: [
            {"seq": 1, "type": "intent.submitted", "data": {}},
            {"seq": 2, "type": "task.concluded", "data": {"task_id": _task_of(intent["id"])}},
            {"seq": 3, "type": "intent.completed", "data": {}},
        ]
        for intent in intents
    }
    return {"intents": intents, "tasks": tasks, "events": events, "ledger": ledger}


def judged(found: dict[str, Any]) -> list[str]:
    record = Record(
        picture=Picture(intents=found["intents"], tasks=found["tasks"]),
        events=found["events"],
        ledger=found["ledger"],
        requests=len(TaskType) + 1,
    )
    return [finding.sentence for finding in verify(record) if not finding.held]


def test_a_flawless_run_holds() -> None:
    assert judged(facts()) == []


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda f: f["intents"][0].update(status="WAITING"), "every intent came to an end"),
        (
            lambda f: f["intents"][1]["payload"].update(id="R-0"),
            "every request became exactly one intent",
        ),
        (
            lambda f: f["tasks"][2].update(state="open"),
            "every task was decided exactly once, by a person",
        ),
        (
            lambda f: f["tasks"][2]["decision"].update(by="ladder"),
            "every task was decided exactly once, by a person",
        ),
        (
            lambda f: f["events"]["int_2"][2].update(
                type="task.concluded", data={"task_id": "task_2"}
            ),
            "every task was decided exactly once, by a person",
        ),
        (
            lambda f: f["events"]["int_2"].pop(1),
            "every intent's events count from 1 without a gap",
        ),
        (lambda f: f["ledger"].append(f["ledger"][0]), "no refund was paid twice"),
        (lambda f: f["ledger"].pop(0), "the ledger agrees with the results"),
        (
            lambda f: f["ledger"][1].update(amount="250.00"),
            "the ledger agrees with what people decided",
        ),
        (
            lambda f: f["tasks"][0]["decision"].update(outcome="rejected"),
            "the ledger agrees with what people decided",
        ),
        (lambda f: f["tasks"].pop(3), "all eight types of task occurred"),
        (
            lambda f: f["intents"][2]["payload"].update(plain_and_small=True),
            "nobody was bothered with a small refund",
        ),
    ],
)
def test_each_flaw_is_noticed(spoil: Spoil, sentence: str) -> None:
    found = facts()

    spoil(found)

    assert sentence in judged(found)


def test_an_edited_amount_is_what_may_be_paid() -> None:
    found = facts()
    found["tasks"][0]["decision"]["data"] = {"edited": True, "arguments": {"amount": "180.00"}}

    assert judged(found) == ["the ledger agrees with what people decided"]

    found["ledger"][1]["amount"] = "180.00"
    found["intents"][1]["result"]["paid"] = "180.00 EUR"
    assert judged(found) == []


def _intent(intent_id: str, reference: str, *, paid: str | None, small: bool) -> dict[str, Any]:
    return {
        "id": intent_id,
        "status": "COMPLETED",
        "seq": 3,
        "payload": {"id": reference, "plain_and_small": small},
        "result": {"paid": paid},
    }


def _task(task_id: str, intent_id: str, kind: TaskType) -> dict[str, Any]:
    return {
        "id": task_id,
        "intent_id": intent_id,
        "type": kind.value,
        "state": "concluded",
        "spec": {"action": {"name": "refund", "arguments": {"amount": "200.00"}}},
        "decision": {"outcome": "approved", "by": "maria@acme.test", "data": None},
    }


def _task_of(intent_id: str) -> str:
    return intent_id.replace("int_", "task_")
