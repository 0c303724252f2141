"""Why an answer was not recorded, in words for the person who gave it.

Pure. The door has refused, or the task as it is now says by itself that it came too late; the page
shows the task as it is now with this on top and what was typed still there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from signoff.channels import phrases
from signoff.core.task import Task
from signoff.core.words import ActorKind, TaskState
from signoff.errors import (
    AlreadyClaimed,
    CredentialTooWeak,
    IllegalMove,
    NotEligible,
    SignatureRefused,
    SignoffError,
    StaleView,
    TaskExpired,
)
from signoff.server.inbox.fields import (
    Choice,
    Choices,
    Field,
    Fixed,
    Flag,
    Group,
    Posted,
    Rows,
    Variant,
    keys_in,
    picked_in,
    text_in,
    walk,
)
from signoff.server.inbox.posted import touched
from signoff.server.inbox.questions import question
from signoff.server.inbox.showing import TaskView
from signoff.server.inbox.ways import why_signed

STALE = (
    "The task changed after it was shown to you, so your answer was not recorded. This is how it "
    "stands now; what you typed is still below. Look again, then decide."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """``status`` is 409 where the world has moved, 403 where it never was this person's to do."""

    text: str
    status: int = 409
    title: str = "Nothing was recorded"


def closed(view: TaskView, zone: tzinfo, *, mine: bool) -> Refusal:
    """The task was closed before the answer arrived: by whom or by what, and when.

    :param mine: it was closed by the person who is told this.
    """
    task = view.task
    won = task.decision
    if won is not None:
        word = phrases.outcome_word(won.outcome).lower()
        when = phrases.exact(won.at, zone)
        if mine:
            text = f"You decided {word} on {when}. A decision is final."
        elif won.by.kind is ActorKind.LADDER:
            text = f"Time ran out on {when} before your answer arrived; the task ended as {word}."
        else:
            text = f"{won.by.label} decided {word} on {when}, before your answer arrived."
        return Refusal(text=text)
    if task.state is TaskState.EXPIRED:
        return _expired(task, zone)
    if task.state is TaskState.WITHDRAWN:
        return Refusal(text="The request was withdrawn before your answer arrived.")
    who = view.overridden_by or "Somebody"
    return Refusal(text=f"{who} took the run over before your answer arrived.")


def refused(error: SignoffError, view: TaskView, zone: tzinfo) -> Refusal:
    """What the door's refusal means on the page of a task that is still live."""
    match error:
        case StaleView():
            return Refusal(text=STALE)
        case TaskExpired():
            return _expired(view.task, zone)
        case AlreadyClaimed() if view.task.claimed_by is not None:
            who = view.task.claimed_by.label
            return Refusal(text=f"{who} has claimed this task. Ask them to release it.")
        case IllegalMove() if view.task.awaiting_revision and view.rounds:
            who = view.rounds[-1].by
            again = "You are asked again when the agent hands in its revision."
            return Refusal(text=f"{who} asked for changes before your answer arrived. {again}")
        case NotEligible():
            return _not_asked(error, view)
        case CredentialTooWeak():
            return Refusal(text=why_signed(view.task.ask), status=403)
        case SignatureRefused():
            return Refusal(text=error.message, status=403)
        case _:
            return Refusal(text=error.message)


def _expired(task: Task, zone: tzinfo) -> Refusal:
    when = phrases.exact(task.due_at, zone)
    return Refusal(text=f"The deadline passed on {when}; no answer is accepted after it.")


def _not_asked(error: SignoffError, view: TaskView) -> Refusal:
    """Somebody of the same stage may have been faster, and the next stage is asked now."""
    before = view.stages[view.task.stage - 1].answers if view.task.stage else ()
    if not before or before[-1].mine:
        return Refusal(text=error.message, status=403)
    first = before[-1]
    now = phrases.who(view.task.asked.who)
    said = phrases.outcome_word(first.outcome).lower()
    return Refusal(text=f"{first.by} answered {said} before you; now {now} is asked.")


def typed_in(task: Task, posted: Posted) -> tuple[tuple[str, str], ...]:
    """What a person had typed, for a page that no longer has the fields for it."""
    form = question(task, posted)
    found = list(_typed_in(form, posted)) if form is not None else []
    for name in ("comment", "evidence"):
        if text := next(iter(posted.get(name, ())), "").strip():
            found.append((name.capitalize(), text))
    return tuple(found)


def _typed_in(form: Field, posted: Posted) -> Iterator[tuple[str, str]]:
    for field in walk(form):
        match field:
            case Group() | Rows() | Fixed():
                continue
            case _ if not touched(field, posted):
                continue
            case Flag():
                text = "yes" if keys_in(field, posted) else "no"
            case Choices():
                keys = keys_in(field, posted)
                text = ", ".join(each.label for each in field.options if each.key in keys)
            case Variant():
                key = picked_in(field, posted)
                text = next((each.label for each in field.branches if each.key == key), "")
            case Choice():
                key = text_in(field, posted)
                text = next((each.label for each in field.options if each.key == key), "")
            case _:
                text = text_in(field, posted)
        yield field.label or "Your answer", text
