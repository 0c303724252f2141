"""``signoff audit erase`` asks whoever sits there, and says what goes before it goes."""

from __future__ import annotations

import json
import os
import pty
import subprocess

import pytest

from signoff.cli.failures import INTERRUPTED, OK, USAGE
from tests.cli.conftest import Terminal
from tests.cli.test_audit_commands import decided
from tests.processes import SIGNOFF, environment

SECRET = "Ada Lovelace"


def intent_of(signoff: Terminal) -> str:
    task = decided(signoff, payload={"who": SECRET})
    return str(signoff("tasks", "show", task, "--json").json["task"]["intent_id"])


def typed(signoff: Terminal, answer: str, *line: str) -> subprocess.CompletedProcess[str]:
    """Run one command with a terminal as its input, on which somebody types this."""
    here, there = pty.openpty()
    given = {"SIGNOFF_URL": signoff.server.url, "SIGNOFF_KEY": signoff.server.admin_key}
    try:
        os.write(here, f"{answer}\n".encode())
        return subprocess.run(
            [*SIGNOFF, *line],
            stdin=there,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=environment() | given,
        )
    finally:
        os.close(here)
        os.close(there)


@pytest.mark.parametrize(("answer", "code"), [("n", INTERRUPTED), ("", INTERRUPTED), ("y", OK)])
def test_whoever_sits_there_is_asked_and_only_yes_is_yes(
    signoff: Terminal, answer: str, code: int
) -> None:
    intent = intent_of(signoff)

    line = ("audit", "erase", "--intent", intent, "--reason", "asked for", "--json")
    done = typed(signoff, answer, *line)

    assert done.returncode == code, done.stderr
    assert "This erases values in" in done.stderr
    assert intent in done.stderr
    assert bool(done.stdout) == (code == OK)
    if done.stdout:
        assert json.loads(done.stdout)["intents"] == 1
    shown = json.dumps(signoff("intents", "show", intent, "--json").json)
    assert (SECRET in shown) == (code != OK)


def test_nothing_is_asked_of_the_server_before_somebody_can_be_asked(
    signoff: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = ("--url", "http://127.0.0.1:1")
    line = ("audit", "erase", "--intent", "int_" + "0" * 32, "--reason", "asked for")

    done = signoff(*line, *nowhere)

    assert done.code == USAGE
    assert "--yes" in done.err


def test_what_a_hold_leaves_of_a_person_is_named_and_not_called_erased(signoff: Terminal) -> None:
    email, _ = signoff.person("approver")
    line = ("audit", "erase", "--person", email, "--reason", "has left")
    assert "name, addresses, keys" in signoff(*line, "--dry-run").out
    hold = signoff("audit", "hold", "place", "workspace", "--reason", "a case", "--json").json

    held = signoff(*line, "--yes")

    assert signoff("audit", "hold", "lift", hold["id"], "--reason", "over").code == OK
    assert held.code == OK
    assert "There is nothing to erase." in held.out
    assert f"the legal hold {hold['id']} stands" in held.out
    assert "Erased" not in held.out
    assert signoff("people", "show", email).code == OK
    assert "name, addresses, keys" in signoff(*line, "--yes").out


def test_a_class_is_erased_up_to_a_time_as_it_is_written_here(signoff: Terminal) -> None:
    line = ("audit", "erase", "--retention-class", "short", "--reason", "due")
    part = ("--before", "2026-01-01T10:00", "--zone", "Europe/Berlin", "--yes")
    assert "There is nothing to erase." in signoff(*line, *part).out

    refused = signoff(*line, "--before", "long ago", "--yes")

    assert refused.code == USAGE
    assert "--before must be a time, such as" in refused.err


def test_a_policy_pins_no_key_that_was_retired(signoff: Terminal) -> None:
    made = signoff("audit", "keys", "rotate", "--json").json
    assert f"log {made['key']}" in signoff("audit", "policy").out.splitlines()

    signoff("audit", "keys", "retire", str(made["generation"]))

    lines = signoff("audit", "policy").out.splitlines()
    assert f"log {made['key']}" not in lines
    assert f"# log {made['key']}" in lines
    assert signoff("audit", "policy", "--json").json["policy"].splitlines() == lines
