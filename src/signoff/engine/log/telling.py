"""Facts that are new each time they are told, and so have an id of their own."""

from __future__ import annotations

from datetime import datetime

from uuid6 import uuid7

from signoff.core.facts import Fact, FactBody
from signoff.core.routing import Actor
from signoff.core.words import IntentId, TaskId, WorkspaceId


def new_fact(
    workspace: WorkspaceId,
    by: Actor,
    body: FactBody,
    *,
    at: datetime,
    intent_id: IntentId | None = None,
    task_id: TaskId | None = None,
) -> Fact:
    """That this has happened. What may be told twice has an id made of it (``engine.noting``)."""
    return Fact(
        workspace=workspace,
        id=f"fact_{uuid7().hex}",
        at=at,
        actor=by,
        body=body,
        intent_id=intent_id,
        task_id=task_id,
    )
