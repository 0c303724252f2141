"""A process of the demo is started again when it is killed, and given up when it keeps failing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from signoff.cli.connection import Connection
from signoff.cli.demo import story as stories
from signoff.cli.demo.children import MAX_CRASHES, Child
from signoff.cli.demo.screen import Screen
from signoff.cli.demo.story import Story
from signoff.errors import Broken
from tests.processes import free_port

SLEEP = "import time; time.sleep(60)"


def child(name: str, program: str, folder: Path) -> Child:
    command = [sys.executable, "-S", "-c", program]
    return Child(name, command, env=dict(os.environ), log=folder / f"{name}.log")


def until(holds: Callable[[], object]) -> None:
    limit = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_a_killed_child_is_told_once_and_may_start_again(tmp_path: Path) -> None:
    server = child("server", SLEEP, tmp_path)
    server.start()
    first = server.pid

    server.kill()
    death = server.died()

    assert death is not None
    assert (death.pid, death.signal) == (first, "SIGKILL")
    assert server.died() is None
    server.start()
    assert server.pid != first
    assert not server.hopeless
    server.stop()


def test_one_that_did_its_work_is_no_death(tmp_path: Path) -> None:
    agent = child("agent", "pass", tmp_path)
    agent.start()

    until(lambda: agent.finished)

    assert agent.died() is None


def test_one_that_keeps_failing_is_hopeless_and_its_last_words_are_kept(tmp_path: Path) -> None:
    agent = child("agent", "raise SystemExit('no such queue')", tmp_path)
    for _ in range(MAX_CRASHES + 1):
        agent.start()
        until(agent.died)

    assert agent.hopeless
    assert agent.last_words().endswith("no such queue")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A demo whose server never answers and whose agent never ends."""
    return Story(
        screen=Screen(total=1),
        admin=Connection(f"http://127.0.0.1:{free_port()}", "signoff_admin_x"),
        server=child("server", SLEEP, tmp_path),
        agent=child("agent", SLEEP, tmp_path),
        people=child("people", SLEEP, tmp_path),
        ledger=tmp_path / "ledger.jsonl",
        requests=1,
        scripted=True,
    )


def test_a_demo_without_an_end_in_sight_is_given_up(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "SCRIPTED_LIMIT_SECONDS", 0.5)
    try:
        with pytest.raises(Broken, match="the agent is not done"):
            story.run()
    finally:
        for process in (story.agent, story.people):
            process.stop()


@pytest.mark.parametrize("busy", [False, True], ids=["quiet", "busy"])
def test_scripted_people_join_a_quiet_visitor_and_in_time_a_busy_one(
    story: Story,
    busy: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    story.scripted = False
    story.quiet_seconds = 60.0 if busy else 0.1
    monkeypatch.setattr(stories, "VISITOR_LIMIT_SECONDS", 0.1 if busy else 900.0)
    monkeypatch.setattr(stories, "SCRIPTED_LIMIT_SECONDS", 0.3)
    try:
        with pytest.raises(Broken):
            story.run()
        assert story.people.started
    finally:
        for process in (story.agent, story.people):
            process.stop()
    assert "scripted people take over (Maria, Lena, Jonas, Aiko, Sam)" in capsys.readouterr().out
