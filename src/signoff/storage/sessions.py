"""Sessions as rows: the same columns on every store."""

from __future__ import annotations

from signoff.engine.sessions import Session


def session_values(session: Session) -> tuple[object, ...]:
    """What is written of a session, in the order of the columns."""
    return (
        session.workspace,
        session.hash,
        session.id,
        session.person_id,
        session.expires_at,
        session.created_at,
        session.authenticated_at,
        session.seen_at,
        session.method,
        session.strength.value,
        session.provider,
        session.device,
    )
