"""TEMPORARY: a store and a door in memory, until the real ones land."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from signoff.core.decide import decide
from signoff.core.events import Event
from signoff.core.routing import Person
from signoff.core.intent import Intent, evolve, replay
from signoff.engine.ports import FoundTask, Page, PersonRow, SignInToken, TaskFilter
from signoff.errors import NotFound


@dataclass
class StubStore:
    clock: Any
    intents_: dict[str, Intent] = field(default_factory=dict)
    history: dict[str, list[Event]] = field(default_factory=dict)
    rows: dict[tuple[str, str], PersonRow] = field(default_factory=dict)
    links: dict[str, SignInToken] = field(default_factory=dict)
    sessions: dict[str, SignInToken] = field(default_factory=dict)

    async def open(self) -> None: ...
    async def close(self) -> None: ...

    async def now(self) -> datetime:
        return self.clock.now()

    async def add_workspace(self, ws: str) -> bool:
        return True

    async def add_person(self, row: PersonRow) -> None:
        self.rows[row.workspace, row.person.id] = row

    update_person = add_person

    async def person(self, ws: str, ref: str) -> PersonRow | None:
        return next((r for (w, _), r in self.rows.items() if w == ws and ref in (r.person.id, r.person.email)), None)

    async def add_sign_in(self, t: SignInToken) -> None:
        self.links[t.hash] = t

    async def spend_sign_in(self, h: str) -> SignInToken | None:
        t = self.links.pop(h, None)
        return t if t and t.expires_at > self.clock.now() else None

    async def add_session(self, t: SignInToken) -> None:
        self.sessions[t.hash] = t

    async def session(self, h: str) -> SignInToken | None:
        t = self.sessions.get(h)
        if t is None or t.expires_at <= self.clock.now() or self.rows[t.workspace, t.person_id].person.disabled:
            return None
        return t

    async def drop_session(self, h: str) -> None:
        self.sessions.pop(h, None)

    def _all(self, ws: str) -> list[FoundTask]:
        found = []
        for i in self.intents_.values():
            if i.workspace == ws:
                for t in i.tasks.values():
                    found.append(FoundTask(workspace=ws, agent=i.agent, on_behalf_of=i.on_behalf_of, intent_title=i.title, intent_status=i.status, task=t))
        return sorted(found, key=lambda f: f.task.id, reverse=True)

    async def task(self, ws: str, tid: str) -> FoundTask | None:
        return next((f for f in self._all(ws) if f.task.id == tid), None)

    async def tasks(self, ws: str, where: TaskFilter, page: Page) -> Sequence[FoundTask]:
        def ok(f: FoundTask) -> bool:
            t = f.task
            if where.states and t.state not in where.states:
                return False
            if where.audience is not None and not ({s.token for s in t.asked.who} & set(where.audience)):
                return False
            return page.before is None or t.id < page.before
        return [f for f in self._all(ws) if ok(f)][: page.limit]

    async def events(self, ws: str, iid: str, *, after: int, limit: int) -> Sequence[Event]:
        return [e for e in self.history.get(iid, []) if e.seq > after][:limit]


@dataclass
class StubDoor:
    store: StubStore

    async def execute(self, workspace: Any, command: Any, intent_id: Any = None) -> Any:
        store = self.store
        if intent_id is None:
            found = await store.task(workspace, command.task_id)
            if found is None:
                raise NotFound("no")
            intent_id = found.task.intent_id
        state = store.intents_.get(intent_id)
        directory: dict[str, Person] = {}
        for (w, pid), r in store.rows.items():
            if w == workspace:
                directory[pid] = directory[r.person.email] = r.person
        new = decide(state, command, now=store.clock.now(), directory=directory, intent_id=intent_id)
        store.history.setdefault(intent_id, []).extend(new)
        after = state
        for e in new:
            after = evolve(after, e, intent_id=intent_id)
        store.intents_[intent_id] = after
        return SimpleNamespace(intent=after, task=None)
