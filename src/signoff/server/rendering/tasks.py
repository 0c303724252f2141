"""Tasks: what is asked, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterable

from signoff.core import intent as core
from signoff.core import task as ask
from signoff.core.chain import Stage
from signoff.core.ladder import Firing
from signoff.core.moments import rfc3339
from signoff.core.routing import Selector
from signoff.core.tally import Progress, progress
from signoff.core.words import IntentStatus
from signoff.engine.ports import FoundTask
from signoff.server import documents as d
from signoff.server.rendering.times import time


def task(found: FoundTask) -> d.Task:
    return _task(found.task, found.agent, found.intent_title, found.intent_status)


def task_of(parent: core.Intent, found: ask.Task) -> d.Task:
    """A task whose intent is at hand."""
    return _task(found, parent.agent, parent.title, parent.status)


def _task(found: ask.Task, agent: str, title: str, status: IntentStatus) -> d.Task:
    asked = found.ask
    return d.Task(
        id=asked.id,
        intent_id=found.intent_id,
        intent_title=title,
        intent_status=status,
        agent=agent,
        type=asked.type,
        title=asked.title,
        description=asked.description,
        state=found.state,
        outcomes=list(asked.outcomes),
        assignees=_labels(found.asked.who),
        stage=found.stage,
        chain=[_stage(each) for each in asked.stages],
        risk=asked.risk,
        credential=asked.credential,
        comment=asked.comment,
        evidence=asked.evidence,
        schema=None if asked.schema is None else dict(asked.schema),
        spec=dict(asked.spec),
        content=found.content,
        rounds=[_round(each) for each in found.rounds],
        awaiting_revision=found.awaiting_revision,
        quorum=quorum(progress(found)),
        answers=[answer(each) for each in found.votes],
        stand_ins=[_stand_in(each) for each in found.stand_ins],
        watchers=_labels(found.watchers),
        comments=found.comments,
        claimed_by=found.claimed_by.label if found.claimed_by else None,
        key=asked.key,
        opened_at=rfc3339(found.opened_at),
        due_at=rfc3339(found.due_at),
        next_rung_at=time(found.next_rung_at),
        schedule=[_firing(each) for each in found.to_come] if found.live else [],
        paused_at=time(found.paused_at),
        pause_ends=time(found.pause_ends),
        snoozed_until=time(found.snoozed_until),
        closed_at=time(found.closed_at),
        closed_because=found.closed_because,
        view_digest=found.view_digest,
        decision=_decision(found.decision) if found.decision else None,
    )


def _stage(stage: Stage) -> d.Stage:
    return d.Stage(
        who=_labels(stage.who),
        exclude=_labels(stage.exclude),
        need=stage.need,
        quotas=[d.Quota(of=quota.of.label, need=quota.need) for quota in stage.quotas],
        veto=None if stage.veto is None else _labels(stage.veto),
        distinct=stage.distinct,
        when=stage.when,
        applies=stage.applies,
        pick=stage.pick,
    )


def quorum(counted: Progress) -> d.Quorum:
    return d.Quorum(need=counted.need, have=counted.have, missing=list(counted.missing))


def answer(vote: ask.Vote) -> d.AnswerGiven:
    """One answer that counts in this round."""
    return d.AnswerGiven(
        by=vote.by.label,
        for_=None if vote.seat == vote.by.id else vote.seat_label or vote.seat,
        outcome=vote.outcome,
        stage=vote.stage,
        at=rfc3339(vote.at),
        strength=vote.strength,
    )


def _stand_in(given: ask.StandIn) -> d.StandIn:
    return d.StandIn(
        owner=given.owner.label,
        deputy=given.deputy.label,
        why=given.why,
        until=time(given.until),
        note=given.note,
    )


def _firing(firing: Firing) -> d.Firing:
    return d.Firing(at=rfc3339(firing.at), do=firing.do, rung=firing.rung, nth=firing.nth)


def _round(told: ask.Round) -> d.Round:
    return d.Round(
        comment=told.comment, by=told.by.label, at=rfc3339(told.at), content=told.content
    )


def _decision(decision: ask.Decision) -> d.Decision:
    return d.Decision(
        outcome=decision.outcome,
        by=decision.by.label,
        at=rfc3339(decision.at),
        comment=decision.comment,
        data=decision.data,
        evidence=[d.Evidence(kind=each.kind, value=each.value) for each in decision.evidence],
        strength=decision.strength,
    )


def _labels(selectors: Iterable[Selector]) -> list[str]:
    return [selector.label for selector in selectors]
