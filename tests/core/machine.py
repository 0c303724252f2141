"""One intent that commands are done to: every step judged, and what always holds after it.

The promises are in words of this file's own; no rule that decides is asked whether it was right.
"""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.decide import decide
from signoff.core.intent import Intent, evolve, replay
from signoff.core.plan import SetTimer, WakeAgent, plan
from signoff.core.routing import Actor, Directory, Person, names, reaches, selected
from signoff.core.task import Task
from signoff.core.tasks import DECIDES_FOR_REQUESTER, KINDS
from signoff.core.words import ActorKind, IntentStatus, TaskId
from signoff.errors import SignoffError
from tests.core.story import INTENT, START, directory
from tests.core.strategies import PEOPLE

CLOSINGS = (e.TaskConcluded, e.TaskExpired, e.TaskWithdrawn, e.TaskOverridden)

TOKENS = ("role:manager", "role:operator", "group:payments")
LOADS = {PEOPLE[0].id: 2, PEOPLE[1].id: 1}


class Held(RuleBasedStateMachine):
    """An intent in the hands of Hypothesis; a machine says what can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.state: Intent | None = None
        self.history: list[e.Event] = []
        self.timers: dict[tuple[c.TimerKind, TaskId | None], Any] = {}
        self.opened = 0
        self.people: dict[str, Person] = {each.id: each for each in PEOPLE}

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
        for each in (*owners, *(self.people[vote.by.id] for vote in given)):
            assert not each.disabled, "whoever was disabled since counts no longer"
            assert not selected(stage.exclude, each), "nobody excluded counts"
        if at == task.stage:
            asked = task.asked.who
            assert all(selected(asked, owner) for owner in owners), "nor whoever was demoted"
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
                fired = any(hasattr(event.body, "due_at") for event in events)
                same = self.timers.get(key) == duty.at
                assert fired or not same, "a timer is set only where it differs, or has fired"
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
