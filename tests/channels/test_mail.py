"""What is mailed: to whom, in which words, with which way to the task, and what became of it."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest

from signoff.channels.email.sender import EmailSender
from signoff.core.preferences import Channel, Digest, Preferences
from signoff.core.words import TaskId
from signoff.engine.addressing import Addressing
from signoff.engine.notices import Notice
from signoff.engine.outbox import Notices
from signoff.engine.sending import Sending
from signoff.smtp import Mailer, mail_server
from tests.channels.mail_sink import MailSink
from tests.inbox.world import HERE, World

LEASE = 30.0


async def send(world: World, sink: MailSink) -> None:
    """Send whatever is due, over mail alone."""
    store = world.services.store
    sender = EmailSender(store, Mailer(mail_server(sink.url)), world.services.settings.address)
    addressing = Addressing(store, [sender])
    await Notices(store, addressing, poll_seconds=60, lease_seconds=LEASE).flush()
    await Sending(store, sender, addressing, poll_seconds=60, lease_seconds=LEASE).flush()


async def mailed(world: World, sink: MailSink) -> EmailMessage:
    """Send, and return the one mail that was sent."""
    sink.empty()
    await send(world, sink)
    (mail,) = sink.mails
    return mail


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def link_in(mail: EmailMessage) -> str:
    """The path of the one link to act on."""
    (found,) = re.findall(r"http://inbox\.test(/l/[\w-]{43})$", text_of(mail), re.MULTILINE)
    path: str = found
    return path


def code_in(mail: EmailMessage) -> str:
    (found,) = re.findall(r"code it asks for: (\d{3} \d{3})", text_of(mail))
    code: str = found
    return code


async def test_whoever_is_asked_is_mailed_the_typed_action_first_and_the_agents_words_after(
    world: World, sink: MailSink
) -> None:
    await world.ask(
        title="Refund 240 EUR to cus_123?",
        description="The customer says it broke.\nTrust me.",
        action={"name": "refund", "arguments": {"amount": 240, "to": {"id": "cus_123"}}},
        deadline="3d",
    )
    mail = await mailed(world, sink)

    assert mail["X-Envelope-To"] == "mgr@acme.test"
    assert mail["To"] == "Maria <mgr@acme.test>"
    assert mail["From"] == "Signoff <signoff@acme.test>"
    assert mail["Subject"] == "Approval: Refund 240 EUR to cus_123?"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = text_of(mail)
    order = [
        "What will run: refund",
        "amount: 240",
        "to.id: cus_123",
        "agent's words",
        "> Trust me.",
    ]
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert "27 November 2026" in text
    assert "in 3 days" in text
    html = text_of(mail, "html")
    assert re.findall(r'href="([^"]*)"', html) == [
        f"http://inbox.test{link_in(mail)}",
        "http://inbox.test/inbox",
        "http://inbox.test/inbox/settings",
    ]
    assert "<img" not in html
    assert "<script" not in html


async def test_every_mail_about_a_task_is_one_thread_and_each_has_an_id_of_its_own(
    world: World, sink: MailSink
) -> None:
    task_id = await world.ask(
        ladder=[{"after": "1h", "do": "remind"}, {"after": "3h", "do": "fail"}]
    )
    first = await mailed(world, sink)
    await world.pass_time(task_id, timedelta(hours=1))
    second = await mailed(world, sink)

    assert second["Subject"].startswith("Reminder: ")
    assert first["References"] == second["References"] == f"<{task_id}@acme.test>"
    assert first["Message-ID"] != second["Message-ID"]


async def test_a_mail_sent_again_has_the_same_id(world: World, sink: MailSink) -> None:
    await world.ask()
    store = world.services.store
    sender = EmailSender(store, Mailer(mail_server(sink.url)), "http://inbox.test")
    addressing = Addressing(store, [sender])
    await Notices(store, addressing, poll_seconds=60, lease_seconds=LEASE).flush()
    loop = Sending(store, sender, addressing, poll_seconds=60, lease_seconds=LEASE)
    claimed = await store.claim_notices("email", limit=9, lease_seconds=LEASE)
    world.clock.advance(timedelta(seconds=LEASE))
    await loop.flush()
    await store.settle_notices(claimed)  # as if the process had died before it could settle
    await loop.flush()

    first, again = sink.mails
    assert first["Message-ID"] == again["Message-ID"]


async def test_what_is_hostile_is_escaped_counted_and_never_a_header(
    world: World, sink: MailSink
) -> None:
    blank = "\n" * 5000
    await world.ask(
        title="Pay\r\nBcc: evil@acme.test\u202e <b>now</b> \x1b[31m",
        description=f"<script>alert(1)</script> [click](http://evil.test) <!channel>{blank}=cmd()",
        action={"name": "pay\u200b", "arguments": {"to": "pаypal", "note": "x" * 5000}},
    )
    mail = await mailed(world, sink)

    assert "Bcc" not in mail
    assert "\n" not in mail["Subject"]
    assert mail["X-Envelope-To"] == "mgr@acme.test"
    text, html = text_of(mail), text_of(mail, "html")
    for shown in (text, html):
        assert "\u202e" not in shown
        assert "\x1b" not in shown
        assert "⟨U+200B⟩" in shown
        assert "and 4,700 more characters" in shown or "and 4700 more characters" in shown
        assert "⟨U+000A⟩×4999" in shown
        assert "=cmd()" in shown
        assert "hidden characters" in shown
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert text.count("\n") < 120


async def test_of_high_risk_a_mail_holds_no_link_that_answers(world: World, sink: MailSink) -> None:
    task_id = await world.ask(risk="high")
    mail = await mailed(world, sink)

    assert mail["Subject"].startswith("[High risk] ")
    text = text_of(mail)
    assert "/l/" not in text
    assert f"http://inbox.test/inbox/tasks/{task_id}" in text
    assert "you have to sign in" in text


async def test_a_decision_is_mailed_to_those_who_watch_without_a_link_that_answers(
    world: World, sink: MailSink
) -> None:
    await world.person("boss@acme.test")
    task_id = await world.ask(watchers=["boss@acme.test"])
    await send(world, sink)
    sink.empty()
    await world.answered(task_id, "mgr@acme.test", "rejected", "too much")
    mail = await mailed(world, sink)

    assert mail["X-Envelope-To"] == "boss@acme.test"
    assert mail["Subject"] == "Rejected: Refund 240 EUR to cus_123?"
    text = text_of(mail)
    assert "by mgr@acme.test" in text
    assert "too much" in text
    assert "/l/" not in text


async def test_a_digest_lists_all_that_is_due_in_one_mail(world: World, sink: MailSink) -> None:
    person = world.people["mgr@acme.test"].person.id
    await world.services.store.save_preferences(HERE, person, Preferences(digest=Digest.HOURLY))
    for number in range(3):
        await world.ask(title=f"Refund {number}?", risk="low")
    await send(world, sink)
    assert sink.mails == []
    world.clock.advance(timedelta(hours=1))
    mail = await mailed(world, sink)

    assert mail["Subject"] == "Signoff: 3 tasks"
    text = text_of(mail)
    assert all(f"Refund {number}?" in text for number in range(3))
    assert "/l/" not in text


@pytest.mark.parametrize(
    ("address", "state", "says"),
    [
        ("nobody@acme.test", "failed", "the mail server refused the address with 550"),
        ("full@acme.test", "due", "the mail server refused the address with 452"),
    ],
)
async def test_what_the_mail_server_does_not_take_is_on_record_without_the_address(
    world: World, sink: MailSink, address: str, state: str, says: str
) -> None:
    await world.person(address)
    task_id = await world.ask(assignee=address)
    await send(world, sink)

    notice = await _mail_notice(world, task_id)
    assert (notice.state, notice.detail) == (state, says)
    assert sink.mails == []


async def test_a_mail_server_that_is_not_there_is_tried_again(world: World, sink: MailSink) -> None:
    task_id = await world.ask()
    await send(world, MailSink(1, sink.folder))
    assert (await _mail_notice(world, task_id)).state == "due"
    world.clock.advance(timedelta(seconds=5))
    await send(world, sink)
    assert (await _mail_notice(world, task_id)).state == "sent"
    assert len(sink.mails) == 1


async def test_an_address_that_leads_nowhere_is_not_mailed(world: World, sink: MailSink) -> None:
    await world.person("admin@localhost")
    task_id = await world.ask(assignee="admin@localhost")
    await send(world, sink)

    channels = [each.channel for each in await world.services.store.notices(HERE, task_id)]
    assert channels == ["inbox"]


async def _mail_notice(world: World, task_id: TaskId) -> Notice:
    notices = await world.services.store.notices(HERE, task_id)
    (found,) = [each for each in notices if each.channel == Channel.EMAIL]
    return found
