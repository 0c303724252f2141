"""What is written down comes back exactly as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signoff.core.chain import Stage
from signoff.core.durations import elapsed
from signoff.core.events import BODIES, Event, StepRecorded
from signoff.core.intent import Intent
from signoff.core.ladder import Do, Firing, Rung
from signoff.core.plan import Notify
from signoff.core.routing import Actor, Selector, SelectorKind
from signoff.core.task import Ask, Task
from signoff.core.words import ActorKind, IntentId, TaskId, TaskState, TaskType, WorkspaceId
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.ports import FoundTask, PersonRow, Step
from signoff.engine.records import (
    FoundRecord,
    audience,
    decode_json,
    decode_notify,
    encode,
    encode_notify,
    event_record,
    intent_record,
    person_record,
    read_event,
    read_found,
    read_intent,
    read_person,
    read_settings,
    read_step,
    read_task,
    settings_record,
    task_record,
)
from tests.engine.values import JSON, values_of

OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROLE = Selector(kind=SelectorKind.ROLE, value="manager", label="role:manager")


def _has_a_schedule(task: Task) -> bool:
    """Whether it could come to be: it is due at some time."""
    try:
        return task.due_at > datetime.min.replace(tzinfo=UTC)
    except (IndexError, OverflowError):
        return False


@settings(max_examples=15)
@given(st.data())
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_every_event_comes_back_as_it_was(body: Any, data: st.DataObject) -> None:
    event = Event(
        seq=3, at=OPENED, actor=data.draw(values_of(Actor)), body=data.draw(values_of(body))
    )
    intent = data.draw(values_of(Intent))

    assert read_event(event_record(intent, event)) == event


@given(values_of(Intent))
def test_every_intent_comes_back_as_it_was(intent: Intent) -> None:
    assert read_intent(intent_record(intent), intent.tasks) == intent


@given(values_of(Intent), values_of(Task).filter(_has_a_schedule))
def test_every_task_comes_back_as_it_was(intent: Intent, task: Task) -> None:
    row = task_record(intent, task)
    found = FoundRecord(
        row.workspace, row.agent, intent.on_behalf_of, intent.title, intent.status, row.document
    )

    assert read_task(row.document) == task
    assert read_found(found) == FoundTask(
        workspace=intent.workspace,
        agent=intent.agent,
        on_behalf_of=intent.on_behalf_of,
        intent_title=intent.title,
        intent_status=intent.status,
        task=task,
    )


@given(values_of(PersonRow))
def test_every_person_comes_back_as_they_were(person: PersonRow) -> None:
    assert read_person(person_record(person)) == person


@given(values_of(WorkspaceSettings))
def test_every_version_of_settings_comes_back_as_it_was(settings: WorkspaceSettings) -> None:
    row = settings_record(WorkspaceId("acme/main"), settings)

    assert read_settings(row.document) == settings
    assert (row.workspace, row.version) == ("acme/main", settings.version)


@given(values_of(Notify))
def test_every_notice_comes_back_as_it_was(notify: Notify) -> None:
    body: Any = decode_json(encode_notify(notify))

    assert decode_notify(body) == notify


@given(JSON)
def test_free_json_is_what_another_reader_of_json_sees(value: Any) -> None:
    assert decode_json(encode(value)) == value
    assert json.loads(encode(value)) == value


@given(values_of(Intent), values_of(StepRecorded))
def test_a_step_is_read_from_the_event_that_recorded_it(
    intent: Intent, recorded: StepRecorded
) -> None:
    actor = Actor(kind=ActorKind.AGENT, id="a", label="a")
    event = Event(seq=7, at=OPENED, actor=actor, body=recorded)

    assert read_step(event_record(intent, event)) == Step(
        intent_id=intent.id,
        name=recorded.name,
        kind=recorded.kind,
        seq=7,
        at=OPENED,
        output=recorded.output,
    )


def test_a_live_task_is_listed_under_everybody_it_asks_and_a_closed_one_under_nobody() -> None:
    added = Selector(kind=SelectorKind.PERSON, value="per_1", label="ann@acme.test")
    live = _task(added=(added,))
    closed = _task(state=TaskState.WITHDRAWN)

    assert audience(live).keys() == {"role:manager", "person:per_1"}
    assert audience(closed) == {}
    assert audience(None) == {}


def test_a_live_task_is_listed_apart_for_those_who_watch_it() -> None:
    watcher = Selector(kind=SelectorKind.PERSON, value="per_2", label="bo@acme.test")

    assert audience(_task(watchers=(watcher,))).keys() == {"role:manager", "watcher:person:per_2"}
    assert audience(_task(watchers=(watcher,), state=TaskState.WITHDRAWN)) == {}


def _task(**changed: Any) -> Task:
    ask = Ask(
        id=TaskId("task_1"),
        type=TaskType.APPROVAL,
        title="Refund?",
        description=None,
        stages=(Stage(who=(ROLE,)),),
        outcomes=("approved", "rejected"),
        ladder=(Rung(after=elapsed(timedelta(hours=1)), do=Do.FAIL),),
        spec={},
    )
    values = {
        "state": TaskState.OPEN,
        "opened_at": OPENED,
        "stage_opened_at": OPENED,
        "schedule": (Firing(at=OPENED + timedelta(hours=1), do=Do.FAIL, rung=0),),
        **changed,
    }
    return Task(intent_id=IntentId("int_1"), ask=ask, **values)
