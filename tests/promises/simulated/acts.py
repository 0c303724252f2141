"""What agents, people and administrators of a simulated workspace do, one command at a time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from signoff.core import commands as c
from signoff.core.asking import AskRequest
from signoff.core.intent import Intent
from signoff.core.routing import Absence, Person, selected
from signoff.core.task import RawAnswer, Task
from signoff.core.tasks import KINDS
from signoff.core.words import IntentId, TaskId, TaskType
from tests.promises.simulated.cast import ADMIN, AGENT, HERE, asked

_STALE = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One command, and the intent it is for."""

    command: c.Command
    intent_id: IntentId | None


class Acts:
    """Makes commands by chance. Ids are counted, so that a seed is the same story every time."""

    def __init__(self, chance: random.Random, people: list[Person]) -> None:
        self.people = people
        self._chance = chance
        self._numbers = count(1)

    def submission(self, now: datetime) -> Deed:
        chance, number = self._chance, next(self._numbers)
        deadline = None
        if chance.random() < 0.3:
            deadline = now + timedelta(minutes=chance.randint(30, 8000))
        request = AskRequest(id=self._task_id(), fields=asked(chance))
        submit = c.SubmitIntent(
            actor=AGENT,
            workspace=HERE,
            intent_id=IntentId(f"int_{number:032x}"),
            type="job",
            title=f"Job {number}",
            agent=AGENT.id,
            payload={"amount": chance.randrange(150)},
            handled=chance.random() < 0.3,
            deadline=deadline,
            on_behalf_of=self._anybody().email if chance.random() < 0.2 else None,
            task=request,
        )
        return Deed(command=submit, intent_id=None)

    def answer(self, intent: Intent, task: Task) -> Deed:
        """Mostly by somebody who is asked, mostly in favour."""
        chance = self._chance
        good = [o for o in task.ask.outcomes if o in KINDS[task.ask.type].FAVOURABLE]
        outcome = chance.choice(good if good and chance.random() < 0.6 else task.ask.outcomes)
        data = {"action": "stop"} if task.ask.type is TaskType.OVERRIDE else None
        raw = RawAnswer(outcome=outcome, comment="because", data=data)
        view = chance.choice((None, None, *[task.view_digest] * 6, _STALE))
        command = c.AnswerTask(
            actor=self._asked(task).actor, task_id=task.id, raw=raw, view_digest=view
        )
        return Deed(command=command, intent_id=None)

    def about(self, intent: Intent, task: Task, now: datetime) -> Deed:
        """Anything else that can be done about a task."""
        return Deed(
            command=self._chance.choice(list(self._about(intent, task, now))), intent_id=None
        )

    def _about(self, intent: Intent, task: Task, now: datetime) -> Iterator[c.Command]:
        chance, id_ = self._chance, task.id
        who, anybody = self._asked(task).actor, self._anybody().actor
        boss = chance.choice((ADMIN, anybody, who))
        hours = timedelta(hours=chance.randint(1, 60))
        some = [self._anybody().email for _ in range(chance.randint(1, 3))]
        yield c.ClaimTask(actor=who, task_id=id_)
        yield c.ReleaseTask(actor=who, task_id=id_)
        yield c.DelegateTask(actor=who, task_id=id_, to=self._anybody().email, note="please")
        yield c.ReassignTask(actor=boss, task_id=id_, to=tuple(some), reason="better so")
        yield c.WatchTask(actor=who, task_id=id_)
        yield c.CommentTask(actor=who, task_id=id_, text="hm")
        yield c.SnoozeTask(actor=who, task_id=id_, until=now + hours / 2)
        yield c.SnoozeTask(actor=who, task_id=id_, until=now + hours / 9)
        yield c.ExtendTask(actor=boss, task_id=id_, by=hours, reason="it takes longer")
        yield c.PauseTask(actor=who, task_id=id_, reason="waiting for the requester")
        yield c.PauseTask(actor=ADMIN, task_id=id_, reason="waiting for the requester")
        yield c.ResumeTask(actor=chance.choice((AGENT, ADMIN, who)), task_id=id_)
        if task.awaiting_revision or chance.random() < 0.1:
            for _ in range(6):
                yield c.ReviseTask(actor=AGENT, task_id=id_, content={"draft": chance.random()})
        if chance.random() < 0.2:
            yield c.WithdrawTask(actor=AGENT, task_id=id_, reason="not needed")

    def about_intent(self, intent: Intent, now: datetime) -> Deed:
        """What its agent does with it, or an operator to it."""
        chance = self._chance
        until = now + timedelta(hours=chance.randint(1, 30))
        commands: list[c.Command] = [
            c.OpenTask(actor=AGENT, task=AskRequest(id=self._task_id(), fields=asked(chance))),
            c.OpenTask(actor=AGENT, task=AskRequest(id=self._task_id(), fields=asked(chance))),
            c.Sleep(actor=AGENT, name=f"nap {next(self._numbers)}", until=until),
            c.CompleteIntent(actor=AGENT, result=None),
        ]
        if chance.random() < 0.1:
            commands.append(
                c.OverrideIntent(
                    actor=self._anybody().actor,
                    justification="it burns",
                    data={"action": "hand_over", "to": self._anybody().email},
                    task_id=self._task_id(),
                )
            )
        return Deed(command=chance.choice(commands), intent_id=intent.id)

    def changed(self, now: datetime) -> Person:
        """Somebody as they are from now on: promoted, demoted, gone, back, away."""
        chance = self._chance
        at = chance.randrange(len(self.people))
        person = self.people[at]
        match chance.randrange(4):
            case 0:
                person = replace(person, disabled=not person.disabled)
            case 1:
                role = chance.choice(("manager", "engineer", "finance", "approver"))
                kept = {*person.roles} ^ {role}
                person = replace(person, roles=tuple(sorted(kept)))
            case _:
                person = replace(person, absences=(self._absence(person, now),))
        self.people[at] = person
        return person

    def _absence(self, person: Person, now: datetime) -> Absence:
        chance = self._chance
        start = now + timedelta(hours=chance.randint(-5, 30))
        other = self._anybody()
        substitute = other.id if other.id != person.id and chance.random() < 0.8 else None
        end = start + timedelta(hours=chance.randint(1, 200))
        return Absence(start=start, end=end, substitute=substitute)

    def _asked(self, task: Task) -> Person:
        deputies = {each.deputy.id for each in task.stand_ins}
        reached = [p for p in self.people if selected(task.asked.who, p) or p.id in deputies]
        if reached and self._chance.random() < 0.9:
            return self._chance.choice(reached)
        return self._anybody()

    def _anybody(self) -> Person:
        return self._chance.choice(self.people)

    def _task_id(self) -> TaskId:
        return TaskId(f"task_{next(self._numbers):032x}")
