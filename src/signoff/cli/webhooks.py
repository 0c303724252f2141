"""``signoff webhooks``: other systems that are told what happens."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Limit, Url
from signoff.cli.output import card, emit, say, table
from signoff.cli.text import visible
from signoff.cli.when import Clock, ZoneName

app = typer.Typer(help="Other systems that are told what happens.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The id of the webhook, whk_...")]
Events = Annotated[
    list[str] | None,
    typer.Option("--event", help="What it wants: task.concluded, task.*, *; may be repeated."),
]
Label = Annotated[str | None, typer.Option(help="What to call it in lists.")]


@app.command("add")
def add(
    address: Annotated[str, typer.Argument(metavar="URL", help="Where it is, over HTTPS.")],
    *,
    event: Events = None,
    label: Label = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Tell another system what happens. Its secret is shown this once."""
    body: dict[str, Any] = {"url": address, "events": event or ["task.*"]}
    if label is not None:
        body["label"] = label
    with Connection(url, key) as server:
        _secret(server.post("/v1/webhooks", body), as_json=as_json)


@app.command("list")
def list_webhooks(url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """List webhooks, without their secrets."""
    with Connection(url, key) as server:
        found = server.get("/v1/webhooks")
    if as_json:
        emit(found)
        return
    table(
        ("id", "label", "url", "events", "state", "why"),
        (
            (
                row["id"],
                row["label"],
                visible(row["url"]),
                ", ".join(row["events"]),
                "failing" if row["failing_since"] and not row["detail"] else row["state"],
                row["detail"],
            )
            for row in found["webhooks"]
        ),
        empty="There are no webhooks; add one with `signoff webhooks add URL`.",
    )


@app.command("show")
def show(webhook: Id, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Show a webhook."""
    with Connection(url, key) as server:
        _told(server.get(f"/v1/webhooks/{webhook}"), as_json=as_json)


@app.command("change")
def change(
    webhook: Id,
    *,
    address: Annotated[
        str | None, typer.Option("--address", help="Where it is from now on.")
    ] = None,
    event: Events = None,
    label: Label = None,
    enable: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Whether it is told anything.")
    ] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Change where a webhook goes, what it wants, or whether it is enabled."""
    given = {"url": address, "events": event, "label": label, "enabled": enable}
    body = {name: value for name, value in given.items() if value is not None}
    if not body:
        raise typer.BadParameter("say what to change: --address, --event, --label, --enable")
    with Connection(url, key) as server:
        _told(server.patch(f"/v1/webhooks/{webhook}", body), as_json=as_json)


@app.command("rotate")
def rotate(
    webhook: Id,
    *,
    overlap: Annotated[
        int, typer.Option("--overlap-hours", help="For how long the old secret signs as well.")
    ] = 24,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Make a new secret. What is sent is signed with both for a while."""
    with Connection(url, key) as server:
        body = {"overlap_hours": overlap}
        _secret(server.post(f"/v1/webhooks/{webhook}/rotate", body), as_json=as_json)


@app.command("remove")
def remove(webhook: Id, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Remove a webhook and the record of what was sent to it."""
    with Connection(url, key) as server:
        gone = server.delete(f"/v1/webhooks/{webhook}")
    if as_json:
        emit(gone)
        return
    say(f"Removed {webhook}.")


@app.command("test")
def try_out(webhook: Id, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Send a message that is about nothing; `webhooks deliveries` says what came of it."""
    with Connection(url, key) as server:
        made = server.post(f"/v1/webhooks/{webhook}/test", {})
    if as_json:
        emit(made)
        return
    say(f"Sent {made['delivery']['id']}; see `signoff webhooks deliveries {webhook}`.")


@app.command("deliveries")
def deliveries(
    webhook: Id,
    *,
    state: Annotated[str | None, typer.Option(help="due, sent or failed.")] = None,
    limit: Limit = 50,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Show what was sent to a webhook, newest first."""
    clock = Clock(zone)
    path = f"/v1/webhooks/{webhook}/deliveries"
    with Connection(url, key) as server:
        rows = server.pages(path, "deliveries", limit=limit, state=state)
    if as_json:
        emit({"deliveries": rows})
        return
    table(
        ("id", "event", "state", "attempts", "status", "when", "detail"),
        (
            (
                row["id"],
                row["type"],
                row["state"],
                row["attempts"],
                row["status"],
                clock.show(row["due_at"] or row["at"]),
                row["detail"],
            )
            for row in rows
        ),
        empty="Nothing was sent so far.",
    )


@app.command("redeliver")
def redeliver(
    webhook: Id,
    delivery: Annotated[
        str | None, typer.Argument(metavar="[DELIVERY]", help="One of them, msg_...")
    ] = None,
    *,
    failed_since: Annotated[
        str | None,
        typer.Option(help="All that failed since then: a moment such as 2026-11-25T09:00:00Z."),
    ] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Deliver again: one message, or all that failed since a moment."""
    if (delivery is None) == (failed_since is None):
        raise typer.BadParameter("give one delivery, or --failed-since")
    path = f"/v1/webhooks/{webhook}"
    with Connection(url, key) as server:
        if delivery is not None:
            done = server.post(f"{path}/deliveries/{delivery}/redeliver", {})
        else:
            done = server.post(f"{path}/redeliver", {"failed_since": failed_since})
    if as_json:
        emit(done)
        return
    count = done["count"]
    say(f"{count} deliver{'y is' if count == 1 else 'ies are'} made again.")


def _told(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    row = document["webhook"]
    card(
        {
            "webhook": row["id"],
            "label": row["label"],
            "url": visible(row["url"]),
            "events": row["events"],
            "state": row["state"],
            "why": row["detail"],
            "failing since": row["failing_since"],
            "created by": row["created_by"],
        }
    )


def _secret(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    say(document["webhook"]["id"])
    say(document["secret"])
    say("Keep the secret now: it is not shown again.")
