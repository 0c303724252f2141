"""One intent whose clock is moved in every way there is: by people, by time, and by outages.

The promises of ``tests.core.machine`` hold after every step, and those of the clock beside them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.asking import AskRequest
from signoff.core.ladder import CLOSING
from signoff.core.routing import CLOCK, LADDER, Actor, Directory
from signoff.core.task import RawAnswer
from signoff.core.words import TaskId
from signoff.core.workspace import WorkspaceSettings
from tests.core.calendars import calendar
from tests.core.machine import LOADS, TOKENS, Held
from tests.core.story import ADMIN, AGENT, START, directory, submit
from tests.core.strategies import PEOPLE

BERLIN = calendar(name="berlin", holidays="DE-BE")
SETTINGS = WorkspaceSettings(
    zone="Europe/Berlin",
    calendar="berlin",
    calendars={"berlin": BERLIN},
    longest_pause=timedelta(hours=30),
)

AFTER = st.sampled_from(
    [
        "30m",
        "2h",
        "9h",
        "26h",
        "1 day",
        "2 days",
        "3 working hours",
        "1 business day",
        "90 working minutes",
    ]
)
TO = st.lists(st.sampled_from(["role:manager", "role:operator", PEOPLE[0].email]), min_size=1)
RUNGS = st.one_of(
    st.fixed_dictionaries({"after": AFTER, "do": st.just("remind")}),
    st.fixed_dictionaries({"after": AFTER, "do": st.just("remind"), "every": AFTER}),
    st.fixed_dictionaries(
        {"after": AFTER, "do": st.sampled_from(["notify", "reassign"]), "to": TO}
    ),
    st.fixed_dictionaries(
        {"after": AFTER, "do": st.just("escalate"), "to": TO, "replace": st.booleans()}
    ),
    st.fixed_dictionaries({"after": AFTER, "do": st.just("override")}),
    st.fixed_dictionaries(
        {"after": AFTER, "do": st.sampled_from(["fail", "remind"]), "unless": st.just("claimed")}
    ),
)
ENDS = st.sampled_from(
    [
        {"after": "5 days", "do": "fail"},
        {"after": "4 business days", "conclude": "rejected"},
        {"after": "60 working hours", "do": "fail"},
        {"after": "100h", "conclude": "rejected"},
    ]
)
_BY = st.sampled_from([ADMIN, AGENT, *(each.actor for each in PEOPLE)])
_SPANS = st.integers(-60, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))

FIRED = (
    e.TaskReminded,
    e.TaskNotified,
    e.TaskEscalated,
    e.TaskReassigned,
    e.OverrideAsked,
    e.TaskExpired,
)


class OneClock(Held):
    def __init__(self) -> None:
        super().__init__()
        self.minted = 0
        self.outages: list[c.Outage] = []

    @property
    def directory(self) -> Directory:
        return directory(*self.people.values(), asked=TOKENS, loads=LOADS, settings=SETTINGS)

    # What can happen

    @initialize(
        rungs=st.lists(RUNGS, max_size=6),
        end=ENDS,
        chain=st.sampled_from([["role:manager"], ["role:manager", "role:operator"]]),
        outage=st.sampled_from(["fair", "strict"]),
        deadline=st.sampled_from([None, None, "80h", "3 business days"]),
        until=st.none() | st.none() | st.integers(10, 200),
    )
    def asked(
        self, rungs: list[Any], end: Any, chain: list[str], outage: str, deadline: Any, until: Any
    ) -> None:
        for ladder in ([*rungs, end], [end]):  # some rungs make no sense together
            fields = {
                "type": "approval",
                "title": "Refund?",
                "chain": chain,
                "ladder": ladder,
                "outage": outage,
                "deadline": deadline,
                "pause": True,
            }
            if self.state is None:
                request = AskRequest(id=TaskId("task_1"), fields=fields)
                ends = START + timedelta(hours=until) if until else None
                self.do(submit(handled=True, task=request, deadline=ends))

    @rule(minutes=st.sampled_from([0, 1, 2, 30, 90, 600, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.timers)
    @rule(then=st.sampled_from([0, 0, 0, 30, 90, 86400]))
    def the_next_timer_fires(self, then: int) -> None:
        self.now = max(self.now, min(self.timers.values())) + timedelta(seconds=then)
        self._fire_what_is_due(None)

    @precondition(lambda self: self.timers)
    @rule()
    def a_timer_comes_a_little_early(self) -> None:
        soonest = min(self.timers.values()) - timedelta(microseconds=1)
        if soonest >= self.now:
            self.now = soonest
            seen = len(self.history)
            for kind, task_id in list(self.timers):
                self.do(self._timer(kind, task_id, None))
            assert len(self.history) == seen

    @rule(hours=st.integers(1, 72), twice=st.booleans(), after=st.sampled_from([0, 0, 5, 600]))
    def no_server_runs_for_a_while(self, hours: int, twice: bool, after: int) -> None:
        outage = c.Outage(start=self.now, end=self.now + timedelta(hours=hours))
        self.now = outage.end + timedelta(seconds=after)
        self.outages.append(outage)
        self._fire_what_is_due(outage)
        if twice:
            self.an_old_recovery_runs_again()

    @precondition(lambda self: self.outages)
    @rule()
    def an_old_recovery_runs_again(self) -> None:
        recovered = sum(isinstance(event.body, e.TaskRecovered) for event in self.history)
        self._fire_what_is_due(self.outages[-1])
        again = sum(isinstance(event.body, e.TaskRecovered) for event in self.history)
        assert again == recovered, "an outage is given back once"

    @rule(by=_BY, span=_SPANS)
    def somebody_snoozes(self, by: Actor, span: timedelta) -> None:
        for actor in self._anybody(by):
            self.do(c.SnoozeTask(actor=actor, task_id=TaskId("task_1"), until=self.now + span))

    @rule(by=_BY, span=_SPANS)
    def somebody_extends(self, by: Actor, span: timedelta) -> None:
        self.do(c.ExtendTask(actor=by, task_id=TaskId("task_1"), by=span, reason="holidays"))

    @rule(by=_BY)
    def somebody_stops_the_clock(self, by: Actor) -> None:
        for actor in self._anybody(by):
            self.do(c.PauseTask(actor=actor, task_id=TaskId("task_1"), reason="a receipt"))

    @rule(by=_BY)
    def somebody_starts_it(self, by: Actor) -> None:
        self.do(c.ResumeTask(actor=by, task_id=TaskId("task_1")))

    @precondition(lambda self: self._live())
    @rule(claim=st.booleans())
    def somebody_begins(self, claim: bool) -> None:
        for actor in self._anybody(ADMIN):
            self.do(c.ClaimTask(actor=actor, task_id=TaskId("task_1")))
            if not claim:
                self.do(c.ReleaseTask(actor=actor, task_id=TaskId("task_1")))

    @precondition(lambda self: self._live() and len(self.history) > 8)
    @rule()
    def somebody_answers(self) -> None:
        for actor in self._anybody(ADMIN):
            raw = RawAnswer(outcome="approved")
            self.do(c.AnswerTask(actor=actor, task_id=TaskId("task_1"), raw=raw))

    # What always holds

    def _judge_tick(self, bodies: list[e.Body]) -> None:
        fired = [body for body in bodies if isinstance(body, FIRED)]
        closing = [b for b in bodies if isinstance(b, e.TaskExpired | e.TaskConcluded)]
        assert len({*map(id, fired), *map(id, closing)}) <= 1, "one rung in one tick"
        for body in bodies:
            if isinstance(body, (*FIRED, e.RungSkipped)):
                assert body.due_at is None or body.due_at <= self.now, "no rung is early"
            if isinstance(body, e.RungSkipped):
                assert body.reason, "a skipped rung says why"
            elif isinstance(body, FIRED) and body.due_at is not None:
                noticeable = self.now - body.due_at > timedelta(seconds=60)
                assert bool(body.late) is noticeable, "a late rung says why"

    @invariant()
    def what_is_to_come_is_in_order_and_ends_with_the_end(self) -> None:
        for task in self._live():
            moments = [firing.at for firing in task.to_come]
            assert moments == sorted(moments)
            assert task.to_come[-1].do in CLOSING
            assert task.due_at in {f.at for f in task.to_come} or task.pause_ends

    @invariant()
    def no_rung_fires_twice_in_a_stage(self) -> None:
        for task in self._live():
            told = [(p.firing.rung, p.firing.nth) for p in task.past if p.firing.rung is not None]
            assert len(told) == len(set(told))
            ahead = {(f.rung, f.nth) for f in task.to_come if f.rung is not None}
            assert ahead.isdisjoint(told)

    @invariant()
    def no_task_is_due_after_its_intent_unless_the_clock_stands(self) -> None:
        deadline = self.state.deadline if self.state else None
        for task in self._live():
            if deadline is not None and task.pause_ends is None:
                assert task.due_at <= deadline

    def _fire_what_is_due(self, outage: c.Outage | None) -> None:
        for (kind, task_id), at in sorted(self.timers.items(), key=lambda item: item[1]):
            if at <= self.now:
                self.do(self._timer(kind, task_id, outage))

    def _timer(
        self, kind: c.TimerKind, task_id: TaskId | None, outage: c.Outage | None
    ) -> c.FireTimer:
        self.minted += 1
        return c.FireTimer(
            actor=LADDER if kind is c.TimerKind.RUNG else CLOCK,
            kind=kind,
            task_id=task_id,
            outage=outage,
            new_task=TaskId(f"task_override_{self.minted}"),
        )

    def _anybody(self, by: Actor) -> list[Actor]:
        """Whoever is asked first, and somebody else, whoever that is."""
        return [by, *(self._asked(self._live()[0])[:1] if self._live() else ())]


TestOneClock = OneClock.TestCase
TestOneClock.settings = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
