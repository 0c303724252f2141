"""Load that keeps its own books: what the server acknowledged, and what every waiter was told.

Agents submit, people decide against one another, waiters wait. Each does what a real client does
when the server dies under it: it tries again. The books are compared with the server at the end.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.processes import Administrator, Server, bearer, initialise

Document = dict[str, Any]

OUTCOMES = ("approved", "rejected")
_RETRY_SECONDS = 0.03
_BACKLOG = 50
"""So many tasks wait to be decided, and so many waiters wait for them, at most."""
_DOWN = (httpx2.TransportError, httpx2.RemoteProtocolError)


@dataclass(slots=True)
class Books:
    """What the clients know.

    ``submitted``: task ids by idempotency key, each acknowledged with 201. ``accepted``: for every
    task the answers acknowledged with 200, as (who, outcome). ``told``: what each waiter resumed
    with.
    """

    submitted: dict[str, str] = field(default_factory=dict)
    accepted: defaultdict[str, list[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    told: dict[str, str] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)


class Storm:
    """The clients. ``people`` maps names to keys; ``urls`` are the replicas, taken in turn."""

    def __init__(self, urls: list[str], agent_key: str, people: Mapping[str, str]) -> None:
        self.urls = urls
        self.books = Books()
        self._agent_key = agent_key
        self._people = dict(people)
        self._open: asyncio.Queue[str] = asyncio.Queue()
        self._submitting = True
        self._waiters: list[asyncio.Task[None]] = []
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
        self._http = httpx2.AsyncClient(timeout=httpx2.Timeout(70, pool=None), limits=limits)

    @asynccontextmanager
    async def raging(self, *, submitters: int, deciders: int) -> AsyncIterator[None]:
        """Load the server while the block runs; afterwards decide what is open, and await all."""
        agents = [asyncio.create_task(self._submit(n)) for n in range(submitters)]
        people = [asyncio.create_task(self._decide()) for _ in range(deciders)]
        try:
            yield
            self._submitting = False
            await asyncio.gather(*agents)
            async with asyncio.timeout(60):
                await self._open.join()
                await asyncio.gather(*self._waiters)
        finally:
            for task in (*agents, *people, *self._waiters):
                task.cancel()
            await asyncio.gather(*agents, *people, *self._waiters, return_exceptions=True)

    async def more_submitted(self, count: int) -> None:
        """Wait until so many more intents than now were acknowledged.

        :raises TimeoutError: there were fewer within a minute.
        """
        enough = len(self.books.submitted) + count
        async with asyncio.timeout(60):
            while len(self.books.submitted) < enough:
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, path: str) -> Document:
        """Read something as the agent."""
        answer = await self._persist("GET", path, self._agent_key)
        assert answer.status_code == 200, answer.text
        found: Document = answer.json()
        return found

    async def _submit(self, number: int) -> None:
        count = 0
        while self._submitting:
            count += 1
            key = f"storm-{number}-{count}"
            body = {
                "type": "refund",
                "title": key,
                "task": {"type": "approval", "assignee": "role:approver"},
            }
            answer = await self._persist("POST", "/v1/intents", self._agent_key, body, key=key)
            if answer.status_code != 201:
                self.books.contradictions.append(f"submit {key}: {answer.text}")
                continue
            task_id = answer.json()["task"]["id"]
            self.books.submitted[key] = task_id
            self._waiters.append(asyncio.create_task(self._wait(task_id)))
            self._open.put_nowait(task_id)
            while self._open.qsize() > _BACKLOG:
                await asyncio.sleep(0.005)

    async def _decide(self) -> None:
        """Two people at once, with different outcomes; exactly one may be acknowledged."""
        while True:
            task_id = await self._open.get()
            first, second = random.sample(sorted(self._people), 2)
            await asyncio.gather(
                self._answer(task_id, first, OUTCOMES[0]),
                self._answer(task_id, second, OUTCOMES[1]),
            )
            self._open.task_done()

    async def _answer(self, task_id: str, person: str, outcome: str) -> None:
        path = f"/v1/tasks/{task_id}/answer"
        body = {"outcome": outcome, "comment": f"{person} says so"}
        key = f"{person}-{task_id}"
        answer = await self._persist("POST", path, self._people[person], body, key=key)
        if answer.status_code == 200:
            self.books.accepted[task_id].append((person, outcome))
        elif answer.status_code != 409 or answer.json()["code"] != "already_concluded":
            self.books.contradictions.append(f"answer {task_id}: {answer.text}")

    async def _wait(self, task_id: str) -> None:
        while True:
            path = f"/v1/tasks/{task_id}?wait=20"
            answer = await self._persist("GET", path, self._agent_key)
            if answer.status_code != 200:
                self.books.contradictions.append(f"wait {task_id}: {answer.text}")
                return
            decision = answer.json()["task"]["decision"]
            if decision is not None:
                self.books.told[task_id] = f"{decision['by']} {decision['outcome']}"
                return

    async def _persist(
        self, method: str, path: str, key_of: str, body: object = None, *, key: str | None = None
    ) -> httpx2.Response:
        """Send until some replica answers with anything but being unavailable."""
        headers = bearer(key_of) | ({"Idempotency-Key": key} if key else {})
        while True:
            url = random.choice(self.urls)
            try:
                answer = await self._http.request(method, url + path, json=body, headers=headers)
            except _DOWN:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(_RETRY_SECONDS)


async def prepared(replicas: list[Server]) -> Storm:
    """Make the database ready, start the replicas, make everybody's keys, return the clients."""
    admin_key = await asyncio.to_thread(initialise, replicas[0].database)
    for replica in replicas:
        await asyncio.to_thread(replica.start)
    admin = Administrator(replicas[0].url, admin_key)
    people = {
        email: admin.person(email, "approver")
        for email in ("maria@acme.test", "jonas@acme.test", "aiko@acme.test")
    }
    storm = Storm([replica.url for replica in replicas], admin.agent("storm"), people)
    admin.close()
    return storm


async def differences(storm: Storm) -> list[str]:
    """Everything in the books that the server contradicts."""
    found = list(storm.books.contradictions)
    slots = asyncio.Semaphore(16)

    async def judge(key: str, task_id: str) -> None:
        async with slots:
            found.extend([line async for line in _contradictions(storm, key, task_id)])

    await asyncio.gather(*(judge(key, task) for key, task in storm.books.submitted.items()))
    return found


async def _contradictions(storm: Storm, key: str, task_id: str) -> AsyncIterator[str]:
    task = (await storm.get(f"/v1/tasks/{task_id}"))["task"]
    accepted = storm.books.accepted[task_id]
    decision = task["decision"]
    if task["intent_title"] != key:
        yield f"{task_id} should be {key}, is {task['intent_title']}"
    if decision is None:
        yield f"{task_id} was decided and is {task['state']}"
        return
    winner = f"{decision['by']} {decision['outcome']}"
    if [f"{who} {outcome}" for who, outcome in accepted] != [winner]:
        yield f"{task_id}: acknowledged {accepted}, decided {winner}"
    if storm.books.told.get(task_id) != winner:
        yield f"{task_id}: its waiter was told {storm.books.told.get(task_id)}, not {winner}"
    events = (await storm.get(f"/v1/intents/{task['intent_id']}/events"))["events"]
    if [event["seq"] for event in events] != list(range(1, len(events) + 1)):
        yield f"{task_id}: its events are {[event['seq'] for event in events]}"
    if sum(event["type"] == "task.concluded" for event in events) != 1:
        yield f"{task_id}: concluded {[event['type'] for event in events]}"
