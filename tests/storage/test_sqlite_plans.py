"""No statement reads a whole table, and no list sorts: the cost of a page does not grow."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import apsw
import pytest

from signoff.storage.migrate import migrate
from signoff.storage.sqlite import schema
from signoff.storage.sqlite.connection import QUERIES, writer

SCANS = {
    "workspaces": "there are few, and all are wanted",
    "next_timer": "stops at the first, of an index that holds those alone that nobody has leased",
    "outage_to_recover": "stops at the first, of an index that holds those alone",
    "logs_behind": "reads an index that holds those alone",
    "stale_slack_posts": "reads an index that holds those alone that do not show an ending",
    "webhooks_behind": "reads an index that holds enabled ones alone",
    "delivery_depths": "reads an index that holds enabled ones alone",
    "agents": "reads what it has found of agents itself, of which there are few",
    "depths": "counts per workspace, of which there are few",
}
SORTS = {
    "due_deliveries": "as many as are looked at for one claim, of those that are due",
    "reached_people": "as many as a role has, not as many as there are people",
    "intents_of_subject": "as many as one subject has",
    "unread_decisions": "as many as agents have not picked up, which is few or an alarm",
    "agents": "as many as there are agents",
    "subscriptions_of": "as many browsers as these people have, ten each at most",
    "queue_size": "counts tasks of several tokens once each, up to a limit",
    "without_place": "as many as were written before a log was opened, which is once",
}
LATEST = {"load_settings", "insert_settings", "anchors"}  # the end of a workspace's index is read
ONE = {
    "log_head",
    "take_places",
    "publish",
    "webhooks_behind",
    "insert_webhook",
}  # a workspace has one head
FEW = {
    "webhooks",
    "log_keys",
    "retire_log_key",
    "holds",
    "count_unlogged",
    "without_place",
    "agents",
    "unread_decisions",
}  # what is counted or without a place once; the last are few, or an alarm
ALL = {"intents_naming"}  # what names somebody may be anywhere; asked for an erasure alone

# A parent's children are looked for only while a violation is outstanding, so none ever are.
ONLY_FOR_FOREIGN_KEYS = {"insert_intents", "insert_tasks", "insert_person", "insert_events"}


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[apsw.Connection]:
    await migrate(f"sqlite:///{tmp_path / 'signoff.db'}")
    connection = writer(tmp_path / "signoff.db")
    yield connection
    connection.close()


@pytest.mark.parametrize("name", sorted(QUERIES))
async def test_a_statement_reads_by_index_alone(connection: apsw.Connection, name: str) -> None:
    plan = _plan(connection, name)

    scans = [
        step
        for step in plan
        if re.match(r"SCAN (?!.*(VIRTUAL TABLE|VALUES|CONSTANT|\(subquery))", step)
    ]
    if name not in SCANS and name not in ONLY_FOR_FOREIGN_KEYS:
        assert scans in ([], ["SCAN new"])
    assert any("TEMP B-TREE" in step for step in plan) == (name in SORTS)


@pytest.mark.parametrize(
    ("name", "stretch"),
    [
        ("due_timers", "timer_by_due (due_at<?)"),
        ("lapsed_timers", "timer_by_lease (leased_until<?)"),
    ],
)
async def test_a_claim_reads_neither_leased_timers_nor_future_ones(
    connection: apsw.Connection, name: str, stretch: str
) -> None:
    assert _plan(connection, name) == [f"SEARCH timer USING INDEX {stretch}"]


async def test_a_statement_finds_what_it_names_by_its_whole_key(
    connection: apsw.Connection,
) -> None:
    short = {
        name: step
        for name in QUERIES
        for step in _plan(connection, name)
        if step.endswith("(workspace=?)")
        and name not in ONLY_FOR_FOREIGN_KEYS | LATEST | ONE | FEW | ALL
    }

    assert not short


async def test_every_statement_says_what_it_does_and_is_used() -> None:
    sources = Path(schema.__file__).parent.glob("*.py")
    used = set(re.findall(r'"([a-z_]+)"', "".join(path.read_text("utf-8") for path in sources)))

    assert all(query.says.endswith((".", ":")) for query in QUERIES.values())
    assert set(QUERIES) <= used


def _plan(connection: apsw.Connection, name: str) -> list[str]:
    sql = QUERIES[name].sql
    if "{rows}" in sql:
        width = _width(sql)
        row = f"({', '.join(['null'] * width)})"
        sql = sql.replace("{rows}", f"{row}, {row}")
    values = dict.fromkeys(re.findall(r":([a-z_]+)", sql))
    found = connection.execute(f"explain query plan {sql}", values).fetchall()
    return [cast(str, step[3]) for step in found]


def _width(sql: str) -> int:
    """How many columns the list before the rows names."""
    columns = re.findall(r"\(([^()]*)\)\s*(?:as \(|in \()?\s*values \{rows\}", sql)
    return len(columns[0].split(","))
