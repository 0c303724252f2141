"""Events: the fields of the body, with people by label and the ask laid open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from signoff.core import events as e
from signoff.core.calendar import Calendar
from signoff.core.configuring import calendar_document
from signoff.core.durations import Duration, elapsed, written
from signoff.core.moments import rfc3339
from signoff.core.routing import Actor, Selector
from signoff.server import documents as d


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
        ask = _plain_fields(body.ask, without={"id"})
        return {"task_id": body.task_id, **ask, "opening": _plain(body.opening)}
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
            return written(elapsed(value))
        case Duration():
            return written(value)
        case Selector() | Actor():
            return value.label
        case Calendar(name=name):
            return {"name": name, **calendar_document(value)}
        case _ if is_dataclass(value):
            return _plain_fields(value)
        case Mapping():
            return dict(value)
        case tuple():
            return [_plain(each) for each in value]
        case _:
            return value
