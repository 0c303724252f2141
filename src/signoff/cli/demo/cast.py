"""Who takes part in the demo: the people, the visitor who may be one of them, and the agent."""

from __future__ import annotations

from dataclasses import dataclass

from signoff.cli.connection import Connection

AGENT = "agent://default/main/refunds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person of the demo's company."""

    email: str
    name: str
    roles: tuple[str, ...]


COLLEAGUES = (
    Member(email="maria@acme.test", name="Maria Keller", roles=("approver",)),
    Member(email="lena@acme.test", name="Lena Brandt", roles=("approver",)),
    Member(email="jonas@acme.test", name="Jonas Lind", roles=("finance",)),
    Member(email="aiko@acme.test", name="Aiko Mori", roles=("support",)),
    Member(email="sam@acme.test", name="Sam Okoro", roles=("operator",)),
)
VISITOR = Member(
    email="you@acme.test", name="You", roles=("approver", "finance", "support", "operator")
)
NAMES = {member.email: member.name for member in (*COLLEAGUES, VISITOR)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What everybody needs to take part; ``colleagues`` maps a mail address to a key."""

    agent: str
    visitor: str
    colleagues: dict[str, str]


def enlist(server: Connection) -> Keys:
    """Add everybody and make their keys, through the same API that anybody would use."""
    for member in (*COLLEAGUES, VISITOR):
        body = {"email": member.email, "name": member.name, "roles": list(member.roles)}
        server.post("/v1/people", body)
    return Keys(
        agent=_key(server, kind="agent", agent=AGENT),
        visitor=_key(server, kind="person", person=VISITOR.email),
        colleagues={
            member.email: _key(server, kind="person", person=member.email) for member in COLLEAGUES
        },
    )


def _key(server: Connection, **fields: str) -> str:
    return str(server.post("/v1/keys", dict(fields))["key"])
