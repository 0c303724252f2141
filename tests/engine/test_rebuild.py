"""A row that was changed beside its leaf is found, and one that was lawfully blanked is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signoff.core import events as e
from signoff.core.events import BODIES
from signoff.core.facts import FACTS
from signoff.core.words import TaskId
from signoff.engine.log.blanks import blanked
from signoff.engine.log.plans import slices
from signoff.engine.log.rebuild import event_differs, fact_differs
from signoff.engine.log.scribe import About, leaf_of_event
from signoff.engine.records import EventRecord, FactRecord, encode, encode_body, fact_record
from tests.engine.marking import ABOUT, Marks, event, fact, marked
from tests.engine.values import values_of

EVERY: Mapping[str, Any] = {**BODIES, **FACTS}
every_type = pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY.keys())

Row = EventRecord | FactRecord


def row_of(body: Any) -> Row:
    if body.type in FACTS:
        return fact_record(fact(body))
    happened, data = event(body), encode_body(body)
    leaf, salts = leaf_of_event(ABOUT, happened, data)
    return EventRecord(
        workspace=ABOUT.workspace,
        intent_id=ABOUT.id,
        seq=happened.seq,
        type=body.type,
        at=happened.at,
        actor=encode(happened.actor),
        data=data,
        leaf=leaf,
        salts=salts,
    )


def differs(row: Row, *erased: str, agent: str | None = ABOUT.agent) -> str | None:
    if isinstance(row, EventRecord):
        return event_differs(row, agent, erased)
    return fact_differs(row, erased)


def without(row: Row, *names: str) -> Row:
    """As an erasure leaves it."""
    salts = json.loads(row.salts or "{}")
    kept = {name: salt for name, salt in salts.items() if name not in names}
    return row._replace(data=blanked(row.data, names), salts=json.dumps(kept))


@every_type
@settings(max_examples=10)
@given(data=st.data())
def test_what_is_erased_is_no_difference(kind: Any, data: st.DataObject) -> None:
    row = row_of(marked(data.draw(values_of(kind))))
    names = list(slices(kind.type, row.data))

    assert differs(row) is None
    for gone in [[name] for name in names] + [names]:
        assert differs(without(row, *gone), *gone) is None, gone


@every_type
@settings(max_examples=15)
@given(data=st.data())
def test_what_is_changed_is_one_whatever_else_is_erased(kind: Any, data: st.DataObject) -> None:
    """Each plain field, and each value that is not erased, is held to the leaf."""
    row = row_of(marked(data.draw(values_of(kind))))
    other = row_of(marked(data.draw(values_of(kind)), Marks(count(5000))))
    names = list(slices(kind.type, row.data))
    gone = data.draw(st.lists(st.sampled_from(names), unique=True) if names else st.just([]))
    blank = without(row, *gone)
    body, new = _raw(blank.data), _raw(other.data)

    for name in body:
        if _loose(name, gone, body, new):
            continue
        forged = blank._replace(data=msgspec.json.encode(body | {name: new[name]}).decode())
        assert differs(forged, *gone) is not None, name


def test_a_changed_column_is_one() -> None:
    row = row_of(e.TaskCommented(task_id=TaskId("task_1"), text="yes"))
    assert isinstance(row, EventRecord)
    actor = json.loads(row.actor)

    assert "seq" in str(differs(row._replace(seq=6)))
    assert "intent" in str(differs(row._replace(intent_id="int_2")))
    assert "occurred_at" in str(differs(row._replace(at=row.at.replace(year=2027))))
    assert "actor.ref" in str(differs(row._replace(actor=json.dumps(actor | {"id": "per_2"}))))
    assert "agent" in str(differs(row, agent="agent://default/main/other"))
    assert differs(row, agent=None) is None
    assert differs(row._replace(actor=json.dumps(actor | {"label": "per_1"}))) is None


def test_a_salt_that_is_missing_or_another_is_one() -> None:
    row = row_of(e.TaskCommented(task_id=TaskId("task_1"), text="yes"))
    other = row_of(e.TaskCommented(task_id=TaskId("task_1"), text="yes"))

    assert "commits to no text" in str(differs(row._replace(salts="")))
    assert "commitments.text" in str(differs(row._replace(salts=other.salts)))


def test_a_leaf_that_is_written_otherwise_is_one() -> None:
    row = row_of(e.TaskClaimed(task_id=TaskId("task_1")))

    assert "canonical" in str(differs(row._replace(leaf=json.dumps(json.loads(row.leaf)))))


def test_an_erased_comment_excuses_no_other_outcome() -> None:
    said = {"outcome": "approved", "data": None, "evidence": (), "reason": "answered"}
    row = row_of(e.TaskConcluded(task_id=TaskId("task_1"), comment="fine", **said))  # type: ignore[arg-type]
    blank = without(row, "comment")

    forged = blank._replace(data=blank.data.replace("approved", "rejected"))

    assert differs(blank, "comment") is None
    assert differs(forged, "comment") == (
        "the leaf does not follow from what is stored: data.outcome differ"
    )


def test_events_of_another_intent_are_told_apart() -> None:
    elsewhere = About("other/main", "int_1", ABOUT.agent)
    happened = event(e.IntentStarted())
    leaf, salts = leaf_of_event(elsewhere, happened, "{}")
    row = row_of(e.IntentStarted())

    assert "workspace" in str(differs(row._replace(leaf=leaf, salts=salts)))


_raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _loose(
    name: str,
    gone: list[str],
    body: Mapping[str, msgspec.Raw],
    new: Mapping[str, msgspec.Raw],
) -> bool:
    """Whether another value there would rightly not be found."""
    erased = any(each == name or each.startswith(f"{name}.") for each in gone)
    top = name in ("workspace", "agent")  # the leaf has them from the intent
    one, other = bytes(body[name]), bytes(new[name])
    return erased or top or one == other or (_empty(one) and _empty(other))


def _empty(text: bytes) -> bool:
    value = json.loads(text)
    said = value.values() if isinstance(value, dict) else [value]
    return all(each in (None, "", []) for each in said)
