"""A batch is judged one command after the other, and a refused one hurts nobody else."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core.intent import Intent, replay
from signoff.core.plan import SetTimer
from signoff.core.words import IntentStatus, TaskId, TaskState
from signoff.engine.batch import Judged, Outcome, Pending, Repeated, judge, lookup_of, mentions
from signoff.engine.ports import Commit, Idempotency, Loaded, Replay, Step
from signoff.errors import AlreadyConcluded, InvalidAnswer, KeyReused, NotFound
from tests.engine.asks import (
    AGENT,
    DIRECTORY,
    JONAS,
    MARIA,
    WORKSPACE,
    answer,
    fresh_task_id,
    request,
    submission,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOTHING = Loaded(intents={}, parents={}, directories={WORKSPACE: DIRECTORY}, replays={}, steps={})


async def test_of_two_answers_in_one_batch_the_first_wins_and_the_second_is_told_so() -> None:
    waiting = _waiting()

    (first, second), commit = _judged(
        _loaded(waiting), answer(_task_id(waiting)), answer(_task_id(waiting), JONAS, "rejected")
    )

    assert isinstance(first, Judged)
    assert first.intent.status is IntentStatus.COMPLETED
    assert isinstance(second, AlreadyConcluded)
    assert second.about["by"] == MARIA.email
    (change,) = commit.changes
    assert change.before == waiting
    assert change.after == first.intent
    assert [event.seq for event in change.events] == [4, 5, 6, 7]


async def test_a_refused_command_leaves_its_neighbours_and_writes_nothing() -> None:
    waiting = _waiting()
    submitted = submission()

    (refused, taken), commit = _judged(
        _loaded(waiting), answer(_task_id(waiting), outcome="perhaps"), submitted
    )

    assert isinstance(refused, InvalidAnswer)
    assert isinstance(taken, Judged)
    assert [change.after.id for change in commit.changes] == [submitted.intent_id]


async def test_a_defect_in_one_command_is_its_callers_alone() -> None:
    broken = submission(task=request(ladder=[{"nonsense": True}]))
    fine = submission()

    (failed, taken), commit = _judged(NOTHING, broken, fine)

    assert isinstance(failed, Exception)
    assert isinstance(taken, Judged)
    assert len(commit.changes) == 1


async def test_what_one_batch_makes_of_an_intent_is_one_change_with_the_duties_of_its_end() -> None:
    waiting = _waiting()

    _, commit = _judged(
        _loaded(waiting),
        c.ClaimTask(actor=MARIA.actor, task_id=_task_id(waiting)),
        answer(_task_id(waiting)),
    )

    (change,) = commit.changes
    timers = [duty for duty in change.duties if isinstance(duty, SetTimer)]
    assert [timer.at for timer in timers] == [None]
    assert change.after.tasks[_task_id(waiting)].state is TaskState.CONCLUDED


async def test_the_same_key_and_request_in_one_batch_happen_once() -> None:
    key = Idempotency(scope=AGENT.id, key="refund-1", fingerprint="f1")
    first, second = submission(task=request()), submission(task=request())

    (taken, repeated), commit = _judged(NOTHING, first, second, keys=[key, key])

    assert isinstance(taken, Judged)
    assert isinstance(repeated, Repeated)
    assert repeated.record.intent_id == first.intent_id
    assert repeated.record.task_id == taken.task_id
    assert len(commit.changes) == len(commit.replays) == 1


async def test_the_same_key_with_another_request_is_refused() -> None:
    record = Replay(
        workspace=WORKSPACE,
        scope=AGENT.id,
        key="refund-1",
        fingerprint="f1",
        intent_id=submission().intent_id,
        task_id=None,
    )
    loaded = _with(NOTHING, replays={(WORKSPACE, AGENT.id, "refund-1"): record})
    key = Idempotency(scope=AGENT.id, key="refund-1", fingerprint="other")

    (refused,), commit = _judged(loaded, submission(), keys=[key])

    assert isinstance(refused, KeyReused)
    assert commit == Commit()


async def test_a_refused_request_does_not_use_up_its_key() -> None:
    waiting = _waiting()
    key = Idempotency(scope=MARIA.id, key="k", fingerprint="f")

    (refused,), commit = _judged(
        _loaded(waiting), answer(_task_id(waiting), outcome="perhaps"), keys=[key]
    )

    assert isinstance(refused, InvalidAnswer)
    assert commit.replays == ()


async def test_a_step_recorded_before_is_returned_and_not_recorded_again() -> None:
    running = _submitted(handled=True)
    step = Step(
        intent_id=running.id, name="draft", kind="step", seq=2, at=NOW, output={"text": "first"}
    )
    loaded = _with(_loaded(running), steps={(WORKSPACE, running.id, "draft"): step})

    (again,), commit = _judged(loaded, _record("draft", "second"), intent_id=running.id)

    assert isinstance(again, Judged)
    assert again.replayed
    assert again.step == step
    assert commit == Commit()


async def test_of_two_records_of_one_step_in_a_batch_the_first_counts_for_both() -> None:
    running = _submitted(handled=True)

    (first, second), commit = _judged(
        _loaded(running), _record("draft", "a"), _record("draft", "b"), intent_id=running.id
    )

    assert isinstance(first, Judged)
    assert isinstance(second, Judged)
    assert first.step == second.step
    assert not first.replayed
    assert second.replayed
    assert len(commit.changes) == 1


async def test_what_is_not_there_is_not_found() -> None:
    outcomes, commit = _judged(NOTHING, answer(fresh_task_id()), _record("draft", "a"))

    assert all(isinstance(outcome, NotFound) for outcome in outcomes)
    assert commit == Commit()


async def test_a_task_of_another_intent_is_not_found_under_this_one() -> None:
    waiting = _waiting()

    (refused,), _ = _judged(
        _loaded(waiting), answer(_task_id(waiting)), intent_id=submission().intent_id
    )

    assert isinstance(refused, NotFound)


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (submission(task=request(assignee="maria@acme.test")), {"maria@acme.test"}),
        (submission(task=request(assignee="role:approver")), set()),
        (submission(), set()),
        (answer(TaskId("task_1")), {MARIA.id}),
        (
            c.OverrideIntent(
                actor=MARIA.actor,
                justification="x",
                data={"action": "hand_over", "to": "Jonas@acme.test"},
                task_id=TaskId("task_2"),
            ),
            {MARIA.id, "jonas@acme.test"},
        ),
    ],
)
def test_whoever_a_command_names_is_loaded(command: c.Command, named: set[str]) -> None:
    assert set(mentions(command).people) == named


def test_the_members_of_what_a_request_asks_are_loaded_and_how_busy_they_are() -> None:
    picked = {"who": "role:approver@region:eu", "pick": "least_loaded"}
    command = submission(task=request(assignee=None, chain=[picked, "group:finance"]))

    named = mentions(command)

    assert set(named.tokens) == {"role:approver@region:eu", "group:finance"}
    assert set(named.picks) == {"role:approver@region:eu"}
    assert named.settings


async def test_of_two_tasks_of_one_batch_each_person_is_picked_for_one() -> None:
    chain = [{"who": "role:approver", "pick": "least_loaded"}]
    asks = [submission(task=request(assignee=None, chain=chain)) for _ in range(2)]

    outcomes, _ = _judged(NOTHING, *asks)

    asked = []
    for outcome in outcomes:
        assert isinstance(outcome, Judged)
        (task,) = outcome.intent.live_tasks
        asked += [selector.value for selector in task.asked.who]
    assert sorted(asked) == sorted([MARIA.id, JONAS.id])


async def test_a_batch_looks_up_what_its_commands_are_about() -> None:
    waiting = _waiting()
    key = Idempotency(scope=MARIA.id, key="k", fingerprint="f")
    pendings = [
        _pending(answer(_task_id(waiting)), key=key),
        _pending(_record("draft", "a"), intent_id=waiting.id),
    ]

    lookup = lookup_of(pendings)

    assert lookup.intents == {(WORKSPACE, waiting.id)}
    assert lookup.tasks == {(WORKSPACE, _task_id(waiting))}
    assert lookup.people == {(WORKSPACE, MARIA.id)}
    assert lookup.replays == {(WORKSPACE, MARIA.id, "k")}
    assert lookup.steps == {(WORKSPACE, waiting.id, "draft")}


def _judged(
    loaded: Loaded,
    *commands: c.Command,
    keys: list[Idempotency] | None = None,
    intent_id: Any = None,
) -> tuple[list[Outcome], Commit]:
    pendings = [
        _pending(command, key=keys[index] if keys else None, intent_id=intent_id)
        for index, command in enumerate(commands)
    ]
    outcomes, commit = judge(pendings, loaded, NOW)
    for change in commit.changes:
        known = change.before.seq if change.before else 0
        assert [event.seq for event in change.events] == list(
            range(known + 1, change.after.seq + 1)
        )
        if change.before is None:
            assert replay(change.events, intent_id=change.after.id) == change.after
    return outcomes, commit


def _pending(
    command: c.Command, *, key: Idempotency | None = None, intent_id: Any = None
) -> Pending:
    return Pending(
        workspace=WORKSPACE,
        command=command,
        intent_id=None if isinstance(command, c.SubmitIntent) else intent_id,
        idempotency=key,
        mentioned=mentions(command),
        outcome=asyncio.get_running_loop().create_future(),
    )


def _record(name: str, output: str) -> c.RecordStep:
    return c.RecordStep(actor=AGENT, name=name, kind="step", output={"text": output})


def _submitted(*, handled: bool = False, with_task: bool = False) -> Intent:
    command = submission(handled=handled, task=request() if with_task else None)
    (outcome,), _ = _judged(NOTHING, command)
    assert isinstance(outcome, Judged)
    return outcome.intent


def _waiting() -> Intent:
    return _submitted(with_task=True)


def _task_id(intent: Intent) -> TaskId:
    return next(iter(intent.tasks))


def _loaded(*intents: Intent) -> Loaded:
    return _with(
        NOTHING,
        intents={(WORKSPACE, intent.id): intent for intent in intents},
        parents={(WORKSPACE, task_id): intent.id for intent in intents for task_id in intent.tasks},
    )


def _with(loaded: Loaded, **parts: Any) -> Loaded:
    fields = ("intents", "parents", "directories", "replays", "steps")
    return Loaded(**({name: getattr(loaded, name) for name in fields} | parts))
