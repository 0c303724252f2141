"""What a witness answers to add-checkpoint (C2SP tlog-witness): the rules, without I/O.

A witness remembers for each log the last checkpoint it has cosigned, and cosigns a later one only
with the proof that it is a continuation. What ``judged`` returns has to be remembered durably
*before* the cosignature leaves: a witness that forgets can be shown two histories.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import checkpoint, note, tree
from .errors import Malformed, Refuted

SIZE_TYPE = "text/x.tlog.size"
MOST_PROOF_LINES = 63
LARGEST_REQUEST = 64 * 1024

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A request: the size its log believes to be known, the proof from there, and the note."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def encode(self) -> bytes:
        lines = [f"old {self.old}", *(base64.b64encode(each).decode() for each in self.proof)]
        return ("\n".join(lines) + "\n\n" + self.note).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The last checkpoint of a log that was cosigned."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that is no cosignature. ``status`` is of HTTP."""

    status: int
    body: str
    media_type: str = "text/plain"


def parsed(body: bytes) -> AddCheckpoint:
    """Read a request.

    :raises Malformed: it is none; the answer is 400.
    """
    if len(body) > LARGEST_REQUEST:
        raise Malformed("the request is too large")
    try:
        head, empty, signed = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Malformed("the request is no UTF-8") from None
    first, *lines = head.split("\n")
    old = _OLD.fullmatch(first)
    if old is None or not empty:
        raise Malformed("a request is an old size, a proof, an empty line and a checkpoint")
    if len(lines) > MOST_PROOF_LINES:
        raise Malformed(f"a proof has at most {MOST_PROOF_LINES} lines")
    return AddCheckpoint(old=int(old[1]), proof=tuple(map(_hash, lines)), note=signed)


def judged(
    asked: AddCheckpoint, logs: Mapping[str, Sequence[str]], seen: Seen | None
) -> Seen | Refusal:
    """What to remember and then cosign, or why not.

    :param logs: for each origin the keys that are trusted for it, as vkeys.
    :param seen: what is remembered of that origin; None where nothing is.
    :raises Malformed: the note is no checkpoint; the answer is 400.
    """
    new = checkpoint.parse(asked.note)
    if new.origin not in logs:
        return Refusal(status=404, body="this witness does not know that log\n")
    if not _signed(asked.note, logs[new.origin]):
        return Refusal(status=403, body="no key of that log has signed this\n")
    if asked.old > new.size:
        raise Malformed("the old size is larger than the checkpoint's")
    before = seen or Seen(origin=new.origin, size=0, root=tree.EMPTY_ROOT)
    known = Refusal(status=409, body=f"{before.size}\n", media_type=SIZE_TYPE)
    if asked.old != before.size:
        return known
    if new.size == before.size and new.root != before.root:
        return known
    if not tree.consistent(before.size, before.root, new.size, new.root, asked.proof):
        return Refusal(status=422, body="the proof does not lead from the one to the other\n")
    return Seen(origin=new.origin, size=new.size, root=new.root)


def _signed(signed: str, vkeys: Sequence[str]) -> bool:
    try:
        return bool(note.opened(signed, vkeys))
    except Refuted:
        return False


def _hash(line: str) -> bytes:
    try:
        found = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != 32 or base64.b64encode(found).decode() != line:
        raise Malformed("a line of the proof is no hash in base64")
    return found
