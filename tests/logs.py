"""A log in a test: a store, a door and a sequencer, and checks of what was published from outside.

What is checked here is worked out anew from the leaves, with the plain definition of the tree: no
tile, no proof and nothing that integration has kept is believed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, cast

from signoff.audit import checkpoint
from signoff.audit.checkpoint import Checkpoint
from signoff.audit.note import vkey
from signoff.audit.signatures import opened
from signoff.audit.tree import consistent, leaf_hash, root
from signoff.core.facts import Fact, SignedOut
from signoff.core.words import WorkspaceId
from signoff.engine.execute import Door
from signoff.engine.log.fsck import fsck
from signoff.engine.log.keys import Seal
from signoff.engine.log.proving import Proving
from signoff.engine.log.sequencer import Sequencer
from signoff.engine.ports import Clock, PersonRow, Store
from signoff.errors import StoreUnavailable
from signoff.storage import connect
from signoff.storage.migrate import migrate
from signoff.testing.clock import START
from tests.engine.asks import JONAS, MARIA, WORKSPACE, submission

Act = Callable[[], Awaitable[None]]
ELSEWHERE = WorkspaceId("other/main")
NO_SEAL = Seal("")


class Faulty:
    """A real store that fails where a test wants it to, before or after it has done its work.

    ``around`` is done before and after every call, with its name. ``seen`` changes what a method
    returns, as if somebody had changed what is on the disk.

    :param only: in the way only of what is about this workspace.
    """

    def __init__(self, store: Store | None = None, *, only: WorkspaceId | None = None) -> None:
        self.store = store
        self._only = only
        self.seen: dict[str, Callable[[Any], Any]] = {}
        self.before: defaultdict[str, list[Act]] = defaultdict(list)
        self.after: defaultdict[str, list[Act]] = defaultdict(list)
        self.around: Callable[[str], Awaitable[None]] | None = None
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.store, name)

        @wraps(found)
        async def called(*args: Any, **more: Any) -> Any:
            self.calls.append(name)
            if self._only not in (None, *args[:1]):
                return await found(*args, **more)
            if self.around is not None:
                await self.around(name)
            if self.before[name]:
                await self.before[name].pop(0)()
            done = await found(*args, **more)
            if self.after[name]:
                await self.after[name].pop(0)()
            if self.around is not None:
                await self.around(name)
            return self.seen[name](done) if name in self.seen else done

        return called

    @property
    def as_store(self) -> Store:
        return cast(Store, self)


async def unavailable() -> None:
    """What a store says that does not answer, whatever it has done."""
    raise StoreUnavailable("the test pulled the plug")


def signed_out(name: str, workspace: WorkspaceId = WORKSPACE) -> Fact:
    """Something that happened, with this id."""
    body = SignedOut(person_id=MARIA.id)
    return Fact(workspace=workspace, id=name, at=START, actor=MARIA.actor, body=body)


@dataclass(slots=True, kw_only=True)
class Logbook:
    """One replica: a store, a door to it and a sequencer."""

    store: Store
    door: Door
    sequencer: Sequencer

    async def submit(self, count: int = 1) -> None:
        """Have so many intents begin."""
        for _ in range(count):
            await self.door.execute(WORKSPACE, submission(handled=True))


@asynccontextmanager
async def logbook(
    address: str,
    *,
    clock: Clock | None = None,
    seal: Seal = NO_SEAL,
    origin: str = "log.test",
    faulty: Faulty | None = None,
) -> AsyncIterator[Logbook]:
    """Open a replica on a database; its sequencer works when it is told to.

    :param faulty: what the sequencer sees in place of the store.
    """
    await migrate(address)
    store = connect(address, clock=clock)
    await store.open()
    try:
        if await store.add_workspace(WORKSPACE):
            for person in (MARIA, JONAS):
                now = await store.now()
                row = PersonRow(workspace=WORKSPACE, person=person, time_zone=None, created_at=now)
                await store.add_person(row)
        seen = store
        if faulty is not None:
            faulty.store = store
            seen = faulty.as_store
        sequencer = Sequencer(seen, origin=origin, seal=seal)
        door = Door(store, after_commit=sequencer.committed)
        async with door.open():
            yield Logbook(store=store, door=door, sequencer=sequencer)
    finally:
        await store.close()


@dataclass(slots=True)
class Collected:
    """Checkpoints that somebody outside has kept, in the order in which they came."""

    notes: list[str] = field(default_factory=list)

    async def look(self, store: Store, workspace: WorkspaceId = WORKSPACE) -> None:
        """Keep the one that is published now."""
        head = await store.log_head(workspace)
        if head is not None and head.checkpoint is not None:
            self.keep(head.checkpoint)

    def keep(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    @property
    def sizes(self) -> list[int]:
        return [checkpoint.parse(each).size for each in self.notes]


async def require_one_history(
    store: Store, notes: Sequence[str], workspace: WorkspaceId = WORKSPACE
) -> None:
    """Every checkpoint is one of today's tree, and every two have a proof that one continues the
    other.
    """
    head = await store.log_head(workspace)
    assert head is not None
    assert head.checkpoint is not None
    keys = [vkey(head.origin, key.public) for key in await store.log_keys(workspace)]
    leaves = await store.log_leaves(workspace, 0, limit=1_000_000)
    hashes = [leaf_hash(leaf.encode()) for leaf in leaves]
    found: dict[int, Checkpoint] = {}
    for each in (*notes, head.checkpoint):
        now = checkpoint.parse(each)
        assert opened(each, keys), "none of the log's keys has signed it"
        assert now.origin == head.origin
        assert now.size <= len(hashes), "the log has shrunk"
        assert now.root == root(hashes[: now.size]), f"of {now.size} entries it is another tree"
        assert found.setdefault(now.size, now) == now, f"two trees of {now.size} entries"
    proving = Proving(store)
    sizes = sorted(found)
    for old in sizes:
        for new in sizes:
            if old <= new:
                proof = await proving.consistency(workspace, old, new)
                assert consistent(old, found[old].root, new, found[new].root, proof), (old, new)


async def require_sound(store: Store, workspace: WorkspaceId = WORKSPACE) -> None:
    """Everything in the log is what it has to be."""
    report = await fsck(store, workspace)
    assert report.findings == []
    head = await store.log_head(workspace)
    assert head is not None
    assert head.size == head.sequenced == report.entries
