"""Everything that happens to a task has its sentence on the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from signoff.core import events as e
from signoff.core.ladder import Do, Firing
from signoff.core.routing import LADDER, Actor, Selector, SelectorKind
from signoff.core.task import Opening, StandIn, Task
from signoff.core.words import ActorKind, PersonId, StandInReason
from signoff.server.inbox.chronicle import chronicle, comments
from tests.inbox.world import AGENT, World

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
LATER = AT + timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
ANA = Actor(kind=ActorKind.PERSON, id="per_ana", label="ana@acme.test")
BEN = Actor(kind=ActorKind.PERSON, id="per_ben", label="ben@acme.test")
TO_BEN = (Selector(kind=SelectorKind.PERSON, value="per_ben", label="ben@acme.test"),)
AWAY = StandIn(owner=ANA, deputy=BEN, why=StandInReason.ABSENT, until=AT + timedelta(days=9))
SCHEDULE = (Firing(at=LATER, do=Do.FAIL, rung=None),)
OPENING = Opening(schedule=SCHEDULE, stand_ins=(AWAY,), picked=TO_BEN)

EVERYTHING: tuple[tuple[Actor, type[Any], dict[str, Any], str], ...] = (
    (ANA, e.TaskClaimed, {}, "ana@acme.test claimed it"),
    (ANA, e.TaskReleased, {"reason": "delegated"}, "ana@acme.test released it | delegated"),
    (
        LADDER,
        e.TaskReminded,
        {"rung": 0, "nth": 2, "due_at": AT, "late": "the server was down"},
        "The ladder sent reminder number 2 | the server was down",
    ),
    (
        LADDER,
        e.TaskNotified,
        {"rung": 0, "due_at": AT, "to": TO_BEN},
        "The ladder told ben@acme.test",
    ),
    (
        LADDER,
        e.TaskEscalated,
        {"rung": 0, "due_at": AT, "to": TO_BEN, "stand_ins": (AWAY,)},
        (
            "The ladder asked ben@acme.test as well; ben@acme.test for ana@acme.test "
            "(away until Thu 3 Dec, 10:00 CET)"
        ),
    ),
    (
        LADDER,
        e.TaskEscalated,
        {"rung": 0, "due_at": AT, "to": TO_BEN, "replaces": True},
        "The ladder asked ben@acme.test instead",
    ),
    (
        ANA,
        e.TaskReassigned,
        {"who": TO_BEN, "to": TO_BEN, "reason": "Away"},
        "ana@acme.test asked ben@acme.test instead | Away",
    ),
    (
        ANA,
        e.TaskDelegated,
        {
            "stand_in": StandIn(
                owner=ANA, deputy=BEN, why=StandInReason.DELEGATED, note="You know it"
            )
        },
        "ana@acme.test let ben@acme.test answer in their place | You know it",
    ),
    (
        LADDER,
        e.OverrideAsked,
        {"rung": 0, "due_at": AT, "override_task_id": "t2"},
        "The ladder asked for somebody to take the run over",
    ),
    (
        LADDER,
        e.RungSkipped,
        {"rung": 0, "nth": 1, "due_at": AT, "reason": "snoozed"},
        "The ladder left out what was due on 24 November 2026, 10:00 CET | snoozed",
    ),
    (
        LADDER,
        e.TaskRecovered,
        {"down_from": AT, "down_until": LATER, "schedule": SCHEDULE},
        (
            "The ladder gave back 1 day: no server ran from 24 November 2026, 10:00 CET "
            "to 25 November 2026, 10:00 CET"
        ),
    ),
    (
        ANA,
        e.TaskPaused,
        {"reason": "No invoice", "until": LATER},
        "ana@acme.test stopped the clock, until 25 November 2026, 10:00 CET at most | No invoice",
    ),
    (
        AGENT,
        e.TaskResumed,
        {"reason": "There it is", "schedule": SCHEDULE},
        "refunds started the clock again | There it is",
    ),
    (
        ANA,
        e.TaskSnoozed,
        {"until": LATER, "schedule": SCHEDULE},
        "ana@acme.test put reminders off until 25 November 2026, 10:00 CET",
    ),
    (
        ANA,
        e.TaskExtended,
        {"by": timedelta(days=3), "reason": "Quarter close", "schedule": SCHEDULE},
        "ana@acme.test gave 3 days more | Quarter close",
    ),
    (ANA, e.TaskWatched, {"who": TO_BEN[0]}, "ana@acme.test let ben@acme.test watch it"),
    (BEN, e.TaskWatched, {"who": TO_BEN[0]}, "ben@acme.test watches it"),
    (BEN, e.TaskUnwatched, {"who": TO_BEN[0]}, "ben@acme.test no longer watches it"),
    (
        BEN,
        e.TaskAnswered,
        {
            "seat": ANA,
            "outcome": "changes_requested",
            "stage": 0,
            "round": 0,
            "data": None,
            "comment": "No",
            "evidence": (),
            "view_digest": "sha256:x",
            "channel": "inbox",
        },
        "ben@acme.test answered changes requested for ana@acme.test | No",
    ),
    (
        BEN,
        e.AnswerVoided,
        {"who": ANA, "seat": PersonId("per_ana"), "reason": "is disabled"},
        "ben@acme.test no longer counts the answer of ana@acme.test | is disabled",
    ),
    (
        ANA,
        e.ChangesRequested,
        {"comment": "No"},
        "ana@acme.test sent it back for changes; answers given before do not count any more",
    ),
    (
        AGENT,
        e.TaskRevised,
        {"content": "x", "opening": Opening(schedule=SCHEDULE)},
        "refunds handed in a revision",
    ),
    (
        ANA,
        e.TaskConcluded,
        {"outcome": "rejected", "data": None, "comment": None, "evidence": (), "reason": "too few"},
        "ana@acme.test ended it as rejected | too few",
    ),
    (
        LADDER,
        e.TaskExpired,
        {"due_at": AT},
        "The ladder closed it, because nobody had decided in time",
    ),
    (AGENT, e.TaskWithdrawn, {"reason": "Over"}, "refunds withdrew the request | Over"),
    (ANA, e.TaskOverridden, {"justification": "Fire"}, "ana@acme.test took the run over | Fire"),
)
IN_OTHER_TESTS = {e.TaskOpened, e.TaskAdvanced, e.TaskCommented}


@pytest.fixture
async def task(world: World) -> Task:
    await world.person("eng@acme.test", roles=("engineer",))
    return await world.task(await world.ask(chain=["mgr@acme.test", "role:engineer"]))


def happened(task: Task, actor: Actor, body: e.Body) -> list[e.Event]:
    return [e.Event(seq=1, at=AT, actor=actor, body=body)]


def test_every_kind_of_event_is_told() -> None:
    told = {kind for _, kind, _, _ in EVERYTHING} | IN_OTHER_TESTS

    assert told == set(get_args(e.TaskBody))


@pytest.mark.parametrize(("actor", "kind", "fields", "sentence"), EVERYTHING)
async def test_an_event_is_told_in_words(
    task: Task, actor: Actor, kind: type[Any], fields: dict[str, Any], sentence: str
) -> None:
    history = happened(task, actor, kind(task_id=task.id, **fields))

    (line,) = chronicle(task, history, BERLIN)

    told = f"{line.by} {line.text}" + (f" | {line.said}" if line.said else "")
    assert told == sentence


async def test_the_opening_of_a_stage_says_who_was_picked_and_who_stands_in(task: Task) -> None:
    opened = e.TaskOpened(task_id=task.id, ask=task.ask, opening=OPENING)
    advanced = e.TaskAdvanced(task_id=task.id, stage=1, opening=OPENING)

    (first,) = chronicle(task, happened(task, AGENT, opened), BERLIN)
    (second,) = chronicle(task, happened(task, ANA, advanced), BERLIN)

    deputies = (
        ", of whom ben@acme.test had the least to do; ben@acme.test for ana@acme.test "
        "(away until Thu 3 Dec, 10:00 CET)"
    )
    assert first.text == f"asked mgr@acme.test{deputies}"
    assert second.text == f"passed it on to role:engineer{deputies}"


async def test_comments_are_told_apart_and_other_tasks_are_not_told(
    world: World, task: Task
) -> None:
    said = happened(task, AGENT, e.TaskCommented(task_id=task.id, text="Here it is"))
    person = world.people["mgr@acme.test"].person

    (comment,) = comments(task, said, person)

    assert (comment.by, comment.text, comment.machine) == ("refunds", "Here it is", True)
    assert list(chronicle(task, said, BERLIN)) == []
    elsewhere = happened(task, ANA, e.TaskClaimed(task_id=task.id.replace("0", "1")))  # type: ignore[arg-type]
    assert list(chronicle(task, elsewhere, BERLIN)) == []
