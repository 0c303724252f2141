"""Other chats are told by a link, in words no chat takes for a mention or for markup."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from signoff.channels.chat.sender import ChatSender, tamed
from signoff.channels.chat.targets import read_targets
from signoff.core.preferences import Channel, Digest, Preferences
from signoff.engine.addressing import Addressing
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.outbox import Notices
from signoff.engine.sending import Sending
from signoff.errors import InvalidInput
from tests.anchors.serving import served
from tests.inbox.world import HERE, World

MGR = "mgr@acme.test"


@dataclass
class Mattermost:
    """Takes what its webhooks take: https://developers.mattermost.com/integrate/webhooks/incoming/."""

    url: str = ""
    status: int = 200
    posts: list[tuple[str, str]] = field(default_factory=list)

    async def hook(self, request: Request) -> Response:
        said: dict[str, Any] = json.loads(await request.body())
        self.posts.append((request.path_params["key"], said["text"]))
        return PlainTextResponse("ok", status_code=self.status)


@asynccontextmanager
async def mattermost() -> AsyncIterator[Mattermost]:
    chat = Mattermost()
    app = Starlette(routes=[Route("/hooks/{key:str}", chat.hook, methods=["POST"])])
    async with served(app) as address:
        chat.url = address.replace("http://", "mmost://")
        yield chat


@pytest.fixture
async def chat() -> AsyncIterator[Mattermost]:
    async with mattermost() as opened:
        yield opened


async def send(world: World, chat: Mattermost, folder: Path) -> list[Notice]:
    """Tell whatever is due in chats, and say what became of it."""
    file = folder / "chats"
    file.write_text(f"# who  where\n\n{MGR}  {chat.url}/hers\nrole:manager {chat.url}/managers\n")
    store, address = world.services.store, world.services.settings.address
    sender = ChatSender(read_targets(file), address)
    addressing = Addressing(store, [sender])
    await Notices(store, addressing, poll_seconds=60, lease_seconds=30).flush()
    await Sending(store, sender, addressing, poll_seconds=60, lease_seconds=30).flush()
    found = [await store.notices(HERE, task.id) for task in [await world.task(f"task_{1:032x}")]]
    return [each for each in found[0] if each.channel == Channel.CHAT]


async def test_a_person_is_told_what_it_is_about_and_where_to_decide(
    world: World, chat: Mattermost, tmp_path: Path
) -> None:
    task_id = await world.ask(title="Refund 240 EUR?", risk="high")
    (notice,) = await send(world, chat, tmp_path)

    ((key, text),) = chat.posts
    assert key == "hers"
    assert "[High risk] Approval: Refund 240 EUR?" in text
    assert "You are asked to decide. refunds asks." in text
    assert text.rstrip().endswith(f"http://inbox.test/inbox/tasks/{task_id}")
    assert notice.state is NoticeState.SENT
    assert "mmost" not in str(notice)


async def test_a_room_is_told_of_what_goes_to_its_role(
    world: World, chat: Mattermost, tmp_path: Path
) -> None:
    await world.ask(assignee="role:manager")
    notices = await send(world, chat, tmp_path)

    assert sorted(key for key, _ in chat.posts) == ["hers", "managers"]
    assert [each.place for each in notices if each.person_id is None] == ["role:manager"]


async def test_nothing_an_agent_writes_is_a_mention_a_link_or_markup(
    world: World, chat: Mattermost, tmp_path: Path
) -> None:
    await world.ask(title="@everyone <!channel> [pay](https://evil.example) `x` **b** \u202eabc")
    await send(world, chat, tmp_path)

    ((_, text),) = chat.posts
    agents, _, ours = text.rpartition("http://inbox.test/")
    assert ours.startswith("inbox/tasks/")
    assert not set("@<>[]`*\u202e") & set(agents)
    assert "://" not in agents
    assert "＠everyone" in agents


async def test_a_digest_is_one_message(world: World, chat: Mattermost, tmp_path: Path) -> None:
    mgr = world.people[MGR].person.id
    await world.services.store.save_preferences(HERE, mgr, Preferences(digest=Digest.HOURLY))
    for number in range(12):
        await world.ask(title=f"Refund {number}")
    await send(world, chat, tmp_path)
    assert chat.posts == []
    world.clock.advance(timedelta(hours=1))
    await send(world, chat, tmp_path)

    ((_, text),) = chat.posts
    assert "Signoff: 12 tasks" in text
    assert text.count("Approval: Refund") == 10
    assert "and 2 more" in text
    assert text.rstrip().endswith("http://inbox.test/inbox")


async def test_a_chat_that_takes_nothing_is_tried_again(
    world: World, chat: Mattermost, tmp_path: Path
) -> None:
    chat.status = 500
    await world.ask()
    (notice,) = await send(world, chat, tmp_path)

    assert (notice.state, notice.detail) == (NoticeState.DUE, "the chat did not take it")


async def test_whoever_is_written_down_nowhere_is_not_told_in_a_chat(
    world: World, chat: Mattermost, tmp_path: Path
) -> None:
    await world.person("jonas@acme.test")
    await world.ask(assignee="jonas@acme.test")

    assert await send(world, chat, tmp_path) == []
    assert chat.posts == []


@pytest.mark.parametrize(
    "line", ["maria@acme.test", "maria@acme.test nowhere://x", "maria mmost://host/key", "role:x"]
)
def test_a_line_that_makes_no_sense_is_named_and_nothing_of_it_shown(
    tmp_path: Path, line: str
) -> None:
    file = tmp_path / "chats"
    file.write_text(f"# fine\n{line}\n")

    with pytest.raises(InvalidInput, match="line 2 is not WHO") as found:
        read_targets(file)
    assert "key" not in found.value.message


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="FileNotFoundError"):
        read_targets(tmp_path / "nowhere")


def test_words_are_left_as_they_are() -> None:
    assert tamed("Refund 240,00 EUR to cus_123?") == "Refund 240,00 EUR to cus_123?"
