"""``signoff audit witness``: be a witness for somebody's log, on a machine that is not theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from signoff.cli.options import Json
from signoff.cli.output import emit, say

app = typer.Typer(help="Be a witness for logs, on a machine of your own.", no_args_is_help=True)


@app.callback()
def witness() -> None:
    """Be a witness for logs, on a machine of your own."""


@app.command("serve")
def serve(
    *,
    name: Annotated[
        str, typer.Option(help="The name it cosigns under; a domain of yours and a word.")
    ],
    state: Annotated[
        Path, typer.Option(file_okay=False, help="The folder of its key and its memory.")
    ],
    logs: Annotated[
        list[str], typer.Option("--log", metavar="VKEY", help="The key of a log it knows.")
    ],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0: a free one.")] = 8610,
    as_json: Json = False,
) -> None:
    """Cosign the checkpoints of logs, one history of each. The first start makes its key."""
    from signoff import logs as output
    from signoff.server.witness import Witness, serve_witness

    output.configure("info")
    serving = Witness(state, name, logs)

    def announce(url: str) -> None:
        if as_json:
            emit({"name": name, "vkey": serving.key.vkey, "url": url})
            return
        say(f"The witness {name} listens on {url}. Its line in a policy file:")
        say(f"  witness {name} {serving.key.vkey} {url}")
        say("Stop it with Ctrl-C; it remembers what it has cosigned.")

    try:
        serve_witness(serving, host=host, port=port, announce=announce)
    finally:
        serving.close()
