"""The log never forks and never shrinks: whoever works it, every checkpoint is of one history."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from signoff.audit import checkpoint
from signoff.core.words import WorkspaceId
from signoff.engine.log.exporting import Selection, export
from signoff.engine.log.opening import open_log
from signoff.engine.log.sequencer import Sequencer
from signoff.engine.ports import Store
from tests.engine.asks import WORKSPACE
from tests.logs import (
    NO_SEAL,
    Collected,
    Faulty,
    Logbook,
    logbook,
    require_one_history,
    require_sound,
)
from tests.postgres import temporary_database


class _Rival:
    """A sequencer that stops in the middle of things, and keeps what it has seen published."""

    def __init__(self, store: Store, chance: random.Random) -> None:
        self.kept = Collected()
        self.lost = 0
        self._store = store
        self._chance = chance
        faulty = Faulty(store)
        faulty.around = self._around
        faulty.seen["publish"] = self._counted
        self.sequencer = Sequencer(faulty.as_store, origin="log.test", seal=NO_SEAL)

    async def _around(self, call: str) -> None:
        """Let the others run, for as long as chance has it."""
        for _ in range(self._chance.choice((0, 0, 1, 3, 10))):
            await asyncio.sleep(0)
        if call == "publish":
            await self.kept.look(self._store)

    def _counted(self, moved: bool) -> bool:
        self.lost += not moved
        return moved


async def test_sequencers_of_one_store_never_fork_the_log(database: str) -> None:
    async with logbook(database) as book:
        await _raced(book, [book.store] * 4)


async def test_replicas_never_fork_the_log() -> None:
    async with (
        temporary_database() as database,
        logbook(database) as book,
        logbook(database) as other,
    ):
        await _raced(book, [book.store, other.store])


async def _raced(book: Logbook, stores: Sequence[Store]) -> None:
    """A sequencer on each of these works while there is something to do; what they published."""
    await open_log(book.store, WORKSPACE, origin="log.test", seal=NO_SEAL)
    rivals = [_Rival(store, random.Random(seed)) for seed, store in enumerate(stores)]
    submitting = asyncio.create_task(book.submit(200))

    async def race(rival: _Rival) -> None:
        while not submitting.done():
            await rival.sequencer.flush()
            await asyncio.sleep(0.001)
        await rival.sequencer.flush()

    await asyncio.gather(*(race(rival) for rival in rivals))
    await submitting
    await rivals[0].sequencer.flush()

    assert all(not rival.sequencer.broken for rival in rivals)
    notes = [note for rival in rivals for note in rival.kept.notes]
    assert len(set(notes)) > 5, "there was something to race for"
    assert sum(rival.lost for rival in rivals) > 0, "and somebody lost"
    await require_one_history(book.store, notes)
    await require_sound(book.store)


async def test_the_log_never_shrinks_and_goes_on_from_every_export(
    database: str, tmp_path: Path
) -> None:
    kept = Collected()
    async with logbook(database) as book:
        await book.sequencer.open_logs()
        for round_ in range(12):
            await book.submit(1 + 40 * (round_ % 3))
            await book.sequencer.flush()
            taken = await export(book.store, WORKSPACE, Selection())
            async for _ in taken.chunks():
                pass
            kept.keep(taken.published.note)
        assert kept.sizes == sorted(set(kept.sizes))
        assert len(kept.sizes) == 12
        await require_one_history(book.store, kept.notes)
        older = checkpoint.parse(kept.notes[0])
        head = await book.store.log_head(WORKSPACE)
        assert head is not None
        for size in (older.size, head.size - 1, 0):  # back, by whoever asks
            assert not await book.store.publish(
                WorkspaceId(WORKSPACE),
                expected=head.size,
                size=size,
                checkpoint=kept.notes[0],
                tiles={},
            )
        assert await book.store.log_head(WORKSPACE) == head
