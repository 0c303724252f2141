"""One intent, any commands in any order by anybody, and a clock that only goes forward.

Whatever happens, the promises at the end of this file hold after every step.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.asking import AskRequest
from signoff.core.decide import decide
from signoff.core.intent import Intent, evolve, replay
from signoff.core.plan import SetTimer, WakeAgent, plan
from signoff.core.routing import (
    CLOCK,
    LADDER,
    Absence,
    Actor,
    Directory,
    Person,
    names,
    reaches,
    selected,
)
from signoff.core.task import RawAnswer, Task
from signoff.core.tasks import DECIDES_FOR_REQUESTER, KINDS
from signoff.core.words import ActorKind, IntentStatus, TaskId
from signoff.errors import SignoffError
from tests.core.story import (
    ADMIN,
    AGENT,
    INTENT,
    START,
    directory,
    submit,
)
from tests.core.strategies import COMMENTS, DATA, OUTCOMES, PEOPLE, requests

CLOSINGS = (e.TaskConcluded, e.TaskExpired, e.TaskWithdrawn, e.TaskOverridden)

TOKENS = ("role:manager", "role:operator", "group:payments")
LOADS = {PEOPLE[0].id: 2, PEOPLE[1].id: 1}
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


class OneIntent(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.state: Intent | None = None
        self.history: list[e.Event] = []
        self.timers: dict[tuple[c.TimerKind, TaskId | None], Any] = {}
        self.opened = 0
        self.people = {each.id: each for each in PEOPLE}

    @property
    def directory(self) -> Directory:
        return directory(*self.people.values(), asked=TOKENS, loads=LOADS)

    def do(self, command: c.Command) -> None:
        before = self.state
        try:
            events = decide(
                before, command, now=self.now, directory=self.directory, intent_id=INTENT
            )
        except SignoffError:
            assert self.state is before
            assert before is None or replay(self.history, intent_id=INTENT) == before
            return
        after = before
        for event in events:
            after = evolve(after, event, intent_id=INTENT)
            self._judge_answer(event, after)
        if after is not None:
            self._judge(command, before, after, events)
            self._carry_out(before, after, events)
        self.state = after
        self.history.extend(events)

    def _judge(
        self, command: c.Command, before: Intent | None, after: Intent, events: tuple[e.Event, ...]
    ) -> None:
        bodies = [event.body for event in events]
        if before is not None and before.terminal:
            assert not events, "a terminal intent never changes"
        for body in bodies:
            if isinstance(body, e.TaskAnswered):
                assert self.now < after.tasks[body.task_id].due_at, "no answer is late"
                assert after.deadline is None or self.now < after.deadline
        concluded = [body for body in bodies if isinstance(body, e.TaskConcluded)]
        if concluded:
            assert command.actor.kind in (ActorKind.PERSON, ActorKind.LADDER), "people decide"
        if isinstance(command, c.FireTimer):
            self._judge_tick(bodies)

    def _judge_answer(self, event: e.Event, after: Intent) -> None:
        """By words of this test's own: who is in the votes, and whether they are enough."""
        body = event.body
        if isinstance(body, e.TaskAnswered):
            task = after.tasks[body.task_id]
            person, owner = self.people[event.actor.id], self.people[body.seat.id]
            for each in (person, owner):
                assert not each.disabled, "nobody disabled answers, nor is answered for"
                assert not selected(task.asked.exclude, each), "nobody excluded does"
                barred = task.ask.type in DECIDES_FOR_REQUESTER and after.requesters
                assert not any(names(ref, each) for ref in barred or ()), "no requester does"
            assert selected(task.asked.who, owner), "an answer counts for somebody who is asked"
            if person != owner:
                assert (owner.actor, person.actor) in [(s.owner, s.deputy) for s in task.stand_ins]
        elif isinstance(body, e.TaskAdvanced):
            earlier = [vote.stage for vote in after.tasks[body.task_id].votes]
            self._judge_go_ahead(after.tasks[body.task_id], max(earlier))
        elif isinstance(body, e.TaskConcluded) and event.actor.kind is ActorKind.PERSON:
            task = after.tasks[body.task_id]
            if body.outcome in KINDS[task.ask.type].FAVOURABLE:
                self._judge_go_ahead(task, task.stage)

    def _judge_go_ahead(self, task: Task, at: int) -> None:
        """As many people as the stage needs, each once, each in one seat, every quota filled."""
        stage = task.ask.stages[at]
        favourable = KINDS[task.ask.type].FAVOURABLE
        given = [v for v in task.votes if v.stage == at and v.outcome in favourable]
        assert len(given) >= stage.need
        assert len({vote.by.id for vote in given}) == len(given), "one person, one seat"
        assert len({vote.seat for vote in given}) == len(given), "one seat, one answer"
        owners = [self.people[vote.seat] for vote in given]
        assert not any(owner.disabled for owner in owners)
        if stage.quotas and at == task.stage and task.instead is None:
            wanted = [quota.of for quota in stage.quotas for _ in range(quota.need)]
            assert any(
                all(
                    reaches(of, owner) or selected(task.added, owner)
                    for of, owner in zip(wanted, some, strict=True)
                )
                for some in permutations(owners, len(wanted))
            ), "everybody counts for one quota alone"

    def _judge_tick(self, bodies: list[e.Body]) -> None:
        fired = [
            body
            for body in bodies
            if isinstance(body, e.TaskReminded | e.TaskEscalated | e.TaskExpired)
        ]
        assert len(fired) <= 1, "one rung in one tick"
        for body in bodies:
            if isinstance(body, e.TaskReminded | e.TaskEscalated | e.TaskExpired | e.RungSkipped):
                assert body.due_at <= self.now, "no rung is early"
            if isinstance(body, e.RungSkipped):
                assert body.reason, "a skipped rung says why"

    def _carry_out(self, before: Intent | None, after: Intent, events: tuple[e.Event, ...]) -> None:
        duties = plan(before, after, events)
        for duty in duties:
            if isinstance(duty, SetTimer):
                key = (duty.kind, duty.task_id)
                assert self.timers.get(key) != duty.at, "a timer is set only where it differs"
                if duty.at is None:
                    del self.timers[key]
                else:
                    self.timers[key] = duty.at
        woken = Counter(duty.task_id for duty in duties if isinstance(duty, WakeAgent))
        told = Counter(
            event.body.task_id
            for event in events
            if isinstance(event.body, (*CLOSINGS, e.ChangesRequested))
        )
        assert woken == told, "whatever closes a task, or wants a revision, wakes the agent"

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
        move = data.draw(st.sampled_from([c.WatchTask, c.UnwatchTask]), label="move")
        self.do(move(actor=actor, task_id=task_id, who=named))
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

    def _live(self) -> tuple[Task, ...]:
        return self.state.live_tasks if self.state else ()

    def _asked(self, task: Task) -> list[Actor]:
        """Whoever is asked by now or stands in, as far as names and roles go."""
        deputies = {each.deputy.id for each in task.stand_ins}
        return [
            somebody.actor
            for somebody in self.people.values()
            if somebody.id in deputies or selected(task.asked.who, somebody)
        ]

    def _some_task(self, data: st.DataObject) -> TaskId:
        known = list(self.state.tasks) if self.state else []
        return data.draw(st.sampled_from([*known, TaskId("task_404")]), label="task")

    # What always holds

    @invariant()
    def nobody_counts_twice_in_a_stage(self) -> None:
        for task in self._live():
            for at in {vote.stage for vote in task.votes}:
                said = [vote for vote in task.votes if vote.stage == at]
                assert len({vote.by.id for vote in said}) == len(said)
                assert len({vote.seat for vote in said}) == len(said)

    @invariant()
    def a_stage_that_wants_others_has_nobody_from_an_earlier_one(self) -> None:
        for task in self._live():
            if task.ask.stages[task.stage].distinct:
                past = [v for v in task.votes if v.stage < task.stage]
                earlier = {who for vote in past for who in (vote.by.id, vote.seat)}
                now = [v for v in task.votes if v.stage == task.stage]
                assert earlier.isdisjoint(who for vote in now for who in (vote.by.id, vote.seat))

    @invariant()
    def only_stages_that_apply_are_asked(self) -> None:
        for task in self._live():
            assert task.ask.stages[task.stage].applies

    @invariant()
    def replaying_the_events_gives_the_state(self) -> None:
        assert replay(self.history, intent_id=INTENT) == self.state

    @invariant()
    def the_events_are_numbered_without_gaps(self) -> None:
        assert [event.seq for event in self.history] == list(range(1, len(self.history) + 1))

    @invariant()
    def a_task_is_concluded_and_closed_once_at_most(self) -> None:
        closed = Counter(
            event.body.task_id for event in self.history if isinstance(event.body, CLOSINGS)
        )
        assert all(times == 1 for times in closed.values())

    @invariant()
    def a_timer_is_armed_exactly_while_something_waits(self) -> None:
        if self.state is None:
            return
        rungs = {task for kind, task in self.timers if kind is c.TimerKind.RUNG}
        live = {task.id for task in self.state.live_tasks}
        assert rungs == live
        for task in self.state.live_tasks:
            armed = self.timers[c.TimerKind.RUNG, task.id]
            assert armed == task.next_rung_at
            assert armed <= task.due_at
        if self.state.terminal:
            assert not live
            assert not self.timers
        else:
            assert ((c.TimerKind.SLEEP, None) in self.timers) is bool(self.state.sleeps)
            assert ((c.TimerKind.DEADLINE, None) in self.timers) is bool(self.state.deadline)

    @invariant()
    def an_intent_waits_exactly_while_it_has_something_to_wait_for(self) -> None:
        if self.state is None or self.state.terminal:
            return
        waiting = self.state.status is IntentStatus.WAITING
        assert self.state.waiting_reason == self.state.waits_for()
        assert waiting is (self.state.waits_for() is not None)

    @invariant()
    def only_a_claimed_task_has_a_claimer_and_only_a_concluded_one_a_decision(self) -> None:
        for task in self.state.tasks.values() if self.state else ():
            assert (task.claimed_by is not None) is (task.state == "claimed")
            assert (task.decision is not None) is (task.state == "concluded")
            assert (task.closed_at is None) is task.live


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
