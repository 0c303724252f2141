"""The `demo` command: a scratch folder, a server of its own, and the story told in it."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import httpx2
import typer

from signoff.cli.connection import Connection
from signoff.cli.demo.cast import VISITOR, Keys, enlist
from signoff.cli.demo.children import Child
from signoff.cli.demo.files import count_requests, example
from signoff.cli.demo.screen import Screen
from signoff.cli.demo.story import (
    QUIET_SECONDS,
    Story,
    agent_child,
    environment,
    people_child,
)
from signoff.cli.failures import OK, REFUSED
from signoff.errors import Broken, SignoffError

_READY_SECONDS = 30.0
_PATIENCE = httpx2.Timeout(10.0, connect=2.0)
"""The demo never waits long for one answer: it would rather look again."""


def demo(
    scripted: Annotated[
        bool,
        typer.Option("--scripted", help="Scripted people, no terminal, kills both processes once."),
    ] = False,
    quiet: Annotated[
        float,
        typer.Option(min=1, help="After so many quiet seconds scripted people take over."),
    ] = QUIET_SECONDS,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with one JSON document on stdout; news on stderr.")
    ] = False,
) -> int:
    """Run the main job: an agent, its requests, and people.

    The agent settles small refunds by itself and waits for people where it must. Everything is in a
    folder of its own, which is gone afterwards.
    """
    scripted = scripted or not sys.stdin.isatty() or not sys.stdout.isatty()
    requests = example("refunds/requests.csv")
    total = count_requests(requests)
    with _ending_on_signals(), tempfile.TemporaryDirectory(prefix="signoff-demo-") as folder:
        scratch = Path(folder)
        with Screen(total=total, on_stderr=as_json) as screen, _server(scratch) as (server, admin):
            story = _prepared(scratch, screen, server, admin, requests, scripted=scripted)
            story.quiet_seconds = quiet
            return _told(story, as_json=as_json)


def _told(story: Story, *, as_json: bool) -> int:
    began = time.monotonic()
    try:
        findings = story.run()
    finally:
        story.agent.stop()
        story.people.stop()
    held = all(finding.held for finding in findings)
    screen = story.screen
    screen.close()
    screen.summary(story.picture)
    screen.findings(findings)
    screen.say()
    screen.say(f"{'All of it held' if held else 'Something did not hold'} "
               f"({time.monotonic() - began:.0f} s).", style="bold")  # fmt: skip
    if as_json:
        document = {
            "held": held,
            "intents": len(story.picture.intents),
            "tasks": len(story.picture.tasks),
            "findings": [{"sentence": f.sentence, "held": f.held} for f in findings],
        }
        print(json.dumps(document))
    return OK if held else REFUSED


@contextmanager
def _server(scratch: Path) -> Iterator[tuple[Child, Connection]]:
    """A server of the demo's own on a free loopback port, and an administrator's line to it."""
    database = f"sqlite:///{scratch / 'signoff.db'}"
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "signoff.cli"]
    admin_key = _initialised([*command, "init", "--database", database, "--json"])
    server = Child(
        "server",
        [*command, "serve", "--host", "127.0.0.1", "--port", str(port), "--database", database],
        env=environment(),
        log=scratch / "server.log",
    )
    server.start()
    try:
        with Connection(url, admin_key, patience=_PATIENCE) as admin:
            _await_ready(server, admin)
            yield server, admin
    finally:
        server.stop()


def _initialised(command: list[str]) -> str:
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, env=environment()
    )
    if done.returncode != 0:
        raise Broken(f"`signoff init` failed: {done.stderr.strip()}")
    return str(json.loads(done.stdout)["admin_key"])


def _await_ready(server: Child, admin: Connection) -> None:
    until = time.monotonic() + _READY_SECONDS
    while True:
        try:
            admin.get("/v1/me")
        except SignoffError as error:
            if not isinstance(error, Broken):
                raise
        else:
            return
        if server.died() or time.monotonic() > until:
            raise Broken(f"the server does not start:\n{server.last_words()}")
        time.sleep(0.05)


def _prepared(
    scratch: Path,
    screen: Screen,
    server: Child,
    admin: Connection,
    requests: Path,
    *,
    scripted: bool,
) -> Story:
    keys = enlist(admin)
    ledger = scratch / "ledger.jsonl"
    story = Story(
        screen=screen,
        admin=admin,
        server=server,
        agent=agent_child(scratch, admin.url, keys, requests, ledger),
        people=people_child(scratch, admin.url, keys),
        ledger=ledger,
        requests=screen.total,
        scripted=scripted,
    )
    if scripted:
        screen.news(f"{screen.total} refund requests, an agent, and scripted people")
    else:
        _invite(screen, admin, keys)
    return story


def _invite(screen: Screen, admin: Connection, keys: Keys) -> None:
    link = admin.post(f"/v1/people/{VISITOR.email}/sign-in-link")["url"]
    screen.say(f"An agent is about to work through {screen.total} refund requests.", style="bold")
    screen.say("It settles small ones by itself and waits for a person where it should.")
    screen.say()
    screen.say("Answer in the inbox; this link signs you in, once:")
    screen.say(f"  {link}", style="bold cyan")
    screen.say("or in another terminal:")
    screen.say(f"  export SIGNOFF_URL={admin.url}")
    screen.say(f"  export SIGNOFF_KEY={keys.visitor}")
    screen.say(f"  {_program()} tasks list")
    screen.say()


def _program() -> str:
    """How to run the `signoff` command from another terminal."""
    return "signoff" if shutil.which("signoff") else f"{sys.executable} -m signoff.cli"


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    """End on SIGTERM and SIGHUP as on Ctrl-C, so that no process is left behind."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    names = ("SIGTERM", "SIGHUP")
    before: dict[Any, Any] = {}
    for name in names:
        if number := getattr(signal, name, None):
            before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
