"""The one error tree. Every refusal anywhere in Signoff is one of these, with a stable code.

    SignoffError
    ├── CallerError      the request is wrong; sending it again unchanged will fail again
    │   ├── InvalidInput         invalid_input        a field is missing or malformed
    │   │   ├── InvalidAnswer    invalid_answer       the answer does not satisfy the task
    │   │   ├── InvalidTask      invalid_task         the task as asked makes no sense
    │   │   ├── InvalidJson      invalid_json         the body is not strict JSON
    │   │   └── UnknownPerson    unknown_person       a task names somebody nobody knows
    │   ├── TooLarge             too_large            the body or a value is over its limit
    │   ├── WrongMediaType       wrong_media_type     the body is sent as something else than JSON
    │   ├── WrongMethod          wrong_method         the path does not take that method
    │   ├── Unauthenticated      unauthenticated      no key, or a key nobody issued
    │   ├── Forbidden            forbidden            the key is good but may not do this
    │   │   ├── AgentMayNotDecide  agent_may_not_decide
    │   │   ├── NotAPerson       not_a_person         only a person answers
    │   │   ├── NotEligible      not_eligible         this person is not asked
    │   │   ├── CredentialTooWeak  credential_too_weak  the answer needs a stronger proof of who
    │   │   └── SignatureRefused  signature_refused   no passkey of theirs signed this very answer
    │   ├── NotFound             not_found            no such thing in this workspace
    │   ├── KeyReused            idempotency_key_reused  same key, other body
    │   ├── AlreadyExists        already_exists       the name is taken
    │   └── JournalMismatch      journal_mismatch     (SDK) a run's code does not fit its journal
    ├── WorldMoved       it was a fine request a moment ago
    │   ├── AlreadyConcluded     already_concluded    somebody decided first
    │   ├── TaskExpired          task_expired         the deadline has passed
    │   ├── TaskWithdrawn        task_withdrawn       nobody needs the answer any more
    │   ├── TaskOverridden       task_overridden      a person took the run over
    │   ├── AlreadyClaimed       already_claimed      somebody else is on it
    │   ├── NotClaimed           not_claimed          there is no claim to release
    │   ├── StaleView            stale_view           what was shown is not what is asked now
    │   ├── AlreadyAnswered      already_answered     they have said so, and others are still asked
    │   ├── ChangedMeanwhile     changed_meanwhile    somebody else changed the same settings first
    │   ├── NotLoggedYet         not_logged_yet       no published checkpoint covers it so far
    │   ├── LinkSpent            link_spent           a link answers once
    │   ├── LinkExpired          link_expired         its time is over; a later notice has another
    │   ├── UnderHold            under_hold           a legal hold stands against erasing it
    │   ├── IntentClosed         intent_closed        the intent is terminal and never changes
    │   └── IllegalMove          illegal_move         the lifecycle has no such transition
    ├── Broken           we are broken, or somebody we depend on is
    │   ├── StoreUnavailable     store_unavailable    the database did not answer
    │   ├── StoreOutdated        store_outdated       the schema is older or newer than this program
    │   ├── LogBroken            log_broken           what is stored is not what the log signed
    │   ├── Overloaded           overloaded           too much is queued; try again shortly
    │   └── Unreachable          unreachable          (SDK) the server did not answer
    ├── StillWaiting     still_waiting    (SDK) nobody has answered yet; the task stays open
    └── Rejected         rejected         (SDK) a person was asked, and said no

The HTTP status of a code is decided in ``signoff.server.problems`` only, exit codes in
``signoff.cli`` only. A message says what happened, why, and what to do next, and never holds a
secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field: ``field`` is a dotted path, ``message`` a sentence."""

    field: str
    message: str


class SignoffError(Exception):
    """The root of every error Signoff raises on purpose.

    :param message: what happened, why, and what to do next, in a sentence or two.
    :param errors: what is wrong field by field, where that is known.
    :param about: the facts a program may want (ids, who won and when); JSON values only.
    """

    code: ClassVar[str] = "signoff_error"
    title: ClassVar[str] = "Something went wrong"

    def __init__(
        self,
        message: str = "",
        *,
        errors: Sequence[FieldError] = (),
        about: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message or self.title)
        self.message = message or self.title
        self.errors = tuple(errors)
        self.about = dict(about or {})


class CallerError(SignoffError):
    """The request is wrong; sending it again unchanged will fail again."""


class WorldMoved(SignoffError):
    """The request was fine when it was made; the world has moved since."""


class Broken(SignoffError):
    """We are broken, or something we depend on is; trying again later may help."""


class InvalidInput(CallerError):
    code = "invalid_input"
    title = "The request is not valid"

    @classmethod
    def at(cls, field: str, message: str) -> Self:
        """One thing wrong with one field, which is all there is to say.

        :param field: its dotted path.
        """
        return cls(message, errors=[FieldError(field, message)])


