"""Scripted people: they are asked like anybody else, and do what the test says, when it says.

What they do goes over the API with keys of their own, so whatever would be refused to a person is
refused to them; refusals are kept in ``refused``.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx2

from signoff.core.calendar import Calendars
from signoff.core.moments import rfc3339
from signoff.core.workspace import WorkspaceSettings
from signoff.testing.script import AT_ONCE, NO, Act, Document, Script, Span, Verb

Leave = Callable[["Human", Span | datetime, "Human | None"], None]

_STALE = f'"sha256:{"0" * 64}"'
_TASKS = {"mine": "true", "state": "live", "limit": "200"}


class Impossible(AssertionError):
    """A script says what no person could do, such as an answer the task does not take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a person tried and was told instead. ``code`` is that of the problem document."""

    at: datetime
    task_id: str
    tried: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One act of one person about one task, and when it is to be played."""

    at: datetime
    human: Human
    task: Document
    act: Act


class Human:
    """One scripted person. Each method adds to the script and returns the person.

    ``after`` counts from when they are first asked, or from their act before: ``"2d"``,
    ``"8 working hours"`` or a timedelta; by default they act at once. ``about`` keeps an act to
    tasks with this in their title.
    """

    def __init__(
        self, id_: str, email: str, key: str, *, calendar: str | None, leave: Leave
    ) -> None:
        self.id = id_
        self.email = email
        self.key = key
        self.calendar = calendar
        self.script = Script()
        self.refused: list[Refusal] = []
        self.rival: Human | None = None
        self._leave = leave
        self._moods: random.Random | None = None

    def __repr__(self) -> str:
        return f"<human {self.email}>"

    def approves(
        self,
        after: Span = AT_ONCE,
        *,
        comment: str | None = None,
        data: object = None,
        about: str | None = None,
    ) -> Self:
        """Says yes, in the word of whatever type of task it is; ``data`` are edited arguments."""
        return self._says(None, after, about, comment=comment, data=data)

    def rejects(
        self, after: Span = AT_ONCE, *, comment: str = "No.", about: str | None = None
    ) -> Self:
        """Says no, in the word of whatever type of task it is."""
        act = Act(
            verb=Verb.ANSWER, after=after, body={"comment": comment}, outcomes=NO, about=about
        )
        return self._does(act)

    def requests_changes(
        self, comment: str, *, after: Span = AT_ONCE, about: str | None = None
    ) -> Self:
        """Says ``changes_requested``, and acts on in the script once there is a revision."""
        return self._says("changes_requested", after, about, comment=comment)

    def answers(
        self,
        data: object = None,
        *,
        after: Span = AT_ONCE,
        outcome: str | None = None,
        comment: str | None = None,
        evidence: Sequence[str | Mapping[str, str]] = (),
        about: str | None = None,
    ) -> Self:
        """Answers any type of task: by default with what means going ahead there."""
        told = list(evidence) or None
        return self._says(outcome, after, about, data=data, comment=comment, evidence=told)

    def claims(self, after: Span = AT_ONCE, *, about: str | None = None) -> Self:
        """Takes the task, so that nobody else answers it."""
        return self._does(Act(verb=Verb.CLAIM, after=after, about=about))

    def releases(self, after: Span = AT_ONCE, *, about: str | None = None) -> Self:
        """Gives it back."""
        return self._does(Act(verb=Verb.RELEASE, after=after, about=about))

    def delegates(
        self,
        to: Human | str,
        after: Span = AT_ONCE,
        *,
        note: str | None = None,
        about: str | None = None,
    ) -> Self:
        """Lets somebody else answer in their place."""
        body = {"to": to if isinstance(to, str) else to.email, **({"note": note} if note else {})}
        return self._does(Act(verb=Verb.DELEGATE, after=after, body=body, about=about))

    def absent(
        self, *, until: Span | datetime | None = None, substitute: Human | None = None
    ) -> Self:
        """Never reacts; with ``until`` they are away by the book, and the directory knows it."""
        if until is not None:
            self._leave(self, until, substitute)
        return self

    def flaky(self, seed: int = 0) -> Self:
        """Does everything late, twice, and now and then with a view that is out of date."""
        self._moods = self.script.become_flaky(f"{seed} {self.email}")
        return self

    def racing(self, other: Human) -> Self:
        """Acts in the very same instant as the other; either may win."""
        self.rival, other.rival = other, self
        return self

    def _says(self, outcome: str | None, after: Span, about: str | None, **said: object) -> Self:
        body = {name: value for name, value in {"outcome": outcome, **said}.items() if value}
        return self._does(Act(verb=Verb.ANSWER, after=after, body=body, about=about))

    def _does(self, act: Act) -> Self:
        self.script.acts.append(act)
        return self

    # What the driver calls

    async def look(
        self, http: httpx2.AsyncClient, now: datetime, settings: WorkspaceSettings
    ) -> list[Due]:
        """See what asks them now, and when they do something about it."""
        if not self.script.acts:
            return []
        answer = await http.get("/v1/tasks", params=_TASKS, headers=self._headers)
        waiting = [task for task in answer.json()["tasks"] if self._can_act(task)]
        calendars, zone = self._working_time(settings)
        found = []
        for task in waiting:
            coming = self.script.next(task, now=now, calendars=calendars, zone=zone)
            if coming is not None:
                found.append(Due(at=coming[0], human=self, task=task, act=coming[1]))
        return found

    async def play(self, http: httpx2.AsyncClient, due: Due, now: datetime) -> None:
        """Do it; whatever is refused is remembered."""
        self.script.played(due.task, now=now)
        path = f"/v1/tasks/{due.task['id']}/{due.act.verb}"
        body = due.act.request(due.task)
        view = {"If-Match": f'"{due.task["view_digest"]}"'} if due.act.verb is Verb.ANSWER else {}
        once = {"Idempotency-Key": f"{self.id}-{due.task['id']}-{rfc3339(now)}"}
        tries = [view | once]
        if self._moods is not None:
            if view and self._moods.random() < 0.5:
                tries.insert(0, {"If-Match": _STALE})
            tries += [view | once, view]
        for headers in tries:
            answer = await http.post(path, json=body, headers=self._headers | headers)
            self._note(answer, due, now)

    def _note(self, answer: httpx2.Response, due: Due, now: datetime) -> None:
        if answer.is_success:
            return
        problem: dict[str, Any] = answer.json()
        tried = str(due.act.request(due.task).get("outcome", due.act.verb))
        if answer.status_code == 422:
            wrong = "; ".join(f"{e['field']}: {e['message']}" for e in problem.get("errors") or ())
            raise Impossible(f"{self.email} cannot answer so: {wrong or problem['detail']}")
        self.refused.append(
            Refusal(
                at=now,
                task_id=due.task["id"],
                tried=tried,
                code=problem["code"],
                detail=problem["detail"],
            )
        )

    def _can_act(self, task: Document) -> bool:
        return not task["awaiting_revision"] and task["claimed_by"] in (None, self.email)

    def _working_time(self, settings: WorkspaceSettings) -> tuple[Calendars, str]:
        calendar = settings.calendars.get(self.calendar or settings.calendar or "")
        return (calendar,) if calendar else (), settings.zone

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


async def coming(
    humans: Sequence[Human],
    http: httpx2.AsyncClient,
    now: datetime,
    settings: WorkspaceSettings,
) -> list[Due]:
    """What everybody is going to do, as things stand. Rivals act when the first of them does."""
    seen = [due for human in humans for due in await human.look(http, now, settings)]
    at = {(due.human, due.task["id"]): due.at for due in seen}
    return [
        Due(at=min(due.at, rival), human=due.human, task=due.task, act=due.act)
        if due.human.rival is not None and (rival := at.get((due.human.rival, due.task["id"])))
        else due
        for due in seen
    ]


async def play(acts: Sequence[Due], http: httpx2.AsyncClient, now: datetime) -> None:
    """Play what comes in this instant, all at once."""
    await asyncio.gather(*(due.human.play(http, due, now) for due in acts))
