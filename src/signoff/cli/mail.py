"""``signoff mail``: hands mail that has come in to a server."""

from __future__ import annotations

import sys
from typing import Annotated

import httpx2
import typer

from signoff.cli.options import DEFAULT_URL, Json, Url
from signoff.cli.output import emit, say
from signoff.errors import Unreachable

app = typer.Typer(help="Mail that has come in.", no_args_is_help=True)

TEMPORARY_FAILURE = 75
"""What a mail server takes as *try again later* (``EX_TEMPFAIL`` of sysexits.h)."""
_SECONDS = 30.0

Secret = Annotated[
    str,
    typer.Option("--secret", envvar="SIGNOFF_MAIL_SECRET", help="As SIGNOFF_MAIL_SECRET says."),
]


@app.callback()
def mail() -> None:
    """Mail that has come in."""


@app.command("receive")
def receive(secret: Secret, url: Url = DEFAULT_URL, as_json: Json = False) -> None:
    """Read one mail from standard input and hand it to the server, for a mail server's pipe.

    Ends with 75 where the server cannot be reached, so that the mail server tries again.
    """
    raw = sys.stdin.buffer.read()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "message/rfc822"}
    address = f"{url.rstrip('/')}/inbound/mail"
    try:
        said = httpx2.post(address, content=raw, headers=headers, timeout=_SECONDS)
    except httpx2.HTTPError as error:
        print(f"error: {type(error).__name__}: the server did not answer", file=sys.stderr)
        raise typer.Exit(TEMPORARY_FAILURE) from None
    if said.status_code >= 500:
        print("error: the server could not take it just now", file=sys.stderr)
        raise typer.Exit(TEMPORARY_FAILURE)
    if said.status_code >= 400:
        raise Unreachable(f"the server did not take it: {said.text.strip()}")
    if as_json:
        emit({"came_to": said.text.strip()})
        return
    say(said.text.strip())
