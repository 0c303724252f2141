"""``signoff audit fsck``: everything in the log worked out once more, directly on the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from signoff.cli.audit.progress import bar
from signoff.cli.failures import report as complain
from signoff.cli.init import Database, settings_with
from signoff.cli.options import Json
from signoff.cli.output import emit, say
from signoff.errors import Broken

if TYPE_CHECKING:
    from signoff.engine.log.fsck import Report

SOUND, DAMAGED, UNCHECKED = 0, 1, 2


def fsck(database: Database = None, as_json: Json = False) -> int:
    """Check the log of every workspace against what it is about: 0 sound, 1 not, 2 not checked."""
    address = settings_with(database=database).database
    try:
        reports = asyncio.run(_checked(address))
    except Broken as error:
        complain(error, as_json=as_json)
        return UNCHECKED
    damaged = any(report.findings for report in reports.values())
    if as_json:
        emit({"sound": not damaged, "workspaces": {name: _said(r) for name, r in reports.items()}})
    else:
        for name, report in reports.items():
            _tell(name, report)
    return DAMAGED if damaged else SOUND


async def _checked(address: str) -> dict[str, Report]:
    from signoff.engine.log.fsck import fsck as check
    from signoff.storage import connect

    store = connect(address)
    await store.open()
    try:
        found: dict[str, Report] = {}
        for workspace in await store.workspaces():
            with bar(workspace, unit="entries") as advanced:
                found[workspace] = await check(store, workspace, advanced)
        return found
    finally:
        await store.close()


def _tell(name: str, report: Report) -> None:
    if not report.findings:
        say(f"{name}: sound. {report.entries} entries, {report.intents} intents ({report.origin}).")
        if report.waiting:
            say(f"  {report.waiting} more wait for their place; a running server gives it to them.")
        return
    say(f"{name}: DAMAGED. {report.entries} entries ({report.origin}).")
    for each in report.findings:
        say(f"  {'' if each.index is None else f'entry {each.index}: '}{each.what}")
    say("next: stop the server, keep the files as they are, compare with your last export.")


def _said(report: Report) -> dict[str, object]:
    return {
        "origin": report.origin,
        "entries": report.entries,
        "waiting": report.waiting,
        "intents": report.intents,
        "findings": [{"index": each.index, "what": each.what} for each in report.findings],
    }
