"""Where chats are: a file an operator writes, one line for each target.

    # who                 where
    maria@acme.test       tgram://TOKEN/123456
    role:approver         discord://ID/TOKEN

Whoever is named, by mail address or as a role or group, is told at the address beside. It is one of
Apprise (https://github.com/caronc/apprise), and a secret: nothing of it is shown or recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from signoff.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Addresses, by the mail address of a person and by the token of a selector."""

    people: Mapping[str, str]
    rooms: Mapping[str, str]


def read_targets(path: Path) -> Targets:
    """Read the file.

    :raises InvalidInput: it cannot be read, or a line of it makes no sense; the error says which.
    """
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(f"it cannot be read: {type(error).__name__}") from None
    people: dict[str, str] = {}
    rooms: dict[str, str] = {}
    for who, url in _pairs(lines):
        found = rooms if who.startswith(("role:", "group:")) else people
        found[who if found is rooms else who.lower()] = url
    return Targets(people=people, rooms=rooms)


def _pairs(lines: list[str]) -> Iterator[tuple[str, str]]:
    import apprise

    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        who, _, url = line.strip().partition(" ")
        named = "@" in who or who.startswith(("role:", "group:"))
        if not named or apprise.Apprise.instantiate(url.strip()) is None:
            raise _unusable(f"line {number} is not WHO and an address that Apprise knows")
        yield who, url.strip()


def _unusable(why: str) -> InvalidInput:
    return InvalidInput.at("chat_file", f"SIGNOFF_CHAT_FILE cannot be used: {why}")
