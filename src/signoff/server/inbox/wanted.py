"""Which tasks somebody wants to see, as the address of the inbox says it. Pure.

What makes no sense in an address is left out of what is wanted; the page is shown all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

from signoff.core.routing import Person, tokens
from signoff.core.words import Risk, TaskId, TaskType
from signoff.engine.listing import Order, Place, QueueFilter
from signoff.engine.records import answered_by, claimed_by, watching

SOON = timedelta(hours=24)
MAX_WORDS = 200
_TASK_ID = re.compile(r"task_[0-9a-f]{32}(-handover)?")
_MICROS = re.compile(r"-?[0-9]{1,18}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class View(StrEnum):
    """One of the lists of somebody's inbox."""

    ASKED = "asked"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    WATCHED = "watched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the list shows.

    :param words: what is searched for, as it was typed.
    :param soon: whether only what is due within ``SOON`` is wanted.
    :param after: where the page begins.
    """

    view: View = View.ASKED
    order: Order = Order.DUE
    risk: Risk | None = None
    type: TaskType | None = None
    words: str = ""
    soon: bool = False
    after: Place | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out of the list."""
        return bool(self.risk or self.type or self.words or self.soon)

    def query(self, **changed: Any) -> str:
        """The part of the address after ``?``, from the first page on unless one is named."""
        wanted = replace(self, **{"after": None, **changed})
        said = {
            "view": wanted.view if wanted.view is not View.ASKED else "",
            "q": wanted.words,
            "risk": wanted.risk or "",
            "type": wanted.type or "",
            "due": "soon" if wanted.soon else "",
            "sort": wanted.order if wanted.order is not Order.DUE else "",
            "after": "" if wanted.after is None else _cursor(wanted.after),
        }
        return urlencode({name: str(value) for name, value in said.items() if value})

    def filter(self, person: Person, now: datetime) -> QueueFilter:
        """What the store is asked for."""
        return replace(
            views(person)[self.view],
            risks=(self.risk,) if self.risk else (),
            types=(self.type,) if self.type else (),
            words=tuple(dict.fromkeys(self.words.casefold().split())),
            due_before=now + SOON if self.soon else None,
        )


def wanted(params: Mapping[str, str]) -> Wanted:
    """What the parameters of an address ask for."""
    return Wanted(
        view=_one(View, params.get("view"), View.ASKED),
        order=_one(Order, params.get("sort"), Order.DUE),
        risk=_one(Risk, params.get("risk"), None),
        type=_one(TaskType, params.get("type"), None),
        words=" ".join(params.get("q", "")[:MAX_WORDS].replace("\x00", "").split()),
        soon=params.get("due") == "soon",
        after=_place(params.get("after", "")),
    )


def canonical(query: str) -> str:
    """The part of an address after ``?`` with nothing in it but what is wanted."""
    return wanted(dict(parse_qsl(query))).query()


def views(person: Person) -> Mapping[View, QueueFilter]:
    """The lists somebody has. What they have answered already asks them no more."""
    mine = tokens(person)
    return {
        View.ASKED: QueueFilter(tokens=mine, apart=answered_by(person.id)),
        View.CLAIMED: QueueFilter(tokens=(claimed_by(person.id),)),
        View.ANSWERED: QueueFilter(tokens=(answered_by(person.id),)),
        View.WATCHED: QueueFilter(tokens=tuple(watching(token) for token in mine)),
    }


def _one(of: Any, text: str | None, otherwise: Any) -> Any:
    return of(text) if text in {each.value for each in of} else otherwise


def _cursor(place: Place) -> str:
    micros = (place.due_at - _EPOCH) // timedelta(microseconds=1)
    return f"{place.risk}.{micros}.{place.id}"


def _place(text: str) -> Place | None:
    risk, _, rest = text.partition(".")
    micros, _, task_id = rest.partition(".")
    known = risk in {each.value for each in Risk}
    if not known or not _MICROS.fullmatch(micros) or not _TASK_ID.fullmatch(task_id):
        return None
    try:
        due_at = _EPOCH + timedelta(microseconds=int(micros))
    except OverflowError:
        return None
    return Place(risk=Risk(risk), due_at=due_at, id=TaskId(task_id))
