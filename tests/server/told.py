"""What the log was told, read from the file: facts and events with their leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import apsw

from tests.server.world import World

_FACTS = """
select id, type, actor, intent_id, task_id, data, leaf from fact order by rowid
"""
_EVENTS = "select type, data, leaf from event where leaf <> '' order by rowid"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One stored fact. ``leaf`` is what is hashed, ``text`` its exact words."""

    id: str
    type: str
    actor: dict[str, Any]
    intent: str | None
    task: str | None
    data: dict[str, Any]
    leaf: dict[str, Any]
    text: str


async def told(world: World, kind: str | None = None) -> list[Told]:
    """Every fact of a type, once what is written behind has been written."""
    await world.services.views.flush()
    await world.services.pickups.flush()
    found = [_told(*row) for row in _rows(world, _FACTS)]
    return [each for each in found if kind is None or each.type == kind]


def leaves(world: World, kind: str) -> list[dict[str, Any]]:
    """The leaves of the events of a type."""
    return [json.loads(leaf) for name, _, leaf in _rows(world, _EVENTS) if name == kind]


def _told(
    id_: str, kind: str, actor: str, intent: str | None, task: str | None, data: str, leaf: str
) -> Told:
    return Told(
        id=id_,
        type=kind,
        actor=json.loads(actor),
        intent=intent,
        task=task,
        data=json.loads(data),
        leaf=json.loads(leaf),
        text=leaf,
    )


def _rows(world: World, query: str) -> list[tuple[Any, ...]]:
    database = apsw.Connection(str(world.file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return list(database.execute(query))
    finally:
        database.close()
