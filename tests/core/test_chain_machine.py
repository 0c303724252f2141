"""One task with a chain that takes several people, and people who come, go and stand in.

Whatever happens, the promises of ``tests.core.machine`` hold after every step.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.intent import Intent
from signoff.core.moves.answers import TOO_FEW_LEFT
from signoff.core.routing import LADDER, Absence, Person
from signoff.core.task import RawAnswer, Task
from signoff.core.tasks import KINDS
from signoff.core.words import TaskType
from tests.core.machine import Held
from tests.core.story import ADMIN, AGENT, BIRGIT, JONAS, MARA, REQUESTER, TASK, request, submit
from tests.core.strategies import PEOPLE

_TYPES = st.sampled_from([TaskType.APPROVAL, TaskType.REVIEW, TaskType.CONFIRMATION])
_STAGES = st.sampled_from(
    [
        {"who": "role:manager", "need": 2},
        {"who": ["role:manager", BIRGIT.email], "need": 2, "veto": False},
        {"who": ["role:manager", BIRGIT.email], "need": 3, "veto": ["role:operator"]},
        {"need": {"role:manager": 1, "group:payments": 1}},
        {"need": {"role:manager": 1, "group:payments": 1}, "veto": False},
        {"who": "role:manager", "need": 2, "pick": "least_loaded", "veto": False},
        {"who": [MARA.email, BIRGIT.email], "distinct": True},
        {"who": ["role:manager", BIRGIT.email], "need": 2, "exclude": JONAS.email},
        {"who": "role:manager", "when": "payload == null", "distinct": True},
    ]
)
_CHANGES: dict[str, dict[str, Any]] = {
    "as before": {},
    "disabled": {"disabled": True},
    "demoted": {"roles": (), "groups": ()},
    "promoted": {"roles": ("manager", "operator"), "groups": ("payments",)},
}
_SEEN: set[str] = set()


class OneChain(Held):
    @initialize(
        type_=_TYPES,
        chain=st.lists(_STAGES, min_size=1, max_size=3),
        away=st.none() | st.sampled_from(PEOPLE),
        asker=st.sampled_from([None, None, REQUESTER.email, "per_mara"]),
    )
    def asked(
        self, type_: TaskType, chain: list[Any], away: Person | None, asker: str | None
    ) -> None:
        if away is not None:
            self.goes_away(away, PEOPLE[(PEOPLE.index(away) + 1) % len(PEOPLE)])
        ladder = [
            {"after": "3h", "do": "escalate", "to": BIRGIT.email},
            {"after": "9h", "do": "fail"},
        ]
        task = request(type=type_, chain=chain, ladder=ladder, revisions=1, content="v1")
        self.do(submit(handled=True, task=task, on_behalf_of=asker))
        if self.state is None:  # too few may answer such a chain: then one that anybody can
            task = request(type=type_, chain=["role:manager"], revisions=1)
            self.do(submit(handled=True, task=task))

    @property
    def task(self) -> Task | None:
        return self.state.tasks.get(TASK) if self.state else None

    def _waits(self) -> bool:
        return self.task is not None and self.task.live

    @precondition(_waits)
    @rule(who=st.sampled_from(PEOPLE), yes=st.sampled_from([True, True, True, False]))
    def somebody_answers(self, who: Person, yes: bool) -> None:
        if self.task is None:
            return
        outcomes = self.task.ask.outcomes
        outcome = outcomes[0] if yes else outcomes[-1]
        raw = RawAnswer(outcome=outcome, comment="because")
        self.do(c.AnswerTask(actor=who.actor, task_id=TASK, raw=raw))

    @precondition(_waits)
    @rule(order=st.permutations(PEOPLE))
    def everybody_goes_ahead(self, order: list[Person]) -> None:
        for who in order:
            self.somebody_answers(who=who, yes=True)

    @precondition(lambda self: self._waits() and self.task.ask.type is TaskType.REVIEW)
    @rule(who=st.sampled_from(PEOPLE))
    def somebody_wants_changes_and_gets_them(self, who: Person) -> None:
        raw = RawAnswer(outcome="changes_requested", comment="shorter")
        self.do(c.AnswerTask(actor=who.actor, task_id=TASK, raw=raw))
        self.do(c.ReviseTask(actor=AGENT, task_id=TASK, content="v2"))

    @rule(who=st.sampled_from(PEOPLE), change=st.sampled_from(sorted(_CHANGES)))
    def somebody_changes(self, who: Person, change: str) -> None:
        self.people[who.id] = replace(who, **_CHANGES[change])

    @precondition(lambda self: self._waits() and self.task.votes)
    @rule(change=st.sampled_from(["disabled", "demoted"]), data=st.data())
    def somebody_who_has_answered_changes(self, change: str, data: st.DataObject) -> None:
        assert self.task is not None
        vote = data.draw(st.sampled_from(self.task.votes), label="vote")
        self.people[vote.seat] = replace(self.people[vote.seat], **_CHANGES[change])

    @rule(who=st.sampled_from(PEOPLE), deputy=st.sampled_from(PEOPLE))
    def goes_away(self, who: Person, deputy: Person) -> None:
        end = self.now + timedelta(hours=5)
        gone = Absence(start=self.now, end=end, substitute=deputy.id)
        self.people[who.id] = replace(self.people[who.id], absences=(gone,))

    @precondition(_waits)
    @rule(who=st.sampled_from(PEOPLE), to=st.sampled_from(PEOPLE))
    def somebody_delegates(self, who: Person, to: Person) -> None:
        self.do(c.DelegateTask(actor=who.actor, task_id=TASK, to=to.email))

    @precondition(_waits)
    @rule(
        by=st.sampled_from([ADMIN, MARA.actor, JONAS.actor]),
        to=st.lists(st.sampled_from([*(p.email for p in PEOPLE), "role:manager"]), max_size=3),
    )
    def somebody_reassigns(self, by: Any, to: list[str]) -> None:
        self.do(c.ReassignTask(actor=by, task_id=TASK, to=tuple(to), reason="busy"))

    @precondition(_waits)
    @rule(who=st.sampled_from(PEOPLE), release=st.booleans())
    def somebody_claims(self, who: Person, release: bool) -> None:
        self.do(c.ClaimTask(actor=who.actor, task_id=TASK))
        if release:
            self.do(c.ReleaseTask(actor=who.actor, task_id=TASK))

    @rule(hours=st.sampled_from([0, 1, 3]))
    def time_passes_and_the_ladder_climbs(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for kind, task_id in [*self.timers]:
            self.do(c.FireTimer(actor=LADDER, kind=kind, task_id=task_id))

    def _judge_answer(self, event: e.Event, after: Intent) -> None:
        super()._judge_answer(event, after)
        body = event.body
        _SEEN.add(body.type)
        if isinstance(body, e.TaskAnswered) and body.seat != event.actor:
            _SEEN.add("in another's seat")
        if isinstance(body, e.TaskConcluded):
            task = after.tasks[TASK]
            stage = task.ask.stages[task.stage]
            go_ahead = body.outcome in KINDS[task.ask.type].FAVOURABLE
            _SEEN.add(f"{'quotas' if stage.quotas else stage.need} {go_ahead}")
            _SEEN.add(body.reason)


WORTH_SEEING = {
    "task.advanced",
    "task.answer_voided",
    "task.delegated",
    "task.escalated",
    "task.expired",
    "task.reassigned",
    "task.revised",
    "in another's seat",
    "answered",
    TOO_FEW_LEFT,
    "1 True",
    "2 True",
    "2 False",
    "quotas True",
    "quotas False",
}


def test_a_chain_keeps_its_promises_whatever_people_do() -> None:
    run_state_machine_as_test(
        OneChain,
        settings=settings(
            max_examples=300,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
    assert WORTH_SEEING <= _SEEN, "a machine that never gets there proves nothing"
