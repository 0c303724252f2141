"""The page of one task: looking at it, answering it, claiming and releasing it.

Every change goes through the one door; what the door refuses is shown on the page as it is now,
with everything the person had typed still there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from signoff.core.commands import AnswerTask, ClaimTask, Command, ReleaseTask
from signoff.core.events import Event
from signoff.core.words import TaskId
from signoff.engine.ports import FoundTask
from signoff.errors import (
    FieldError,
    InvalidInput,
    NotEligible,
    NotFound,
    SignoffError,
    WorldMoved,
)
from signoff.server.inbox import pages, phrases
from signoff.server.inbox.fields import Field, Posted, walk
from signoff.server.inbox.questions import Given, given, located, needs_comment, question
from signoff.server.inbox.refusals import STALE, Refusal, closed, refused, typed
from signoff.server.inbox.session import Visit, read_form, require_ours
from signoff.server.inbox.showing import Standing, TaskView
from signoff.server.inbox.showing import show as view_of
from signoff.server.visibility import may_see

HISTORY_PAGE = 500
HISTORY_PAGES = 20
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


async def show(visit: Visit) -> Response:
    """The task as it is now."""
    return _render(visit, await _view(visit))


async def answer(visit: Visit) -> Response:
    """Send a person's answer through the door, or show what keeps it from going through."""
    posted = await _posted(visit)
    view = await _view(visit)
    if view.standing is Standing.CLOSED:
        return _lost(visit, view, posted)
    said = given(view.task, posted)
    if view.standing is Standing.MAY_ANSWER:
        if _first(posted, "view_digest") != view.task.view_digest:
            return _render(visit, view, posted=posted, refusal=Refusal(text=STALE))
        if "more" in posted:
            return _unsent(visit, view, posted)
        if said.errors:
            return _render(visit, view, posted=posted, said=said, wrong=said.errors)
    command = AnswerTask(
        actor=visit.person.actor,
        task_id=view.task.id,
        raw=said.answer,
        view_digest=_first(posted, "view_digest"),
        channel="inbox",
    )
    try:
        await visit.services.door.execute(visit.workspace, command)
    except InvalidInput as error:
        wrong = error.errors or (FieldError("", error.message),)
        return _render(visit, view, posted=posted, said=said, wrong=wrong)
    except (WorldMoved, NotEligible) as error:
        return await _moved(visit, posted, error)
    return pages.redirect(_path(view.task.id))


def _unsent(visit: Visit, view: TaskView, posted: Posted) -> Response:
    """More rows were asked for, or Enter was pressed in a field: neither is a decision."""
    text = "Choose one of the answers at the end of the page."
    entered = Refusal(title="Nothing is sent yet", text=text, status=200)
    return _render(
        visit, view, posted=posted, refusal=entered if "enter" in posted["more"] else None
    )


async def claim(visit: Visit) -> Response:
    return await _simply(visit, lambda actor, task_id: ClaimTask(actor=actor, task_id=task_id))


async def release(visit: Visit) -> Response:
    return await _simply(visit, lambda actor, task_id: ReleaseTask(actor=actor, task_id=task_id))


async def _simply(visit: Visit, command: Callable[[Any, TaskId], Command]) -> Response:
    """Take a command that needs nothing but the task, then show the task again."""
    posted = await _posted(visit)
    view = await _view(visit)
    try:
        await visit.services.door.execute(
            visit.workspace, command(visit.person.actor, view.task.id)
        )
    except (WorldMoved, NotEligible) as error:
        return await _moved(visit, posted, error)
    return pages.redirect(_path(view.task.id))


async def _posted(visit: Visit) -> Posted:
    posted = await read_form(visit.request)
    require_ours(visit.request, posted, visit.secret, visit.services.settings.address)
    return posted


