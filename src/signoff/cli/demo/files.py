"""Where the example programs are: in the package when installed, else in the repository."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

import typer

_REPOSITORY = Path(__file__).resolve().parents[4]


def example(name: str) -> Path:
    """The path of an example, such as ``refunds/agent.py``.

    :raises typer.BadParameter: this installation came without the examples.
    """
    packaged = resources.files("signoff").joinpath("examples", name)
    for found in (Path(str(packaged)), _REPOSITORY / "examples" / name):
        if found.is_file():
            return found
    raise typer.BadParameter(f"this installation of signoff came without its example {name}")


def count_requests(path: Path) -> int:
    """How many different requests the file holds; one exported twice is one request."""
    with path.open(newline="", encoding="utf-8") as file:
        return len({row["id"] for row in csv.DictReader(file)})
