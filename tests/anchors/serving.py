"""Counterparts on loopback: an HTTP app, a mail server, and sockets that behave badly."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an app on a free port. Yields its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        async with serving(app, listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an app on a bound socket."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.listening.wait()
    try:
        yield
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


def answering(answer: Callable[[bytes], Response], *, path: str = "/") -> Starlette:
    """An app that answers every POST with what the function makes of its body."""

    async def endpoint(request: Request) -> Response:
        return answer(await request.body())

    return Starlette(routes=[Route(path, endpoint, methods=["POST"])])


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[int]:
    """Serve bare connections. Yields the port; ends those that are still open."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the connection and say nothing."""
    await asyncio.Event().wait()


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer HTTP with a body that never ends."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        writer.write(b"\xe2\x80\x94 " * 4096)
        await writer.drain()


@dataclass(slots=True)
class Mailbox:
    """A small mail server (RFC 5321) that keeps what it is handed.

    :param refuses: what it says to DATA instead of taking it.
    :param password: what it asks for, where it asks.
    """

    refuses: str | None = None
    password: str | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 mailbox.test ESMTP")
        while line := await reader.readline():
            words = line.decode().strip()
            self.heard.append(words)
            match words.split()[0].upper():
                case "EHLO" | "HELO":
                    if self.password:
                        say("250-mailbox.test")
                        say("250 AUTH PLAIN")
                    else:
                        say("250 mailbox.test")
                case "AUTH":
                    said = base64.b64decode(words.split()[2]).split(b"\0")[2].decode()
                    say("235 welcome" if said == self.password else "535 no")
                case "DATA" if self.refuses:
                    say(self.refuses)
                case "DATA":
                    say("354 go on")
                    raw = await reader.readuntil(b"\r\n.\r\n")
                    mail = message_from_bytes(raw[:-3], policy=policy.default)
                    assert isinstance(mail, EmailMessage)
                    self.mails.append(mail)
                    say("250 queued as 4711")
                case "QUIT":
                    say("221 bye")
                    return
                case _:
                    say("250 fine")
            await writer.drain()
