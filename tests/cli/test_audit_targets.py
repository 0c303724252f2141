"""What is taken from the log is written whole or not at all, and only if it verifies."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from signoff.cli.failures import BROKEN, OK, USAGE
from tests.cli.conftest import Here, Terminal
from tests.cli.test_audit_commands import decided


@contextmanager
def answering(content: bytes) -> Iterator[str]:
    """The address of a web server that is none of ours: it answers everything with this."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("content", [b"\xff<html>", b"<html>hello</html>", b"", b"PK\x03\x04"])
@pytest.mark.parametrize("what", [("export",), ("receipt", "task_1")])
def test_what_is_no_signoff_server_is_said_to_be_none(
    here: Here, tmp_path: Path, what: tuple[str, ...], content: bytes
) -> None:
    with answering(content) as url:
        done = here(
            "audit", *what, "-o", str(tmp_path / "x"), SIGNOFF_URL=url, SIGNOFF_KEY="signoff_x"
        )

    assert done.code == BROKEN
    assert f"{url} does not answer like a Signoff server" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_receipt_that_was_changed_on_its_way_is_not_written(
    signoff: Terminal, here: Here, tmp_path: Path
) -> None:
    path = tmp_path / "one.tlog-proof"
    assert signoff("audit", "receipt", decided(signoff), "-o", str(path)).code == OK
    changed = re.sub(
        r"\nindex (\d+)", lambda found: f"\nindex {int(found[1]) + 1}", path.read_text()
    )
    path.unlink()

    with answering(changed.encode()) as url:
        done = here(
            "audit", "receipt", "x", "-o", str(path), SIGNOFF_URL=url, SIGNOFF_KEY="signoff_x"
        )

    assert done.code == BROKEN
    assert "what the server sent is refuted" in done.err
    assert "('" not in done.err, "it is a sentence"
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_no_web_address_is_wrong_usage(here: Here, tmp_path: Path) -> None:
    given = {"SIGNOFF_URL": "ftp://x", "SIGNOFF_KEY": "signoff_x"}
    done = here("audit", "export", "-o", str(tmp_path / "x"), **given)

    assert done.code == USAGE
    assert "must start with http://" in done.err


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_folder_or_a_device_is_never_replaced(
    signoff: Terminal, tmp_path: Path, force: tuple[str, ...]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        done = signoff("audit", "export", "-o", str(tmp_path / name), *force)
        assert done.code == USAGE
        assert "is no file" in done.err
    assert (tmp_path / "pipe").is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_file_that_cannot_be_written_is_said_without_a_trace(
    signoff: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / ("x" * 250)  # with what is added to write it aside, longer than a name can be
    done = signoff("audit", "export", "-o", str(path))

    assert done.code == USAGE
    assert "cannot write" in done.err
    assert list(tmp_path.iterdir()) == []


def test_what_goes_to_the_output_is_the_file_and_nothing_else(
    signoff: Terminal, tmp_path: Path
) -> None:
    task = decided(signoff)
    path = tmp_path / "one.tlog-proof"
    signoff("audit", "receipt", task, "-o", str(path))
    kept = path.read_bytes()

    done = signoff("audit", "receipt", task, "-o", "-")

    assert done.code == OK
    assert done.out.splitlines()[0] == kept.decode().splitlines()[0]
    assert "verified" not in done.out
    assert done.err == f"The receipt of {task}, verified.\n"


def test_nothing_but_news_is_said_where_nobody_sees_a_bar(
    signoff: Terminal, tmp_path: Path
) -> None:
    done = signoff("audit", "export", "-o", str(tmp_path / "log.zip"))

    assert done.code == OK
    assert done.err == ""
    assert done.out.count("\n") == 1


def test_a_part_is_named_by_times_as_they_are_written_here(
    signoff: Terminal, tmp_path: Path
) -> None:
    line = ("audit", "export", "-o", str(tmp_path / "log.zip"), "--json")
    part = ("--from", "2026-01-01T10:00", "--to", "2026-01-01T11:00", "--zone", "Europe/Berlin")
    assert signoff(*line, *part).json["entries"] == 0

    refused = signoff(*line, "--force", "--from", "yesterday")

    assert refused.code == USAGE
    assert "--from must be a time, such as" in json.loads(refused.err)["detail"]
