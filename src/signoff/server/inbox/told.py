"""Who was told of a task, as its page says it: by reason, and of many in one place only how many.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from signoff.core.preferences import Channel
from signoff.core.routing import Directory
from signoff.engine.notices import Notice, NoticeState
from signoff.language import _, ngettext
from signoff.server.inbox import seating

_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line: who, over what, with what result, and when.

    :param tone: ``good``, ``bad`` or nothing.
    """

    who: str
    over: str
    result: str
    at: datetime
    tone: str = ""
    detail: str | None = None


def told(notices: Sequence[Notice], directory: Directory) -> list[Told]:
    """The lines about these notices, in order; those that went the same way at once are one."""
    together: dict[tuple[object, ...], list[Notice]] = {}
    for each in notices:
        way = each.channel, each.reason, each.state, each.detail, each.due_at or each.at
        together.setdefault(way, []).append(each)
    return [_line(group, directory) for group in together.values()]


def _line(group: Sequence[Notice], directory: Directory) -> Told:
    first = group[0]
    return Told(
        who=_who(group, directory),
        over=_over().get(first.channel, first.channel),
        result=_results()[first.state],
        at=first.due_at or first.at,
        tone={NoticeState.SENT: "good", NoticeState.FAILED: "bad"}.get(first.state, ""),
        detail=first.detail,
    )


def _who(group: Sequence[Notice], directory: Directory) -> str:
    named = [
        seating.name_of(each.person_id, directory) if each.person_id else each.place or ""
        for each in group
    ]
    if len(named) <= _NAMED:
        return ", ".join(named)
    return ngettext("%(num)s person", "%(num)s people", len(named))


def _over() -> Mapping[str, str]:
    return {
        Channel.INBOX: _("in the inbox"),
        Channel.EMAIL: _("by e-mail"),
        Channel.SLACK: _("in Slack"),
        Channel.PUSH: _("in the browser"),
        Channel.CHAT: _("in another chat"),
    }


def _results() -> Mapping[NoticeState, str]:
    return {
        NoticeState.DUE: _("to be told"),
        NoticeState.SENT: _("told"),
        NoticeState.FAILED: _("could not be told"),
        NoticeState.SKIPPED: _("not told any more"),
    }
