"""Mail that comes in: bounces are visible, and a reply answers only where it may."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import httpx2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.channels.email.incoming import Bounced, Replied, read
from signoff.channels.email.sender import EmailSender
from signoff.core.words import TaskId
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.addressing import Addressing
from signoff.engine.outbox import Notices
from signoff.engine.sending import Sending
from signoff.server.asgi import application
from signoff.smtp import Mailer, mail_server
from tests.channels.mail_sink import MailSink
from tests.channels.test_mail import text_of
from tests.inbox.world import HERE, World

SECRET = "handed in by us"
DOMAIN, PROVIDER = "in.acme.test", "mx.acme.test"
PASS = f"{PROVIDER}; spf=pass; dkim=pass; dmarc=pass (p=reject) header.from=acme.test"
LOW: dict[str, Any] = {"risk": "low"}


class Post:
    """A server that is handed mail, and mails."""

    def __init__(self, world: World, sink: MailSink) -> None:
        self.world, self.sink = world, sink
        self.store = world.services.store
        sender = EmailSender(
            self.store, Mailer(mail_server(sink.url)), "http://inbox.test", reply_domain=DOMAIN
        )
        self.addressing = Addressing(self.store, [sender])
        self.sending = Sending(
            self.store, sender, self.addressing, poll_seconds=60, lease_seconds=30
        )
        settings = msgspec.structs.replace(
            world.services.settings,
            mail_secret=SECRET,
            mail_domain=DOMAIN,
            mail_provider=PROVIDER,
        )
        services = replace(world.services, settings=settings, addressing=self.addressing)
        self.app = application(services)

    async def mailed(self) -> EmailMessage:
        self.sink.empty()
        notices = Notices(self.store, self.addressing, poll_seconds=60, lease_seconds=30)
        await notices.flush()
        await self.sending.flush()
        (mail,) = self.sink.mails
        return mail

    async def hand_in(self, mail: EmailMessage | bytes, *, secret: str = SECRET) -> httpx2.Response:
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=True)
        headers = {"authorization": f"Bearer {secret}", "content-type": "message/rfc822"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://inbox.test") as http:
            return await http.post("/inbound/mail", content=raw, headers=headers)

    async def outcome(self, task_id: TaskId) -> str | None:
        task = await self.world.task(task_id)
        return task.decision.outcome if task.decision else None


@pytest.fixture
async def post(world: World, sink: MailSink) -> Post:
    await world.services.store.save_settings(
        HERE, WorkspaceSettings(version=1, reply_by_mail=True), by="admin"
    )
    return Post(world, sink)


def reply_to(mail: EmailMessage, text: str, **headers: str) -> EmailMessage:
    said = EmailMessage()
    given = {
        "From": "Maria <mgr@acme.test>",
        "To": mail["Reply-To"],
        "Subject": f"Re: {mail['Subject']}",
        "Authentication-Results": PASS,
        "Message-ID": "<1@acme.test>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in given.items():
        said[name] = value
    quoted = "\n".join(f"> {line}" for line in text_of(mail).splitlines())
    said.set_content(f"{text}\n\nOn Tue Signoff wrote:\n{quoted}\n")
    return said


async def test_a_reply_with_one_of_the_words_answers_once(post: Post) -> None:
    task_id = await post.world.ask(**LOW)
    mail = await post.mailed()
    assert "approved, rejected" in text_of(mail)

    said = await post.hand_in(reply_to(mail, "  Approved "))
    assert said.text == "answered\n"
    assert await post.outcome(task_id) == "approved"
    decision = (await post.world.task(task_id)).decision
    assert decision is not None
    assert (decision.by.label, decision.strength) == ("mgr@acme.test", "link")
    again = await post.hand_in(reply_to(mail, "rejected"))
    assert again.text.startswith("refused: ")
    assert await post.outcome(task_id) == "approved"


@pytest.mark.parametrize(
    "results",
    [
        "",
        "mx.evil.test; dmarc=pass header.from=acme.test",
        f"{PROVIDER}; dmarc=fail header.from=acme.test",
        f"{PROVIDER}; dmarc=pass header.from=evil.test",
        f"{PROVIDER}; spf=pass (dmarc=pass header.from=acme.test)",
        f"{PROVIDER}; dkim=pass; x=dmarc=pass header.from=acme.test",
        f"{PROVIDER}.evil.test; dmarc=pass header.from=acme.test",
        f"{PROVIDER}; dmarc=pass header.from=acme.test.evil.test",
    ],
)
async def test_a_reply_that_our_provider_does_not_vouch_for_answers_nothing(
    post: Post, results: str
) -> None:
    task_id = await post.world.ask(**LOW)
    mail = await post.mailed()
    said = await post.hand_in(reply_to(mail, "approved", Authentication_Results=results))

    assert said.text == "refused: forbidden\n"
    assert await post.outcome(task_id) is None


async def test_of_several_results_the_one_our_provider_added_last_counts(post: Post) -> None:
    task_id = await post.world.ask(**LOW)
    said = reply_to(await post.mailed(), "approved")
    last = f"Authentication-Results: {PROVIDER}; dmarc=fail header.from=acme.test\n"
    raw = last.encode() + said.as_bytes()  # what is added last stands first
    assert (await post.hand_in(raw)).text == "refused: forbidden\n"
    assert await post.outcome(task_id) is None


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("yes", "Maria <mgr@acme.test>"),
        ("approved by all of us", "Maria <mgr@acme.test>"),
        ("I am out of office\napproved", "Maria <mgr@acme.test>"),
        ("> approved", "Maria <mgr@acme.test>"),
        ("", "Maria <mgr@acme.test>"),
        ("approved", "Eve <eve@acme.test>"),
        ("approved", "mgr@acme.test, eve@acme.test"),
    ],
)
async def test_other_words_and_other_people_answer_nothing(
    post: Post, text: str, sender: str
) -> None:
    task_id = await post.world.ask(**LOW)
    said = reply_to(await post.mailed(), text)
    del said["From"]
    said["From"] = sender
    assert (await post.hand_in(said)).status_code == 200
    assert await post.outcome(task_id) is None


async def test_a_mail_offers_a_reply_only_where_that_is_on_and_risk_is_low(
    post: Post, world: World
) -> None:
    await world.ask(risk="medium")
    assert "Reply-To" not in await post.mailed()
    await world.ask("review", content="x", title="With words?", **LOW)
    offered = await post.mailed()
    assert "changes_requested" not in text_of(offered)
    off = WorkspaceSettings(version=2)
    await world.services.store.save_settings(HERE, off, by="admin")
    await world.ask(title="Off?", **LOW)
    assert "Reply-To" not in await post.mailed()


async def test_a_bounce_makes_the_notice_a_failed_one(post: Post) -> None:
    task_id = await post.world.ask()
    mail = await post.mailed()
    said = await post.hand_in(bounce_of(mail["Message-ID"]))

    assert said.text == "noted\n"
    notices = await post.store.notices(HERE, task_id)
    (failed,) = [each for each in notices if each.channel == "email"]
    assert (failed.state, failed.detail) == ("failed", "it bounced: 5.1.1")
    assert (await post.hand_in(bounce_of("<other@acme.test>"))).text == "nothing to do\n"


async def test_nobody_hands_in_mail_without_the_secret(post: Post, world: World) -> None:
    task_id = await world.ask(**LOW)
    said = reply_to(await post.mailed(), "approved")
    for secret in ("", "another"):
        assert (await post.hand_in(said, secret=secret)).status_code == 401
    assert await post.outcome(task_id) is None
    post.app = world.app
    assert (await post.hand_in(said)).status_code == 404


def bounce_of(message_id: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.acme.test\r\nTo: signoff@acme.test\r\nSubject: Undelivered\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nsorry\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acme.test\r\n"
        "\r\nFinal-Recipient: rfc822; mgr@acme.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Subject: Approval\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()


@given(raw=st.binary(max_size=2000) | st.text(max_size=500).map(lambda text: text.encode()))
def test_whatever_comes_in_is_read_or_is_nothing(raw: bytes) -> None:
    for mail in (raw, b"Content-Type: multipart/report\r\n\r\n" + raw):
        assert read(mail, domain=DOMAIN, provider=PROVIDER) is None


def test_a_bounce_and_a_reply_are_told_apart() -> None:
    assert read(bounce_of("<1@x>"), domain=DOMAIN, provider=PROVIDER) == Bounced(
        message_id="<1@x>", status="5.1.1"
    )
    mail = EmailMessage()
    mail["From"], mail["To"] = "a@acme.test", f"reply+{'a' * 52}@{DOMAIN.upper()}"
    mail.set_content("Approved")
    found = read(mail.as_bytes(), domain=DOMAIN, provider=PROVIDER)
    assert found == Replied(
        token="a" * 52, sender="a@acme.test", vouched=False, word="approved", message_id=""
    )
