"""What is taken away from the log: receipts of decisions, and exports of all or a part of it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from signoff.audit.converting import convert
from signoff.core.words import IntentId
from signoff.engine.log.exporting import Selection
from signoff.errors import InvalidInput
from signoff.server import ids
from signoff.server.api import bodies as b
from signoff.server.api import finding, times
from signoff.server.api.audit import require_reader
from signoff.server.api.operation import Call, File, NoQuery

_MEDIA = {
    "zip": "application/zip",
    "csv": "text/csv; charset=utf-8",
    "ocsf": "application/jsonl",
    "cloudevents": "application/jsonl",
    "html": "text/html; charset=utf-8",
}
_ENDINGS = {"ocsf": "ocsf.jsonl", "cloudevents": "cloudevents.jsonl"}


async def receipt(call: Call[None, NoQuery]) -> File:
    """The receipt of a task's decision."""
    found = await finding.task(call)
    caller = call.caller
    text = await call.services.ledger.receipt(caller.workspace, found.task.id, caller.reader)
    name = f"{found.task.id}.tlog-proof"
    return File.of(text.encode(), media_type="text/plain; charset=utf-8", name=name)


async def export(call: Call[None, b.ExportQuery]) -> File:
    """The log, or a part of it."""
    require_reader(call.caller)
    query, caller = call.query, call.caller
    found = await call.services.ledger.export(
        caller.workspace, _selection(query), caller.reader, form=query.format
    )
    place = caller.workspace.replace("/", "-")
    ending = _ENDINGS.get(query.format, query.format)
    chunks = found.chunks()
    return File(
        chunks=chunks if query.format == "zip" else _converted(chunks, query.format),
        media_type=_MEDIA[query.format],
        name=f"signoff-{place}-{found.published.size}.{ending}",
    )


def _selection(query: b.ExportQuery) -> Selection:
    since = times.recorded(query.from_, field="from") if query.from_ is not None else None
    until = times.recorded(query.to, field="to") if query.to is not None else None
    if since is not None and until is not None and until <= since:
        raise InvalidInput.at("to", "the end must be after the beginning")
    if query.intent is not None and (since or until):
        raise InvalidInput.at("intent", "ask for an intent or for a time, not for both")
    return Selection(
        intent_id=IntentId(ids.intent_id(query.intent)) if query.intent else None,
        since=since,
        until=until,
        cosigned=query.cosigned,
    )


async def _converted(chunks: AsyncIterator[bytes], form: str) -> AsyncIterator[bytes]:
    """The bundle in another form. It is written aside first, for it is read twice."""
    with tempfile.TemporaryDirectory(prefix="signoff-export-") as folder:
        path = Path(folder) / "bundle.zip"
        with path.open("wb") as file:  # a local disk, in pieces
            async for chunk in chunks:
                file.write(chunk)
        pieces = convert(path, form)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece
