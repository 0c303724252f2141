"""A sign-in link by mail: told to everybody alike, sent to whoever is here, a few times an hour."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signoff.server.inbox import sign_in_mail
from tests.channels.mail_sink import MailSink
from tests.channels.test_mail import text_of
from tests.inbox.browser import Page
from tests.inbox.world import World, opened

MGR = "mgr@acme.test"


@pytest.fixture
async def mailing(
    tmp_path: Path, sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setattr(sign_in_mail, "_ASKED", sign_in_mail.Asked())
    async with opened(tmp_path, smtp=sink.url) as world:
        await world.person(MGR, roles=["manager"])
        yield world


async def asked(world: World, email: str, *, to: str = "/inbox") -> Page:
    browser = world.browser()
    page = await browser.open(f"/sign-in?next={to}")
    page = await browser.press(page.fill("Your mail address", email), "Mail me a sign-in link")
    await sign_in_mail.sent()
    return page


async def test_whoever_is_here_is_mailed_a_link_that_signs_them_in_once(
    mailing: World, sink: MailSink
) -> None:
    task_id = await mailing.ask()

    await asked(mailing, MGR.upper(), to=f"/inbox/tasks/{task_id}")

    (mail,) = sink.to(MGR)
    (path,) = re.findall(r"http://inbox\.test(/sign-in\?\S+)", text_of(mail))
    browser = mailing.browser()
    page = await browser.press(await browser.open(path), "Sign in")
    assert page.url.endswith(f"/inbox/tasks/{task_id}")
    other = mailing.browser()
    assert (await other.press(await other.open(path), "Sign in")).status == 410


async def test_a_stranger_is_told_the_same_and_mailed_nothing(
    mailing: World, sink: MailSink
) -> None:
    known, unknown = await asked(mailing, MGR), await asked(mailing, "nobody@acme.test")

    assert known.text == unknown.text
    assert len(sink.mails) == 1


async def test_a_disabled_person_is_mailed_nothing(mailing: World, sink: MailSink) -> None:
    await mailing.disable(MGR)

    await asked(mailing, MGR)

    assert sink.mails == []


async def test_a_mailbox_is_written_to_a_few_times_an_hour_at_most(
    mailing: World, sink: MailSink
) -> None:
    for _ in range(sign_in_mail.MOST_AN_HOUR + 3):
        await asked(mailing, MGR)

    assert len(sink.mails) == sign_in_mail.MOST_AN_HOUR
    mailing.clock.advance(sign_in_mail._HOUR)
    await asked(mailing, MGR)
    assert len(sink.mails) == sign_in_mail.MOST_AN_HOUR + 1


async def test_what_is_typed_is_no_header_of_a_mail(mailing: World, sink: MailSink) -> None:
    page = await asked(mailing, f"{MGR}\r\nBcc: evil@acme.test")

    assert page.status == 200
    assert sink.mails == []


async def test_without_a_mail_server_none_is_offered(world: World) -> None:
    page = await world.browser().open("/sign-in")

    assert "Mail me a sign-in link" not in page.buttons()
