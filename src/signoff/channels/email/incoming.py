"""Mail that comes in: a bounce of ours, or a reply that answers. Pure.

Whoever can write a mail can write anything in it. A reply counts only with what our own provider
says of it: that the domain it is from stands behind it (DMARC, RFC 7489), in a header that nobody
but the provider can have written, since it strips those that claim to be its own (RFC 8601, 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses
from typing import TypeAlias

PREFIX = "reply+"
MAX_SIZE = 1_000_000
_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>\s]{1,300}>)", re.IGNORECASE | re.MULTILINE)
_TOKEN = re.compile(r"[a-z2-7]{52}")
_RECIPIENTS = ("delivered-to", "x-original-to", "to", "cc")
_QUOTED = re.compile(r"^\s*(>|\|)")
_INTRODUCES = re.compile(
    r"^\s*(on .+ wrote:|am .+ schrieb.*:|-{2,}\s*(original|forwarded).*)$", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced:
    """A mail of ours did not arrive.

    :param message_id: of the mail.
    :param status: why, as an enhanced status code (RFC 3463), e.g. ``5.1.1``.
    """

    message_id: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """Somebody replied to a mail that a reply answers.

    :param token: of the address it came to.
    :param sender: the address it says it is from.
    :param vouched: whether our provider says that this address's domain stands behind it.
    :param word: its first line that is nobody else's words, in lower case.
    """

    token: str
    sender: str
    vouched: bool
    word: str
    message_id: str


Incoming: TypeAlias = Bounced | Replied


def read(raw: bytes, *, domain: str, provider: str) -> Incoming | None:
    """Read a mail; None where it is neither.

    :param domain: of the addresses that replies come to.
    :param provider: the id by which our provider signs what it finds out (``authserv-id``).
    """
    mail: EmailMessage = message_from_bytes(raw, policy=policy.default)
    try:
        return _bounced(mail) or _replied(mail, domain.lower(), provider.lower())
    except (KeyError, LookupError, TypeError, ValueError, AttributeError, IndexError):
        return None  # parsers of others read what anybody wrote: whatever these raise


def _bounced(mail: EmailMessage) -> Bounced | None:
    """A delivery report (RFC 3464) of a failure, with the headers of the mail it is about."""
    if mail.get_content_type() != "multipart/report":
        return None
    status, about = None, None
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            status = status or _failed(part)
        elif kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            about = about or _message_id(part)
    return Bounced(message_id=about, status=status) if status and about else None


def _failed(part: Message) -> str | None:
    for each in _inside(part):
        if str(each.get("action", "")).strip().lower() == "failed":
            found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})", str(each.get("status", "")))
            return found[1] if found else "5.0.0"
    return None


def _message_id(part: Message) -> str | None:
    for inner in _inside(part):
        if (head := inner.get("message-id")) is not None:
            return str(head).strip()
    text = part.get_payload(decode=True)
    found = _MESSAGE_ID.search(text) if isinstance(text, bytes) else None
    return found[1].decode() if found else None


def _inside(part: Message) -> list[Message]:
    """The messages a part is made of, where it is made of any."""
    found = part.get_payload()
    return [each for each in found if isinstance(each, Message)] if isinstance(found, list) else []


def _replied(mail: EmailMessage, domain: str, provider: str) -> Replied | None:
    token = next(_tokens(mail, domain), None)
    senders = getaddresses([str(each) for each in mail.get_all("from", [])])
    if token is None or len(senders) != 1:
        return None
    sender = senders[0][1].strip().lower()
    return Replied(
        token=token,
        sender=sender,
        vouched=_vouched(mail, sender, provider),
        word=_first_line(mail),
        message_id=str(mail.get("message-id", "")).strip()[:300],
    )


def _tokens(mail: EmailMessage, domain: str) -> Iterator[str]:
    named = [str(each) for name in _RECIPIENTS for each in mail.get_all(name, [])]
    for _, address in getaddresses(named):
        local, _, where = address.strip().lower().rpartition("@")
        token = local.removeprefix(PREFIX)
        if where == domain and local.startswith(PREFIX) and _TOKEN.fullmatch(token):
            yield token


def _vouched(mail: EmailMessage, sender: str, provider: str) -> bool:
    """Whether the first result that our provider added says that DMARC passed for this domain."""
    if not provider:
        return False
    for header in mail.get_all("authentication-results", []):
        who, _, results = " ".join(str(header).split()).partition(";")
        if who.split(" ")[0].strip().lower() != provider:
            continue
        return any(_passed(each.strip().lower(), sender) for each in _without_comments(results))
    return False


def _passed(result: str, sender: str) -> bool:
    words = result.split()
    if not words or words[0] != "dmarc=pass":
        return False
    domain = sender.rpartition("@")[2]
    return f"header.from={domain}" in words or f"header.from={sender}" in words


def _without_comments(results: str) -> list[str]:
    """The results apart, without what stands in brackets: that may hold anything."""
    plain, depth = [], 0
    for letter in results:
        depth += (letter == "(") - (letter == ")" and depth > 0)
        if depth == 0 and letter != ")":
            plain.append(letter)
    return "".join(plain).split(";")


def _first_line(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    text = str(body.get_content()) if body is not None else ""
    for line in text[:20_000].splitlines():
        if _QUOTED.match(line) or _INTRODUCES.match(line):
            return ""
        if line.strip():
            return line.strip().lower()[:100]
    return ""
