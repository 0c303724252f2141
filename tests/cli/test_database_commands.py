"""``init``, ``db`` and ``serve`` make a database ready once, say so, and change nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

import apsw
import pytest

from signoff.cli.failures import BROKEN, OK, USAGE
from tests.cli.conftest import Here
from tests.cli.served import process, signoff


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'signoff.db'}"


def test_init_prints_exactly_the_key_the_workspace_and_the_database(
    here: Here, database: str
) -> None:
    made = here("init", "--database", database, "--json")

    document = made.json
    assert made.code == OK
    assert set(document) == {"admin_key", "workspace", "database"}
    assert document["admin_key"].startswith("signoff_admin_")
    assert (document["workspace"], document["database"]) == ("default/main", database)


def test_init_again_creates_nothing_and_says_so(here: Here, database: str) -> None:
    here("init", "--database", database)
    again = here("init", "--database", database, "--json")
    plain = here("init", "--database", database)

    assert json.loads(again.out) == {
        "admin_key": None,
        "workspace": "default/main",
        "database": database,
    }
    for done in (again, plain):
        assert done.code == OK
        assert "default/main is there already; nothing was created." in done.err
    assert plain.out == ""


def test_init_makes_a_second_workspace_beside_the_first(here: Here, database: str) -> None:
    first = here("init", "--database", database, "--json").json
    line = ("init", "--database", database, "--workspace", "acme/shop", "--json")
    second = here(*line).json

    assert second["workspace"] == "acme/shop"
    assert second["admin_key"] not in (None, first["admin_key"])


@pytest.mark.parametrize("workspace", ["", "shop", "a/b/c", "a b/c", "/", "../etc", "A/\n"])
def test_a_workspace_that_is_no_name_is_wrong_usage(
    here: Here, database: str, workspace: str
) -> None:
    refused = here("init", "--database", database, "--workspace", workspace)

    assert refused.code == USAGE
    assert "org/name" in refused.err


def test_the_database_may_come_from_the_environment(here: Here, database: str) -> None:
    made = here("init", "--json", SIGNOFF_DATABASE=database)

    assert made.json["database"] == database


@pytest.mark.parametrize("command", [("init",), ("serve",), ("db", "migrate"), ("db", "check")])
@pytest.mark.parametrize("url", ["mysql://x/y", "signoff.db", "sqlite:signoff.db"])
def test_a_database_nobody_knows_is_wrong_usage(
    here: Here, command: tuple[str, ...], url: str
) -> None:
    refused = here(*command, "--database", url)

    assert refused.code == USAGE
    assert "sqlite:///PATH" in refused.err
    assert "Traceback" not in refused.err


@pytest.mark.parametrize("command", [("init",), ("db", "migrate")])
def test_a_database_that_cannot_be_opened_is_exit_3(
    here: Here, command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    refused = here(*command, "--database", f"sqlite:///{tmp_path}/file/x.db")

    assert refused.code == BROKEN
    assert "Traceback" not in refused.err
    assert refused.err.startswith("error: ")


def test_migrate_brings_a_new_database_up_to_date_once(here: Here, database: str) -> None:
    first = here("db", "migrate", "--database", database, "--json").json
    again = here("db", "migrate", "--database", database, "--json").json
    plain = here("db", "migrate", "--database", database)

    assert first["before"] == 0
    assert first["after"] > 0
    assert again == {"before": first["after"], "after": first["after"]}
    assert "already; nothing was changed." in plain.out


def test_check_says_by_its_exit_code_whether_the_schema_fits(here: Here, database: str) -> None:
    before = here("db", "check", "--database", database, "--json")
    here("db", "migrate", "--database", database)
    after = here("db", "check", "--database", database, "--json")
    plain = here("db", "check", "--database", database)

    assert before.code == BROKEN
    assert json.loads(before.out)["fits"] is False
    assert after.code == OK
    assert json.loads(after.out)["fits"] is True
    assert "as this program needs it" in plain.out


def test_check_creates_no_database(here: Here, tmp_path: Path) -> None:
    here("db", "check", "--database", f"sqlite:///{tmp_path / 'x.db'}")

    assert list(tmp_path.iterdir()) == []


def test_scrubbing_writes_the_file_anew_and_names_what_it_cannot_reach(
    here: Here, database: str
) -> None:
    here("db", "migrate", "--database", database)
    path = Path(database.removeprefix("sqlite:///"))
    _leave_behind(path, b"Ada Lovelace")

    done = here("db", "scrub", "--database", database)

    assert done.code == OK
    assert "nothing erased is left in it" in done.out
    assert "backups" in done.out
    assert b"Ada Lovelace" not in path.read_bytes()
    assert "anew" in here("db", "scrub", "--database", database, "--json").json["said"]


def _leave_behind(path: Path, text: bytes) -> None:
    """Free a page of the file that holds this, as whatever does not overwrite leaves it."""
    connection = apsw.Connection(str(path))
    try:
        connection.execute("pragma secure_delete = off")
        connection.execute("create table note (said text)")
        connection.execute("insert into note values (?)", (text.decode() * 500,))
        connection.execute("drop table note")
        connection.execute("pragma wal_checkpoint(truncate)")
    finally:
        connection.close()
    assert text in path.read_bytes()


def test_scrubbing_what_has_no_schema_says_what_to_do(here: Here, database: str) -> None:
    refused = here("db", "scrub", "--database", database)

    assert refused.code == BROKEN
    assert "next: run `signoff db migrate`" in refused.err


@pytest.mark.slow
def test_the_first_start_prints_a_key_and_a_link_and_later_ones_do_not(
    database: str, tmp_path: Path
) -> None:
    log = tmp_path / "first.log"
    with process(database, log=log) as url:
        first = log.read_text()
    with process(database, log=tmp_path / "second.log"):
        second = (tmp_path / "second.log").read_text()

    assert "signoff_admin_" in first
    assert f"{url}/" in first
    assert "signoff_admin_" not in second
    assert "Sign in" not in second


@pytest.mark.slow
def test_a_served_database_can_be_checked_and_initialised_meanwhile(
    here: Here, database: str, tmp_path: Path
) -> None:
    with process(database, log=tmp_path / "server.log"):
        assert here("db", "check", "--database", database).code == OK
        assert here("init", "--database", database).code == OK


@pytest.mark.slow
def test_serving_what_cannot_be_opened_is_exit_3(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    refused = signoff("serve", "--port", "0", "--database", f"sqlite:///{tmp_path}/file/x.db")

    assert refused.returncode == BROKEN
    assert refused.stderr.startswith("error: ")
    assert "Traceback" not in refused.stderr


@pytest.mark.slow
def test_a_taken_port_is_exit_3(database: str, tmp_path: Path) -> None:
    with process(database, log=tmp_path / "server.log") as url:
        port = url.rpartition(":")[2]
        other = f"sqlite:///{tmp_path / 'other.db'}"
        refused = signoff("serve", "--port", port, "--database", other)

    assert refused.returncode == BROKEN
    assert refused.stderr.startswith(f"error: cannot listen on 127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("words", "setting"),
    [
        (("--port", "70000"), "port"),
        (("--port", "x"), "port"),
        (("--public-url", "acme.test"), "http"),
    ],
)
def test_a_setting_that_cannot_be_is_wrong_usage(
    here: Here, words: tuple[str, ...], setting: str
) -> None:
    refused = here("serve", *words)

    assert refused.code == USAGE
    assert setting in refused.err
    assert "Traceback" not in refused.err
