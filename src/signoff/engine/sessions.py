"""What a store must keep of who is signed in where: a session ends by itself, or where somebody
ends it, and rests on how its person has proved who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from signoff.core.credential import Strength
from signoff.core.facts import Fact
from signoff.core.words import PersonId, WorkspaceId

LASTS = timedelta(hours=12)
IDLE = timedelta(hours=4)
"""A session that nobody uses for so long is over."""

SEEN_AGAIN = timedelta(minutes=1)
"""That a session is used is written down so often at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser somebody is signed in with, by the SHA-256 of the secret in its cookie.

    :param id: by which it is shown and ended.
    :param method: how its person has proved who they are: ``sign_in_link``, ``passkey``, ...
    :param provider: who vouched for them: ``local``, or an issuer.
    :param device: what the browser says it is, in short.
    :param authenticated_at: when they last proved it.
    :param seen_at: when it was last used, to within ``SEEN_AGAIN``.
    """

    workspace: WorkspaceId
    hash: str
    id: str
    person_id: PersonId
    expires_at: datetime
    created_at: datetime
    authenticated_at: datetime
    seen_at: datetime
    method: str = "sign_in_link"
    strength: Strength = Strength.SESSION
    provider: str = "local"
    device: str | None = None


class SessionStore(Protocol):
    async def add_session(self, session: Session, facts: Sequence[Fact] = ()) -> None: ...
    async def session(self, token_hash: str) -> Session | None:
        """The session, unless it has expired, was idle for long, or its person is disabled."""
        ...

    async def sessions(self, workspace: WorkspaceId, person_id: PersonId) -> Sequence[Session]:
        """Those that somebody has open, the one used last first."""
        ...

    async def see_session(self, token_hash: str) -> None:
        """It is used just now."""
        ...

    async def drop_session(self, token_hash: str, facts: Sequence[Fact] = ()) -> None: ...
    async def end_sessions(
        self,
        workspace: WorkspaceId,
        person_id: PersonId,
        ids: Sequence[str],
        facts: Sequence[Fact] = (),
    ) -> int:
        """End some of somebody's sessions; how many there were. Facts only where there were any."""
        ...
