"""Deterministic simulation: one process, a clock of its own, chance from a seed, the real store.

A seed is a story: agents ask, people answer or do not, time passes, servers die and come back,
messages arrive twice, clocks jump. After every step the laws of ``simulated.laws`` are checked; at
the end all faults stop, time runs on, and everything must come to its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from signoff.core.commands import TimerKind
from signoff.core.words import IntentStatus
from signoff.engine.ports import DueTimer, Idempotency, PersonRow
from signoff.engine.timers import fire
from signoff.errors import SignoffError, StoreUnavailable
from signoff.storage.migrate import migrate
from signoff.storage.sqlite.connection import reader
from signoff.testing.clock import ManualClock
from tests.promises.simulated.acts import Acts, Deed
from tests.promises.simulated.cast import HERE, beginning, people, settings
from tests.promises.simulated.faults import Fault
from tests.promises.simulated.laws import LawBroken, Laws
from tests.promises.simulated.machine import OUTAGE_SECONDS, Machine

STEPS = 60
_LONGEST_OUTAGE_MINUTES = 3 * 24 * 60
_PATIENCE = 20.0
"""Real seconds for one story, which takes a tenth of one."""


@dataclass(slots=True)
class Report:
    """What was seen: how many events of each kind, refusals by code, and the seeds that failed."""

    seeds: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: dict[int, str] = field(default_factory=dict)


def simulate(
    seeds: int,
    base_seed: int = 0,
    *,
    report: Callable[[str], None] | None = None,
) -> Report:
    """Play so many seeds from the base on. What breaks a law is in the report, by its seed.

    :param report: told of each failure as it is found, and of the progress now and then.
    """
    return asyncio.run(play(range(base_seed, base_seed + seeds), report=report or _silently))


async def play(seeds: Iterable[int], *, report: Callable[[str], None]) -> Report:
    """Play these seeds, each on a fresh copy of the same empty database."""
    told = Report()
    with tempfile.TemporaryDirectory(prefix="signoff-simulation-", dir=_in_memory()) as name:
        template = Path(name) / "template.db"
        await migrate(f"sqlite:///{template}")
        for seed in seeds:
            story = Story(seed, Path(name) / f"{seed}.db", template)
            try:
                async with asyncio.timeout(_PATIENCE):
                    await story.play()
            except Exception as error:
                told.failed[seed] = f"{type(error).__name__}: {error}\n{story.ending}"
                report(f"seed {seed}: {told.failed[seed]}\n{how_to_repeat(seed)}")
            told.seeds += 1
            told.seen += story.laws.seen
            told.refused += story.refused
            if told.seeds % 100 == 0:
                report(f"{told.seeds} seeds, {len(told.failed)} failed")
    return told


def _in_memory() -> Path | None:
    """Where files are kept in memory, if there is such a place: no story depends on a disk."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else None


def how_to_repeat(seed: int) -> str:
    return f"repeat it with: SIGNOFF_SEED={seed} pytest tests/promises/test_simulation.py"


def _silently(line: str) -> None:
    """For whoever reads the report afterwards."""


