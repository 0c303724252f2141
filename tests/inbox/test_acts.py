"""What can be done with a task beside answering it: each by its form, each refusal beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signoff.core.task import Task
from tests.inbox.browser import Page
from tests.inbox.world import BEGINNING, World

ACTS = (
    ("comment", "text", "words"),
    ("delegate", "to", "words"),
    ("snooze", "for", "hour"),
    ("extend", "by", "1 day"),
    ("pause", "reason", "words"),
    ("resume", "reason", "words"),
    ("reassign", "to", "words"),
    ("watch", "", ""),
    ("unwatch", "", ""),
)


@pytest.fixture
async def people(world: World) -> World:
    await world.person("ben@acme.test", roles=("manager",), name="Ben Xu")
    await world.person("ops@acme.test", roles=("operator",))
    return world


async def opened(world: World, email: str, task_id: str) -> Page:
    browser = await world.signed_in(email)
    return await browser.open(f"/inbox/tasks/{task_id}")


async def test_reminders_are_put_off_for_an_hour(people: World) -> None:
    task_id = await people.ask()
    browser = await people.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")

    page = await browser.press(page.tick("In one hour"), "Put off")

    assert (await people.task(task_id)).snoozed_until == BEGINNING + timedelta(hours=1)
    assert "Reminders are put off until 24 November 2026, 10:00 UTC." in page.text
    assert "Snoozed until Tue 24 Nov, 10:00 UTC" in (await browser.open("/inbox")).text


async def test_tomorrow_morning_is_nine_where_the_person_is(world: World) -> None:
    await world.person("noa@acme.test", zone="America/New_York")
    task_id = await world.ask(assignee="noa@acme.test")
    browser = await world.signed_in("noa@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")

    page = await browser.press(page.tick("Tomorrow morning, 25 November 2026, 09:00"), "Put off")

    until = (await world.task(task_id)).snoozed_until
    assert until == BEGINNING.replace(day=25, hour=14)
    assert "put off until 25 November 2026, 09:00 EST" in page.text


async def test_a_date_is_read_in_the_persons_zone(world: World) -> None:
    await world.person("noa@acme.test", zone="Europe/Berlin")
    task_id = await world.ask(assignee="noa@acme.test")
    browser = await world.signed_in("noa@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    page.tick("At this date and time").fill("Date and time", "2026-11-26T08:15")

    await browser.press(page, "Put off")

    until = (await world.task(task_id)).snoozed_until
    assert until == BEGINNING.replace(day=26, hour=7, minute=15)


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("", "Enter a date and a time."),
        ("soon", "Enter a date and a time, like"),
        ("0001-01-01T00:00", "Enter a date and a time, like"),
        ("9999-12-31T23:59", "the task is due at 27 November 2026, 18:00 JST"),
        ("2026-11-23T09:00", "has passed already"),
        ("2027-11-23T09:00", "the task is due at 27 November 2026, 18:00 JST"),
    ],
)
async def test_a_date_that_will_not_do_is_said_beside_it(
    people: World, date: str, told: str
) -> None:
    await people.person("far@acme.test", zone="Asia/Tokyo")
    task_id = await people.ask(assignee="far@acme.test")
    browser = await people.signed_in("far@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    page.tick("At this date and time").fill("Date and time", date)

    page = await browser.press(page, "Put off")

    assert page.status == 422
    section = page.root.by_id("act-snooze")
    assert "open" in section.attrs
    assert told in section.text
    assert page.shown_in("Date and time") == date
    assert (await people.task(task_id)).snoozed_until is None


async def test_an_operator_gives_more_time_and_the_page_says_who_did(people: World) -> None:
    task_id = await people.ask()
    before = (await people.task(task_id)).due_at
    browser = await people.signed_in("ops@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    page.choose("How much more", "3 days").fill("Why it needs more time", "Quarter close")

    page = await browser.press(page, "Give more time")

    assert (await people.task(task_id)).due_at == before + timedelta(days=3)
    assert "ops@acme.test gave 3 days more on 24 November 2026, 09:00 UTC" in page.text
    assert "Quarter close" in page.text
    assert "Give more time" not in (await opened(people, "mgr@acme.test", task_id)).buttons()


async def test_the_clock_stands_until_it_is_started_again(people: World) -> None:
    task_id = await people.ask(pause=True)
    browser = await people.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")

    page = await browser.press(page.fill("What it waits for", "The invoice"), "Stop the clock")

    assert "The clock has stood still since 24 November 2026, 09:00 UTC: The invoice." in page.text
    assert "Paused" in (await browser.open("/inbox")).text
    page = await browser.press(page, "Start the clock again")
    assert (await people.task(task_id)).paused_at is None
    assert "stood still" not in page.text
    assert "started the clock again" in page.text


async def test_a_clock_that_may_not_stand_is_not_offered_to_stop(people: World) -> None:
    task_id = await people.ask()

    page = await opened(people, "mgr@acme.test", task_id)

    assert "Stop the clock" not in page.buttons()


async def test_whoever_is_asked_by_name_passes_on_their_own_part(people: World) -> None:
    task_id = await people.ask()
    browser = await people.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    page.fill("Who is asked instead", "ben@acme.test").fill("Why others are asked", "His customer")

    page = await browser.press(page, "Ask them instead")

    asked = (await people.task(task_id)).asked.who
    assert [each.label for each in asked] == ["ben@acme.test"]
    assert "asked ben@acme.test instead" in page.text
    assert "His customer" in page.text
    assert "Approve" in (await opened(people, "ben@acme.test", task_id)).buttons()


async def test_an_operator_asks_others_instead(people: World) -> None:
    task_id = await people.ask(assignee="role:manager")
    browser = await people.signed_in("ops@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert "instead of everybody" in page.root.by_id("act-reassign").text
    page.fill("Who is asked instead", "ben@acme.test\nrole:operator").fill(
        "Why others are asked", "Away"
    )

    await browser.press(page, "Ask them instead")

    asked = (await people.task(task_id)).asked.who
    assert [each.label for each in asked] == ["ben@acme.test", "role:operator"]
    manager = await opened(people, "ben@acme.test", task_id)
    assert "Ask them instead" in manager.buttons()


async def test_watching_and_watching_no_more(people: World) -> None:
    task_id = await people.ask()
    browser = await people.signed_in("ops@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert "Nobody watches this task." in page.text

    page = await browser.press(page, "Watch it")

    assert "ops@acme.test watches it" in page.text
    page = await browser.press(page, "Stop watching")
    assert (await people.task(task_id)).watchers == ()
    assert "no longer watches it" in page.text


async def test_what_one_watches_is_listed_apart_from_what_asks(people: World) -> None:
    task_id = await people.ask(watchers=["ops@acme.test", "mgr@acme.test"], title="Refund?")
    browser = await people.signed_in("ops@acme.test")
    listed = await browser.open("/inbox")
    assert "Nothing waits for you" in listed.text
    assert "Watching 1" in listed.text
    watched = await browser.open("/inbox?view=watched")
    (line,) = watched.root.classed("task")
    assert line.one("a").attrs["href"] == f"/inbox/tasks/{task_id}"
    assert "Refund?" in line.text

    own = await (await people.signed_in("mgr@acme.test")).open("/inbox")

    assert "For you 1" in own.text
    assert "Refund?" in own.text
    await people.withdraw(task_id, "Over")
    assert "Refund?" not in (await browser.open("/inbox?view=watched")).text


async def test_a_comment_is_seen_by_everybody_and_decides_nothing(people: World) -> None:
    task_id = await people.ask(assignee="role:manager")
    browser = await people.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")

    page = await browser.press(
        page.fill("Your comment", "Is this\nthe right order?"), "Add comment"
    )

    assert "Comments (1)" in page.text
    other = await opened(people, "ben@acme.test", task_id)
    assert "mgr@acme.test just now" in other.section("h-talk").text
    assert "Is this the right order?" in other.section("h-talk").text
    assert (await people.task(task_id)).live


@pytest.mark.parametrize(
    ("button", "field", "told"),
    [
        ("Add comment", "Your comment", "Write what you want to say."),
        ("Delegate", "To whom", "Enter the mail address"),
        ("Ask them instead", "Who is asked instead", "Enter who is asked instead."),
    ],
)
async def test_what_is_left_empty_is_said_beside_its_field(
    people: World, button: str, field: str, told: str
) -> None:
    task_id = await people.ask()
    browser = await people.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    before = await people.task(task_id)

    page = await browser.press(page, button)

    assert page.status == 422
    control = page.control(field)
    assert control.attrs["aria-invalid"] == "true"
    described = control.attrs["aria-describedby"].split()[-1]
    assert told in page.root.by_id(described).text
    assert await people.task(task_id) == before


@pytest.mark.parametrize("to", ["nobody@acme.test", "role:manager", "mgr@acme.test", "<b>"])
async def test_whom_one_cannot_delegate_to_is_said_and_nothing_is_lost(
    people: World, to: str
) -> None:
    task_id = await people.ask()
    browser = await people.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    page.fill("To whom", to).fill("Note for them", "Please")
    before = await people.task(task_id)

    page = await browser.press(page, "Delegate")

    assert page.status == 422
    assert page.root.by_id("act-delegate").classed("error")
    assert page.shown_in("To whom") == to
    assert page.shown_in("Note for them") == "Please"
    assert await people.task(task_id) == before


async def test_what_was_typed_is_still_there_when_the_task_has_closed(people: World) -> None:
    task_id = await people.ask()
    browser = await people.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    page.fill("Your comment", "Wait for the invoice")
    await people.withdraw(task_id, "Over")

    page = await browser.press(page, "Add comment")

    assert page.status == 409
    assert "Nothing was done" in page.alerts[0]
    assert "Wait for the invoice" in page.alerts[0]


async def test_nothing_is_offered_once_the_deadline_has_passed(people: World) -> None:
    task_id = await people.ask()
    people.clock.advance(timedelta(hours=73))

    page = await opened(people, "mgr@acme.test", task_id)

    assert not page.root.classed("act")


@pytest.mark.parametrize(("act", "name", "value"), ACTS)
async def test_no_act_is_taken_without_the_sessions_token(
    people: World, act: str, name: str, value: str
) -> None:
    task_id = await people.ask(pause=True)
    browser = await people.signed_in("mgr@acme.test")
    before = await people.task(task_id)

    page = await browser.post(f"/inbox/tasks/{task_id}/{act}", [(name, value)])

    assert page.status == 403
    assert await people.task(task_id) == before


@pytest.mark.parametrize(("act", "name", "value"), ACTS)
async def test_no_act_is_for_those_who_cannot_see_the_task(
    people: World, act: str, name: str, value: str
) -> None:
    task_id = await people.ask()
    await people.person("eve@acme.test", roles=("clerk",))
    browser = await people.signed_in("eve@acme.test")
    token = (await browser.open("/inbox")).root.all("input", name="csrf")[0].attrs["value"]
    before = await people.task(task_id)

    page = await browser.post(f"/inbox/tasks/{task_id}/{act}", [("csrf", token), (name, value)])

    assert page.status == 404
    assert await people.task(task_id) == before


async def test_what_a_page_does_not_offer_the_door_refuses_too(people: World) -> None:
    task_id = await people.ask(assignee="role:manager", on_behalf_of="mgr@acme.test")
    browser = await people.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert set(page.buttons()) & {"Delegate", "Put off", "Ask them instead"} == set()
    token = page.root.all("input", name="csrf")[0].attrs["value"]
    before: Task = await people.task(task_id)

    sent = [("csrf", token), ("to", "ben@acme.test"), ("reason", "mine"), ("for", "hour")]
    for act in ("delegate", "snooze", "reassign", "extend"):
        posted = await browser.post(f"/inbox/tasks/{task_id}/{act}", [*sent, ("by", "1 day")])
        assert posted.status == 403, act
        assert "Nothing was done" in posted.alerts[0]
    assert await people.task(task_id) == before
