"""The page of one task: looking at it, answering it, claiming and releasing it.

Every change goes through the one door; what the door refuses is shown on the page as it is now,
with everything the person had typed still there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from starlette.responses import Response

from signoff.core import tally
from signoff.core.commands import AnswerTask, ClaimTask, Command, ReleaseTask
from signoff.core.decide import why_closed
from signoff.core.routing import Actor
from signoff.core.task import Task
from signoff.core.words import TaskId
from signoff.engine.noting import Attempt
from signoff.errors import (
    AlreadyAnswered,
    CredentialTooWeak,
    FieldError,
    InvalidInput,
    NotEligible,
    SignatureRefused,
    SignoffError,
    StaleView,
    WorldMoved,
)
from signoff.server import recording
from signoff.server.inbox import drafts, looking, news, pages, signing
from signoff.server.inbox.codes import FIELD, wrong_code
from signoff.server.inbox.fields import Posted
from signoff.server.inbox.looking import Sight, first, here, path_of, posted_form, render, see
from signoff.server.inbox.questions import given
from signoff.server.inbox.refusals import STALE, Refusal, closed, refused
from signoff.server.inbox.session import Visit
from signoff.server.inbox.showing import Standing

CHANNEL = "inbox"
_REFUSED = 400


async def show(visit: Visit) -> Response:
    """The task as it is now."""
    sight = await see(visit)
    draft = await drafts.kept(visit, sight)
    present = await news.present(visit, sight.task.id) if visit.by_link is None else ()
    posted = draft.form if draft else None
    return render(visit, sight, posted=posted, draft=draft, present=present)


async def answer(visit: Visit) -> Response:
    """Send a person's answer through the door, or show what keeps it from going through."""
    posted = await posted_form(visit)
    sight = await see(visit)
    task, standing = sight.task, sight.view.standing
    if standing is Standing.CLOSED:
        return await _too_late(visit, sight, posted)
    said = given(task, posted)
    if standing is Standing.MAY_ANSWER:
        if first(posted, "view_digest") != task.view_digest:
            await _attempted(visit, task, StaleView(STALE))
            return render(visit, sight, posted=posted, refusal=Refusal(text=STALE))
        if "more" in posted:
            return _unsent(visit, sight, posted)
        mistakes = [*said.errors, *await wrong_code(visit, first(posted, FIELD))]
        if mistakes:
            return render(visit, sight, posted=posted, said=said, wrong=mistakes)
    await visit.services.views.settled(task.id, visit.person.id)
    try:
        command = AnswerTask(
            actor=visit.person.actor,
            task_id=task.id,
            raw=said.answer,
            view_digest=first(posted, "view_digest"),
            channel=visit.channel,
            credential=await signing.credential(visit, task, said.answer, posted),
            link=visit.by_link.link.hash if visit.by_link else None,
        )
        await visit.services.door.execute(visit.workspace, command)
    except InvalidInput as error:
        wrong = error.errors or (FieldError("", error.message),)
        return render(visit, sight, posted=posted, said=said, wrong=wrong)
    except (AlreadyAnswered, SignatureRefused) as error:
        if isinstance(error, SignatureRefused):
            await _attempted(visit, task, error)
        if _said_so(visit, task, first(posted, "outcome")):
            return pages.redirect(here(visit, task))
        return await _moved(visit, posted, error)
    except (WorldMoved, NotEligible, CredentialTooWeak) as error:
        return await _moved(visit, posted, error)
    await drafts.drop(visit, sight)
    return pages.redirect(here(visit, task))


async def _too_late(visit: Visit, sight: Sight, posted: Posted) -> Response:
    """An answer to a task that is closed: the door need not be asked, but the log is told."""
    response = _lost(visit, sight, posted)
    if response.status_code >= _REFUSED:
        await _attempted(visit, sight.task, why_closed(sight.task))
    return response


async def _attempted(visit: Visit, task: Task, error: SignoffError) -> None:
    attempt = Attempt(
        workspace=visit.workspace,
        actor=visit.person.actor,
        command=AnswerTask.__name__,
        channel=visit.channel,
        intent_id=task.intent_id,
        task_id=task.id,
    )
    await recording.attempt_refused(visit.services.store, attempt, error)


def _said_so(visit: Visit, task: Task, outcome: str) -> bool:
    """Whether the same answer of the same person is on record: it was sent twice."""
    mine = (vote for vote in tally.votes(task) if vote.by.id == visit.person.id)
    return any(vote.outcome == outcome for vote in mine)


def _unsent(visit: Visit, sight: Sight, posted: Posted) -> Response:
    """More rows were asked for, or Enter was pressed in a field: neither is a decision."""
    text = "Choose one of the answers at the end of the page."
    entered = Refusal(title="Nothing is sent yet", text=text, status=200)
    return render(
        visit, sight, posted=posted, refusal=entered if "enter" in posted["more"] else None
    )


async def claim(visit: Visit) -> Response:
    return await _simply(visit, lambda actor, task_id: ClaimTask(actor=actor, task_id=task_id))


async def release(visit: Visit) -> Response:
    return await _simply(visit, lambda actor, task_id: ReleaseTask(actor=actor, task_id=task_id))


async def _simply(visit: Visit, command: Callable[[Actor, TaskId], Command]) -> Response:
    """Take a command that needs nothing but the task, then show the task again."""
    posted = await posted_form(visit)
    task = (await looking.see(visit)).task
    try:
        await visit.services.door.execute(
            visit.workspace, command(visit.person.actor, task.id), channel=CHANNEL
        )
    except (WorldMoved, NotEligible) as error:
        return await _moved(visit, posted, error)
    return pages.redirect(path_of(task.id))


async def _moved(visit: Visit, posted: Posted, error: SignoffError) -> Response:
    """The world has moved: show where it is now, and keep what was typed."""
    visit = replace(visit, now=await visit.services.store.now())
    sight = await see(visit)
    if sight.view.standing is Standing.CLOSED:
        return _lost(visit, sight, posted)
    return render(visit, sight, posted=posted, refusal=refused(error, sight.view, visit.zone))


def _lost(visit: Visit, sight: Sight, posted: Posted) -> Response:
    """The task is closed: say who was first, unless it is the same answer sent twice."""
    won = sight.task.decision
    mine = won is not None and won.by.id == visit.person.id
    if won is not None and mine and first(posted, "outcome") in (won.outcome, ""):
        return pages.redirect(here(visit, sight.task))
    return render(visit, sight, posted=posted, refusal=closed(sight.view, visit.zone, mine=mine))
