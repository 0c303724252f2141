"""A store between the door and the real one that fails once when it is told to.

Faults come in twins: the transaction failed, and the transaction is on disk although its caller was
told that it failed. Nobody can tell the one from the other, so both must come to the same.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from signoff.engine.ports import Decide, Lookup, Store
from signoff.errors import StoreUnavailable


class Fault(StrEnum):
    FAILED = "failed"
    REPORTED_FAILED = "reported failed, but was done"


class Faulty:
    """The store, but for the transaction after ``next`` was set."""

    def __init__(self, store: Store) -> None:
        self.next: Fault | None = None
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def transact(self, lookup: Lookup, decide: Decide) -> datetime:
        fault, self.next = self.next, None
        if fault is Fault.FAILED:
            raise StoreUnavailable("the disk is gone")
        at = await self._store.transact(lookup, decide)
        if fault is Fault.REPORTED_FAILED:
            raise StoreUnavailable("the disk seemed to be gone")
        return at
