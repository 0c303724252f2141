"""Signoff: durable, auditable human tasks inside an AI agent's run.

    decision = await signoff.wait_for_human(task="approval", assignee="mgr@acme.test",
                                            title="Refund 240 EUR to cus_123?", key="refund-4721")
    if decision: ...

These are the public names of the SDK. They are imported when they are first used, so that
importing the package, as every part of the server does, costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff.client._async import Client
    from signoff.client._default import wait_for_human
    from signoff.client._sync import SyncClient
    from signoff.client.chains import Calendar, Rung, Stage
    from signoff.client.documents import (
        CommentDocument,
        EventDocument,
        ExplanationDocument,
        IntentDocument,
        TaskDocument,
    )
    from signoff.client.guard import requires_human
    from signoff.client.results import (
        Answer,
        Approval,
        Assignment,
        Clarification,
        Confirmation,
        Decision,
        Evidence,
        Form,
        ManualAction,
        Override,
        Review,
    )
    from signoff.client.run import Run, SyncRun
    from signoff.errors import (
        AlreadyAnswered,
        AlreadyConcluded,
        ChangedMeanwhile,
        IntentClosed,
        JournalMismatch,
        KeyReused,
        NotLoggedYet,
        Rejected,
        SignoffError,
        StillWaiting,
        TaskExpired,
        TaskOverridden,
        TaskWithdrawn,
        Unreachable,
    )

__all__ = [
    "AlreadyAnswered",
    "AlreadyConcluded",
    "Answer",
    "Approval",
    "Assignment",
    "Calendar",
    "ChangedMeanwhile",
    "Clarification",
    "Client",
    "CommentDocument",
    "Confirmation",
    "Decision",
    "EventDocument",
    "Evidence",
    "ExplanationDocument",
    "Form",
    "IntentClosed",
    "IntentDocument",
    "JournalMismatch",
    "KeyReused",
    "ManualAction",
    "NotLoggedYet",
    "Override",
    "Rejected",
    "Review",
    "Run",
    "Rung",
    "SignoffError",
    "Stage",
    "StillWaiting",
    "SyncClient",
    "SyncRun",
    "TaskDocument",
    "TaskExpired",
    "TaskOverridden",
    "TaskWithdrawn",
    "Unreachable",
    "requires_human",
    "wait_for_human",
]

_HOMES = {
    "Client": "client._async",
    "SyncClient": "client._sync",
    "wait_for_human": "client._default",
    "requires_human": "client.guard",
    **dict.fromkeys(("Run", "SyncRun"), "client.run"),
    **dict.fromkeys(("Calendar", "Rung", "Stage"), "client.chains"),
    **dict.fromkeys(
        (
            "CommentDocument",
            "EventDocument",
            "ExplanationDocument",
            "IntentDocument",
            "TaskDocument",
        ),
        "client.documents",
    ),
    **dict.fromkeys(
        (
            "Answer",
            "Approval",
            "Assignment",
            "Clarification",
            "Confirmation",
            "Decision",
            "Evidence",
            "Form",
            "ManualAction",
            "Override",
            "Review",
        ),
        "client.results",
    ),
}
"""Where each public name lives; errors live in ``signoff.errors``."""

if not TYPE_CHECKING:  # a type checker shall go on telling names that do not exist

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module 'signoff' has no attribute {name!r}")
        found = getattr(import_module(f"signoff.{_HOMES.get(name, 'errors')}"), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
