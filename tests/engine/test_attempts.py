"""What a batch refuses is told in its own transaction, and telling it costs no look-up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from signoff.core import commands as c
from signoff.core.events import TaskAnswered
from signoff.core.facts import AttemptRefused, Fact
from signoff.core.intent import Intent
from signoff.core.words import TaskId
from signoff.engine.batch import Judged, Outcome, Pending, judge, lookup_of, mentions
from signoff.engine.ports import Commit, Idempotency, Loaded, Lookup, Replay
from signoff.errors import AlreadyConcluded, NotFound
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


async def test_a_batch_of_refusals_alone_tells_of_them_and_changes_nothing() -> None:
    loaded = _loaded(_waiting())
    task_id = _task_id(loaded)

    outcomes, commit = _judged(
        loaded,
        c.AnswerTask(actor=AGENT, task_id=task_id, raw=answer(task_id).raw),
        c.PauseTask(actor=MARIA.actor, task_id=task_id, reason="so"),
    )

    assert all(isinstance(each, Exception) for each in outcomes)
    assert commit == Commit(facts=commit.facts)
    assert [_what(fact) for fact in commit.facts] == [
        ("AnswerTask", "agent_may_not_decide"),
        ("PauseTask", "illegal_move"),
    ]
    assert {fact.task_id for fact in commit.facts} == {task_id}


async def test_of_one_batch_the_second_answer_is_on_record_beside_the_first() -> None:
    loaded = _loaded(_waiting())
    task_id = _task_id(loaded)

    (_, lost), commit = _judged(loaded, answer(task_id), answer(task_id, JONAS, "rejected"))

    assert isinstance(lost, AlreadyConcluded)
    assert len(commit.changes) == 1
    (fact,) = commit.facts
    assert fact.actor == JONAS.actor
    assert fact.at == NOW
    assert isinstance(fact.body, AttemptRefused)
    assert fact.body.message == lost.message


async def test_the_same_attempt_has_one_id_within_a_minute_and_another_has_its_own() -> None:
    loaded = _loaded(_waiting())
    task_id = _task_id(loaded)
    late = c.PauseTask(actor=MARIA.actor, task_id=task_id, reason="so")

    _, once = _judged(loaded, late, late, late)
    _, again = _judged(loaded, late, at=NOW + timedelta(seconds=59))
    _, later = _judged(loaded, late, at=NOW + timedelta(minutes=1))
    _, other = _judged(loaded, c.PauseTask(actor=JONAS.actor, task_id=task_id, reason="so"))

    (fact,) = once.facts
    assert [each.id for each in again.facts] == [fact.id]
    assert fact.id not in {each.id for each in (*later.facts, *other.facts)}


async def test_what_is_not_there_and_what_was_mistyped_is_not_told() -> None:
    loaded = _loaded(_waiting())
    task_id = _task_id(loaded)

    outcomes, commit = _judged(
        loaded,
        answer(fresh_task_id()),
        answer(task_id, outcome="perhaps"),
        submission(task=request(assignee="nobody@acme.test")),
        c.WithdrawTask(actor=AGENT, task_id=fresh_task_id(), reason="so"),
    )

    assert all(isinstance(each, Exception) for each in outcomes)
    assert isinstance(outcomes[0], NotFound)
    assert commit == Commit()


async def test_a_request_made_before_is_not_told_again() -> None:
    intent = _waiting()
    loaded = _loaded(intent)
    key = Idempotency(scope="person:x", key="once", fingerprint="f")
    record = Replay(
        workspace=WORKSPACE,
        scope=key.scope,
        key=key.key,
        fingerprint=key.fingerprint,
        intent_id=intent.id,
        task_id=_task_id(loaded),
    )
    known = Loaded(
        intents=loaded.intents,
        parents=loaded.parents,
        directories=loaded.directories,
        replays={(WORKSPACE, key.scope, key.key): record},
        steps={},
    )
    command = c.AnswerTask(actor=AGENT, task_id=_task_id(loaded), raw=answer(_task_id(loaded)).raw)

    _, commit = judge([_pending(command, key)], known, NOW)

    assert commit == Commit()


async def test_an_answer_finds_the_view_it_was_made_on() -> None:
    loaded = _loaded(_waiting())
    task_id = _task_id(loaded)
    seen = NOW - timedelta(minutes=7)
    views = {(WORKSPACE, task_id, MARIA.id): seen}
    with_views = Loaded(
        intents=loaded.intents,
        parents=loaded.parents,
        directories=loaded.directories,
        replays={},
        steps={},
        views=views,
    )

    _, with_it = _judged(with_views, answer(task_id))
    _, without = _judged(with_views, answer(task_id, JONAS))

    assert _answered(with_it).first_viewed_at == seen
    assert _answered(without).first_viewed_at is None


async def test_only_the_answer_of_a_person_looks_for_views() -> None:
    task_id = fresh_task_id()
    by_agent = c.AnswerTask(actor=AGENT, task_id=task_id, raw=answer(task_id).raw)
    others: list[c.Command] = [
        submission(task=request()),
        by_agent,
        c.ClaimTask(actor=MARIA.actor, task_id=task_id),
        c.WithdrawTask(actor=AGENT, task_id=task_id, reason="so"),
    ]

    assert lookup_of([_pending(each) for each in others]).views == frozenset()
    assert lookup_of([_pending(answer(task_id))]).views == {(WORKSPACE, task_id, MARIA.id)}


async def test_submitting_looks_up_what_it_always_did() -> None:
    command = submission()

    assert lookup_of([_pending(command)]) == Lookup(
        intents=frozenset({(WORKSPACE, command.intent_id)}),
    )


def _what(fact: Fact) -> tuple[str, str]:
    assert isinstance(fact.body, AttemptRefused)
    return fact.body.command, fact.body.code


def _answered(commit: Commit) -> TaskAnswered:
    (change,) = commit.changes
    (body,) = (each.body for each in change.events if isinstance(each.body, TaskAnswered))
    return body


def _judged(
    loaded: Loaded, *commands: c.Command, at: datetime = NOW
) -> tuple[Sequence[Outcome], Commit]:
    return judge([_pending(command) for command in commands], loaded, at)


def _pending(command: c.Command, key: Idempotency | None = None) -> Pending:
    return Pending(
        workspace=WORKSPACE,
        command=command,
        intent_id=None,
        idempotency=key,
        mentioned=mentions(command),
        outcome=asyncio.get_running_loop().create_future(),
    )


def _waiting() -> Intent:
    nothing = Loaded(
        intents={}, parents={}, directories={WORKSPACE: DIRECTORY}, replays={}, steps={}
    )
    (outcome,), _ = _judged(nothing, submission(task=request()))
    assert isinstance(outcome, Judged)
    return outcome.intent


def _task_id(loaded: Loaded) -> TaskId:
    ((_, task_id),) = loaded.parents
    return task_id


def _loaded(intent: Intent) -> Loaded:
    return Loaded(
        intents={(WORKSPACE, intent.id): intent},
        parents={(WORKSPACE, task_id): intent.id for task_id in intent.tasks},
        directories={WORKSPACE: DIRECTORY},
        replays={},
        steps={},
    )
