"""The query strings."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from signoff.core.words import IntentStatus
from signoff.server import ids
from signoff.server.api.bodies.words import Number

Limit = Annotated[int, Meta(ge=1, le=200, description="Rows at most.")]
Seconds = Annotated[
    float, Meta(ge=0, le=60, description="How many seconds to wait at most for news.")
]
AgentAddress = Annotated[
    str, Meta(max_length=300, pattern=r"^agent://\S+$", description="Only this agent's.")
]
PAGE = "The `next` of the page before; an id."


class Query(Struct, kw_only=True, forbid_unknown_fields=True):
    """The parameters of a query string."""


class IntentsQuery(Query):
    status: IntentStatus | None = None
    agent: AgentAddress | None = None
    limit: Limit = 50
    before: Annotated[str, Meta(pattern=ids.INTENT_ID, description=PAGE)] | None = None


class IntentQuery(Query):
    wait: Seconds = 0
    after: Annotated[Number, Meta(description="With wait: news has a greater number.")] | None = (
        None
    )


class EventsQuery(Query):
    after: Annotated[Number, Meta(description="Only events with a greater number.")] = 0
    limit: Limit = 50
    wait: Seconds = 0


class TasksQuery(Query):
    state: (
        Literal["open", "claimed", "live", "concluded", "expired", "withdrawn", "overridden"] | None
    ) = None
    intent: (
        Annotated[str, Meta(pattern=ids.INTENT_ID, description="Only this intent's.")] | None
    ) = None
    agent: AgentAddress | None = None
    mine: Annotated[bool, Meta(description="Only those that ask me.")] = False
    limit: Limit = 50
    before: Annotated[str, Meta(pattern=ids.TASK_ID, description=PAGE)] | None = None


class TaskQuery(Query):
    wait: Seconds = 0


class PeopleQuery(Query):
    limit: Limit = 50
    before: Annotated[str, Meta(pattern=ids.PERSON_ID, description=PAGE)] | None = None


class KeysQuery(Query):
    limit: Limit = 50
    before: Annotated[str, Meta(pattern=ids.KEY_ID, description=PAGE)] | None = None
