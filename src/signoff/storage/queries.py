"""Reads a dialect's SQL files: every statement has a name, and a sentence that says what it does.

-- intent_by_id --
-- One intent, its tasks aside.
select ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

_HEAD = re.compile(r"^-- (?P<name>[a-z0-9_]+) --$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """One statement: ``says`` is its sentence, ``sql`` what is sent."""

    name: str
    says: str
    sql: str


def queries_in(package: str) -> Mapping[str, Query]:
    """Read every ``queries/*.sql`` of a dialect, e.g. of ``signoff.storage.sqlite``.

    :raises ValueError: two statements have one name, or one has no sentence.
    """
    found: dict[str, Query] = {}
    folder = files(package) / "queries"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".sql"):
            continue
        for query in _split(entry.read_text("utf-8")):
            if query.name in found:
                raise ValueError(f"two queries are named {query.name}")
            found[query.name] = query
    return found


def _split(text: str) -> Iterator[Query]:
    heads = list(_HEAD.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=True):
        lines = text[head.end() : end].strip().splitlines()
        words = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
        sql = "\n".join(line for line in lines if not line.startswith("--")).strip().rstrip(";")
        if not words or not sql:
            raise ValueError(f"query {head['name']} lacks its sentence or its statement")
        yield Query(name=head["name"], says=" ".join(words), sql=sql)
