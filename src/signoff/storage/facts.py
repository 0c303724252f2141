"""Facts as rows, the same for every store."""

from __future__ import annotations

from collections.abc import Sequence

from signoff.core.facts import Fact

MAX_UNLOGGED = 10_000
"""How many waiting leaves are counted: more are as good as this many."""


def fact_records(facts: Sequence[Fact]) -> Sequence[Sequence[object]]:
    """The rows of facts, each with its leaf."""
    raise NotImplementedError
