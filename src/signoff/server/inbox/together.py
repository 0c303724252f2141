"""Several tasks of low risk decided at once: shown together first, then each by its own answer.

What is chosen in the list is shown once more with what will run, because a list shows titles alone.
Each answer goes through the door by itself, with the digest of what was shown; one that is refused
holds up no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from signoff.channels import phrases
from signoff.channels.answers import plain_outcomes
from signoff.channels.card import Card, card
from signoff.core.commands import AnswerTask
from signoff.core.task import RawAnswer
from signoff.engine.ports import FoundTask
from signoff.errors import Broken, SignoffError
from signoff.server.inbox import listing, looking, pages
from signoff.server.inbox.session import Visit

PATH = "/inbox/together"
MOST = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One of the tasks: what is known of it, what will run, and its plain outcomes."""

    found: FoundTask
    card: Card
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one answer; ``refused`` says why it was not taken."""

    found: FoundTask
    refused: str | None = None


async def show(visit: Visit) -> Response:
    """The tasks that were chosen, each with what will run."""
    chosen = [*dict.fromkeys(visit.request.query_params.getlist("task"))]
    return await _page(visit, chosen[:MOST])


async def decide(visit: Visit) -> Response:
    """Give one answer to all of them that were shown."""
    posted = await looking.posted_form(visit)
    outcome = looking.first(posted, "outcome")
    given = [each.partition(" ") for each in posted.get("task", ())][:MOST]
    results = [await _answer(visit, task_id, digest, outcome) for task_id, _, digest in given]
    told = [each for each in results if each is not None]
    return pages.page(
        "together_done.html",
        live=True,
        done=[each for each in told if each.refused is None],
        refused=[each for each in told if each.refused is not None],
        word=phrases.outcome_word(outcome),
        **visit.context,
    )


async def _answer(visit: Visit, task_id: str, digest: str, outcome: str) -> Result | None:
    found = await _decidable(visit, task_id)
    if found is None:
        other = await looking.find(visit, task_id)
        return Result(found=other, refused=_why_not(other)) if other else None
    if outcome not in plain_outcomes(found.task.ask):
        return Result(found=found, refused="This one takes more than a word; open it.")
    command = AnswerTask(
        actor=visit.person.actor,
        task_id=found.task.id,
        raw=RawAnswer(outcome=outcome),
        view_digest=digest,
        channel=visit.channel,
        credential=visit.credential,
    )
    await visit.services.views.settled(found.task.id, visit.person.id)
    try:
        await visit.services.door.execute(visit.workspace, command)
    except Broken:
        raise
    except SignoffError as error:
        return Result(found=found, refused=phrases.local(error.message, visit.zone))
    return Result(found=found)


def _why_not(found: FoundTask) -> str:
    if not found.task.live:
        return "It is closed already."
    return "It cannot be decided together with others; open it."


async def _page(visit: Visit, chosen: Sequence[str]) -> Response:
    found = [await _decidable(visit, each) for each in chosen]
    shown = []
    for each in found:
        if each is None:
            continue
        visit.services.views.note(
            visit.workspace, each.task, visit.person, channel=visit.channel, at=visit.now
        )
        shown.append(Shown(found=each, card=card(each), outcomes=plain_outcomes(each.task.ask)))
    common = [
        outcome
        for outcome in (shown[0].outcomes if shown else ())
        if all(outcome in each.outcomes for each in shown)
    ]
    return pages.page(
        "together.html",
        live=True,
        shown=shown,
        common=common,
        left_out=len(chosen) - len(shown),
        **visit.context,
    )


async def _decidable(visit: Visit, task_id: str) -> FoundTask | None:
    """A task this person may decide together with others, or None."""
    found = await looking.find(visit, task_id)
    if found is None:
        return None
    directory = await listing.directory_of(visit, [found])
    _, stands = listing.where_they_stand(found, visit, directory)
    able = listing.decided_together(found, stands, visit) and card(found).whole
    return found if able else None
