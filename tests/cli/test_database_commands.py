"""``init``, ``db`` and ``serve`` make a database ready once, say so, and change nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signoff.cli.failures import BROKEN, OK, USAGE
from tests.cli.served import process, signoff


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'signoff.db'}"


def test_init_prints_exactly_the_key_the_workspace_and_the_database(database: str) -> None:
    made = signoff("init", "--database", database, "--json")

    document = json.loads(made.stdout)
    assert made.returncode == OK
    assert set(document) == {"admin_key", "workspace", "database"}
    assert document["admin_key"].startswith("signoff_admin_")
    assert (document["workspace"], document["database"]) == ("default/main", database)


def test_init_again_creates_nothing_and_says_so(database: str) -> None:
    signoff("init", "--database", database)
    again = signoff("init", "--database", database, "--json")
    plain = signoff("init", "--database", database)

    assert json.loads(again.stdout) == {
        "admin_key": None,
        "workspace": "default/main",
        "database": database,
    }
    for done in (again, plain):
        assert done.returncode == OK
        assert "default/main is there already; nothing was created." in done.stderr
    assert plain.stdout == ""


def test_init_makes_a_second_workspace_beside_the_first(database: str) -> None:
    first = json.loads(signoff("init", "--database", database, "--json").stdout)
    line = ("init", "--database", database, "--workspace", "acme/shop", "--json")
    second = json.loads(signoff(*line).stdout)

    assert second["workspace"] == "acme/shop"
    assert second["admin_key"] not in (None, first["admin_key"])


@pytest.mark.parametrize("workspace", ["", "shop", "a/b/c", "a b/c", "/", "../etc", "A/\n"])
def test_a_workspace_that_is_no_name_is_wrong_usage(database: str, workspace: str) -> None:
    refused = signoff("init", "--database", database, "--workspace", workspace)

    assert refused.returncode == USAGE
    assert "org/name" in refused.stderr


def test_the_database_may_come_from_the_environment(database: str) -> None:
    made = signoff("init", "--json", SIGNOFF_DATABASE=database)

    assert json.loads(made.stdout)["database"] == database


@pytest.mark.parametrize("command", [("init",), ("serve",), ("db", "migrate"), ("db", "check")])
@pytest.mark.parametrize("url", ["mysql://x/y", "signoff.db", "sqlite:signoff.db"])
def test_a_database_nobody_knows_is_wrong_usage(command: tuple[str, ...], url: str) -> None:
    refused = signoff(*command, "--database", url)

    assert refused.returncode == USAGE
    assert "sqlite:///PATH" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("command", [("init",), ("serve",), ("db", "migrate")])
def test_a_database_that_cannot_be_opened_is_exit_3(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    refused = signoff(*command, "--database", f"sqlite:///{tmp_path}/file/x.db")

    assert refused.returncode == BROKEN
    assert "Traceback" not in refused.stderr
    assert refused.stderr.startswith("error: ")


def test_migrate_brings_a_new_database_up_to_date_once(database: str) -> None:
    first = json.loads(signoff("db", "migrate", "--database", database, "--json").stdout)
    again = json.loads(signoff("db", "migrate", "--database", database, "--json").stdout)
    plain = signoff("db", "migrate", "--database", database)

    assert first["before"] == 0
    assert first["after"] > 0
    assert again == {"before": first["after"], "after": first["after"]}
    assert "already; nothing was changed." in plain.stdout


def test_check_says_by_its_exit_code_whether_the_schema_fits(database: str) -> None:
    before = signoff("db", "check", "--database", database, "--json")
    signoff("db", "migrate", "--database", database)
    after = signoff("db", "check", "--database", database, "--json")
    plain = signoff("db", "check", "--database", database)

    assert before.returncode == BROKEN
    assert json.loads(before.stdout)["fits"] is False
    assert after.returncode == OK
    assert json.loads(after.stdout)["fits"] is True
    assert "as this program needs it" in plain.stdout


def test_check_creates_no_database(tmp_path: Path) -> None:
    signoff("db", "check", "--database", f"sqlite:///{tmp_path / 'x.db'}")

    assert list(tmp_path.iterdir()) == []


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


def test_a_served_database_can_be_checked_and_initialised_meanwhile(
    database: str, tmp_path: Path
) -> None:
    with process(database, log=tmp_path / "server.log"):
        assert signoff("db", "check", "--database", database).returncode == OK
        assert signoff("init", "--database", database).returncode == OK


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
def test_a_setting_that_cannot_be_is_wrong_usage(words: tuple[str, ...], setting: str) -> None:
    refused = signoff("serve", *words)

    assert refused.returncode == USAGE
    assert setting in refused.stderr
    assert "Traceback" not in refused.stderr
