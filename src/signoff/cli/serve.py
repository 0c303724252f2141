"""``signoff serve``: the server itself, in this process, until it is told to stop."""

from __future__ import annotations

from typing import Annotated

import typer

from signoff.cli.init import Database, settings_with


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port; 0: a free one.")
    ] = None,
    database: Database = None,
    public_url: Annotated[
        str | None, typer.Option("--public-url", help="How people reach this server, for links.")
    ] = None,
) -> None:
    """Serve the API and the inbox. The first start prints a sign-in link and an admin key."""
    settings = settings_with(host=host, port=port, database=database, public_url=public_url)
    from signoff import app

    app.serve(settings)
