"""Checkpoints (C2SP tlog-checkpoint): a log's origin, size and root, as the text of a note."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from .errors import Malformed
from .merkle import HASH_SIZE
from .signatures import split, unbase64

_NONE = "the note is no checkpoint: an origin, a size and a root hash"
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a log says of itself: ``size`` leaves have this ``root``."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def encode(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extensions))


def parse(note: str) -> Checkpoint:
    """Read the checkpoint that a signed note holds; its signatures are not looked at.

    :raises Malformed: it holds none.
    """
    text, _ = split(note)
    lines = text.split("\n")[:-1]
    if len(lines) < 3:
        raise Malformed(_NONE)
    origin, size, encoded, *extensions = lines
    root, found = unbase64(encoded), None
    if origin and _SIZE.fullmatch(size) and len(root) == HASH_SIZE and all(extensions):
        found = Checkpoint(origin=origin, size=int(size), root=root, extensions=tuple(extensions))
    if found is None or found.encode() != text:
        raise Malformed(_NONE)
    return found
