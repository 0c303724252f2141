"""What every converted record says of where it comes from, and how its leaf is hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Entry = Mapping[str, Any]
"""One line of a bundle: ``index``, ``leaf`` and ``open``."""


@dataclass(frozen=True, kw_only=True)
class About:
    """The log that the entries were proven to be in.

    :param size: how many entries the checkpoint covers: the whole population.
    :param root: the root hash of the checkpoint, in hex.
    :param key: the verifier key by which the checkpoint was checked.
    :param entries: how many of them are in this export.
    :param chosen: in words, by what they were chosen; all of them where empty.
    """

    origin: str
    workspace: str
    size: int
    root: str
    key: str
    entries: int
    chosen: str = ""

    @property
    def complete(self) -> bool:
        """Whether every entry that the checkpoint covers is here."""
        return self.entries == self.size


def text_of(value: object) -> str:
    """Canonical JSON of what was read from canonical JSON: keys in order, nothing between."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def leaf_hash(entry: Entry) -> str:
    """The hash of the entry's leaf in the tree, in hex (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\0" + text_of(entry["leaf"]).encode()).hexdigest()


def opened(entry: Entry) -> dict[str, Any]:
    """The values that were opened, by name."""
    return {name: json.loads(found["value"]) for name, found in entry["open"].items()}
