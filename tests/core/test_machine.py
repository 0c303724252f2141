"""One intent, any commands in any order by anybody, and a clock that only goes forward.

Whatever happens, the promises of ``tests.core.machine`` hold after every step.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from signoff.core import commands as c
from signoff.core.asking import AskRequest
from signoff.core.routing import (
    CLOCK,
    LADDER,
    Absence,
    Actor,
    Person,
)
from signoff.core.task import RawAnswer
from signoff.core.words import TaskId
from tests.core.machine import Held
from tests.core.story import (
    ADMIN,
    AGENT,
    START,
    submit,
)
from tests.core.strategies import COMMENTS, DATA, OUTCOMES, PEOPLE, requests

CHANGES: dict[str, dict[str, Any]] = {
    "disabled": {"disabled": True},
    "demoted": {"roles": (), "groups": ()},
    "promoted": {"roles": ("manager", "operator"), "groups": ("payments",)},
}

_HUMANS = st.sampled_from([somebody.actor for somebody in PEOPLE])
_ANYBODY = _HUMANS | st.sampled_from([AGENT, ADMIN])
_ENDINGS: tuple[c.Command, ...] = (
    c.CompleteIntent(actor=AGENT, result=1),
    c.FailIntent(actor=AGENT, reason="broken"),
    c.CancelIntent(actor=AGENT, reason="no need"),
)
_DATES = st.integers(-10, 400).map(lambda minutes: timedelta(minutes=minutes))


class OneIntent(Held):
    # What can happen

    @initialize(
        handled=st.booleans(),
        task=st.none() | requests(),
        deadline=st.none() | st.none() | st.integers(1, 3000),
        asker=st.none() | _HUMANS,
    )
    def submitted(
        self,
        handled: bool,
        task: dict[str, Any] | None,
        deadline: int | None,
        asker: Actor | None,
    ) -> None:
        for asked in (self._request(task) if task else None, None):
            if self.state is None:  # people may be too few for what is asked
                self.do(
                    submit(
                        handled=handled or asked is None,
                        task=asked,
                        deadline=START + timedelta(minutes=deadline) if deadline else None,
                        on_behalf_of=asker.label if asker else None,
                    )
                )

    @rule(minutes=st.sampled_from([0, 1, 5, 30, 120]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.timers)
    @rule(early=st.sampled_from([0, 0, 0, 1]))
    def time_reaches_the_next_timer(self, early: int) -> None:
        soonest = min(self.timers.values()) - timedelta(microseconds=early)
        self.now = max(self.now, soonest)

    @precondition(lambda self: self.timers)
    @rule(then=st.sampled_from([0, 0, 1, 400]))
    def the_next_timer_fires(self, then: int) -> None:
        self.now = max(self.now, min(self.timers.values())) + timedelta(minutes=then)
        self.due_timers_fire()

    @rule()
    def due_timers_fire(self) -> None:
        for (kind, task_id), at in sorted(self.timers.items(), key=lambda item: item[1]):
            if at <= self.now:
                self.do(c.FireTimer(actor=_cause(kind), kind=kind, task_id=task_id))

    @rule(kind=st.sampled_from(c.TimerKind), data=st.data())
    def a_timer_fires_that_need_not_be_due(self, kind: c.TimerKind, data: st.DataObject) -> None:
        task_id = self._some_task(data) if kind is c.TimerKind.RUNG else None
        self.do(c.FireTimer(actor=_cause(kind), kind=kind, task_id=task_id))

    @rule(actor=_ANYBODY, data=st.data())
    def somebody_poses_as_the_clock(self, actor: Actor, data: st.DataObject) -> None:
        timer = c.FireTimer(actor=actor, kind=c.TimerKind.RUNG, task_id=self._some_task(data))
        seen = len(self.history)
        self.do(timer)
        assert len(self.history) == seen

    @rule(task=requests())
    def a_task_is_opened(self, task: dict[str, Any]) -> None:
        self.do(c.OpenTask(actor=AGENT, task=self._request(task)))

    @rule(
        actor=_ANYBODY,
        outcome=OUTCOMES,
        said=DATA,
        comment=COMMENTS,
        current=st.booleans(),
        data=st.data(),
    )
    def somebody_answers(
        self,
        actor: Actor,
        outcome: str,
        said: Any,
        comment: str | None,
        current: bool,
        data: st.DataObject,
    ) -> None:
        task_id = self._some_task(data)
        raw = RawAnswer(outcome=outcome, data=said, comment=comment)
        digest = None if current else "sha256:old"
        self.do(c.AnswerTask(actor=actor, task_id=task_id, raw=raw, view_digest=digest))

    @precondition(lambda self: self._live())
    @rule(data=st.data())
    def somebody_who_is_asked_answers_well(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(self._live()), label="task")
        outcome = data.draw(st.sampled_from(task.ask.outcomes), label="outcome")
        said = {"assignee": "group:billing", "answer": "yes"}
        raw = RawAnswer(outcome=outcome, data=said, comment="because")
        for somebody in self._asked(task):
            self.do(c.AnswerTask(actor=somebody, task_id=task.id, raw=raw))

    @precondition(lambda self: self._live())
    @rule(data=st.data())
    def somebody_who_is_asked_claims(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(self._live()), label="task")
        for somebody in self._asked(task):
            self.do(c.ClaimTask(actor=somebody, task_id=task.id))

    @rule(actor=_ANYBODY, data=st.data())
    def somebody_claims_or_releases(self, actor: Actor, data: st.DataObject) -> None:
        task_id = self._some_task(data)
        self.do(c.ClaimTask(actor=actor, task_id=task_id))
        if data.draw(st.booleans(), label="release"):
            self.do(c.ReleaseTask(actor=actor, task_id=task_id))

    @rule(who=st.sampled_from(PEOPLE), change=st.sampled_from([*CHANGES, "gone", "as before"]))
    def somebody_changes(self, who: Person, change: str) -> None:
        """They are disabled, lose or gain a role, go away with a substitute, or come back."""
        if change == "gone":
            deputy = PEOPLE[(PEOPLE.index(who) + 1) % len(PEOPLE)]
            end = self.now + timedelta(hours=5)
            gone = Absence(start=self.now, end=end, substitute=deputy.id)
            self.people[who.id] = replace(self.people[who.id], absences=(gone,))
        else:
            self.people[who.id] = replace(who, **CHANGES.get(change, {}))

    @precondition(lambda self: self._live())
    @rule(to=st.sampled_from(PEOPLE), data=st.data())
    def whoever_is_asked_delegates(self, to: Person, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(self._live()), label="task")
        for somebody in self._asked(task)[:2]:
            self.do(c.DelegateTask(actor=somebody, task_id=task.id, to=to.email))

    @precondition(lambda self: self._live())
    @rule(
        actor=_ANYBODY,
        to=st.lists(st.sampled_from([*(p.email for p in PEOPLE), "role:manager"]), max_size=2),
        data=st.data(),
    )
    def somebody_reassigns(self, actor: Actor, to: list[str], data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(self._live()), label="task")
        for by in (actor, *self._asked(task)[:1]):
            self.do(c.ReassignTask(actor=by, task_id=task.id, to=tuple(to), reason="busy"))

    @rule(actor=_ANYBODY, who=st.none() | st.sampled_from(PEOPLE), data=st.data())
    def somebody_looks_on(self, actor: Actor, who: Person | None, data: st.DataObject) -> None:
        task_id = self._some_task(data)
        named = who.email if who else None
        if data.draw(st.booleans(), label="watch"):
            self.do(c.WatchTask(actor=actor, task_id=task_id, who=named))
        else:
            self.do(c.UnwatchTask(actor=actor, task_id=task_id, who=named))
        self.do(c.CommentTask(actor=actor, task_id=task_id, text="hm"))

    @precondition(lambda self: any(task.claimed_by for task in self._live()))
    @rule()
    def whoever_has_claimed_releases(self) -> None:
        for task in self._live():
            if task.claimed_by is not None:
                self.do(c.ReleaseTask(actor=task.claimed_by, task_id=task.id))

    @precondition(lambda self: any(task.ask.type == "review" for task in self._live()))
    @rule()
    def a_reviewer_asks_for_changes(self) -> None:
        raw = RawAnswer(outcome="changes_requested", comment="shorter")
        for task in self._live():
            if task.ask.type == "review":
                for somebody in self._asked(task):
                    self.do(c.AnswerTask(actor=somebody, task_id=task.id, raw=raw))

    @precondition(lambda self: any(task.awaiting_revision for task in self._live()))
    @rule()
    def the_agent_revises_what_it_was_asked_to(self) -> None:
        for task in self._live():
            self.do(c.ReviseTask(actor=AGENT, task_id=task.id, content="v2"))

    @rule(data=st.data(), revise=st.booleans())
    def the_agent_revises_or_withdraws(self, data: st.DataObject, revise: bool) -> None:
        task_id = self._some_task(data)
        if revise:
            self.do(c.ReviseTask(actor=AGENT, task_id=task_id, content="v2"))
        else:
            self.do(c.WithdrawTask(actor=AGENT, task_id=task_id, reason="no need"))

    @rule(name=st.sampled_from("abc"), until=st.none() | _DATES)
    def the_agent_works_or_sleeps(self, name: str, until: timedelta | None) -> None:
        if until is None:
            self.do(c.RecordStep(actor=AGENT, name=name, kind="step", output=1))
        else:
            self.do(c.Sleep(actor=AGENT, name=name, until=self.now + until))

    @precondition(lambda self: len(self.history) > 12)
    @rule(actor=_ANYBODY, action=st.sampled_from(["stop", "replace", "hand_over", "explode"]))
    def somebody_takes_over(self, actor: Actor, action: str) -> None:
        self.opened += 1
        self.do(
            c.OverrideIntent(
                actor=actor,
                justification="it runs wild",
                data={"action": action, "result": 1, "to": "role:manager"},
                task_id=TaskId(f"task_{self.opened}"),
            )
        )

    @precondition(lambda self: len(self.history) > 20)
    @rule(how=st.sampled_from(_ENDINGS))
    def the_agent_ends_it(self, how: c.Command) -> None:
        self.do(how)

    def _request(self, fields: dict[str, Any]) -> AskRequest:
        self.opened += 1
        return AskRequest(id=TaskId(f"task_{self.opened}"), fields=fields)

    def _some_task(self, data: st.DataObject) -> TaskId:
        known = list(self.state.tasks) if self.state else []
        return data.draw(st.sampled_from([*known, TaskId("task_404")]), label="task")


def _cause(kind: c.TimerKind) -> Actor:
    return LADDER if kind is c.TimerKind.RUNG else CLOCK


TestOneIntent = OneIntent.TestCase
TestOneIntent.settings = settings(
    max_examples=400,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
