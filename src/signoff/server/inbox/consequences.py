"""What pressing a button makes happen, said beside it before it is pressed.

Pure. The sentences name the action, its amounts and whoever is asked next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from signoff.channels import phrases
from signoff.core import tally
from signoff.core.judging import asks_again, favourable
from signoff.core.routing import Directory, Person
from signoff.core.task import Task, Vote
from signoff.core.words import TaskType
from signoff.server.inbox import seating
from signoff.visible import fits_in_a_sentence

_UNNAMED = "what is asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voter:
    """Whoever is about to answer, in whose seat, and what is known of the others."""

    person: Person
    seat: tally.Seat
    directory: Directory
    barred: Sequence[str]
    now: datetime


def consequence(task: Task, agent: str, outcome: str, voter: Voter) -> str:
    """What pressing this outcome's button makes happen."""
    name, word = phrases.agent_name(agent), phrases.outcome_word(outcome).lower()
    after = _with_vote(task, outcome, voter)
    if favourable(task.ask, outcome):
        recorded = f"{_your_yes(task)} is recorded; then"
        if missing := seating.missing(after, voter.directory):
            needed = missing[:1].lower() + missing[1:]
            return f"{recorded} {needed} {name} keeps waiting."
        later = task.ask.stages[task.stage + 1 :]
        if following := next((stage for stage in later if stage.applies), None):
            return f"{recorded} {phrases.who(following.who)} is asked. {name} keeps waiting."
        return _go_ahead(task, name)
    if asks_again(task, outcome):
        return f"{name} gets your comment and revises; you are asked again about the new version."
    if not _ends(after, voter):
        return f"Your answer counts against it. Others are still asked, and {name} keeps waiting."
    if task.ask.type is TaskType.APPROVAL:
        action = _action(task)
        what = "What is asked" if action == _UNNAMED else action
        return f"{what} does not run. {name} is told {word}."
    if task.ask.type is TaskType.OVERRIDE:
        return f"Nothing is taken over; {name} goes on."
    return f"The task ends here. {name} is told {word}."


def _with_vote(task: Task, outcome: str, voter: Voter) -> Task:
    """The task as it would be with this answer."""
    owner = voter.seat.owner.id
    vote = Vote(by=voter.person.actor, seat=owner, outcome=outcome, stage=task.stage, at=voter.now)
    others = (each for each in task.votes if (each.stage, each.seat) != (task.stage, owner))
    return replace(task, votes=(*others, vote))


def _ends(after: Task, voter: Voter) -> bool:
    """Whether a refusal ends the task: by a veto, or because too few are left."""
    if tally.vetoes(after, voter.seat.owner):
        return True
    found = tally.standing(after, voter.directory, barred=voter.barred)
    return found is tally.Standing.OUT_OF_REACH


def _your_yes(task: Task) -> str:
    if task.ask.type is not TaskType.APPROVAL:
        return "Your answer"
    return f"Your yes to {_action(task)}{'' if task.ask.spec.get('editable') else _amounts(task)}"


def _go_ahead(task: Task, name: str) -> str:
    match task.ask.type:
        case TaskType.APPROVAL if task.ask.spec.get("editable"):
            return f"{name} may run {_action(task)} once, with the arguments as they stand above."
        case TaskType.APPROVAL:
            return f"{name} may run {_action(task)}{_amounts(task)} once, exactly as shown."
        case TaskType.REVIEW:
            return f"{name} goes on with this version."
        case TaskType.CONFIRMATION:
            return f"You state, under your name, that this is so. {name} goes on."
        case TaskType.ASSIGNMENT:
            return f"{name} is told whom you picked and goes on."
        case TaskType.FORM:
            return f"{name} receives these values and goes on."
        case TaskType.CLARIFICATION:
            return f"{name} receives your answer and goes on."
        case TaskType.MANUAL_ACTION:
            return f"You state, under your name, that it is done. {name} goes on."
        case TaskType.OVERRIDE:
            return f"What you chose above happens to the run of {name} at once, under your name."


def _action(task: Task) -> str:
    action = task.ask.spec.get("action")
    named = action.get("name") if isinstance(action, Mapping) else None
    if not isinstance(named, str) or not named.strip():
        return _UNNAMED
    return named if fits_in_a_sentence(named) else "the action above"


def _amounts(task: Task) -> str:
    """The first few short arguments, so that the sentence names them; the table has them all."""
    action = task.ask.spec.get("action")
    arguments = action.get("arguments") if isinstance(action, Mapping) else None
    if not isinstance(arguments, Mapping):
        return ""
    short = [
        f"{key} {value if isinstance(value, str) else json.dumps(value)}"
        for key, value in arguments.items()
        if isinstance(value, str | int | float) and fits_in_a_sentence(f"{key}{value}")
    ]
    left = len(arguments) - len(short[:4])
    more = f" and {left} more" if left and short else ""
    return f" ({', '.join(short[:4])}{more})" if short else ""
