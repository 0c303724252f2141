"""``signoff init``: make a database ready for its first server, without serving."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from signoff.cli.options import Json
from signoff.cli.output import emit, say

if TYPE_CHECKING:
    from signoff.config import Settings

Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="sqlite:///PATH (default sqlite:///./signoff.db) or postgresql://...",
    ),
]


_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"


def _workspace(value: str) -> str:
    if re.fullmatch(f"{_NAME}/{_NAME}", value):
        return value
    raise typer.BadParameter(f"{value!r} is no workspace; write org/name, such as acme/shop")


Workspace = Annotated[
    str,
    typer.Option(
        metavar="ORG/NAME", callback=_workspace, help="The workspace to create where it is missing."
    ),
]

FIRST_WORKSPACE = "default/main"


def init(
    database: Database = None, workspace: Workspace = FIRST_WORKSPACE, as_json: Json = False
) -> None:
    """Make a database ready, once: schema, workspace, admin key."""
    url = settings_with(database=database).database
    from signoff import app

    made = asyncio.run(app.initialise(url, workspace=workspace))
    if not made.created:
        print(f"{made.workspace} is there already; nothing was created.", file=sys.stderr)
    if as_json:
        emit({"admin_key": made.admin_key, "workspace": made.workspace, "database": made.database})
    if as_json or not made.created:
        return
    say(f"Created the workspace {made.workspace} with an administrator.")
    say("The admin key, shown this once:")
    say(f"  {made.admin_key}")


def settings_with(**given: Any) -> Settings:
    """The server's settings: what the command line gives, else the environment, else defaults.

    :raises typer.BadParameter: a setting cannot be used.
    """
    from signoff.config import read_settings
    from signoff.errors import InvalidInput

    try:
        return read_settings(**given)
    except InvalidInput as error:
        raise typer.BadParameter(error.message) from None
