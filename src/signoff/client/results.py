"""What people decided, typed: one frozen class per type of task, truthy for the go-ahead.

``if decision:`` means approved, confirmed, assigned, submitted, answered, completed or overridden.
Each class also has the natural words of its type, so that no one digs in ``data``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from signoff.client._json import restore
from signoff.client.documents import AnswerDocument, DecisionDocument, TaskDocument
from signoff.errors import Broken, Rejected

D = TypeVar("D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One piece of evidence: a link, or a reference number or note in another system."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one of those who were asked said.

    :ivar by: their mail address.
    :ivar for_: in whose place they said it, where not in their own.
    :ivar stage: in which stage of the chain, from 0.
    """

    by: str
    for_: str | None
    outcome: str
    stage: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a task concluded with. It is written once: asking again gives the same.

    :ivar outcome: the word of the decision, such as ``approved``.
    :ivar by: the mail address of who decided, or ``ladder`` where time ran out.
    :ivar at: when, aware, in UTC.
    :ivar data: what was said besides, as JSON.
    :ivar answers: what everybody said who was asked, in order; several where a stage needs
        several, or the chain has several stages.
    :ivar receipt: the portable proof of the decision, where it was taken: see ``Client.receipt``.
    """

    FAVOURABLE: ClassVar[str] = ""

    outcome: str
    by: str
    at: datetime
    comment: str | None = None
    data: Any = None
    evidence: tuple[Evidence, ...] = ()
    answers: tuple[Answer, ...] = ()
    task_id: str
    intent_id: str
    receipt: str | None = None

    def __bool__(self) -> bool:
        return self.outcome == self.FAVOURABLE

    @property
    def timed_out(self) -> bool:
        """Whether nobody decided in time and the task's ladder did."""
        return self.by == "ladder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Decision):
    """Yes or no to an action.

    :ivar arguments: what was approved and is to run, with a person's edits in it; empty unless
        an action was approved.
    :ivar edited: whether a person changed the arguments before approving them.
    """

    FAVOURABLE: ClassVar[str] = "approved"

    arguments: Mapping[str, Any] = field(default_factory=dict)
    edited: bool = False

    @property
    def approved(self) -> bool:
        return bool(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Decision):
    """A verdict on a draft.

    :ivar content: the draft that was decided on, after every revision.
    :ivar rounds: how often changes were requested and handed in.
    """

    FAVOURABLE: ClassVar[str] = "approved"

    content: Any = None
    rounds: int = 0

    @property
    def approved(self) -> bool:
        return bool(self)

    @property
    def changes_requested(self) -> bool:
        """Whether it ended with a wish for changes and no revision left to answer it with."""
        return self.outcome == "changes_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation(Decision):
    """Whether a person states that a fact is so."""

    FAVOURABLE: ClassVar[str] = "confirmed"

    @property
    def confirmed(self) -> bool:
        return bool(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(Decision):
    """Who owns a piece of work."""

    FAVOURABLE: ClassVar[str] = "assigned"

    @property
    def assignee(self) -> str | None:
        """The candidate picked, or None where nobody was."""
        return _text(self.data, "assignee") if self else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Decision, Generic[D]):
    """A form filled in. ``data`` holds its values, typed where ``answer=`` gave a model."""

    FAVOURABLE: ClassVar[str] = "submitted"

    data: D | None = None

    @property
    def values(self) -> D:
        """The values, for code that has no other way than to have them.

        :raises Rejected: the person declined to fill the form in.
        """
        if not self or self.data is None:
            raise rejected(self)
        return self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarification(Decision):
    """A question answered."""

    FAVOURABLE: ClassVar[str] = "answered"

    @property
    def answer(self) -> str | None:
        """What was answered, or None where the person declined to."""
        return _text(self.data, "answer") if self else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualAction(Decision):
    """Something done outside, with the ``evidence`` of it."""

    FAVOURABLE: ClassVar[str] = "completed"

    @property
    def completed(self) -> bool:
        return bool(self)

    @property
    def done(self) -> tuple[str, ...]:
        """The items of the checklist that were ticked."""
        said = self.data.get("done") if isinstance(self.data, Mapping) else None
        return tuple(said) if isinstance(said, list) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override(Decision):
    """Whether a person took the run over, and what they do with it."""

    FAVOURABLE: ClassVar[str] = "overridden"

    @property
    def action(self) -> str | None:
        """``stop``, ``replace`` or ``hand_over``; None where the person refused."""
        return _text(self.data, "action") if self else None

    @property
    def result(self) -> Any:
        """The result that replaces the run's own, for ``replace``."""
        return self.data.get("result") if isinstance(self.data, Mapping) else None

    @property
    def to(self) -> str | None:
        """Who has the work now, for ``hand_over``."""
        return _text(self.data, "to") if self else None


KINDS: Mapping[str, type[Decision]] = {
    "approval": Approval,
    "review": Review,
    "confirmation": Confirmation,
    "assignment": Assignment,
    "form": Form,
    "clarification": Clarification,
    "manual_action": ManualAction,
    "override": Override,
}


def read_decision(task: TaskDocument, model: type | None = None) -> Decision:
    """Make the typed result of a concluded task.

    :param model: what the values of a submitted form are made into.
    :raises Broken: the document is not what a Signoff server answers.
    :raises InvalidInput: the values do not fit the model; it is not the one that was asked with.
    """
    decision = task["decision"]
    kind = KINDS.get(task["type"], Decision)
    if decision is None:
        raise Broken(f"task {task['id']} is concluded, but its decision is missing")
    return kind(
        outcome=decision["outcome"],
        by=decision["by"],
        at=datetime.fromisoformat(decision["at"]),
        comment=decision["comment"],
        data=_data(kind, decision, model),
        evidence=tuple(Evidence(kind=e["kind"], value=e["value"]) for e in decision["evidence"]),
        answers=tuple(_answer(each) for each in task.get("answers") or ()),
        task_id=task["id"],
        intent_id=task["intent_id"],
        **_own(kind, task, decision),
    )


def _answer(said: AnswerDocument) -> Answer:
    return Answer(
        by=said["by"],
        for_=said["for"],
        outcome=said["outcome"],
        stage=said["stage"],
        at=datetime.fromisoformat(said["at"]),
    )


def rejected(decision: Decision) -> Rejected:
    """The error that says a person said no, for code that cannot go on then."""
    why = f": {decision.comment}" if decision.comment else ""
    return Rejected(
        f"{decision.by} answered {decision.outcome}{why}",
        about={
            "task_id": decision.task_id,
            "intent_id": decision.intent_id,
            "outcome": decision.outcome,
            "by": decision.by,
            "comment": decision.comment,
        },
    )


def _data(kind: type[Decision], decision: DecisionDocument, model: type | None) -> Any:
    if model is None or decision["outcome"] != kind.FAVOURABLE:
        return decision["data"]
    return restore(decision["data"], model, field="data")


def _own(kind: type[Decision], task: TaskDocument, decision: DecisionDocument) -> dict[str, Any]:
    """The fields that only this kind of result has."""
    if kind is Review:
        return {"content": task["content"], "rounds": len(task["rounds"])}
    action = task["spec"].get("action")
    if kind is not Approval or action is None or decision["outcome"] != Approval.FAVOURABLE:
        return {}
    asked = action.get("arguments") or {}
    said = decision["data"]
    approved = said.get("arguments", asked) if isinstance(said, Mapping) else asked
    return {"arguments": approved, "edited": approved != asked}


def _text(data: Any, name: str) -> str | None:
    found = data.get(name) if isinstance(data, Mapping) else None
    return found if isinstance(found, str) else None
