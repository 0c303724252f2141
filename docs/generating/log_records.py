"""log-records.md: what stands in the log of each event and fact, and what can be erased of it."""

from __future__ import annotations

from generating import events
from generating.markdown import Undocumented, code, document, summary, table
from signoff.core import events as e
from signoff.core import facts as f
from signoff.engine.log.fields import LAYOUTS

_INTRO = """Every event of an intent, and every *fact* beside them, is one entry of the workspace's
log. Its **leaf** is canonical JSON (RFC 8785); the hash of exactly those bytes is in the tree.

Every leaf says `schema`, `event_id` (a UUIDv7), `type`, `workspace`, `occurred_at`, `recorded_at`,
`actor` (`kind` and `ref`, an id; never a name or an address) and `software`; where they apply also
`intent`, `seq`, `task` and `agent`. Beside these, by type:

- **in the leaf**: plain, under `data`, for ever. Our own words, numbers, ids and moments, and the
  names that agents give: of intent types, steps, sleeps and actions, and all of `provenance`. Put
  nothing about a person into those.
- **committed**: `SHA-256(32 random bytes || value)`, under `commitments`. The value and the random
  bytes stand beside the leaf. `signoff audit erase` deletes both: by intent, subject, person or
  retention class, or one of these names alone with `--field`. A value that is empty has none.
- **digest**: SHA-256 of the value, under `digests`, so that it can be recognised. It stays when the
  value is erased; whoever can guess the value exactly can confirm the guess.

Not erased by anything: what is in the leaf and the digests."""

# What the class names and fields leave open. A fact that is not here takes its docstring.
_MEANS = {
    "log.read": "An auditor or administrator read the history of an intent.",
    "log.key_retired": "A key signs no more.",
    "person.added": "Somebody is in the directory from now on.",
    "webhook.added": "Another system is told what happens from now on.",
    "webhook.changed": "What another system is told, or where, was changed.",
    "webhook.rotated": "What is sent to another system is signed with a new secret.",
    "webhook.disabled": "Another system is told nothing any more, since nothing gets through.",
    "webhook.removed": "Another system is told nothing any more.",
    "webhook.redelivered": "Somebody asked for deliveries to be made again.",
    "preferences.saved": "How somebody is told beside the inbox was changed.",
    "key.made": "An API key was made.",
    "key.revoked": "An API key was revoked.",
    "settings.saved": "The settings of the workspace were changed.",
    "sign_in.succeeded": "Somebody signed in.",
    "sign_in.ended": "Somebody signed out.",
    "passkey.removed": "A passkey of somebody was removed.",
    "identity.removed": "An account somewhere else stands for somebody no more.",
    "receipt.issued": "Somebody took the receipt of a decision.",
    "notice.failed": "Somebody could not be told.",
    "notice.skipped": "There was nothing left to tell when it was due.",
    "hold.lifted": "A legal hold was lifted.",
}


def page() -> str:
    """The page, with every type that can be in a log."""
    kinds = [("Events of intents and tasks", e.BODIES), ("Facts beside them", f.FACTS)]
    return document("Log records", _INTRO, [_group(title, list(found)) for title, found in kinds])


def _group(title: str, types: list[str]) -> str:
    columns = ("type", "means", "in the leaf", "committed", "digest")
    return f"## {title}\n\n{table(columns, (_row(kind) for kind in types))}"


def _row(kind: str) -> tuple[str, ...]:
    if kind not in LAYOUTS:
        raise Undocumented(f"{kind} has no layout in signoff.engine.log.fields")
    layout = LAYOUTS[kind]
    plain = [*layout.plain, *(["dwell_us"] if kind == "task.answered" else [])]
    committed = [".".join(path) for path in layout.committed]
    return (
        code(kind),
        _means(kind),
        *(", ".join(map(code, names)) or "-" for names in (plain, committed, list(layout.digests))),
    )


def _means(kind: str) -> str:
    if kind in e.BODIES:
        return events.meaning(kind)
    return _MEANS.get(kind) or summary(f.FACTS[kind], name=kind)
