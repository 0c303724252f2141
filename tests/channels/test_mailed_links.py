"""A mailed link: opening it changes nothing, it answers once, and it proves a mailbox at most."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from signoff.core.links import MAX_WRONG
from signoff.core.words import TaskId
from signoff.engine.ports import Page as Keyset
from signoff.engine.ports import TaskFilter
from tests.channels.mail_sink import MailSink
from tests.channels.test_mail import code_in, link_in, mailed, send
from tests.inbox.browser import Browser, Page
from tests.inbox.world import HERE, World

LOW: dict[str, Any] = {"risk": "low"}


async def arrive(world: World, path: str) -> tuple[Browser, Page]:
    """Open a link in a browser that has never been here."""
    browser = world.browser()
    return browser, await browser.open(path)


async def outcome(world: World, task_id: TaskId) -> str | None:
    task = await world.task(task_id)
    return task.decision.outcome if task.decision else None


async def test_a_link_leads_to_the_task_and_answers_it_with_a_button(
    world: World, sink: MailSink
) -> None:
    task_id = await world.ask(**LOW)
    browser, page = await arrive(world, link_in(await mailed(world, sink)))

    assert page.heading == "Refund 240 EUR to cus_123?"
    page = await browser.press(page, "Approve")

    assert await outcome(world, task_id) == "approved"
    assert "by you" in page.text
    task = await world.task(task_id)
    assert task.decision is not None
    assert task.decision.strength == "link"
    entries = await world.services.store.events(HERE, task.intent_id, after=0, limit=99)
    (answered,) = [each.body for each in entries if each.body.type == "task.answered"]
    assert getattr(answered, "channel", None) == "email"


async def test_opening_a_link_however_often_and_however_changes_nothing(
    world: World, sink: MailSink
) -> None:
    task_id = await world.ask(**LOW)
    path = link_in(await mailed(world, sink))
    before = await world.task(task_id)
    for _ in range(3):
        browser = world.browser()
        head = await browser.client.head(path)
        assert head.status_code == 303
        await browser.open(path)

    assert await world.task(task_id) == before
    browser, page = await arrive(world, path)
    await browser.press(page, "Reject")
    assert await outcome(world, task_id) == "rejected"


async def test_the_secret_is_in_no_address_but_the_one_in_the_mail(
    world: World, sink: MailSink
) -> None:
    await world.ask(**LOW)
    path = link_in(await mailed(world, sink))
    browser, page = await arrive(world, path)

    secret = path.removeprefix("/l/")
    assert secret not in page.url
    assert secret not in page.html
    assert page.response.headers["referrer-policy"] == "no-referrer"
    cookie = next(iter(browser.client.cookies.jar))
    assert cookie.value == secret
    assert cookie.has_nonstandard_attr("HttpOnly")


async def test_a_task_of_medium_risk_takes_the_code_beside_the_link(
    world: World, sink: MailSink
) -> None:
    task_id = await world.ask()
    mail = await mailed(world, sink)
    browser, page = await arrive(world, link_in(mail))

    page = await browser.press(page, "Approve")
    assert page.status == 422
    assert "Type the code that stands in the mail" in page.text
    page = await browser.press(page.fill("Code from the mail", "000000"), "Approve")
    assert "This is not the code" in page.text
    assert await outcome(world, task_id) is None

    await browser.press(page.fill("Code from the mail", code_in(mail)), "Approve")
    assert await outcome(world, task_id) == "approved"


async def test_after_a_few_wrong_codes_a_link_answers_nothing_and_says_to_sign_in(
    world: World, sink: MailSink
) -> None:
    task_id = await world.ask()
    mail = await mailed(world, sink)
    right = code_in(mail)
    browser, page = await arrive(world, link_in(mail))
    for number in range(MAX_WRONG):
        wrong = f"{(int(right.replace(' ', '')) + number + 1) % 10**6:06}"
        page = await browser.press(page.fill("Code from the mail", wrong), "Approve")

    page = await browser.press(page.fill("Code from the mail", right), "Approve")
    assert "Too many wrong codes" in page.text
    assert await outcome(world, task_id) is None


async def test_a_link_that_was_used_shows_what_was_decided_and_answers_nothing(
    world: World, sink: MailSink
) -> None:
    await world.person("boss@acme.test", roles=["manager"])
    chain = [{"who": ["mgr@acme.test"]}, {"who": ["boss@acme.test"]}]
    task_id = await world.ask(chain=chain, **LOW)
    browser, page = await arrive(world, link_in(await mailed(world, sink)))
    old = page
    await browser.press(page, "Approve")
    again = await browser.press(old, "Reject")
    assert again.status in (200, 403, 409)
    assert await outcome(world, task_id) is None

    await world.answered(task_id, "boss@acme.test", "approved")
    page = await browser.open(again.url)
    assert "boss@acme.test" in page.text
    assert "Approve" not in page.buttons()


async def test_a_link_sent_for_an_earlier_round_answers_nothing(
    world: World, sink: MailSink
) -> None:
    task_id = await world.ask("review", content="Dear customer", revisions=2, **LOW)
    browser, page = await arrive(world, link_in(await mailed(world, sink)))
    await world.answered(task_id, "mgr@acme.test", "changes_requested", "friendlier")
    await world.revise(task_id, "Dear Ms Miller")

    page = await browser.press(page, "Approve")
    assert page.status == 409
    page = await browser.press(await browser.open(page.url), "Approve")
    assert page.status == 409
    assert await outcome(world, task_id) is None
    newer, fresh = await arrive(world, link_in(await mailed(world, sink)))
    await newer.press(fresh, "Approve")
    assert await outcome(world, task_id) == "approved"


async def test_a_link_that_was_made_up_and_a_page_without_its_cookie_lead_nowhere(
    world: World, sink: MailSink
) -> None:
    await world.ask(**LOW)
    _, page = await arrive(world, f"/l/{'x' * 43}")
    assert page.status == 404
    _, right = await arrive(world, link_in(await mailed(world, sink)))
    stranger = world.browser()
    assert (await stranger.open(right.url)).status == 404


async def test_a_link_of_somebody_disabled_leads_nowhere(world: World, sink: MailSink) -> None:
    await world.ask(**LOW)
    path = link_in(await mailed(world, sink))
    browser, page = await arrive(world, path)
    await world.disable("mgr@acme.test")
    assert (await browser.press(page, "Approve")).status == 404
    assert (await arrive(world, path))[1].status == 404


async def test_whoever_is_signed_in_goes_to_the_task_itself(world: World, sink: MailSink) -> None:
    task_id = await world.ask()
    path = link_in(await mailed(world, sink))
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(path)

    assert page.url.endswith(f"/inbox/tasks/{task_id}")
    await browser.press(page, "Approve")
    assert await outcome(world, task_id) == "approved"


async def test_a_link_shows_its_task_and_nothing_else(world: World, sink: MailSink) -> None:
    task_id = await world.ask(**LOW)
    other = await world.ask(**LOW)
    await send(world, sink)
    browser, page = await arrive(world, link_in(sink.mails[0]))

    assert "Claim it" not in page.buttons()
    assert "Add comment" not in page.buttons()
    for path in ("/inbox", f"/inbox/tasks/{other}", f"/inbox/tasks/{task_id}", "/inbox/passkeys"):
        assert "/sign-in" in (await browser.open(path)).url
    claim = await browser.client.post(f"/inbox/tasks/{task_id}/claim")
    assert claim.status_code == 401


async def test_a_form_of_another_site_and_one_without_its_token_are_refused(
    world: World, sink: MailSink
) -> None:
    task_id = await world.ask(**LOW)
    browser, page = await arrive(world, link_in(await mailed(world, sink)))
    address, pairs = page.sent_by("Approve")
    for headers, sent in (
        ({"origin": "http://evil.test", "sec-fetch-site": "cross-site"}, pairs),
        ({}, [pair for pair in pairs if pair[0] != "csrf"]),
    ):
        answer = await browser.client.post(address, data=dict(sent), headers=headers)
        assert answer.status_code == 403
    assert await outcome(world, task_id) is None


async def test_a_link_is_over_when_its_task_is(world: World, sink: MailSink) -> None:
    task_id = await world.ask(deadline="1h", **LOW)
    browser, page = await arrive(world, link_in(await mailed(world, sink)))
    world.clock.advance(timedelta(hours=1))
    page = await browser.press(page, "Approve")

    assert page.status == 409
    assert await outcome(world, task_id) is None
    found = await world.services.store.tasks(HERE, TaskFilter(), Keyset())
    assert len(found) == 1
