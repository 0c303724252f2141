"""``signoff audit erase``: values go for good, what is recorded about them stays."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say


def erase(
    *,
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")],
    intent: Annotated[str | None, typer.Option(help="Of this intent.")] = None,
    subject: Annotated[
        str | None, typer.Option(help="Of every intent whose subject, or principal, this is.")
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="Who this is: their name and address, everywhere.")
    ] = None,
    retention_class: Annotated[
        str | None, typer.Option(help="Of every intent of this class that is due.")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="With a class: of those that ended before then."),
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME", help="Only this, e.g. comment; may be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be erased.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Erase values and their salts for good. Every receipt and export stays verifiable."""
    what: dict[str, Any] = {
        "intent": intent,
        "subject": subject,
        "person": person,
        "retention_class": retention_class,
    }
    given = {name: value for name, value in what.items() if value is not None}
    if len(given) != 1:
        raise typer.BadParameter(
            "say what to erase: one of --intent, --subject, --person and --retention-class"
        )
    body = given | {"reason": reason, "fields": fields or []}
    if before is not None:
        body["before"] = before
    with Connection(url, key) as server:
        if not (dry_run or yes):
            _ask(server.post("/v1/audit/erasures", body | {"dry_run": True}), given)
        done = server.post("/v1/audit/erasures", body | {"dry_run": dry_run})
    if as_json:
        emit(done)
        return
    _tell(done)


def _ask(found: dict[str, Any], given: dict[str, Any]) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("erasing cannot be undone: say --yes, or look with --dry-run")
    [(kind, value)] = given.items()
    say(f"This erases {_count(found)} about {kind.replace('_', ' ')} {value}. No way back.")
    typer.confirm("Erase?", abort=True)


def _tell(done: dict[str, Any]) -> None:
    verb = "Would erase" if done["dry_run"] else "Erased"
    say(f"{verb} {_count(done)}.")
    for each in done["held"]:
        say(f"  left alone: {each}")
    if done["dry_run"] or not done["entries"]:
        return
    if done["scrubbed"]:
        say("Nothing of it is left in the database's files. Backups are yours to see to.")
    else:
        say("The database may still hold it in freed space: `signoff db scrub` writes that anew.")


def _count(found: dict[str, Any]) -> str:
    names = ", ".join(name for name in found["fields"] if not name.startswith("@"))
    of = f" ({names})" if names else ""
    return f"values in {found['entries']} records of {found['intents']} intents{of}"
