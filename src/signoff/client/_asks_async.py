"""The eight ways to ask people, awaited. ``_asks_sync`` is its twin; a parity test compares them.

What each takes is said once, in ``_questions``.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar, Unpack, overload

from signoff.client._questions import (
    ApprovalFields,
    AssignmentFields,
    ClarificationFields,
    ConfirmationFields,
    FormFields,
    ManualActionFields,
    OverrideFields,
    Question,
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
R = TypeVar("R", bound=Decision)


class AsyncAsks:
    """Whoever can ask people: a client with an intent for each question, a run within its own.

    Every method waits for the decision and returns it; see ``AskFields`` for what all of them
    take. Each of them

    :raises TaskExpired: nobody decided in time. ``TaskWithdrawn``, ``TaskOverridden``: likewise.
    :raises StillWaiting: ``timeout`` has passed; the task stays open.
    :raises KeyReused: the same ``key`` was used with another question.
    :raises SignoffError: the server refused the question, or cannot be reached to ask it.
    """

    async def ask(self, asked: Question[R]) -> R:
        """Ask what was put together before; the methods below are the usual way."""
        raise NotImplementedError

    @overload
    async def wait_for_human(
        self, *, task: Literal["approval"] = "approval", **fields: Unpack[ApprovalFields]
    ) -> Approval: ...
    @overload
    async def wait_for_human(
        self, *, task: Literal["review"], **fields: Unpack[ReviewFields]
    ) -> Review: ...
    @overload
    async def wait_for_human(
        self, *, task: Literal["confirmation"], **fields: Unpack[ConfirmationFields]
    ) -> Confirmation: ...
    @overload
    async def wait_for_human(
        self, *, task: Literal["assignment"], **fields: Unpack[AssignmentFields]
    ) -> Assignment: ...
    @overload
    async def wait_for_human(
        self, *, task: Literal["form"], **fields: Unpack[FormFields]
    ) -> Form[dict[str, Any]]: ...
    @overload
    async def wait_for_human(
        self, *, task: Literal["clarification"], **fields: Unpack[ClarificationFields]
    ) -> Clarification: ...
    @overload
    async def wait_for_human(
        self, *, task: Literal["manual_action"], **fields: Unpack[ManualActionFields]
    ) -> ManualAction: ...
    @overload
    async def wait_for_human(
        self, *, task: Literal["override"], **fields: Unpack[OverrideFields]
    ) -> Override: ...
    @overload
    async def wait_for_human(
        self, *, task: Literal["form"] = "form", answer: type[M], **fields: Unpack[FormFields]
    ) -> Form[M]: ...
    async def wait_for_human(
        self, *, task: TaskType | None = None, answer: type | None = None, **fields: Any
    ) -> Decision:
        """Ask people, wait for as long as it takes, and return the typed decision.

        :param task: one of the eight types; without it an approval, or a form for ``answer``.
        :param answer: a Pydantic model class: makes the form, its schema and the type of ``data``.
        """
        kind = task or ("approval" if answer is None else "form")
        asked: Question[Decision] = question(kind, fields, answer=answer)
        return await self.ask(asked)

    async def approval(self, **fields: Unpack[ApprovalFields]) -> Approval:
        """Ask for yes or no to an action."""
        asked: Question[Approval] = question("approval", fields)
        return await self.ask(asked)

    async def review(self, **fields: Unpack[ReviewFields]) -> Review:
        """Ask for a verdict on a draft, revised until it is one."""
        asked: Question[Review] = question("review", fields)
        return await self.ask(asked)

    async def confirmation(self, **fields: Unpack[ConfirmationFields]) -> Confirmation:
        """Ask for whether a fact is so."""
        asked: Question[Confirmation] = question("confirmation", fields)
        return await self.ask(asked)

    async def assignment(self, **fields: Unpack[AssignmentFields]) -> Assignment:
        """Ask for who owns a piece of work."""
        asked: Question[Assignment] = question("assignment", fields)
        return await self.ask(asked)

    @overload
    async def form(self, *, answer: type[M], **fields: Unpack[FormFields]) -> Form[M]: ...
    @overload
    async def form(self, **fields: Unpack[FormFields]) -> Form[dict[str, Any]]: ...
    async def form(self, *, answer: type | None = None, **fields: Unpack[FormFields]) -> Form[Any]:
        """Ask for fields filled in: by ``schema``, or by a Pydantic model as ``answer``."""
        asked: Question[Form[Any]] = question("form", fields, answer=answer)
        return await self.ask(asked)

    async def clarification(self, **fields: Unpack[ClarificationFields]) -> Clarification:
        """Ask for an answer in words or one of the choices."""
        asked: Question[Clarification] = question("clarification", fields)
        return await self.ask(asked)

    async def manual_action(self, **fields: Unpack[ManualActionFields]) -> ManualAction:
        """Ask for something done outside, with evidence."""
        asked: Question[ManualAction] = question("manual_action", fields)
        return await self.ask(asked)

    async def override(self, **fields: Unpack[OverrideFields]) -> Override:
        """Ask for whether somebody takes the run over."""
        asked: Question[Override] = question("override", fields)
        return await self.ask(asked)
