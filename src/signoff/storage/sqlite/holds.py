"""Legal holds: placed, lifted once, and never forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.core.facts import Fact
from signoff.core.words import WorkspaceId
from signoff.engine.log.ports import Hold
from signoff.storage.sqlite.connection import Row, rows, run, write
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.values import maybe_moment, micros, moment


def place(connection: apsw.Connection, hold: Hold, facts: Sequence[Fact]) -> None:
    """Place a hold."""
    what = hold.workspace, hold.id, hold.scope, hold.target, hold.reason
    write(connection, "place_hold", [(*what, hold.placed_by, hold.placed_at, hold.lifted_at)])
    add_facts(connection, facts)


def lift(
    connection: apsw.Connection,
    workspace: WorkspaceId,
    hold_id: str,
    at: datetime,
    facts: Sequence[Fact],
) -> bool:
    """Lift a hold; False where there is none that stands."""
    lifted = bool(run(connection, "lift_hold", workspace=workspace, id=hold_id, at=micros(at)))
    if lifted:
        add_facts(connection, facts)
    return lifted


def holds(connection: apsw.Connection, workspace: WorkspaceId) -> list[Hold]:
    """Every hold of a workspace, newest first."""
    found = [_hold(each) for each in rows(connection, "holds", workspace=workspace)]
    return sorted(found, key=lambda hold: (hold.placed_at, hold.id), reverse=True)


def _hold(found: Row) -> Hold:
    workspace, hold_id, scope, target, reason, placed_by = cast(tuple[str, ...], found[:6])
    placed_at, lifted_at = cast(tuple[int, int | None], found[6:])
    return Hold(
        workspace=WorkspaceId(workspace),
        id=hold_id,
        scope=scope,
        target=target,
        reason=reason,
        placed_by=placed_by,
        placed_at=moment(placed_at),
        lifted_at=maybe_moment(lifted_at),
    )
