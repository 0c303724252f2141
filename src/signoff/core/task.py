"""A task: what people are asked, how far it has come, and the decision it concludes with.

An ``Ask`` never changes; a ``Task`` is an ask and its progress. A decision is written once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from signoff.core.calendar import Calendars
from signoff.core.chain import Stage
from signoff.core.credential import Strength
from signoff.core.ladder import CLOSING, Firing, Rung, Schedule
from signoff.core.routing import Actor, Selector
from signoff.core.scheduling import put_off
from signoff.core.words import (
    JSON,
    Demand,
    IntentId,
    JSONObject,
    OutageRule,
    PersonId,
    Risk,
    StandInReason,
    TaskId,
    TaskState,
    TaskType,
)

_encode = msgspec.json.Encoder(order="deterministic").encode
_REMEMBERED = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One piece of evidence: a link, or a reference number or note in another system."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What one person says, as it arrived: shaped, but not yet judged."""

    outcome: str
    data: JSON = None
    comment: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a task concluded with. Written once; every reader sees this one.

    :param strength: of the credential its giver's answer came with, where somebody gave it.
    """

    outcome: str
    by: Actor
    at: datetime
    comment: str | None = None
    data: JSON = None
    evidence: tuple[Evidence, ...] = ()
    strength: Strength | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request to people, parsed and resolved. ``spec`` holds what only its type knows.

    :param ladder: the rungs of every stage that has none of its own.
    :param deadline: the moment no stage of it outlives.
    :param pause: whether the clock may stop while the task waits on its requester.
    :param outage: what an outage of the server means for it.
    :param self_approval: whether, by way of exception, its requester may decide it.
    :param credential: the least strength of a credential that an answer needs.
    """

    id: TaskId
    type: TaskType
    title: str
    description: str | None
    stages: tuple[Stage, ...]
    outcomes: tuple[str, ...]
    ladder: tuple[Rung, ...]
    spec: JSONObject
    schema: JSONObject | None = None
    comment: Demand = Demand.OPTIONAL
    evidence: Demand = Demand.OPTIONAL
    risk: Risk = Risk.MEDIUM
    key: str | None = None
    deadline: datetime | None = None
    pause: bool = False
    outage: OutageRule = OutageRule.FAIR
    watchers: tuple[Selector, ...] = ()
    self_approval: bool = False
    credential: Strength = Strength.LINK

    @property
    def strength_needed(self) -> Strength:
        """The least strength of a credential that an answer needs.

        A link proves a mailbox, not a person: it never answers what is of high risk.
        """
        weak = self.risk is Risk.HIGH and self.credential is Strength.LINK
        return Strength.KEY if weak else self.credential

    @property
    def first_stage(self) -> int:
        """The place of the first stage that applies; one always does."""
        return next(at for at, stage in enumerate(self.stages) if stage.applies)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """``deputy`` may answer in the place of ``owner``, who stays on record and may answer too.

    :param until: until when the owner is away, where that is the reason.
    """

    owner: Actor
    deputy: Actor
    why: StandInReason
    until: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """An answer that counts in a stage still open.

    :param seat: in whose place it counts: their own, or that of whom they stand in for.
    :param seat_label: how people know that one.
    :param fills: the quotas it may fill one place of, as they are labelled.
    :param strength: of the credential it came with.
    """

    by: Actor
    seat: PersonId
    outcome: str
    stage: int
    at: datetime
    seat_label: str = ""
    fills: tuple[str, ...] = ()
    strength: Strength = Strength.LINK


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the opening of a stage came to.

    :param schedule: when which rung of its ladder fires.
    :param picked: who was picked, where the stage picks those with the least on their desk.
    """

    schedule: Schedule
    stand_ins: tuple[StandIn, ...] = ()
    picked: tuple[Selector, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A firing that is behind: when it was dealt with, and why it was skipped, if it was."""

    firing: Firing
    at: datetime
    skipped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A reviewer's request for changes, and what the agent answered with."""

    comment: str
    by: Actor
    at: datetime
    content: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An ask and how far it has come.

    :param schedule: the firings of the stage's ladder, ``behind`` of which are behind it; where
        it was put off, those that were still to come then.
    :param past: every firing of the stage that is behind it.
    :param instead: who is asked instead of those the stage names, where somebody is.
    :param added: who is asked beside them.
    :param votes: the answers of this round that count, those of earlier stages too.
    :param started: whether anybody has claimed or answered the present stage yet.
    :param paused_at: since when its clock stands; ``pause_ends`` is when it goes on by itself.
    :param deadline: the moment no stage outlives; it moves where time is given back.
    :param recovered_until: until when it has been given back whatever time did not count.
    :param override_task: in which task operators are asked to take the run over.
    """

    intent_id: IntentId
    ask: Ask
    state: TaskState
    opened_at: datetime
    stage: int = 0
    stage_opened_at: datetime
    schedule: Schedule
    behind: int = 0
    past: tuple[Past, ...] = ()
    instead: tuple[Selector, ...] | None = None
    added: tuple[Selector, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    votes: tuple[Vote, ...] = ()
    watchers: tuple[Selector, ...] = ()
    comments: int = 0
    claimed_by: Actor | None = None
    started: bool = False
    awaiting_revision: bool = False
    paused_at: datetime | None = None
    pause_ends: datetime | None = None
    snoozed_until: datetime | None = None
    deadline: datetime | None = None
    recovered_until: datetime | None = None
    override_task: TaskId | None = None
    content: JSON = None
    rounds: tuple[Round, ...] = ()
    decision: Decision | None = None
    closed_at: datetime | None = None
    closed_because: str | None = None

    @property
    def id(self) -> TaskId:
        return self.ask.id

    @property
    def live(self) -> bool:
        return self.state in (TaskState.OPEN, TaskState.CLAIMED)

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """The rungs of the present stage."""
        own = self.ask.stages[self.stage].ladder
        return self.ask.ladder if own is None else own

    @property
    def to_come(self) -> Schedule:
        """The firings that are still to come."""
        return self.schedule[self.behind :]

    @property
    def next_rung_at(self) -> datetime | None:
        """When the ladder fires next; there is such a time exactly while the task waits."""
        if not self.live:
            return None
        return self.pause_ends or self.schedule[self.behind].at

    @property
    def calendars(self) -> Calendars:
        """What the working time of the present stage counts by."""
        return self.ask.stages[self.stage].calendars

    @property
    def due_at(self) -> datetime:
        """When the ladder closes the task: no answer is accepted at or after this moment.

        While the clock stands, the latest moment that can come to.
        """
        to_come = self.to_come
        if self.pause_ends is not None:
            to_come = self.resumed_at(self.pause_ends)
        return next((f for f in to_come if self._closes(f)), to_come[-1]).at

    def resumed_at(self, moment: datetime) -> Schedule:
        """What is still to come where its clock, which stands now, goes on at this moment."""
        since = self.paused_at or moment
        return put_off(
            self.to_come, self.ladder, since=since, until=moment, calendars=self.calendars
        )

    def deadline_at(self, now: datetime) -> datetime | None:
        """The moment no stage outlives, where its clock has stood until now if it stands."""
        if self.deadline is None or self.paused_at is None or self.pause_ends is None:
            return self.deadline
        return self.deadline + (min(now, self.pause_ends) - self.paused_at)

    def _closes(self, firing: Firing) -> bool:
        if firing.do not in CLOSING:
            return False
        starts = firing.rung is not None and self.ladder[firing.rung].unless_claimed
        return not (starts and self.started)

    @property
    def asked(self) -> Stage:
        """The stage being asked now, with everybody who came to it since.

        Whoever is asked instead of others is not held to the quotas these would have filled.
        """
        stage = self.ask.stages[self.stage]
        if self.instead is None:
            return replace(stage, who=(*stage.who, *self.added)) if self.added else stage
        return replace(stage, who=(*self.instead, *self.added), quotas=())

    @property
    def view_digest(self) -> str:
        """What a person is shown and therefore decides on, as ``sha256:<hex>``."""
        return shown_digest(
            self.ask, stage=self.stage, rounds=len(self.rounds), content=self.content
        )


class _Shown(NamedTuple):
    ask: Ask
    stage: int
    rounds: int
    content: JSON
    digest: str


_digests: dict[int, _Shown] = {}


def shown(ask: Ask, *, stage: int, rounds: int = 0, content: JSON = None) -> str:
    """What a person is shown of a task, as the JSON text that the view digest is over."""
    view = {
        "task": ask.id,
        "type": ask.type,
        "title": ask.title,
        "description": ask.description,
        "outcomes": ask.outcomes,
        "spec": ask.spec,
        "schema": ask.schema,
        "risk": ask.risk,
        "stage": stage,
        "round": rounds,
        "content": content,
    }
    return _encode(view).decode()


def shown_digest(ask: Ask, *, stage: int, rounds: int = 0, content: JSON = None) -> str:
    """The view digest of a task as it stands in that stage and round.

    The last few are remembered: one batch asks for the same one to log it, to judge, to answer.
    """
    kept = _digests.get(id(ask))
    if (
        kept is not None
        and kept.ask is ask
        and kept.content is content
        and (kept.stage, kept.rounds) == (stage, rounds)
    ):
        return kept.digest
    found = digest_of(shown(ask, stage=stage, rounds=rounds, content=content))
    if len(_digests) >= _REMEMBERED:
        _digests.clear()
    _digests[id(ask)] = _Shown(ask, stage, rounds, content, found)
    return found


def digest_of(text: str) -> str:
    """SHA-256 over a text, as ``sha256:<hex>``."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def digest(value: Mapping[str, Any]) -> str:
    """SHA-256 over the value's JSON with sorted keys, as ``sha256:<hex>``."""
    return f"sha256:{hashlib.sha256(_encode(value)).hexdigest()}"


def answer_digest(raw: RawAnswer, data: JSON) -> str:
    """What a signature on an answer is over; ``data`` is the answer's as it was judged.

    Each value as it is written into the event, so that whoever is given those can work it out.
    """
    parts = {
        "comment": raw.comment,
        "data": data,
        "evidence": raw.evidence,
        "outcome": raw.outcome,
    }
    return digest_of(msgspec.json.encode(parts).decode())


def same_json(one: JSON, other: JSON) -> bool:
    """Whether two values are the same JSON: 1 is 1.0 there, but ``true`` is not 1."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other
