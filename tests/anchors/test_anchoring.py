"""Each anchor is asked in time, and one that fails or hangs holds up nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from signoff.anchors.mail import MailAnchor
from signoff.anchors.timestamp import TimestampAnchor
from signoff.anchors.witness import WitnessAnchor
from signoff.audit import note
from signoff.core.words import WorkspaceId
from signoff.engine.log.anchoring import Anchor, Anchoring, Point
from signoff.engine.log.ports import Anchored, LogHead, LogKey
from signoff.engine.ports import Store
from signoff.errors import Broken
from signoff.smtp import mail_server
from signoff.storage import connect
from signoff.storage.migrate import migrate
from signoff.testing import ManualClock
from tests.anchors.logs import ORIGIN, WORKSPACE, WrittenLog
from tests.anchors.serving import listening, silent

HOUR = 3600.0


class Told:
    """An anchor that takes what it is given, unless it is told otherwise."""

    def __init__(
        self, name: str = "told", *, kind: str = "file", every_seconds: float | None = None
    ) -> None:
        self.name = name
        self.kind = kind
        self.every_seconds = every_seconds
        self.points: list[Point] = []
        self.raises: Exception | None = None
        self.hangs = False

    @property
    def sizes(self) -> list[int]:
        return [point.size for point in self.points]

    async def anchor(self, point: Point) -> str:
        self.points.append(point)
        if self.hangs:
            await asyncio.Event().wait()
        if self.raises:
            raise self.raises
        return "taken"


class World:
    """A store whose log a test writes."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.store = store
        self.clock = clock
        self.log = WrittenLog(0)

    async def open(self, workspace: WorkspaceId = WORKSPACE) -> None:
        await self.store.add_workspace(workspace)
        now = self.clock.now()
        head = LogHead(
            workspace=workspace,
            origin=ORIGIN,
            sequenced=1000,
            size=0,
            checkpoint=None,
            published_at=None,
        )
        key = LogKey(workspace=workspace, generation=1, secret=b"", public=b"", made_at=now)
        await self.store.open_log(head, key, [])

    async def publish(self, by: int, workspace: WorkspaceId = WORKSPACE) -> None:
        head = await self.store.log_head(workspace)
        assert head is not None
        self.log.grow(by)
        assert await self.store.publish(
            workspace,
            expected=head.size,
            size=head.size + by,
            checkpoint=self.log.checkpoint,
            tiles={},
        )

    def anchoring(self, *anchors: Anchor, longest_seconds: float = 30.0) -> Anchoring:
        return Anchoring(
            self.store, self.log, anchors, seconds=HOUR, longest_seconds=longest_seconds
        )

    async def rows(self) -> list[Anchored]:
        return list(await self.store.anchors(WORKSPACE))

    def later(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    address = f"sqlite:///{tmp_path / 'signoff.db'}"
    await migrate(address)
    clock = ManualClock()
    store = connect(address, clock=clock)
    await store.open()
    try:
        world = World(store, clock)
        await world.open()
        yield world
    finally:
        await store.close()


async def test_what_it_came_to_is_on_record(world: World) -> None:
    anchor = Told()
    await world.publish(3)
    await world.anchoring(anchor).round()
    (row,) = await world.rows()
    assert (row.kind, row.name, row.size, row.evidence, row.detail) == (
        "file",
        "told",
        3,
        "taken",
        None,
    )
    assert row.checkpoint == world.log.checkpoint == anchor.points[0].checkpoint
    assert row.at == world.clock.now()


async def test_a_log_that_has_not_grown_is_given_to_nobody_again(world: World) -> None:
    anchor = Told()
    anchoring = world.anchoring(anchor)
    await world.publish(3)
    for _ in range(5):
        await anchoring.round()
        world.later(2 * HOUR)
    assert anchor.sizes == [3]
    assert len(await world.rows()) == 1


async def test_a_checkpoint_signed_anew_over_the_same_entries_is_nothing_new(world: World) -> None:
    anchor = Told()
    anchoring = world.anchoring(anchor)
    await world.publish(3)
    await anchoring.round()
    world.log.add_key()
    await world.publish(0)
    world.later(2 * HOUR)
    await anchoring.round()
    assert anchor.sizes == [3]


async def test_a_log_that_grows_all_the_time_is_given_once_in_the_time_set(world: World) -> None:
    anchor = Told()
    anchoring = world.anchoring(anchor)
    for _ in range(9):
        await world.publish(1)
        await anchoring.round()
        world.later(HOUR / 4)
    assert anchor.sizes == [1, 5, 9]


async def test_before_anything_is_published_there_is_nothing_to_give(world: World) -> None:
    anchor = Told()
    await world.store.add_workspace(WorkspaceId("acme/without-log"))
    await world.anchoring(anchor).round()
    assert anchor.points == []


async def test_a_failure_is_on_record_and_tried_again(world: World) -> None:
    anchor = Told()
    anchoring = world.anchoring(anchor)
    await world.publish(3)
    anchor.raises = Broken("the tape is full")
    await anchoring.round()
    (row,) = await world.rows()
    assert (row.evidence, row.detail) == (None, "the tape is full")
    await anchoring.round()
    assert len(anchor.points) == 1, "at once again would be a storm"
    anchor.raises = None
    world.later(HOUR)
    await anchoring.round()
    newest, _ = await world.rows()
    assert newest.evidence == "taken"


async def test_a_daily_anchor_that_failed_is_not_left_for_a_day(world: World) -> None:
    anchor = Told(every_seconds=24 * HOUR)
    anchoring = world.anchoring(anchor)
    anchor.raises = Broken("no")
    await world.publish(1)
    await anchoring.round()
    anchor.raises = None
    for _ in range(50):
        world.later(HOUR)
        await world.publish(1)
        await anchoring.round()
    # The failure, the next hour, and then once a day.
    assert anchor.sizes == [1, 2, 26, 50]


async def test_what_another_library_raises_is_on_record_without_its_text(world: World) -> None:
    anchor = Told()
    anchor.raises = ValueError("smtp://user:s3cret@host")
    await world.publish(1)
    await world.anchoring(anchor).round()
    (row,) = await world.rows()
    assert row.detail == "an unexpected ValueError; the server's log has more"


async def test_one_that_hangs_is_a_failure_and_holds_up_nobody_else(world: World) -> None:
    hanging, other = Told("hanging"), Told("other")
    hanging.hangs = True
    await world.publish(1)
    await world.anchoring(hanging, other, longest_seconds=0.05).round()
    details = {row.name: row.detail for row in await world.rows()}
    assert details == {"hanging": "it took longer than 0.05 seconds", "other": None}


async def test_whoever_takes_a_call_and_says_nothing_is_a_failure_in_bounded_time(
    world: World,
) -> None:
    await world.publish(1)
    async with listening(silent) as port:
        url = f"http://127.0.0.1:{port}"
        mail = mail_server(f"smtp://127.0.0.1:{port}")
        anchors: list[Anchor] = [
            MailAnchor(mail, "auditor@acme.test", every_seconds=HOUR),
            TimestampAnchor(url),
            WitnessAnchor(note.cosigner_vkey("w.test/1", bytes(32)), url),
        ]
        async with asyncio.timeout(30):
            await world.anchoring(*anchors, longest_seconds=0.3).round()
    rows = await world.rows()
    assert sorted(row.kind for row in rows) == ["mail", "timestamp", "witness"]
    assert {row.detail for row in rows} == {"it took longer than 0.3 seconds"}


async def test_others_are_served_while_one_hangs(world: World) -> None:
    hanging, other = Told("hanging"), Told("other", kind="git")
    hanging.hangs = True
    await world.publish(1)
    running = asyncio.create_task(world.anchoring(hanging, other).run())
    async with asyncio.timeout(30):
        while not await world.rows():
            await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [row.name for row in await world.rows()] == ["other"]


async def test_one_that_hangs_comes_to_every_workspace_in_turn(world: World) -> None:
    second = WorkspaceId("acme/second")
    await world.open(second)
    await world.publish(1)
    await world.publish(1, second)
    hanging = Told()
    hanging.hangs = True
    anchoring = world.anchoring(hanging, longest_seconds=0.02)
    await anchoring.round()
    await anchoring.round()
    assert {point.workspace for point in hanging.points} == {WORKSPACE, second}


async def test_witnesses_are_asked_about_one_and_the_same_checkpoint(world: World) -> None:
    """Each in its own time, and no two of them would ever cosign the same."""
    one, two = Told("one", kind="witness"), Told("two", kind="witness")
    await world.publish(1)
    await world.anchoring(one).round()
    world.later(HOUR / 2)
    both = world.anchoring(one, two)
    for _ in range(4):
        await world.publish(1)
        await both.round()
        world.later(HOUR / 2)
    assert one.sizes == [1, 2, 4]
    assert two.sizes == [2, 4]


async def test_one_that_hangs_leaves_the_others_to_every_workspace(world: World) -> None:
    second = WorkspaceId("acme/second")
    await world.open(second)
    await world.publish(1)
    await world.publish(1, second)
    hanging, other = Told("hanging", kind="witness"), Told("other", kind="witness")
    hanging.hangs = True
    anchoring = world.anchoring(hanging, other, longest_seconds=0.02)
    await anchoring.round()
    assert {point.workspace for point in other.points} == {WORKSPACE, second}
    assert len(hanging.points) == 1
    await anchoring.round()
    assert {point.workspace for point in hanging.points} == {WORKSPACE, second}
    assert len(other.points) == 2


async def test_after_a_restart_it_goes_on_where_it_was(world: World) -> None:
    await world.publish(3)
    await world.anchoring(Told()).round()
    again = Told()
    await world.anchoring(again).round()
    await world.publish(2)
    await world.anchoring(again).round()
    assert again.points == [], "neither what is anchored, nor before its time"
    world.later(HOUR)
    await world.anchoring(again).round()
    (point,) = again.points
    assert point.last is not None
    assert (point.last.size, point.last.evidence) == (3, "taken")
    assert await point.consistency(3) == await world.log.proof(3)


async def test_two_replicas_take_turns(world: World) -> None:
    one, two = Told(), Told()
    first, second = world.anchoring(one), world.anchoring(two)
    for _ in range(4):
        await world.publish(1)
        await first.round()
        await second.round()
        world.later(HOUR)
    assert one.sizes == [1, 2, 3, 4]
    assert two.sizes == []


async def test_the_age_is_how_long_an_anchor_has_been_behind(world: World) -> None:
    anchor = Told()
    anchoring = world.anchoring(anchor)
    await world.publish(1)
    await anchoring.round()
    world.later(10 * HOUR)
    await anchoring.round()
    assert anchoring.ages(world.clock.now()) == {"file": 0.0}, "a quiet log is not behind"
    anchor.raises = Broken("no")
    await world.publish(1)
    await anchoring.round()
    world.later(HOUR)
    await anchoring.round()
    world.later(HOUR)
    assert anchoring.ages(world.clock.now()) == {"file": 2 * HOUR}
    anchor.raises = None
    await anchoring.round()
    assert anchoring.ages(world.clock.now()) == {"file": 0.0}


async def test_without_anchors_there_is_nothing_to_do(world: World) -> None:
    await world.anchoring().run()
