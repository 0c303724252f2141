"""From the core's values to the documents of the API. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from signoff.core import events as e
from signoff.core import intent as core
from signoff.core import task as ask
from signoff.core.chain import Stage
from signoff.core.durations import Duration, written
from signoff.core.moments import rfc3339
from signoff.core.routing import Actor, Selector
from signoff.core.words import IntentStatus
from signoff.engine.ports import FoundTask, KeyRow, PersonRow, Step
from signoff.server import documents as d


def intent(found: core.Intent) -> d.Intent:
    return d.Intent(
        id=found.id,
        workspace=found.workspace,
        type=found.type,
        title=found.title,
        agent=found.agent,
        status=found.status,
        waiting_reason=found.waiting_reason,
        seq=found.seq,
        handled=found.handled,
        payload=found.payload,
        result=found.result,
        ended_because=found.ended_because,
        on_behalf_of=found.on_behalf_of,
        deadline=_time(found.deadline),
        submitted_by=found.submitted_by.label,
        submitted_at=rfc3339(found.submitted_at),
        updated_at=rfc3339(found.updated_at),
    )


def task(found: FoundTask) -> d.Task:
    return _task(found.task, found.agent, found.intent_title, found.intent_status)


def task_of(parent: core.Intent, found: ask.Task) -> d.Task:
    """A task whose intent is at hand."""
    return _task(found, parent.agent, parent.title, parent.status)


def live_tasks(parent: core.Intent) -> list[d.Task]:
    return [task_of(parent, each) for each in parent.live_tasks]


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
        comment=asked.comment,
        evidence=asked.evidence,
        schema=None if asked.schema is None else dict(asked.schema),
        spec=dict(asked.spec),
        content=found.content,
        rounds=[_round(each) for each in found.rounds],
        awaiting_revision=found.awaiting_revision,
        claimed_by=found.claimed_by.label if found.claimed_by else None,
        key=asked.key,
        opened_at=rfc3339(found.opened_at),
        due_at=rfc3339(found.due_at),
        next_rung_at=_time(found.next_rung_at),
        closed_at=_time(found.closed_at),
        closed_because=found.closed_because,
        view_digest=found.view_digest,
        decision=_decision(found.decision) if found.decision else None,
    )


def _stage(stage: Stage) -> d.Stage:
    return d.Stage(who=_labels(stage.who), exclude=_labels(stage.exclude))


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
    )


def _labels(selectors: Iterable[Selector]) -> list[str]:
    return [selector.label for selector in selectors]


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


# Events: the fields of the body, with people by label and the ask laid open


def event(happened: e.Event) -> d.Event:
    return d.Event(
        seq=happened.seq,
        type=happened.body.type,
        at=rfc3339(happened.at),
        actor=happened.actor.label,
        data=_data(happened.body),
    )


def _data(body: e.Body) -> dict[str, Any]:
    if isinstance(body, e.TaskOpened):
        return {"task_id": body.task_id, **_plain_fields(body.ask, without={"id"})}
    return _plain_fields(body)


def _plain_fields(
    value: Any, *, without: frozenset[str] | set[str] = frozenset()
) -> dict[str, Any]:
    return {
        each.name: _plain(getattr(value, each.name))
        for each in fields(value)
        if each.name not in without
    }


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return rfc3339(value)
        case timedelta():
            return duration(value)
        case Duration():
            return written(value)
        case Selector() | Actor():
            return value.label
        case _ if is_dataclass(value):
            return _plain_fields(value)
        case Mapping():
            return dict(value)
        case tuple():
            return [_plain(each) for each in value]
        case _:
            return value


def duration(span: timedelta) -> str:
    """An elapsed duration as ISO 8601 writes it, in seconds: ``PT86400S``."""
    return f"PT{span.total_seconds():.6f}".rstrip("0").rstrip(".") + "S"


def step(recorded: Step) -> d.Step:
    return d.Step(
        name=recorded.name,
        kind=recorded.kind,
        seq=recorded.seq,
        at=rfc3339(recorded.at),
        output=recorded.output,
    )


# People and keys


def person(row: PersonRow) -> d.Person:
    who = row.person
    return d.Person(
        id=who.id,
        email=who.email,
        name=who.name,
        roles=list(who.roles),
        groups=list(who.groups),
        region=who.region,
        time_zone=row.time_zone,
        disabled=who.disabled,
        created_at=rfc3339(row.created_at),
    )


def key(row: KeyRow, *, person: str | None) -> d.Key:
    return d.Key(**_key(row, person))


def new_key(row: KeyRow, *, person: str | None, secret: str) -> d.NewKey:
    return d.NewKey(**_key(row, person), key=secret)


def _key(row: KeyRow, person: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "hint": row.hint,
        "label": row.label,
        "agent": row.agent,
        "person": person,
        "created_at": rfc3339(row.created_at),
        "revoked_at": _time(row.revoked_at),
    }
