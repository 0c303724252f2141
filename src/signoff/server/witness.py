"""A witness (C2SP tlog-witness) as a server: its key, what it remembers, and one route.

What it has cosigned is on disk, synced, before the cosignature leaves; reading what is remembered,
judging and writing are one transaction, so that two requests at once, or two processes, cannot take
it back to a smaller tree. A key whose memory is gone is refused: a witness that has forgotten could
be shown two histories.
"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import apsw
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from signoff.audit import note, witness
from signoff.audit.errors import Malformed
from signoff.errors import Broken, InvalidInput
from signoff.logs import Log

_log = Log("signoff.witness")

_KEY = "witness.key"
_STATE = "witness.db"
_PUBLIC = "witness.vkey"
_BUSY_MILLISECONDS = 10_000
_SCHEMA = """
create table if not exists identity (vkey text primary key) strict;
create table if not exists seen (
    origin text primary key,
    size integer not null check (size >= 0),
    root blob not null check (length(root) = 32)
) strict
"""
_SEEN = "select size, root from seen where origin = ?"
_REMEMBER = """
insert into seen (origin, size, root) values (?, ?, ?)
on conflict (origin) do update set size = excluded.size, root = excluded.root
where excluded.size >= seen.size
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The key a witness cosigns with. ``seed`` is secret."""

    name: str
    seed: bytes

    @property
    def vkey(self) -> str:
        """What those who rely on it put into their policy."""
        return note.cosigner_vkey(self.name, self.seed)

    def __repr__(self) -> str:
        return f"Key({self.name})"


class Witness:
    """A key, and what it has cosigned, in one folder.

    :param logs: the vkeys of the logs it knows; several of one name are keys of one log.
    :param now: seconds since 1970.
    :raises Broken: the folder holds the key of another name, or a key without its memory.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        logs: Sequence[str],
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._logs = _by_origin(logs)
        self._now = now
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._state = apsw.Connection(str(folder / _STATE))
        self._state.set_busy_timeout(_BUSY_MILLISECONDS)
        self._state.execute("pragma synchronous = extra")
        self._state.execute(_SCHEMA)
        self.key = _key_in(folder, self._state, name)
        (folder / _PUBLIC).write_text(f"{self.key.vkey}\n", encoding="utf-8")
        self._turn = asyncio.Lock()

    async def answer(self, body: bytes) -> Response:
        """Answer one add-checkpoint."""
        try:
            asked = witness.parsed(body)
            async with self._turn:
                found = await asyncio.to_thread(self._remember, asked)
        except Malformed as error:
            return PlainTextResponse(f"{error}\n", 400)
        if isinstance(found, witness.Refusal):
            _log.info("checkpoint_refused", status=found.status)
            # Given as a header, for else a charset is added, and clients compare the whole.
            return Response(found.body, found.status, {"Content-Type": found.media_type})
        _log.info("checkpoint_cosigned", origin=found.origin, size=found.size)
        line = note.cosign(asked.note, self.key.name, self.key.seed, int(self._now()))
        return PlainTextResponse(line)

    def remembered(self) -> Sequence[witness.Seen]:
        """What it has cosigned last, of each log."""
        rows = self._state.execute("select origin, size, root from seen order by origin")
        return [witness.Seen(origin=origin, size=size, root=root) for origin, size, root in rows]

    def close(self) -> None:
        self._state.close()

    def _remember(self, asked: witness.AddCheckpoint) -> witness.Seen | witness.Refusal:
        """Judge, and write down what is about to be cosigned, in one transaction."""
        with _transaction(self._state):
            found = witness.judged(asked, self._logs, self._seen(asked))
            if isinstance(found, witness.Seen):
                self._state.execute(_REMEMBER, (found.origin, found.size, found.root))
        return found

    def _seen(self, asked: witness.AddCheckpoint) -> witness.Seen | None:
        origin = asked.note.partition("\n")[0]
        row = self._state.execute(_SEEN, (origin,)).fetchone()
        return None if row is None else witness.Seen(origin=origin, size=row[0], root=row[1])


def witness_app(folder: Path, name: str, logs: Sequence[str]) -> ASGIApp:
    """The witness as an ASGI app."""
    return application(Witness(folder, name, logs))


def application(serving: Witness) -> ASGIApp:
    """An ASGI app around a witness."""

    async def add_checkpoint(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > witness.LARGEST_REQUEST:
                return PlainTextResponse("the request is too large\n", 413)
        return await serving.answer(bytes(body))

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])


def serve_witness(
    serving: Witness, *, host: str, port: int, announce: Callable[[str], None]
) -> None:
    """Serve a witness until the process is told to stop.

    :param announce: is told the address once it listens.
    :raises Broken: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        why = error.strerror or error
        raise Broken(f"cannot listen on {host}:{port}: {why}") from None
    config = uvicorn.Config(
        application(serving),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    with listener:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _already_stopping)
        named = f"[{host}]" if ":" in host else host
        announce(f"http://{named}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])


def _already_stopping(number: int, frame: FrameType | None) -> None:
    """Uvicorn raises the signal once more when it is done; by then there is nothing to do."""


@contextmanager
def _transaction(state: apsw.Connection) -> Iterator[None]:
    """Write locked from the beginning: what is read in it is still so when it is written."""
    state.execute("begin immediate")
    try:
        yield
    except BaseException:
        state.execute("rollback")
        raise
    state.execute("commit")


def _by_origin(vkeys: Sequence[str]) -> Mapping[str, Sequence[str]]:
    logs: defaultdict[str, list[str]] = defaultdict(list)
    for vkey in vkeys:
        try:
            key = note.parse_vkey(vkey)
        except Malformed as error:
            raise InvalidInput.at("log", f"{error}: it is no key of a log") from None
        if key.kind != note.ED25519:
            raise InvalidInput.at("log", f"{vkey} is no key of a log, but of a witness")
        logs[key.name].append(vkey)
    return logs


def _key_in(folder: Path, state: apsw.Connection, name: str) -> Key:
    """The key of the folder, made now where nothing has been cosigned yet.

    The memory names the key it belongs to, so that neither is used without the other.
    """
    path = folder / _KEY
    with _transaction(state):
        if not path.exists():
            if state.execute("select 1 from seen").fetchone():
                raise Broken(f"{folder} remembers what a key has cosigned, and {_KEY} is missing")
            key = _made(path, name)
            state.execute("insert into identity (vkey) values (?)", (key.vkey,))
            return key
        key = _read(path)
        known = state.execute("select vkey from identity").fetchone()
    if known != (key.vkey,):
        raise Broken(
            f"{folder} has the key of a witness but not what it has cosigned ({_STATE}). "
            "Restore that file, or take a new folder, and with it a new key"
        )
    if key.name != name:
        raise Broken(f"{folder} is {key.name}; a key is never used under two names")
    return key


def _read(path: Path) -> Key:
    if path.stat().st_mode & 0o077:
        raise Broken(f"{path} can be read by others; `chmod 600` it")
    try:
        name, seed = path.read_text(encoding="utf-8").split()
        return Key(name=name, seed=base64.b64decode(seed, validate=True))
    except ValueError:
        raise Broken(f"{path} is no key of a witness") from None


def _made(path: Path, name: str) -> Key:
    key = Key(name=name, seed=os.urandom(32))
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(f"{key.name}\n{base64.b64encode(key.seed).decode()}\n")
        opened.flush()
        os.fsync(opened.fileno())
    return key
