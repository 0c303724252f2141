"""The client behind ``signoff.wait_for_human`` and behind guards that were given none.

Clients from the environment, one for each event loop, shared by everybody who waits at the same
time and closed when the last of them is done. So nothing is left open, and no loop is mixed up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar, Unpack, overload
from weakref import WeakKeyDictionary

from signoff.client._async import Client
from signoff.client._questions import (
    ApprovalFields,
    AssignmentFields,
    ClarificationFields,
    ConfirmationFields,
    FormFields,
    ManualActionFields,
    OverrideFields,
    ReviewFields,
    TaskType,
    question,
)
from signoff.client.results import (
    Approval,
    Assignment,
    Clarification,
    Confirmation,
    Decision,
    Form,
    ManualAction,
    Override,
    Review,
)

M = TypeVar("M")

_make = Client


class _Shared:
    __slots__ = ("client", "users")

    def __init__(self) -> None:
        self.client = _make()
        self.users = 0


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _Shared] = WeakKeyDictionary()


@asynccontextmanager
async def default_client() -> AsyncIterator[Client]:
    """The client of the environment for the running loop, while somebody uses it."""
    loop = asyncio.get_running_loop()
    shared = _by_loop.get(loop)
    if shared is None:
        shared = _by_loop[loop] = _Shared()
    shared.users += 1
    try:
        yield shared.client
    finally:
        shared.users -= 1
        if not shared.users:
            del _by_loop[loop]
            await shared.client.close()


@overload
async def wait_for_human(
    *, task: Literal["approval"] = "approval", **fields: Unpack[ApprovalFields]
) -> Approval: ...
@overload
async def wait_for_human(*, task: Literal["review"], **fields: Unpack[ReviewFields]) -> Review: ...
@overload
async def wait_for_human(
    *, task: Literal["confirmation"], **fields: Unpack[ConfirmationFields]
) -> Confirmation: ...
@overload
async def wait_for_human(
    *, task: Literal["assignment"], **fields: Unpack[AssignmentFields]
) -> Assignment: ...
@overload
async def wait_for_human(
    *, task: Literal["form"], **fields: Unpack[FormFields]
) -> Form[dict[str, Any]]: ...
@overload
async def wait_for_human(
    *, task: Literal["clarification"], **fields: Unpack[ClarificationFields]
) -> Clarification: ...
@overload
async def wait_for_human(
    *, task: Literal["manual_action"], **fields: Unpack[ManualActionFields]
) -> ManualAction: ...
@overload
async def wait_for_human(
    *, task: Literal["override"], **fields: Unpack[OverrideFields]
) -> Override: ...
@overload
async def wait_for_human(
    *, task: Literal["form"] = "form", answer: type[M], **fields: Unpack[FormFields]
) -> Form[M]: ...
async def wait_for_human(
    *, task: TaskType | None = None, answer: type | None = None, **fields: Any
) -> Decision:
    """Ask people, wait for as long as it takes, and return the typed decision.

    The server and the key are those of ``SIGNOFF_URL`` and ``SIGNOFF_KEY``.

    :param task: one of the eight types; without it an approval, or a form for ``answer``.
    :param answer: a Pydantic model class: makes the form, its schema and the type of ``data``.
    :raises TaskExpired: nobody decided in time. ``TaskWithdrawn``, ``TaskOverridden``: likewise.
    :raises StillWaiting: ``timeout`` has passed; the task stays open.
    :raises KeyReused: the same ``key`` was used with another question.
    :raises SignoffError: the server refused the question, or cannot be reached to ask it.
    """
    kind = task or ("approval" if answer is None else "form")
    async with default_client() as client:
        return await client.ask(question(kind, fields, answer=answer))
