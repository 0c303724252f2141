"""The sentences in which a verdict says what it proved and what it could not check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .verify import Finding

PROVED = {
    "signed": "The log {origin} signed that it has {size} entries (key {keys}).",
    "cosigned": "Witnesses have cosigned it and saw no other history: {names} ({time}).",
    "all": "These are all {count} entries, in their order, each as it was recorded; the events of "
    "each intent ({intents}) are numbered without a gap.",
    "some": "These {count} entries are in the log, each as it was recorded.",
    "entry": "Entry {index}, {type}, is in that log as it stands here, and so are the {beside} "
    "entries beside it.",
    "opened": "Opened values, each as it was recorded: {count}.",
    "closed": "Values that are gone, for each of which an entry says that it was erased: {count}.",
    "passkeys": "Answers that are signed with a passkey of whoever gave them: {count}.",
    "since": "It continues your checkpoint of {size} entries.",
    "anchors": "Checkpoints that were given to others are of this history: {kinds}.",
    "timestamp": "Its first {size} entries existed at {when} (RFC 3161).",
}
NOT_CHECKED = {
    "pinned": "THE KEY OF THE LOG WAS NOT PINNED: whoever made this file may have made its key "
    "too. Give --policy with a key that you had from the log's operator in another way.",
    "unsigned": "THE SIGNATURE OF THE LOG: there is no key to check it with. Give --policy with "
    "the key of the log.",
    "witnesses": "Whether the log shows others another history: no policy names witnesses.",
    "part": "What was left out: this is a part of the log, chosen by whoever exported it.",
    "rest": "Whether the log has more to say, or says otherwise later: only a bundle shows that.",
    "closed": "Values that the receipt does not open: {count}.",
    "passkeys": "Signatures of passkeys whose registration is not in this file: {count}.",
    "answers": "Who answered ({count}): without a passkey's signature it is the server's word.",
    "since": "Whether this continues your checkpoint of {size} entries: the hashes for that are "
    "not in this file.",
    "anchors": "Checkpoints that were given to others, whose hashes are not here: {kinds}.",
    "timestamp": "The timestamp over {size} entries: give --tsa-roots, and install rfc3161-client.",
    "never": "What was never logged, and whether the server's clock was right.",
}


def sentences(findings: Iterable[Finding], words: Mapping[str, str]) -> list[str]:
    """Each finding as a sentence."""
    return [
        words[word].format(**{name: _written(name, value) for name, value in values.items()})
        for word, values in findings
    ]


def _written(name: str, value: object) -> object:
    if isinstance(value, dict):
        return ", ".join(f"{count} {kind}" for kind, count in sorted(value.items()))
    if name == "time" and isinstance(value, int):
        try:
            return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        except (ValueError, OverflowError, OSError):
            return "at no time there is"
    return value
