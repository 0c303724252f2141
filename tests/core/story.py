"""People, an agent, and a story: one intent that commands are done to while time goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.asking import AskRequest
from signoff.core.decide import decide
from signoff.core.intent import Intent, evolve
from signoff.core.plan import Duty, SetTimer, plan
from signoff.core.routing import CLOCK, LADDER, Actor, Directory, Person, tokens
from signoff.core.task import Evidence, RawAnswer, Task
from signoff.core.words import ActorKind, IntentId, PersonId, TaskId, WorkspaceId
from signoff.errors import SignoffError

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
INTENT = IntentId("int_1")
TASK = TaskId("task_1")

AGENT = Actor(kind=ActorKind.AGENT, id="agent://default/main/refunds", label="refunds")
ADMIN = Actor(kind=ActorKind.ADMIN, id="key_admin", label="admin key")


def person(name: str, *roles: str, **more: Any) -> Person:
    return Person(
        id=PersonId(f"per_{name}"),
        email=f"{name}@acme.test",
        name=name.title(),
        roles=roles,
        **more,
    )


MARA = person("mara", "manager")
JONAS = person("jonas", "manager", "operator", groups=("payments",))
BIRGIT = person("birgit", "backup-approver")
ADA = person("ada", "administrator")
REQUESTER = person("rita", "manager")
GONE = person("gone", "manager", disabled=True)
PEOPLE = (MARA, JONAS, BIRGIT, ADA, REQUESTER, GONE)


def directory(*people: Person, asked: tuple[str, ...] = (), **known: Any) -> Directory:
    """What the door would load of these people. ``asked``: further tokens, reaching nobody."""
    members: dict[str, tuple[PersonId, ...]] = dict.fromkeys(asked, ())
    for each in people:
        for token in tokens(each) if not each.disabled else ():
            members[token] = (*members.get(token, ()), each.id)
    named = {key: p for p in people for key in (p.id, p.email, *p.aliases)}
    return Directory(people=named, members=members, **known)


EVERYBODY = directory(*PEOPLE)


def fields(type: str = "approval", **more: Any) -> dict[str, Any]:  # noqa: A002
    """The fields of a request for a task that asks Mara, unless they say otherwise."""
    asked = {} if {"assignees", "chain"} & set(more) else {"assignee": MARA.email}
    return {"type": type, "title": "Refund 240 EUR?", **asked, **more}


def request(task_id: str = TASK, **asked: Any) -> AskRequest:
    return AskRequest(id=TaskId(task_id), fields=fields(**asked))


@dataclass
class Story:
    """Every step of it is checked to be what replaying the events would give."""

    now: datetime = START
    state: Intent | None = None
    history: list[e.Event] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    armed: dict[tuple[c.TimerKind, TaskId | None], datetime] = field(default_factory=dict)
    people: Directory = field(default_factory=lambda: EVERYBODY)

    @property
    def intent(self) -> Intent:
        assert self.state is not None
        return self.state

    @property
    def task(self) -> Task:
        return self.intent.tasks[TASK]

    @property
    def status(self) -> str:
        return str(self.intent.status)

    @property
    def task_state(self) -> str:
        return str(self.task.state)

    @property
    def kinds(self) -> list[str]:
        return [event.body.type for event in self.history]

    def do(self, command: c.Command) -> tuple[e.Event, ...]:
        before = self.state
        events = decide(before, command, now=self.now, directory=self.people, intent_id=INTENT)
        for event in events:
            self.state = evolve(self.state, event, intent_id=INTENT)
        self.history.extend(events)
        if self.state is not None:
            self._plan(before, self.state, events)
        return events

    def refuses(self, command: c.Command, error: type[SignoffError]) -> SignoffError:
        """A refusal of exactly this kind, which has changed nothing."""
        before = self.state
        with pytest.raises(error) as refused:
            self.do(command)
        assert type(refused.value) is error
        assert self.state is before
        return refused.value

    def wait(self, **time: float) -> Story:
        self.now += timedelta(**time)
        return self

    # commands, in short

    def submit(self, *, handled: bool = False, **more: Any) -> Story:
        self.do(submit(handled=handled, **more))
        return self

    def asking(self, *, handled: bool = False, intent: Any = None, **asked: Any) -> Story:
        return self.submit(handled=handled, task=request(**asked), **(intent or {}))

    def opened(self, task_id: str, **asked: Any) -> Story:
        self.do(c.OpenTask(actor=AGENT, task=request(task_id, **asked)))
        return self

    def answered(self, outcome: str, by: Person = MARA, **said: Any) -> tuple[e.Event, ...]:
        return self.do(answer(outcome, by, **said))

    def tick(self, task_id: TaskId = TASK) -> tuple[e.Event, ...]:
        return self.do(rung(task_id))

    def _plan(self, before: Intent | None, after: Intent, events: Sequence[e.Event]) -> None:
        duties = plan(before, after, events)
        self.duties = list(duties)
        for duty in duties:
            if isinstance(duty, SetTimer):
                if duty.at is None:
                    self.armed.pop((duty.kind, duty.task_id), None)
                else:
                    self.armed[duty.kind, duty.task_id] = duty.at


def submit(**more: Any) -> c.SubmitIntent:
    about: dict[str, Any] = {
        "actor": AGENT,
        "workspace": WorkspaceId("default/main"),
        "intent_id": INTENT,
        "type": "refund",
        "title": "Refund 240 EUR to cus_123",
        "agent": AGENT.id,
    }
    return c.SubmitIntent(**{**about, **more})


def answer(
    outcome: str,
    by: Person | Actor = MARA,
    *,
    task: str = TASK,
    digest: str | None = None,
    evidence: Sequence[str] = (),
    **said: Any,
) -> c.AnswerTask:
    raw = RawAnswer(
        outcome=outcome,
        evidence=tuple(Evidence(kind="reference", value=value) for value in evidence),
        **said,
    )
    actor = by.actor if isinstance(by, Person) else by
    return c.AnswerTask(actor=actor, task_id=TaskId(task), raw=raw, view_digest=digest)


def rung(task_id: str = TASK) -> c.FireTimer:
    return c.FireTimer(actor=LADDER, kind=c.TimerKind.RUNG, task_id=TaskId(task_id))


DEADLINE = c.FireTimer(actor=CLOCK, kind=c.TimerKind.DEADLINE)
SLEEP = c.FireTimer(actor=CLOCK, kind=c.TimerKind.SLEEP)
