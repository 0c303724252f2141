"""``signoff audit erase``: values go for good, what is recorded about them stays."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say
from signoff.cli.text import visible
from signoff.cli.when import Clock, ZoneName

_PATH = "/v1/audit/erasures"


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
    zone: ZoneName = None,
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
    asking = not (dry_run or yes)
    if asking and not sys.stdin.isatty():
        raise typer.BadParameter("erasing cannot be undone: say --yes, or look with --dry-run")
    body = given | {"reason": reason, "fields": fields or []}
    if before is not None:
        body["before"] = Clock(zone).read(before, option="--before")
    with Connection(url, key) as server:
        if asking:
            _ask(server.post(_PATH, body | {"dry_run": True}), given)
        done = server.post(_PATH, body | {"dry_run": dry_run})
    if as_json:
        emit(done)
    else:
        _tell(done, person=person is not None)


def _ask(found: dict[str, Any], given: dict[str, Any]) -> None:
    """Say what would go, and have it confirmed. On stderr: stdout is for what was done."""
    [(kind, value)] = given.items()
    about = f"{_what(found, person=kind == 'person')} about {kind.replace('_', ' ')} {value}"
    _beside(f"This erases {about}.")
    for each in found["held"]:
        _beside(f"  left alone: {each}")
    print("There is no way back. Erase? [y/N]", end=" ", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        _beside("Nothing was erased.")
        raise typer.Abort


def _tell(done: dict[str, Any], *, person: bool) -> None:
    gone = done["entries"] or (person and not done["held"])
    if gone:
        verb = "Would erase" if done["dry_run"] else "Erased"
        say(f"{verb} {_what(done, person=person)}.")
    else:
        say("There is nothing to erase.")
    for each in done["held"]:
        say(f"  left alone: {each}")
    if done["dry_run"] or not gone:
        return
    if done["scrubbed"]:
        say("Nothing of it is left in the database's files. Backups are yours to see to.")
    else:
        say("The database may still hold it in freed space: `signoff db scrub` writes that anew.")


def _what(found: dict[str, Any], *, person: bool) -> str:
    """In words. A person's own data stays as long as something held still names them."""
    names = ", ".join(name for name in found["fields"] if not name.startswith("@"))
    of = f" ({names})" if names else ""
    who = (
        " and name, addresses, keys, passkeys and sessions" if person and not found["held"] else ""
    )
    intents = "1 intent" if found["intents"] == 1 else f"{found['intents']} intents"
    return f"values in {found['entries']} records of {intents}{of}{who}"


def _beside(text: str) -> None:
    print(visible(text), file=sys.stderr)
