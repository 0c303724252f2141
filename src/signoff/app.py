"""The composition root: puts the rings together, makes a database ready, runs the server."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from types import FrameType

import msgspec
import uvicorn
import uvloop
from uuid6 import uuid7

from signoff import logs
from signoff.anchors.composed import anchors_of, quorum_of
from signoff.channels.composed import channels_of
from signoff.channels.guard import allowed
from signoff.channels.post import Poster
from signoff.channels.push.sender import PushSender
from signoff.channels.webhooks.delivering import Delivering, Following
from signoff.config import Settings
from signoff.core.routing import Person
from signoff.core.words import KeyId, PersonId, WorkspaceId
from signoff.engine.addressing import Addressing
from signoff.engine.background import Background
from signoff.engine.execute import Door
from signoff.engine.log.anchoring import Anchoring
from signoff.engine.log.keys import Seal
from signoff.engine.log.ledger import Ledger
from signoff.engine.log.proving import Proving
from signoff.engine.log.retention import Retention
from signoff.engine.log.sequencer import Sequencer
from signoff.engine.outbox import Notices, Resumes
from signoff.engine.pickups import Pickups
from signoff.engine.ports import Change, Clock, DatabaseUse, KeyKind, KeyRow, Page, PersonRow, Store
from signoff.engine.recovery import Recovery
from signoff.engine.sending import Sending
from signoff.engine.timers import Timers
from signoff.engine.views import Views
from signoff.engine.wakeups import Wakeups, relay
from signoff.errors import Broken
from signoff.server import recording
from signoff.server.asgi import application
from signoff.server.auth import mint
from signoff.server.inbox import new_sign_in_url
from signoff.server.oidc import provider_of
from signoff.server.services import Services
from signoff.storage import connect
from signoff.storage.migrate import migrate
from signoff.storage.sole import sole_user

FIRST_WORKSPACE = WorkspaceId("default/main")
ADMINISTRATOR = "admin@localhost"
_BACKLOG = 4096
_KEEP_ALIVE_SECONDS = 75
_LET_THE_OTHER_FINISH = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """What making a database ready came to. ``admin_key`` is there only when it was made now."""

    database: str
    workspace: WorkspaceId
    admin_key: str | None
    administrator: PersonId | None

    @property
    def created(self) -> bool:
        return self.admin_key is not None


async def initialise(
    database: str,
    *,
    workspace: str = FIRST_WORKSPACE,
    use: DatabaseUse = DatabaseUse.LIVE,
) -> Initialised:
    """Bring the schema up to date and make sure the workspace has an administrator and a key.

    Safe to run again, and by two processes at once: only what is missing is made.

    :param use: what the database is for; one for tests never serves people.
    :raises Broken: it is for the other use.
    """
    await migrate(database)
    store = connect(database)
    await store.open()
    try:
        await store.dedicate(use)
        key, administrator = await _administer(store, WorkspaceId(workspace))
    finally:
        await store.close()
    return Initialised(
        database=database,
        workspace=WorkspaceId(workspace),
        admin_key=key,
        administrator=administrator,
    )


async def _administer(store: Store, workspace: WorkspaceId) -> tuple[str | None, PersonId | None]:
    mine = await store.add_workspace(workspace)
    if not mine and not await _has_admin_key(store, workspace):
        # Another process is at it right now, or one died before it had made the key.
        await asyncio.sleep(_LET_THE_OTHER_FINISH)
    row = await store.person(workspace, ADMINISTRATOR)
    if await _has_admin_key(store, workspace):
        return None, row.person.id if row else None
    if row is None:
        row = await _add_administrator(store, workspace)
    key = mint(KeyKind.ADMIN)
    made = KeyRow(
        workspace=workspace,
        id=KeyId(f"key_{uuid7().hex}"),
        kind=KeyKind.ADMIN,
        hash=key.hash,
        hint=key.hint,
        label="the first administrator",
        agent=None,
        person_id=None,
        created_at=await store.now(),
    )
    await store.add_key(made, await recording.key_made(store, recording.CONSOLE, made))
    return key.secret, row.person.id


async def _has_admin_key(store: Store, workspace: WorkspaceId) -> bool:
    keys = await store.keys(workspace, Page(limit=200))
    return any(key.kind is KeyKind.ADMIN for key in keys)


async def _add_administrator(store: Store, workspace: WorkspaceId) -> PersonRow:
    row = PersonRow(
        workspace=workspace,
        person=Person(
            id=PersonId(f"per_{uuid7().hex}"),
            email=ADMINISTRATOR,
            name="Administrator",
            roles=("administrator", "approver"),
        ),
        time_zone=None,
        created_at=await store.now(),
    )
    await store.add_person(row, await recording.person_added(store, recording.CONSOLE, row))
    return row


@asynccontextmanager
async def running(
    settings: Settings, *, clock: Clock | None = None, logged: bool = True
) -> AsyncIterator[Services]:
    """Open the store and run everything but the listening socket while the block runs.

    :param clock: for tests; otherwise the store's own time counts.
    :param logged: whether the log is kept; off only to measure what it costs.
    :raises StoreOutdated: the schema is not the one this program knows.
    :raises StoreUnavailable: the database does not answer.
    :raises Broken: the database serves people and a clock was given, or the other way round.
    """
    store = connect(settings.database, clock=clock)
    await store.open()
    try:
        await store.dedicate(DatabaseUse.LIVE if clock is None else DatabaseUse.TEST)
        async with _composed(settings, store, watch=clock is None, logged=logged) as services:
            yield services
    finally:
        await store.close()


@asynccontextmanager
async def _composed(
    settings: Settings, store: Store, *, watch: bool, logged: bool
) -> AsyncIterator[Services]:
    wakeups = Wakeups()
    pickups, views = Pickups(store), Views(store)
    heard: list[Callable[[Sequence[Change]], None]] = [partial(_ring, wakeups)]

    def after_commit(changes: Sequence[Change]) -> None:
        for hear in heard:
            hear(changes)

    door = Door(store, after_commit=after_commit, logged=logged)
    seal = Seal(settings.log_seal)
    sequencer = Sequencer(store, origin=settings.log_origin, seal=seal)
    recovery = Recovery(
        store,
        door,
        outage_seconds=settings.outage_seconds,
        lease_seconds=settings.lease_seconds,
        watch=watch,
    )
    poll, lease = settings.poll_seconds, settings.lease_seconds
    timers = Timers(store, door, poll_seconds=poll, lease_seconds=lease, before=recovery.check)
    poster = Poster(allowed(settings.webhook_allow))
    push = PushSender(store, poster, seal, settings.address)
    channels = channels_of(settings, store, push)
    addressing = Addressing(store, channels.senders)
    sending = {
        sender.channel: Sending(store, sender, addressing, poll_seconds=poll, lease_seconds=lease)
        for sender in channels.senders
    }
    notices = Notices(
        store,
        addressing,
        poll_seconds=poll,
        lease_seconds=lease,
        heard=partial(_wake, sending.values()),
    )
    resumes = Resumes(store, wakeups, lease_seconds=settings.lease_seconds)
    anchoring = Anchoring(
        store, Proving(store), anchors_of(settings), seconds=settings.anchor_seconds
    )
    heard += [timers.armed, notices.committed, sequencer.committed]
    delivering = Delivering(store, poster, seal, poll_seconds=poll)
    following = Following(store, poll_seconds=poll, heard=delivering.wake)
    heard.append(lambda changes: following.wake())
    correcting = {}
    if channels.corrections is not None:
        heard.append(channels.corrections.committed)
        correcting["slack-corrections"] = channels.corrections.run
    background = Background(
        ({"sequencer": sequencer.run} if logged else {})
        | {
            "anchoring": anchoring.run,
            "retention": Retention(store).run,
            "timers": timers.run,
            "notices": notices.run,
            **{f"sending-{channel}": loop.run for channel, loop in sending.items()},
            **correcting,
            "following": following.run,
            "delivering": delivering.run,
            "resumes": resumes.run,
            "pickups": pickups.run,
            "views": views.run,
            "relay": partial(relay, store, wakeups, poll_seconds=settings.poll_seconds),
        }
    )
    async with door.open():
        await recovery.begin()
        async with background.running():
            try:
                yield Services(
                    settings=settings,
                    store=store,
                    door=door,
                    wakeups=wakeups,
                    pickups=pickups,
                    ledger=Ledger(store, sequencer, seal=seal, enough=quorum_of(settings)),
                    views=views,
                    push=push,
                    failing=background.failing,
                    timers=timers,
                    notices=notices,
                    anchoring=anchoring,
                    slack=channels.slack,
                    delivering=delivering,
                    addressing=addressing,
                    oidc=provider_of(settings),
                )
            finally:
                wakeups.close()
        await recovery.end()


def _wake(sending: Iterable[Sending]) -> None:
    for loop in sending:
        loop.wake()


def _ring(wakeups: Wakeups, changes: Sequence[Change]) -> None:
    for change in changes:
        wakeups.changed(change.after)


def serve(settings: Settings, *, logged: bool = True) -> None:
    """Serve until the process is told to stop.

    :param logged: as ``running`` takes it.

    :raises Broken: the address is taken, or another process serves this database file.
    """
    logs.configure(settings.log_level)
    with sole_user(settings.database), _listening(settings) as listener:
        here = msgspec.structs.replace(settings, port=listener.getsockname()[1])
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _already_stopping)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(here, listener, logged=logged))


async def _serve(settings: Settings, listener: socket.socket, *, logged: bool) -> None:
    made = await initialise(settings.database)
    async with running(settings, logged=logged) as services:
        config = uvicorn.Config(
            application(services),
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=_BACKLOG,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=max(1, round(settings.shutdown_seconds)),
        )
        gc.collect()
        gc.freeze()  # what is there now stays, and need not be looked through again and again
        listener.listen(_BACKLOG)  # whoever reads the address may come at once
        await _welcome(services, made)
        await _Server(config, services.wakeups).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Uvicorn, which lets those who wait go before it waits for them."""

    def __init__(self, config: uvicorn.Config, wakeups: Wakeups) -> None:
        super().__init__(config)
        self._wakeups = wakeups

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._wakeups.close()
        await super().shutdown(sockets)


def _already_stopping(number: int, frame: FrameType | None) -> None:
    """Uvicorn raises the signal once more when it is done; by then there is nothing to do."""


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Bind before anything else, so that a taken address is said at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise Broken(f"cannot listen on {where}: {error.strerror or error}") from None
        yield listener


async def _welcome(services: Services, made: Initialised) -> None:
    """Say where everything is. Secrets are printed on the first start, or to a terminal."""
    url = services.settings.address
    print(f"Signoff serves {made.workspace} on {url}  (API reference: {url}/docs)")
    if made.created:
        print("The admin key, shown this once:")
        print(f"  {made.admin_key}")
    if made.administrator is not None and (made.created or sys.stdout.isatty()):
        link, _ = await new_sign_in_url(services, made.workspace, made.administrator)
        print("Sign in to the inbox; this link works once, for 30 minutes:")
        print(f"  {link}")
    print("Stop it with Ctrl-C; nothing is lost, whenever it stops.", flush=True)
