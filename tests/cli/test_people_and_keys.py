"""People are added, changed and signed in; keys are made, listed and revoked; each in one line."""

from __future__ import annotations

import pytest

from signoff.cli.failures import REFUSED
from tests.cli.conftest import Terminal


def test_a_person_is_added_with_everything_they_are_asked_by(signoff: Terminal) -> None:
    words = "--name Mori --role support --role night --group tokyo --region APAC"
    line = f"people add --email aiko@acme.test {words} --time-zone Asia/Tokyo --json"

    person = signoff(*line.split()).json["person"]

    assert person["email"] == "aiko@acme.test"
    assert person["name"] == "Mori"
    assert person["roles"] == ["support", "night"]
    assert person["groups"] == ["tokyo"]
    assert person["region"] == "APAC"
    assert person["time_zone"] == "Asia/Tokyo"
    assert person["disabled"] is False


def test_adding_says_how_they_can_be_asked(signoff: Terminal) -> None:
    added = signoff("people", "add", "--email", "omar@acme.test", "--role", "approver")

    assert (added.code, added.out) == (0, "Added omar@acme.test with role:approver.\n")


def test_the_same_address_twice_is_refused(signoff: Terminal) -> None:
    email, _ = signoff.person()

    again = signoff("people", "add", "--email", email.upper(), "--json")

    assert (again.code, again.problem["code"]) == (REFUSED, "already_exists")


@pytest.mark.parametrize(
    "words",
    [
        ["--email", "nobody"],
        ["--email", "a b@acme.test"],
        ["--email", "zone@acme.test", "--time-zone", "Mars/Olympus"],
        ["--email", "role@acme.test", "--role", "two words"],
    ],
)
def test_a_person_that_cannot_be_is_refused_by_field(signoff: Terminal, words: list[str]) -> None:
    refused = signoff("people", "add", *words, "--json")

    assert refused.code == REFUSED
    assert refused.problem["code"] == "invalid_input"
    assert refused.problem["errors"]


def test_people_are_listed(signoff: Terminal) -> None:
    email, _ = signoff.person("finance")

    listed = signoff("people", "list", "--limit", "1000", "--json").json["people"]
    plain = signoff("people", "list", "--limit", "1000").out

    assert email in [person["email"] for person in listed]
    assert email in plain
    assert "finance" in plain


def test_roles_given_in_an_update_replace_the_old_ones(signoff: Terminal) -> None:
    email, _ = signoff.person("support")

    changed = signoff("people", "update", email, "--role", "finance", "--name", "Jo", "--json").json

    assert changed["person"]["roles"] == ["finance"]
    assert changed["person"]["name"] == "Jo"


def test_a_disabled_person_may_not_act_until_enabled_again(signoff: Terminal) -> None:
    email, key = signoff.person()

    disabled = signoff("people", "update", email, "--disable", "--json").json["person"]
    refused = signoff("whoami", "--json", key=key)
    signoff("people", "update", email, "--enable")

    assert disabled["disabled"] is True
    assert refused.code == REFUSED
    assert signoff("whoami", "--json", key=key).json["person"]["email"] == email


def test_a_sign_in_link_leads_to_the_inbox_of_this_server(signoff: Terminal) -> None:
    email, _ = signoff.person()

    link = signoff("people", "sign-in-link", email, "--json").json
    plain = signoff("people", "sign-in-link", email).out

    assert link["url"].startswith(f"{signoff.server.url}/")
    assert link["expires_at"].endswith("Z")
    assert plain.startswith(f"{signoff.server.url}/")
    assert "Works once, until " in plain


def test_nobody_by_that_name_is_not_found(signoff: Terminal) -> None:
    for line in (("update", "x@acme.test", "--name", "X"), ("sign-in-link", "x@acme.test")):
        refused = signoff("people", *line, "--json")
        assert (refused.code, refused.problem["code"]) == (REFUSED, "not_found")


def test_a_key_is_shown_once_and_works(signoff: Terminal) -> None:
    address = "agent://default/main/payments"
    words = ("--kind", "agent", "--agent", address, "--label", "night run")

    made = signoff("keys", "create", *words, "--json").json
    listed = signoff("keys", "list", "--limit", "1000", "--json").json["keys"]

    assert made["key"].startswith("signoff_agent_")
    assert signoff("whoami", "--json", key=made["key"]).json["agent"] == address
    (row,) = [row for row in listed if row["id"] == made["id"]]
    assert row["label"] == "night run"
    assert "key" not in row
    assert made["key"] not in signoff("keys", "list", "--limit", "1000").out


def test_for_people_the_key_stands_on_a_line_of_its_own(signoff: Terminal) -> None:
    made = signoff("keys", "create", "--kind", "auditor")

    key, advice = made.out.splitlines()
    assert key.startswith("signoff_auditor_")
    assert advice == "Keep it now: it is not shown again."


def test_a_revoked_key_is_dead_at_once(signoff: Terminal) -> None:
    made = signoff("keys", "create", "--kind", "admin", "--json").json

    gone = signoff("keys", "revoke", made["id"])
    refused = signoff("people", "list", key=made["key"])

    assert gone.out == f"Revoked {made['id']}.\n"
    assert refused.code == REFUSED
    assert "next: check SIGNOFF_KEY" in refused.err


def test_a_key_for_nobody_is_refused(signoff: Terminal) -> None:
    lines = {
        ("create", "--kind", "person", "--person", "x@acme.test"): {"not_found", "unknown_person"},
        ("create", "--kind", "agent", "--agent", "agent://other/place/x"): {"invalid_input"},
        ("revoke", "key_nothing"): {"not_found"},
    }
    for line, codes in lines.items():
        refused = signoff("keys", *line, "--json")
        assert refused.code == REFUSED
        assert refused.problem["code"] in codes


def test_administration_is_for_administrators(signoff: Terminal) -> None:
    _, person = signoff.person("approver")
    agent = signoff.agent()
    lines = (
        ("people", "add", "--email", "evil@acme.test"),
        ("keys", "create", "--kind", "admin"),
        ("keys", "list"),
    )
    for line in lines:
        for key in (person, agent):
            refused = signoff(*line, "--json", key=key)
            assert (refused.code, refused.problem["code"]) == (REFUSED, "forbidden")


def test_whoami_says_what_each_key_is(signoff: Terminal) -> None:
    email, person = signoff.person("approver")

    admin = signoff("whoami", "--json").json
    plain = signoff("whoami", key=person).out

    assert (admin["kind"], admin["workspace"]) == ("admin", "default/main")
    for fact in ("person", "default/main", email, "approver"):
        assert fact in plain
