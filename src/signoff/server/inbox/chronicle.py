"""What has happened to a task, told line by line, and what people have said about it.

Pure. Every event of a task has its sentence here, so that nothing happens which a reader of the
page could not find.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import assert_never, get_args

from signoff.channels import phrases
from signoff.core import events as e
from signoff.core.routing import Actor, Person
from signoff.core.task import Opening, StandIn, Task
from signoff.core.words import ActorKind, StandInReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened: ``by`` did what ``text`` says."""

    at: datetime
    by: str
    text: str
    said: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said about the task without answering it."""

    at: datetime
    by: str
    text: str
    mine: bool
    machine: bool


def chronicle(task: Task, history: Iterable[e.Event], zone: tzinfo) -> Iterator[Line]:
    """Everything that happened to the task, oldest first. Comments are told apart from it."""
    for event in history:
        body = event.body
        if not isinstance(body, get_args(e.TaskBody)) or isinstance(body, e.TaskCommented):
            continue
        if body.task_id == task.id:
            text, said = _told(task, body, event.actor, zone)
            yield Line(at=event.at, by=_doer(event.actor), text=text, said=said or None)


def comments(task: Task, history: Iterable[e.Event], person: Person) -> Iterator[Comment]:
    """Every comment on the task, oldest first."""
    for event in history:
        body = event.body
        if isinstance(body, e.TaskCommented) and body.task_id == task.id:
            yield Comment(
                at=event.at,
                by=_doer(event.actor),
                text=body.text,
                mine=event.actor.id == person.id,
                machine=event.actor.kind is ActorKind.AGENT,
            )


def _doer(actor: Actor) -> str:
    match actor.kind:
        case ActorKind.AGENT:
            return phrases.agent_name(actor.label)
        case ActorKind.LADDER:
            return "The ladder"
        case ActorKind.CLOCK:
            return "The clock"
        case _:
            return actor.label


def _told(task: Task, body: e.TaskBody, actor: Actor, zone: tzinfo) -> tuple[str, str | None]:
    """The sentence of one event, without its subject, and the words that were given with it."""
    match body:
        case e.TaskOpened(opening=opening):
            first = next(stage for stage in body.ask.stages if stage.applies)
            return f"asked {_opened(phrases.who(first.who), opening, zone)}", None
        case e.TaskAdvanced(stage=stage, opening=opening):
            asked = phrases.who(task.ask.stages[stage].who)
            return f"passed it on to {_opened(asked, opening, zone)}", None
        case e.TaskRevised(opening=opening):
            return f"handed in a revision{_deputies(opening.stand_ins, zone)}", None
        case e.TaskAnswered() | e.AnswerVoided() | e.ChangesRequested():
            return _answer(body, actor)
        case e.TaskConcluded() | e.TaskExpired() | e.TaskWithdrawn() | e.TaskOverridden():
            return _end(body)
        case (
            e.TaskReminded()
            | e.TaskNotified()
            | e.TaskEscalated()
            | e.OverrideAsked()
            | e.RungSkipped()
        ):
            return _rung(body, zone)
        case (
            e.TaskRecovered()
            | e.TaskPaused()
            | e.TaskResumed()
            | e.TaskSnoozed()
            | e.TaskExtended()
        ):
            return _clock(body, zone)
        case _:
            return _people(body, actor, zone)


def _opened(asked: str, opening: Opening, zone: tzinfo) -> str:
    picked = ""
    if opening.picked is not None:
        picked = f", of whom {phrases.who(opening.picked)} had the least to do"
    return f"{asked}{picked}{_deputies(opening.stand_ins, zone)}"


_Answer = e.TaskAnswered | e.AnswerVoided | e.ChangesRequested


def _answer(body: _Answer, actor: Actor) -> tuple[str, str | None]:
    match body:
        case e.TaskAnswered(seat=seat):
            word = phrases.outcome_word(body.outcome).lower()
            place = f" for {seat.label}" if seat.id != actor.id else ""
            signed = ", signed with a passkey" if body.credential.signature else ""
            return f"answered {word}{place}{signed}", body.comment
        case e.AnswerVoided(who=who, reason=reason):
            return f"no longer counts the answer of {who.label}", reason
        case e.ChangesRequested():
            return "sent it back for changes; answers given before do not count any more", None
        case _:
            assert_never(body)


_End = e.TaskConcluded | e.TaskExpired | e.TaskWithdrawn | e.TaskOverridden


def _end(body: _End) -> tuple[str, str | None]:
    match body:
        case e.TaskConcluded(outcome=outcome, reason=reason):
            plain = reason in ("answered", "")
            return f"ended it as {phrases.outcome_word(outcome).lower()}", None if plain else reason
        case e.TaskExpired():
            return "closed it, because nobody had decided in time", None
        case e.TaskWithdrawn(reason=reason):
            return "withdrew the request", reason
        case e.TaskOverridden(justification=why):
            return "took the run over", why
        case _:
            assert_never(body)


_Rung = e.TaskReminded | e.TaskNotified | e.TaskEscalated | e.OverrideAsked | e.RungSkipped


def _rung(body: _Rung, zone: tzinfo) -> tuple[str, str | None]:
    match body:
        case e.TaskReminded(nth=nth, late=late):
            return "sent a reminder" if nth == 1 else f"sent reminder number {nth}", late
        case e.TaskNotified(to=to, late=late):
            return f"told {phrases.who(to)}", late
        case e.TaskEscalated(to=to, late=late):
            how = "instead" if body.replaces else "as well"
            return f"asked {phrases.who(to)} {how}{_deputies(body.stand_ins, zone)}", late
        case e.OverrideAsked(late=late):
            return "asked for somebody to take the run over", late
        case e.RungSkipped(due_at=due_at, reason=reason):
            return f"left out what was due on {phrases.exact(due_at, zone)}", reason
        case _:
            assert_never(body)


_Clock = e.TaskRecovered | e.TaskPaused | e.TaskResumed | e.TaskSnoozed | e.TaskExtended


def _clock(body: _Clock, zone: tzinfo) -> tuple[str, str | None]:
    match body:
        case e.TaskRecovered(down_from=start, down_until=end):
            lost = phrases.span(end - start)
            text = f"gave back {lost}: no server ran from {phrases.exact(start, zone)}"
            return f"{text} to {phrases.exact(end, zone)}", None
        case e.TaskPaused(reason=reason, until=until):
            return f"stopped the clock, until {phrases.exact(until, zone)} at most", reason
        case e.TaskResumed(reason=reason):
            return "started the clock again", reason
        case e.TaskSnoozed(until=until):
            return f"put reminders off until {phrases.exact(until, zone)}", None
        case e.TaskExtended(by=by, reason=reason):
            return f"gave {phrases.span(by)} more", reason
        case _:
            assert_never(body)


_People = (
    e.TaskClaimed
    | e.TaskReleased
    | e.TaskReassigned
    | e.TaskDelegated
    | e.TaskCommented
    | e.TaskWatched
    | e.TaskUnwatched
)


def _people(body: _People, actor: Actor, zone: tzinfo) -> tuple[str, str | None]:
    match body:
        case e.TaskClaimed():
            return "claimed it", None
        case e.TaskReleased(reason=reason):
            return "released it", None if reason == "released" else reason
        case e.TaskReassigned(to=to, reason=reason):
            text = f"asked {phrases.who(to)} instead{_deputies(body.stand_ins, zone)}"
            return text, reason or body.late
        case e.TaskDelegated(stand_in=each):
            whose = "their" if each.owner.id == actor.id else f"{each.owner.label}’s"
            return f"let {each.deputy.label} answer in {whose} place", each.note
        case e.TaskCommented(text=text):
            return "commented", text
        case e.TaskWatched(who=who):
            own = who.value == actor.id
            return "watches it" if own else f"let {who.label} watch it", None
        case e.TaskUnwatched(who=who):
            own = who.value == actor.id
            return "no longer watches it" if own else f"took {who.label} off the watchers", None
        case _:
            assert_never(body)


def _deputies(stand_ins: Sequence[StandIn], zone: tzinfo) -> str:
    """Who answers for whom, as the end of a sentence."""
    told = [f"{each.deputy.label} for {each.owner.label}{_away(each, zone)}" for each in stand_ins]
    return f"; {', '.join(told)}" if told else ""


def _away(each: StandIn, zone: tzinfo) -> str:
    if each.why is not StandInReason.ABSENT:
        return ""
    return f" (away{phrases.until_day(each.until, each.until, zone)})" if each.until else " (away)"
