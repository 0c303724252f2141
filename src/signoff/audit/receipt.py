"""Receipts: proofs in the format of C2SP tlog-proof, with all that they prove in ``extra``.

One file says of one entry, usually a decision, that it is in the log, and opens what its holder may
see. Beside it stand the entries that tell how it came about, each with a proof of its own against
the same checkpoint.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .entries import Entry
from .errors import Malformed
from .exact import decode_canonical, written
from .merkle import leaf_hash
from .signatures import unbase64

FIRST_LINE = "c2sp.org/tlog-proof@v1"
LONGEST = 64 * 1024 * 1024
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})", re.ASCII)
_MOST_HASHES = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """An entry with its inclusion proof.

    :param opened: for a commitment its ``salt`` in base64url and its ``value`` as JSON text.
    :param shown: for a digest of the leaf (``view``) the exact text that it is of.
    """

    index: int
    leaf: Mapping[str, Any]
    proof: Sequence[bytes]
    opened: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)

    def entry(self) -> Entry:
        """As a bundle has it."""
        return Entry(self.index, self.leaf, self.opened, leaf_hash(written(self.leaf)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """``about`` is what it is for, ``also`` the rest of the story, ``note`` the checkpoint.

    :param keys: vkeys of the log, for whoever has not pinned one.
    """

    about: Proven
    also: Sequence[Proven]
    note: str
    keys: Sequence[str] = ()

    def encode(self) -> str:
        """The receipt as a file."""
        extra = _told(self.about)
        extra["also"] = [
            _told(each) | {"index": each.index, "proof": [_base64(one) for one in each.proof]}
            for each in self.also
        ]
        if self.keys:
            extra["keys"] = list(self.keys)
        lines = [FIRST_LINE, f"extra {_base64(written(extra))}", f"index {self.about.index}"]
        return "\n".join([*lines, *map(_base64, self.about.proof), "", self.note])


def decode(text: str) -> Receipt:
    """Read a receipt; nothing in it is checked.

    :raises Malformed: it is none.
    """
    head, empty, note = text.partition("\n\n")
    first, extra, index, *proof = [*head.split("\n"), "", ""]
    number = _INDEX.fullmatch(index)
    if first != FIRST_LINE or not empty or not number or not extra.startswith("extra "):
        raise Malformed("a receipt is a first line, extra, an index, a proof and a checkpoint")
    told = decode_canonical(unbase64(extra[6:]))
    if not isinstance(told, dict) or not isinstance(told.get("also"), list):
        raise Malformed("the receipt does not say which entry it is about")
    also, keys = told.pop("also"), told.pop("keys", [])
    about = told | {"index": int(number[1]), "proof": proof[:-2]}
    if not _texts(keys):
        raise Malformed("the keys in the receipt are no texts")
    return Receipt(about=_proven(about), also=[*map(_proven, also)], note=note, keys=keys)


def _told(one: Proven) -> dict[str, Any]:
    return {"leaf": one.leaf, "open": one.opened, "shown": one.shown}


def _proven(told: Any) -> Proven:
    match told:
        case {
            "index": int(index),
            "leaf": dict(leaf),
            "open": dict(opened),
            "shown": dict(shown),
            "proof": list(proof),
        } if len(told) == 5 and _texts(proof) and _texts(shown.values()) and len(proof) < 64:
            hashes = [unbase64(each) for each in proof]
            if all(len(each) == 32 for each in hashes):
                return Proven(index=index, leaf=leaf, opened=opened, shown=shown, proof=hashes)
    raise Malformed("an entry of the receipt is not as it has to be")


def _texts(values: Any) -> bool:
    return all(isinstance(each, str) for each in values)


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
