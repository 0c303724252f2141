"""What somebody relies on (C2SP tlog-policy): keys of logs, of witnesses, and how many of these.

A checkpoint satisfies a policy when one of its logs has signed it and its quorum has cosigned it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .errors import Malformed
from .signatures import COSIGNATURE, ED25519, parse_vkey

NONE = "none"

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """``name`` is the policy's own word; ``url`` is where it takes checkpoints."""

    name: str
    vkey: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """``groups`` has for each name how many of which members, in the order of the file."""

    logs: tuple[str, ...]
    witnesses: tuple[Witness, ...]
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    quorum: str

    def satisfied(self, cosigned: Collection[str]) -> bool:
        """Whether cosignatures of these vkeys are enough."""
        met = {each.name for each in self.witnesses if each.vkey in cosigned} | {NONE}
        for name, (needed, members) in self.groups.items():  # members are defined before
            if len(met.intersection(members)) >= needed:
                met.add(name)
        return self.quorum in met


def parse(text: str) -> Policy:
    """Read a policy file.

    :raises Malformed: it is none; the message names the line.
    """
    if _FORBIDDEN.search(text):
        raise Malformed("the policy holds control characters")
    draft = _Draft()
    for number, line in enumerate(text.split("\n"), 1):
        words = re.split("[ \t]+", line.strip(" \t"))
        if words[0] and not words[0].startswith("#"):
            try:
                draft.add(*words)
            except Malformed as error:
                raise Malformed(f"line {number} of the policy: {error}") from None
    if draft.quorum is None:
        raise Malformed("the policy has no line that says the quorum")
    return Policy(
        logs=tuple(draft.logs),
        witnesses=tuple(draft.witnesses),
        groups=draft.groups,
        quorum=draft.quorum,
    )


class _Draft:
    """What has been read so far."""

    def __init__(self) -> None:
        self.logs: list[str] = []
        self.witnesses: list[Witness] = []
        self.groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.quorum: str | None = None
        self._keys: set[tuple[int, bytes]] = set()
        self._names = {NONE}
        self._members: set[str] = {NONE}

    def add(self, word: str, *rest: str) -> None:
        match word, rest:
            case "log", (vkey,) | (vkey, _):
                self.logs.append(self._key(vkey, ED25519))
            case "witness", (name, vkey, *url) if len(url) < 2:
                found = Witness(
                    name=name, vkey=self._key(vkey, COSIGNATURE), url="".join(url) or None
                )
                self._define(name)
                self.witnesses.append(found)
            case "group", (name, needed, *members) if members:
                self.groups[name] = self._needed(needed, len(members)), self._fresh(members)
                self._define(name)
            case "quorum", (name,) if self.quorum is None and name in self._names:
                self.quorum = name
            case _:
                raise Malformed(f"{word!a} cannot be said like that here")

    def _define(self, name: str) -> None:
        if name in self._names:
            raise Malformed(f"the name {name!a} is there already")
        self._names.add(name)

    def _key(self, text: str, kind: int) -> str:
        key = parse_vkey(text)
        if key.kind != kind or (kind, key.public) in self._keys:
            raise Malformed(f"{text!a} is of another kind, or is there already")
        self._keys.add((kind, key.public))
        return key.vkey

    def _needed(self, word: str, count: int) -> int:
        if word in ("any", "all"):
            return 1 if word == "any" else count
        if not _COUNT.fullmatch(word) or int(word) > count:
            raise Malformed(f"a group of {count} needs 1 to {count}, any or all")
        return int(word)

    def _fresh(self, members: list[str]) -> tuple[str, ...]:
        for member in members:
            if member not in self._names or member in self._members:
                raise Malformed(f"{member!a} is not defined, or is a member already")
            self._members.add(member)
        return tuple(members)
