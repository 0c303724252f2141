"""The code that stands in a mail beside its link: people type it, followers of links do not."""

from __future__ import annotations

from signoff.channels.email.sender import code_hash
from signoff.core.links import MAX_WRONG
from signoff.errors import FieldError
from signoff.language import _
from signoff.server.inbox.session import Visit

FIELD = "code"


async def wrong_code(visit: Visit, code: str) -> list[FieldError]:
    """What is wrong with the code that was typed; nothing where it is right, or none is asked for.

    A wrong one is counted, and after a few of them the link answers nothing any more.
    """
    by = visit.by_link
    if by is None or by.link.code is None:
        return []
    typed = "".join(letter for letter in code if not letter.isspace())
    if by.link.wrong < MAX_WRONG:
        if code_hash(visit.secret, typed) == by.link.code:
            return []
        if not typed:
            return _error(_("Type the code that stands in the mail, below the link."))
        if await visit.services.store.miss_link(by.link.hash) < MAX_WRONG:
            return _error(_("This is not the code that stands in the mail with this link."))
    return _error(_("Too many wrong codes were typed. Sign in to answer."))


def _error(message: str) -> list[FieldError]:
    return [FieldError(FIELD, message)]
