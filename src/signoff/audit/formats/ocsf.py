"""OCSF 1.9 in JSON, one event a line: class API Activity with the profile ``record_integrity``.

The attestation's fingerprint is over the record itself in canonical form (RFC 8785), without the
fingerprint, as the profile says, and each record names the one before it; ``raw_data`` is the exact
leaf, so that the record leads back to the log, whose tree and signature are the stronger proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from .about import About, Entry, leaf_hash, text_of

VERSION = "1.9.0"
_CATEGORY, _CLASS = 6, 6003
_CREATE, _READ, _UPDATE, _DELETE = 1, 2, 3, 4
_ACTIVITY = {
    "submitted": _CREATE,
    "opened": _CREATE,
    "recorded": _CREATE,
    "added": _CREATE,
    "made": _CREATE,
    "placed": _CREATE,
    "viewed": _READ,
    "read": _READ,
    "exported": _READ,
    "issued": _READ,
    "picked_up": _READ,
    "done": _DELETE,
    "revoked": _DELETE,
    "removed": _DELETE,
    "lifted": _DELETE,
}
_NAMES = {_CREATE: "Create", _READ: "Read", _UPDATE: "Update", _DELETE: "Delete"}
_INFORMATIONAL, _LOW = 1, 2
_SUCCESS, _FAILURE = 1, 2


def convert(entries: Iterable[Entry], about: About) -> Iterator[str]:
    """Yield one event for each entry."""
    before: tuple[str, dict[str, Any]] | None = None
    for entry in entries:
        event = _event(entry, about)
        attestation = event["attestation"]
        if before is not None:
            attestation["prev_event"] = {"uid": before[0], "fingerprint": before[1]}
        digest = hashlib.sha256(text_of(event).encode()).hexdigest()
        attestation["fingerprint"] = _sha256(digest)
        before = event["metadata"]["uid"], attestation["fingerprint"]
        yield text_of(event) + "\n"


def _event(entry: Entry, about: About) -> dict[str, Any]:
    leaf = entry["leaf"]
    raw = text_of(leaf)
    activity = _ACTIVITY.get(leaf["type"].rpartition(".")[2], _UPDATE)
    failed = leaf["type"] in ("attempt.refused", "notice.failed")
    return {
        "category_uid": _CATEGORY,
        "category_name": "Application Activity",
        "class_uid": _CLASS,
        "class_name": "API Activity",
        "activity_id": activity,
        "activity_name": _NAMES[activity],
        "type_uid": _CLASS * 100 + activity,
        "type_name": f"API Activity: {_NAMES[activity]}",
        "time": _milliseconds(leaf["occurred_at"]),
        "severity_id": _LOW if failed else _INFORMATIONAL,
        "severity": "Low" if failed else "Informational",
        "status_id": _FAILURE if failed else _SUCCESS,
        "status": "Failure" if failed else "Success",
        "message": leaf["type"],
        "actor": _actor(leaf["actor"]),
        "api": {"operation": leaf["type"], "service": {"name": "signoff"}},
        "src_endpoint": {"name": leaf.get("data", {}).get("channel", "signoff")},
        "resources": [
            {"uid": leaf[kind], "type": kind} for kind in ("intent", "task") if kind in leaf
        ],
        "metadata": {
            "version": VERSION,
            "profiles": ["record_integrity"],
            "product": {"name": "Signoff", "vendor_name": "Signoff", "version": leaf["software"]},
            "uid": leaf["event_id"],
            "log_name": about.origin,
            "sequence": entry["index"],
            "logged_time": _milliseconds(leaf["recorded_at"]),
            "tenant_uid": leaf["workspace"],
        },
        "attestation": {
            "uid": leaf["event_id"],
            "authority_uid": about.key,
            "chain_uid": about.origin,
        },
        "raw_data": raw,
        "raw_data_hash": _sha256(hashlib.sha256(raw.encode()).hexdigest()),
        "unmapped": {
            "index": entry["index"],
            "tree_size": about.size,
            "root_hash": about.root,
            "leaf_hash": leaf_hash(entry),
            "opened": {name: found["value"] for name, found in entry["open"].items()},
        },
    }


def _actor(actor: dict[str, str]) -> dict[str, Any]:
    if actor["kind"] == "person":
        return {"user": {"uid": actor["ref"], "type": "User", "type_id": 1}}
    return {"app_name": actor["ref"], "app_uid": actor["kind"]}


def _sha256(value: str) -> dict[str, Any]:
    return {"algorithm": "SHA-256", "algorithm_id": 3, "value": value}


def _milliseconds(moment: str) -> int:
    at = datetime.fromisoformat(moment)
    return int(at.timestamp()) * 1000 + at.microsecond // 1000
