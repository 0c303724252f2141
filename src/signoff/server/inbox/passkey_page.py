"""The page on which people register the passkeys they sign answers with, and remove them.

Registering needs a script, for only a script can ask a browser for a passkey; the page says so and
shows the form to nobody who has none. Removing needs none. The rules are those of the API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from signoff.errors import AlreadyExists, InvalidInput
from signoff.server import passkeys
from signoff.server.edge import read_json
from signoff.server.inbox import looking, pages
from signoff.server.inbox.fields import Posted
from signoff.server.inbox.session import Visit

PATH = "/inbox/passkeys"


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def challenge(visit: Visit) -> Response:
    """What the script asks the browser for."""
    await looking.posted_form(visit)
    try:
        options = await passkeys.creation_options(visit.services, visit.row, secret=visit.secret)
    except InvalidInput as error:
        return pages.data({"message": error.message}, status=422)
    return pages.data({"options": options})


async def add(visit: Visit) -> Response:
    """Keep the passkey that the browser made."""
    posted = await looking.posted_form(visit)
    label = looking.first(posted, "label").strip()
    try:
        if len(label) > passkeys.LONGEST_LABEL:
            raise InvalidInput(f"A name has at most {passkeys.LONGEST_LABEL} characters.")
        await passkeys.register(
            visit.services,
            visit.row,
            reply_in(posted, "credential"),
            secret=visit.secret,
            label=label or None,
        )
    except AlreadyExists:
        return await _page(visit, posted, ["This passkey is registered already."])
    except InvalidInput as error:
        return await _page(visit, posted, [error.message])
    return pages.redirect(PATH)


async def remove(visit: Visit) -> Response:
    """Remove one passkey. One that is gone already is gone all the same."""
    posted = await looking.posted_form(visit)
    await passkeys.remove(visit.services, visit.row, looking.first(posted, "which"))
    return pages.redirect(PATH)


def reply_in(posted: Posted, name: str) -> Mapping[str, Any]:
    """What the script put into a hidden field: the browser's reply.

    :raises InvalidInput: there is none, or it is no JSON object.
    """
    text = looking.first(posted, name)
    found = read_json(text.encode()) if text else None
    if not isinstance(found, dict):
        raise InvalidInput.at(name, "The browser sent nothing of a passkey; try again.")
    return found


async def _page(
    visit: Visit, posted: Posted | None = None, problems: Sequence[str] = ()
) -> Response:
    known = await visit.services.store.passkeys(visit.workspace, visit.person.id)
    return pages.page(
        "passkeys.html",
        status=422 if problems else 200,
        scripts=pages.PASSKEYS,
        path=PATH,
        passkeys=known,
        full=len(known) >= passkeys.MOST,
        most=passkeys.MOST,
        unusable=_unusable(visit),
        label=looking.first(posted or {}, "label"),
        problems=problems,
        **visit.context,
    )


def _unusable(visit: Visit) -> str | None:
    """Why browsers allow no passkeys here, where they do not."""
    try:
        passkeys.site(visit.services.settings.address)
    except InvalidInput as error:
        return error.message
    return None
