"""Conditions: what they see, what they come to, and that none of them runs long or kills."""

from __future__ import annotations

import time
from typing import Any

import pytest

from signoff.core.asking import read_ask
from signoff.core.conditions import MAX_LENGTH, holds, names_of
from signoff.core.words import JSON, Risk, TaskType
from signoff.errors import InvalidTask
from tests.core.story import EVERYBODY, START, request

FIELD = "task.chain.1.when"


def judged(condition: str, payload: JSON = None, action: dict[str, Any] | None = None) -> bool:
    names = names_of(TaskType.APPROVAL, payload=payload, action=action, risk=Risk.HIGH)
    return holds(condition, names, field=FIELD)


@pytest.mark.parametrize(
    ("condition", "payload", "wanted"),
    [
        ("payload.amount > 10000", {"amount": 10001}, True),
        ("payload.amount > 10000", {"amount": 10000}, False),
        ("payload.amount > 10000", {"amount": 10000.5}, True),
        ("payload.amount > 0.5", {"amount": 1}, True),
        ("payload.country in ['DE', 'FR']", {"country": "FR"}, True),
        ("has(payload.note) && payload.note != ''", {}, False),
        ("payload.rows.exists(row, row.sum > 5)", {"rows": [{"sum": 1}, {"sum": 9}]}, True),
        ("payload.name.startsWith('Ü')", {"name": "Über"}, True),
        ("risk == 'high' && task == 'approval'", None, True),
        ("action.name == 'refund' && action.arguments.amount == 240", None, True),
        ("true", None, True),
    ],
)
def test_a_condition_is_true_or_false_of_what_was_asked(
    condition: str, payload: JSON, wanted: bool
) -> None:
    action = {"name": "refund", "arguments": {"amount": 240}}
    assert judged(condition, payload, action) is wanted


@pytest.mark.parametrize(
    ("condition", "payload"),
    [
        ("payload.amount > 1", {}),
        ("payload.amount > 1", None),
        ("payload.amount > 1", {"amount": "much"}),
        ("amount > 1", {"amount": 2}),
        ("payload.amount", {"amount": 2}),
        ("'yes'", None),
        ("", None),
        ("payload.amount >", {"amount": 2}),
        ("now() > 1", None),
        ("1 / 0 == 1", None),
        ("9223372036854775807 + 1 > 0", None),
        ("payload.rows[5] == 1", {"rows": []}),
        ("'a'.matches('(')", None),
        ("timestamp('x') == timestamp('y')", None),
        ("action.name == 'refund' && action.arguments.amount == 1", None),
        ("(" * 480 + "true" + ")" * 480, None),
        ("true" + " " * MAX_LENGTH, None),
        ("[1].all(x, [1].all(y, true))", None),
        ("[1].all(x, true) && [1] . map (x, x) == [1]", None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_condition_that_cannot_be_judged_is_refused_with_its_place(
    condition: str, payload: JSON
) -> None:
    with pytest.raises(InvalidTask) as refused:
        judged(condition, payload)
    assert [error.field for error in refused.value.errors] == [FIELD]


@pytest.mark.parametrize(
    "payload",
    [
        {"rows": list(range(100_000))},
        {"rows": [0] * 900, "text": "x" * 200_000},
        {"rows": [[0] * 50] * 50},
    ],
    ids=["many values", "a long text", "nested"],
)
def test_no_condition_walks_a_large_payload(payload: JSON) -> None:
    begun = time.monotonic()
    with pytest.raises(InvalidTask):
        judged("payload.rows.all(x, x in payload.rows)", payload)
    assert time.monotonic() - begun < 1


def test_a_condition_over_all_it_may_look_at_is_quick() -> None:
    begun = time.monotonic()
    condition = "payload.all(x, " + " && ".join(["size(payload) > x"] * 45) + ")"
    assert len(condition) <= MAX_LENGTH
    assert judged(condition, list(range(900)))
    assert time.monotonic() - begun < 2


def test_what_a_condition_came_to_is_recorded_with_it() -> None:
    chain = ["role:a", {"who": "role:b", "when": "payload.amount > 100"}]
    asked = request(chain=chain)
    for amount, applies in ((50, False), (500, True)):
        found = read_ask(asked, EVERYBODY, now=START, payload={"amount": amount})
        assert [(stage.when, stage.applies) for stage in found.stages] == [
            (None, True),
            ("payload.amount > 100", applies),
        ]


def test_a_chain_no_stage_of_which_applies_is_refused() -> None:
    asked = request(chain=[{"who": "role:a", "when": "false"}])
    with pytest.raises(InvalidTask) as refused:
        read_ask(asked, EVERYBODY, now=START)
    assert refused.value.errors[0].field == "task.chain"
