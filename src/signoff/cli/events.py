"""``signoff events``: everything that happened to one intent, in order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection, Document
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say
from signoff.cli.text import moment, visible
from signoff.errors import Unreachable

ENDINGS = frozenset({"intent.completed", "intent.failed", "intent.canceled", "intent.timed_out"})

_POLL_SECONDS = 30
_RETRY_SECONDS = 1.0
_TRIES = 60


def events(
    intent: Annotated[str, typer.Argument(metavar="INTENT", help="The id of the intent.")],
    *,
    after: Annotated[int, typer.Option(min=0, help="Only events after this number.")] = 0,
    follow_: Annotated[
        bool, typer.Option("--follow", help="Keep waiting for more until the intent ends.")
    ] = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Print what happened to an intent. With --follow --json, one JSON document per line."""
    with Connection(url, key) as server:
        if follow_:
            for event in follow(server, intent, after=after):
                _print(event, as_json=as_json)
            return
        found = list(server.events(intent, after=after))
    if as_json:
        emit({"events": found})
        return
    for event in found:
        _print(event, as_json=False)


def follow(server: Connection, intent: str, *, after: int = 0) -> Iterator[Document]:
    """Every event after ``after`` as it happens, through server restarts, up to the last one."""
    silent = 0
    while True:
        try:
            for event in server.events(intent, after=after, wait=_POLL_SECONDS):
                yield event
                after = event["seq"]
                if event["type"] in ENDINGS:
                    return
            silent = 0
            found = server.get(f"/v1/intents/{intent}")["intent"]
            if found["status"] in _TERMINAL and found["seq"] <= after:
                return
        except Unreachable:
            silent += 1
            if silent >= _TRIES:
                raise
            time.sleep(_RETRY_SECONDS)


_TERMINAL = frozenset({"COMPLETED", "FAILED", "CANCELED", "TIMED_OUT"})


def _print(event: Document, *, as_json: bool) -> None:
    if as_json:
        emit(event)
        return
    data: dict[str, Any] = event.get("data") or {}
    facts = "  ".join(
        f"{name}={visible(value)}"
        for name, value in data.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    )
    line = f"{event['seq']:>4}  {moment(event['at'])}  {event['type']:<24}  {event['actor']}"
    say(f"{line}  {facts}".rstrip())
