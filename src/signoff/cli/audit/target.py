"""Where what is taken from the log is written: all of it or nothing, and over nothing of yours."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from signoff.cli.output import emit, say
from signoff.cli.text import visible

Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Where to; `-` is the output.")
]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


class Target:
    """A file to write, or the output of the command.

    :raises typer.BadParameter: it cannot be written, or is there already.
    """

    def __init__(self, output: str, *, force: bool) -> None:
        self._path = None if output == "-" else _writable(Path(output), force=force)

    def write(self, pieces: Iterable[bytes]) -> None:
        """Write all of it or nothing: under another name first."""
        if self._path is None:
            stream = typer.get_binary_stream("stdout")
            for piece in pieces:
                stream.write(piece)
            stream.flush()
            return
        aside = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        try:
            with aside.open("xb") as file:
                for piece in pieces:
                    file.write(piece)
            aside.replace(self._path)
        finally:
            aside.unlink(missing_ok=True)

    def tell(self, said: str, *, as_json: bool, **facts: object) -> None:
        """Say what was written; beside the output, where that is what was written to."""
        if self._path is None:
            print(visible(said), file=sys.stderr)
        elif as_json:
            emit({"file": str(self._path), **facts})
        else:
            say(f"{said} Written to {self._path}.")


@contextmanager
def on_disk() -> Iterator[None]:
    """Say of a file what it is that cannot be done with it.

    :raises typer.BadParameter: there is no room, or no right.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        name = f" {error.filename}" if error.filename else ""
        raise typer.BadParameter(f"cannot write{name}: {error.strerror or error}") from None


def _writable(path: Path, *, force: bool) -> Path:
    folder = path.absolute().parent
    if not folder.is_dir():
        raise typer.BadParameter(f"there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise typer.BadParameter(f"nothing can be written in {folder}")
    if path.exists() and not path.is_file():  # a folder, a device: not to be replaced by a file
        raise typer.BadParameter(f"{path} is no file; `-` is the output")
    if path.exists() and not force:
        raise typer.BadParameter(f"{path} is there already; --force writes over it")
    return path
