"""The argument that names a person, spelled once."""

from __future__ import annotations

from typing import Annotated

import typer

Reference = Annotated[str, typer.Argument(metavar="PERSON", help="A mail address or an id.")]
