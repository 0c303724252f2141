"""``signoff intents``: the agents' work, each with one id from submission to result."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection, Document
from signoff.cli.events import follow
from signoff.cli.options import DEFAULT_URL, Json, JsonLines, Key, Limit, Url, read_json
from signoff.cli.output import card, emit, say, table
from signoff.cli.text import moment

app = typer.Typer(help="Intents: the durable units of agent work.", no_args_is_help=True)

IntentId = Annotated[str, typer.Argument(metavar="INTENT", help="The id of the intent.")]


class Takeover(StrEnum):
    """What a takeover does with the run."""

    STOP = "stop"
    REPLACE = "replace"
    HAND_OVER = "hand_over"


@app.command("list")
def list_intents(
    status: Annotated[str | None, typer.Option(help="WAITING, COMPLETED, FAILED, ...")] = None,
    limit: Limit = 50,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """List intents, newest first."""
    wanted = status.upper() if status else None
    with Connection(url, key) as server:
        rows = server.pages("/v1/intents", "intents", limit=limit, status=wanted)
    if as_json:
        emit({"intents": rows})
        return
    table(
        ("id", "type", "status", "title", "agent", "updated"),
        (
            (
                row["id"],
                row["type"],
                _status(row),
                row.get("title"),
                row.get("agent"),
                moment(row.get("updated_at")),
            )
            for row in rows
        ),
        empty="There are no intents.",
    )


@app.command("show")
def show(intent: IntentId, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Show an intent and the tasks it waits on."""
    with Connection(url, key) as server:
        found = server.get(f"/v1/intents/{intent}")
    if as_json:
        emit(found)
        return
    _show(found["intent"])
    for task in found.get("tasks") or ():
        say(f"waits on {task['id']}  {task['type']}: {task['title']}")


@app.command("watch")
def watch(
    intent: IntentId, url: Url = DEFAULT_URL, key: Key = None, as_json: JsonLines = False
) -> None:
    """Follow an intent until it ends; prints its status each time it changes."""
    with Connection(url, key) as server:
        for found in _statuses(server, intent):
            if as_json:
                emit({"intent": found})
            else:
                say(f"{moment(found.get('updated_at'))}  {_status(found)}")
    if not as_json:
        _show(found)


@app.command("cancel")
def cancel(
    intent: IntentId,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Cancel an intent. Its open tasks are withdrawn."""
    body = {"reason": reason} if reason else {}
    with Connection(url, key) as server:
        _told(server.post(f"/v1/intents/{intent}/cancel", body), as_json=as_json)


@app.command("complete")
def complete(
    intent: IntentId,
    result: Annotated[str | None, typer.Option(metavar="JSON", help="JSON or @FILE.")] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Complete an intent with a result, as its agent would."""
    value = read_json(result, option="--result")
    body = {} if value is None else {"result": value}
    with Connection(url, key) as server:
        _told(server.post(f"/v1/intents/{intent}/complete", body), as_json=as_json)


@app.command("override")
def override(
    intent: IntentId,
    *,
    justification: Annotated[str, typer.Option(help="Why it has to be taken over.")],
    action: Annotated[Takeover, typer.Option(help="What to do with the run.")] = Takeover.STOP,
    result: Annotated[
        str | None, typer.Option(metavar="JSON", help="For replace: JSON or @FILE.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="For hand_over: who takes the work.")] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Take a running intent over: stop it, replace its result, or hand it to a person."""
    body: dict[str, Any] = {"action": action.value, "justification": justification}
    if result is not None:
        body["result"] = read_json(result, option="--result")
    if to is not None:
        body["to"] = to
    with Connection(url, key) as server:
        _told(server.post(f"/v1/intents/{intent}/override", body), as_json=as_json)


def _statuses(server: Connection, intent: str) -> Iterator[Document]:
    """The intent whenever its status is another one than before, until it is terminal."""
    found: Document = server.get(f"/v1/intents/{intent}")["intent"]
    yield found
    shown = _status(found)
    for _ in follow(server, intent, after=found["seq"]):
        found = server.get(f"/v1/intents/{intent}")["intent"]
        if _status(found) != shown:
            shown = _status(found)
            yield found


def _status(intent: Document) -> str:
    return str(intent.get("waiting_reason") or intent["status"])


def _told(document: Document, *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    intent = document["intent"]
    say(f"{intent.get('title') or intent['id']}: {_status(intent)}")


def _show(intent: Document) -> None:
    card(
        {
            "intent": intent["id"],
            "title": intent.get("title"),
            "type": intent["type"],
            "agent": intent.get("agent"),
            "status": _status(intent),
            "because": intent.get("ended_because"),
            "on behalf of": intent.get("on_behalf_of"),
            "payload": intent.get("payload"),
            "result": intent.get("result"),
            "events": intent.get("seq"),
            "submitted": moment(intent.get("submitted_at")),
            "updated": moment(intent.get("updated_at")),
        }
    )