class Story:
    """One seed, played on a database file of its own."""

    def __init__(self, seed: int, path: Path, template: Path) -> None:
        self.chance = random.Random(seed)
        self.clock = ManualClock(beginning(self.chance))
        self.machine = Machine(path, self.clock)
        self.refused: Counter[str] = Counter()
        self.laws = Laws(reader(shutil.copyfile(template, path)), HERE)
        self._acts = Acts(self.chance, people(self.chance))
        self._told: list[str] = []
        self._alive_until = self.clock.now()
        self._keys = 0

    @property
    def ending(self) -> str:
        """What was done last before something broke."""
        return "the last steps:\n" + "\n".join(f"  {line}" for line in self._told[-12:])

    async def play(self) -> None:
        """Play the story through.

        :raises LawBroken: a law does not hold, or something never comes to its end.
        """
        try:
            await self.machine.start()
            await self._prepare()
            for _ in range(STEPS):
                await self._step()
                self.laws.check()
            await self._come_to_an_end()
        finally:
            await self.machine.drop()
            self.laws.connection.close()

    async def _prepare(self) -> None:
        store = self.machine.store
        await store.add_workspace(HERE)
        await store.save_settings(HERE, settings(self.chance), by="the story")
        now = self.clock.now()
        rows = [
            PersonRow(workspace=HERE, person=person, time_zone=None, created_at=now)
            for person in self._acts.people
        ]
        await asyncio.gather(*(store.add_person(row) for row in rows))
        await self.machine.recovery.begin()
        for _ in range(self.chance.randint(1, 3)):
            await self._submit()

    # One step

    async def _step(self) -> None:
        steps: tuple[tuple[int, Callable[[], Awaitable[None]]], ...] = (
            (4, self._submit),
            (16, self._answer),
            (14, self._do_something),
            (4, self._work),
            (6, self._change_somebody),
            (30, self._let_time_pass),
            (4, self._fire_what_is_not_due),
            (4, self._answer_at_the_last_moment),
            (5, self._go_down),
            (3, self._clock_jumps),
        )
        weights, deeds = zip(*steps, strict=True)
        await self.chance.choices(deeds, weights)[0]()

    async def _submit(self) -> None:
        if len(self.laws.live) < 6:
            await self._do(self._acts.submission(self.clock.now()))

    async def _answer(self) -> None:
        if waiting := self.laws.live:
            intent, task = self.chance.choice(waiting)
            await self._do(self._acts.answer(intent, task))

    async def _do_something(self) -> None:
        if waiting := self.laws.live:
            intent, task = self.chance.choice(waiting)
            await self._do(self._acts.about(intent, task, self.clock.now()))

    async def _work(self) -> None:
        at_work = [i for i in self.laws.intents.values() if i.handled and not i.terminal]
        if at_work:
            intent = self.chance.choice(at_work)
            await self._do(self._acts.about_intent(intent, self.clock.now()))

    async def _change_somebody(self) -> None:
        person = self._acts.changed(self.clock.now())
        self._tell(f"{person.email} is changed")
        row = PersonRow(workspace=HERE, person=person, time_zone=None, created_at=self.clock.now())
        await self.machine.store.update_person(row)

    async def _do(self, deed: Deed) -> None:
        """Send a command; now and then twice, and now and then the store fails under it."""
        self._keys += 1
        once = Idempotency(scope="story", key=str(self._keys), fingerprint=str(self._keys))
        fault = self.chance.choice(tuple(Fault)) if self.chance.random() < 0.06 else None
        twice = self.chance.random() < 0.15
        self._tell(f"{deed.command}{' twice' if twice else ''}{f' ({fault})' if fault else ''}")
        if fault is not None:
            self.machine.faulty.next = fault
            await self._send(deed, once)
        if twice:
            await asyncio.gather(self._send(deed, once), self._send(deed, once))
        elif fault is None or self.chance.random() < 0.8:
            await self._send(deed, once)

    async def _send(self, deed: Deed, once: Idempotency) -> None:
        try:
            await self.machine.door.execute(HERE, deed.command, deed.intent_id, idempotency=once)
        except StoreUnavailable:
            self.refused["store_unavailable"] += 1
        except SignoffError as error:
            self.refused[f"{type(deed.command).__name__} {error.code}"] += 1

    # Time

    async def _let_time_pass(self) -> None:
        """Some time, or just until something is due; now and then nobody looks at the timers."""
        next_at = await self.machine.store.next_timer()
        if next_at is not None and self.chance.random() < 0.6:
            await self._pass_until(next_at + timedelta(microseconds=self.chance.choice((-1, 0, 1))))
        else:
            some = timedelta(minutes=self.chance.expovariate(1 / 300))
            await self._pass_until(self.clock.now() + some)
        if self.chance.random() < 0.8:
            await self.machine.tick()

    async def _pass_until(self, moment: datetime) -> None:
        """Let time pass, if it has not: the server is alive, whether or not it fires anything."""
        now = self.clock.set(max(self.clock.now(), moment))
        self._alive_until = max(self._alive_until, now)
        await self.machine.live_on()
        self._tell(f"it is {self.clock.now()}")

    async def _answer_at_the_last_moment(self) -> None:
        """Or at the first that is too late: no timer has come round to closing the task."""
        if waiting := self.laws.live:
            intent, task = self.chance.choice(waiting)
            await self._pass_until(task.due_at - timedelta(microseconds=self.chance.choice((0, 1))))
            await self._do(self._acts.answer(intent, task))

    async def _fire_what_is_not_due(self) -> None:
        """A timer is delivered early, late, or twice: it is the rules that know the time."""
        if not (waiting := self.laws.live):
            return
        intent, task = self.chance.choice(waiting)
        if self.chance.random() < 0.5 and task.next_rung_at is not None:
            almost = task.next_rung_at - timedelta(seconds=self.chance.choice((1e-6, 1, 60)))
            await self._pass_until(almost)
        timer = DueTimer(
            workspace=HERE,
            intent_id=intent.id,
            task_id=task.id,
            kind=TimerKind.RUNG,
            due_at=self.clock.now(),
        )
        self._tell(f"the timer of {task.id} comes twice")
        await asyncio.gather(*(fire(self.machine.door, timer) for _ in range(2)))

    async def _clock_jumps(self) -> None:
        """The machine's clock is set: nobody was down, but it may look as if it had slept."""
        by = timedelta(minutes=self.chance.uniform(-180, 180))
        self.clock.set(self.clock.now() + by)
        now = self.clock.now()
        self.laws.outages = [(start, min(end, now)) for start, end in self.laws.outages]
        self._tell(f"the clock jumps by {by}")
        if self.chance.random() < 0.5:
            self._alive_until = max(self._alive_until, self.clock.now())
            await self.machine.recovery.begin()
        await self.machine.tick()

    async def _go_down(self) -> None:
        """The server dies, perhaps between claiming timers and firing them, and comes back."""
        await self.machine.live_on()
        if self.chance.random() < 0.3:
            claimed = await self.machine.claim()
            fired = claimed[: self.chance.randint(0, len(claimed))]
            await asyncio.gather(*(fire(self.machine.door, timer) for timer in fired))
        await self.machine.drop()
        minutes = self.chance.uniform(0, _LONGEST_OUTAGE_MINUTES)
        self._nobody_runs(timedelta(minutes=minutes / self.chance.choice((1, 20))))
        await self.machine.start()
        if self.chance.random() < 0.2:  # it dies once more, right in its recovery
            self.machine.faulty.next = self.chance.choice(tuple(Fault))
            with contextlib.suppress(StoreUnavailable, TimeoutError):
                async with asyncio.timeout(0.05):  # it would wait for leases of its own
                    await self.machine.recovery.begin()
            self.laws.check()
            await self.machine.drop()
            self._nobody_runs(timedelta(seconds=self.chance.uniform(6, 90)))
            await self.machine.start()
        await self.machine.recovery.begin()

    def _nobody_runs(self, length: timedelta) -> None:
        """No beat is taken back: of a clock that was set back, the latest moment counts."""
        down_from = max(self._alive_until, self.clock.now())
        now = self.clock.advance(length)
        self._alive_until = max(self._alive_until, now)
        self._tell(f"nobody runs for {length}, until {now}")
        if now - down_from > timedelta(seconds=OUTAGE_SECONDS):
            self.laws.outages.append((down_from, now))

    # The end

    async def _come_to_an_end(self) -> None:
        """Law 13: once faults stop, everything converges."""
        for _ in range(1_000):
            next_at = await self.machine.store.next_timer()
            if next_at is not None:
                self.clock.set(max(self.clock.now(), next_at))
            elif not await self._armed():
                break
            else:
                self.clock.advance(timedelta(seconds=6))  # the lease of one that died
            await self.machine.live_on()
            await self.machine.tick()
            self.laws.check()
        if live := [task.id for _, task in self.laws.live]:
            raise LawBroken(f"these tasks never end: {live}")
        if armed := await self._armed():
            raise LawBroken(f"{armed} timers are left when nothing waits any more")
        waiting = [i.id for i in self.laws.intents.values() if i.status is IntentStatus.WAITING]
        if waiting:
            raise LawBroken(f"these intents wait for nothing: {waiting}")
        await self._empty_the_outbox()

    async def _armed(self) -> int:
        (count,) = self.laws.connection.execute("select count(*) from timer").fetchone() or (0,)
        return int(str(count))

    async def _empty_the_outbox(self) -> None:
        await self.machine.tell()
        await self.machine.agents_read(HERE, list(self.laws.books))
        left = await self.machine.store.depths()
        if left.live_tasks or left.notices_due or left.resumes_due:
            raise LawBroken(f"this is left: {left}")

    def _tell(self, line: str) -> None:
        self._told.append(line)
