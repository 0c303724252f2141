"""The ladder in words: what has fired, what comes next, when, and why only then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core.closed_days import reasons
from signoff.core.previewing import preview
from signoff.core.routing import Directory
from signoff.core.timetable import Entry, timetable
from signoff.core.workspace import WorkspaceSettings
from signoff.errors import InvalidTask
from tests.core.calendars import at, calendar
from tests.core.story import AGENT, JONAS, MARA, PEOPLE, START, TASK, Story, directory, request

HOUR = timedelta(hours=1)
LADDER = [
    {"after": "1h", "do": "remind", "every": "1h", "max": 2},
    {"after": "3h", "do": "notify", "to": "group:payments"},
    {"after": "4h", "do": "escalate", "to": "role:operator"},
    {"after": "5h", "do": "escalate", "to": "role:lead", "replace": True},
    {"after": "6h", "do": "reassign", "to": ["role:x", "role:y"]},
    {"after": "7h", "do": "fail", "unless": "claimed"},
    {"after": "8h", "do": "override"},
    {"after": "9h", "conclude": "rejected"},
]


def entries(story: Story) -> tuple[Entry, ...]:
    return timetable(story.task, now=story.now)


def lines(story: Story) -> list[str]:
    return [f"{(e.at - START) / HOUR:g} {e.state}: {e.text}" for e in entries(story)]


def test_a_new_task_says_what_comes_and_when() -> None:
    assert lines(Story().asking(handled=True, ladder=LADDER)) == [
        "1 next: remind everybody who is asked",
        "2 later: remind everybody who is asked for the 2nd time",
        "3 later: tell group:payments",
        "4 later: ask role:operator too",
        "5 later: ask role:lead instead",
        "6 later: ask role:x, role:y instead",
        "7 later: unless somebody has begun: close the task; the intent fails",
        "8 later: ask role:administrator, role:operator to take the run over",
        "9 later: conclude with rejected",
    ]


def test_what_is_behind_says_what_became_of_it_and_why() -> None:
    story = Story().asking(handled=True, ladder=LADDER).wait(hours=2, minutes=5)
    story.tick()
    skipped, late, following = entries(story)[:3]
    assert (skipped.state, skipped.why) == ("skipped", ("a later rung was due too",))
    assert (late.state, late.why) == ("done", ("5 minutes late",))
    assert (following.state, following.to) == ("next", ("group:payments",))


def test_what_is_behind_stays_though_the_rest_was_put_off() -> None:
    story = Story().asking(handled=True, ladder=LADDER, pause=True).wait(hours=1)
    story.tick()
    story.do(c.PauseTask(actor=MARA.actor, task_id=TASK, reason="a receipt"))
    assert lines(story)[:3] == [
        "1 done: remind everybody who is asked",
        "169 next: the clock goes on by itself, if nobody lets it go on before",
        "170 later: remind everybody who is asked for the 2nd time",
    ]
    story.wait(hours=1).do(c.ResumeTask(actor=MARA.actor, task_id=TASK))
    assert lines(story)[:2] == [
        "1 done: remind everybody who is asked",
        "3 next: remind everybody who is asked for the 2nd time",
    ]


def test_what_will_do_nothing_says_so() -> None:
    story = Story().asking(handled=True, ladder=LADDER)
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    story.do(c.SnoozeTask(actor=MARA.actor, task_id=TASK, until=START + 1.5 * HOUR))
    found = entries(story)
    assert found[0].why == ("snoozed until 2026-03-01T10:30:00.000000Z, so it does nothing",)
    assert found[1].text == "remind everybody who is asked, as somebody wished by snoozing"
    assert found[7].why == ("somebody has begun, so it does nothing",)


@pytest.mark.parametrize(
    ("rung", "text"),
    [({"conclude": "rejected"}, "conclude with rejected"), ({"do": "fail"}, "close the task")],
)
def test_a_ladder_that_has_closed_its_task_ends_with_what_closed_it(
    rung: dict[str, str], text: str
) -> None:
    story = Story().asking(handled=True, ladder=[{"after": "2h", **rung}]).wait(hours=2)
    story.tick()
    (only,) = entries(story)
    assert only.state == "done"
    assert only.text.startswith(text)


def test_a_task_that_people_decided_says_only_what_has_fired() -> None:
    story = Story().asking(handled=True, ladder=LADDER).wait(hours=1)
    story.tick()
    story.answered("approved")
    assert lines(story) == ["1 done: remind everybody who is asked"]


def test_a_deadline_that_cuts_the_ladder_off_is_its_end() -> None:
    story = Story().asking(handled=True, ladder=LADDER, deadline="90m")
    assert lines(story)[-1] == "1.5 later: close the task at its deadline; the intent fails"


# The calendar's reasons

BERLIN = calendar(
    name="berlin", holidays="DE-BE", days={"2026-12-24": "09:00-12:00", "2026-12-28": "closed"}
)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-03-03 10:00", "2026-03-03 12:00", []),
        ("2026-03-03 07:00", "2026-03-03 12:00", ["hours are Mon-Fri 09:00-17:30 (Europe/Berlin)"]),
        (
            "2026-03-06 17:00",
            "2026-03-09 16:30",
            [
                "Sat 2026-03-07 and Sun 2026-03-08 are days off",
                "hours are Mon-Fri 09:00-17:30 (Europe/Berlin)",
            ],
        ),
        (
            "2026-12-23 17:00",
            "2026-12-29 10:00",
            [
                "Sat 2026-12-26 and Sun 2026-12-27 are days off",
                "Fri 2026-12-25 is Christmas Day (DE-BE)",
                "Thu 2026-12-24 is open 09:00-12:00 only",
                "Mon 2026-12-28 is closed",
                "hours are Mon-Fri 09:00-17:30 (Europe/Berlin)",
            ],
        ),
        (
            "2026-03-02 10:00",
            "2026-03-23 12:00",
            [
                "6 days off from Sat 2026-03-07 to Sun 2026-03-22",
                "hours are Mon-Fri 09:00-17:30 (Europe/Berlin)",
            ],
        ),
    ],
)
def test_a_calendar_says_why_time_did_not_count(start: str, end: str, said: list[str]) -> None:
    first, last = (at(text, "Europe/Berlin") for text in (start, end))
    assert list(reasons(first, last, (BERLIN,))) == said


def test_of_several_calendars_each_says_which_it_is() -> None:
    both = (BERLIN, calendar("America/New_York", name="york"))
    found = reasons(at("2026-03-06 12:00"), at("2026-03-07 12:00"), both)
    assert "Sat 2026-03-07 is a day off in berlin" in found
    assert "Sat 2026-03-07 is a day off in york" in found


def test_a_rung_in_working_time_says_why_it_comes_so_late() -> None:
    people = settings()
    story = Story(people=people, now=at("2026-12-23 17:00", "Europe/Berlin"))
    story.asking(
        handled=True,
        ladder=[{"after": "8 working hours", "do": "remind"}, {"after": "9d", "do": "fail"}],
    )
    remind, end = entries(story)
    assert remind.at == at("2026-12-29 13:30", "Europe/Berlin")
    assert "Fri 2026-12-25 is Christmas Day (DE-BE)" in remind.why
    assert end.why == ()


def settings() -> Directory:
    told = WorkspaceSettings(calendar="berlin", calendars={"berlin": BERLIN})
    return directory(*PEOPLE, settings=told)


# Preview


def previewed(now: datetime = START, people: Directory | None = None, **asked: Any) -> Any:
    return preview(request(**asked), people or settings(), actor=AGENT, payload={"n": 1}, now=now)


def test_a_preview_is_what_explaining_the_task_would_give() -> None:
    found = previewed(ladder=LADDER)
    story = Story(people=settings()).asking(
        handled=True, ladder=LADDER, intent={"payload": {"n": 1}}
    )
    assert found.task_id is None
    assert found.ladder == entries(story)
    assert [each.person.label for each in found.may_answer] == [MARA.email]


def test_a_preview_looks_at_any_moment() -> None:
    friday = at("2026-03-06 17:00", "Europe/Berlin")
    found = previewed(friday, ladder=[{"after": "8 working hours", "do": "fail"}])
    assert found.ladder[0].at == at("2026-03-09 16:30", "Europe/Berlin")


def test_a_preview_is_refused_for_the_reasons_the_task_would_be() -> None:
    with pytest.raises(InvalidTask) as refused:
        previewed(ladder=[{"after": "0h", "do": "fail"}])
    assert [wrong.field for wrong in refused.value.errors] == ["task.ladder.0.after"]


def test_a_preview_knows_on_whose_behalf_it_is_asked() -> None:
    found = preview(
        request(chain=["role:manager"]),
        settings(),
        actor=AGENT,
        on_behalf_of=JONAS.email,
        now=START,
    )
    assert JONAS.email not in [each.person.label for each in found.may_answer]
    assert MARA.email in [each.person.label for each in found.may_answer]
