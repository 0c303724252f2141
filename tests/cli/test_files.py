"""What people write in files is read as JSON would be, and what cannot be read is said by line."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from signoff.cli import files


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{2026-12-24: 09:00-12:00}", {"2026-12-24": "09:00-12:00"}),
        ("at: 09:00", {"at": "09:00"}),
        ("country: NO", {"country": "NO"}),
        ("off: off", {"off": "off"}),
        ("n: 012", {"n": "012"}),
        ("a: [1, -2, 1.5, 2e3, true, null, ~]", {"a": [1, -2, 1.5, 2000.0, True, None, None]}),
        ("calendar:", {"calendar": None}),
        ('{"a": {"b": ["\\u00e9\\n", 1]}}', {"a": {"b": ["é\n", 1]}}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ("!!str 5", "5"),
    ],
)
def test_yaml_means_what_json_would(text: str, value: Any) -> None:
    assert files.parse(text, name="x") == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2", "line 2, column 1: 'a' is there twice"),
        ("a: [1", "line 1, column"),
        ("!!python/object/apply:os.getcwd []", "line 1, column 1"),
        ("? [a]\n: 1", "a name must be text"),
        ("a: *b", "line 1, column 4"),
        ("\x00", "no YAML"),
        ("[" * 5000, "no YAML"),
    ],
)
def test_what_is_no_yaml_is_said_by_line(text: str, words: str) -> None:
    with pytest.raises(typer.BadParameter) as caught:
        files.parse(text, name="ladder.yaml")
    assert "ladder.yaml" in caught.value.message
    assert words in caught.value.message


@pytest.mark.parametrize(
    "document",
    [
        {"zone": "Europe/Oslo", "calendar": None, "hours": "09:00-17:30", "days": {"1": "closed"}},
        {"ladders": {"approval": [{"after": "24h", "do": "remind"}]}, "country": "NO", "at": "012"},
    ],
)
def test_what_is_shown_as_yaml_reads_back_as_the_same(document: dict[str, Any]) -> None:
    assert files.parse(files.written(document), name="x") == document


def test_a_file_must_hold_an_object_be_there_and_be_of_a_size(tmp_path: Path) -> None:
    listed, large, latin = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    listed.write_text("[1]")
    large.write_bytes(b"x" * (files.LARGEST + 1))
    latin.write_bytes(b"name: J\xfcrgen")
    for name, words in (
        (listed, "must hold an object"),
        (large, "larger than 256 kB"),
        (latin, "not UTF-8"),
        (tmp_path / "none", "No such file"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(typer.BadParameter) as caught:
            files.read_document(str(name))
        assert words in caught.value.message


# Addresses


class Page(http.server.BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/small")
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
        elif self.path in ("/small", "/large"):
            self.send_response(200)
        else:
            self.send_response(404)
        self.end_headers()
        if self.path == "/small":
            self.wfile.write(b"BEGIN:VCALENDAR")
        if self.path == "/large":
            try:
                self.wfile.write(b"x" * (10 * files.LARGEST))
            except OSError:
                self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep the terminal quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_an_address_is_fetched_through_a_redirect(site: str) -> None:
    assert files.fetch_text(f"{site}/small") == "BEGIN:VCALENDAR"
    assert files.fetch_text(f"{site}/moved") == "BEGIN:VCALENDAR"


@pytest.mark.parametrize(
    ("path", "words"),
    [("/large", "larger than 256 kB"), ("/none", "answered 404"), ("/away", "no web address")],
)
def test_an_address_that_gives_no_calendar_is_refused(site: str, path: str, words: str) -> None:
    with pytest.raises(typer.BadParameter) as caught:
        files.fetch_text(f"{site}{path}")
    assert words in caught.value.message


def test_only_web_addresses_are_addresses() -> None:
    wanted = ("https://a.test/x.ics", "http://a.test", "webcal://a.test/x.ics")
    others = ("calendar.ics", "file:///etc/passwd", "ftp://a.test/x", "C:\\x.ics", "-")
    assert all(files.is_address(name) for name in wanted)
    assert not any(files.is_address(name) for name in others)


def test_nobody_there_is_said(site: str) -> None:
    with pytest.raises(typer.BadParameter, match="no answer from"):
        files.fetch_text("http://127.0.0.1:9/x.ics")
