"""Commands and people for the tests of the engine and of the promises."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from signoff.core import commands as c
from signoff.core.asking import AskRequest
from signoff.core.routing import Actor, Directory, Person
from signoff.core.task import RawAnswer
from signoff.core.words import ActorKind, IntentId, PersonId, TaskId, WorkspaceId

WORKSPACE = WorkspaceId("default/main")
AGENT = Actor(
    kind=ActorKind.AGENT, id="agent://default/main/refunds", label="agent://default/main/refunds"
)
MARIA = Person(
    id=PersonId(f"per_{1:032x}"), email="maria@acme.test", name="Maria", roles=("approver",)
)
JONAS = Person(
    id=PersonId(f"per_{2:032x}"), email="jonas@acme.test", name="Jonas", roles=("approver",)
)
DIRECTORY = Directory(
    people={key: person for person in (MARIA, JONAS) for key in (person.id, person.email)},
    members={"role:approver": (MARIA.id, JONAS.id)},
)

_numbers = count(1)


def fresh_intent_id() -> IntentId:
    return IntentId(f"int_{next(_numbers):032x}")


def fresh_task_id() -> TaskId:
    return TaskId(f"task_{next(_numbers):032x}")


def request(**fields: Any) -> AskRequest:
    """An approval that asks the approvers, unless the fields say otherwise."""
    asked = {"type": "approval", "title": "Refund 240 EUR?", "assignee": "role:approver"} | fields
    return AskRequest(id=fresh_task_id(), fields=asked)


def submission(
    *, handled: bool = False, deadline: datetime | None = None, task: AskRequest | None = None
) -> c.SubmitIntent:
    return c.SubmitIntent(
        actor=AGENT,
        workspace=WORKSPACE,
        intent_id=fresh_intent_id(),
        type="refund",
        title="Refund",
        agent=AGENT.id,
        payload={"amount": 240},
        handled=handled,
        deadline=deadline,
        task=task,
    )


def answer(task_id: TaskId, person: Person = MARIA, outcome: str = "approved") -> c.AnswerTask:
    return c.AnswerTask(actor=person.actor, task_id=task_id, raw=RawAnswer(outcome=outcome))
