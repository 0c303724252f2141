"""A task on a card: what a channel shows of it, short, in the order in which it matters.

Pure. First the typed fields of what will run, then the agent's words, marked as such. Hidden
characters are escapes here already, and whatever does not fit is counted, never dropped silently:
``Cut`` says how much there is beside what is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signoff.channels import phrases
from signoff.core.plan import NoticeReason
from signoff.core.task import Task
from signoff.core.words import JSON, Risk, TaskType
from signoff.engine.ports import FoundTask
from signoff.language import _, ngettext
from signoff.visible import count_hidden, plain

MAX_FIELDS = 12
MAX_FIELD = 300
MAX_WORDS = 600
MAX_LINES = 12
MAX_TITLE = 140
_DEEPEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A text as far as it is shown; ``more`` says in words what is not, or is None."""

    text: str
    more: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One typed value: where it stands in what will run, and what it is."""

    label: str
    value: Cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of the task.

    :param word: e.g. ``Approved``.
    :param by: who decided it, where somebody did.
    """

    word: str
    tone: str
    by: str | None
    at: datetime | None
    comment: Cut | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a channel shows of a task. All of it is safe to show once the channel has escaped it.

    :param action: the name of what will run, where the task names it.
    :param fields: its arguments, or what else the task asks about, in order.
    :param more_fields: what of them is not shown, in words, or None.
    :param words: what the agent says beside it, unverified.
    :param hidden: how many hidden characters there are in all of the request.
    """

    task_id: str
    kind: str
    risk: str
    risk_word: str
    title: Cut
    agent: str
    action: str | None
    fields: tuple[Field, ...]
    more_fields: str | None
    words: Cut | None
    hidden: int
    due_at: datetime | None
    claimed_by: str | None
    ending: Ending | None

    @property
    def whole(self) -> bool:
        """Whether it shows all there is, and nothing of it is hidden."""
        cuts = [self.title, self.words, *(each.value for each in self.fields)]
        left_out = any(each is not None and each.more for each in cuts)
        return not (left_out or self.more_fields or self.hidden)

    @property
    def high(self) -> bool:
        return self.risk == Risk.HIGH


def card(found: FoundTask) -> Card:
    """Put a task on a card, in the language that is spoken."""
    task = found.task
    fields = list(_fields(task))
    left = len(fields) - MAX_FIELDS
    return Card(
        task_id=task.id,
        kind=phrases.TYPES[task.ask.type],
        risk=task.ask.risk,
        risk_word=phrases.RISKS[task.ask.risk],
        title=cut(task.ask.title, MAX_TITLE, 1),
        agent=plain(phrases.agent_name(found.agent)),
        action=_action(task),
        fields=tuple(fields[:MAX_FIELDS]),
        more_fields=(
            ngettext("and %(num)s more field", "and %(num)s more fields", left)
            if left > 0
            else None
        ),
        words=cut(task.ask.description, MAX_WORDS, MAX_LINES) if task.ask.description else None,
        hidden=hidden(found),
        due_at=task.due_at if task.live else None,
        claimed_by=plain(task.claimed_by.label) if task.live and task.claimed_by else None,
        ending=None if task.live else _ending(task),
    )


def news(reason: NoticeReason | str, shown: Card) -> str:
    """Why somebody is told, as a sentence."""
    said = {
        NoticeReason.OPENED: _("You are asked to decide."),
        NoticeReason.REMINDED: _("Nobody has decided yet. This is a reminder."),
        NoticeReason.ESCALATED: _("This has been escalated to you."),
        NoticeReason.REASSIGNED: _("You are asked instead of somebody else."),
        NoticeReason.DELEGATED: _("Somebody asks you to decide in their place."),
        NoticeReason.ADVANCED: _("Others have agreed; now you are asked."),
        NoticeReason.REVISED: _("The agent has handed in a new version."),
        NoticeReason.NOTIFIED: _("You are told of this; you need not do anything."),
        NoticeReason.COMMENTED: _("Somebody has commented."),
        NoticeReason.DECIDED: _("This has been decided."),
        NoticeReason.CLOSED: _("This has closed without a decision."),
    }
    return said.get(NoticeReason(reason), shown.kind)


def subject(reason: NoticeReason | str, shown: Card) -> str:
    """One line that says what it is about: for the subject of a mail, the title of a notice."""
    title = shown.title.text
    match NoticeReason(reason):
        case NoticeReason.REMINDED:
            return _("Reminder: %(title)s", title=title)
        case NoticeReason.ESCALATED:
            return _("Escalated to you: %(title)s", title=title)
        case NoticeReason.REVISED:
            return _("New version: %(title)s", title=title)
        case NoticeReason.COMMENTED:
            return _("Comment on: %(title)s", title=title)
        case NoticeReason.DECIDED | NoticeReason.CLOSED if shown.ending:
            return _("%(word)s: %(title)s", word=shown.ending.word, title=title)
        case _:
            return _("%(kind)s: %(title)s", kind=shown.kind, title=title)


def marked(about: str, shown: Card) -> str:
    """A line that says what it is about; where the risk is high, that comes first."""
    return _("[High risk] %(subject)s", subject=about) if shown.high else about


def together(count: int) -> str:
    """The line above several tasks that are told at once."""
    return ngettext("Signoff: %(num)s task", "Signoff: %(num)s tasks", count)


def hidden(found: FoundTask) -> int:
    """How many hidden characters the agent's part of a task holds."""
    task = found.task
    spec = {key: value for key, value in task.ask.spec.items() if key != "content"}
    drafts = [each.content for each in task.rounds]
    texts = [found.intent_title, task.ask.title, task.ask.description, spec, task.ask.schema]
    return count_hidden([*texts, task.content, *drafts])


