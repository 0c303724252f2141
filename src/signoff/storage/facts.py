"""Facts as rows, the same for every store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from signoff.core.facts import Fact
from signoff.engine.records import FactRecord, fact_record

MAX_UNLOGGED = 1_000
"""How many rows of waiting leaves are counted: more are as good as this many."""


def fact_records(facts: Iterable[Fact]) -> Sequence[FactRecord]:
    """The rows of facts, each with its leaf, in the order of ids: nobody waits in a circle."""
    return sorted(map(fact_record, facts), key=lambda row: row[:2])
