"""Every notice is sent or visibly failed, and then the next channel is tried."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from signoff.core import commands as c
from signoff.core.plan import NoticeReason
from signoff.core.preferences import Channel, Digest, Preferences, QuietHours
from signoff.core.routing import Person, Selector
from signoff.core.words import PersonId, TaskId, WorkspaceId
from signoff.engine.addressing import Addressing
from signoff.engine.breaker import ENOUGH
from signoff.engine.channels import Became, Later, Letter, Refused, Sender, Sent, address_digest
from signoff.engine.execute import Door
from signoff.engine.log.keys import Seal
from signoff.engine.log.opening import open_log
from signoff.engine.log.ports import Rewrite
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.outbox import Notices
from signoff.engine.ports import PersonRow, Store
from signoff.engine.sending import RETRIES, Sending
from signoff.storage import connect
from signoff.storage.migrate import migrate
from signoff.testing.clock import START, ManualClock
from tests.engine.asks import JONAS, MARIA, WORKSPACE, answer, request, submission

TO_MARIA = {"assignee": MARIA.email}
LEASE = 5.0
BERLIN = ZoneInfo("Europe/Berlin")
NOTHING = Rewrite()


class Post:
    """A channel that keeps what it is given, and does with it what the test says."""

    at_once = 4

    def __init__(self, channel: Channel, does: Callable[[Letter], Became] | None = None) -> None:
        self.channel = channel
        self.letters: list[Letter] = []
        self.does = does or (lambda letter: Sent(provider_id=f"<{letter.id}>"))
        self.reached: Collection[PersonId] | None = None
        self.rooms: Sequence[str] = ()

    async def reaches(
        self, workspace: WorkspaceId, people: Sequence[Person]
    ) -> Collection[PersonId]:
        return {each.id for each in people if self.reached is None or each.id in self.reached}

    async def places(self, workspace: WorkspaceId, to: Sequence[Selector]) -> Sequence[str]:
        return self.rooms

    def endpoint(self, letter: Letter) -> str:
        return letter.reader.person.email if letter.reader else "room"

    async def send(self, letter: Letter) -> Became:
        self.letters.append(letter)
        return self.does(letter)

    @property
    def tried(self) -> list[str]:
        return [letter.id for letter in self.letters]


@dataclass(kw_only=True)
class Scene:
    store: Store
    door: Door
    clock: ManualClock
    posts: Sequence[Post]
    heard: list[Notice] = field(default_factory=list)

    @property
    def addressing(self) -> Addressing:
        return Addressing(self.store, self.posts)

    def loop_of(self, post: Sender) -> Sending:
        return Sending(
            self.store,
            post,
            self.addressing,
            poll_seconds=60,
            lease_seconds=LEASE,
            heard=self.heard.extend,
        )

    async def ask(self, **fields: object) -> TaskId:
        done = await self.door.execute(WORKSPACE, submission(task=request(**fields)))
        assert done.task is not None
        return done.task.id

    async def address(self) -> None:
        """Carry out the duties to tell people."""
        await Notices(self.store, self.addressing, poll_seconds=60, lease_seconds=LEASE).flush()

    async def send(self) -> None:
        """Address, and send what is due now, over every channel, until nothing more is due."""
        await self.address()
        for _ in self.posts:
            for post in self.posts:
                await self.loop_of(post).flush()

    async def became(self, task_id: TaskId) -> dict[str, str]:
        """What became of the notices beside those in the inbox, by channel; of one person."""
        notices = await self.store.notices(WORKSPACE, task_id)
        return {each.channel: each.state for each in notices if each.channel != Channel.INBOX}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@asynccontextmanager
async def _scene(path: Path, clock: ManualClock, *posts: Post) -> AsyncIterator[Scene]:
    database = f"sqlite:///{path / 'signoff.db'}"
    await migrate(database)
    store = connect(database, clock=clock)
    await store.open()
    await store.add_workspace(WORKSPACE)
    await open_log(store, WORKSPACE, origin="", seal=Seal(""))
    for person in (MARIA, JONAS):
        row = PersonRow(
            workspace=WORKSPACE, person=person, time_zone="Europe/Berlin", created_at=START
        )
        await store.add_person(row)
    door = Door(store, after_commit=lambda changes: None)
    try:
        async with door.open():
            yield Scene(store=store, door=door, clock=clock, posts=posts)
    finally:
        await store.close()


async def test_everybody_asked_is_told_once_over_their_first_channel(
    tmp_path: Path, clock: ManualClock
) -> None:
    slack, mail = Post(Channel.SLACK), Post(Channel.EMAIL)
    slack.reached = {MARIA.id}
    async with _scene(tmp_path, clock, slack, mail) as scene:
        await scene.ask()
        await scene.send()
        await scene.send()

    assert [each.reader.person.name for each in slack.letters if each.reader] == ["Maria"]
    assert [each.reader.person.name for each in mail.letters if each.reader] == ["Jonas"]


async def test_what_was_sent_is_on_record_and_in_the_log(
    tmp_path: Path, clock: ManualClock
) -> None:
    went = address_digest(WORKSPACE, MARIA.email)
    mail = Post(Channel.EMAIL, lambda letter: Sent(provider_id="<1@acme.test>", address=went))
    async with _scene(tmp_path, clock, mail) as scene:
        task_id = await scene.ask(**TO_MARIA)
        await scene.send()

        (notice,) = [
            each
            for each in await scene.store.notices(WORKSPACE, task_id)
            if each.channel == Channel.EMAIL
        ]
        assert (notice.state, notice.attempts) == (NoticeState.SENT, 1)
        assert (notice.provider_id, notice.address) == ("<1@acme.test>", went)
        intent_id = notice.intent_id
        entries = await scene.store.log_entries_of(WORKSPACE, intent_id)
        told = [each.leaf for each in entries if each.type == "notice.sent"]
        assert any('"channel":"email"' in leaf and went in leaf for leaf in told)
        assert MARIA.email not in "".join(told)


async def test_what_cannot_be_sent_is_tried_again_and_then_the_next_channel_is(
    tmp_path: Path, clock: ManualClock
) -> None:
    slack = Post(Channel.SLACK, lambda letter: Later(detail="it says 503"))
    mail = Post(Channel.EMAIL)
    async with _scene(tmp_path, clock, slack, mail) as scene:
        task_id = await scene.ask(**TO_MARIA)
        await scene.send()
        assert await scene.became(task_id) == {"slack": "due"}
        for pause in RETRIES:
            clock.advance(timedelta(seconds=pause - 1))
            await scene.send()
            before = len(slack.letters)
            clock.advance(timedelta(seconds=1))
            await scene.send()
            assert len(slack.letters) == before + 1

        assert await scene.became(task_id) == {"slack": "failed", "email": "sent"}
        assert len(slack.letters) == len(RETRIES) + 1
        assert len({*slack.tried}) == 1
        details = [each.detail for each in scene.heard if each.state is NoticeState.FAILED]
        assert details == ["it says 503; given up after 5 attempts"]


async def test_what_is_refused_goes_to_the_next_channel_at_once_and_visibly_fails_at_the_end(
    tmp_path: Path, clock: ManualClock
) -> None:
    slack = Post(Channel.SLACK, lambda letter: Refused(detail="no such user"))
    mail = Post(Channel.EMAIL, lambda letter: Refused(detail="no such mailbox"))
    async with _scene(tmp_path, clock, slack, mail) as scene:
        task_id = await scene.ask(**TO_MARIA)
        await scene.send()

        assert await scene.became(task_id) == {"slack": "failed", "email": "failed"}
        notices = await scene.store.notices(WORKSPACE, task_id)
        entries = await scene.store.log_entries_of(WORKSPACE, notices[0].intent_id)
        assert [each.type for each in entries].count("notice.failed") == 2


async def test_an_error_of_a_channel_is_an_attempt_that_failed_not_the_end_of_the_loop(
    tmp_path: Path, clock: ManualClock
) -> None:
    def breaks(letter: Letter) -> Became:
        raise RuntimeError("a defect")

    mail = Post(Channel.EMAIL, breaks)
    async with _scene(tmp_path, clock, mail) as scene:
        task_id = await scene.ask(**TO_MARIA)
        await scene.send()
        assert await scene.became(task_id) == {"email": "due"}

        mail.does = lambda letter: Sent()
        clock.advance(timedelta(seconds=RETRIES[0]))
        await scene.send()
        assert await scene.became(task_id) == {"email": "sent"}


async def test_nobody_is_asked_over_a_channel_about_what_has_closed(
    tmp_path: Path, clock: ManualClock
) -> None:
    mail = Post(Channel.EMAIL)
    async with _scene(tmp_path, clock, mail) as scene:
        task_id = await scene.ask(**TO_MARIA, watchers=[JONAS.email])
        await scene.address()
        await scene.door.execute(WORKSPACE, answer(task_id))
        await scene.send()

        reasons = Counter(letter.items[0].notice.reason for letter in mail.letters)
        assert reasons == {NoticeReason.DECIDED: 1}
        skipped = [each for each in scene.heard if each.state is NoticeState.SKIPPED]
        assert [each.detail for each in skipped] == ["the task closed before"]


async def test_a_person_disabled_meanwhile_is_not_told(tmp_path: Path, clock: ManualClock) -> None:
    mail = Post(Channel.EMAIL)
    async with _scene(tmp_path, clock, mail) as scene:
        task_id = await scene.ask(**TO_MARIA)
        await scene.address()
        row = await scene.store.person(WORKSPACE, MARIA.id)
        assert row is not None
        await scene.store.rewrite_person(WORKSPACE, MARIA.id, lambda facts, now: NOTHING)
        await scene.send()

        assert await scene.became(task_id) == {"email": "skipped"}
        assert mail.letters == []


async def test_quiet_hours_hold_a_notice_back_until_they_end(
    tmp_path: Path, clock: ManualClock
) -> None:
    mail = Post(Channel.EMAIL)
    async with _scene(tmp_path, clock, mail) as scene:
        berlin = clock.now().astimezone(BERLIN)
        quiet = QuietHours(start=berlin.time(), end=(berlin + timedelta(hours=3)).time())
        await scene.store.save_preferences(WORKSPACE, MARIA.id, Preferences(quiet=quiet))
        task_id = await scene.ask(**TO_MARIA)
        await scene.send()
        assert await scene.became(task_id) == {"email": "due"}
        clock.advance(timedelta(hours=3))
        await scene.send()
        assert await scene.became(task_id) == {"email": "sent"}


async def test_a_digest_is_one_letter_with_one_id_and_only_of_one_person(
    tmp_path: Path, clock: ManualClock
) -> None:
    mail = Post(Channel.EMAIL)
    async with _scene(tmp_path, clock, mail) as scene:
        hourly = Preferences(digest=Digest.HOURLY)
        for person in (MARIA, JONAS):
            await scene.store.save_preferences(WORKSPACE, person.id, hourly)
        tasks = [await scene.ask(risk="low") for _ in range(5)]
        urgent = await scene.ask(risk="high", **TO_MARIA)
        await scene.send()
        assert [letter.items[0].found.task.id for letter in mail.letters] == [urgent]
        clock.advance(timedelta(hours=1))
        await scene.send()

        digests = [letter for letter in mail.letters if letter.digest]
        assert {each.reader.person.name for each in digests if each.reader} == {"Maria", "Jonas"}
        assert [sorted(item.found.task.id for item in each.items) for each in digests] == [
            sorted(tasks)
        ] * 2
        assert len({each.id for each in digests}) == 2


async def test_a_process_that_dies_after_sending_sends_once_more_under_the_same_id(
    tmp_path: Path, clock: ManualClock
) -> None:
    mail = Post(Channel.EMAIL)
    async with _scene(tmp_path, clock, mail) as scene:
        task_id = await scene.ask(**TO_MARIA)
        await scene.address()
        (claimed,) = await scene.store.claim_notices("email", limit=9, lease_seconds=LEASE)
        assert claimed.task_id == task_id  # and died, having sent it or not
        await scene.send()
        assert mail.letters == []
        clock.advance(timedelta(seconds=LEASE))
        await scene.send()

        assert mail.tried == [claimed.id]
        assert await scene.became(task_id) == {"email": "sent"}


async def test_carrying_out_a_duty_twice_tells_nobody_twice(
    tmp_path: Path, clock: ManualClock
) -> None:
    mail = Post(Channel.EMAIL)
    async with _scene(tmp_path, clock, mail) as scene:
        await scene.ask(**TO_MARIA)
        first = Notices(scene.store, scene.addressing, poll_seconds=60, lease_seconds=0)
        await first.flush()
        await scene.send()
        await first.flush()
        await scene.send()

        assert len(mail.letters) == 1


async def test_a_place_that_several_people_read_is_told_beside_them(
    tmp_path: Path, clock: ManualClock
) -> None:
    slack = Post(Channel.SLACK)
    slack.reached, slack.rooms = (), ("C042",)
    async with _scene(tmp_path, clock, slack) as scene:
        task_id = await scene.ask()
        await scene.send()

        (letter,) = slack.letters
        assert letter.reader is None
        assert letter.items[0].notice.place == "C042"
        notices = await scene.store.notices(WORKSPACE, task_id)
        assert [each.person_id for each in notices if each.channel == "slack"] == [None]


async def test_an_endpoint_that_does_not_answer_holds_up_nobody_else(
    tmp_path: Path, clock: ManualClock
) -> None:
    hangs = asyncio.Event()

    class Stuck(Post):
        async def send(self, letter: Letter) -> Became:
            self.letters.append(letter)
            if self.endpoint(letter) == MARIA.email:
                await hangs.wait()
            return Sent()

    mail = Stuck(Channel.EMAIL)
    async with _scene(tmp_path, clock, mail) as scene:
        loop = Sending(scene.store, mail, scene.addressing, poll_seconds=60, lease_seconds=0.4)
        for _ in range(ENOUGH):
            await scene.ask(**TO_MARIA)
            await scene.address()
            await loop.flush()
        stuck = len(mail.letters)
        for _ in range(20):
            await scene.ask(**TO_MARIA)
        after = await scene.ask(assignee=JONAS.email)
        await scene.address()
        await loop.flush()

        assert len(mail.letters) == stuck + 1  # Maria's was not even tried
        assert await scene.became(after) == {"email": "sent"}


async def test_a_claim_on_another_task_does_not_wait_for_a_slow_channel(
    tmp_path: Path, clock: ManualClock
) -> None:
    """Telling is beside the door: while a channel hangs, people answer."""
    hangs = asyncio.Event()

    class Stuck(Post):
        async def send(self, letter: Letter) -> Became:
            await hangs.wait()
            return Sent()

    mail = Stuck(Channel.EMAIL)
    async with _scene(tmp_path, clock, mail) as scene:
        task_id = await scene.ask(**TO_MARIA)
        await scene.address()
        sending = asyncio.create_task(scene.loop_of(mail).flush())
        await asyncio.sleep(0)
        done = await scene.door.execute(WORKSPACE, c.ClaimTask(actor=MARIA.actor, task_id=task_id))
        assert done.task is not None
        hangs.set()
        await sending
