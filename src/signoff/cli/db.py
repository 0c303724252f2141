"""``signoff db``: the schema of the database, brought up to date or only looked at."""

from __future__ import annotations

import asyncio

import typer

from signoff.cli.failures import BROKEN, OK
from signoff.cli.init import Database, settings_with
from signoff.cli.options import Json
from signoff.cli.output import emit, say

app = typer.Typer(help="The database schema.", no_args_is_help=True)


@app.command("migrate")
def migrate(database: Database = None, as_json: Json = False) -> None:
    """Bring the schema up to date. Running it again changes nothing."""
    from signoff.storage import migrate as schema

    done = asyncio.run(schema.migrate(settings_with(database=database).database))
    if as_json:
        emit({"before": done.before, "after": done.after})
    elif done.before == done.after:
        say(f"The schema is at version {done.after} already; nothing was changed.")
    else:
        say(f"The schema went from version {done.before} to version {done.after}.")


@app.command("check")
def check(database: Database = None, as_json: Json = False) -> int:
    """Say whether the schema is the one this version needs; exit code 3 where it is not."""
    from signoff.storage import migrate as schema

    state = asyncio.run(schema.check(settings_with(database=database).database))
    fits = state.current == state.wanted
    if as_json:
        emit({"current": state.current, "wanted": state.wanted, "fits": fits})
    elif fits:
        say(f"The schema is at version {state.current}, as this program needs it.")
    else:
        say(f"The schema is at version {state.current}; this program needs {state.wanted}.")
        say(
            "next: " + ("signoff db migrate" if state.current < state.wanted else "upgrade signoff")
        )
    return OK if fits else BROKEN


@app.command("scrub")
def scrub(database: Database = None, as_json: Json = False) -> None:
    """Write the files anew, so that nothing erased is left in them. Takes a quiet hour."""
    from signoff.storage import scrubbing

    said = asyncio.run(scrubbing.scrub(settings_with(database=database).database))
    if as_json:
        emit({"said": said})
    else:
        say(said)
