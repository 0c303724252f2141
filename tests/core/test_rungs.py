"""What becomes of a ladder as asked for: what is read, what is refused and where, whose limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from signoff.core.ladder import Do, Rung
from signoff.core.routing import Directory
from signoff.core.workspace import Limits, WorkspaceSettings
from signoff.errors import InvalidTask, UnknownPerson
from tests.core.calendars import calendar
from tests.core.story import PEOPLE, START, Story, directory, request, submit

HOUR = timedelta(hours=1)
BERLIN = calendar(name="berlin", holidays="DE-BE")
REMIND, FAIL = {"after": "1h", "do": "remind"}, {"after": "9h", "do": "fail"}


def settings(**more: Any) -> Directory:
    return directory(*PEOPLE, settings=WorkspaceSettings(**more))


def story(people: Directory | None = None, **asked: Any) -> Story:
    told = Story(people=people) if people else Story()
    return told.asking(handled=True, **asked)


def ladder(*rows: dict[str, Any], people: Directory | None = None, **asked: Any) -> list[Rung]:
    return list(story(people, ladder=list(rows), **asked).task.ladder)


def refused(people: Directory | None = None, **asked: Any) -> tuple[str, str]:
    told = Story(people=people) if people else Story()
    error = told.refuses(submit(task=request(**asked)), InvalidTask)
    (wrong,) = error.errors
    return wrong.field, wrong.message


def test_every_verb_of_a_rung_is_read() -> None:
    found = ladder(
        {"after": "1h", "do": "remind", "every": "1h", "max": 2},
        {"after": "4h", "do": "notify", "to": "group:payments"},
        {"after": "5h", "do": "escalate", "to": ["role:operator", "birgit@acme.test"]},
        {"after": "6h", "do": "escalate", "to": "role:operator", "replace": True},
        {"after": "7h", "do": "reassign", "to": "ada@acme.test"},
        {"after": "8h", "do": "override"},
        {"after": "8h", "do": "fail", "unless": "claimed"},
        {"after": "9h", "conclude": "rejected"},
    )
    assert [str(rung.do) for rung in found] == [
        *("remind", "notify", "escalate", "escalate", "reassign", "override", "fail", "conclude")
    ]
    assert [[selector.label for selector in rung.to] for rung in found[1:6]] == [
        ["group:payments"],
        ["role:operator", "birgit@acme.test"],
        ["role:operator"],
        ["ada@acme.test"],
        ["role:administrator", "role:operator"],
    ]
    assert [rung.replace for rung in found] == [False] * 3 + [True] + [False] * 4
    assert [rung.unless_claimed for rung in found] == [False] * 6 + [True, False]


@pytest.mark.parametrize(
    ("rung", "at", "said"),
    [
        ({"do": "remind"}, "after", "no duration"),
        ({"after": "0h", "do": "remind"}, "after", "more than zero"),
        ({"after": "-1h", "do": "remind"}, "after", "no duration"),
        ({"after": "1 fortnight", "do": "remind"}, "after", "no duration"),
        ({"after": "1.5 days", "do": "remind"}, "after", "no duration"),
        ({"after": "0 business days", "do": "remind"}, "after", "more than zero"),
        ({"after": "0 months", "do": "remind"}, "after", "more than zero"),
        ({"after": "11 years", "do": "remind"}, "after", "no duration"),
        ({"after": "1h"}, "do", "no verb"),
        ({"after": "1h", "do": "shout"}, "do", "no verb"),
        ({"after": "1h", "do": "remind", "conclude": "rejected"}, "do", "no verb"),
        ({"after": "1h", "do": "conclude"}, "do", "no verb"),
        ({"after": "1h", "conclude": "maybe"}, "conclude", "none of approved, rejected"),
        ({"after": "1h", "conclude": "approved"}, "conclude", "never means 'approved'"),
        ({"after": "1h", "do": "escalate"}, "to", "say to whom"),
        ({"after": "1h", "do": "reassign"}, "to", "say to whom"),
        ({"after": "1h", "do": "notify"}, "to", "say to whom"),
        ({"after": "1h", "do": "remind", "to": "role:x"}, "to", "asked already"),
        ({"after": "1h", "do": "escalate", "to": "role:"}, "to", "no role or group"),
        ({"after": "1h", "do": "notify", "to": ["role:x"] * 51}, "to", "at most 50"),
        ({"after": "1h", "do": "fail", "every": "1h"}, "every", "only a reminder repeats"),
        ({"after": "1h", "do": "remind", "every": "0s"}, "every", "more than zero"),
        ({"after": "1h", "do": "remind", "every": "1h", "max": 0}, "max", "1 to 100"),
        ({"after": "1h", "do": "remind", "every": "1h", "max": 101}, "max", "1 to 100"),
        ({"after": "1h", "do": "reassign", "to": "role:x", "replace": True}, "replace", "only an"),
        ({"after": "1h", "do": "fail", "unless": "asleep"}, "unless", "no exception"),
        ({"after": "8 working hours", "do": "remind"}, "after", "needs a calendar"),
        ({"after": "2 business days", "do": "remind"}, "after", "needs a calendar"),
        ({"after": "1h", "do": "remind", "every": "1 working hour"}, "every", "needs a calendar"),
    ],
)
def test_a_rung_that_makes_no_sense_is_refused_where_it_stands(
    rung: dict[str, Any], at: str, said: str
) -> None:
    field, message = refused(ladder=[{"after": "30m", "do": "remind"}, rung])
    assert field == f"task.ladder.1.{at}"
    assert said in message


def test_a_rung_of_a_stages_own_ladder_is_refused_where_it_stands() -> None:
    chain = ["role:manager", {"who": "role:operator", "ladder": [REMIND, {"after": "x"}]}]
    assert refused(chain=chain)[0] == "task.chain.1.ladder.1.do"
    chain = ["role:manager", {"who": "role:operator", "ladder": [FAIL, {**FAIL, "after": "10h"}]}]
    assert refused(chain=chain)[0] == "task.chain.1.ladder.1.after"


def test_a_rung_that_reaches_somebody_nobody_knows_is_refused() -> None:
    rung = {"after": "1h", "do": "escalate", "to": "nobody@acme.test"}
    error = Story().refuses(submit(task=request(ladder=[rung])), UnknownPerson)
    assert [wrong.field for wrong in error.errors] == ["task.ladder.0.to"]


def test_eleven_rungs_are_refused() -> None:
    assert len(ladder(*[REMIND] * 9, FAIL)) == 10
    assert refused(ladder=[REMIND] * 10 + [FAIL])[0] == "task.ladder"


def test_a_ladder_that_fires_more_than_three_hundred_times_is_refused() -> None:
    often = {"after": "1m", "do": "remind", "every": "1m"}
    assert len(story(ladder=[often, often, FAIL]).task.schedule) == 201
    field, message = refused(ladder=[often, often, often, FAIL])
    assert (field, "at most 300" in message) == ("task.ladder", True)


BERLIN_ONLY = settings(calendar="berlin", calendars={"berlin": BERLIN})


@pytest.mark.parametrize(
    ("rungs", "field"),
    [
        (["9h remind", "9h fail"], "task.ladder.0.after"),
        (["10h remind", "9h fail"], "task.ladder.0.after"),
        (["9h fail", "10h fail"], "task.ladder.1.after"),
        (["10h fail", "9h fail"], "task.ladder.0.after"),
        (["9h fail", "9h fail"], "task.ladder.1.after"),
        (["2 days remind", "1 day fail"], "task.ladder.0.after"),
        (["8 working hours remind", "8h fail"], "task.ladder.0.after"),
        (["2 months remind", "50d fail"], "task.ladder.0.after"),
        (["3 business days remind", "2 business days fail"], "task.ladder.0.after"),
        (["4 business days remind", "48h fail"], "task.ladder.0.after"),
    ],
)
def test_a_rung_at_or_after_the_end_is_refused(rungs: list[str], field: str) -> None:
    rows = [dict(zip(("after", "do"), each.rsplit(" ", 1), strict=True)) for each in rungs]
    where, message = refused(people=BERLIN_ONLY, ladder=rows)
    assert where == field
    assert "never fires" in message


def test_a_rung_that_comes_before_the_end_on_some_days_is_no_mistake() -> None:
    rows = [{"after": "1 business day", "do": "remind"}, {"after": "48h", "do": "fail"}]
    friday = Story(people=BERLIN_ONLY, now=START.replace(month=3, day=6))
    friday.asking(handled=True, ladder=rows)
    assert [str(firing.do) for firing in friday.task.schedule] == ["fail"]
    monday = Story(people=BERLIN_ONLY, now=START.replace(month=3, day=9))
    monday.asking(handled=True, ladder=rows)
    assert [str(firing.do) for firing in monday.task.schedule] == ["remind", "fail"]


def test_working_time_that_never_comes_up_is_refused() -> None:
    once = {"zone": "UTC", "hours": "Mon closed", "days": {"2026-12-24": "09:00-12:00"}}
    after = {"after": "4 working hours", "do": "fail"}
    assert refused(calendar=once, ladder=[after])[0] == "task.ladder.0.after"
    assert refused(calendar=once, deadline="4 working hours")[0] == "task.deadline"
    assert ladder({**after, "after": "3 working hours"}, calendar=once)


# Deadlines


@pytest.mark.parametrize(
    ("deadline", "due"),
    [
        ("2h", "2026-03-01T11:00:00+00:00"),
        ("1 day", "2026-03-02T09:00:00+00:00"),
        ("1 month", "2026-04-01T08:00:00+00:00"),  # Berlin has put its clocks forward by then
        ("8 working hours", "2026-03-02T16:00:00+00:00"),  # asked on a Sunday
        ("2 business days", "2026-03-03T09:00:00+00:00"),
        ("2026-03-05T10:00:00+01:00", "2026-03-05T09:00:00+00:00"),
    ],
)
def test_a_deadline_may_be_of_any_kind_of_time(deadline: str, due: str) -> None:
    told = story(people=BERLIN_ONLY, deadline=deadline, ladder=[{"after": "90d", "do": "fail"}])
    assert told.task.due_at.isoformat() == due


def test_a_deadline_bounds_every_stage_and_not_each_anew() -> None:
    told = story(chain=["mara@acme.test", "role:operator"], deadline="30h")
    told.wait(hours=29).answered("approved")
    assert told.task.stage == 1
    assert told.task.due_at == START + 30 * HOUR


def test_a_start_deadline_fails_the_task_unless_somebody_has_begun() -> None:
    told = story(start_deadline="2h")
    assert told.task.due_at == START + 2 * HOUR
    assert [event.body.type for event in told.wait(hours=2).tick()][:1] == ["task.expired"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"start_deadline": "0h"}, "task.start_deadline"),
        ({"start_deadline": "1 working hour"}, "task.start_deadline"),
        ({"start_deadline": "2h", "deadline": "2h"}, "task.start_deadline"),
        ({"start_deadline": "72h"}, "task.start_deadline"),
        ({"start_deadline": "9h", "ladder": [FAIL]}, "task.start_deadline"),
        ({"deadline": "1 working hour"}, "task.deadline"),
        ({"deadline": "0 days"}, "task.deadline"),
    ],
)
def test_a_deadline_that_makes_no_sense_is_refused(asked: dict[str, Any], field: str) -> None:
    assert refused(**asked)[0] == field


# What an administrator has set


def test_a_workspace_has_ladders_of_its_own_for_each_type() -> None:
    mine = ({"after": "1h", "conclude": "rejected"},)
    people = settings(ladders={"approval": mine})
    assert [rung.do for rung in story(people).task.ladder] == [Do.CONCLUDE]
    assert len(story(people, type="form", schema={"type": "object"}).task.ladder) == 3


def test_where_tasks_keep_to_the_default_ladder_their_own_times_are_refused() -> None:
    people = settings(limits=Limits(own_ladder=False))
    assert refused(people, ladder=[FAIL])[0] == "task.ladder"
    assert refused(people, deadline="2h")[0] == "task.deadline"
    assert refused(people, start_deadline="2h")[0] == "task.start_deadline"
    chain = [{"who": "role:manager", "ladder": [FAIL]}]
    assert refused(people, chain=chain)[0] == "task.chain.0.ladder"
    assert len(story(people).task.ladder) == 3


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"ladder": [{"after": "1h", "do": "fail"}]}, "task.ladder.0.after", "at least 2 hours"),
        ({"ladder": [{"after": "3d", "do": "fail"}]}, "task.ladder.0.after", "than 2 days"),
        ({"ladder": [{"after": "3d", "do": "remind"}]}, "task.ladder.0.after", "after 2 days"),
        ({"deadline": "1h"}, "task.deadline", "at least 2 hours"),
        ({"deadline": "3d"}, "task.deadline", "than 2 days"),
        ({"start_deadline": "1h"}, "task.start_deadline", "at least 2 hours"),
    ],
)
def test_times_beyond_the_limits_are_refused(asked: Any, field: str, said: str) -> None:
    people = settings(limits=Limits(shortest=2 * HOUR, longest=48 * HOUR))
    where, message = refused(people, **asked)
    assert where == field
    assert said in message


def test_a_ladder_that_says_no_end_ends_at_the_limit() -> None:
    people = settings(limits=Limits(longest=48 * HOUR))
    told = story(people, ladder=[REMIND])
    assert told.task.due_at == START + 48 * HOUR
    assert story(people).task.due_at == START + 48 * HOUR


def test_time_approves_only_where_an_administrator_allows_it() -> None:
    leave = settings(limits=Limits(may_conclude={"approval": ("approved",)}))
    row = {"after": "1h", "conclude": "approved"}
    told = story(leave, ladder=[row])
    told.wait(hours=1).tick()
    assert told.task.decision is not None
    assert (told.task.decision.outcome, told.task.decision.by.label) == ("approved", "ladder")
    other = settings(limits=Limits(may_conclude={"review": ("approved",)}))
    assert refused(other, ladder=[row])[0] == "task.ladder.0.conclude"


# Reminders that repeat


def test_a_reminder_repeats_at_the_same_time_of_day_though_a_gap_was_between() -> None:
    berlin = calendar(hours="Mon-Sun 00:00-24:00")
    people = settings(calendar="b", calendars={"b": berlin})
    told = Story(people=people, now=START.replace(day=28, hour=1, minute=30))
    told.asking(
        handled=True,
        ladder=[
            {"after": "1 day", "do": "remind", "every": "1 day", "max": 3},
            {"after": "5 days", "do": "fail"},
        ],
    )
    # 2:30 in Berlin: on the 29th the clocks skip it, and after that it is there again.
    assert [firing.at.isoformat()[8:16] for firing in told.task.schedule] == [
        *("29T01:30", "30T00:30", "31T00:30", "02T00:30")
    ]


def test_a_task_keeps_the_calendars_it_counts_by_and_no_others() -> None:
    plain = story(people=BERLIN_ONLY)
    assert plain.task.calendars == ()
    for after in ("1 working hour", "1 business day", "1 day", "1 month"):
        counted = story(people=BERLIN_ONLY, ladder=[{"after": after, "do": "fail"}])
        assert counted.task.calendars == (BERLIN,)
    chain = ["role:manager", {"who": "role:operator", "ladder": [{"after": "1 day", "do": "fail"}]}]
    first, second = story(people=BERLIN_ONLY, chain=chain).task.ask.stages
    assert (first.calendars, second.calendars) == ((), (BERLIN,))
