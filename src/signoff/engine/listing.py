"""What asks one person: a list of live tasks, by when they are due, by risk or by age.

A page of it costs the same however long it is: every order is that of an index, narrowed by the
tokens under which tasks are listed (see ``records.audience``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from signoff.core.words import Risk, TaskId, TaskType, WorkspaceId

if TYPE_CHECKING:
    from signoff.engine.ports import FoundTask


class Order(StrEnum):
    """What a queue is sorted by: the newest, what is due soonest, or the greatest risk first."""

    NEWEST = "newest"
    DUE = "due"
    RISK = "risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Live tasks that are listed under one of ``tokens``.

    :param apart: a token; what is listed under it too is left out.
    :param words: parts of words in small letters, all of which are in the task's title, its
        intent's, or its agent's address.
    :param due_before: only what is due before this moment.
    """

    tokens: tuple[str, ...]
    apart: str | None = None
    risks: tuple[Risk, ...] = ()
    types: tuple[TaskType, ...] = ()
    agent: str | None = None
    words: tuple[str, ...] = ()
    due_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A task's place in a queue, by whatever it is sorted."""

    risk: Risk
    due_at: datetime
    id: TaskId


class ListStore(Protocol):
    """The part of a store that keeps those lists."""

    async def queue(
        self,
        workspace: WorkspaceId,
        where: QueueFilter,
        *,
        order: Order,
        limit: int,
        after: Place | None = None,
    ) -> Sequence[FoundTask]:
        """A page of a queue, beginning behind a place in it."""
        ...

    async def queue_size(self, workspace: WorkspaceId, where: QueueFilter, *, most: int) -> int:
        """How many tasks are in a queue, counted up to ``most``."""
        ...
