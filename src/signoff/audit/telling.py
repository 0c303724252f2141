"""What a verified receipt tells: who decided what, when, with what credential, and what was shown.

Every word comes from the receipt, so it is to be asked only once the receipt is verified.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .receipt import Proven, Receipt

_LONGEST = 300
_SHOWN = ("title", "description")


def told(receipt: Receipt) -> list[str]:
    """The story in lines, in the order of the log."""
    task = receipt.about.leaf.get("task")
    lines: list[str] = []
    for each in sorted([receipt.about, *receipt.also], key=lambda one: one.index):
        if each.leaf.get("task") in (task, None):
            lines.extend(_lines(each))
    return lines


def _lines(one: Proven) -> Iterator[str]:
    leaf, data = one.leaf, _part(one.leaf, "data")
    at, who = leaf.get("occurred_at"), _who(one)
    match leaf.get("type"):
        case "intent.submitted":
            kind = data.get("intent_type")
            yield f"{at}  {leaf.get('agent')} began a {kind}{_said(one, 'title')}"
        case "task.opened":
            yield f"{at}  {who} asked for {data.get('task_type')}{_said(one, 'ask.title')}"
        case "task.viewed":
            yield f"{at}  {who} was shown it ({data.get('channel')})"
        case "task.answered":
            yield f"{at}  {who} answered {data.get('outcome')}{_said(one, 'comment')}"
            yield f"{' ' * 27}  {_credential(data)}"
        case "task.concluded":
            yield f"{at}  decided: {data.get('outcome')}{_said(one, 'comment')}"
        case "attempt.refused":
            yield f"{at}  {who} tried {data.get('command')} and was refused ({data.get('code')})"
        case "notice.sent":
            for person in _told(data):
                yield f"{at}  {person} was told by {data.get('channel')}"
        case "answer.picked_up":
            yield f"{at}  {data.get('agent')} read the answer"
        case kind:
            yield f"{at}  {kind} ({who})"
    for name, text in one.shown.items():
        yield f"{' ' * 27}  {name} shown: {_view(text)}"


def _told(data: dict[str, Any]) -> list[Any]:
    told = data.get("told")
    found = told if isinstance(told, list) else []
    return [each.get("person_id", "a shared place") for each in found if isinstance(each, dict)]


def _credential(data: dict[str, Any]) -> str:
    credential = _part(data, "credential")
    words = [f"strength {credential.get('strength')}", f"by {credential.get('method')}"]
    if "provider" in credential:
        words.append(f"vouched for by {credential['provider']}")
    if "authenticated_at" in credential:
        words.append(f"signed in at {credential['authenticated_at']}")
    if "signature" in credential:
        words.append("signed with a passkey")
    if isinstance(dwell := data.get("dwell_us"), int):
        words.append(f"{dwell / 1e6:.1f} s after it was first shown")
    return ", ".join([*words, f"channel {data.get('channel')}"])


def _who(one: Proven) -> str:
    actor = _part(one.leaf, "actor")
    return f"{actor.get('kind')} {actor.get('ref')}"


def _said(one: Proven, name: str) -> str:
    """The value that was opened, shortened."""
    if name not in one.opened:
        return ""
    return f": {_short(one.opened[name]['value'])}"


def _view(text: str) -> str:
    """Title and description of what was shown, where it has such."""
    try:
        view = json.loads(text)
    except (ValueError, RecursionError):
        return _short(text)
    if not isinstance(view, dict):
        return _short(text)
    return _short(" / ".join(str(view[name]) for name in _SHOWN if view.get(name)) or text)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def _part(holder: Any, name: str) -> dict[str, Any]:
    found = holder.get(name)
    return found if isinstance(found, dict) else {}
