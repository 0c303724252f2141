"""From the arguments of a call to the fields of a task: what each type takes, and its defaults.

The typed dictionaries below are the single list of these arguments: the signatures of both
clients and of runs are made of them, and so is the refusal of a name nobody knows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, TypeAlias, TypedDict, TypeVar, cast

from signoff.client import results
from signoff.client._json import JSON, schema_of, seconds, to_json
from signoff.client.chains import AnyCalendar, References, Rung, Span, Stage
from signoff.client.documents import TaskDocument
from signoff.client.results import Decision

R = TypeVar("R", bound=Decision)

TaskType: TypeAlias = Literal[
    "approval",
    "review",
    "confirmation",
    "assignment",
    "form",
    "clarification",
    "manual_action",
    "override",
]
Demand: TypeAlias = Literal["optional", "required"]
Revise: TypeAlias = Callable[[str, Any], Any]
"""``revise(comment, content)`` returns the next draft; in the async client it may be async."""

REVISIONS = 10
_TITLE_LENGTH = 300
_SLUG_LENGTH = 60


class AskFields(TypedDict, total=False):
    """What every request to people takes. All of it but who is asked may be left out.

    * ``title``: one line, at most 300 characters; ``description``: as long as need be.
    * ``assignee``, ``assignees``: mail addresses, ``role:NAME`` or ``group:NAME``; ``chain``:
      several stages in order, each one of these or a ``signoff.Stage``. ``exclude``: who is not
      asked though a role or group would include them.
    * ``deadline``: a duration (``timedelta`` or ``"24h"``) or a moment; afterwards the task
      expires. ``start_deadline``: it fails unless somebody has begun by then. ``ladder``: what
      happens until then, each a ``signoff.Rung``; ``calendar``: what working hours count by.
    * ``pause``: whether the clock may stop while the task waits on the one who asks. ``outage``:
      whether time in which no server was alive is given back (``fair``) or not (``strict``).
    * ``watchers``: who is told what becomes of it without being asked. ``self_approval``: whether,
      by way of exception, the requester may decide; administrators say where that is allowed.
    * ``outcomes`` narrows what can be answered; ``comment``, ``evidence``: optional or required.
    * ``risk``: ``high`` asks for more care. ``schema``: JSON Schema that ``data`` must satisfy.
    * ``credential``: how sure it must be that an answer is its giver's; ``session`` takes none
      over the API, ``signed`` asks for their passkey.
    * ``key``: the idempotency key. The same key is the same task and the same answer, also after
      a crash; with another question it is refused. At most 255 visible ASCII characters.
    * ``timeout``: seconds (or a ``timedelta``) after which to stop waiting; the task stays open.
    * ``payload``, ``on_behalf_of``, ``provenance`` (what produced the request), ``custody`` (how
      its data is kept): of the intent that is made; not inside a run, which has them.
    """

    title: str
    description: str | None
    assignee: str | None
    assignees: Sequence[str] | None
    chain: Sequence[str | Stage | Mapping[str, object]] | None
    exclude: References | None
    outcomes: Sequence[str] | None
    ladder: Sequence[Rung | Mapping[str, object]] | None
    calendar: AnyCalendar | None
    deadline: str | timedelta | datetime | None
    start_deadline: Span | None
    pause: bool
    outage: Literal["fair", "strict"]
    watchers: References | None
    self_approval: bool
    comment: Demand
    evidence: Demand
    risk: Literal["low", "medium", "high"]
    credential: Literal["link", "key", "session", "mfa", "signed"]
    schema: Mapping[str, object] | None
    key: str | None
    timeout: float | timedelta | None
    payload: object
    on_behalf_of: str | None
    provenance: Mapping[str, object] | None
    custody: Mapping[str, object] | None


class ApprovalFields(AskFields, total=False):
    """``action``: ``{name, arguments, schema?}``, what will run; ``editable``: arguments may be."""

    action: Mapping[str, object] | None
    editable: bool


class ReviewFields(AskFields, total=False):
    """``content``: the draft; ``revise``: makes the next one, at most ``revisions`` times."""

    content: object
    revise: Revise | None
    revisions: int


class ConfirmationFields(AskFields, total=False):
    """``statement``: the fact; ``phrase``: what must be typed to confirm it."""

    statement: str
    phrase: str | None


class AssignmentFields(AskFields, total=False):
    """``candidates``: whom the work may go to; without them, anybody may be named."""

    candidates: Sequence[str]


class FormFields(AskFields, total=False):
    """``initial``: values to start from; the fields are those of ``schema`` or ``answer``."""

    initial: object


class ClarificationFields(AskFields, total=False):
    """``question`` in words; ``choices`` narrow it; ``follows``: the task it comes back to."""

    question: str
    choices: Sequence[str] | None
    follows: str | None


class ManualActionFields(AskFields, total=False):
    """``instructions``: what to do; ``checklist``: all of which must be ticked."""

    instructions: str
    checklist: Sequence[str]


class OverrideFields(AskFields, total=False):
    """``reason``: why somebody should take the run over."""

    reason: str


FIELDS: Mapping[str, type] = {
    "approval": ApprovalFields,
    "review": ReviewFields,
    "confirmation": ConfirmationFields,
    "assignment": AssignmentFields,
    "form": FormFields,
    "clarification": ClarificationFields,
    "manual_action": ManualActionFields,
    "override": OverrideFields,
}

_SAYS = {"confirmation": "statement", "clarification": "question", "manual_action": "instructions"}
_NOT_OF_THE_TASK = frozenset(
    {"key", "timeout", "payload", "on_behalf_of", "provenance", "custody", "revise"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[R]):
    """One request to people, ready to send.

    :ivar task: the fields as the server takes them.
    :ivar timeout: seconds to wait at most, or None.
    :ivar model: what a submitted form is read as.
    """

    task: Mapping[str, JSON]
    key: str | None
    timeout: float | None
    payload: JSON
    on_behalf_of: str | None
    revise: Revise | None
    model: type | None = None
    provenance: Mapping[str, object] | None = None
    custody: Mapping[str, object] | None = None

    @property
    def type(self) -> str:
        return cast(str, self.task["type"])

    def read(self, task: TaskDocument) -> R:
        """The typed result of the task that was made of this."""
        return cast(R, results.read_decision(task, self.model))

    def slug(self) -> str:
        """Type and title as a key: what tells the tasks of one run apart, the same every time."""
        title = str(self.task["title"])
        words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:_SLUG_LENGTH]
        digest = hashlib.sha256(title.encode()).hexdigest()[:8]
        return f"{self.type}:{words}:{digest}"


def question(
    task_type: str, given: Mapping[str, Any], *, answer: type | None = None
) -> Question[Any]:
    """Judge the arguments of a call and make the question.

    :raises TypeError: an argument nobody knows, or two that exclude each other.
    :raises InvalidInput: a value that does not become JSON.
    """
    _require_known(task_type, given)
    if answer is not None and task_type != "form":
        raise TypeError(f"answer= makes a form; it does not go with task={task_type!r}")
    fields = {k: v for k, v in given.items() if v is not None and k not in _NOT_OF_THE_TASK}
    revise = given.get("revise")
    if revise is not None:
        fields.setdefault("revisions", REVISIONS)
    elif fields.get("revisions"):
        raise TypeError("revisions= needs revise=, the function that makes the next draft")
    if answer is not None:
        fields["schema"] = schema_of(answer)
    fields.setdefault("title", _title(task_type, fields))
    task = {name: to_json(value, field=name) for name, value in fields.items()}
    timeout = given.get("timeout")
    return Question(
        task={"type": task_type, **task},
        key=given.get("key"),
        timeout=None if timeout is None else seconds(timeout),
        payload=to_json(given.get("payload"), field="payload"),
        on_behalf_of=given.get("on_behalf_of"),
        revise=revise,
        model=answer,
        provenance=given.get("provenance"),
        custody=given.get("custody"),
    )


def _require_known(task_type: str, given: Mapping[str, Any]) -> None:
    if task_type not in FIELDS:
        raise TypeError(f"{task_type!r} is no type of task; use one of {', '.join(FIELDS)}")
    known = FIELDS[task_type].__annotations__
    strange = [name for name in given if name not in known]
    if strange:
        raise TypeError(f"{task_type}() got an unexpected keyword argument {strange[0]!r}")
    if given.get("assignee") and given.get("chain"):
        raise TypeError("give either assignee= or chain=, not both")


def _title(task_type: str, fields: Mapping[str, Any]) -> str:
    """The words of the question itself, where the caller gave no title."""
    if task_type in _SAYS and fields.get(_SAYS[task_type]):
        first_line, *more = str(fields[_SAYS[task_type]]).strip().splitlines() or [""]
        cut = more or len(first_line) > _TITLE_LENGTH
        return f"{first_line[: _TITLE_LENGTH - 1]}…" if cut else first_line
    action = fields.get("action")
    if isinstance(action, Mapping) and action.get("name"):
        return f"Run {action['name']}?"[:_TITLE_LENGTH]
    return f"{task_type.replace('_', ' ').capitalize()} requested"
