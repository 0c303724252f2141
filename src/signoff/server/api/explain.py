"""Why a task stands where it stands, and what a task would come to before it is asked.

What is read here is read outside the door: good for explaining, never for deciding.
"""

from __future__ import annotations

from collections.abc import Iterator

from signoff.core.asking import people_named, picks_named, tokens_named
from signoff.core.explaining import explain as explained
from signoff.core.intent import Intent
from signoff.core.previewing import preview as previewed
from signoff.core.routing import Actor, Selector, SelectorKind, names_person
from signoff.core.task import Task
from signoff.core.words import ActorKind
from signoff.server import ids
from signoff.server.api import bodies as b
from signoff.server.api import finding
from signoff.server.api.asks import ask_request
from signoff.server.api.intents import person_named
from signoff.server.api.operation import Call, NoQuery, Reply
from signoff.server.api.times import moment
from signoff.server.auth import Caller
from signoff.server.rendering.explanation import explanation


async def explain(call: Call[None, NoQuery]) -> Reply:
    """Who may answer a task, who may not, and what happens when; for whoever may see the task."""
    found = await finding.task(call)
    store, workspace, task = call.services.store, call.caller.workspace, found.task
    intent = await store.intent(workspace, task.intent_id)
    if intent is None:
        raise ids.no_such("task")
    directory = await store.directory(
        workspace,
        people=tuple(dict.fromkeys(_people(intent, task))),
        tokens=tuple(dict.fromkeys(each.token for each in _groups(task))),
    )
    answer = explained(intent, task, directory, await store.now())
    return Reply(document=explanation(answer))


async def preview(call: Call[b.Preview, NoQuery]) -> Reply:
    """What a task would come to if it were asked at that time. Nothing is stored."""
    body, caller, store = call.body, call.caller, call.services.store
    request = ask_request(
        call.raw["task"], key=None, title="A task", type_="preview", payload=body.payload
    )
    on_behalf_of = person_named(body.on_behalf_of)
    people = [*people_named(request.fields), *([on_behalf_of] if on_behalf_of else ())]
    directory = await store.directory(
        caller.workspace,
        people=tuple(dict.fromkeys(people)),
        tokens=tuple(dict.fromkeys(tokens_named(request.fields))),
        picks=tuple(dict.fromkeys(picks_named(request.fields))),
    )
    answer = previewed(
        request,
        directory,
        actor=_agent(caller),
        payload=body.payload,
        on_behalf_of=on_behalf_of,
        now=await store.now() if body.at is None else await moment(store, body.at, field="at"),
    )
    return Reply(document=explanation(answer))


def _agent(caller: Caller) -> Actor:
    """Who would ask: an agent, whoever looks at it beforehand."""
    return Actor(kind=ActorKind.AGENT, id=caller.agent_address, label=caller.agent_address)


def _people(intent: Intent, task: Task) -> Iterator[str]:
    """Whoever is asked or left out by name, wants it done, has answered, or stands in."""
    for selector in (*task.asked.who, *task.asked.exclude):
        if selector.kind is SelectorKind.PERSON:
            yield selector.value
    for reference in intent.requesters:
        if (named := names_person(reference)) is not None:
            yield named
    for vote in task.votes:
        yield from (vote.by.id, vote.seat)
    for each in task.stand_ins:
        yield from (each.owner.id, each.deputy.id)


def _groups(task: Task) -> Iterator[Selector]:
    return (each for each in task.asked.who if each.kind is not SelectorKind.PERSON)
