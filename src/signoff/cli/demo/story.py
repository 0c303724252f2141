"""The demo as it runs: watch, tell, restart what was killed, bring in people, judge at the end."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from signoff.cli.connection import Connection
from signoff.cli.demo.cast import COLLEAGUES, Keys
from signoff.cli.demo.children import Child
from signoff.cli.demo.files import example
from signoff.cli.demo.picture import Picture, look, new_decisions
from signoff.cli.demo.screen import Screen
from signoff.cli.demo.verify import Finding, gather, verify
from signoff.errors import Broken

QUIET_SECONDS = 60.0
VISITOR_LIMIT_SECONDS = 900.0
"""However busy the visitor is, scripted people join after this long."""

SCRIPTED_LIMIT_SECONDS = 180.0
"""How long everything may take from the moment at which scripted people are there."""

_BEAT_SECONDS = 0.4
_KILL_SERVER_AFTER = 6
_KILL_AGENT_AFTER = 14


@dataclass(slots=True, kw_only=True)
class Story:
    """One run of the demo. ``kills`` are the deaths the script itself still has to cause."""

    screen: Screen
    admin: Connection
    server: Child
    agent: Child
    people: Child
    ledger: Path
    requests: int
    scripted: bool
    quiet_seconds: float = QUIET_SECONDS
    kills: dict[str, int] = field(default_factory=dict)
    picture: Picture = field(default_factory=Picture)
    began: float = field(default_factory=time.monotonic)
    moved: float = field(default_factory=time.monotonic)
    joined: float | None = None

    def run(self) -> list[Finding]:
        """Run to the end and judge.

        :raises Broken: a child cannot be kept alive, or there is no end in sight.
        """
        self.agent.start()
        self._introduce()
        if self.scripted:
            self.kills = {"server": _KILL_SERVER_AFTER, "agent": _KILL_AGENT_AFTER}
            self._join()
        while not self._over():
            self._beat()
            self._require_an_end()
            time.sleep(_BEAT_SECONDS)
        self._observe()
        self.people.stop()
        record = gather(self.admin, self.picture, self.ledger, requests=self.requests)
        return [*verify(record), *self._survivals()]

    def _over(self) -> bool:
        """Whether the agent is done, and so is every run that it left to a person."""
        return self.agent.finished and self.picture.ended == len(self.picture.intents) > 0

    def _introduce(self) -> None:
        self.screen.news(f"the server is pid {self.server.pid}, the agent is pid {self.agent.pid}")
        if not self.scripted:
            self.screen.say("Nothing is lost if either dies at any time. Try it, and watch:")
            self.screen.say(f"  kill -9 {self.server.pid}    or    kill -9 {self.agent.pid}")
            self.screen.say()

    def _beat(self) -> None:
        for child in (self.server, self.agent, self.people):
            self._revive(child)
        try:
            self._observe()
        except Broken:
            pass
        else:
            self._cause_trouble()
        self._bring_in_people()

    def _revive(self, child: Child) -> None:
        death = child.died()
        if death is None:
            return
        if child.hopeless:
            raise Broken(f"the {child.name} keeps failing:\n{child.last_words()}")
        how = f"was killed ({death.signal})" if death.signal else f"ended with code {death.code}"
        child.start()
        self.screen.news(
            f"the {child.name} (pid {death.pid}) {how}; started again as pid {child.pid}",
            style="yellow",
        )

    def _observe(self) -> None:
        before, self.picture = self.picture, look(self.admin)
        for task in new_decisions(before, self.picture):
            self.moved = time.monotonic()
            self.screen.decision(task)
        if self.picture.ended != before.ended or not self.picture.waiting:
            self.moved = time.monotonic()
        self.screen.progress(self.picture)

    def _cause_trouble(self) -> None:
        """The script's own ``kill -9``, once for the server and once for the agent."""
        for child in (self.server, self.agent):
            after = self.kills.get(child.name)
            if after is not None and len(self.picture.decided) >= after:
                del self.kills[child.name]
                self.screen.news(f"kill -9 {child.pid}: the {child.name}", style="yellow")
                child.kill()
                return

    def _bring_in_people(self) -> None:
        now = time.monotonic()
        quiet = now - self.moved
        if self.joined is not None:
            return
        if quiet >= self.quiet_seconds:
            self._announce(f"Nobody has answered for {quiet:.0f} seconds")
        elif now - self.began >= VISITOR_LIMIT_SECONDS:
            self._announce(f"{VISITOR_LIMIT_SECONDS / 60:.0f} minutes have passed")

    def _announce(self, why: str) -> None:
        names = ", ".join(member.name.split()[0] for member in COLLEAGUES)
        self.screen.news(f"{why}: scripted people take over ({names}).", style="bold")
        self.screen.news("You can still answer before they do.", style="bold")
        self._join()

    def _join(self) -> None:
        self.joined = time.monotonic()
        self.people.start()

    def _require_an_end(self) -> None:
        if self.joined is not None and time.monotonic() - self.joined > SCRIPTED_LIMIT_SECONDS:
            raise Broken(
                f"the agent is not done after {SCRIPTED_LIMIT_SECONDS:.0f} seconds; it said:\n"
                f"{self.agent.last_words()}"
            )

    def _survivals(self) -> list[Finding]:
        """What each death proves; the script insists on one of each."""
        found = []
        for child in (self.server, self.agent):
            killed = sum(death.signal == "SIGKILL" for death in child.deaths)
            if killed or self.scripted:
                against = () if killed else (f"the {child.name} was never killed",)
                sentence = f"the {child.name} survived kill -9" + (f" x{killed}" if killed else "")
                found.append(Finding(sentence=sentence, against=against))
        return found


def agent_child(scratch: Path, url: str, keys: Keys, requests: Path, ledger: Path) -> Child:
    return Child(
        "agent",
        [sys.executable, str(example("refunds/agent.py")), str(requests), str(ledger)],
        env=environment(url, keys.agent),
        log=scratch / "agent.log",
    )


def people_child(scratch: Path, url: str, keys: Keys) -> Child:
    people = json.dumps(keys.colleagues)
    return Child(
        "people",
        [sys.executable, str(example("refunds/people.py"))],
        env=environment(url) | {"SIGNOFF_PEOPLE": people},
        log=scratch / "people.log",
    )


def environment(url: str | None = None, key: str | None = None) -> dict[str, str]:
    """This process's environment with no setting of Signoff's but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")}
    given = {"SIGNOFF_URL": url, "SIGNOFF_KEY": key, "PYTHONUNBUFFERED": "1"}
    return kept | {name: value for name, value in given.items() if value is not None}
