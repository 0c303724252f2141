"""What a browser shows of a notice, as a declarative push message.

Pure. The form is that of the Push API's declarative messages (https://www.w3.org/TR/push-api/,
``"web_push": 8030``): a browser that knows it shows it by itself, in any other our service worker
does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from signoff import base64url
from signoff.channels.card import Card, card, marked, news, subject, together
from signoff.channels.push.encoding import MOST_BYTES
from signoff.core.words import Risk
from signoff.engine.channels import Item, Letter
from signoff.language import _, ngettext, spoken

_MOST_TITLES = 5
_MOST_LETTERS = 400
_LONGEST = timedelta(weeks=4)
_USUAL = timedelta(days=1)


def message(letter: Letter, home: str) -> bytes:
    """What is shown of a letter, in the language that is spoken.

    :param home: the address of the inbox.
    """
    cards = [card(item.found) for item in letter.items]
    if letter.digest:
        return shown(together(len(cards)), _titles(cards), home, "digest")
    first, item = cards[0], letter.items[0]
    title = marked(subject(item.notice.reason, first), first)
    said = [news(item.notice.reason, first), _("%(agent)s asks.", agent=first.agent)]
    return shown(title, " ".join(said), f"{home}/tasks/{first.task_id}", first.task_id)


def try_out(home: str) -> bytes:
    """What is shown to find out whether anything is."""
    return shown(_("This browser rings"), _("What asks you is shown like this."), home, "try-out")


def shown(title: str, body: str, url: str, tag: str) -> bytes:
    """One notice; a later one of the same ``tag`` takes its place."""
    while True:
        said = {
            "web_push": 8030,
            "notification": {
                "title": title,
                "body": body,
                "navigate": url,
                "tag": tag,
                "lang": spoken(),
            },
        }
        written = json.dumps(said, ensure_ascii=False).encode()
        if len(written) <= MOST_BYTES:
            return written
        body = body[: min(len(body), _MOST_LETTERS) // 2]


def headers(letter: Letter, now: datetime) -> dict[str, str]:
    """How long the push service keeps it, how much it matters, and what it takes the place of."""
    first = letter.items[0]
    return {
        "ttl": str(round(_lasts(letter.items, now).total_seconds())),
        "urgency": "high" if first.found.task.ask.risk is Risk.HIGH else "normal",
        "topic": _topic("digest" if letter.digest else first.found.task.id),
    }


def _lasts(items: Sequence[Item], now: datetime) -> timedelta:
    """Until the task closes, where it does: nobody is rung for what is over."""
    left = items[0].found.task.due_at - now
    return min(left, _LONGEST) if left > timedelta(0) else _USUAL


def _topic(text: str) -> str:
    """At most 32 letters of base64url (RFC 8030, 5.4)."""
    return base64url.encoded(hashlib.sha256(text.encode()).digest())[:32]


def _titles(cards: Sequence[Card]) -> str:
    lines = [each.title.text for each in cards[:_MOST_TITLES]]
    left = len(cards) - len(lines)
    if left > 0:
        lines.append(ngettext("and %(num)s more", "and %(num)s more", left))
    return "\n".join(lines)
