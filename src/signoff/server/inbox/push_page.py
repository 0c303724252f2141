"""The page on which people say which browsers ring for them.

Adding one needs a script, for only a script can ask a browser; removing needs none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.responses import Response

from signoff.channels.guard import allowed, require_sound
from signoff.channels.push.encoding import is_sound
from signoff.engine.channels import Became, Sent
from signoff.engine.push import Subscription
from signoff.errors import InvalidInput
from signoff.language import _
from signoff.server.edge import read_json
from signoff.server.inbox import looking, pages, session
from signoff.server.inbox.session import Visit

PATH = "/inbox/push"
MOST = 10
_LONGEST = 1000


async def show(visit: Visit) -> Response:
    """The browsers that ring for this person."""
    return await _page(visit)


async def add(visit: Visit) -> Response:
    """Keep what the browser says about itself."""
    posted = await looking.posted_form(visit)
    try:
        row = _read(visit, looking.first(posted, "subscription"))
        known = {each.id for each in await _browsers(visit)}
        if len(known | {row.id}) > MOST:
            raise InvalidInput(_("There is room for %(most)s browsers.", most=MOST))
    except InvalidInput as error:
        return await _page(visit, problem=error.message)
    await visit.services.store.keep_subscription(row)
    return pages.redirect(PATH)


async def remove(visit: Visit) -> Response:
    """Let one ring no more. One that is gone already is gone all the same."""
    posted = await looking.posted_form(visit)
    which = looking.first(posted, "which")
    if any(each.id == which for each in await _browsers(visit)):
        await visit.services.store.drop_subscription(visit.workspace, which)
    return pages.redirect(PATH)


async def try_out(visit: Visit) -> Response:
    """Ring all of them once, and say of each what came of it."""
    await looking.posted_form(visit)
    browsers = await _browsers(visit)
    became = await visit.services.push.try_out(browsers)
    return await _page(visit, rung=[_said(*each) for each in zip(browsers, became, strict=True)])


def _read(visit: Visit, text: str) -> Subscription:
    """What the script put into the form: a ``PushSubscription`` as JSON.

    :raises InvalidInput: it is none, or of a push service that cannot be one.
    """
    found = read_json(text.encode()) if text else None
    endpoint = found.get("endpoint") if isinstance(found, Mapping) else None
    keys = found.get("keys") if isinstance(found, Mapping) else None
    p256dh, auth = (
        (keys.get("p256dh"), keys.get("auth")) if isinstance(keys, Mapping) else (None, None)
    )
    if not (isinstance(endpoint, str) and isinstance(p256dh, str) and isinstance(auth, str)):
        raise InvalidInput(_("The browser said nothing about itself; try again."))
    if len(endpoint) > _LONGEST or not is_sound(p256dh, auth):
        raise InvalidInput(_("What the browser said about itself makes no sense."))
    require_sound(endpoint, allowed(visit.services.settings.webhook_allow))
    return Subscription(
        workspace=visit.workspace,
        person_id=visit.person.id,
        endpoint=endpoint,
        p256dh=p256dh,
        auth=auth,
        device=session.device(visit.request.headers.get("user-agent", "")),
        created_at=visit.now,
    )


def _said(browser: Subscription, became: Became) -> str:
    name = browser.device or _("An unknown browser")
    if isinstance(became, Sent):
        return _("%(name)s: rung.", name=name)
    return _("%(name)s: %(why)s.", name=name, why=became.detail)


async def _browsers(visit: Visit) -> Sequence[Subscription]:
    return await visit.services.store.subscriptions(visit.workspace, [visit.person.id])


async def _page(visit: Visit, *, problem: str | None = None, rung: Sequence[str] = ()) -> Response:
    return pages.page(
        "push.html",
        status=422 if problem else 200,
        live=True,
        scripts=("push.js",),
        path=PATH,
        browsers=await _browsers(visit),
        most=MOST,
        key=await visit.services.push.public_key(),
        problem=problem,
        rung=rung,
        **visit.context,
    )