class InvalidAnswer(InvalidInput):
    code = "invalid_answer"
    title = "The answer does not satisfy the task"


class InvalidTask(InvalidInput):
    code = "invalid_task"
    title = "The task as asked makes no sense"


class InvalidJson(InvalidInput):
    code = "invalid_json"
    title = "The body is not strict JSON"


class UnknownPerson(InvalidInput):
    code = "unknown_person"
    title = "Nobody here is known by that name"


class TooLarge(CallerError):
    code = "too_large"
    title = "The request is over a size limit"


class WrongMediaType(CallerError):
    code = "wrong_media_type"
    title = "The body must be sent as application/json"


class WrongMethod(CallerError):
    code = "wrong_method"
    title = "This path does not take that method"


class Unauthenticated(CallerError):
    code = "unauthenticated"
    title = "A valid key is needed"


class Forbidden(CallerError):
    code = "forbidden"
    title = "This key may not do that"


class AgentMayNotDecide(Forbidden):
    code = "agent_may_not_decide"
    title = "An agent's key can never decide"


class NotAPerson(Forbidden):
    code = "not_a_person"
    title = "Only a person can do that"


class NotEligible(Forbidden):
    code = "not_eligible"
    title = "This person is not asked"


class CredentialTooWeak(Forbidden):
    code = "credential_too_weak"
    title = "The answer needs a stronger proof of who gives it"


class SignatureRefused(Forbidden):
    code = "signature_refused"
    title = "No passkey of this person signed this very answer"


class NotFound(CallerError):
    code = "not_found"
    title = "There is no such thing here"


class KeyReused(CallerError):
    code = "idempotency_key_reused"
    title = "This idempotency key was used with another request"


class AlreadyExists(CallerError):
    code = "already_exists"
    title = "That name is taken"


class JournalMismatch(CallerError):
    code = "journal_mismatch"
    title = "The run's code does not fit what its journal holds"


class AlreadyConcluded(WorldMoved):
    code = "already_concluded"
    title = "The task is already decided"


class TaskExpired(WorldMoved):
    code = "task_expired"
    title = "The task's deadline has passed"


class TaskWithdrawn(WorldMoved):
    code = "task_withdrawn"
    title = "The task was withdrawn"


class TaskOverridden(WorldMoved):
    code = "task_overridden"
    title = "A person took the run over"


class AlreadyClaimed(WorldMoved):
    code = "already_claimed"
    title = "Somebody else has claimed the task"


class NotClaimed(WorldMoved):
    code = "not_claimed"
    title = "There is no claim to release"


class StaleView(WorldMoved):
    code = "stale_view"
    title = "The task changed after it was shown"


class AlreadyAnswered(WorldMoved):
    code = "already_answered"
    title = "You have answered that already"


class ChangedMeanwhile(WorldMoved):
    code = "changed_meanwhile"
    title = "Somebody else changed it meanwhile"


class NotLoggedYet(WorldMoved):
    code = "not_logged_yet"
    title = "The log does not cover this yet"


class LinkSpent(WorldMoved):
    code = "link_spent"
    title = "This link has been used"


class LinkExpired(WorldMoved):
    code = "link_expired"
    title = "This link is no longer good"


class UnderHold(WorldMoved):
    code = "under_hold"
    title = "A legal hold stands against erasing this"


class IntentClosed(WorldMoved):
    code = "intent_closed"
    title = "The intent is closed and never changes"


class IllegalMove(WorldMoved):
    code = "illegal_move"
    title = "The lifecycle has no such transition"


class StoreUnavailable(Broken):
    code = "store_unavailable"
    title = "The database did not answer"


class StoreOutdated(Broken):
    code = "store_outdated"
    title = "The database schema does not fit this program"


class LogBroken(Broken):
    code = "log_broken"
    title = "What is stored is not what the log has signed"


class Overloaded(Broken):
    code = "overloaded"
    title = "Too much is queued"


class Unreachable(Broken):
    code = "unreachable"
    title = "The server did not answer"


class StillWaiting(SignoffError):
    """The caller's own ``timeout`` passed. ``about`` holds ``task_id`` and ``intent_id``."""

    code = "still_waiting"
    title = "Nobody has answered yet; the task stays open"

    @property
    def task_id(self) -> str | None:
        return self.about.get("task_id")

    @property
    def intent_id(self) -> str | None:
        return self.about.get("intent_id")


class Rejected(SignoffError):
    """A person said no. ``about`` holds ``task_id``, ``outcome``, ``by`` and ``comment``."""

    code = "rejected"
    title = "A person was asked, and said no"


def by_code() -> dict[str, type[SignoffError]]:
    """Map every stable code to its class, for the SDK to raise what the server meant."""
    found: dict[str, type[SignoffError]] = {}
    open_ends: list[type[SignoffError]] = [SignoffError]
    while open_ends:
        cls = open_ends.pop()
        found.setdefault(cls.code, cls)
        open_ends.extend(cls.__subclasses__())
    return found
