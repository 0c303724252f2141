"""The page on which people say how they want to be told, and to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from starlette.responses import Response

from signoff.core.plan import NoticeReason
from signoff.core.preferences import CHOSEN, Channel, Digest, Preferences, Theme
from signoff.errors import FieldError, InvalidInput
from signoff.language import LANGUAGES, _
from signoff.server import preferences as rules
from signoff.server.inbox import looking, pages
from signoff.server.inbox.fields import Posted
from signoff.server.inbox.session import Visit

PATH = "/inbox/settings"
USUAL = "usual"


async def show(visit: Visit) -> Response:
    """What somebody has chosen so far."""
    return _page(visit, visit.chosen, saved="saved" in visit.request.query_params)


async def save(visit: Visit) -> Response:
    """Write what was chosen; nothing of it where a part makes no sense."""
    posted = await looking.posted_form(visit)
    before = await rules.chosen_by(visit.services.store, visit.workspace, visit.person.id)
    try:
        chosen = _read(posted, before)
    except InvalidInput as error:
        errors = error.errors or (FieldError("", error.message),)
        return _page(visit, before, posted=posted, errors=[each.message for each in errors])
    await rules.save(
        visit.services.store, visit.workspace, visit.person.id, chosen, by=visit.person.actor
    )
    return pages.redirect(f"{PATH}?saved=yes")


def _read(posted: Posted, before: Preferences) -> Preferences:
    order = [looking.first(posted, f"channel{place}") for place in range(len(CHOSEN))]
    named = [each for each in order if each]
    start, end = looking.first(posted, "quiet_from"), looking.first(posted, "quiet_until")
    quiet = None
    if start or end:
        urgent = "quiet_urgent" in posted
        quiet = rules.quiet(start, end, urgent=urgent)
    told = {*posted.get("told", ())}
    return replace(
        before,
        language=rules.language(looking.first(posted, "language") or None),
        theme=_theme(looking.first(posted, "theme"), before.theme),
        channels=None if USUAL in named else rules.channels(named),
        everywhere="everywhere" in posted,
        muted=tuple(reason for reason in NoticeReason if reason.value not in told),
        quiet=quiet,
        digest=_digest(looking.first(posted, "digest"), before.digest),
        digest_at=rules.clock(looking.first(posted, "digest_at") or "09:00", field="digest_at"),
    )


def _theme(text: str, before: Theme) -> Theme:
    return Theme(text) if text in {each.value for each in Theme} else before


def _digest(text: str, before: Digest) -> Digest:
    return Digest(text) if text in {each.value for each in Digest} else before


def _page(
    visit: Visit,
    chosen: Preferences,
    *,
    posted: Posted | None = None,
    errors: Sequence[str] = (),
    saved: bool = False,
) -> Response:
    return pages.page(
        "settings.html",
        status=422 if errors else 200,
        path=PATH,
        shown=_shown(chosen) if posted is None else posted,
        errors=errors,
        saved=saved,
        languages=LANGUAGES,
        channel_words=_channels(),
        places=range(len(CHOSEN)),
        reasons=_reasons(),
        usual=USUAL,
        zone_name=visit.row.time_zone or "UTC",
        **visit.context,
    )


def _shown(chosen: Preferences) -> Posted:
    """What has been chosen, as the form would post it."""
    order = [USUAL] if chosen.channels is None else [str(each) for each in chosen.channels]
    quiet = chosen.quiet
    found: dict[str, list[str]] = {
        "language": [chosen.language or ""],
        "theme": [chosen.theme],
        "told": [each.value for each in NoticeReason if each not in chosen.muted],
        "quiet_from": [quiet.start.isoformat("minutes") if quiet else ""],
        "quiet_until": [quiet.end.isoformat("minutes") if quiet else ""],
        "digest": [chosen.digest],
        "digest_at": [chosen.digest_at.isoformat("minutes")],
    }
    found |= {f"channel{place}": [name] for place, name in enumerate(order)}
    if chosen.everywhere:
        found["everywhere"] = ["yes"]
    if quiet is None or quiet.urgent:
        found["quiet_urgent"] = ["yes"]
    return found


def _channels() -> dict[str, str]:
    return {
        Channel.SLACK: _("Slack"),
        Channel.EMAIL: _("E-mail"),
        Channel.CHAT: _("Another chat"),
    }


def _reasons() -> dict[str, str]:
    """What people can be told of, in the order of how much it matters."""
    return {
        NoticeReason.OPENED: _("I am asked something new"),
        NoticeReason.REMINDED: _("Reminders"),
        NoticeReason.ESCALATED: _("Something is escalated to me"),
        NoticeReason.REASSIGNED: _("I am asked instead of somebody else"),
        NoticeReason.DELEGATED: _("Somebody asks me to decide for them"),
        NoticeReason.ADVANCED: _("It is my turn in a chain"),
        NoticeReason.REVISED: _("The agent hands in a new version"),
        NoticeReason.NOTIFIED: _("I am told of something without being asked"),
        NoticeReason.COMMENTED: _("Comments"),
        NoticeReason.DECIDED: _("What I watch has been decided"),
        NoticeReason.CLOSED: _("What I watch has closed without a decision"),
    }