def cut(text: str, most: int, lines: int) -> Cut:
    """The beginning of a text, its hidden characters as escapes, and how much it leaves out."""
    shown = plain(text).strip("\n")
    kept: list[str] = []
    size = 0
    rows = shown.split("\n")
    for row in rows[:lines]:
        room = most - size
        kept.append(row[:room].rstrip() if len(row) > room else row)
        size += len(row) + 1
        if size > most:
            break
    found = "\n".join(kept)
    left = len(rows) - len(kept)
    if left > 0:
        blank = sum(1 for row in rows[len(kept) :] if not row.strip())
        more = ngettext("and %(num)s more line", "and %(num)s more lines", left)
        return Cut(text=found, more=_blank(more, blank))
    over = len(shown) - len(found)
    if over > 0:
        more = ngettext("and %(num)s more character", "and %(num)s more characters", over)
        return Cut(text=found, more=more)
    return Cut(text=found)


def _blank(more: str, blank: int) -> str:
    if not blank:
        return more
    return ngettext(
        "%(more)s, %(num)s of them blank", "%(more)s, %(num)s of them blank", blank, more=more
    )


def _action(task: Task) -> str | None:
    action = task.ask.spec.get("action")
    name = action.get("name") if isinstance(action, Mapping) else None
    return plain(name) if isinstance(name, str) else None


def _fields(task: Task) -> Iterator[Field]:
    """What is decided on, as typed values, by the type of the task."""
    spec: Mapping[str, Any] = task.ask.spec
    match task.ask.type:
        case TaskType.APPROVAL:
            action = spec.get("action")
            yield from _flat(action.get("arguments") if isinstance(action, Mapping) else None)
        case TaskType.REVIEW:
            yield from _flat(task.content, _("Draft"))
        case TaskType.CONFIRMATION:
            yield from _said(_("Is this so?"), spec.get("statement"), task)
        case TaskType.CLARIFICATION:
            yield from _said(_("Question"), spec.get("question"), task)
            yield from _listed(_("Choices"), spec.get("choices"))
        case TaskType.MANUAL_ACTION:
            yield from _said(_("What to do"), spec.get("instructions"), task)
            yield from _listed(_("Checklist"), spec.get("checklist"))
        case TaskType.OVERRIDE:
            yield from _said(_("Why a takeover"), spec.get("reason"), task)
        case TaskType.ASSIGNMENT:
            yield from _listed(_("Candidates"), spec.get("candidates"))
        case TaskType.FORM:
            yield from _listed(_("To fill in"), _labels(task.ask.schema))


def _said(label: str, text: object, task: Task) -> Iterator[Field]:
    if isinstance(text, str) and text and text != task.ask.title:
        yield Field(label=label, value=cut(text, MAX_FIELD, 6))


def _listed(label: str, values: object) -> Iterator[Field]:
    if isinstance(values, Sequence) and values:
        yield Field(label=label, value=cut(", ".join(map(str, values)), MAX_FIELD, 1))


def _labels(schema: JSON) -> list[str]:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(properties, Mapping):
        return []
    return [
        str(each.get("title", name)) if isinstance(each, Mapping) else str(name)
        for name, each in properties.items()
    ]


def _flat(value: JSON, label: str = "", depth: int = 0) -> Iterator[Field]:
    """Every leaf of a value by its path, e.g. ``customer.name``."""
    match value:
        case Mapping() if value and depth < _DEEPEST:
            for key, each in value.items():
                yield from _flat(each, f"{label}.{key}" if label else str(key), depth + 1)
        case list() | tuple() if value and depth < _DEEPEST and _structured(value):
            for number, each in enumerate(value, 1):
                yield from _flat(each, f"{label}.{number}" if label else str(number), depth + 1)
        case None if not label:
            return
        case _:
            yield Field(label=plain(label)[:MAX_TITLE], value=cut(_text(value), MAX_FIELD, 6))


def _structured(values: Sequence[JSON]) -> bool:
    return any(isinstance(each, Mapping | list | tuple) for each in values)


def _text(value: JSON) -> str:
    match value:
        case str():
            return value if value else '""'
        case list() | tuple() if value and all(isinstance(each, str | int) for each in value):
            return ", ".join(map(str, value))
        case _:
            return json.dumps(value, ensure_ascii=False)


def _ending(task: Task) -> Ending:
    won = task.decision
    if won is not None:
        return Ending(
            word=phrases.outcome_word(won.outcome),
            tone=phrases.outcome_tone(won.outcome),
            by=plain(phrases.by(won.by.kind, won.by.label)),
            at=won.at,
            comment=cut(won.comment, MAX_FIELD, 6) if won.comment else None,
        )
    return Ending(
        word=phrases.ENDINGS[task.state], tone="bad", by=None, at=task.closed_at, comment=None
    )
