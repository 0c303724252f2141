"""Who vouches for whom: a subject of an issuer is a person, as a store keeps it.

An issuer is whoever knows people by a name of its own: an OpenID provider by its address, a Slack
team as ``slack:T0123``. Mail addresses identify nobody here; they are only shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from signoff.core.facts import Fact
from signoff.core.words import PersonId, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """``label`` is how the issuer calls them, to be shown."""

    workspace: WorkspaceId
    issuer: str
    subject: str
    person_id: PersonId
    label: str | None
    created_at: datetime


class IdentityStore(Protocol):
    async def add_identity(self, row: Identity, facts: Sequence[Fact] = ()) -> None:
        """Let a subject stand for a person; raises ``AlreadyExists`` where it does for another.

        Adding the same again changes nothing.
        """
        ...

    async def identified(self, issuer: str, subject: str) -> Sequence[Identity]:
        """Whom a subject stands for, in whichever workspaces."""
        ...

    async def identities(self, workspace: WorkspaceId, person_id: PersonId) -> Sequence[Identity]:
        """Everything that stands for a person, in the order in which it was added."""
        ...

    async def subjects(
        self, workspace: WorkspaceId, issuer: str, people: Sequence[PersonId]
    ) -> Mapping[PersonId, str]:
        """As whom an issuer knows these people, without those it does not know."""
        ...

    async def remove_identity(
        self, workspace: WorkspaceId, issuer: str, subject: str, facts: Sequence[Fact] = ()
    ) -> bool: ...
