"""A link to one task for one person: what it may answer, until when, and that it does so once.

Pure. A link proves that somebody reads a mailbox, not who they are. Spending it is part of the
answer: it is spent if and only if the answer is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signoff.core.task import RawAnswer, Task
from signoff.core.words import PersonId, Risk, TaskId, WorkspaceId
from signoff.errors import CredentialTooWeak, Forbidden, LinkExpired, LinkSpent, StaleView

MAX_WRONG = 5
"""After so many wrong codes a link answers nothing any more."""


class LinkKind(StrEnum):
    """What holds the secret: the address of a page, or an address to reply to."""

    PAGE = "page"
    REPLY = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """``hash`` is the SHA-256 of the secret, in hex.

    :param notice_id: of the notice it was sent with.
    :param view_digest: what the person was told of; a link is of no use once that has changed.
    :param outcomes: what it may answer.
    :param code: the SHA-256 of the secret and the code that stands beside it in the mail, in hex;
        None where there is none.
    :param wrong: how many wrong codes were given.
    """

    hash: str
    workspace: WorkspaceId
    kind: LinkKind
    person_id: PersonId
    task_id: TaskId
    notice_id: str
    view_digest: str
    outcomes: tuple[str, ...]
    expires_at: datetime
    created_at: datetime
    spent_at: datetime | None = None
    code: str | None = None
    wrong: int = 0


def wants_code(risk: Risk) -> bool:
    """Whether an answer by link takes the code beside it, which no scanner of links types."""
    return risk is not Risk.LOW


def require_answers(
    link: Link | None, task: Task, person_id: PersonId, raw: RawAnswer, *, now: datetime
) -> None:
    """Refuse an answer that this link does not allow.

    :param link: as it is stored, None where there is none of that hash.
    :raises LinkSpent: it has answered before.
    :raises LinkExpired: its time is over, or there is no such link any more.
    :raises StaleView: the task shows something else than when the link was sent.
    :raises Forbidden: it is another's link, or of another task, or not for this outcome.
    :raises CredentialTooWeak: the task is of high risk.
    """
    if link is None or now >= link.expires_at:
        raise LinkExpired("this link is no longer good; the latest notice has one that is")
    if link.spent_at is not None:
        raise LinkSpent("this link has been used: it answers once")
    if (link.task_id, link.person_id) != (task.id, person_id):
        raise Forbidden("this link is for another task or another person")
    if raw.outcome not in link.outcomes:
        raise Forbidden(f"this link does not answer {raw.outcome!r}")
    if task.ask.risk is Risk.HIGH:
        raise CredentialTooWeak(
            "a link proves a mailbox, not a person: sign in to answer what is of high risk",
            about={"needed": "session", "given": "link"},
        )
    if link.view_digest != task.view_digest:
        raise StaleView(
            "the task changed after this link was sent; the latest notice has one that shows it "
            "as it is",
            about={"shown": link.view_digest, "current": task.view_digest},
        )
