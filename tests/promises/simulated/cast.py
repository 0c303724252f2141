"""Who and what there is in a simulated workspace, and what agents in it ask: all by chance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from signoff.core.calendar import Calendar, Hours, Shift
from signoff.core.routing import Actor, Person
from signoff.core.words import ActorKind, OutageRule, PersonId, WorkspaceId
from signoff.core.workspace import Limits, WorkspaceSettings

HERE = WorkspaceId("simulated/main")
AGENT = Actor(kind=ActorKind.AGENT, id="agent://simulated/main/bot", label="bot")
ADMIN = Actor(kind=ActorKind.ADMIN, id=f"key_{1:032x}", label="admin")

Fields = dict[str, Any]

_ROLES: Sequence[tuple[str, ...]] = (
    ("manager",),
    ("manager", "approver"),
    ("manager", "engineer"),
    ("engineer",),
    ("engineer", "approver"),
    ("finance",),
    ("finance", "backup-approver"),
    ("operator",),
    ("administrator",),
)
_WHO = (
    "role:manager",
    "role:engineer",
    "role:finance",
    "role:approver",
    "group:payments",
    "role:manager@region:eu",
)
_START = datetime(2026, 1, 5, tzinfo=UTC)

_NINE_TO_FIVE: Hours = (Shift(start=9 * 60, end=17 * 60 + 30),)
_NIGHT: Hours = (Shift(start=22 * 60, end=30 * 60),)
_SPLIT: Hours = (Shift(start=8 * 60, end=12 * 60), Shift(start=13 * 60, end=16 * 60))
CALENDARS = {
    "berlin": Calendar(
        name="berlin",
        zone="Europe/Berlin",
        hours=(_NINE_TO_FIVE,) * 5 + ((), ()),
        holidays="DE-BE",
        days={"2026-12-24": (Shift(start=9 * 60, end=12 * 60),)},
    ),
    "newyork": Calendar(
        name="newyork", zone="America/New_York", hours=(_SPLIT,) * 6 + ((),), holidays="US"
    ),
    "nights": Calendar(name="nights", zone="Australia/Lord_Howe", hours=(_NIGHT,) * 7),
}


def beginning(chance: random.Random) -> datetime:
    """Some moment of a year, often near one at which clocks are changed."""
    if chance.random() < 0.4:
        day = chance.choice(("2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-12-30"))
        start = datetime.fromisoformat(day).replace(tzinfo=UTC)
        return start + timedelta(minutes=chance.randrange(48 * 60))
    return _START + timedelta(minutes=chance.randrange(360 * 24 * 60))


def people(chance: random.Random) -> list[Person]:
    """Nine people; which of them have a calendar, a group or a region is up to chance."""
    return [
        Person(
            id=PersonId(f"per_{number:032x}"),
            email=f"p{number}@acme.test",
            name=f"P{number}",
            roles=roles,
            groups=("payments",) if chance.random() < 0.5 else (),
            region=chance.choice(("eu", "us", None)),
            aliases=(f"alias{number}@acme.test",) if chance.random() < 0.3 else (),
            calendar=chance.choice((None, None, *CALENDARS)),
        )
        for number, roles in enumerate(_ROLES, start=1)
    ]


def settings(chance: random.Random) -> WorkspaceSettings:
    """What the administrator has set."""
    return WorkspaceSettings(
        version=1,
        zone=chance.choice(("UTC", "Europe/Berlin", "America/Santiago")),
        calendar=chance.choice(tuple(CALENDARS)),
        calendars=CALENDARS,
        outage=chance.choice(tuple(OutageRule)),
        limits=Limits(may_conclude={"approval": ("approved",)} if chance.random() < 0.3 else {}),
        may_extend=("role:operator", "role:administrator", "role:manager"),
        longest_pause=timedelta(hours=chance.choice((5, 48, 168))),
    )


def asked(chance: random.Random) -> Fields:
    """The fields of one request to people."""
    kind = chance.choice(("approval", "approval", "approval", "review", "review", "confirmation"))
    fields: Fields = {"type": kind, "title": f"May I {chance.randrange(1000)}?"}
    if kind == "review":
        fields |= {"content": "a draft", "revisions": chance.randrange(4)}
    if kind == "confirmation":
        fields["statement"] = "It is so."
    if chance.random() < 0.5:
        fields["chain"] = [_stage(chance) for _ in range(chance.randint(1, 3))]
    else:
        fields["assignee"] = _who(chance)
    if chance.random() < 0.8:
        fields["ladder"] = ladder(chance, no="denied" if kind == "confirmation" else "rejected")
    if chance.random() < 0.2:
        fields["deadline"] = f"{chance.randint(2, 200)}h"
    if chance.random() < 0.2:
        fields["start_deadline"] = f"{chance.randint(1, 40)}h"
    if chance.random() < 0.4:
        fields["outage"] = chance.choice(tuple(OutageRule)).value
    if chance.random() < 0.4:
        fields["pause"] = True
    if chance.random() < 0.3:
        fields["calendar"] = chance.choice(("berlin", "newyork", ["berlin", "newyork"]))
        if "@acme.test" in str(fields.get("assignee")):
            fields["calendar"] = "person"
    return fields


def _stage(chance: random.Random) -> Fields | str:
    if chance.random() < 0.4:
        return _who(chance)
    stage: Fields = {"who": _who(chance)}
    match chance.randrange(5):
        case 0 | 3:
            stage["need"] = chance.randint(1, 3)
        case 1:
            del stage["who"]
            stage["need"] = {"role:engineer": chance.randint(1, 2), "role:manager": 1}
        case 2:
            stage["pick"] = "least_loaded"
        case _:
            pass
    if chance.random() < 0.3:
        stage["veto"] = False
    if chance.random() < 0.3:
        stage["distinct"] = True
    if chance.random() < 0.2:
        stage["exclude"] = [f"p{chance.randint(1, 9)}@acme.test"]
    if chance.random() < 0.3:
        stage["ladder"] = ladder(chance)
    if chance.random() < 0.2:
        stage["when"] = f"payload.amount > {chance.randrange(100)}"
    return stage


def _who(chance: random.Random) -> str:
    if chance.random() < 0.4:
        return f"p{chance.randint(1, 9)}@acme.test"
    return chance.choice(_WHO)


def ladder(chance: random.Random, *, no: str | None = None) -> list[Fields]:
    """Some rungs in any order, most of the time with an end.

    :param no: the outcome that an end without a decision may have.
    """
    rungs = [_rung(chance) for _ in range(chance.randint(0, 5))]
    if chance.random() < 0.8:
        end: Fields = {"after": _span(chance, later=True)}
        end |= {"do": "fail"} if no is None or chance.random() < 0.6 else {"conclude": no}
        rungs.append(end)
    return rungs


def _rung(chance: random.Random) -> Fields:
    rung: Fields = {"after": _span(chance)}
    match chance.randrange(7):
        case 0 | 1:
            rung |= {"do": "remind"}
            if chance.random() < 0.7:
                rung |= {"every": _span(chance), "max": chance.randint(1, 6)}
        case 2:
            rung |= {"do": "escalate", "to": _who(chance), "replace": chance.random() < 0.4}
        case 3:
            rung |= {"do": "reassign", "to": _who(chance)}
        case 4:
            rung |= {"do": "notify", "to": _who(chance)}
        case 5:
            rung |= {"do": "override"}
        case _:
            rung |= {"do": "fail", "unless": "claimed"}
    return rung


def _span(chance: random.Random, *, later: bool = False) -> str:
    more = 3 if later else 1
    match chance.randrange(10):
        case 0 | 1:
            return f"{more * chance.randint(1, 12)} working hours"
        case 2:
            return f"{more * chance.randint(1, 2)} business days"
        case 3:
            return f"{more * chance.randint(1, 2)} days"
        case 4:
            return f"{more * chance.randint(20, 200)} working minutes"
        case _:
            return f"{more * chance.randint(1, 30)}h"
