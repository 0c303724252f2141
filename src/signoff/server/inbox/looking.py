"""One task in front of one person: what has to be read for its page, and the page itself.

Reads only, and outside the door: what a page shows explains, and the door judges again. That it
was shown is noted for the log.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from signoff.channels import phrases
from signoff.core import tally
from signoff.core.events import Event
from signoff.core.intent import Intent
from signoff.core.routing import Directory, SelectorKind, names_person
from signoff.core.task import Task
from signoff.core.words import TaskId
from signoff.engine.desks import Draft
from signoff.engine.history import history
from signoff.engine.notices import Notice
from signoff.engine.ports import FoundTask, PasskeyRow
from signoff.errors import FieldError, NotFound
from signoff.server.inbox import pages
from signoff.server.inbox.consequences import Voter, consequence
from signoff.server.inbox.fields import Field, Posted, walk
from signoff.server.inbox.offers import Tried
from signoff.server.inbox.questions import Given, located, needs_comment, question
from signoff.server.inbox.refusals import Refusal, typed_in
from signoff.server.inbox.session import Visit, read_form, require_ours
from signoff.server.inbox.showing import Looker, Standing, TaskView
from signoff.server.inbox.showing import show as view_of
from signoff.server.inbox.told import told
from signoff.server.inbox.ways import PLAIN, Ways, link_ways, ways
from signoff.server.visibility import may_see

HISTORY_PAGES = 20
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was read for the page of a task, and the view made of it.

    :param mark: how far the run had come, in short.
    :param passkeys: those of the person, where they may answer; ``ways`` is how they may.
    """

    task: Task
    view: TaskView
    directory: Directory
    barred: tuple[str, ...]
    passkeys: Sequence[PasskeyRow] = ()
    ways: Ways = PLAIN
    mark: str = ""
    notices: Sequence[Notice] = ()


async def posted_form(visit: Visit) -> Posted:
    """The form that was posted, once it is known to be from one of our own pages."""
    posted = await read_form(visit.request)
    require_ours(visit.request, posted, visit.secret, visit.services.settings.address)
    return posted


async def see(visit: Visit) -> Sight:
    """The task as this person may see it.

    :raises NotFound: there is none in this workspace, or it is none of this person's business.
    """
    nothing = NotFound("There is no such task, or it does not ask you.")
    seen = await _seen(visit, _task_id(visit))
    if seen is None:
        raise nothing
    found, history = seen
    store = visit.services.store
    intent = await store.intent(visit.workspace, found.task.intent_id)
    if intent is None:
        raise nothing
    notices = await store.notices(visit.workspace, found.task.id)
    directory = await _directory(visit, intent, found.task, notices)
    looker = Looker(
        person=visit.person, now=visit.now, zone=visit.zone, intent=intent, directory=directory
    )
    sight = Sight(
        task=found.task,
        view=view_of(found, history, looker),
        directory=directory,
        barred=tally.barred(found.task.ask, intent.requesters),
        notices=notices,
        mark=mark_of(history[-1].seq),
    )
    return await _with_ways(visit, sight)


def mark_of(seq: int) -> str:
    """What the page of a task shows of its run, in short: the number of the last event."""
    return str(seq)


def is_id(text: str) -> bool:
    """Whether a text could be an id at all."""
    return bool(_ID.fullmatch(text))


async def find(visit: Visit, task_id: str) -> FoundTask | None:
    """A task, where there is such a one and this person may see it."""
    seen = await _seen(visit, task_id)
    return seen[0] if seen else None


async def _seen(visit: Visit, task_id: str) -> tuple[FoundTask, Sequence[Event]] | None:
    if not is_id(task_id):
        return None
    found = await visit.services.store.task(visit.workspace, TaskId(task_id))
    if found is None:
        return None
    history = await _history(visit, found)
    return (found, history) if may_see(found, history, visit.person) else None


def _task_id(visit: Visit) -> str:
    if visit.by_link is not None:
        return visit.by_link.link.task_id
    found: str = visit.request.path_params["task_id"]
    return found


async def _with_ways(visit: Visit, sight: Sight) -> Sight:
    """In which ways this person may answer, where they may."""
    if visit.by_link is not None:
        sight = replace(sight, view=replace(sight.view, offers=frozenset()))
    if sight.view.standing is not Standing.MAY_ANSWER:
        return sight
    if visit.by_link is not None:
        return replace(sight, ways=link_ways(sight.task.ask))
    known = await visit.services.store.passkeys(visit.workspace, visit.person.id)
    address = visit.services.settings.address
    open_ways = ways(sight.task.ask, visit.credential, known, address, now=visit.now)
    return replace(sight, passkeys=known, ways=open_ways)


async def _history(visit: Visit, found: FoundTask) -> Sequence[Event]:
    """The intent's events, which hold who answered earlier stages and rounds."""
    services, intent_id = visit.services, found.task.intent_id
    return await history(services.store, visit.workspace, intent_id, pages=HISTORY_PAGES)


