"""The program as a whole: every command group in one tree, and one place that runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from signoff.cli import (
    audit,
    calendars,
    db,
    demo,
    events,
    init,
    intents,
    keys,
    ladder,
    mail,
    people,
    serve,
    settings,
    tasks,
    webhooks,
    whoami,
)
from signoff.cli.failures import INTERRUPTED, OK, USAGE, exit_code, report, report_usage
from signoff.cli.output import say
from signoff.errors import SignoffError

app = typer.Typer(
    name="signoff",
    help="Durable, auditable human tasks inside an AI agent's run.",
    epilog="Commands that ask a server read SIGNOFF_URL and SIGNOFF_KEY.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.serve)
app.command("init")(init.init)
app.command("demo")(demo.demo)
app.command("whoami")(whoami.whoami)
app.command("events")(events.events)
app.add_typer(tasks.app, name="tasks")
app.add_typer(intents.app, name="intents")
app.add_typer(ladder.app, name="ladder")
app.add_typer(people.app, name="people")
app.add_typer(calendars.app, name="calendars")
app.add_typer(settings.app, name="settings")
app.add_typer(keys.app, name="keys")
app.add_typer(mail.app, name="mail")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(audit.app, name="audit")
app.add_typer(db.app, name="db")


def _version(wanted: bool) -> None:
    if wanted:
        say(f"signoff {version('signoff')}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Durable, auditable human tasks inside an AI agent's run."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing escapes but a defect of ours."""
    as_json = "--json" in arguments
    try:
        code = app(args=list(arguments), prog_name="signoff", standalone_mode=False)
    except SignoffError as error:
        report(error, as_json=as_json)
        return exit_code(error)
    except typer.TyperException as error:
        return _misused(error, arguments, as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code if isinstance(code, int) else OK


def _misused(error: typer.TyperException, arguments: Sequence[str], *, as_json: bool) -> int:
    message = error.format_message()
    if not arguments or type(error).__name__ == "NoArgsIsHelpError":
        print(message)
        return OK if not arguments else USAGE
    report_usage(message, as_json=as_json)
    return USAGE
