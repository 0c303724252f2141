"""The arguments and options that several commands on tasks share, spelled once."""

from __future__ import annotations

from typing import Annotated

import typer

TaskId = Annotated[str, typer.Argument(metavar="TASK", help="The id of the task.")]
Comment = Annotated[str | None, typer.Option(help="What you want to say about it.")]
Data = Annotated[
    str | None,
    typer.Option(metavar="JSON", help="Structured input: JSON, @FILE, or @- for stdin."),
]
EvidenceOption = Annotated[
    list[str] | None,
    typer.Option("--evidence", help="A link or a reference number; may be repeated."),
]
View = Annotated[
    str | None,
    typer.Option(metavar="DIGEST", help="Refuse if the task is no longer what you looked at."),
]
Reason = Annotated[str | None, typer.Option(help="Why.")]
Because = Annotated[str, typer.Option("--reason", help="Why; it is on record.")]
