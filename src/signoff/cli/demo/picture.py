"""What the server says of the demo right now, and what is new since the last look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from signoff.cli.connection import Connection, Document

TERMINAL = frozenset({"COMPLETED", "FAILED", "CANCELED", "TIMED_OUT"})
LIVE = frozenset({"open", "claimed"})
_ALL = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Every intent and every task of the workspace, as the API lists them."""

    intents: Sequence[Document] = ()
    tasks: Sequence[Document] = ()

    @property
    def ended(self) -> int:
        return sum(intent["status"] in TERMINAL for intent in self.intents)

    @property
    def decided(self) -> list[Document]:
        return [task for task in self.tasks if task.get("decision")]

    @property
    def live(self) -> list[Document]:
        return [task for task in self.tasks if task["state"] in LIVE]

    @property
    def waiting(self) -> int:
        """How many tasks wait for people, not for the agent's revision."""
        return sum(not task.get("awaiting_revision") for task in self.live)


def look(server: Connection) -> Picture:
    """Take a picture. :raises SignoffError: the server cannot say."""
    return Picture(
        intents=server.pages("/v1/intents", "intents", limit=_ALL),
        tasks=server.pages("/v1/tasks", "tasks", limit=_ALL),
    )


def new_decisions(before: Picture, after: Picture) -> Iterator[Document]:
    """Tasks that were decided between two pictures, oldest decision first."""
    known = {task["id"] for task in before.decided}
    fresh = [task for task in after.decided if task["id"] not in known]
    yield from sorted(fresh, key=lambda task: str(task["decision"]["at"]))
