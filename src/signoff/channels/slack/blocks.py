"""What a message in Slack shows: a task as blocks, with buttons for what a button can say.

Pure. Whatever an agent or a person wrote is text of a kind that Slack does not interpret:
``plain_text`` without emoji, or the text elements of ``rich_text``. The one text that has to be
``mrkdwn``, what a phone shows before a message is opened, is escaped. Block Kit's limits are kept
by cutting, and what is cut is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from signoff.channels import phrases
from signoff.channels.answers import needs_form
from signoff.channels.card import Card, Cut, card, news, subject
from signoff.core.plan import NoticeReason
from signoff.core.task import Task
from signoff.core.words import Risk
from signoff.engine.ports import FoundTask
from signoff.language import _

Block = dict[str, Any]

ANSWER, FILL_IN, CLAIM, RELEASE, OPEN = "answer", "fill_in", "claim", "release", "open"
MAX_HEADER, MAX_BUTTON, MAX_TEXT = 150, 75, 3000
MAX_CONFIRM_TITLE, MAX_CONFIRM_TEXT = 100, 300
_MAX_FALLBACK = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """``text`` is what shows where blocks do not: on a lock screen, to a screen reader."""

    text: str
    blocks: list[Block]


def message(
    found: FoundTask, reason: NoticeReason | str, post_id: str, url: str, *, zone: tzinfo
) -> Message:
    """The message that stands for a task as it is now.

    :param post_id: what its buttons carry.
    :param url: of the page on which it is decided.
    """
    shown = card(found)
    blocks = [*_head(shown, reason), *_body(shown, zone)]
    if found.task.live:
        blocks.append(_actions(found.task, shown, post_id, url))
    else:
        blocks += _ending(shown, url, zone)
    return Message(text=escaped(subject(reason, shown)), blocks=blocks)


def note(found: FoundTask, reason: NoticeReason | str) -> Message:
    """A short line below a message that is there already: a reminder, a comment."""
    said = news(reason, card(found))
    return Message(text=escaped(said), blocks=[_section(said)])


def escaped(text: str) -> str:
    """Text as ``mrkdwn`` that means nothing but itself: no mention, no link, no channel."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain if len(plain) <= _MAX_FALLBACK else f"{plain[: _MAX_FALLBACK - 1]}…"


def plain(text: str, most: int = MAX_TEXT) -> Block:
    """Text that Slack shows as it is."""
    return {"type": "plain_text", "text": _short(text, most) or "-", "emoji": False}


def _head(shown: Card, reason: NoticeReason | str) -> Iterator[Block]:
    yield {"type": "header", "text": plain(_cut(shown.title), MAX_HEADER)}
    about = f"{shown.kind} · {shown.risk_word} · {_('from %(agent)s', agent=shown.agent)}"
    lines = [about, news(reason, shown)]
    if shown.claimed_by:
        lines.append(_("%(who)s is on it", who=shown.claimed_by))
    yield {"type": "context", "elements": [plain(line) for line in lines]}
    if shown.hidden:
        yield _section(
            _(
                "This request holds hidden characters: %(num)s. They are shown like ⟨U+202E⟩. "
                "Look closely.",
                num=shown.hidden,
            )
        )


def _body(shown: Card, zone: tzinfo) -> Iterator[Block]:
    if shown.action:
        ended = shown.ending is not None
        said = (
            _("What was asked for: %(action)s", action=shown.action)
            if ended
            else _("What will run: %(action)s", action=shown.action)
        )
        yield _section(said)
    if shown.fields:
        yield _typed(shown)
    if shown.words:
        yield {
            "type": "context",
            "elements": [plain(_("In the agent's words, unverified:"))],
        }
        yield {
            "type": "rich_text",
            "elements": [{"type": "rich_text_quote", "elements": [_text(_cut(shown.words))]}],
        }
    if shown.due_at:
        yield {"type": "context", "elements": [_due(shown.due_at, zone)]}


def _typed(shown: Card) -> Block:
    """The typed values, each with its path before it."""
    elements: list[Block] = []
    for field in shown.fields:
        if field.label:
            elements.append(_text(f"{field.label}: ", bold=True))
        elements.append(_text(f"{_cut(field.value)}\n"))
    if shown.more_fields:
        elements.append(_text(f"[{shown.more_fields}]"))
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }


def _due(due_at: datetime, zone: tzinfo) -> Block:
    """A moment that Slack shows in each reader's own zone; in words where it cannot."""
    fallback = escaped(phrases.exact(due_at, zone))
    shown = f"<!date^{int(due_at.timestamp())}^{{date_long_pretty}}, {{time}}|{fallback}>"
    return {"type": "mrkdwn", "text": _("Due %(when)s", when=shown), "verbatim": True}


def _actions(task: Task, shown: Card, post_id: str, url: str) -> Block:
    buttons: list[Block] = []
    if not shown.high and not task.awaiting_revision:
        buttons += [
            _button(task, at, outcome, shown, post_id)
            for at, outcome in enumerate(task.ask.outcomes)
        ]
    if task.claimed_by is None:
        buttons.append(_plain_button(CLAIM, _("I am on it"), post_id))
    else:
        buttons.append(_plain_button(RELEASE, _("Release it"), post_id))
    said = _("Sign in to decide") if shown.high else _("Open")
    opening = {**_plain_button(OPEN, said, post_id), "url": url}
    return {"type": "actions", "elements": [*buttons, opening]}


def _button(task: Task, at: int, outcome: str, shown: Card, post_id: str) -> Block:
    word = phrases.BUTTONS.get(outcome, phrases.outcome_word(outcome))
    form = needs_form(task.ask, outcome)
    button = _plain_button(
        f"{FILL_IN if form else ANSWER}.{at}", f"{word} …" if form else word, post_id
    )
    style = {"good": "primary", "bad": "danger"}.get(phrases.outcome_tone(outcome))
    if style:
        button["style"] = style
    if not form and task.ask.risk is not Risk.LOW:
        button["confirm"] = _confirm(word, shown)
    return button


def _confirm(word: str, shown: Card) -> Block:
    what = shown.action or _cut(shown.title)
    return {
        "title": plain(_("%(word)s?", word=word), MAX_CONFIRM_TITLE),
        "text": plain(what, MAX_CONFIRM_TEXT),
        "confirm": plain(word, 30),
        "deny": plain(_("Not yet"), 30),
    }


def _plain_button(action: str, label: str, post_id: str) -> Block:
    return {
        "type": "button",
        "action_id": action,
        "text": plain(label, MAX_BUTTON),
        "value": post_id,
    }


def _ending(shown: Card, url: str, zone: tzinfo) -> Iterator[Block]:
    ending = shown.ending
    if ending is None:
        return
    who = f" {_('by %(who)s', who=ending.by)}" if ending.by else ""
    when = f", {phrases.exact(ending.at, zone)}" if ending.at else ""
    yield _section(f"{ending.word}{who}{when}")
    if ending.comment:
        yield {
            "type": "rich_text",
            "elements": [{"type": "rich_text_quote", "elements": [_text(_cut(ending.comment))]}],
        }
    opening = {**_plain_button(OPEN, _("See what was decided"), "closed"), "url": url}
    yield {"type": "actions", "elements": [opening]}


def _section(text: str) -> Block:
    return {"type": "section", "text": plain(text)}


def _text(text: str, *, bold: bool = False) -> Block:
    element: Block = {"type": "text", "text": text or " "}
    return {**element, "style": {"bold": True}} if bold else element


def _cut(cut: Cut) -> str:
    return f"{cut.text} [{cut.more}]" if cut.more else cut.text


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
