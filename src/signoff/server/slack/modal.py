"""The form of a task as a modal in Slack: the same fields as on its page, as Block Kit inputs.

Pure. A form that has something Slack has no input for is no modal: it is filled in on the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from signoff.channels import phrases
from signoff.channels.slack.blocks import Block, plain
from signoff.core.judging import favourable
from signoff.core.task import Task
from signoff.core.words import Demand
from signoff.language import _
from signoff.server.inbox.fields import (
    Choice,
    Choices,
    Field,
    Fixed,
    Flag,
    Group,
    Lines,
    Money,
    Number,
    Posted,
    Text,
)
from signoff.server.inbox.questions import needs_comment, question
from signoff.visible import plain as visible

MAX_TITLE, MAX_SUBMIT, MAX_BLOCKS, MAX_OPTIONS = 24, 24, 100, 100
MAX_OPTION_TEXT, MAX_OPTION_VALUE, MAX_INPUT, MAX_INITIAL = 75, 150, 3000, 3000
COMMENT, EVIDENCE = "comment", "evidence"


def modal(task: Task, place: int, post_id: str) -> Mapping[str, Any] | None:
    """The modal in which an outcome is filled in, or None where Slack cannot hold its form.

    :param place: which of the task's outcomes.
    """
    outcome = task.ask.outcomes[place]
    form = question(task) if favourable(task.ask, outcome) else None
    try:
        fields = [] if form is None else list(_inputs(form))
    except _NoInput:
        return None
    blocks = [*fields, *_beside(task, outcome)]
    if len(blocks) > MAX_BLOCKS:
        return None
    word = phrases.BUTTONS.get(outcome, phrases.outcome_word(outcome))
    about = {"type": "section", "text": plain(visible(task.ask.title))}
    return {
        "type": "modal",
        "callback_id": "answer",
        "private_metadata": json.dumps({"post": post_id, "place": place}),
        "title": plain(word, MAX_TITLE),
        "submit": plain(word, MAX_SUBMIT),
        "close": plain(_("Not yet"), MAX_SUBMIT),
        "blocks": [about, *blocks],
    }


def posted(task: Task, place: int, values: Mapping[str, tuple[str, ...]]) -> Posted:
    """What was sent in, as the page's form would post it."""
    return {**values, "outcome": (task.ask.outcomes[place],)}


def wrong(errors: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> Mapping[str, str]:
    """Errors beside the blocks they are about; the first block takes what is about none.

    :param errors: what is wrong, by the path of a field.
    :param names: the block of each path.
    """
    found: dict[str, str] = {}
    for path, messages in errors.items():
        block = names.get(path) or next(iter(names.values()), COMMENT)
        found[block] = " ".join((found.get(block, ""), *messages)).strip()
    return found


def blocks_of(task: Task) -> Mapping[str, str]:
    """For the path of each field the id of its block."""
    form = question(task)
    found = dict(_places(form)) if form is not None else {}
    return {**found, COMMENT: COMMENT, EVIDENCE: EVIDENCE}


def _places(field: Field) -> Iterator[tuple[str, str]]:
    yield field.path, _block_id(field)
    if isinstance(field, Group):
        for child in field.children:
            yield from _places(child)


class _NoInput(Exception):
    """Slack has no input for this field."""


def _inputs(field: Field) -> Iterator[Block]:
    match field:
        case Group(children=children, parts=()):
            for child in children:
                yield from _inputs(child)
        case Fixed():
            return
        case Text() | Money() | Number() | Lines():
            yield _input(field, _typed(field))
        case Flag():
            yield _input(field, _flag(field), needed=False)
        case Choice() | Choices() if len(field.options) <= MAX_OPTIONS:
            yield _input(field, _chosen(field))
        case _:
            raise _NoInput


def _input(field: Field, element: Block, *, needed: bool | None = None) -> Block:
    required = field.required and not field.nullable if needed is None else needed
    hints = [each for each in (field.help, *field.hints) if each]
    block: Block = {
        "type": "input",
        "block_id": _block_id(field),
        "label": plain(visible(field.label or _("Your answer")), 2000),
        "element": {"action_id": field.name, **element},
        "optional": not required,
    }
    if hints:
        block["hint"] = plain(visible(" ".join(hints)), 2000)
    return block


def _block_id(field: Field) -> str:
    return field.id[:255]


def _typed(field: Text | Money | Number | Lines) -> Block:
    if len(field.shown) > MAX_INITIAL or len(field.name) > 255:
        raise _NoInput
    if isinstance(field, Text) and field.input_type == "date":
        shown = {"initial_date": field.shown} if field.shown else {}
        return {"type": "datepicker", **shown}
    if isinstance(field, Text) and field.input_type == "datetime-local":
        raise _NoInput  # Slack's picker knows no zone
    many = isinstance(field, Lines) or (isinstance(field, Text) and field.multiline)
    element: Block = {"type": "plain_text_input", "multiline": many}
    if isinstance(field, Text) and field.max_length is not None:
        element["max_length"] = min(field.max_length, MAX_INPUT)
    return {**element, "initial_value": field.shown} if field.shown else element


def _flag(field: Flag) -> Block:
    option = {"text": plain(visible(field.label), MAX_OPTION_TEXT), "value": "yes"}
    element: Block = {"type": "checkboxes", "options": [option]}
    return {**element, "initial_options": [option]} if field.shown else element


def _chosen(field: Choice | Choices) -> Block:
    options = {
        each.key: {"text": plain(visible(each.label), MAX_OPTION_TEXT), "value": each.key}
        for each in field.options
    }
    if any(len(key) > MAX_OPTION_VALUE or not key for key in options):
        raise _NoInput
    listed = list(options.values())
    if isinstance(field, Choices):
        picked = [options[key] for key in options if key in field.shown]
        many: Block = {"type": "multi_static_select", "options": listed}
        if picked:
            many["initial_options"] = picked
        return many
    one: Block = {"type": "static_select", "options": listed}
    if field.shown in options:
        one["initial_option"] = options[field.shown]
    return one


def _beside(task: Task, outcome: str) -> Iterator[Block]:
    """What an answer takes beside its form: why, and what shows it."""
    needed = needs_comment(task.ask, outcome)
    yield _box(COMMENT, _("Comment"), needed=needed)
    if task.ask.evidence is Demand.REQUIRED and favourable(task.ask, outcome):
        yield _box(EVIDENCE, _("Evidence: a link or a reference number, one per line"), needed=True)


def _box(name: str, label: str, *, needed: bool) -> Block:
    element = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": True,
        "max_length": MAX_INPUT,
    }
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2000),
        "element": element,
        "optional": not needed,
    }
