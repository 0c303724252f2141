"""Every failure says what happened and what to do next, on stderr, with the promised exit code."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from signoff.cli.failures import BROKEN, OK, REFUSED, USAGE, exit_code, report
from signoff.cli.program import run
from signoff.errors import FieldError, InvalidAnswer, NotFound, Overloaded, SignoffError, by_code


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGNOFF_URL", raising=False)
    monkeypatch.delenv("SIGNOFF_KEY", raising=False)


def test_a_server_that_does_not_answer_is_exit_3(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:{_unused_port()}"

    assert run(["whoami", "--url", url, "--key", "signoff_admin_x"]) == BROKEN

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: no answer from {url}")
    assert "next: is it running?" in err


def test_with_json_the_error_is_a_problem_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:{_unused_port()}"

    assert run(["tasks", "list", "--json", "--url", url, "--key", "signoff_admin_x"]) == BROKEN

    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err)["code"] == "unreachable"


@pytest.mark.parametrize(
    "line",
    [
        "whoami",
        "keys create --kind agent --key k",
        "keys create --kind nonsense --key k",
        "people update a@b.test --key k",
        "tasks answer task_1 --key k",
        "tasks answer task_1 --outcome approved --data {nonsense --key k",
        "tasks answer task_1 --outcome approved --data @nowhere.json --key k",
        "tasks nonsense",
        "whoami --url ftp://example.test --key k",
        "--nonsense",
    ],
)
def test_wrong_usage_is_exit_2_before_anything_is_sent(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == USAGE

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert "next: " in err


def test_wrong_usage_with_json_is_a_problem_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["whoami", "--json"]) == USAGE

    assert json.loads(capsys.readouterr().err)["code"] == "usage"


def test_help_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    for line in ([], ["--help"], ["tasks", "--help"], ["tasks", "approve", "--help"]):
        assert run(line) == OK
        assert "Usage" in capsys.readouterr().out


@pytest.mark.parametrize("kind", by_code().values(), ids=lambda kind: kind.__name__)
def test_every_error_has_an_exit_code(kind: type[SignoffError]) -> None:
    assert exit_code(kind("x")) in (REFUSED, BROKEN)


def test_what_was_refused_is_1_and_what_is_broken_is_3() -> None:
    assert exit_code(NotFound("x")) == REFUSED
    assert exit_code(Overloaded("x")) == BROKEN


def test_fields_are_listed_and_nothing_raw_reaches_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = [FieldError("data.amount", "not \x1b[31ma number")]

    report(InvalidAnswer("the answer does not fit", errors=wrong), as_json=False)

    err = capsys.readouterr().err
    assert "  data.amount: not \\x1b[31ma number" in err
    assert "\x1b" not in err


def test_without_its_extra_the_command_says_what_to_install() -> None:
    program = "import sys; sys.modules['typer'] = None; from signoff.cli.main import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == USAGE
    assert "pip install 'signoff[server]'" in done.stderr


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
