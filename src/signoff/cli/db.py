"""``signoff db``: the schema of the database, brought up to date or only looked at."""

from __future__ import annotations

import typer

from signoff.cli.init import Database
from signoff.cli.options import Json

app = typer.Typer(help="The database schema.", no_args_is_help=True)


@app.command("migrate")
def migrate(database: Database = None, as_json: Json = False) -> None:
    """Bring the schema up to date. Running it again changes nothing."""
    raise NotImplementedError


@app.command("check")
def check(database: Database = None, as_json: Json = False) -> None:
    """Say whether the schema is the one this version needs."""
    raise NotImplementedError
