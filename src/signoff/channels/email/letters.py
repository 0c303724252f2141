"""What a mail says: its headers, its text, and the same as HTML.

Pure. Nothing of what an agent or a person wrote becomes a header but on one line, or HTML but
escaped. A mail loads nothing from anywhere, and holds at most one link to act on: to the page on
which the task is decided, never one per outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from typing import Any

import jinja2

from signoff import language
from signoff.channels import phrases
from signoff.channels.card import Card, card, marked, news, subject, together
from signoff.engine.channels import Item, Letter, Reader

CODE_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the reader of a mail comes to the task.

    :param url: of the page on which it is decided.
    :param code: what they have to type there beside, where it asks for that.
    :param until: until when the address is good for an answer; None where it takes signing in.
    :param reply_to: where a reply answers, and ``replies`` with which words, where one may.
    """

    url: str
    code: str | None = None
    until: datetime | None = None
    reply_to: str | None = None
    replies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every mail of one server has.

    :param sender: the address it is from; ``domain`` is that of the ids of messages.
    :param home: the address of the inbox.
    """

    sender: str
    domain: str
    home: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """One task as the templates show it."""

    card: Card
    news: str
    way: Way
    due: str | None
    ended: str | None
    code: str | None
    until: str | None


def mail(
    letter: Letter, ways: Mapping[str, Way], envelope: Envelope, *, now: datetime
) -> EmailMessage:
    """Write a letter as a mail, in the language of its reader.

    :param ways: by the id of each notice, how its task is reached.
    :raises ValueError: the reader's address cannot be one of a mail.
    """
    reader = letter.reader
    assert reader is not None, "a mail goes to a person"
    with language.speaking(reader.chosen.language):
        shown = [_shown(item, ways[item.notice.id], reader.zone, now) for item in letter.items]
        written = _headers(letter, reader, envelope, _subject(letter, shown), now)
        reply_to = shown[0].way.reply_to
        if reply_to is not None and not letter.digest:
            written["Reply-To"] = Address(addr_spec=reply_to)
        context = {
            "shown": shown,
            "digest": letter.digest,
            "home": envelope.home,
            "lang": language.spoken(),
        }
        written.set_content(_render("mail.txt", context))
        written.add_alternative(_render("mail.html", context), subtype="html")
    return written


def message_id(letter_id: str, domain: str) -> str:
    """The ``Message-ID`` of a letter: the same whenever the same is sent again."""
    return f"<{letter_id}@{domain}>"


def thread_of(task_id: str, domain: str) -> str:
    """What every mail about a task refers to, so that they are one thread (RFC 5322, 3.6.4)."""
    return f"<{task_id}@{domain}>"


def spaced(code: str) -> str:
    """A code as people read it: ``482 173``."""
    half = CODE_DIGITS // 2
    return f"{code[:half]} {code[half:]}"


def _headers(
    letter: Letter, reader: Reader, envelope: Envelope, about: str, now: datetime
) -> EmailMessage:
    written = EmailMessage()
    written["From"] = Address("Signoff", addr_spec=envelope.sender)
    written["To"] = Address(_display(reader.person.name), addr_spec=reader.person.email)
    written["Subject"] = about
    written["Date"] = format_datetime(now)
    written["Message-ID"] = message_id(letter.id, envelope.domain)
    if not letter.digest:
        thread = thread_of(letter.items[0].found.task.id, envelope.domain)
        written["In-Reply-To"] = thread
        written["References"] = thread
    written["Auto-Submitted"] = "auto-generated"
    written["X-Auto-Response-Suppress"] = "All"
    written["Content-Language"] = language.spoken()
    return written


def _display(name: str) -> str:
    """A name as it may stand in a header: one line, without what is not seen."""
    return "".join(letter for letter in name if letter.isprintable())[:100]


def _subject(letter: Letter, shown: list[_Shown]) -> str:
    if letter.digest:
        return together(len(shown))
    first = shown[0].card
    return marked(subject(letter.items[0].notice.reason, first), first)


def _shown(item: Item, way: Way, zone: tzinfo, now: datetime) -> _Shown:
    laid = card(item.found)
    return _Shown(
        card=laid,
        news=news(item.notice.reason, laid),
        way=way,
        due=_moment(laid.due_at, zone, now),
        ended=_moment(laid.ending.at if laid.ending else None, zone, now),
        code=spaced(way.code) if way.code else None,
        until=_moment(way.until, zone, now),
    )


def _moment(moment: datetime | None, zone: tzinfo, now: datetime) -> str | None:
    """A moment exactly and in words, for a mail may be read whenever: ``..., in 3 hours``."""
    if moment is None:
        return None
    return f"{phrases.exact(moment, zone)} ({phrases.relative(moment, now)})"


def _render(template: str, context: Mapping[str, Any]) -> str:
    return _environment().get_template(template).render(**context)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.plural, newstyle=True
    )
    environment.filters["indented"] = _indented
    return environment


def _indented(text: str, mark: str) -> str:
    return "\n".join(f"{mark}{line}" for line in text.split("\n"))
