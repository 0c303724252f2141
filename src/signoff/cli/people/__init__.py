"""``signoff people``: who can be asked, what for, when they are away, and how they are told."""

from __future__ import annotations

import typer

from signoff.cli.people import absences, directory, preferences

app = typer.Typer(help="People who can be asked.", no_args_is_help=True)

app.command("add")(directory.add)
app.command("list")(directory.list_people)
app.command("show")(directory.show)
app.command("update")(directory.update)
app.command("sign-in-link")(directory.sign_in_link)
app.add_typer(absences.app, name="absences")
app.add_typer(preferences.app, name="preferences")
