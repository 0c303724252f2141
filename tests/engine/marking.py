"""Bodies in which every text is one of a kind, so that wherever it turns up it is recognised."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count
from typing import Any

from signoff.core.events import Body, Event
from signoff.core.facts import Fact, FactBody
from signoff.core.routing import Actor
from signoff.core.words import ActorKind, IntentId, TaskId, WorkspaceId
from signoff.engine.log.scribe import About

MOMENT = datetime(2026, 11, 25, 2, 35, 15, 123456, tzinfo=UTC)
ACTOR = Actor(kind=ActorKind.PERSON, id="per_1", label="maria@acme.test")
LARGEST = 2**53 - 1
A_CENTURY = timedelta(days=36_525)
MARK = re.compile(r"mark-\d+-")


@dataclass
class Marks:
    """Hands out texts that occur nowhere else, with letters that JSON must escape or may not."""

    numbers: Iterator[int]

    def next(self) -> str:
        return f'mark-{next(self.numbers)}-"\\\n\u2028\u00e9\U0001f600'


def marked(value: Any, given: Marks | None = None) -> Any:
    """The value with another text for each of its texts, and numbers as a leaf can hold them."""
    given = given or Marks(count(1000))
    match value:
        case Enum() | bool():
            return value
        case str():
            return given.next()
        case datetime():
            return value if abs(value - MOMENT) < A_CENTURY else MOMENT
        case int():
            return max(-LARGEST, min(LARGEST, value))
        case _ if is_dataclass(value):
            return replace(
                value,  # type: ignore[type-var]
                **{each.name: marked(getattr(value, each.name), given) for each in fields(value)},
            )
        case Mapping():
            return {given.next(): marked(each, given) for each in value.values()}
        case tuple() | list():
            return type(value)(marked(each, given) for each in value)
        case _:
            return value


def marks(text: str) -> set[str]:
    """The marks that occur in JSON text, wherever."""
    return set(MARK.findall(text))


def labels(value: Any) -> Iterator[str]:
    """What people are known by, wherever JSON says who somebody is."""
    match value:
        case {"label": str(label)}:
            yield label
            yield from labels({key: each for key, each in value.items() if key != "label"})
        case dict():
            for each in value.values():
                yield from labels(each)
        case list():
            for each in value:
                yield from labels(each)


ABOUT = About("default/main", "int_1", "agent://default/main/refunds")
"""The intent that all of it happens to."""


def event(body: Body) -> Event:
    return Event(seq=5, at=MOMENT, actor=ACTOR, body=body)


def fact(body: FactBody) -> Fact:
    return Fact(
        workspace=WorkspaceId("default/main"),
        id="fact_1",
        at=MOMENT,
        actor=ACTOR,
        body=body,
        intent_id=IntentId("int_1"),
        task_id=TaskId("task_1"),
    )
