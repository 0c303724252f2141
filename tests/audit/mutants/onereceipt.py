"""The receipt that is mutated, and which entry of a changed one is the first bad one.

It is read here for a second time, without anything of the verifier.
"""

from __future__ import annotations

import base64
import json
from binascii import Error
from hashlib import sha256
from typing import Any

import rfc8785

from tests.audit import building
from tests.audit.mutants.histories import FULL
from tests.audit.mutants.notes import COSIGNERS, LOGS, key_of
from tests.audit.mutants.specimens import PASSKEYS, Witnessed

LOG = Witnessed(FULL)
ABOUT = next(at for at, each in enumerate(FULL) if each.leaf["type"] == "task.concluded")
ALSO = [4 + PASSKEYS.index(PASSKEYS[1]), *range(ABOUT - 4, ABOUT)]
TEXT = building.receipt(LOG, ABOUT, ALSO, keys=True)
LINES = TEXT.split("\n")
EXTRA = json.loads(base64.b64decode(LINES[1][6:]))
PROOF = range(3, LINES.index(""))


def expected(data: bytes) -> int | None:
    """The first bad entry, by what this text says other than the true one; none if unreadable."""
    try:
        lines = data.decode().split("\n")
        end = lines.index("")
        extra = _extra(lines[1])
    except (UnicodeDecodeError, ValueError, IndexError):
        return None
    if lines[0] != LINES[0] or lines[end:] != LINES[LINES.index("") :]:
        return None
    try:
        own = int(lines[2].removeprefix("index "))
        if lines[2] != f"index {own}" or not 0 <= own < 10**16:
            return None
        proof = [_unbase64(each, 32) for each in lines[3:end]]
        told = [_shape(one) for one in _all_told(extra, own, proof)]
    except (ValueError, KeyError, TypeError):
        return None
    true = _all_told(EXTRA, ABOUT, [LINES[each] for each in PROOF])
    wrong = [one["index"] for one in told if not any(_fits(one, each) for each in true)]
    indices = [one["index"] for one in told]
    wrong += [index for index in indices if indices.count(index) > 1]
    return min(wrong, default=None)


def _all_told(extra: dict[str, Any], own: int, proof: list[str]) -> list[dict[str, Any]]:
    about = {name: value for name, value in extra.items() if name not in ("also", "keys")}
    if not isinstance(extra["also"], list) or not isinstance(extra.get("keys", []), list):
        raise TypeError
    if not all(isinstance(each, str) for each in extra.get("keys", [])):
        raise TypeError
    return [about | {"index": own, "proof": proof}, *extra["also"]]


def _fits(one: dict[str, Any], true: dict[str, Any]) -> bool:
    """Whether it is that entry, with no more opened, and nothing shown but what it is of."""
    digests = one["leaf"].get("digests", {})
    return (
        all(one[name] == true[name] for name in ("index", "leaf", "proof"))
        and one["open"].items() <= true["open"].items()
        and all(
            digests.get(name) == f"sha256:{sha256(text.encode()).hexdigest()}"
            for name, text in one["shown"].items()
        )
    )


def is_true(one: dict[str, Any]) -> bool:
    return any(_fits(one, each) for each in EXTRA["also"])


def _shape(one: Any) -> dict[str, Any]:
    """:raises TypeError: it is not what an entry in a receipt has to be."""
    types = {"index": int, "leaf": dict, "open": dict, "shown": dict, "proof": list}
    if (
        not isinstance(one, dict)
        or one.keys() != types.keys()
        or not all(type(one[key]) is types[key] for key in types)
    ):
        raise TypeError
    if not all(isinstance(each, str) for each in one["shown"].values()):
        raise TypeError
    if len(one["proof"]) > 63:  # of no tree
        raise ValueError
    for each in one["proof"]:
        _unbase64(each, 32)
    return one


def _extra(line: str) -> dict[str, Any]:
    if not line.startswith("extra "):
        raise ValueError
    raw = base64.b64decode(_unbase64(line[6:]))
    value = json.loads(raw, parse_float=_refused)
    try:
        if not isinstance(value, dict) or rfc8785.dumps(value) != raw:
            raise ValueError
    except rfc8785.CanonicalizationError:
        raise ValueError from None
    return value


def _unbase64(text: str, length: int | None = None) -> str:
    """:raises ValueError: it is not base64 as it is written, or not of so many bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except Error:
        raise ValueError from None
    if base64.b64encode(raw).decode() != text or len(raw) != (length or len(raw)):
        raise ValueError
    return text


def _refused(text: str) -> None:
    raise ValueError(text)


def of_unknown_key(changed: bytes) -> bool:
    """Whether all that is other is that a signature of the log is gone or of an unknown key: that
    of its other key is there, and enough."""
    try:
        head, _, tail = changed.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        return False
    true_head, _, true_tail = TEXT.rpartition("\n\n")
    if head != true_head:
        return False
    true, now = true_tail.split("\n"), tail.split("\n")
    first, second, *witnesses = true
    kept = [each for each in now if each in (first, second)]
    others = [each for each in now if each not in true]
    if [each for each in now if each in witnesses] != witnesses or not kept or len(others) > 1:
        return False
    return not others or all(map(_strange, others))


def _strange(line: str) -> bool:
    """Whether it is a signature by a key that nobody knows."""
    found = key_of(line)
    return found is not None and found not in LOGS | COSIGNERS
