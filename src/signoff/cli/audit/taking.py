"""Taking from the log: exports and receipts, each verified before it is handed over."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signoff.cli.audit.progress import bar
from signoff.cli.audit.target import Force, Output, Target, on_disk
from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.when import Clock, ZoneName
from signoff.errors import Broken

if TYPE_CHECKING:
    from signoff.audit.verify import Verdict


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
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Export the log, or a part of it. It is verified here before it is written."""
    from signoff.audit.converting import convert

    clock = Clock(zone)
    query = {
        "from": clock.read(since, option="--from") if since else None,
        "to": clock.read(until, option="--to") if until else None,
        "intent": intent,
        "cosigned": "true" if cosigned else None,
    }
    target = Target(output, force=force)
    with on_disk(), tempfile.TemporaryDirectory(prefix="signoff-audit-") as folder:
        bundle = Path(folder) / "bundle.zip"
        with Connection(url, key) as server:
            _download(server, query, bundle)
            count = _verified(bundle, server.url)
        target.write(_read(bundle) if form is Form.ZIP else convert(bundle, form.value))
    said = f"{count} entries, verified."
    if form is not Form.ZIP:
        said += " Keep a zip as well: it alone can be verified again."
    target.tell(said, as_json=as_json, entries=count, format=form.value)


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
    target = Target(output, force=force)
    with Connection(url, key) as server:
        found = b"".join(server.download(f"/v1/tasks/{task}/receipt"))
        size = _verified_receipt(found, server.url)
    with on_disk():
        target.write([found])
    target.tell(f"The receipt of {task}, verified.", as_json=as_json, task=task, size=size)


def verify(context: typer.Context) -> int:
    """Verify a bundle or a receipt, offline: 0 verified, 1 refuted, 2 could not be checked."""
    from signoff.audit.command import main

    return main(["verify", *context.args])


def _download(server: Connection, query: dict[str, str | None], bundle: Path) -> None:
    done = 0
    with bar("exporting", unit="bytes") as advanced, bundle.open("wb") as file:
        for chunk in server.download("/v1/audit/export", **query):
            file.write(chunk)
            done += len(chunk)
            advanced(done)


def _verified(path: Path, url: str) -> int:
    """How many entries a bundle has, once it is known to be sound."""
    from signoff.audit.bundle import Bundle
    from signoff.audit.verify import verify_bundle

    with _from_signoff(url):
        with bar("verifying", unit="entries") as advanced:
            _require_verified(verify_bundle(path, progress=advanced))
        with Bundle(path) as bundle:
            return int(bundle.manifest["entries"])


def _verified_receipt(found: bytes, url: str) -> int:
    """How many entries the log had, once the receipt is known to be sound."""
    from signoff.audit.verify import verify_receipt

    with _from_signoff(url):
        verdict = verify_receipt(found.decode())
        _require_verified(verdict)
    return verdict.size


@contextmanager
def _from_signoff(url: str) -> Iterator[None]:
    """:raises Broken: what is read is no bundle and no receipt: something else has answered."""
    from signoff.audit.errors import Malformed

    try:
        yield
    except (Malformed, UnicodeDecodeError):
        raise Broken(f"{url} does not answer like a Signoff server; nothing was written") from None


def _require_verified(verdict: Verdict) -> None:
    """:raises Broken: it is not sound."""
    if verdict.refuted is not None:
        index, why = verdict.refuted
        where = "" if index is None else f" at entry {index}"
        raise Broken(f"what the server sent is refuted{where}: {why}. Nothing was written")
    if not verdict.verified:
        raise Broken("what the server sent is signed by no key of the log. Nothing was written")


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece
