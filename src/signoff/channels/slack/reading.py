"""What Slack sends us, read: a button that was pressed, a modal that was sent, a line in a thread.

Pure. What cannot be read is None, never half of something: whoever holds the signing secret writes
what Slack writes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from signoff.channels.slack.blocks import ANSWER, CLAIM, FILL_IN, RELEASE

TOLERANCE_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who did it, in which team and channel, and the ``trigger`` that opens a modal for them."""

    team: str
    user: str
    channel: str | None
    trigger: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button: ``verb`` is what for, ``place`` which outcome, where it is about one."""

    who: Who
    post_id: str
    verb: str
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SentIn:
    """A modal: ``values`` is what stands in it, by the names of our form's fields."""

    who: Who
    post_id: str
    place: int
    values: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A line below one of our messages."""

    team: str
    user: str
    channel: str
    thread: str
    event_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """Slack tries out the address (``url_verification``)."""

    challenge: str


Read: TypeAlias = Pressed | SentIn | Said | Greeting


def is_from_slack(
    secret: str, *, timestamp: str | None, signature: str | None, body: bytes, now: float
) -> bool:
    """Whether a request is signed with the secret, less than five minutes ago.

    https://docs.slack.dev/authentication/verifying-requests-from-slack: ``v0=`` and the HMAC-SHA256
    over ``v0:timestamp:body``, compared in constant time.
    """
    if not timestamp or not signature or not timestamp.isascii() or not timestamp.isdigit():
        return False
    if abs(now - int(timestamp[:15])) > TOLERANCE_SECONDS:
        return False
    said = b"v0:" + timestamp.encode() + b":" + body
    right = "v0=" + hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), signature.encode(errors="replace"))


def read(body: bytes, media_type: str) -> Read | None:
    """Read a request: a form with a ``payload`` for what people do, JSON for what happens."""
    try:
        if media_type == "application/json":
            return _event(_object(json.loads(body)))
        fields = parse_qs(body.decode(), strict_parsing=True, max_num_fields=20)
        return _interaction(_object(json.loads(fields["payload"][0])))
    except (KeyError, IndexError, TypeError, ValueError, RecursionError):
        return None


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def _event(said: Mapping[str, Any]) -> Read | None:
    if said.get("type") == "url_verification":
        return Greeting(challenge=_text(said["challenge"]))
    event = _object(said.get("event", {}))
    plain = event.get("type") == "message" and not event.get("subtype") and not event.get("bot_id")
    if said.get("type") != "event_callback" or not plain or "thread_ts" not in event:
        return None
    return Said(
        team=_text(said["team_id"]),
        user=_text(event["user"]),
        channel=_text(event["channel"]),
        thread=_text(event["thread_ts"]),
        event_id=_text(said["event_id"]),
        text=_text(event["text"]),
    )


def _interaction(said: Mapping[str, Any]) -> Read | None:
    match said.get("type"):
        case "block_actions":
            return _pressed(said)
        case "view_submission":
            return _sent_in(said)
        case _:
            return None


def _pressed(said: Mapping[str, Any]) -> Pressed | None:
    action = _object(said["actions"][0])
    verb, _, place = _text(action["action_id"]).partition(".")
    if verb not in (ANSWER, FILL_IN, CLAIM, RELEASE):
        return None
    return Pressed(who=_who(said), post_id=_text(action["value"]), verb=verb, place=int(place or 0))


def _sent_in(said: Mapping[str, Any]) -> SentIn:
    view = _object(said["view"])
    about = _object(json.loads(_text(view["private_metadata"])))
    values: dict[str, tuple[str, ...]] = {}
    for block in _object(view["state"]["values"]).values():
        for name, state in _object(block).items():
            values[str(name)] = _state(_object(state))
    return SentIn(
        who=_who(said),
        post_id=_text(about["post"]),
        place=int(about["place"]),
        values=values,
    )


def _state(state: Mapping[str, Any]) -> tuple[str, ...]:
    """What stands in one element of a modal, as a form would post it."""
    if isinstance(chosen := state.get("selected_options"), list):
        return tuple(_text(each["value"]) for each in chosen)
    if isinstance(one := state.get("selected_option"), Mapping):
        return (_text(one["value"]),)
    for name in ("value", "selected_date", "selected_time"):
        if isinstance(text := state.get(name), str):
            return (text,)
    return ("",)


def _who(said: Mapping[str, Any]) -> Who:
    channel = said.get("channel")
    return Who(
        team=_text(said["team"]["id"]),
        user=_text(said["user"]["id"]),
        channel=_text(channel["id"]) if isinstance(channel, Mapping) else None,
        trigger=_text(said["trigger_id"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
