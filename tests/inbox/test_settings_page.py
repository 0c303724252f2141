"""The page on which people say how they are told: what they choose is what holds."""

from __future__ import annotations

from datetime import time

from signoff.core.plan import NoticeReason
from signoff.core.preferences import Channel, Digest, Preferences, QuietHours, SavedFilter, Theme
from tests.inbox.world import HERE, World

PAGE = "/inbox/settings"


async def _chosen(world: World) -> Preferences | None:
    person = world.people["mgr@acme.test"].person.id
    return (await world.services.store.preferences(HERE, [person])).get(person)


async def test_what_is_chosen_is_kept_and_shown_again(world: World) -> None:
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(PAGE)
    page.choose("First", "E-mail").choose("Then", "Slack")
    page.fill("From", "22:00").fill("Until", "06:30").tick("Tell me all the same", on=False)
    page.tick("Once a day").fill("Time of the daily mail", "08:15").tick("Comments", on=False)
    page.choose("Language", "Deutsch").tick("Dark")
    page = await browser.press(page, "Save")

    assert await _chosen(world) == Preferences(
        language="de",
        theme=Theme.DARK,
        channels=(Channel.EMAIL, Channel.SLACK),
        muted=(NoticeReason.COMMENTED,),
        quiet=QuietHours(start=time(22), end=time(6, 30), urgent=False),
        digest=Digest.DAILY,
        digest_at=time(8, 15),
    )
    html = page.root.one("html")
    assert (html.attrs["lang"], html.attrs["data-theme"]) == ("de", "dark")
    assert page.status == 200


async def test_saving_what_is_shown_changes_nothing(world: World) -> None:
    person = world.people["mgr@acme.test"].person.id
    for chosen in (
        Preferences(),
        Preferences(
            channels=(Channel.EMAIL,),
            everywhere=True,
            muted=(NoticeReason.DECIDED, NoticeReason.CLOSED),
            quiet=QuietHours(start=time(0), end=time(7)),
            filters=(SavedFilter(name="Big ones", query="risk=high"),),
        ),
        Preferences(channels=()),
    ):
        await world.services.store.save_preferences(HERE, person, chosen)
        browser = await world.signed_in("mgr@acme.test")
        await browser.press(await browser.open(PAGE), "Save")
        assert await _chosen(world) == chosen


async def test_what_makes_no_sense_is_said_and_nothing_is_saved(world: World) -> None:
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(PAGE)
    page.fill("From", "22:00").choose("First", "E-mail")
    page = await browser.press(page, "Save")

    assert page.status == 422
    assert "is no time of day" in page.alerts[0]
    assert page.shown_in("From") == "22:00"
    assert await _chosen(world) is None


async def test_a_form_of_another_site_is_refused(world: World) -> None:
    browser = await world.signed_in("mgr@acme.test")
    answer = await browser.client.post(
        PAGE, data={"theme": "dark"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    assert await _chosen(world) is None
