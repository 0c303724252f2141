"""The eight task types as data: one file each, the same names in every file.

``Spec`` is what only this type knows of an ask, ``Answer`` what only it knows of an answer;
``parse`` reads an answer or refuses it, ``conclude`` says what the decision holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from signoff.core.task import RawAnswer
from signoff.core.tasks import (
    approval,
    assignment,
    clarification,
    confirmation,
    form,
    manual_action,
    override,
    review,
)
from signoff.core.words import JSON, TaskType


class Kind(Protocol):
    """The shape every file of a task type has."""

    @property
    def OUTCOMES(self) -> tuple[str, ...]: ...  # noqa: N802
    @property
    def FAVOURABLE(self) -> frozenset[str]: ...  # noqa: N802
    @property
    def NEEDS_COMMENT(self) -> frozenset[str]: ...  # noqa: N802
    @property
    def Spec(self) -> Any: ...  # noqa: N802
    @property
    def parse(self) -> Callable[[Any, RawAnswer], Any]: ...
    @property
    def conclude(self) -> Callable[[Any, Any], JSON]: ...


KINDS: Mapping[TaskType, Kind] = {
    TaskType.APPROVAL: approval,
    TaskType.REVIEW: review,
    TaskType.CONFIRMATION: confirmation,
    TaskType.ASSIGNMENT: assignment,
    TaskType.FORM: form,
    TaskType.CLARIFICATION: clarification,
    TaskType.MANUAL_ACTION: manual_action,
    TaskType.OVERRIDE: override,
}

DECIDES_FOR_REQUESTER = frozenset(
    {
        TaskType.APPROVAL,
        TaskType.REVIEW,
        TaskType.CONFIRMATION,
        TaskType.ASSIGNMENT,
        TaskType.OVERRIDE,
    }
)
"""Types whose answer decides about a request: whoever requested it never gives that answer.

The others ask for facts or work, and the requester is often the very one who has them.
"""
