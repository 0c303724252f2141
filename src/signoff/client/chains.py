"""What a chain, a ladder and a calendar are made of, as typed dictionaries.

    chain = [
        signoff.Stage(who=["role:engineer", "role:manager"],
                      need={"role:engineer": 2, "role:manager": 1}),
        signoff.Stage(who="role:finance", when="payload.amount > 10000"),
    ]

They are plain dictionaries at run time: a literal dictionary does as well, and the server judges
both the same way. A type checker sees the names that are wrong in these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal, TypeAlias, TypedDict

Span: TypeAlias = str | timedelta
"""``timedelta`` or ``"24h"`` is elapsed time; ``"1 day"``, ``"8 working hours"``,
``"2 business days"`` are other kinds of time, which only words can say."""

References: TypeAlias = str | Sequence[str]
"""Mail addresses, ``role:NAME``, ``group:NAME``, of these only some (``role:NAME@region:eu``), or
``payload:PATH``, where the intent's payload says it."""


class Rung(TypedDict, total=False):
    """One rung of a ladder: ``after`` so much time since its stage was asked, ``do`` this.

    * ``do``: ``remind``, ``escalate``, ``reassign``, ``notify``, ``override`` or ``fail``; instead
      of it ``conclude`` with an outcome.
    * ``to``: whom it escalates or reassigns to, or tells; ``replace``: those asked so far are not
      asked any more.
    * ``every``, ``max``: a reminder repeats, so often in all.
    * ``unless="claimed"``: nothing happens where somebody has begun by then.
    """

    after: Span
    do: Literal["remind", "escalate", "reassign", "notify", "override", "fail", "conclude"]
    to: References
    conclude: str
    outcome: str
    every: Span
    max: int
    replace: bool
    unless: Literal["claimed"]


class Calendar(TypedDict, total=False):
    """When work is done: what working hours and business days count by.

    * ``zone``: such as ``Europe/Berlin``; ``hours``: ``"Mon-Fri 09:00-17:30, Sat 10:00-12:00"``.
    * ``holidays``: a country or a part of it, such as ``DE`` or ``DE-BE``.
    * ``days``: single days that differ: ``{"2026-12-24": "09:00-12:00", "2026-12-28": "closed"}``.
    """

    zone: str
    hours: str
    holidays: str | None
    days: Mapping[str, str]


AnyCalendar: TypeAlias = str | Calendar | Mapping[str, object] | Sequence[object]
"""A calendar's name, one given here, ``"person"``, or a list: time counts while all are open."""


class Stage(TypedDict, total=False):
    """One stage of a chain: whom it asks, and when it is satisfied.

    * ``who``: whom it asks; ``exclude``: who of them never answers.
    * ``need``: how many must give the go-ahead, or how many of which:
      ``{"role:engineer": 2, "role:manager": 1}``.
    * ``veto``: whether anybody's refusal ends the task at once (it does unless this is ``False``),
      or only that of those listed.
    * ``distinct``: whether whoever answered an earlier stage is out of this one.
    * ``when``: a condition (CEL) over ``payload``, ``action``, ``risk`` and ``task``, such as
      ``"payload.amount > 10000"``. A stage whose condition is not met is not asked.
    * ``pick="least_loaded"``: ask only as many as are needed, those with the least on their desk.
    * ``ladder``, ``calendar``: of this stage alone.
    """

    who: References
    need: int | Mapping[str, int]
    exclude: References
    veto: bool | References
    distinct: bool
    when: str
    pick: Literal["everybody", "least_loaded"]
    ladder: Sequence[Rung | Mapping[str, object]]
    calendar: AnyCalendar
