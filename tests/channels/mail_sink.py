"""A real mail server in a process of its own, which keeps what it is handed in a folder.

What a mailbox is called says what becomes of mail for it: ``full@`` takes none just now,
``nobody@`` never will. Run as ``python -m tests.channels.mail_sink PORT FOLDER``; it writes
``ready`` when it listens, and each mail as ``NNNNNN.eml``, its envelope in ``X-Envelope-From``
and ``-To``.
"""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.processes import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class MailSink:
    """The mail server as a test sees it."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?from=signoff@acme.test"

    @property
    def mails(self) -> list[EmailMessage]:
        """Everything it has taken, in order."""
        found = []
        for path in sorted(self.folder.glob("*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            found.append(mail)
        return found

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["X-Envelope-To"] == address]

    def empty(self) -> None:
        for path in self.folder.glob("*.eml"):
            path.unlink()


@contextmanager
def mail_sink(folder: Path) -> Iterator[MailSink]:
    """Run the server while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.channels.mail_sink", str(port), str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (folder / "ready").exists():
            assert process.poll() is None, "the mail server ended"
            assert time.monotonic() < deadline, "the mail server does not start"
            time.sleep(0.02)
        yield MailSink(port, folder)
    finally:
        process.kill()
        process.communicate()


class _Keep:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        match address.partition("@")[0]:
            case "full":
                return "452 4.2.2 the mailbox is full"
            case "nobody":
                return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: "
        head += ", ".join(envelope.rcpt_tos) + "\r\n"
        number = next(self._numbers)
        part = self._folder / f"{number:06}.part"
        part.write_bytes(head.encode() + envelope.content)
        part.replace(self._folder / f"{number:06}.eml")
        return "250 taken"


def _run(port: int, folder: Path) -> None:
    controller = Controller(_Keep(folder), hostname="127.0.0.1", port=port)
    controller.start()
    (folder / "ready").touch()
    asyncio.new_event_loop().run_in_executor(None, sys.stdin.read)
    sys.stdin.read()  # its end is that of the tests
    controller.stop()


if __name__ == "__main__":
    _run(int(sys.argv[1]), Path(sys.argv[2]))