async def _view(visit: Visit) -> TaskView:
    """The task as this person may see it.

    :raises NotFound: there is none in this workspace, or it is none of this person's business.
    """
    nothing = NotFound("There is no such task, or it does not ask you.")
    task_id = visit.request.path_params["task_id"]
    if not _ID.fullmatch(task_id):
        raise nothing
    found = await visit.services.store.task(visit.workspace, TaskId(task_id))
    if found is None:
        raise nothing
    history = await _history(visit, found)
    if not may_see(found, history, visit.person):
        raise nothing
    return view_of(found, history, visit.person, now=visit.now)


async def _history(visit: Visit, found: FoundTask) -> Sequence[Event]:
    """The intent's events, which hold who answered earlier stages and rounds."""
    history: list[Event] = []
    for _ in range(HISTORY_PAGES):
        after = history[-1].seq if history else 0
        more = await visit.services.store.events(
            visit.workspace, found.task.intent_id, after=after, limit=HISTORY_PAGE
        )
        history.extend(more)
        if len(more) < HISTORY_PAGE:
            break
    return history


async def _moved(visit: Visit, posted: Posted, error: SignoffError) -> Response:
    """The world has moved: show where it is now, and keep what was typed."""
    visit = replace(visit, now=await visit.services.store.now())
    view = await _view(visit)
    if view.standing is Standing.CLOSED:
        return _lost(visit, view, posted)
    return _render(visit, view, posted=posted, refusal=refused(error, view, visit.zone))


def _lost(visit: Visit, view: TaskView, posted: Posted) -> Response:
    """The task is closed: say who was first, unless it is the same answer sent twice."""
    won = view.task.decision
    mine = won is not None and won.by.id == visit.person.id
    if won is not None and mine and _first(posted, "outcome") in (won.outcome, ""):
        return pages.redirect(_path(view.task.id))
    return _render(visit, view, posted=posted, refusal=closed(view, visit.zone, mine=mine))


def _first(posted: Posted, name: str) -> str:
    return next(iter(posted.get(name, ())), "")


def _render(
    visit: Visit,
    view: TaskView,
    *,
    posted: Posted | None = None,
    said: Given | None = None,
    wrong: Sequence[FieldError] = (),
    refusal: Refusal | None = None,
) -> Response:
    may_answer = view.standing is Standing.MAY_ANSWER
    form = question(view.task, posted) if may_answer else None
    errors = located(wrong, said.reading if said else None)
    status = refusal.status if refusal else 200
    return pages.page(
        "task.html",
        status=422 if wrong else status,
        view=view,
        task=view.task,
        ask=view.task.ask,
        found=view.found,
        form=form,
        posted=posted,
        typed=typed(view.task, posted) if posted is not None and not may_answer else (),
        errors=errors,
        problems=_problems(errors, form),
        refusal=refusal,
        choices=_choices(view) if may_answer else (),
        **visit.context,
    )


def _problems(errors: dict[str, list[str]], form: Field | None) -> list[tuple[str, str, str]]:
    """Every error for the summary: the id it links to, the label of its field, what is wrong."""
    known = {field.path: (field.id, field.label) for field in (walk(form) if form else ())}
    known |= {
        "comment": ("f-comment", "Comment"),
        "evidence": ("f-evidence", "Evidence"),
        "outcome": ("decide", "Your answer"),
    }
    return [
        (*known.get(path, ("decide", "")), message)
        for path, messages in errors.items()
        for message in messages
    ]


def _choices(view: TaskView) -> list[dict[str, object]]:
    """One entry per outcome: its button, what it makes happen, whether it needs a comment."""
    return [
        {
            "outcome": outcome,
            "button": phrases.BUTTONS.get(outcome, phrases.outcome_word(outcome)),
            "tone": phrases.outcome_tone(outcome),
            "consequence": phrases.consequence(view.task, view.found.agent, outcome),
            "needs_comment": needs_comment(view.task.ask, outcome),
        }
        for outcome in view.task.ask.outcomes
    ]


def _path(task_id: TaskId) -> str:
    return f"/inbox/tasks/{task_id}"
