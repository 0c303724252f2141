"""What holds for every task of the workspace, unless it says otherwise."""

from __future__ import annotations

from typing import Any

from signoff.core.configuring import read_settings_document
from signoff.core.workspace import WorkspaceSettings
from signoff.server import documents as d
from signoff.server import recording, rendering
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Reply


async def read(call: Call[None, NoQuery]) -> Reply:
    """What is set, and the defaults of what is not."""
    return _shown(await call.services.store.settings(call.caller.workspace))


async def change(call: Call[b.SettingsChange, NoQuery]) -> Reply:
    """Change what is named. Tasks that are asked already keep the times they have."""
    return _shown(await save(call, call.raw))


async def save(call: Call[Any, Any], document: Any) -> WorkspaceSettings:
    """Write a change of settings as the next version.

    :raises InvalidInput: it makes no sense; the field is named.
    :raises ChangedMeanwhile: somebody else was faster.
    """
    store, workspace, by = call.services.store, call.caller.workspace, call.caller.actor
    before = await store.settings(workspace)
    settings = read_settings_document(document, before)
    facts = await recording.settings_saved(store, workspace, by, before, settings)
    await store.save_settings(workspace, settings, by=by.label, facts=facts)
    return settings


def _shown(settings: WorkspaceSettings) -> Reply:
    return Reply(document=d.WorkspaceSettings(settings=rendering.settings(settings)))
