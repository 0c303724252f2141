"""The auditor's mailbox holds the checkpoint as it was signed."""

from __future__ import annotations

import asyncio

import pytest

from signoff.anchors.mail import MailAnchor
from signoff.errors import Broken, InvalidInput
from signoff.smtp import mail_server
from tests.anchors.logs import WrittenLog
from tests.anchors.serving import Mailbox, listening, silent

AUDITOR = "auditor@acme.test"


def anchor(port: int, *, credentials: str = "", patience: float = 20.0) -> MailAnchor:
    server = mail_server(f"smtp://{credentials}127.0.0.1:{port}?from=signoff@acme.test")
    return MailAnchor(server, AUDITOR, every_seconds=86400, patience=patience)


async def test_the_auditor_is_mailed_the_note_and_the_same_bytes_attached() -> None:
    mailbox, point = Mailbox(), WrittenLog(3).point()
    async with listening(mailbox.serve) as port:
        evidence = await anchor(port).anchor(point)
    (mail,) = mailbox.mails
    body = mail.get_body()
    assert body is not None
    (attached,) = mail.iter_attachments()
    assert point.checkpoint in body.get_content().replace("\r\n", "\n")
    assert body.get_content_type() == "text/plain"
    assert attached.get_content() == point.checkpoint.encode()
    assert (mail["To"], mail["From"]) == (AUDITOR, "signoff@acme.test")
    assert mail["Subject"] == f"Checkpoint 3 of {point.origin}"
    assert evidence == f"Message-ID: {mail['Message-ID']}\nqueued as 4711\n"


async def test_one_checkpoint_has_one_message_id_however_often_it_is_signed() -> None:
    mailbox, log = Mailbox(), WrittenLog(3)
    async with listening(mailbox.serve) as port:
        await anchor(port).anchor(log.point())
        log.add_key()
        await anchor(port).anchor(log.point())
        log.grow(1)
        await anchor(port).anchor(log.point())
    first, again, later = [mail["Message-ID"] for mail in mailbox.mails]
    assert first == again != later


async def test_a_mail_server_that_says_nothing_is_a_failure_in_bounded_time() -> None:
    async with listening(silent) as port:
        with pytest.raises(Broken, match="did not take it"):
            await anchor(port, patience=0.05).anchor(WrittenLog(1).point())


async def test_a_mail_server_that_hangs_lets_go_when_the_time_is_up() -> None:
    async with listening(silent) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anchor(port).anchor(WrittenLog(1).point())


async def test_a_refusal_is_a_failure_without_what_the_server_said() -> None:
    mailbox = Mailbox(refuses="554 no room for maria@acme.test")
    async with listening(mailbox.serve) as port:
        with pytest.raises(Broken) as raised:
            await anchor(port).anchor(WrittenLog(1).point())
    assert raised.value.message == "the mail server refused it with 554"
    assert not mailbox.mails


async def test_nobody_there_is_a_failure() -> None:
    async with listening(silent) as port:
        pass
    with pytest.raises(Broken):
        await anchor(port).anchor(WrittenLog(1).point())


async def test_a_user_is_signed_in() -> None:
    mailbox = Mailbox(password="s3cret")
    async with listening(mailbox.serve) as port:
        await anchor(port, credentials="sign%40off:s3cret@").anchor(WrittenLog(1).point())
    assert len(mailbox.mails) == 1


async def test_a_wrong_password_is_a_failure_that_does_not_repeat_it() -> None:
    mailbox = Mailbox(password="other")
    async with listening(mailbox.serve) as port:
        with pytest.raises(Broken) as raised:
            await anchor(port, credentials="signoff:s3cret@").anchor(WrittenLog(1).point())
    assert "535" in raised.value.message
    assert "s3cret" not in raised.value.message


@pytest.mark.parametrize(
    ("url", "start_tls"),
    [
        ("smtp://user:pw@mail.acme.test", True),
        ("smtp://mail.acme.test", None),
        ("smtps://user:pw@mail.acme.test", False),
        ("smtp://user:pw@127.0.0.1:25", None),
    ],
)
def test_a_password_leaves_this_machine_only_over_tls(url: str, start_tls: bool | None) -> None:
    assert mail_server(url).start_tls is start_tls


def test_the_ports_are_those_of_the_standard() -> None:
    assert mail_server("smtp://mail.acme.test").port == 587
    assert mail_server("smtps://mail.acme.test").port == 465


@pytest.mark.parametrize("url", ["mail.acme.test", "http://a", "smtp://", "smtp://u:s3cret@a:b"])
def test_an_address_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        mail_server(url)
    assert "SIGNOFF_SMTP" in raised.value.message
    assert "s3cret" not in raised.value.message
    assert "s3cret" not in repr(mail_server("smtp://u:s3cret@a:25"))
