"""Several named statements in one round trip: their parameters renumbered, their results apart.

What is sent is a function of the names alone, so the server prepares each combination once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from signoff.storage.postgres.database import QUERIES, Connection, Row

CHANNEL = "signoff"
_PARAMETER = re.compile(r"\$(\d+)")

Parameters = Mapping[str, Sequence[object]]
"""For each statement by its name what it takes."""


async def read(connection: Connection, parts: Parameters) -> Row:
    """Run queries at one moment: a row of ``now``, and an array of rows under each one's name."""
    found: Row = await connection.fetchrow(_reading(tuple(parts)), *_flat(parts))
    return found


async def write(connection: Connection, parts: Parameters, *, payloads: Sequence[str] = ()) -> Row:
    """Run statements that all end in ``returning 1``: a row with the count of each by its name.

    None of them sees what the others do. ``payloads`` are notified when the transaction commits.
    """
    values = [*_flat(parts), *([payloads] if payloads else [])]
    found: Row = await connection.fetchrow(_writing(tuple(parts), bool(payloads)), *values)
    return found


@lru_cache(maxsize=1024)
def _reading(names: tuple[str, ...]) -> str:
    arrays = [
        f"array(select row (part.*) from (\n{sql}\n) as part) as {name}"  # noqa: S608
        for name, sql in _renumbered(names)
    ]
    return "select " + ",\n".join(["clock_timestamp() as now", *arrays])


@lru_cache(maxsize=1024)
def _writing(names: tuple[str, ...], notifies: bool) -> str:
    parts = dict(_renumbered(names))
    tables = ",\n".join(f"{name} as (\n{sql}\n)" for name, sql in parts.items())
    counts = [f"(select count(*) from {name}) as {name}" for name in parts]  # noqa: S608
    if notifies:
        last = sum(_takes(name) for name in names) + 1
        counts.append(
            f"(select count(pg_notify('{CHANNEL}', payload)) "  # noqa: S608
            f"from unnest(${last}::text[]) as told (payload)) as notified"
        )
    return f"with {tables}\nselect " + ",\n".join(counts)


def _renumbered(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    before = 0
    for name in names:
        shift = before
        yield name, _PARAMETER.sub(lambda m: f"${int(m[1]) + shift}", QUERIES[name].sql)  # noqa: B023
        before += _takes(name)


def _takes(name: str) -> int:
    """How many parameters a statement has."""
    return max((int(number) for number in _PARAMETER.findall(QUERIES[name].sql)), default=0)


def _flat(parts: Parameters) -> list[object]:
    return [value for values in parts.values() for value in values]
