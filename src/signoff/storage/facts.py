"""Facts as rows, the same for every store."""

from __future__ import annotations

from collections.abc import Sequence

from signoff.core.facts import Fact
from signoff.engine.records import encode

MAX_UNLOGGED = 10_000
"""How many waiting leaves are counted: more are as good as this many."""


def fact_records(facts: Sequence[Fact]) -> Sequence[Sequence[object]]:
    """The rows of facts, each with its leaf, in the order of ids: nobody waits in a circle."""
    return sorted(
        (
            *(fact.workspace, fact.id, fact.body.type, fact.at, encode(fact.actor)),
            *(fact.intent_id, fact.task_id, encode(fact.body), f'{{"event_id":"{fact.id}"}}', "{}"),
        )
        for fact in facts
    )