async def _directory(
    visit: Visit, intent: Intent, task: Task, notices: Sequence[Notice]
) -> Directory:
    """Everybody the page speaks of, by name, and what is set for the workspace."""
    people: set[str] = {visit.person.id}
    people |= {who for each in intent.requesters if (who := names_person(each)) is not None}
    people |= {each.person_id for each in notices if each.person_id}
    tokens = set()
    for vote in task.votes:
        people |= {vote.by.id, vote.seat}
    for each in task.stand_ins:
        people |= {each.owner.id, each.deputy.id}
    for selector in (*task.asked.who, *task.asked.exclude):
        if selector.kind is SelectorKind.PERSON:
            people.add(selector.value)
        else:
            tokens.add(selector.token)
    store = visit.services.store
    return await store.directory(
        visit.workspace, people=tuple(sorted(people)), tokens=tuple(sorted(tokens))
    )


def first(posted: Posted, name: str) -> str:
    """What was posted under a name first, or nothing."""
    return next(iter(posted.get(name, ())), "")


def here(visit: Visit, task: Task) -> str:
    """The address of the page on which this person has the task before them."""
    return path_of(task.id) if visit.by_link is None else visit.by_link.path


def path_of(task_id: TaskId) -> str:
    """The address of a task's page."""
    return f"/inbox/tasks/{task_id}"


def render(
    visit: Visit,
    sight: Sight,
    *,
    posted: Posted | None = None,
    said: Given | None = None,
    wrong: Sequence[FieldError] = (),
    refusal: Refusal | None = None,
    tried: Tried | None = None,
    typed: Sequence[tuple[str, str]] = (),
    draft: Draft | None = None,
    present: Sequence[str] = (),
) -> Response:
    """The page of a task.

    :param posted: an answer that was posted and is not recorded; it is still there then.
    :param wrong: what is wrong with it.
    :param tried: another form of the page that was posted and refused.
    :param typed: what was typed into a form the page no longer has.
    :param draft: what was kept of an answer that was begun, where that is what is ``posted``.
    :param present: who else looks at it just now.
    """
    view = sight.view
    visit.services.views.note(
        visit.workspace, sight.task, visit.person, channel=visit.channel, at=visit.now
    )
    may_answer = view.standing is Standing.MAY_ANSWER
    form = question(view.task, posted) if may_answer else None
    errors = located(wrong, said.reading if said else None)
    if posted is not None and not may_answer:
        typed = typed_in(view.task, posted)
    status = refusal.status if refusal else tried.status if tried else 200
    return pages.page(
        "task.html",
        status=422 if wrong else status,
        live=visit.by_link is None,
        scripts=pages.PASSKEYS if sight.ways.signed or not sight.ways.plain else (),
        ways=sight.ways,
        mark=sight.mark,
        draft=draft,
        stale=draft is not None and draft.view_digest != sight.task.view_digest,
        present=present,
        here=here(visit, sight.task),
        wants_code=visit.by_link is not None and visit.by_link.link.code is not None,
        view=view,
        task=view.task,
        ask=view.task.ask,
        found=view.found,
        form=form,
        posted=posted,
        typed=typed,
        errors=errors,
        problems=_problems(errors, form),
        refusal=refusal,
        tried=tried,
        morning=phrases.exact(phrases.next_morning(visit.now, visit.zone), visit.zone),
        told=told(sight.notices, sight.directory),
        choices=_choices(visit, sight),
        **visit.context,
    )


def _problems(errors: dict[str, list[str]], form: Field | None) -> list[tuple[str, str, str]]:
    """Every error for the summary: the id it links to, the label of its field, what is wrong."""
    known = {field.path: (field.id, field.label) for field in (walk(form) if form else ())}
    known |= {
        "comment": ("f-comment", "Comment"),
        "evidence": ("f-evidence", "Evidence"),
        "outcome": ("decide", "Your answer"),
        "code": ("f-code", "Code"),
    }
    return [
        (*known.get(path, ("decide", "")), message)
        for path, messages in errors.items()
        for message in messages
    ]


def _choices(visit: Visit, sight: Sight) -> list[dict[str, object]]:
    """One entry per outcome: its button, what it makes happen, whether it needs a comment."""
    view, seat = sight.view, sight.view.place.seat
    if view.standing is not Standing.MAY_ANSWER or seat is None:
        return []
    voter = Voter(
        person=visit.person,
        seat=seat,
        directory=sight.directory,
        barred=sight.barred,
        now=visit.now,
    )
    return [
        {
            "outcome": outcome,
            "button": phrases.BUTTONS.get(outcome, phrases.outcome_word(outcome)),
            "tone": phrases.outcome_tone(outcome),
            "consequence": consequence(view.task, view.found.agent, outcome, voter),
            "needs_comment": needs_comment(view.task.ask, outcome),
        }
        for outcome in view.task.ask.outcomes
    ]
