"""Taking from the log: exports and receipts, each verified before it is handed over."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say
from signoff.errors import Broken

Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Where to; `-` is the output.")
]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


class _Advance(Protocol):
    def __call__(self, by: int, of: int | None = None) -> None: ...


class Form(StrEnum):
    """zip is the evidence; the others are made from it, for reading."""

    ZIP = "zip"
    CSV = "csv"
    OCSF = "ocsf"
    CLOUDEVENTS = "cloudevents"
    HTML = "html"


def export(
    *,
    output: Output,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Only what was recorded since.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Only what was recorded before.")
    ] = None,
    intent: Annotated[str | None, typer.Option(help="Only what is about this intent.")] = None,
    form: Annotated[Form, typer.Option("--format", help="As what.")] = Form.ZIP,
    cosigned: Annotated[
        bool, typer.Option("--cosigned", help="Up to the last checkpoint a witness cosigned.")
    ] = False,
    force: Force = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Export the log, or a part of it. It is verified here before it is written."""
    from signoff.audit.converting import convert

    target = _target(output, force=force)
    query = {"from": since, "to": until, "intent": intent, "cosigned": "true" if cosigned else None}
    with tempfile.TemporaryDirectory(prefix="signoff-audit-") as folder:
        bundle = Path(folder) / "bundle.zip"
        with (
            Connection(url, key) as server,
            _bar("exporting") as advance,
            bundle.open("wb") as file,
        ):
            for chunk in server.download("/v1/audit/export", **query):
                file.write(chunk)
                advance(len(chunk))
        count = _verified(bundle)
        pieces = _read(bundle) if form is Form.ZIP else convert(bundle, form.value)
        _write(target, pieces)
    said = f"{count} entries, verified."
    if form is not Form.ZIP:
        said += " Keep a zip as well: it alone can be verified again."
    _done(said, target, as_json, entries=count, format=form.value)


def receipt(
    task: Annotated[str, typer.Argument(metavar="TASK", help="The id of a decided task.")],
    *,
    output: Output,
    force: Force = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Take the receipt of a decision: the proof that it is in the log, for anybody to verify."""
    target = _target(output, force=force)
    with Connection(url, key) as server:
        found = b"".join(server.download(f"/v1/tasks/{task}/receipt"))
    size = _verified_receipt(found)
    _write(target, [found])
    _done(f"The receipt of {task}, verified.", target, as_json, task=task, size=size)


def verify(context: typer.Context) -> int:
    """Verify a bundle or a receipt, offline: 0 verified, 1 refuted, 2 could not be checked."""
    from signoff.audit.command import main

    return main(["verify", *context.args])


def _verified(bundle: Path) -> int:
    """How many entries a bundle has, once it is known to be sound."""
    from signoff.audit.bundle import Bundle
    from signoff.audit.verify import verify_bundle

    with _bar("verifying") as advance:
        done = [0]

        def progress(now: int, of: int) -> None:
            advance(now - done[0], of)
            done[0] = now

        verdict = verify_bundle(bundle, progress=progress)
    if not verdict.verified:
        raise Broken(f"what the server sent does not verify: {verdict.refuted or 'unsigned'}")
    with Bundle(bundle) as found:
        return int(found.manifest["entries"])


def _verified_receipt(found: bytes) -> int:
    from signoff.audit.verify import verify_receipt

    verdict = verify_receipt(found.decode())
    if not verdict.verified:
        raise Broken(f"what the server sent does not verify: {verdict.refuted or 'unsigned'}")
    return verdict.size


def _target(output: str, *, force: bool) -> Path | None:
    if output == "-":
        return None
    path = Path(output)
    if path.exists() and not force:
        raise typer.BadParameter(f"{path} is there already; --force writes over it")
    if not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.absolute().parent}")
    return path


def _write(target: Path | None, pieces: Iterable[bytes]) -> None:
    """Write all of it or nothing: under another name first."""
    if target is None:
        stream = typer.get_binary_stream("stdout")
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        return
    aside = target.with_name(f"{target.name}.part")
    try:
        with aside.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def _done(said: str, target: Path | None, as_json: bool, **facts: object) -> None:
    if target is None:
        return
    if as_json:
        emit({"file": str(target), **facts})
    else:
        say(f"{said} Written to {target}.")


@contextmanager
def _bar(what: str) -> Iterator[_Advance]:
    """A bar on stderr, where somebody looks; it is gone when the work is done."""
    from rich.console import Console

    columns = (SpinnerColumn(), TextColumn(what), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)

        def advance(by: int, of: int | None = None) -> None:
            if of is not None:
                progress.update(task, total=of)
            progress.advance(task, by)

        yield advance
