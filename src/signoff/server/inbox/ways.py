"""In which ways a person may give an answer: with a button alone, or signed with a passkey.

Pure. It decides what a page offers; whether a credential is enough is the door's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from signoff.core.credential import Credential, Strength
from signoff.core.task import Ask
from signoff.core.words import Risk
from signoff.engine.ports import PasskeyRow
from signoff.errors import InvalidInput
from signoff.language import _
from signoff.server import passkeys

ONLY_SIGNED = "This task takes only answers that are signed with a passkey."
STRONGER = "Being signed in is not enough for this task: sign your answer with a passkey."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How an answer may be given on a page.

    :param plain: whether a button alone is enough.
    :param signed: whether they can sign: they have a passkey, and browsers allow it here.
    :param why: where a button alone is not enough, that it is not.
    :param missing: what has to be there before they can sign; None where they can.
    :param adds: whether it is a passkey, which they may add.
    :param stale: whether signing in again would be enough.
    """

    plain: bool
    signed: bool
    why: str | None = None
    missing: str | None = None
    adds: bool = False
    stale: bool = False


PLAIN = Ways(plain=True, signed=False)
"""What counts where nothing is offered anyway."""


def ways(
    ask: Ask,
    credential: Credential,
    known: Sequence[PasskeyRow],
    address: str,
    *,
    now: datetime,
) -> Ways:
    """The ways that lie open to whoever has this credential and these passkeys.

    :param address: at which people reach the server.
    """
    why = None if credential.strength.reaches(ask.credential) else why_signed(ask)
    stale = why is None and ask.risk is Risk.HIGH and not credential.is_fresh(now)
    if stale:
        why = _("This is of high risk, and it is a while since you showed who you are.")
    found = Ways(plain=why is None, signed=False, why=why, stale=stale)
    try:
        passkeys.site(address)
    except InvalidInput as error:
        return replace(found, missing=error.message)
    if not known:
        return replace(found, missing=_("You have no passkey yet."), adds=True)
    return replace(found, signed=True)


def link_ways(ask: Ask) -> Ways:
    """The ways that lie open to whoever came by a link: a button alone, or none."""
    strong_enough = Strength.LINK.reaches(ask.credential) and ask.risk is not Risk.HIGH
    if strong_enough:
        return PLAIN
    why = _("A link proves a mailbox, not a person. Sign in to answer this.")
    return Ways(plain=False, signed=False, why=why, missing="")


def why_signed(ask: Ask) -> str:
    """Why the answer to this has to be signed."""
    return ONLY_SIGNED if ask.credential is Strength.SIGNED else STRONGER
