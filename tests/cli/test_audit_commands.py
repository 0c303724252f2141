"""``signoff audit``: what is taken verifies; what is wrong is refused, in words and by code."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from signoff.cli.failures import USAGE
from tests.cli.asking import asked
from tests.cli.conftest import Terminal
from tests.cli.served import signoff as process


def decided(signoff: Terminal, **fields: Any) -> str:
    """A task that its manager has approved."""
    email, key = signoff.person("approver")
    task = asked(signoff, assignee=email, **fields)
    done = signoff("tasks", "approve", task["id"], "--comment", "Fine", key=key)
    assert done.code == 0, done.err
    return str(task["id"])


def test_a_receipt_is_taken_and_verified_by_anybody(signoff: Terminal, tmp_path: Path) -> None:
    task = decided(signoff)
    path = tmp_path / "one.tlog-proof"

    taken = signoff("audit", "receipt", task, "-o", str(path))

    assert taken.code == 0, taken.err
    assert "verified" in taken.out
    policy = tmp_path / "policy"
    policy.write_text(signoff("audit", "policy").out, encoding="utf-8")
    done = process("audit", "verify", str(path), "--policy", str(policy))
    assert done.returncode == 0, done.stderr
    assert "approved" in done.stdout
    path.write_text(path.read_text().replace("index ", "index 1"), encoding="utf-8")
    assert process("audit", "verify", str(path)).returncode == 1
    assert process("audit", "verify", str(tmp_path / "missing")).returncode == 2
    assert process("audit", "verify").returncode == 2
    assert "--policy" in process("audit", "verify", "--help").stdout


@pytest.mark.parametrize("form", ["zip", "csv", "ocsf", "cloudevents", "html"])
def test_exports_are_verified_before_they_are_written(
    signoff: Terminal, tmp_path: Path, form: str
) -> None:
    decided(signoff)
    path = tmp_path / "log"
    done = signoff("audit", "export", "--format", form, "-o", str(path), "--json")
    assert done.json["entries"] > 5
    assert path.stat().st_size > 500
    assert zipfile.is_zipfile(path) == (form == "zip")
    assert not list(tmp_path.glob("*.part"))


def test_a_file_that_is_there_is_not_written_over(signoff: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    path.write_text("mine", encoding="utf-8")
    refused = signoff("audit", "export", "-o", str(path))
    assert refused.code == USAGE
    assert "--force" in refused.err
    assert path.read_text() == "mine"
    assert signoff("audit", "export", "-o", str(path), "--force").code == 0
    nowhere = signoff("audit", "export", "-o", str(tmp_path / "no" / "log.zip"))
    assert nowhere.code == USAGE


def test_a_bundle_says_where_it_was_changed(signoff: Terminal, tmp_path: Path) -> None:
    decided(signoff)
    path = tmp_path / "log.zip"
    signoff("audit", "export", "-o", str(path))
    with zipfile.ZipFile(path) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist()}
    lines = members["events.jsonl"].splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"schema":1', b'"schema":2')
    members["events.jsonl"] = b"".join(lines)
    with zipfile.ZipFile(path, "w") as bundle:
        for name, data in members.items():
            bundle.writestr(name, data)
    done = process("audit", "verify", str(path), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["refuted"]["index"] == 3


def test_fsck_is_sound_on_a_live_database(signoff: Terminal) -> None:
    decided(signoff)
    done = process("audit", "fsck", "--database", signoff.server.database, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sound"] is True
    assert process("audit", "fsck", "--database", "sqlite:///nowhere.db").returncode == 2


def test_erasing_asks_says_what_and_can_be_tried(signoff: Terminal, tmp_path: Path) -> None:
    task = decided(signoff, payload={"who": "Ada"})
    intent = signoff("tasks", "show", task, "--json").json["task"]["intent_id"]
    what = ("audit", "erase", "--intent", intent, "--reason", "asked for")
    unsure = signoff(*what)
    assert unsure.code == USAGE
    assert "--yes" in unsure.err
    assert "Would erase" in signoff(*what, "--dry-run").out
    held = signoff("audit", "hold", "place", "intent", intent, "--reason", "a case", "--json").json
    refused = signoff(*what, "--yes")
    assert refused.code == 1
    assert held["id"] in refused.err
    assert held["id"] in signoff("audit", "hold", "list").out
    assert signoff("audit", "hold", "lift", held["id"], "--reason", "over").code == 0
    done = signoff(*what, "--yes")
    assert "Erased" in done.out
    assert signoff("audit", "erase", "--reason", "x").code == USAGE
    path = tmp_path / "log.zip"
    signoff("audit", "export", "-o", str(path))
    assert process("audit", "verify", str(path), "--quiet").returncode == 0


def test_keys_are_rotated_and_retired(signoff: Terminal) -> None:
    made = signoff("audit", "keys", "rotate", "--json").json
    assert signoff("audit", "keys", "retire", str(made["generation"])).code == 0
    assert signoff("audit", "keys", "retire", str(made["generation"])).code == 1
    assert made["key"] in signoff("audit", "keys", "list").out
    assert "log" in signoff("audit", "status").out
    assert signoff("audit", "anchors").code == 0
