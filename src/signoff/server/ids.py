"""The ids of things: made here, in the order of time, and recognised by their shape.

What is not shaped like an id names nothing, so it gets the same 404 as an id nobody issued.
"""

from __future__ import annotations

import re

import uuid6

from signoff.core.routing import names_person
from signoff.core.words import IntentId, KeyId, PersonId, TaskId
from signoff.errors import NotFound

INTENT_ID = r"^int_[0-9a-f]{32}$"
TASK_ID = r"^task_[0-9a-f]{32}(-handover)?$"
PERSON_ID = r"^per_[0-9a-f]{32}$"
KEY_ID = r"^key_[0-9a-f]{32}$"
EMAIL = r"^[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,190}$"

_INTENT = re.compile(INTENT_ID)
_TASK = re.compile(TASK_ID)
_PERSON = re.compile(f"{PERSON_ID}|{EMAIL}")
_KEY = re.compile(KEY_ID)


def new_intent_id() -> IntentId:
    return IntentId(f"int_{uuid6.uuid7().hex}")


def new_task_id() -> TaskId:
    return TaskId(f"task_{uuid6.uuid7().hex}")


def new_person_id() -> PersonId:
    return PersonId(f"per_{uuid6.uuid7().hex}")


def new_key_id() -> KeyId:
    return KeyId(f"key_{uuid6.uuid7().hex}")


def intent_id(text: str) -> IntentId:
    """Read the id of an intent from a path.

    :raises NotFound: it is not shaped like one.
    """
    return IntentId(_named(_INTENT, text, "intent"))


def task_id(text: str) -> TaskId:
    return TaskId(_named(_TASK, text, "task"))


def key_id(text: str) -> KeyId:
    return KeyId(_named(_KEY, text, "key"))


def person_reference(text: str) -> str:
    """Read a person's id or mail address, in lower case as people are filed."""
    return _named(_PERSON, names_person(text) or text, "person")


def no_such(what: str) -> NotFound:
    """The one 404: unknown, foreign, not yours to see, or no id at all."""
    return NotFound(f"there is no such {what} in this workspace, or this key may not see it")


def _named(shape: re.Pattern[str], text: str, what: str) -> str:
    if not shape.fullmatch(text) or text.endswith("\n"):
        raise no_such(what)
    return text
