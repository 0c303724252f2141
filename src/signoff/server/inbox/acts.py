"""What people do with a task beside answering it: from the forms on its page through the one door.

What the door refuses is shown beside the form it came from, with everything that was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo

from starlette.responses import Response

from signoff.channels import phrases
from signoff.core import commands as c
from signoff.core.words import TaskId
from signoff.errors import Broken, FieldError, Forbidden, InvalidInput, NotFound, SignoffError
from signoff.server.inbox import looking, pages
from signoff.server.inbox.fields import Posted
from signoff.server.inbox.offers import LABELS, Act, Tried
from signoff.server.inbox.refusals import Refusal
from signoff.server.inbox.session import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A posted form being read. Mistakes gather here, so that all of them are told at once."""

    visit: Visit
    task_id: TaskId
    posted: Posted
    wrong: list[FieldError] = field(default_factory=list)

    def text(self, name: str) -> str:
        return looking.first(self.posted, name).strip()

    def needed(self, name: str, otherwise: str) -> str:
        """The text of a field that has to hold some."""
        if not (text := self.text(name)):
            self.mistake(name, otherwise)
        return text

    def mistake(self, name: str, message: str) -> None:
        self.wrong.append(FieldError(name, message))


async def take(visit: Visit, chosen: Act) -> Response:
    """Do what a form asks for, then show the task again."""
    posted = await looking.posted_form(visit)
    sight = await looking.see(visit)
    said = Said(visit=visit, task_id=sight.task.id, posted=posted)
    command = _READ[chosen](said)
    if said.wrong:
        return _refused(visit, sight, _tried(chosen, posted, said.wrong, status=422))
    try:
        await visit.services.door.execute(visit.workspace, command, channel="inbox")
    except (NotFound, Broken):
        raise
    except SignoffError as error:
        now = await visit.services.store.now()
        visit = replace(visit, now=now)
        return _refused(visit, await looking.see(visit), _why(chosen, posted, error, visit.zone))
    # A fragment of its own, or the browser would keep that of the form, which is closed now.
    part = "talk" if chosen is Act.COMMENT else "main"
    return pages.redirect(f"{looking.path_of(sight.task.id)}#{part}")


def _why(chosen: Act, posted: Posted, error: SignoffError, zone: tzinfo) -> Tried:
    """What the door refused, its moments in the person's zone."""
    if isinstance(error, InvalidInput):
        errors = error.errors or (FieldError("", error.message),)
        said = [FieldError(each.field, phrases.local(each.message, zone)) for each in errors]
        return _tried(chosen, posted, said, status=422)
    status = 403 if isinstance(error, Forbidden) else 409
    message = FieldError("", phrases.local(error.message, zone))
    return _tried(chosen, posted, [message], status=status)


def _tried(chosen: Act, posted: Posted, wrong: Sequence[FieldError], *, status: int) -> Tried:
    errors: dict[str, list[str]] = {}
    for each in wrong:
        name = next((part for part in each.field.split(".") if part in LABELS), "")
        errors.setdefault(name, []).append(each.message)
    return Tried(act=chosen, posted=posted, errors=errors, status=status)


def _refused(visit: Visit, sight: looking.Sight, tried: Tried) -> Response:
    """Beside the form where there still is one, else on top, with what was typed."""
    if tried.act in sight.view.offers:
        return looking.render(visit, sight, tried=tried)
    why = [message for messages in tried.errors.values() for message in messages]
    refusal = Refusal(text=" ".join(why), status=tried.status, title="Nothing was done")
    return looking.render(visit, sight, refusal=refusal, typed=tried.typed)


# From the fields of a form to the command


def _comment(said: Said) -> c.Command:
    text = said.needed("text", "Write what you want to say.")
    return c.CommentTask(actor=said.visit.person.actor, task_id=said.task_id, text=text)


def _delegate(said: Said) -> c.Command:
    to = said.needed("to", "Enter the mail address of the person who is to answer.")
    actor, note = said.visit.person.actor, said.text("note") or None
    return c.DelegateTask(actor=actor, task_id=said.task_id, to=to, note=note)


def _reassign(said: Said) -> c.Command:
    lines = said.needed("to", "Enter who is asked instead.").replace(",", "\n").split("\n")
    to = tuple(line.strip() for line in lines if line.strip())
    reason = said.needed("reason", "Say why others are asked.")
    actor = said.visit.person.actor
    return c.ReassignTask(actor=actor, task_id=said.task_id, to=to, reason=reason)


def _snooze(said: Said) -> c.Command:
    until = _until(said)
    return c.SnoozeTask(actor=said.visit.person.actor, task_id=said.task_id, until=until)


def _until(said: Said) -> datetime:
    """A moment that was picked or typed in the person's own zone."""
    now = said.visit.now
    match said.text("for"):
        case "hour":
            return now + timedelta(hours=1)
        case "morning":
            return phrases.next_morning(now, said.visit.zone)
        case "date":
            text = said.needed("until", "Enter a date and a time.")
            try:
                return datetime.fromisoformat(text).replace(tzinfo=said.visit.zone).astimezone(UTC)
            except (ValueError, OverflowError):
                said.mistake("until", "Enter a date and a time, like 2026-11-24T09:30.")
        case _:
            said.mistake("for", "Choose until when.")
    return now


def _extend(said: Said) -> c.Command:
    by = phrases.EXTENSIONS.get(said.text("by"))
    if by is None:
        said.mistake("by", "Choose how much more time.")
    reason = said.needed("reason", "Say why more time is needed.")
    actor, span = said.visit.person.actor, by or timedelta(0)
    return c.ExtendTask(actor=actor, task_id=said.task_id, by=span, reason=reason)


def _pause(said: Said) -> c.Command:
    reason = said.needed("reason", "Say what the task waits for.")
    return c.PauseTask(actor=said.visit.person.actor, task_id=said.task_id, reason=reason)


def _resume(said: Said) -> c.Command:
    return c.ResumeTask(actor=said.visit.person.actor, task_id=said.task_id)


def _watch(said: Said) -> c.Command:
    return c.WatchTask(actor=said.visit.person.actor, task_id=said.task_id)


def _unwatch(said: Said) -> c.Command:
    return c.UnwatchTask(actor=said.visit.person.actor, task_id=said.task_id)


_READ: Mapping[Act, Callable[[Said], c.Command]] = {
    Act.COMMENT: _comment,
    Act.DELEGATE: _delegate,
    Act.SNOOZE: _snooze,
    Act.EXTEND: _extend,
    Act.PAUSE: _pause,
    Act.RESUME: _resume,
    Act.REASSIGN: _reassign,
    Act.WATCH: _watch,
    Act.UNWATCH: _unwatch,
}
